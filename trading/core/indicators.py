"""TA-Lib's indicators on closed candles, and comparisons that do not hang on the last bit of a float.

Arrays have shape (n,), float64; where an indicator is not yet defined it is NaN. Row j of a strategy may use x[-1] =
candle j-1: `shift` and `previous` move what a candle shows to the row that may know it.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray


def _functions() -> Any:
    """TA-Lib without its wrappers for pandas and polars, which the bot process must not load."""
    hidden = {name: sys.modules.get(name) for name in ("pandas", "polars")}
    sys.modules.update(dict.fromkeys(hidden, None))  # type: ignore[arg-type]
    try:
        import talib
    finally:
        for name, module in hidden.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return talib


_ta: Final = _functions()

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

EQUAL: Final = 1e-9
_CHUNK: Final = 16_384  # rows compared at a time: what is between lies in the processor's cache


def _nan(x: Floats) -> Floats:
    return np.full(len(x), np.nan)


def ema(x: Floats, period: int) -> Floats:
    """Exponential moving average, seeded with the simple average of the first `period` values."""
    result: Floats = _ta.EMA(x, period) if len(x) >= period else _nan(x)
    return result


def sma(x: Floats, period: int) -> Floats:
    """Simple moving average."""
    result: Floats = _ta.SMA(x, period) if len(x) >= period else _nan(x)
    return result


def rsi(x: Floats, period: int = 14) -> Floats:
    """Relative strength index, 0..100, Wilder's smoothing."""
    result: Floats = _ta.RSI(x, period) if len(x) > period else _nan(x)
    return result


def macd(x: Floats, fast: int = 12, slow: int = 26, signal: int = 9) -> tuple[Floats, Floats]:
    """(line, signal line), in price units."""
    if len(x) < slow + signal - 1:
        return _nan(x), _nan(x)
    line, smooth, _ = _ta.MACD(x, fast, slow, signal)
    return line, smooth


def bbands(x: Floats, period: int = 20, width: float = 2.0) -> tuple[Floats, Floats, Floats]:
    """(upper, middle, lower) Bollinger bands, population deviation."""
    if len(x) < period:
        return _nan(x), _nan(x), _nan(x)
    upper, middle, lower = _ta.BBANDS(x, period, width, width)
    return upper, middle, lower


def atr(high: Floats, low: Floats, close: Floats, period: int = 14) -> Floats:
    """Average true range in price units, Wilder's smoothing."""
    result: Floats = _ta.ATR(high, low, close, period) if len(close) > period else _nan(close)
    return result


def adx(high: Floats, low: Floats, close: Floats, period: int = 14) -> Floats:
    """Average directional index, 0..100."""
    result: Floats = _ta.ADX(high, low, close, period) if len(close) >= 2 * period else _nan(close)
    return result


def highest(x: Floats, period: int) -> Floats:
    """Largest of the last `period` values."""
    result: Floats = _ta.MAX(x, period) if len(x) >= period else _nan(x)
    return result


def shift(x: Floats, by: int = 1) -> Floats:
    """Row j gets x[j - by]; the first `by` rows are NaN."""
    result = np.full(len(x), np.nan)
    result[by:] = x[: len(x) - by]
    return result


def previous(now: Bools) -> Bools:
    """What held on candle j-1, at row j; False in the first row."""
    rows = np.zeros_like(now)
    rows[1:] = now[:-1]
    return rows


def gt(a: Floats | float, b: Floats | float) -> Bools:
    """a > b by more than 1e-9 of the larger magnitude; False on NaN."""
    one, other = np.broadcast_arrays(a, b)
    result = np.empty(one.shape, np.bool_)
    for start in range(0, len(one), _CHUNK):
        part = slice(start, start + _CHUNK)
        _exceeds(one[part], other[part], result[part])
    return result


def _exceeds(a: Floats, b: Floats, result: Bools) -> None:
    least = a - b
    if b.min() > 0.0:
        scale = a * EQUAL  # where a > b > 0, a is the larger magnitude; elsewhere both sides say no, whatever the scale
    else:
        scale = np.maximum(np.abs(a), np.abs(b))
        scale *= EQUAL
    np.greater(least, scale, out=result)


def ge(a: Floats, b: Floats | float) -> Bools:
    """Not b > a; False on NaN."""
    known: Bools = ~(np.isnan(a) | np.isnan(b))
    return known & ~gt(np.asarray(b, np.float64), a)


def crosses_above(a: Floats, b: Floats | float) -> Bools:
    """a > b now and not the candle before."""
    now = gt(a, b)
    return now & ~previous(now)


def crosses_below(a: Floats, b: Floats | float) -> Bools:
    """b > a now and not the candle before."""
    return crosses_above(np.broadcast_to(np.asarray(b, np.float64), a.shape), a)
