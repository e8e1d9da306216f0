"""What a feed delivers: prints (public trades of the underlying market) and, for older history, bars."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


class Print(NamedTuple):
    """One public trade of a coin: time ms UTC, price in KRW, quantity in coins, whether the buyer was the taker."""

    at_ms: int
    price: float
    quantity: float
    buyer_taker: bool


class Bar(NamedTuple):
    """One candle of older history: open time ms UTC, prices in KRW, volume in coins."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class Feed(Protocol):
    """A source of prints, read minute by minute in order; the same source gives the same prints every time."""

    coins: tuple[str, ...]
    start_ms: int
    """Market time at which the market opens for clients; everything before is history."""
    first_ms: int
    """First minute that `minute` can deliver."""
    half_spread: bool
    """True: best bid = last, best ask = last + tick. False: last - tick and last + tick."""

    def older(self, coin: str) -> tuple[list[Bar], list[Bar]]:
        """Daily and hourly bars of the time before `first_ms`, oldest first; the days end where the hours begin."""
        ...

    def minute(self, open_ms: int) -> list[tuple[str, Print]]:
        """All prints of the minute, ordered by time. Minutes must be asked for in ascending order, each once."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """JSON value from which `restore` goes on."""
        ...

    def restore(self, saved: dict[str, Any]) -> None:
        """Continues after the last minute delivered when `saved` was taken."""
        ...
