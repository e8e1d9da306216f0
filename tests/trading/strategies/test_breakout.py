"""`breakout` by hand: small days whose levels a person can work out."""

from __future__ import annotations

import math

import numpy as np

from trading.core.calendar import DAY_MS, HOUR_MS, KST_MS
from trading.core.candles import Candles
from trading.core.indicators import ema
from trading.core.rows import Rule, compute
from trading.core.strategy import Inputs
from trading.strategies.breakout import Breakout

D0 = 20_000 * DAY_MS  # a UTC midnight
NAN = math.nan

Bar = tuple[int, float, float, float, float]


def series(bars: list[Bar], length: int = 6 * HOUR_MS) -> Candles:
    times = np.array([bar[0] for bar in bars], np.int64)
    prices = [np.array([bar[i] for bar in bars], np.float64) for i in range(1, 5)]
    return Candles(times, prices[0], prices[1], prices[2], prices[3], np.ones(len(bars)), length)


def hour(day: int, hours: float) -> int:
    return D0 + day * DAY_MS + int(hours * HOUR_MS)


TWO_DAYS: list[Bar] = [
    (hour(0, 0), 100, 110, 95, 105),
    (hour(0, 6), 105, 120, 104, 118),
    (hour(0, 12), 118, 119, 100, 101),
    (hour(1, 0), 102, 103, 101, 102),
    (hour(1, 6), 102, 120, 102, 116),
    (hour(1, 12), 116, 117, 110, 111),
    (hour(1, 18), 111, 112, 109, 110),
]


def levels(strategy: Breakout, candles: Candles, offset: int = 0) -> list[float]:
    return [float(level) for level in strategy.rows(candles, Inputs(offset)).buy_above]


def same(got: list[float], wanted: list[float]) -> None:
    np.testing.assert_allclose(got, wanted, rtol=1e-12, equal_nan=True)


BARE = Breakout(ema_floor=False, fresh_cross=False)


def test_the_level_is_the_days_open_and_half_of_yesterdays_range() -> None:
    # Yesterday: highest 120, lowest 95, range 25. Today's open 102: 102 + 12.5. No day before the first: no level.
    same(levels(BARE, series(TWO_DAYS)), [NAN, NAN, NAN, 114.5, 114.5, 114.5, 114.5])
    same(levels(Breakout(k=0.2, ema_floor=False, fresh_cross=False), series(TWO_DAYS))[3:], [107.0] * 4)


def test_a_day_without_candles_is_passed_over() -> None:
    bars = [*TWO_DAYS[:3], (hour(4, 6), 50, 60, 40, 55), (hour(4, 12), 55, 56, 54, 55), (hour(5, 0), 56, 57, 55, 56)]
    # Day 4 looks back to day 0; its open is that of its first candle, although that comes at 06:00.
    same(levels(BARE, series(bars)), [NAN, NAN, NAN, 62.5, 62.5, 66.0])


def test_the_day_turns_where_the_venues_day_turns() -> None:
    # 00:00 KST is 15:00 UTC: the candles of 12:00 UTC belong to the day before.
    bars: list[Bar] = [
        (hour(0, 9), 100, 110, 90, 100),
        (hour(0, 12), 100, 105, 99, 101),
        (hour(0, 15), 101, 103, 100, 102),
        (hour(0, 18), 102, 104, 101, 103),
        (hour(1, 12), 103, 105, 102, 104),
        (hour(1, 15), 104, 106, 103, 105),
    ]
    kst = series(bars, 3 * HOUR_MS)
    same(levels(BARE, kst, -KST_MS), [NAN, NAN, 111.0, 111.0, 111.0, 104 + 2.5])
    same(levels(BARE, kst, 0), [NAN, NAN, NAN, NAN, 113.0, 113.0])


def test_a_level_that_a_close_has_passed_is_not_chased() -> None:
    fresh = Breakout(ema_floor=False)
    # 116 closed over 114.5: no entry in the next candle; 111 is under it again: from then on there is.
    same(levels(fresh, series(TWO_DAYS)), [NAN, NAN, NAN, 114.5, 114.5, NAN, 114.5])


def test_only_a_close_of_the_same_day_passes_a_level() -> None:
    bars: list[Bar] = [
        (hour(0, 0), 100, 101, 99, 100),
        (hour(0, 6), 100, 140, 100, 140),
        (hour(1, 0), 110, 111, 109, 110),
    ]
    # Yesterday closed at 140, over today's level of 130.5: the day's first candle may still enter.
    same(levels(Breakout(ema_floor=False), series(bars)), [NAN, NAN, 130.5])


def test_a_close_on_the_level_has_not_passed_it() -> None:
    bars = [*TWO_DAYS[:3], (hour(1, 0), 102, 115, 101, 114.5), (hour(1, 6), 114, 115, 113, 114)]
    same(levels(Breakout(ema_floor=False), series(bars))[3:], [114.5, 114.5])
    bars[3] = (hour(1, 0), 102, 115, 101, 114.5 * (1 + 1e-12))
    same(levels(Breakout(ema_floor=False), series(bars))[3:], [114.5, 114.5])
    bars[3] = (hour(1, 0), 102, 115, 101, 114.5 * (1 + 1e-8))
    same(levels(Breakout(ema_floor=False), series(bars))[3:], [114.5, NAN])


def falling(n: int = 120) -> Candles:
    return series([(hour(0, 6 * i), 300 - i, 301 - i, 299 - i, 300 - i - 0.5) for i in range(n)])


def test_the_level_is_never_under_the_average() -> None:
    candles = falling()
    average = ema(candles.close, 50)
    floored = levels(Breakout(fresh_cross=False), candles)
    bare = levels(BARE, candles)
    for j in range(50, len(candles)):
        assert floored[j] == max(bare[j], average[j - 1])
    assert any(floored[j] > bare[j] for j in range(50, len(candles)))


def test_without_enough_candles_for_the_average_there_is_no_level() -> None:
    assert np.isnan(levels(Breakout(fresh_cross=False), falling())[:50]).all()


def test_fresh_cross_measures_the_floored_level() -> None:
    candles = falling()
    floored, fresh = levels(Breakout(fresh_cross=False), candles), levels(Breakout(), candles)
    # Every close is under the average here: nothing was passed, although closes stand over the bare level at times.
    same(fresh, floored)


def test_the_warm_up_is_250_rows() -> None:
    candles = falling(280)
    rows = compute(Rule(BARE, ()), candles, Inputs())
    assert np.isnan(rows.buy_above[:250]).all()
    assert not np.isnan(rows.buy_above[250:]).any()


def test_leaving_at_the_days_end_is_the_open_of_the_next_days_first_candle() -> None:
    rows = Breakout(sell_at_day_end=True).rows(series(TWO_DAYS), Inputs())
    assert rows.exit_long.tolist() == [True, False, False, True, False, False, False]
    assert not Breakout().rows(series(TWO_DAYS), Inputs()).exit_long.any()


def test_entries_per_day_is_handed_to_the_trader() -> None:
    assert Breakout().daily_entries == 1
    assert Breakout(entries_per_day=0).daily_entries == 0
