"""What of a wanted stretch of candles is not there, and why, as far as can be told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from trading.core.calendar import HOUR_MS
from trading.core.candles import Times
from trading.core.spans import Span, missing, runs
from trading.live.fetching import Wanted

Why = Literal["quiet", "outage", "unlisted", "unfetched"]
OUTAGE_MS: Final = HOUR_MS


@dataclass(frozen=True, slots=True)
class Gap:
    """[start_ms, end_ms) without a candle.

    why: quiet (no trade happened, or too short to tell), outage (an hour or more in which no symbol of the download
    traded: maintenance, most likely), unlisted (before the venue's first candle), unfetched (not asked for yet).
    """

    start_ms: int
    end_ms: int
    why: Why


def gaps(
    wanted: Wanted, times: Times, fetched: Sequence[Span], first_ms: int | None, others: Iterable[Times]
) -> list[Gap]:
    """All gaps, rising. times: of the stored candles. first_ms: the venue has nothing before it, None where not known.

    others: times of the candles of the other symbols.
    """
    known = runs(times, wanted.length_ms)
    blank = missing([*fetched, *known], wanted.start_ms, wanted.end_ms)
    others = list(others)
    found = [Gap(start, end, _why(start, end, others)) for start, end in missing([*known, *blank], *_of(wanted))]
    for start, end in blank:
        edge = min(max(start, first_ms or 0), end)
        found += [Gap(start, edge, "unlisted"), Gap(edge, end, "unfetched")]
    return sorted((gap for gap in found if gap.start_ms < gap.end_ms), key=lambda gap: gap.start_ms)


def count(found: Iterable[Gap], why: Why, length_ms: int) -> int:
    """How many candles are missing for that reason."""
    return sum((gap.end_ms - gap.start_ms) // length_ms for gap in found if gap.why == why)


def _of(wanted: Wanted) -> Span:
    return wanted.start_ms, wanted.end_ms


def _why(start: int, end: int, others: Iterable[Times]) -> Why:
    traded = any(np.searchsorted(times, end) > np.searchsorted(times, start) for times in others)
    return "outage" if end - start >= OUTAGE_MS and not traded else "quiet"
