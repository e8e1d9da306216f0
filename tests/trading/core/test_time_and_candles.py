"""Days, slots and coarser candles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.calendar import (
    DAY_MS,
    DAY_OFFSET_MS,
    HOUR_MS,
    KST_MS,
    TIMEFRAMES,
    day_of,
    slot,
    timeframe_ms,
    timeframe_name,
)
from trading.core.candles import Candles, empty, resample, slots
from trading.core.errors import BadInput

MIDNIGHT = 20_000 * DAY_MS
times = st.integers(0, 4_000_000_000_000)
lengths = st.sampled_from(list(TIMEFRAMES.values()))
offsets = st.sampled_from([0, -KST_MS])


@given(time=times, length=lengths, offset=offsets)
def test_a_slot_holds_its_time(time: int, length: int, offset: int) -> None:
    opened = slot(time, length, offset)
    assert opened <= time < opened + length
    assert slot(opened, length, offset) == opened
    assert slots(np.array([time]), length, offset).tolist() == [opened]
    if length <= DAY_MS:
        # A candle never lies in two days.
        assert day_of(opened, offset) == day_of(opened + length - 1, offset)


def test_days_turn_at_the_venues_midnight() -> None:
    assert slot(MIDNIGHT + 14 * HOUR_MS, DAY_MS, DAY_OFFSET_MS["bithumb"]) == MIDNIGHT - 9 * HOUR_MS
    assert slot(MIDNIGHT + 15 * HOUR_MS, DAY_MS, DAY_OFFSET_MS["bithumb"]) == MIDNIGHT + 15 * HOUR_MS
    assert slot(MIDNIGHT + 15 * HOUR_MS, DAY_MS, DAY_OFFSET_MS["upbit"]) == MIDNIGHT
    assert day_of(MIDNIGHT + 15 * HOUR_MS, -KST_MS) == day_of(MIDNIGHT, -KST_MS) + 1


def test_four_hours_on_a_korean_day_begin_at_korean_midnight() -> None:
    assert slot(MIDNIGHT + 14 * HOUR_MS, 4 * HOUR_MS, -KST_MS) == MIDNIGHT + 11 * HOUR_MS
    assert slot(MIDNIGHT + 15 * HOUR_MS, 4 * HOUR_MS, -KST_MS) == MIDNIGHT + 15 * HOUR_MS


def test_weeks_begin_on_monday() -> None:
    monday = 1_756_684_800_000  # 2025-09-01
    assert slot(monday + 6 * DAY_MS, 7 * DAY_MS) == monday
    assert slot(monday - 1, 7 * DAY_MS) == monday - 7 * DAY_MS


def test_timeframes_by_name() -> None:
    for name, length in TIMEFRAMES.items():
        assert timeframe_ms(name) == length
        assert timeframe_name(length) == name
    with pytest.raises(BadInput, match="7m"):
        timeframe_ms("7m")
    with pytest.raises(BadInput):
        timeframe_name(7)


@st.composite
def series(draw: st.DrawFn) -> Candles:
    n = draw(st.integers(0, 60))
    steps = draw(st.lists(st.integers(1, 40), min_size=n, max_size=n))
    cells = draw(st.lists(st.lists(st.integers(1, 50), min_size=5, max_size=5), min_size=n, max_size=n))
    rows = np.array(cells, np.float64).reshape(n, 5)
    time = MIDNIGHT + np.cumsum(np.array(steps, np.int64)) * 60_000
    return Candles(
        time.astype(np.int64), rows[:, 0], rows[:, :4].max(1), rows[:, :4].min(1), rows[:, 3], rows[:, 4], 60_000
    )


@given(candles=series(), length=st.sampled_from([5 * 60_000, HOUR_MS, DAY_MS]), offset=offsets)
def test_coarser_candles_hold_the_finer_ones(candles: Candles, length: int, offset: int) -> None:
    coarse = resample(candles, length, offset)
    assert coarse.timeframe_ms == length
    assert len(coarse) == len({slot(int(time), length, offset) for time in candles.time})
    for i, opened in enumerate(coarse.time.tolist()):
        part = [k for k, time in enumerate(candles.time.tolist()) if slot(time, length, offset) == opened]
        assert coarse.open[i] == candles.open[part[0]]
        assert coarse.close[i] == candles.close[part[-1]]
        assert coarse.high[i] == max(candles.high[part])
        assert coarse.low[i] == min(candles.low[part])
        assert coarse.volume[i] == sum(candles.volume[part])


def test_a_gap_is_not_filled() -> None:
    time = np.array([0, 1, 2, 200, 201], np.int64) * 60_000
    ones = np.ones(5)
    hours = resample(Candles(time, ones, ones, ones, ones, ones, 60_000), HOUR_MS)
    assert hours.time.tolist() == [0, 3 * HOUR_MS]
    assert len(resample(empty(60_000), HOUR_MS)) == 0


@given(candles=series())
def test_a_row_whose_open_alone_is_known(candles: Candles) -> None:
    longer = candles.with_open(9_999_999_999_999, 7.0)
    assert len(longer) == len(candles) + 1
    last = longer[len(candles) :]
    assert [float(c[0]) for c in (last.open, last.high, last.low, last.close, last.volume)] == [7.0] * 4 + [0.0]
    np.testing.assert_array_equal(longer[: len(candles)].close, candles.close)
