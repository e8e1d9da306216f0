"""The simulated world: one clock, one feed, and the venues' exchanges that live on it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

from exchanges.simulator.clock import MarketClock
from exchanges.simulator.exchange import Exchange
from exchanges.simulator.hooks import Calm, Interference
from exchanges.simulator.requests import RequestLog
from exchanges.simulator.tape import MINUTE_MS, Feed, Print

MOST_SILENT_MINUTES = 60 * 24 * 7


class World:
    """Pulls the feed up to the clock and hands each print to every exchange.

    Nothing runs in the background: `advance` is called by the server's pulse and before every request, so what a
    client sees depends on the clock alone.
    """

    def __init__(self, feed: Feed, clock: MarketClock, monotonic: Callable[[], float], wall_ms: Callable[[], int]):
        """`monotonic`: wall seconds that never go back; `wall_ms`: the wall clock for the logs, ms UTC."""
        self.feed, self.clock = feed, clock
        self.monotonic, self._wall_ms = monotonic, wall_ms
        self.skew_ms = 0
        """How far the venues' own clocks are ahead of this machine's."""
        self.exchanges: dict[str, Exchange] = {}
        self.requests = RequestLog()
        self.hooks: Interference = Calm()
        self._next_minute = feed.first_ms
        self._due: deque[tuple[str, Print]] = deque()
        self.seen_ms = feed.first_ms
        """Market time up to which every print has been delivered."""

    def wall_ms(self) -> int:
        """The venues' wall clock, ms UTC: keys and server time go by it."""
        return self._wall_ms() + self.skew_ms

    def add(self, exchange: Exchange) -> None:
        """Puts a venue's exchange on the market (before `begin`)."""
        self.exchanges[exchange.rules.name] = exchange

    def begin(self) -> None:
        """Runs the history up to the opening into the candles of every exchange."""
        for exchange in self.exchanges.values():
            for market in exchange.markets.values():
                market.load_older(*self.feed.older(market.code.split("-", 1)[1]))
        while self._next_minute < self.feed.start_ms:
            for coin, one in self.feed.minute(self._next_minute):
                for exchange in self.exchanges.values():
                    exchange.note_history(coin, one)
            self._next_minute += MINUTE_MS
        self.seen_ms = self.feed.start_ms
        for exchange in self.exchanges.values():
            for market in exchange.markets.values():
                market.open()

    def resume(self, next_minute: int, seen_ms: int) -> None:
        """Goes on from a saved state: the feed has delivered every minute before `next_minute`."""
        self._next_minute, self.seen_ms = next_minute, seen_ms

    def saved_position(self) -> tuple[int, int, list[tuple[str, Print]]]:
        """Next minute to ask the feed for, market time delivered, and prints read but not yet due."""
        return self._next_minute, self.seen_ms, list(self._due)

    def put_back(self, due: list[tuple[str, Print]]) -> None:
        """Takes back prints that were read before a restart but were not due."""
        self._due.extend(due)

    def step(self) -> dict[str, int]:
        """Moves market time to the next print and delivers all of that moment; prints by coin, {} at the tape's end."""
        self.advance()
        empty = 0
        while not self._due:
            if empty > MOST_SILENT_MINUTES:
                return {}
            self._due.extend(self.feed.minute(self._next_minute))
            self._next_minute += MINUTE_MS
            empty += 1
        moment = self._due[0][1].at_ms
        counts = Counter(coin for coin, one in self._due if one.at_ms == moment)
        self.clock.step_to(moment)
        self.advance()
        return dict(counts)

    def advance(self) -> int:
        """Delivers everything up to the market time now and carries out due cancels; returns that time (ms)."""
        now = self.clock.now_ms()
        while True:
            while self._next_minute <= now:
                self._due.extend(self.feed.minute(self._next_minute))
                self._next_minute += MINUTE_MS
            if not self._due or self._due[0][1].at_ms > now:
                break
            coin, one = self._due.popleft()
            for exchange in self.exchanges.values():
                exchange.on_print(coin, one)
        self.seen_ms = max(self.seen_ms, now)
        for exchange in self.exchanges.values():
            exchange.settle_cancels(self.monotonic(), now)
        return now
