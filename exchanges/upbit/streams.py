"""Public trades and hints about our own orders, as they come. REST stays the authority: no stream is believed whole.

Plain WebSockets of the library's own session instead of ccxt.pro: `watch_trades_for_symbols` hands a trade over only
when the next one of its symbol arrives after the call, cannot unsubscribe, needs all markets in memory, and its private
side signs once and sends the same nonce again after every break.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import suppress
from random import Random
from threading import Lock
from typing import Any, Final

import aiohttp

from exchanges.upbit import fields, parse
from trading.core.ports import Clock, StreamNews, Tick

BACKOFF_S: Final = (1.0, 60.0)
MOST_TICKS: Final = 50_000
MOST_HINTS: Final = 5_000
REMEMBERED: Final = 20_000
#: Upbit takes 5 messages a second and 100 a minute on a connection; a change of symbols waits this long for the next.
SETTLE_S: Final = 0.7
PING_S: Final = 30.0
#: A market that always trades is listened to besides: its silence means a dead stream, not that nobody deals.
PULSE: Final = "BTC/KRW"


def backoff(chance: Random, first: float, most: float) -> Iterator[float]:
    """Seconds before each attempt to connect again: doubling up to `most`, each cut by up to half at random."""
    pause = first
    while True:
        yield pause * (0.5 + 0.5 * chance.random())
        pause = min(most, pause * 2.0)


class Inbox:
    """What came since the last `drain`. Written on the loop's thread, emptied on the caller's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._ticks: deque[Tick] = deque()
        self._hints: deque[str] = deque(maxlen=MOST_HINTS)
        self._known: set[tuple[str, int]] = set()
        self._order: deque[tuple[str, int]] = deque()
        self._gaps = False
        self._heard: float | None = None

    def heard(self) -> None:
        """A public message came."""
        self._heard = self._clock.monotonic()

    def gap(self) -> None:
        """Trades may have been missed."""
        with self._lock:
            self._gaps = True

    def trade(self, tick: Tick, number: int) -> None:
        """A public trade; `number` is the venue's own, so that a repeated one is dropped."""
        key = (tick.symbol, number)
        with self._lock:
            if key in self._known:
                return
            self._known.add(key)
            self._order.append(key)
            if len(self._order) > REMEMBERED:
                self._known.discard(self._order.popleft())
            if len(self._ticks) >= MOST_TICKS:
                # Nobody drains: the oldest prices are of no use any more, but they are missing.
                self._ticks.popleft()
                self._gaps = True
            self._ticks.append(tick)

    def hint(self, client_id: str) -> None:
        """One of our orders changed."""
        with self._lock:
            self._hints.append(client_id)

    def age(self) -> float | None:
        """Seconds since the last public message; None before the first."""
        return None if self._heard is None else max(0.0, self._clock.monotonic() - self._heard)

    def drain(self) -> StreamNews:
        """Everything since the last call, trades in the order of their time."""
        with self._lock:
            gaps, self._gaps = self._gaps, False
            ticks, hints = sorted(self._ticks, key=lambda tick: tick.time_ms), tuple(dict.fromkeys(self._hints))
            self._ticks.clear()
            self._hints.clear()
        return StreamNews(tuple(ticks), hints, gaps, self.age())


class Streams:
    """Two connections: trades of the watched markets, and our own orders. Both come back by themselves for ever.

    session: the aiohttp session. listed: symbols the venue lists (empty: not known yet); one unknown market among those
    asked for may cost the whole subscription. silence_s: how long a stream without a trade is taken to live.
    """

    def __init__(
        self,
        session: Callable[[], Any],
        listed: Callable[[], Collection[str]],
        inbox: Inbox,
        chance: Random,
        silence_s: float,
    ) -> None:
        self._session = session
        self._listed = listed
        self._inbox = inbox
        self._chance = chance
        self._silence_s = silence_s
        self._wanted = frozenset[str]()
        self._missing = False
        self._changed: asyncio.Event | None = None

    async def trades(self, url: str) -> None:
        """Streams trades of what `watch` named last; without a market it waits for the first."""
        changed = self._changed = asyncio.Event()

        async def once() -> None:
            while not self._wanted:
                changed.clear()
                await changed.wait()
            async with self._session().ws_connect(url, heartbeat=PING_S, max_msg_size=1 << 22) as socket:
                await self._listen(socket, changed)

        await self._again(once, self._broke)

    async def orders(self, url: str, token: Callable[[], str]) -> None:
        """Streams hints about the account's orders. Silence proves nothing here, so only the connection is watched."""

        async def once() -> None:
            headers = {"Authorization": f"Bearer {token()}"}
            async with self._session().ws_connect(url, headers=headers, heartbeat=PING_S) as socket:
                await socket.send_str(json.dumps([{"ticket": ticket(self._chance)}, {"type": "myOrder"}]))
                async for message in socket:
                    heard = decoded(message) or {}
                    if "error" in heard:
                        return
                    if name := own_order(heard):
                        self._inbox.hint(name)

        await self._again(once, lambda: None)

    async def _again(self, once: Callable[[], Awaitable[None]], broken: Callable[[], None]) -> None:
        """Connects for ever; the pause grows until a connection has held for a while."""
        pauses = backoff(self._chance, *BACKOFF_S)
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            # A stream is a convenience that must always come back; whatever ended it, REST tells what happened.
            with suppress(Exception):
                await once()
            broken()
            if loop.time() - begun > BACKOFF_S[1]:
                pauses = backoff(self._chance, *BACKOFF_S)
            await asyncio.sleep(next(pauses))

    def _broke(self) -> None:
        # Once now, so that prices are asked for elsewhere, and once when trades flow again, for what lay between.
        self._inbox.gap()
        self._missing = True

    def watch(self, symbols: Sequence[str]) -> None:
        """Streams trades of `symbols` from now on. Call it on the loop's thread."""
        if frozenset(symbols) != self._wanted and self._changed is not None:
            self._changed.set()
        self._wanted = frozenset(symbols)

    def _request(self) -> str:
        """The subscription that replaces the connection's former one. Only new trades: a snapshot is an old price."""
        listed = self._listed()
        symbols = [symbol for symbol in sorted(self._wanted) if not listed or symbol in listed]
        if PULSE in listed and PULSE not in symbols:
            symbols.append(PULSE)
        wanted = {"type": "trade", "codes": [parse.market_of(symbol) for symbol in symbols], "is_only_realtime": True}
        return json.dumps([{"ticket": ticket(self._chance)}, wanted, {"format": "DEFAULT"}])

    async def _listen(self, socket: Any, changed: asyncio.Event) -> None:
        """Reads until the connection ends, errs or brings no trade for too long."""
        changed.clear()
        await socket.send_str(self._request())
        reading = asyncio.ensure_future(socket.receive())
        waiting = asyncio.ensure_future(changed.wait())
        loop = asyncio.get_running_loop()
        heard_at = loop.time()
        try:
            while True:
                left = heard_at + self._silence_s - loop.time()
                if left <= 0.0:
                    return
                done, _ = await asyncio.wait((reading, waiting), timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if waiting in done:
                    await asyncio.sleep(SETTLE_S)
                    changed.clear()
                    if not self._wanted:
                        return
                    await socket.send_str(self._request())
                    waiting = asyncio.ensure_future(changed.wait())
                if reading in done:
                    heard = decoded(reading.result())
                    if heard is None or "error" in heard:
                        return
                    if self._take(heard):
                        heard_at = loop.time()
                    reading = asyncio.ensure_future(socket.receive())
        finally:
            reading.cancel()
            waiting.cancel()

    def _take(self, heard: dict[str, Any]) -> bool:
        """Keeps a trade; False for what is none. An unreadable one is a gap."""
        if heard.get("type") != "trade":
            return False
        try:
            tick, number = parse.trade(heard)
        except fields.Unreadable:
            self._inbox.gap()
            return False
        self._inbox.heard()
        if self._missing:
            self._missing = False
            self._inbox.gap()
        if tick.symbol in self._wanted:
            self._inbox.trade(tick, number)
        return True


def ticket(chance: Random) -> str:
    """A name for one subscription."""
    return f"{chance.getrandbits(128):032x}"


def decoded(message: Any) -> dict[str, Any] | None:
    """The JSON object of a frame (the venue sends binary ones), {} for other JSON; None when the connection is over."""
    if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
        return None
    try:
        heard = json.loads(message.data)
    except (ValueError, RecursionError):
        return {}
    return heard if isinstance(heard, dict) else {}


def own_order(heard: dict[str, Any]) -> str | None:
    """Client id of a `myOrder` message; None for other messages and for orders that carry none."""
    name = heard.get("identifier")
    return name if heard.get("type") == "myOrder" and isinstance(name, str) and name else None
