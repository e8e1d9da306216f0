"""Where the ticks of a picture stand: round numbers, and round times in KST."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from trading.core.calendar import DAY_MS, HOUR_MS, KST_MS, MINUTE_MS

MOST_TIMES: Final = 8
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_SPANS: Final = (
    *((minutes * MINUTE_MS, "%H:%M") for minutes in (1, 5, 10, 30)),
    *((hours * HOUR_MS, "%m-%d %H:%M") for hours in (1, 3, 6, 12)),
    *((days * DAY_MS, "%m-%d") for days in (1, 2, 4, 7, 14)),
)
_MONTHS: Final = ((1, "%Y-%m"), (3, "%Y-%m"), (6, "%Y-%m"), (12, "%Y"), (24, "%Y"), (60, "%Y"), (120, "%Y"))


class Mark(NamedTuple):
    """A tick of the time axis, ms UTC, with its label."""

    time_ms: int
    label: str


def round_numbers(low: float, high: float, about: int = 4) -> list[float]:
    """Multiples of a round step inside low..high, some `about` of them; low < high."""
    raw = (high - low) / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = size * next(step for step in _STEPS if step * size >= raw * (1 - 1e-9))
    return [number * step for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def round_times(start_ms: int, end_ms: int) -> list[Mark]:
    """Round times of KST inside start..end, at most MOST_TIMES."""
    first, last = start_ms + KST_MS, end_ms + KST_MS
    for length, pattern in _SPANS:
        if (last - first) // length < MOST_TIMES:
            return _labelled(range(-(-first // length) * length, last + 1, length), pattern)
    months = _month(last) - _month(first)
    count, pattern = next((pair for pair in _MONTHS if months // pair[0] < MOST_TIMES), _MONTHS[-1])
    return _labelled(_month_starts(first, last, count), pattern)


def _labelled(local: Iterable[int], pattern: str) -> list[Mark]:
    return [Mark(time - KST_MS, datetime.fromtimestamp(time / 1000, UTC).strftime(pattern)) for time in local]


def _month(local_ms: int) -> int:
    moment = datetime.fromtimestamp(local_ms / 1000, UTC)
    return moment.year * 12 + moment.month - 1


def _month_starts(first: int, last: int, count: int) -> Iterator[int]:
    """First moments of every `count`-th month."""
    for number in range(-(-_month(first) // count) * count, _month(last) + 1, count):
        year, month = divmod(number, 12)
        start = int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) * 1000
        if first <= start <= last:
            yield start
