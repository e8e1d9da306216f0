"""The verbs `status` and `cmd`: clients of the files like any other controller."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from config.texts import text
from trading.core.ports import Clock
from trading.ipc import commands
from trading.ipc.readers import Snapshot, load
from trading.ipc.status import FILE, BotStatus

NOT_RUNNING = 5


def add_status(verb: argparse.ArgumentParser) -> None:
    """Options of `status`."""
    verb.add_argument("--json", action="store_true", help="the status file as it is")


def add_command(verb: argparse.ArgumentParser) -> None:
    """Options of `cmd`."""
    verb.add_argument("kind", metavar="KIND")
    verb.add_argument("args", nargs="*", metavar="NAME=VALUE")
    verb.add_argument("--timeout", type=float, default=10.0, metavar="S")


def _number(value: Decimal | None, places: int = 0) -> str:
    return "-" if value is None else f"{value:,.{places}f}"


def status(data_dir: Path, as_json: bool, lang: str, clock: Clock) -> int:
    """Prints what the bot does; 0 while it runs, 5 when it does not, 1 when its status cannot be read."""
    console, seen = Console(highlight=False), load(data_dir, clock.wall_ms())
    if as_json:
        try:
            sys.stdout.write((data_dir / FILE).read_text(encoding="utf-8"))
        except OSError:
            sys.stderr.write(text("main.status_absent", lang, data=data_dir) + "\n")
            return NOT_RUNNING
        return 0 if seen.alive else NOT_RUNNING
    age = round(seen.age_s or 0.0)
    if seen.life == "absent":
        console.print(text("main.status_absent", lang, data=data_dir))
        return NOT_RUNNING
    if seen.status.value is None:
        console.print(text("main.status_unreadable", lang, problem=seen.status.problem))
        return 1
    if seen.life == "dead":
        console.print(text("main.status_dead", lang, age=age), style="bold red")
    elif seen.life == "stopped":
        console.print(text("main.status_stopped", lang, age=age))
    _show(console, seen, seen.status.value, age, lang)
    return 0 if seen.alive else NOT_RUNNING


def _show(console: Console, seen: Snapshot, now: BotStatus, age: int, lang: str) -> None:
    percent = "-" if now.day_pnl_percent is None else f"{now.day_pnl_percent:+.2f}%"
    line = text(
        "main.status_line",
        lang,
        status=text(f"log.state.{now.status}", lang),
        mode=now.mode,
        equity=_number(now.equity_krw),
        day=_number(now.day_pnl_krw),
        percent=percent,
        age=age,
    )
    console.print(line)
    venues = Table()
    for name in ("venue", "state", "strategy", "trades", "positions"):
        venues.add_column(text(f"main.column_{name}", lang))
    for name, venue in now.venues.items():
        state = text(f"log.state.{venue.state}", lang) + (f" ({venue.detail})" if venue.detail else "")
        strategy = f"{venue.strategy} {venue.timeframe}"
        venues.add_row(name, state, strategy, str(venue.trades_today), str(venue.positions))
    console.print(venues)
    for name, read in seen.portfolios.items():
        if read.value is None or not read.value.details:
            continue
        held = Table(title=name)
        for column in ("symbol", "quantity", "entry", "last", "pnl", "stop"):
            held.add_column(text(f"main.column_{column}", lang), justify="left" if column == "symbol" else "right")
        for symbol, one in read.value.details.items():
            pnl = "-" if one.pnl is None else f"{one.pnl:,.0f} ({one.pnl_percent:+.2f}%)"
            figures = (f"{one.quantity:f}", _price(one.entry_price), _price(one.last_price), pnl, _price(one.stop))
            held.add_row(symbol, *figures)
        console.print(held)


def _price(value: Decimal | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value.normalize():f}"


def command(data_dir: Path, kind: str, given: Sequence[str], timeout: float, lang: str, clock: Clock) -> int:
    """Sends a command and waits: 0 done, 1 failed, refused or expired, 2 usage, 5 not running (taken back)."""
    pairs = {}
    for raw in given:
        name, equals, value = raw.partition("=")
        if not equals:
            sys.stderr.write(text("main.cmd_pair", lang, raw=raw) + "\n")
            return 2
        pairs[name] = value
    arguments = commands.as_arguments(pairs)
    checked = commands.check(kind, arguments)
    if isinstance(checked, commands.Refusal):
        sys.stderr.write(checked.text(lang) + "\n")
        return 2
    if not load(data_dir, clock.wall_ms()).alive:
        sys.stderr.write(text("main.cmd_not_running", lang) + "\n")
        return NOT_RUNNING
    try:
        by = f"cli:{getpass.getuser()}"
        expires = max(int(timeout * 1000), 1000)
        sent = commands.send(data_dir, kind, arguments, by, clock.wall_ms(), expires)
    except commands.CommandNotSent as error:
        sys.stderr.write(error.refusal.text(lang) + "\n")
        return 1
    outcome = commands.wait(data_dir, sent, timeout, clock.monotonic, time.sleep)
    if outcome is None:
        commands.take_back(data_dir, sent)
        sys.stderr.write(text("main.cmd_late", lang, timeout=f"{timeout:g}") + "\n")
        return NOT_RUNNING
    if not outcome.final:
        sys.stderr.write(text("main.cmd_accepted", lang, timeout=f"{timeout:g}") + "\n")
        return 1
    detail = outcome.detail_ko if lang == "ko" else outcome.detail_en
    state = text(f"main.state_{outcome.state}", lang)
    Console(highlight=False).print(text("main.cmd_state", lang, kind=kind, state=state, detail=detail), markup=False)
    return 0 if outcome.state == "done" else 1
