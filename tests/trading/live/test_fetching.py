"""What is fetched, what is not asked for again, and what the gaps are called."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.candles import Candles
from trading.core.errors import TryLater
from trading.ipc.candle_store import CandleStore
from trading.live.fetching import Wanted, fetch, stored, unknown
from trading.live.gaps import Gap, count, gaps

MINUTE = 60_000
PAGE = 7


def candles(minutes: Sequence[int]) -> Candles:
    times = np.array(minutes, np.int64) * MINUTE
    prices = 100.0 + times / MINUTE % 13
    return Candles(times, prices, prices + 1, prices - 1, prices, prices, MINUTE)


class Shelf:
    """A venue that has candles at some minutes; it breaks off after `patience` requests."""

    timeframes = ("1m",)
    practice = False

    def __init__(self, minutes: Sequence[int], patience: int = 10**9) -> None:
        self.minutes = sorted(minutes)
        self.patience = patience
        self.asked: list[int] = []

    def now_ms(self) -> int:
        return 10**9

    def symbols(self) -> frozenset[str]:
        return frozenset({"BTC/KRW"})

    def page(self, symbol: str, timeframe: str, end_ms: int) -> Candles:
        if len(self.asked) == self.patience:
            raise TryLater("unreachable")
        self.asked.append(end_ms // MINUTE)
        return candles([at for at in self.minutes if at * MINUTE < end_ms][-PAGE:])


def wanted(start: int, end: int) -> Wanted:
    return Wanted("upbit", "BTC/KRW", "1m", start * MINUTE, end * MINUTE)


def fetched(source: Shelf, store: CandleStore, order: Wanted) -> int:
    """Fetches, and says how many minutes were reported as done."""
    done: list[int] = []
    fetch(source, store, order, lambda: 1, done.append)
    return sum(done) // MINUTE


@given(
    there=st.sets(st.integers(0, 80), min_size=1),
    of_the_bot=st.sets(st.integers(0, 80)),
    bounds=st.tuples(st.integers(0, 85), st.integers(0, 85)).filter(lambda pair: pair[0] < pair[1]),
    breaks=st.lists(st.integers(0, 4), max_size=4),
)
def test_after_any_interruptions_all_is_there_and_nothing_was_asked_twice(
    there: set[int], of_the_bot: set[int], bounds: tuple[int, int], breaks: list[int]
) -> None:
    order, asked = wanted(*bounds), []
    with tempfile.TemporaryDirectory() as folder:
        for patience in [*breaks, 10**9]:
            with closing(CandleStore(Path(folder), mend=False)) as store:  # a new process each time
                if patience == 10**9 and of_the_bot & there:
                    store.put("upbit", "BTC/KRW", candles(sorted(of_the_bot & there)), 1)
                blank = sum(end - start for start, end in unknown(store, order)) // MINUTE
                source = Shelf(sorted(there), patience)
                try:
                    done = fetched(source, store, order)
                    assert done <= blank
                except TryLater:
                    assert patience < 10**9
                asked += source.asked
        with closing(CandleStore(Path(folder))) as store:
            assert set((stored(store, order) // MINUTE).tolist()) == there & set(range(*bounds))
            left = [at for start, end in unknown(store, order) for at in range(start // MINUTE, end // MINUTE)]
            assert not left or max(left) < min(there)  # only what lies before all history stays unknown
            again = Shelf(sorted(there))
            assert fetched(again, store, order) == 0
            assert len(again.asked) <= 1
    answered = [at for at in asked if at > min(there)]
    assert len(answered) == len(set(answered))


def test_a_page_holds_many_small_holes_at_once(tmp_path: Path) -> None:
    with closing(CandleStore(tmp_path)) as store:
        store.put("upbit", "BTC/KRW", candles([at for at in range(50) if at % 2]), 1)
        source = Shelf([at for at in range(50) if at % 2])
        fetched(source, store, wanted(1, 50))
        assert len(source.asked) == -(-25 // PAGE)
        assert not unknown(store, wanted(1, 50))


def test_the_beginning_of_history_is_found_and_not_remembered(tmp_path: Path) -> None:
    with closing(CandleStore(tmp_path)) as store:
        assert fetch(Shelf(range(20, 40)), store, wanted(0, 40), lambda: 1, lambda _: None) == 20 * MINUTE
        assert unknown(store, wanted(0, 40)) == [(0, 20 * MINUTE)]
        assert fetch(Shelf(range(40)), store, wanted(0, 40), lambda: 1, lambda _: None) is None
        assert not unknown(store, wanted(0, 40))


def test_what_was_seen_first_stays(tmp_path: Path) -> None:
    with closing(CandleStore(tmp_path)) as store:
        seen = candles([5])
        seen.close[0] += 0.5
        store.put("upbit", "BTC/KRW", seen, 1)
        fetched(Shelf(range(10)), store, wanted(0, 10))
        assert store.get("upbit", "BTC/KRW", "1m", 10).close[5] == seen.close[0]
        assert store.revisions("upbit", "BTC/KRW", "1m").time.tolist() == [5 * MINUTE]


# -- gaps --------------------------------------------------------------------------------------------------------------


def times(*minutes: range) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([at for part in minutes for at in part], np.int64) * MINUTE


def span(start: int, end: int) -> tuple[int, int]:
    return start * MINUTE, end * MINUTE


def test_gaps_are_told_apart() -> None:
    order = wanted(0, 400)
    mine = times(range(40, 100), range(101, 200), range(260, 300), range(360, 380))
    other = times(range(40, 200), range(270, 380))
    found = gaps(order, mine, [span(40, 380)], 40 * MINUTE, [other])
    assert found == [
        Gap(*span(0, 40), "unlisted"),
        Gap(*span(100, 101), "quiet"),
        Gap(*span(200, 260), "outage"),
        Gap(*span(300, 360), "quiet"),  # an hour, but another symbol traded
        Gap(*span(380, 400), "unfetched"),
    ]
    assert [count(found, why, MINUTE) for why in ("unlisted", "quiet", "outage", "unfetched")] == [40, 61, 60, 20]
    assert gaps(wanted(40, 100), mine, [], None, []) == []


@given(st.sets(st.integers(0, 50)), st.tuples(st.integers(0, 50), st.integers(0, 50)), st.integers(0, 50))
def test_gaps_and_candles_share_out_the_time(there: set[int], asked: tuple[int, int], first: int) -> None:
    found = gaps(wanted(0, 50), times(sorted(there - {50})), [span(*sorted(asked))], first * MINUTE, [])  # type: ignore[arg-type]
    empty = [at for gap in found for at in range(gap.start_ms // MINUTE, gap.end_ms // MINUTE)]
    assert len(empty) == len(set(empty))
    assert set(empty) == set(range(50)) - there
    assert empty == sorted(empty)


@pytest.mark.parametrize("first", [None, 0])
def test_without_a_known_beginning_nothing_is_called_unlisted(first: int | None) -> None:
    found = gaps(wanted(0, 10), times(range(5, 10)), [], first, [])
    assert found == [Gap(*span(0, 5), "unfetched")]
