"""Bots and simulators as processes: what a test starts here is gone when the test is over, whatever happened."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx

REPO = Path(__file__).resolve().parents[2]
LAUNCHER = Path(__file__).with_name("launcher.py")
PATIENCE_S = 40.0
POLL_S = 0.05
DEMO_SECRET = "demo-secret-of-the-local-simulator-only-0001"
T = TypeVar("T")

BUSY = {
    "max_hold_minutes": 3,
    "stop_loss_percent": 0.002,
    "take_profit_percent": 0.003,
    "max_orders_per_minute": 0,
    "slippage_alert": 0.0,
}
"""Knobs under which a fast practice market is traded all the time."""
QUIET = {
    "param_golden_cross": "false",
    "param_macd_exit": "false",
    "emergency_stop_percent": 0.15,
    "stop_loss_percent": 0.15,
    "take_profit_percent": 0.5,
    "symbols": "BTC/KRW,ETH/KRW,XRP/KRW",
}
"""Knobs under which only people's commands trade: the strategy has every option off."""


def until(look: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """What `look` gives once it gives something; fails with `what` after the deadline."""
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {patience_s:g} s: {what}"
        time.sleep(POLL_S)


def environment(**more: str) -> dict[str, str]:
    """The environment without what a developer's shell sets for the bot."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HAETAE_", "UPBIT_", "LIVE_"))}
    return kept | {"PYTHONPATH": str(REPO), "COLUMNS": "160"} | more


class Simulator:
    """A simulator process and its admin interface."""

    def __init__(self, *options: str, cwd: Path = REPO) -> None:
        command = [sys.executable, "-m", "exchanges.simulator", "--parent", str(os.getpid()), *options]
        self._process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, env=environment())
        assert self._process.stdout is not None
        self.admin: str = json.loads(self._process.stdout.readline())["admin"]
        self._client = httpx.Client(base_url=self.admin, timeout=10.0)

    def end(self) -> None:
        """Ends the process."""
        self._client.close()
        self._process.terminate()
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def post(self, path: str, **body: Any) -> Any:
        """An admin command; fails where the simulator refuses it."""
        reply = self._client.post(path, json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def truth(self, since: int = 0) -> dict[str, Any]:
        """What happened on the venue after the cursor."""
        reply: dict[str, Any] = self._client.get("/truth", params={"since": since}).raise_for_status().json()
        return reply

    def prices(self) -> dict[str, Decimal]:
        """Last price by market."""
        return {code: Decimal(price) for code, price in self.truth(1 << 62)["prices"]["upbit"].items()}

    def calm_down(self, speed: float) -> int:
        """Nothing resting, halted or held, 10,000,000 won, the given speed; the cursor of `truth` from here on."""
        self.post("/faults", rules=[], seed=0)
        truth = self.truth()
        for market in truth["prices"]["upbit"]:
            self.post("/market", market=market, halt=False, warn=False, offline=False, caution=[])
        self.post("/market", offline=False)
        assets = held(truth) - {"KRW"}
        self.post("/account", set=dict.fromkeys(assets, "0") | {"KRW": "10000000"})
        self.post("/account", average_price=dict.fromkeys(assets, "0"))
        self.post("/clock", speed=speed)
        self.post("/clock", run=True)
        return int(self.truth()["seq"])


def held(truth: Mapping[str, Any]) -> set[str]:
    """Assets the account has or had."""
    return set(truth["balances"]["upbit"])


class Home:
    """A folder of one bot: `.env`, data, logs."""

    def __init__(self, folder: Path, **knobs: object) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.logs = folder / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        self.knobs: dict[str, object] = dict(knobs)
        self.write_env()
        self._started: list[Bot] = []

    # -- settings ---------------------------------------------------------------------------------------------------

    def write_env(self, *extra: str, **changes: object) -> None:
        """Writes `.env` whole, in one move, as an editor does; None takes a knob out."""
        self.knobs = {name: value for name, value in (self.knobs | changes).items() if value is not None}
        lines = [f"HAETAE_{name.upper()}={value}" for name, value in self.knobs.items()]
        part = self.folder / ".env.part"
        part.write_text("# test\n" + "\n".join([*lines, *extra]) + "\n", encoding="utf-8")
        part.chmod(0o600)
        part.replace(self.folder / ".env")

    # -- processes --------------------------------------------------------------------------------------------------

    def start(self, *args: str, **env: str) -> Bot:
        """`main.py <args>` in the background."""
        bot = Bot(self, args, env)
        self._started.append(bot)
        return bot

    def call(self, *args: str, timeout_s: float = 60.0, **env: str) -> subprocess.CompletedProcess[str]:
        """`main.py <args>` to its end."""
        return subprocess.run(
            [sys.executable, str(LAUNCHER), *args],
            cwd=self.folder,
            env=environment(BOT_HOME=str(self.folder), **env),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def clean(self) -> None:
        """Kills what still runs."""
        for bot in self._started:
            bot.kill()

    # -- files ------------------------------------------------------------------------------------------------------

    def read(self, name: str) -> dict[str, Any] | None:
        """A JSON file of the data folder, numbers as Decimal; None while it is not there."""
        try:
            value: dict[str, Any] = json.loads((self.data / name).read_text("utf-8"), parse_float=Decimal)
        except FileNotFoundError:
            return None
        return value

    def status(self) -> dict[str, Any]:
        """bot_status.json; {} while it is not there."""
        return self.read("bot_status.json") or {}

    def portfolio(self) -> dict[str, Any]:
        """upbit_portfolio.json; waits until it is there."""
        return until(lambda: self.read("upbit_portfolio.json"), "upbit_portfolio.json")

    def outcome(self, **wanted: str) -> dict[str, Any] | None:
        """The newest final outcome that has these fields."""
        seen = self.read("outcomes.json") or {"outcomes": []}
        for one in reversed(seen["outcomes"]):
            if one["state"] != "accepted" and all(one.get(name) == value for name, value in wanted.items()):
                return dict(one)
        return None

    def hand_in(self, command: object, name: str = "command.json") -> None:
        """Writes the mailbox as a person with an editor would."""
        part = self.folder / "command.part"
        part.write_text(command if isinstance(command, str) else json.dumps(command), encoding="utf-8")
        part.replace(self.data / name)

    def order(self, kind: str, identity: str, **args: object) -> dict[str, Any]:
        """Hands a command in by file and waits for its end; an entry that met a candle being read is asked again."""
        for again in range(10):
            name = f"{identity}-again{again}" if again else identity
            self.hand_in({"id": name, "kind": kind, "args": args})
            found = until(lambda name=name: self.outcome(id=name), f"outcome of {kind} {args}")
            if found["effect"].get("gate") != "fresh_data":
                break
        return found

    def log(self) -> str:
        """The log for people."""
        path = self.logs / "trading_bot.log"
        return path.read_text("utf-8") if path.exists() else ""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger, read beside the bot."""
        with closing(sqlite3.connect(f"file:{self.data / 'ledger.db'}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(query).fetchall()


class Bot:
    """One running main.py."""

    def __init__(self, home: Home, args: tuple[str, ...], env: Mapping[str, str]) -> None:
        self.home = home
        self._first: dict[str, int] | None = None
        self._out = home.folder / f"out-{time.monotonic_ns()}.txt"
        self._err = self._out.with_suffix(".err")
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, str(LAUNCHER), *args],
                cwd=home.folder,
                env=environment(BOT_HOME=str(home.folder), **env),
                stdout=out,
                stderr=err,
            )

    @property
    def said(self) -> str:
        """Its stdout so far."""
        return self._out.read_text("utf-8")

    @property
    def complained(self) -> str:
        """Its stderr so far."""
        return self._err.read_text("utf-8")

    def ready(self) -> Bot:
        """Waits until this process trades: its own status, a reconciled venue."""

        def look() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.complained}{self.said}"
            status = self.home.status()
            mine = status.get("pid") == self.process.pid and status["status"] in ("running", "paused")
            return mine and status["venues"]["upbit"]["state"] == "ready" and not self.waiting_for_prices(status)

        until(look, f"a ready bot; it said {self.said}{self.complained}")
        return self

    def waiting_for_prices(self, status: Mapping[str, Any]) -> bool:
        """A symbol's second row of this life is still to be decided: until the stream has brought a candle whole, an
        entry may meet the gate of fresh data."""
        decided = (self.home.read("decisions.json") or {"venues": {}})["venues"].get("upbit", {})
        rows = {symbol: one["candle_ms"] for symbol, one in decided.items()}
        if not rows or not all(rows.values()):
            return True
        if self._first is None:
            self._first = rows
        return any(candle_ms <= self._first.get(symbol, 0) for symbol, candle_ms in rows.items())

    def end(self, number: int = signal.SIGTERM, code: int = 0) -> None:
        """Asks it to end and checks how it did."""
        self.process.send_signal(number)
        self.wait(code)

    def wait(self, code: int = 0, patience_s: float = PATIENCE_S) -> None:
        """Waits for its end by itself; no traceback, whatever the code."""
        got = self.process.wait(patience_s)
        assert "Traceback" not in self.complained, self.complained
        assert got == code, (got, self.complained, self.said)

    def kill(self) -> None:
        """kill -9."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@contextmanager
def simulator(*options: str) -> Iterator[Simulator]:
    """A simulator for the block."""
    one = Simulator(*options)
    try:
        yield one
    finally:
        one.end()


@contextmanager
def home(folder: Path, **knobs: object) -> Iterator[Home]:
    """A home for the block."""
    one = Home(folder, **knobs)
    try:
        yield one
    finally:
        one.clean()
