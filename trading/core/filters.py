"""Entry filters that any strategy may use: arrays that say where a long or a short may be entered (shape (n,))."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from trading.core.candles import Candles
from trading.core.indicators import Bools, Floats, adx, atr, ema, ge, gt, previous, shift
from trading.core.strategy import Inputs

TREND_PERIOD: Final = 50
ADX_LEAST: Final = 20.0
HIGHER: Final = "candles:1h"

#: filter name -> the knob that switches it (None there = the strategy's own default)
SWITCHES: Final[dict[str, str]] = {
    "trend": "trend_filter",
    "adx": "adx_filter",
    "higher_timeframe": "higher_timeframe_filter",
    "regime": "regime_filter",
}

Passes = tuple[Bools, Bools]


def _trend(candles: Candles, inputs: Inputs) -> Passes:
    average = ema(candles.close, TREND_PERIOD)
    return previous(gt(candles.close, average)), previous(gt(average, candles.close))


def _strong(candles: Candles) -> tuple[Bools, Floats]:
    strength = adx(candles.high, candles.low, candles.close)
    return ge(strength, ADX_LEAST), strength


def _adx(candles: Candles, inputs: Inputs) -> Passes:
    strong, strength = _strong(candles)
    passes = previous(strong & ge(strength, shift(strength)))
    return passes, passes


def _higher(candles: Candles, inputs: Inputs) -> Passes:
    everywhere = np.ones(len(candles), np.bool_)
    if inputs.base == "BTC":
        return everywhere, everywhere
    other = inputs.needs.get(HIGHER)
    if other is None:
        return ~everywhere, ~everywhere
    close = other.candles.close
    average = ema(close, TREND_PERIOD)
    at_close, at_average = other.at_rows(close), other.at_rows(average)
    return gt(at_close, at_average), gt(at_average, at_close)


def _regime(candles: Candles, inputs: Inputs) -> Passes:
    up, down = regimes(candles)
    trending = up | down
    return trending, trending


def regimes(candles: Candles) -> Passes:
    """(up, down) at each row: ADX >= 20, close beyond EMA(50), EMA(50) moving that way; neither = sideways."""
    strong, _ = _strong(candles)
    average = ema(candles.close, TREND_PERIOD)
    before = shift(average)
    up = strong & gt(candles.close, average) & gt(average, before)
    down = strong & gt(average, candles.close) & gt(before, average)
    return previous(up), previous(down)


_FILTERS: Final[dict[str, Callable[[Candles, Inputs], Passes]]] = {
    "trend": _trend,
    "adx": _adx,
    "higher_timeframe": _higher,
    "regime": _regime,
}


def volatile(candles: Candles, least: float) -> Bools:
    """Rows where ATR(14) / close of the candle before is at least `least` (fraction)."""
    return previous(ge(atr(candles.high, candles.low, candles.close) / candles.close, least))


def passes(name: str, candles: Candles, inputs: Inputs) -> Passes:
    """(long allowed, short allowed) at each row for the filter `name`."""
    return _FILTERS[name](candles, inputs)
