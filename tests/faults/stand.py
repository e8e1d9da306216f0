"""One desk with the real Upbit client, execution and ledger over loopback, against a simulator in this process.

Both share one clock, which runs as the machine's does and can be put forward: half a minute of the venue's denial takes
no half minute. The market stands still unless a test moves its price.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from config.settings import load
from exchanges.connect import connect
from exchanges.simulator.server import Setup, Simulator
from tests.faults import invariants, plans
from tests.faults.witness import Truth
from trading.core.orders import Order, OrderEvent, client_id
from trading.core.portfolio import Trade
from trading.core.ports import Venue
from trading.execution import Execution
from trading.ipc.candle_store import CandleStore
from trading.ipc.envelope import Command
from trading.live.charge import charge_of
from trading.live.desk import Desk
from trading.live.feed import Poll
from trading.live.journal import ExitJournal, JournaledLedger
from trading.live.ledger import Ledger, Stamp, open_ledger
from trading.live.orders_by_hand import enter, liquidate

HISTORY = 180
SYMBOL, MARKET, ASSET = "ETH/KRW", "KRW-ETH", "ETH"
KEY = ("demo-access", "demo-secret-of-the-local-simulator-only-0001")
STAMP = Stamp("demo", {"upbit": "stand"}, {"upbit": ""})
PATIENCE_S = 60.0
TIMEOUT_S = 1.0
"""The client's patience with one answer; what a test calls late is a little later."""
KNOBS = {
    "symbols": "ETH/KRW,XRP/KRW",
    "strategy": "macd",
    "timeframe": "1m",
    "param_golden_cross": "false",
    "param_macd_exit": "false",
    "sizing": "fixed",
    "max_position_size": 0.1,
    "stop_loss_percent": 0.02,
    "take_profit_percent": 0.02,
    "max_orders_per_minute": 0,
}


class Ahead:
    """The machine's clock, as far ahead as tests have put it."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000 + int(1000 * self.ahead_s)

    def pass_s(self, seconds: float) -> None:
        self.ahead_s += seconds


class DeskClock:
    """The desk's: wall and monotonic of `Ahead`, market time of the simulator."""

    def __init__(self, ahead: Ahead, market: Callable[[], int]) -> None:
        self._ahead, self._market = ahead, market

    def monotonic(self) -> float:
        return self._ahead.monotonic()

    def wall_ms(self) -> int:
        return self._ahead.wall_ms()

    def market_ms(self) -> int:
        return self._market()


class Practice:
    """A simulator in a thread of its own."""

    def __init__(self, clock: Ahead) -> None:
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        assert self._up.wait(60.0), "the simulator does not start"
        self.admin = httpx.Client(base_url=self.ready["admin"], timeout=30.0, trust_env=False)

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self.simulator = Simulator(Setup(history=HISTORY), self._clock.monotonic, self._clock.wall_ms)
        self.simulator.world.clock.pause()
        self._stop = asyncio.Event()
        self.ready: dict[str, Any] = await self.simulator.start()
        self._up.set()
        await self.simulator.serve(self._stop)
        await self.simulator.stop()

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        reply = self.admin.post(path, json=body)
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def end(self) -> None:
        self.admin.close()
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30.0)


@dataclass
class Notes:
    """What the desk's steps brought."""

    events: list[OrderEvent] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)

    def note(self, desk: Desk, poll: Poll, events: Sequence[OrderEvent], trades: Iterable[Trade]) -> None:
        self.events += events
        self.trades += trades
        self.polls.append(poll)


class Stand:
    """The desk at its practice exchange."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Ahead()
        self.practice = Practice(self.clock)
        self.notes = Notes()
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.bans: dict[str, int] = {}
        self.commands = 0
        self._open: list[Callable[[], None]] = []
        self.practice.post("/options", limits=False, block_seconds=0, cancel_delay=0.0)
        self.desk = self.start()

    def start(self) -> Desk:
        """A life over the folder: ledger, client and desk as main.py makes them."""
        environ = {f"HAETAE_{name.upper()}": str(value) for name, value in KNOBS.items()}
        settings = load(self.folder / ".env", self.folder / "tuned.env", environ)
        clock = DeskClock(self.clock, self.practice.simulator.world.clock.now_ms)
        self.ledger: Ledger = open_ledger(self.folder, STAMP, clock.wall_ms()).ledger
        self.venue: Venue = connect(
            "upbit",
            key=KEY[0],
            secret=KEY[1],
            hosts=self.practice.ready["upbit"],
            clock=clock,
            timeout_s=TIMEOUT_S,
            blocked=dict(self.bans),
            on_block=lambda group, until: self.bans.update({group: until}),
        )
        journal = ExitJournal(self.folder / "exits.journal", 1 << 16)
        journaled = JournaledLedger(self.ledger, journal)
        self.execution = Execution(self.venue, journaled, clock)
        self._open = [self.venue.close, self.ledger.close, journal.close]
        charge = charge_of(settings, "upbit")
        return Desk(
            self.venue,
            self.ledger,
            self.execution,
            clock,
            CandleStore(self.folder),
            charge,
            self.notes,
            lambda key, level="info", **fields: self.said.append((key, fields)),
            journaled.flush,
        )

    def end(self) -> None:
        """Ends this life in order."""
        for close in self._open:
            close()
        self._open = []

    def restart(self) -> None:
        """Another life over the same folder."""
        self.end()
        self.desk = self.start()

    def close(self) -> None:
        """Everything."""
        self.end()
        self.practice.end()

    # -- driving ---------------------------------------------------------------------------------------------------

    def faults(self, *rules: plans.Rule, seed: int = 1) -> None:
        """The plan from now on; none ends it."""
        self.practice.post("/faults", rules=list(rules), seed=seed)

    def price(self, change: float, market: str = MARKET) -> None:
        """A public trade at the last price times (1 + change), a second of market time on."""
        self.practice.post("/clock", by_ms=1000)
        last = Decimal(self.told()["prices"]["upbit"][market])
        self.practice.post("/market", market=market, price=f"{(last * Decimal(repr(1 + change))) // 1000 * 1000:f}")

    def until(self, look: Callable[[], object], what: str) -> None:
        """Steps the desk until `look` is true; the plan and the ledger's orders are said on failure."""
        deadline = time.monotonic() + PATIENCE_S
        pause = threading.Event()
        while True:
            self.desk.step()
            if look():
                return
            if time.monotonic() > deadline:
                plan = self.practice.admin.get("/faults").json()
                raise AssertionError(
                    f"not within {PATIENCE_S:g} s: {what}\nplan {plan}\norders {self.orders()}\n"
                    f"desk {self.desk.state} {self.desk.detail} said {self.said[-5:]}"
                )
            pause.wait(0.03)

    def steps(self, count: int = 3) -> None:
        """Some steps."""
        for _ in range(count):
            self.desk.step()

    def ready(self) -> Stand:
        """Reconciled, with a price of everything."""
        self.until(lambda: self.desk.state == "ready" and self.desk.feed.loaded == 2, "a ready desk")
        return self

    def enter(self, amount: int = 50_000, symbol: str = SYMBOL) -> Callable[[], Any]:
        """A person's entry; answers what became of it, None while it is under way."""
        self.commands += 1
        now_ms = self.clock.wall_ms()
        command = Command(
            id=f"c{self.commands}", kind="enter", args={}, issued_at_ms=now_ms, expires_at_ms=None, issued_by="test"
        )
        return enter(self.desk, command, {"symbol": symbol, "amount": amount}).answer

    def bought(self, amount: int = 50_000) -> None:
        """A position, calmly."""
        self.enter(amount)
        self.until(lambda: self.held() and not self.execution.live, "a position")

    def liquidate(self) -> Callable[[], Any]:
        """A person's sale of everything."""
        return liquidate(self.desk, None).answer

    def rest(self, below: float, amount: int = 100_000) -> Order:
        """A limit buy that rests so far below the last price (fraction), as execution sends it."""
        self.commands += 1
        last = Decimal(self.told()["prices"]["upbit"][MARKET])
        price = (last * Decimal(repr(1 - below))) // 1000 * 1000
        now_ms = self.desk.clock.market_ms()
        name = client_id("haetae", "main", "macd", SYMBOL, "buy", now_ms, f"limit:{self.commands}")
        order = Order(
            id=name,
            venue="upbit",
            book="main",
            strategy="macd",
            symbol=SYMBOL,
            side="buy",
            leg="entry",
            quantity=(Decimal(amount) / price).quantize(Decimal("0.0001")),
            price=price,
            reason="entry",
            candle_ms=now_ms,
            created_ms=now_ms,
            trip=name,
            limit=price,
        )
        self.execution.execute([order])
        return order

    # -- looking ---------------------------------------------------------------------------------------------------

    def held(self, asset: str = ASSET) -> Decimal:
        """Ours, by the ledger."""
        return self.ledger.owned("upbit").get(asset, Decimal(0))

    def orders(self) -> list[Order]:
        """All of the ledger's orders that the notes or the ledger know, oldest first."""
        found: dict[str, Order] = {}
        for event in self.notes.events:
            found[event.order.id] = event.order
        for order in self.ledger.unfinished("upbit"):
            found[order.id] = order
        return [self.ledger.order(name) or order for name, order in found.items()]

    def told(self) -> dict[str, Any]:
        """/truth, whole."""
        return dict(self.practice.admin.get("/truth").json())

    def truth(self) -> Truth:
        """The same, as the checker wants it."""
        truth = Truth()
        truth.take(self.told())
        return truth

    def sales(self, side: str = "sell") -> list[dict[str, Any]]:
        """The venue's fills of one side."""
        return [fill for fill in self.told()["fills"] if fill["side"] == side]

    def requests(self, path: str = "/v1/orders", method: str = "POST") -> int:
        """How many requests of that kind the venue has seen."""
        return sum(row["method"] == method and row["path"] == path for row in self.told()["requests"])

    def agreed(self, foreign: Mapping[str, Decimal] | None = None) -> None:
        """Calms the venue, lets everything end, and asks the one checker."""
        self.faults()
        self.until(lambda: not self.execution.live and self.desk.state == "ready", "an end of everything")
        invariants.agreed(self.folder, self.truth(), start_cash=Decimal(10_000_000), foreign=foreign)


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """A ready stand for the block."""
    one = Stand(folder)
    try:
        yield one.ready()
    finally:
        one.close()
