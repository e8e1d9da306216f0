"""Lock-step with a local simulator: the market moves by one print, and only when the bot has finished its step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import httpx

from trading.core.errors import TryLater
from trading.core.ports import Clock, StreamNews, Tick, Venue

ARRIVAL_S: Final = 10.0
POLL_S: Final = 0.0005


class Ended(Protocol):
    """What the loop is told when the recorded market is over."""

    def set(self) -> None:
        """It is."""
        ...


class Expected:
    """What the last step of the market brought: prints by market, and how many were seen of them."""

    def __init__(self) -> None:
        self.prints: dict[str, int] = {}
        self.over = False


class LockStep:
    """A `Pace` that moves the simulator's market to its next print. refresh: makes the bot's clock read that time."""

    def __init__(self, admin: str, refresh: Callable[[], object]) -> None:
        self._url = admin.rstrip("/") + "/clock"
        self._client = httpx.Client(trust_env=False, timeout=10.0)
        self.expected = Expected()
        self._refresh = refresh
        self._client.post(self._url, json={"pause": True}).raise_for_status()

    def wait(self, stop: Ended, meanwhile: Callable[[], None]) -> None:
        """Moves on by one print; sets `stop` at the end of the recorded market."""
        moved: dict[str, Any] = self._client.post(self._url, json={"next": True}).raise_for_status().json()
        if not moved["prints"]:
            self.expected.over = True
            stop.set()
            return
        self.expected.prints = dict(moved["prints"])
        self._refresh()


class InStep:
    """A venue whose stream is read only when all prints of the step have come. All else goes to `venue` as it is."""

    def __init__(self, venue: Venue, expected: Expected, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._venue = venue
        self._expected = expected
        self._clock = clock
        self._sleep = sleep
        self._markets: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._venue, name)

    def watch(self, symbols: Sequence[str]) -> None:
        """As the venue's; prints of other symbols are not waited for."""
        listed = self._venue.instruments()
        self._markets = {listed[symbol].market: symbol for symbol in symbols if symbol in listed}
        self._venue.watch(symbols)

    def drain(self) -> StreamNews:
        """The step's prints, all of them. Raises TryLater when they do not come."""
        wanted = {self._markets[code]: n for code, n in self._expected.prints.items() if code in self._markets}
        self._expected.prints = {}
        deadline = self._clock.monotonic() + ARRIVAL_S
        ticks: list[Tick] = []
        orders: list[str] = []
        while True:
            news = self._venue.drain()
            ticks += news.ticks
            orders += news.orders
            seen = {symbol: sum(tick.symbol == symbol for tick in ticks) for symbol in wanted}
            if all(seen[symbol] >= count for symbol, count in wanted.items()):
                return StreamNews(tuple(ticks), tuple(orders), False, 0.0)
            if self._clock.monotonic() > deadline:
                raise TryLater("lockstep", f"prints did not come: {wanted}, seen {seen}")
            self._sleep(POLL_S)
