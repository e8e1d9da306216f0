"""Runs the simulated world as local servers: one for the admin, one per venue, and the pulse that moves the market."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import web

from exchanges.simulator.admin import Admin
from exchanges.simulator.clock import MarketClock, wall_ms
from exchanges.simulator.dialect import Dialect
from exchanges.simulator.dialects.upbit.dialect import UpbitDialect
from exchanges.simulator.feed import DEFAULT_START_MS, HISTORY_MINUTES, SeededFeed
from exchanges.simulator.replay import ReplayFeed, read_candles
from exchanges.simulator.state import read_json, restore_world, state_text, write_text
from exchanges.simulator.tape import Feed
from exchanges.simulator.world import World

PULSE_SECONDS = 0.05
SAVE_SECONDS = 15.0
SAVE_SOON_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Setup:
    """What a simulator is started with. `replays`: (market such as KRW-BTC, candle file)."""

    seed: int = 7
    speed: float = 10.0
    replays: tuple[tuple[str, Path], ...] = ()
    state: Path | None = None
    host: str = "127.0.0.1"
    cash: Decimal = Decimal(10_000_000)
    start_ms: int = DEFAULT_START_MS
    history: int = HISTORY_MINUTES

    def world_name(self) -> str:
        """Which market this is: the same whenever seed or replayed files are the same."""
        if self.replays:
            return "replay " + " ".join(f"{market}={path.name}" for market, path in self.replays)
        return f"seed {self.seed}"


def _feed(setup: Setup) -> Feed:
    if setup.replays:
        series = {market.split("-", 1)[1]: read_candles(path) for market, path in setup.replays}
        return ReplayFeed(series, setup.seed)
    return SeededFeed(setup.seed, setup.start_ms, setup.history)


@dataclass(slots=True)
class Simulator:
    """A running simulator; `start`, then `serve` until told to stop, then `stop`.

    `monotonic` (seconds) and `wall_ms` are the wall clocks; a test gives its own.
    """

    setup: Setup
    monotonic: Callable[[], float] = time.monotonic
    wall_ms: Callable[[], int] = wall_ms
    world: World = field(init=False)
    dialects: dict[str, Dialect] = field(init=False)
    _runners: list[web.AppRunner] = field(default_factory=list)
    _save_at: float = 0.0

    def __post_init__(self) -> None:
        """Builds the market, from the saved state where there is one.

        Raises replay.UnreadableCandles, state.UnusableState and OSError.
        """
        feed = _feed(self.setup)
        saved = read_json(self.setup.state) if self.setup.state and self.setup.state.exists() else None
        clock = MarketClock(feed.start_ms, self.setup.speed, self.monotonic)
        self.world = World(feed, clock, self.monotonic, self.wall_ms)
        upbit = UpbitDialect(self.world, self.setup.seed, self.setup.cash)
        self.dialects = {upbit.name: upbit}
        if saved is None:
            self.world.begin()
        else:
            restore_world(self.world, saved)
        # Only now does market time start to run: building the history took wall time of its own.
        start = feed.start_ms if saved is None else self.world.seen_ms
        self.world.clock = MarketClock(start, self.setup.speed, self.monotonic)
        for dialect in self.dialects.values():
            dialect.exchange.on_event.append(lambda event: self.save_soon())
        self._save_at = self.monotonic() + SAVE_SECONDS

    async def start(self) -> dict[str, Any]:
        """Opens the servers on free ports; returns the addresses of the ready line."""
        admin = Admin(self.world, self.dialects, self.save_soon)
        admin_port = await self._open(admin.application())
        host = self.setup.host
        ready: dict[str, Any] = {"admin": f"http://{host}:{admin_port}"}
        for name, dialect in self.dialects.items():
            ready[name] = dialect.addresses(host, await self._open(dialect.application()))
        admin.ready = {**ready, "world": self.setup.world_name()}
        return ready

    async def _open(self, app: web.Application) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runners.append(runner)
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.setup.host, 0))
        await web.SockSite(runner, listener).start()
        return int(listener.getsockname()[1])

    def save_soon(self) -> None:
        """Asks for a save within half a second."""
        self._save_at = min(self._save_at, self.monotonic() + SAVE_SOON_SECONDS)

    def save(self) -> None:
        """Writes the state file, if there is to be one. Raises OSError."""
        self._save_at = self.monotonic() + SAVE_SECONDS
        if self.setup.state is not None:
            write_text(self.setup.state, state_text(self.world))

    async def serve(self, stop: asyncio.Event) -> None:
        """Moves the market and the streams until `stop` is set."""
        while not stop.is_set():
            self.world.advance()
            for dialect in self.dialects.values():
                dialect.pulse()
            if self.monotonic() >= self._save_at:
                self.save()
            try:
                await asyncio.wait_for(stop.wait(), PULSE_SECONDS)
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Closes connections and servers, saves the state."""
        for dialect in self.dialects.values():
            await dialect.close()
        for runner in self._runners:
            await runner.cleanup()
        self.save()
