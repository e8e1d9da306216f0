"""One simulator for the session, and benches on it: a venue under test with the admin beside it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from exchanges.connect import connect
from trading.core.orders import Order, Side
from trading.core.ports import Venue

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
KEYS = {"upbit": ("demo-access", "demo-secret-of-the-local-simulator-only-0001")}
_numbers = itertools.count(1)


class AdminClock:
    """The venue's time as the simulator tells it; wall and monotonic are this machine's."""

    def __init__(self, admin: httpx.Client) -> None:
        self._admin = admin

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    def market_ms(self) -> int:
        return int(self._admin.get("/clock").json()["market_ms"])


@dataclass
class Simulator:
    """A running simulator: its ready line, and a client of its admin interface."""

    ready: dict[str, Any]
    admin: httpx.Client

    def set(self, what: str, **values: Any) -> dict[str, Any]:
        reply = self.admin.post(f"/{what}", json=values)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())


@dataclass
class Bench:
    """One venue of the simulator under test, everything at its defaults, the market standing still.

    symbol/market: a market with a deep book; other: a second one.
    """

    name: str
    simulator: Simulator
    symbol: str = "ETH/KRW"
    market: str = "KRW-ETH"
    other: str = "XRP/KRW"
    other_market: str = "KRW-XRP"
    opened: list[Venue] = field(default_factory=list)

    @property
    def clock(self) -> AdminClock:
        return AdminClock(self.simulator.admin)

    def open(self, **changes: Any) -> Venue:
        """A new connection to the account, closed at the end of the test."""
        key, secret = KEYS[self.name]
        settings = {"key": key, "secret": secret, "hosts": self.simulator.ready[self.name], "clock": self.clock}
        venue = connect(self.name, **{**settings, "timeout_s": 5.0, "lang": "en", **changes})
        self.opened.append(venue)
        return venue

    def clear(self) -> None:
        """Cancels what an earlier test left in the book."""
        if not any(row["state"] == "open" for row in self.truth()["orders"]):
            return
        venue = self.open()
        for left in venue.open_orders():
            venue.cancel(self.order("buy", symbol=left.symbol, venue_id=left.venue_id))
        eventually(lambda: not venue.open_orders())

    def set(self, what: str, **values: Any) -> dict[str, Any]:
        return self.simulator.set(what, venue=self.name, **values)

    def options(self, **values: Any) -> None:
        self.simulator.set("options", **values)

    def run_clock(self, by_ms: int) -> None:
        """Moves the market on and leaves it standing."""
        self.simulator.set("clock", by_ms=by_ms)

    def truth(self) -> dict[str, Any]:
        return dict(self.simulator.admin.get("/truth").json())

    def true_order(self, order_id: str) -> dict[str, Any] | None:
        return next((row for row in self.truth()["orders"] if row["identifier"] == order_id), None)

    def true_fills(self, order_id: str) -> list[dict[str, Any]]:
        order = self.true_order(order_id)
        return [] if order is None else [row for row in self.truth()["fills"] if row["order_id"] == order["order_id"]]

    def mark(self) -> int:
        """A place in the log of requests."""
        return int(self.truth()["seq"])

    def requests(self, since: int, path: str | None = None) -> list[dict[str, Any]]:
        """What reached the venues after `mark`."""
        rows = self.simulator.admin.get("/truth", params={"since": since}).json()["requests"]
        return [row for row in rows if path is None or row["path"] == path]

    def price(self, market: str | None = None) -> Decimal:
        return Decimal(self.truth()["prices"][self.name][market or self.market])

    def order(self, side: Side, **changes: Any) -> Order:
        """An intent of its own name: a market order unless `limit` is given."""
        name = f"htt{os.getpid()}x{next(_numbers)}"
        values: dict[str, Any] = {
            "id": name,
            "venue": self.name,
            "book": "main",
            "strategy": "test",
            "symbol": self.symbol,
            "side": side,
            "leg": "entry" if side == "buy" else "exit",
            "quantity": Decimal("0.01"),
            "price": Decimal(1),
            "reason": "test",
            "candle_ms": 0,
            "created_ms": 0,
            "trip": name,
        }
        if side == "buy" and "limit" not in changes:
            values["funds"] = Decimal(20_000)
        return Order(**(values | changes))


def eventually(look: Callable[[], T], within_s: float = 5.0) -> T:
    """The first true answer of `look`; fails when there is none in time. For what the venue does on its own."""
    pause, end = threading.Event(), time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < end, f"did not happen within {within_s} s"
        pause.wait(0.02)
    return found


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """`python -m exchanges.simulator` on free ports, until the end of the session."""
    command = [
        sys.executable,
        "-m",
        "exchanges.simulator",
        "--seed",
        "7",
        "--speed",
        "10",
        "--parent",
        str(os.getpid()),
    ]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with httpx.Client(base_url=ready["admin"], timeout=10.0, trust_env=False) as admin:
            yield Simulator(ready, admin)
    finally:
        process.terminate()
        process.wait(10.0)


@pytest.fixture
def make_bench(simulator: Simulator) -> Iterator[Callable[[str], Bench]]:
    """Benches by venue name; what a test changed is put back before the next."""
    benches: list[Bench] = []

    def make(name: str) -> Bench:
        bench = Bench(name, simulator)
        # A second on, so that nothing of an earlier test bears this test's time.
        simulator.set("clock", speed=10, by_ms=1000)
        bench.options(limits=False, block_seconds=0, cancel_delay=0.0, old_ip_spelling=False, plain_text_429=False)
        bench.set("market", offline=False)
        for market in (bench.market, bench.other_market):
            bench.set("market", market=market, halt=False, warn=False, offline=False, caution=[], delist=False, depth=1)
        benches.append(bench)
        bench.clear()
        bench.set("account", set={"KRW": "10000000", "ETH": "0", "XRP": "0"})
        return bench

    yield make
    for bench in benches:
        for venue in bench.opened:
            venue.close()
