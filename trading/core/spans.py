"""Stretches of time: half-open [start, end), ms UTC."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from trading.core.candles import Times

Span = tuple[int, int]


def union(spans: Iterable[Span]) -> list[Span]:
    """The same times in as few spans as possible, rising; spans that touch become one, empty ones go."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def missing(spans: Iterable[Span], start: int, end: int) -> list[Span]:
    """What of [start, end) lies in none of `spans`, rising."""
    found, at = [], start
    for begin, stop in union(spans):
        if at < min(begin, end):
            found.append((at, min(begin, end)))
        at = max(at, stop)
    return [*found, (at, end)] if at < end else found


def runs(times: Times, length_ms: int) -> list[Span]:
    """The stretches that candles opening at `times` (rising) cover without a hole."""
    if not len(times):
        return []
    breaks = np.flatnonzero(np.diff(times) > length_ms)
    starts = times[np.concatenate(([0], breaks + 1))].tolist()
    ends = (times[np.concatenate((breaks, [len(times) - 1]))] + length_ms).tolist()
    return list(zip(starts, ends, strict=True))


def total(spans: Iterable[Span]) -> int:
    """Length of all spans together, ms; they must not overlap."""
    return sum(end - start for start, end in spans)
