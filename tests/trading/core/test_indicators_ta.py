"""Our indicators (TA-Lib's) beside those of the library `ta`, on recorded candles: equal to 1e-6 of the value.

Both mean the same by every one of them. What differs is the first value of what is smoothed:
- EMA, MACD: TA-Lib begins with the simple average of the first `period` values, `ta` with the first value. TA-Lib's
  fast average within MACD begins where the slow one does.
- RSI: TA-Lib begins with the simple average of the first 14 changes, `ta` with no change at all.
- ATR: TA-Lib averages the true ranges of candles 1..14, `ta` those of 0..13, of which the first is high - low.
- ADX: TA-Lib begins with the sum of 13 ranges and movements and smooths from candle 14 on, `ta` begins with the sum of
  14; where ours are unknown, its rows are 0.
Such a difference shrinks by the same factor with every candle: `SETTLED` is the candle from which on none is left.
SMA, Bollinger bands and the highest value know no past beyond their window: they are equal from their first value on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pytest
from ta.momentum import RSIIndicator
from ta.trend import MACD, ADXIndicator, EMAIndicator, SMAIndicator
from ta.volatility import AverageTrueRange, BollingerBands, DonchianChannel

from tests.trading.strategies.markets import recorded
from trading.core.candles import Candles, Floats
from trading.core.indicators import adx, atr, bbands, ema, highest, macd, rsi, sma

TOLERANCE = 1e-6
SERIES = {
    "upbit/KRW-BTC_1h.csv": "1h",
    "upbit/KRW-XRP_1m.csv": "1m",
    "upbit/KRW-BTC_1d.csv": "1d",
    "krx/005930_1d.csv": "1d",
    "binance/AVAXUSDT-1m-2026-02.csv": "1m",
}
CANDLES = 3_000  #: of each series, its first ones

Pair = tuple[Floats, Floats]


def _frame(c: Candles) -> dict[str, pd.Series]:
    return {"high": pd.Series(c.high), "low": pd.Series(c.low), "close": pd.Series(c.close)}


#: Name -> (ours, theirs) on candles.
BOTH: dict[str, Callable[[Candles], Pair]] = {
    "sma": lambda c: (sma(c.close, 20), SMAIndicator(pd.Series(c.close), 20).sma_indicator().to_numpy()),
    "highest": lambda c: (
        highest(c.high, 20),
        DonchianChannel(**_frame(c), window=20).donchian_channel_hband().to_numpy(),
    ),
    "upper_band": lambda c: (bbands(c.close)[0], BollingerBands(pd.Series(c.close)).bollinger_hband().to_numpy()),
    "middle_band": lambda c: (bbands(c.close)[1], BollingerBands(pd.Series(c.close)).bollinger_mavg().to_numpy()),
    "lower_band": lambda c: (bbands(c.close)[2], BollingerBands(pd.Series(c.close)).bollinger_lband().to_numpy()),
    "ema_20": lambda c: (ema(c.close, 20), EMAIndicator(pd.Series(c.close), 20).ema_indicator().to_numpy()),
    "ema_50": lambda c: (ema(c.close, 50), EMAIndicator(pd.Series(c.close), 50).ema_indicator().to_numpy()),
    "rsi": lambda c: (rsi(c.close), RSIIndicator(pd.Series(c.close)).rsi().to_numpy()),
    "macd": lambda c: (macd(c.close)[0], MACD(pd.Series(c.close)).macd().to_numpy()),
    "macd_signal": lambda c: (macd(c.close)[1], MACD(pd.Series(c.close)).macd_signal().to_numpy()),
    "atr": lambda c: (atr(c.high, c.low, c.close), AverageTrueRange(**_frame(c)).average_true_range().to_numpy()),
    "adx": lambda c: (adx(c.high, c.low, c.close), ADXIndicator(**_frame(c)).adx().to_numpy()),
}
#: First candle (from 0) from which on both are equal on every series.
SETTLED = {
    "sma": 19,
    "highest": 19,
    "upper_band": 19,
    "middle_band": 19,
    "lower_band": 19,
    "ema_20": 120,
    "ema_50": 300,
    "rsi": 200,
    "macd": 280,
    "macd_signal": 340,
    "atr": 160,
    "adx": 220,
}


@cache
def far(name: str, file: str) -> np.ndarray:
    """Rows in which the two are not equal; a value that only one of them has is not equal."""
    ours, theirs = BOTH[name](recorded(file, SERIES[file])[:CANDLES])
    assert len(ours) == len(theirs) >= 370
    return np.flatnonzero(~(np.abs(ours - theirs) <= TOLERANCE * np.abs(theirs)))


@pytest.mark.parametrize("file", SERIES)
@pytest.mark.parametrize("name", BOTH)
def test_equal_from_the_stated_candle_on(name: str, file: str) -> None:
    late = far(name, file)
    assert not len(late) or late[-1] < SETTLED[name]


@pytest.mark.parametrize("name", BOTH)
def test_the_stated_candle_is_no_excuse(name: str) -> None:
    """On some series they differ until shortly before it."""
    assert max(far(name, file)[-1] for file in SERIES) >= 0.8 * SETTLED[name] - 1


def _seeded(x: Floats, period: int, first: int) -> Floats:
    """Their average of `x` from candle `first` on, begun with the simple average of `period` candles as ours is."""
    seed = x[first - period + 1 : first + 1].mean()
    return pd.Series(np.append(seed, x[first + 1 :])).ewm(span=period, adjust=False).mean().to_numpy()


def test_the_seed_is_all_that_differs() -> None:
    """Begun as TA-Lib begins, theirs is ours in every row."""
    close = recorded("upbit/KRW-BTC_1h.csv", "1h")[:CANDLES].close
    for period in (12, 20, 50):
        np.testing.assert_allclose(ema(close, period)[period - 1 :], _seeded(close, period, period - 1), rtol=1e-12)
    line, signal = macd(close)
    theirs = _seeded(close, 12, 25) - _seeded(close, 26, 25)
    np.testing.assert_allclose(line[33:], theirs[8:], rtol=TOLERANCE)
    np.testing.assert_allclose(signal[33:], _seeded(theirs, 9, 8), rtol=TOLERANCE)


def test_a_price_that_stands_still_is_where_the_two_differ_for_good() -> None:
    """Without a gain or a loss RSI is 0 / 0: TA-Lib says 0, `ta` 100. With gains alone both say 100."""
    still, rising = np.full(100, 5.0), np.arange(1.0, 101.0)
    assert rsi(still)[-1] == 0.0 and RSIIndicator(pd.Series(still)).rsi().iloc[-1] == 100.0
    assert rsi(rising)[-1] == 100.0 and RSIIndicator(pd.Series(rising)).rsi().iloc[-1] == 100.0
