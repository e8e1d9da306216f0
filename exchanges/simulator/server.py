"""Runs the simulated world as local servers: one for the admin, one per venue, and the pulse that moves the market."""

from __future__ import annotations

import asyncio
import socket
import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import web

from exchanges.simulator.admin import Admin
from exchanges.simulator.clock import MarketClock
from exchanges.simulator.dialects.upbit.dialect import UpbitDialect
from exchanges.simulator.feed import SeededFeed
from exchanges.simulator.replay import ReplayFeed, read_candles
from exchanges.simulator.state import UnusableState, read_json, restore_world, world_state, write_json
from exchanges.simulator.tape import Feed
from exchanges.simulator.world import World

PULSE_SECONDS = 0.05
SAVE_SECONDS = 15.0
SAVE_SOON_SECONDS = 0.5


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Setup:
    """What a simulator is started with. `replays`: (market such as KRW-BTC, candle file)."""

    seed: int = 7
    speed: float = 10.0
    replays: tuple[tuple[str, Path], ...] = ()
    state: Path | None = None
    host: str = "127.0.0.1"
    cash: Decimal = Decimal(10_000_000)
    start_ms: int | None = None


def _feed(setup: Setup) -> Feed:
    if setup.replays:
        series = {market.split("-", 1)[1]: read_candles(path) for market, path in setup.replays}
        return ReplayFeed(series, setup.seed)
    return SeededFeed(setup.seed) if setup.start_ms is None else SeededFeed(setup.seed, setup.start_ms)


@dataclass(slots=True)
class Simulator:
    """A running simulator; `start`, then `serve` until told to stop, then `stop`."""

    setup: Setup
    world: World = field(init=False)
    upbit: UpbitDialect = field(init=False)
    _runners: list[web.AppRunner] = field(default_factory=list)
    _save_at: float = 0.0

    def __post_init__(self) -> None:
        """Builds the market, from the saved state where there is one.

        Raises replay.UnreadableCandles, state.UnusableState and OSError.
        """
        feed = _feed(self.setup)
        saved = read_json(self.setup.state) if self.setup.state and self.setup.state.exists() else None
        clock = MarketClock(feed.start_ms, self.setup.speed, time.monotonic)
        self.world = World(feed, clock, time.monotonic, _wall_ms)
        self.upbit = UpbitDialect(self.world, self.setup.seed, self.setup.cash)
        if saved is None:
            self.world.begin()
        else:
            restore_world(self.world, saved)
        # Only now does market time start to run: building the history took wall time of its own.
        start = feed.start_ms if saved is None else self.world.seen_ms
        self.world.clock = MarketClock(start, self.setup.speed, time.monotonic)
        self.upbit.desk.exchange.on_event.append(lambda event: self.save_soon())
        self._save_at = time.monotonic() + SAVE_SECONDS

    async def start(self) -> dict[str, Any]:
        """Opens the servers on free ports; returns the addresses of the ready line."""
        admin_port = await self._open(Admin(self.world, self.upbit, self.save_soon).application())
        upbit_port = await self._open(self.upbit.application())
        host = self.setup.host
        return {"admin": f"http://{host}:{admin_port}", "upbit": self.upbit.addresses(host, upbit_port)}

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
        self._save_at = min(self._save_at, time.monotonic() + SAVE_SOON_SECONDS)

    def save(self) -> None:
        """Writes the state file, if there is to be one. Raises OSError."""
        self._save_at = time.monotonic() + SAVE_SECONDS
        if self.setup.state is not None:
            write_json(self.setup.state, world_state(self.world))

    async def serve(self, stop: asyncio.Event) -> None:
        """Moves the market and the streams until `stop` is set."""
        while not stop.is_set():
            self.world.advance()
            self.upbit.streams.pulse()
            if time.monotonic() >= self._save_at:
                self.save()
            try:
                await asyncio.wait_for(stop.wait(), PULSE_SECONDS)
            except TimeoutError:
                continue

    async def stop(self) -> None:
        """Closes connections and servers, saves the state."""
        await self.upbit.streams.close()
        for runner in self._runners:
            await runner.cleanup()
        self.save()


__all__ = ["Setup", "Simulator", "UnusableState"]
