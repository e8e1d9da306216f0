"""Comparisons that do not hang on the last bit, crossings, alignment, filters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.strategies.markets import generated
from trading.core.calendar import HOUR_MS
from trading.core.candles import Candles, resample
from trading.core.filters import HIGHER, passes, regimes, volatile
from trading.core.indicators import (
    adx,
    atr,
    bbands,
    crosses_above,
    crosses_below,
    ema,
    ge,
    gt,
    macd,
    rsi,
    shift,
    sma,
)
from trading.core.rows import aligned
from trading.core.strategy import Inputs

NAN = math.nan


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


def test_a_billionth_is_no_difference() -> None:
    a = array(1.0, 1.0 + 5e-10, 1.0 + 2e-9, 1.0 - 2e-9, 0.0, -1.0, NAN)
    assert gt(a, 1.0).tolist() == [False, False, True, False, False, False, False]
    assert ge(a, 1.0).tolist() == [True, True, True, False, False, False, False]
    assert gt(array(1e-300), array(0.0)).tolist() == [True]  # relative, not absolute
    assert gt(array(3e9 + 1), array(3e9)).tolist() == [False]


@given(a=st.floats(-1e9, 1e9), b=st.floats(-1e9, 1e9))
def test_of_two_numbers_exactly_one_is_over_or_neither(a: float, b: float) -> None:
    over, under = bool(gt(array(a), b)[0]), bool(gt(array(b), a)[0])
    assert not (over and under)
    assert bool(ge(array(a), b)[0]) == (not under)
    if a == b:
        assert not over


def test_crossing_is_over_now_and_not_before() -> None:
    a = array(1, 2, 2, 3, 1, 2, NAN, 3, 3)
    assert crosses_above(a, 2.0).tolist() == [False, False, False, True, False, False, False, True, False]
    assert crosses_below(a, 2.0).tolist() == [True, False, False, False, True, False, False, False, False]


def test_shift_is_what_the_next_row_knows() -> None:
    np.testing.assert_array_equal(shift(array(1, 2, 3)), array(NAN, 1, 2))
    np.testing.assert_array_equal(shift(array(1, 2, 3), 2), array(NAN, NAN, 1))
    assert len(shift(array())) == 0


def test_indicators_are_talibs() -> None:
    c = generated(3, 400)
    for got, wanted in (
        (ema(c.close, 50), talib.EMA(c.close, 50)),
        (sma(c.close, 20), talib.SMA(c.close, 20)),
        (rsi(c.close), talib.RSI(c.close, 14)),
        (atr(c.high, c.low, c.close), talib.ATR(c.high, c.low, c.close, 14)),
        (adx(c.high, c.low, c.close), talib.ADX(c.high, c.low, c.close, 14)),
        (macd(c.close)[0], talib.MACD(c.close, 12, 26, 9)[0]),
        (macd(c.close)[1], talib.MACD(c.close, 12, 26, 9)[1]),
        (bbands(c.close)[0], talib.BBANDS(c.close, 20, 2, 2)[0]),
        (bbands(c.close)[2], talib.BBANDS(c.close, 20, 2, 2)[2]),
    ):
        np.testing.assert_array_equal(got, wanted)
        assert np.isfinite(got[-300:]).all()


@pytest.mark.parametrize("n", [0, 1, 13, 14, 15, 27, 28, 33, 34, 49, 50])
def test_too_few_candles_say_nothing(n: int) -> None:
    c = generated(3, 60)[:n]
    for values in (
        ema(c.close, 50),
        rsi(c.close),
        atr(c.high, c.low, c.close),
        adx(c.high, c.low, c.close),
        macd(c.close)[0],
    ):
        assert len(values) == n
        assert n > 27 or np.isnan(values[:13]).all()
    first = {"ema": 49, "rsi": 14, "atr": 14, "adx": 27, "macd": 33}
    for name, values in (
        ("ema", ema(c.close, 50)),
        ("rsi", rsi(c.close)),
        ("atr", atr(c.high, c.low, c.close)),
        ("adx", adx(c.high, c.low, c.close)),
        ("macd", macd(c.close)[1]),
    ):
        assert np.isnan(values[: first[name]]).all(), name
        assert np.isfinite(values[first[name] :]).all(), name


def test_filters_look_at_the_candle_before() -> None:
    c = generated(3, 600)
    average = ema(c.close, 50)
    strength = adx(c.high, c.low, c.close)
    noise = atr(c.high, c.low, c.close) / c.close
    trend, short = passes("trend", c, Inputs())
    strong, also = passes("adx", c, Inputs())
    up, down = regimes(c)
    either, _ = passes("regime", c, Inputs())
    wide = volatile(c, 0.007)
    for j in range(60, 600):
        i = j - 1
        assert trend[j] == (c.close[i] > average[i])
        assert short[j] == (c.close[i] < average[i])
        assert strong[j] == also[j] == (strength[i] >= 20 and strength[i] >= strength[i - 1])
        assert up[j] == (strength[i] >= 20 and c.close[i] > average[i] > average[i - 1] and c.close[i] > average[i])
        assert down[j] == (strength[i] >= 20 and c.close[i] < average[i] < average[i - 1])
        assert either[j] == (up[j] or down[j])
        assert wide[j] == (noise[i] >= 0.007)
    assert trend.any() and strong.any() and up.any() and down.any() and wide.any() and not wide[60:].all()


def test_the_higher_timeframe_counts_closed_hours_only() -> None:
    c = generated(3, 3000)
    hours = resample(c, HOUR_MS)
    given_ = Inputs(0, "ETH", {HIGHER: aligned(hours, c.time)})
    long, short = passes("higher_timeframe", c, given_)
    average = ema(hours.close, 50)
    for j in range(0, 3000, 7):
        closed = [k for k in range(len(hours)) if hours.time[k] + HOUR_MS <= c.time[j]]
        if not closed or np.isnan(average[closed[-1]]):
            assert not long[j] and not short[j]
        else:
            assert long[j] == (hours.close[closed[-1]] > average[closed[-1]])
            assert short[j] == (hours.close[closed[-1]] < average[closed[-1]])
    assert long.any() and short.any()


def test_another_series_counts_from_the_moment_it_is_closed() -> None:
    c = generated(3, 20)
    price = array(1.0, 2.0, 3.0)
    hours = Candles(np.array([0, 1, 3]) * HOUR_MS, price, price, price, price, price, HOUR_MS)
    opens = np.array([0, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS, 4 * HOUR_MS - 1, 4 * HOUR_MS], np.int64)
    seen = aligned(hours, opens)
    assert seen.closed.tolist() == [0, 0, 1, 2, 2, 3]
    np.testing.assert_array_equal(seen.at_rows(hours.close), array(NAN, NAN, 1, 2, 2, 3))
    assert len(aligned(hours, c.time).closed) == 20


def test_bitcoin_passes_the_higher_timeframe_and_a_missing_series_does_not() -> None:
    c: Candles = generated(3, 100)
    assert passes("higher_timeframe", c, Inputs(0, "BTC"))[0].all()
    assert not passes("higher_timeframe", c, Inputs(0, "ETH"))[0].any()
