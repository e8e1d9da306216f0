"""Fetches past candles into candles.db: newest first, page by page, never what is known already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trading.core.calendar import timeframe_ms
from trading.core.candles import Times
from trading.core.ports import CandleSource
from trading.core.spans import Span, missing, runs
from trading.ipc.candle_store import CandleStore


@dataclass(frozen=True, slots=True)
class Wanted:
    """Candles of one symbol with start_ms <= open time < end_ms, both on the timeframe's grid and all of it closed."""

    venue: str
    symbol: str
    timeframe: str
    start_ms: int
    end_ms: int

    @property
    def key(self) -> tuple[str, str, str]:
        """How the store names the series."""
        return self.venue, self.symbol, self.timeframe

    @property
    def length_ms(self) -> int:
        """Length of a candle."""
        return timeframe_ms(self.timeframe)


def stored(store: CandleStore, wanted: Wanted) -> Times:
    """Open times of what is there. Raises sqlite3.OperationalError."""
    return store.times(*wanted.key, wanted.start_ms, wanted.end_ms)


def unknown(store: CandleStore, wanted: Wanted) -> list[Span]:
    """The stretches of which it is not known what the venue has. Raises sqlite3.OperationalError."""
    known = [*store.fetched(*wanted.key), *runs(stored(store, wanted), wanted.length_ms)]
    return missing(known, wanted.start_ms, wanted.end_ms)


def fetch(
    source: CandleSource,
    store: CandleStore,
    wanted: Wanted,
    wall_ms: Callable[[], int],
    advanced: Callable[[int], None],
) -> int | None:
    """Asks for all that is unknown; each page is stored as it comes. advanced: told the ms of `wanted` that are done.

    Returns the time before which the venue has no candle, where the search came to it. Raises VenueError,
    sqlite3.OperationalError.
    """
    top = wanted.end_ms
    for start, end in reversed(unknown(store, wanted)):
        top = min(top, end)
        while top > start:
            page = source.page(wanted.symbol, wanted.timeframe, top)
            if not len(page):
                return top
            oldest = int(page.time[0])
            store.put(wanted.venue, wanted.symbol, page, wall_ms(), (oldest, top))
            advanced(top - max(oldest, start))
            top = oldest
    return None
