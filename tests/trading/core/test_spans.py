"""Stretches of time, held against plain sets of minutes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trading.core.spans import Span, missing, runs, total, union

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def points(spans: list[Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


@given(SPANS)
def test_a_union_holds_the_same_times_apart_and_in_order(spans: list[Span]) -> None:
    joined = union(spans)
    assert points(joined) == points(spans)
    assert all(start < end for start, end in joined)
    assert all(before[1] < after[0] for before, after in pairwise(joined))
    assert total(joined) == len(points(spans))


@given(SPANS, st.integers(0, 40), st.integers(0, 40))
def test_missing_is_what_no_span_holds(spans: list[Span], start: int, end: int) -> None:
    found = missing(spans, start, end)
    assert points(found) == set(range(start, end)) - points(spans)
    assert found == union(found)


@given(st.sets(st.integers(0, 60)), st.sampled_from([1, 5]))
def test_runs_cover_what_candles_cover(slots: set[int], length: int) -> None:
    times = np.array(sorted(slots), np.int64) * length
    found = runs(times, length)
    assert points(found) == {at * length + part for at in slots for part in range(length)}
    assert found == union(found)
