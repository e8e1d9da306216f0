"""Candles from the stream are looked at again: corrections are noticed, stored beside, and used from then on."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trading.core.candles import Candles
from trading.live.candle_audit import EVERY_MS, Turn, corrected, differing

MINUTE = 60_000


def candles(times: list[int], prices: list[float] | None = None) -> Candles:
    price = np.array(prices if prices is not None else [100.0 + t for t in times])
    return Candles(np.array(times, np.int64) * MINUTE, price, price, price, price, np.ones(len(times)), MINUTE)


def test_every_symbol_has_its_turn_and_no_more_than_one_in_twenty_seconds() -> None:
    turn = Turn()
    assert [turn.next(["B", "A", "C"], EVERY_MS * n) for n in range(4)] == ["A", "B", "C", "A"]
    assert turn.next(["A", "B"], EVERY_MS * 3 + EVERY_MS - 1) is None
    assert turn.next([], EVERY_MS * 9) is None


def test_a_clock_that_was_set_back_does_not_end_the_looking() -> None:
    turn = Turn()
    assert turn.next(["A"], 10 * EVERY_MS) == "A"
    assert turn.next(["A"], EVERY_MS) == "A"


def test_a_correction_and_a_candle_nobody_saw_are_named() -> None:
    known = candles([1, 2, 4], [1.0, 2.0, 4.0])
    told = candles([2, 3, 4], [2.0, 3.0, 4.5])
    assert differing(known, told) == [3 * MINUTE, 4 * MINUTE]
    mended = corrected(known, told)
    assert mended.close.tolist() == [2.0, 3.0, 4.5]  # as many as there were, the newest kept


def test_nothing_told_changes_nothing() -> None:
    known = candles([1, 2])
    assert corrected(known, candles([])) is known
    assert differing(known, known) == []


@given(times=st.lists(st.integers(1, 200), min_size=1, max_size=50, unique=True).map(sorted), data=st.data())
def test_what_the_venue_tells_again_unchanged_leaves_the_series_as_it_is(times: list[int], data: st.DataObject) -> None:
    known = candles(times)
    told = known[data.draw(st.integers(0, len(times) - 1)) :]
    mended = corrected(known, told)
    assert differing(known, told) == []
    assert (mended.time.tolist(), mended.close.tolist()) == (known.time.tolist(), known.close.tolist())
