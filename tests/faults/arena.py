"""A practice exchange, a nursery of bots and one data folder at a time: lives, kills, and the checks between them."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

import httpx

from tests.faults import invariants
from tests.faults.forks import Life, Nursery
from tests.faults.witness import Truth, Witness
from tests.live.bots import Simulator, until
from trading.ipc.commands import CommandNotSent, send

SYMBOLS = ("BTC/KRW", "ETH/KRW", "XRP/KRW", "SOL/KRW", "DOGE/KRW", "ADA/KRW")
FOREIGN = {"BTC": Decimal("0.0123"), "ETH": Decimal("0.5"), "XRP": Decimal("1000"), "DOGE": Decimal("777.5")}
"""Coins of the kinds that are traded, on the account before the bot came."""
CASH = Decimal(10_000_000)
SPEED = 240.0
SECRETS = ("AccessKeyThatNobodyMayRead0001", "SecretKeyThatNobodyMayRead0000000000001", "7000000001:TokenNobodyReads")
BUSY: dict[str, object] = {
    "symbols": ",".join(SYMBOLS),
    "strategy": "macd",
    "timeframe": "1m",
    "param_golden_cross": "false",
    "param_bullish_candle": "true",
    "sizing": "fixed",
    "max_position_size": 0.03,
    "max_positions": 6,
    "max_hold_minutes": 2,
    "stop_loss_percent": 0.002,
    "take_profit_percent": 0.003,
    "max_orders_per_minute": 0,
    "max_trades_per_day": 0,
    "cooldown_after_losses": 0,
    "daily_loss_limit": 0.0,
    "drawdown_limit": 0.0,
    "slippage_alert": 0.0,
}
"""Knobs under which every candle brings trades."""
LONGER_S = 65.0
"""Wall seconds without a bot: time enough to prove that an order never arrived."""


@dataclass
class Hits:
    """What the kills of a run met."""

    kills: int = 0
    cold: int = 0
    in_flight: int = 0
    partial: int = 0
    command: int = 0
    orders: int = 0
    fills: int = 0
    commands: int = 0
    starts: list[float] = field(default_factory=list)
    """Wall seconds from a fork to the end of the first step."""

    def __str__(self) -> str:
        return (
            f"{self.kills} kills ({self.cold} after cold starts): {self.in_flight} with an order in flight, "
            f"{self.partial} with a partial fill, {self.command} with a command half done; "
            f"{self.orders} orders, {self.fills} fills, {self.commands} commands"
            + (f"; a restart takes {median(self.starts):.2f} s" if self.starts else "")
        )

    def add(self, kept: invariants.Books, truth: Truth) -> None:
        """One kill: what stood in the ledger when it came."""
        self.kills += 1
        doubtful = [row for row in kept.orders.values() if row["state"] in invariants.IN_DOUBT]
        self.in_flight += bool(doubtful)
        self.partial += _partial(kept, truth)
        self.command += any(row["state"] == "accepted" for row in kept.commands.values())


def _partial(kept: invariants.Books, truth: Truth) -> bool:
    """An order that filled in part and is not over in the ledger, or a round trip that was left in part."""
    named = truth.named()
    booked: Counter[str] = Counter()
    for fill in kept.fills:
        booked[fill["order_id"]] += 1
    for name, row in kept.orders.items():
        shown = named.get(name)
        if row["state"] in invariants.ENDED or not shown or Decimal(shown[0]["executed"]) <= 0:
            continue
        if shown[0]["state"] != "filled" or booked[name] < len(shown[0]["trade_ids"]):
            return True
    opened = {row["trip"] for row in kept.positions}
    return any(
        row["leg"] == "exit" and row["trip"] in opened and 0 < Decimal(row["filled"]) < Decimal(row["quantity"])
        for row in kept.orders.values()
    )


class Arena:
    """One simulator and one nursery for many data folders."""

    def __init__(self, seed: int = 7) -> None:
        self.simulator = Simulator("--seed", str(seed), "--speed", str(SPEED))
        self.nursery = Nursery()
        self.witness = Witness(self.simulator.admin)

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.nursery.close()
        self.witness.close()
        self.simulator.end()


@dataclass
class Epoch:
    """One data folder and what became of it over many lives. bug: planted in every life."""

    arena: Arena
    home: Path
    seed: int
    bug: str = ""
    knobs: Mapping[str, object] = field(default_factory=lambda: BUSY)
    hits: Hits = field(default_factory=Hits)
    handed_in: list[str] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=lambda: {"rules": [], "seed": 0})
    lives: int = 0
    held_back: bool = False
    """A command has stopped entries, and none has let them go on."""
    born: float = 0.0
    cold: bool = False
    later_s: float = 0.0
    """How far the bot's wall clock is ahead of the machine's: every start comes after a while without a bot."""

    def __post_init__(self) -> None:
        """A fresh folder, a fresh account with foreign coins, a calm venue."""
        self.chance = random.Random(f"epoch:{self.seed}")
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / ".env").write_text("# test\n")
        (self.home / ".env").chmod(0o600)
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.arena.simulator.calm_down(SPEED)
        self.arena.simulator.post("/options", limits=False, block_seconds=0, cancel_delay=0.0)
        foreign = {asset: f"{quantity:f}" for asset, quantity in FOREIGN.items()}
        self.arena.simulator.post("/account", set=foreign, average_price=dict.fromkeys(foreign, "1000"))
        self.arena.witness.begin()

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    def environment(self) -> dict[str, str]:
        """Knobs and keys that must not show anywhere."""
        found = {f"HAETAE_{name.upper()}": str(value) for name, value in self.knobs.items()}
        return found | {"UPBIT_ACCESS_KEY": SECRETS[0], "UPBIT_SECRET_KEY": SECRETS[1]}

    # -- lives -----------------------------------------------------------------------------------------------------

    def disturb(self, plan: dict[str, Any]) -> None:
        """From now on these faults."""
        self.plan = plan
        self.arena.simulator.post("/faults", **plan)

    def start(self, kill_at: str = "", cold: bool = False, after_s: float = 0.0) -> Life:
        """A life. kill_at: "J4:2"; cold: a fresh interpreter; after_s: seconds without a bot before it."""
        self.later_s += after_s
        self.lives += 1
        self.born, self.cold = time.monotonic(), cold
        args = ("run", "--simulator", self.arena.simulator.admin, "--data-dir", str(self.data))
        env = self.environment() | ({"BOT_KILL_AT": kill_at} if kill_at else {})
        if cold:
            self.hits.cold += 1
            return self.arena.nursery.cold(self.home, args, self.later_s, **env)
        return self.arena.nursery.fork(self.home, args, self.bug, self.later_s, **env)

    def begun(self, life: Life) -> None:
        """Waits until this life steps; how the venue is by then is its own affair."""

        def look() -> bool:
            assert life.alive(), f"it ended with {life.code}: {self.complaint()}\n{self.told()}"
            return self.status().get("pid") == life.pid

        until(look, f"a first step; {self.complaint()}", 60.0)
        if not self.cold:
            self.hits.starts.append(time.monotonic() - self.born)

    def ready(self, life: Life, patience_s: float = 60.0) -> bool:
        """Waits until this life trades; False when it ended before."""

        def look() -> str | None:
            if not life.alive():
                return "ended"
            status = self.status()
            return "ready" if status.get("pid") == life.pid and self._reconciled(status) else None

        return until(look, f"a ready bot; {self.complaint()}", patience_s) == "ready"

    def _reconciled(self, status: dict[str, Any]) -> bool:
        venue = status["venues"]["upbit"]
        return venue["state"] == "ready" or venue["detail"].startswith("unresolved")

    def killed(self, life: Life) -> None:
        """kill -9 now (or it has just died at a point); then everything that must hold at any moment."""
        life.kill()
        if life.code != -9:
            raise AssertionError(f"the bot ended by itself with {life.code}: {self.complaint()}\n{self.told()}")
        self._check(lambda truth: self.hits.add(self._judge(truth), truth))

    def _judge(self, truth: Truth) -> invariants.Books:
        return invariants.killed(self.data, truth, SECRETS)

    def settle(self) -> invariants.Books:
        """The venue is calm, time has passed: a last life brings everything to its end and stops in order."""
        self.disturb({"rules": [], "seed": 0})
        self.arena.simulator.post("/clock", speed=20)
        # Its order of stopping entries is the first thing it hears.
        self.hand_in("pause", {})
        life = self.start(after_s=LONGER_S)
        assert self.ready(life), f"it ended with {life.code}: {self.complaint()}\n{self.told()}"
        invariants.one_holder(self.data)
        until(self._quiet, f"an end of everything: {self.told()}\n{self.unfinished()}", 90.0)
        self.tell_end(life)
        return self._check(self._finished)

    def tell_end(self, life: Life) -> None:
        """SIGTERM, and the exit code of an end in order."""
        life.tell(signal.SIGTERM)
        assert life.wait(60.0), "it does not stop"
        assert life.code == 0, (life.code, self.complaint())

    def _finished(self, truth: Truth) -> invariants.Books:
        kept = invariants.settled(
            self.data, truth, start_cash=CASH, foreign=FOREIGN, handed_in=self.handed_in, secrets=SECRETS
        )
        self.hits.orders += len(kept.orders)
        self.hits.fills += len(kept.fills)
        self.hits.commands += len(kept.commands)
        return kept

    def _check(self, judge: Callable[[Truth], Any]) -> Any:
        try:
            return judge(self.arena.witness.look())
        except invariants.Broken as error:
            raise invariants.Broken(f"{error}\n{self.told()}") from None

    # -- people ----------------------------------------------------------------------------------------------------

    def hand_in(self, kind: str, args: dict[str, Any]) -> None:
        """A command by the controllers' own way."""
        name = f"e{self.seed}-{len(self.handed_in)}"
        try:
            now_ms = time.time_ns() // 1_000_000 + int(1000 * self.later_s)
            send(self.data, kind, args, "dashboard:test", now_ms, 600_000, command_id=name)
        except CommandNotSent:
            return
        self.handed_in.append(name)

    def order_something(self) -> None:
        """One random command."""
        symbol = self.chance.choice(SYMBOLS)
        amount = self.chance.choice((20_000, 50_000, 120_000))
        kind, args = self.chance.choice(
            (
                ("enter", {"venue": "upbit", "symbol": symbol, "amount": amount}),
                ("enter", {"venue": "upbit", "symbol": symbol, "amount": amount}),
                ("enter", {"venue": "upbit", "symbol": symbol, "amount": amount}),
                ("liquidate", {"symbols": [symbol]}),
                ("adopt", {"venue": "upbit", "symbol": symbol, "price": self.price(symbol)}),
                ("set", {"knob": "max_hold_minutes", "value": self.chance.randint(1, 4)}),
                ("pause", {}),
                ("resume", {}),
                ("resume", {}),
                ("resume", {}),
            )
        )
        if self.held_back and kind != "pause" and self.chance.random() < 0.7:
            kind, args = "resume", {}
        self.held_back = kind in ("pause", "liquidate") or (self.held_back and kind != "resume")
        self.hand_in(kind, args)

    def price(self, symbol: str) -> int:
        """About the last price, in whole won."""
        base, _, quote = symbol.partition("/")
        prices = self.arena.witness.look().prices
        return max(1, int(prices[f"{quote}-{base}"]))

    def trade_by_hand(self) -> None:
        """The account's owner buys some coins of a kind that the bot trades, or sells some that are not the bot's."""
        asset = self.chance.choice(sorted(FOREIGN))
        if self.chance.random() < 0.5:
            trade: dict[str, str] = {"side": "buy", "amount": "30000"}
        else:
            trade = {"side": "sell", "quantity": f"{FOREIGN[asset] / 50:f}"}
        # Refused where too little is free: the bot may have adopted and sold those coins.
        order = {"trade": trade | {"market": f"KRW-{asset}"}}
        httpx.post(f"{self.arena.simulator.admin}/account", json=order, timeout=30.0)

    # -- looking ---------------------------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """bot_status.json; {} while there is none. A torn one is a breach, found by whoever reads."""
        try:
            found: dict[str, Any] = json.loads((self.data / "bot_status.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise invariants.Broken(f"I4: bot_status.json: {error}\n{self.told()}") from None
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger beside the running bot."""
        with closing(sqlite3.connect(f"file:{self.data / 'ledger.db'}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(query).fetchall()

    def unfinished(self) -> list[tuple[Any, ...]]:
        """Orders and commands under way."""
        ended = "','".join(sorted(invariants.ENDED))
        return [
            *self.rows(f"select id, state, detail from orders where state not in ('{ended}')"),
            *self.rows("select id, kind, state from commands where state = 'accepted'"),
            *[(path.name,) for path in self.data.glob("command*.json")],
        ]

    def _quiet(self) -> bool:
        return self.status()["venues"]["upbit"]["state"] == "ready" and not self.unfinished()

    def intrude(self) -> None:
        """Another start on the same folder while one lives: refused, and said in a sentence. I8."""
        second = self.start()
        assert second.wait(60.0), "two bots on one folder"
        if second.code != 3:
            raise invariants.Broken(f"I8: a second start ended with {second.code}\n{self.complaint()}\n{self.told()}")
        invariants.one_holder(self.data)

    def complaint(self) -> str:
        """What the lives said on stderr, the end of it."""
        path = self.home / "err.txt"
        return path.read_text("utf-8")[-3000:] if path.exists() else ""

    def told(self) -> str:
        """Enough to repeat the run."""
        return f"epoch seed {self.seed}, life {self.lives}, bug {self.bug!r}, plan {json.dumps(self.plan)}, {self.home}"

    def clean(self) -> None:
        """Removes the folder of an epoch that held."""
        shutil.rmtree(self.home, ignore_errors=True)
