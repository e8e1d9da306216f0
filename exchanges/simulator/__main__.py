"""`python -m exchanges.simulator`: starts the simulator, prints one JSON line when ready, serves until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import psutil

from config.texts import text
from exchanges.simulator.feed import DEFAULT_START_MS
from exchanges.simulator.replay import UnreadableCandles
from exchanges.simulator.server import Setup, Simulator
from exchanges.simulator.state import UnusableState

PARENT_SECONDS = 1.0


def _arguments(language: str) -> argparse.ArgumentParser:
    def about(name: str) -> str:
        return text(f"simulator.help_{name}", language)

    parser = argparse.ArgumentParser(prog="python -m exchanges.simulator", description=about("program"))
    parser.add_argument("--seed", type=int, default=7, help=about("seed"))
    parser.add_argument("--speed", type=float, default=10.0, help=about("speed"))
    parser.add_argument("--replay", type=Path, action="append", default=[], metavar="FILE", help=about("replay"))
    parser.add_argument("--symbol", action="append", default=[], metavar="KRW-BTC", help=about("symbol"))
    parser.add_argument("--state", type=Path, metavar="FILE", help=about("state"))
    parser.add_argument("--host", default="127.0.0.1", help=about("host"))
    parser.add_argument("--cash", default="10000000", metavar="KRW", help=about("cash"))
    parser.add_argument("--start", type=int, default=DEFAULT_START_MS, metavar="MS", help=about("start"))
    parser.add_argument("--parent", type=int, metavar="PID", help=about("parent"))
    parser.add_argument("--lang", choices=("ko", "en"), default=language, help=about("lang"))
    return parser


def _language(argv: list[str]) -> str:
    """The language is needed before the arguments are read: their help is in it."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--lang", choices=("ko", "en"), default="ko")
    return str(first.parse_known_args(argv)[0].lang)


class WrongUse(Exception):
    """Arguments that do not fit together; the text is for the user."""


def _setup(args: argparse.Namespace) -> Setup:
    """The setup the arguments ask for. Raises WrongUse."""
    if len(args.replay) != len(args.symbol):
        raise WrongUse(text("simulator.replay_pairs", args.lang, files=len(args.replay), symbols=len(args.symbol)))
    for symbol in args.symbol:
        if not symbol.startswith("KRW-") or len(symbol) < 5 or args.symbol.count(symbol) > 1:
            raise WrongUse(text("simulator.symbol_form", args.lang, symbol=symbol))
    if not 0 < args.speed <= 100_000:
        raise WrongUse(text("simulator.speed_range", args.lang, speed=args.speed))
    try:
        cash = Decimal(args.cash)
    except InvalidOperation:
        cash = Decimal(-1)
    if not cash.is_finite() or cash < 0:
        raise WrongUse(text("simulator.cash_number", args.lang, cash=args.cash))
    replays = tuple(zip(args.symbol, args.replay, strict=True))
    return Setup(args.seed, args.speed, replays, args.state, args.host, cash, args.start)


def _alive(parent: psutil.Process) -> bool:
    """Whether the very process (not another one with its number) still runs."""
    try:
        return parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _watch_parent(parent: psutil.Process, stop: asyncio.Event) -> None:
    """Sets `stop` once the parent is gone (an orphan must not live on)."""
    while _alive(parent):
        await asyncio.sleep(PARENT_SECONDS)
    stop.set()


async def _run(simulator: Simulator, parent: psutil.Process | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:
            # Windows has no signal handlers on the loop; the plain handler wakes it up all the same.
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
    addresses = await simulator.start()
    print(json.dumps(addresses), flush=True)  # noqa: T201 - the ready line is the program's output
    watcher = asyncio.create_task(_watch_parent(parent, stop)) if parent else None
    await simulator.serve(stop)
    if watcher is not None:
        watcher.cancel()
    await simulator.stop()


def main(argv: list[str] | None = None) -> int:
    """Runs the simulator. Exit codes: 0 ended in order, 1 runtime failure, 2 wrong arguments."""
    given = sys.argv[1:] if argv is None else argv
    args = _arguments(_language(given)).parse_args(given)
    try:
        # Looked up before anything that takes time: later its number may be another process's.
        parent = psutil.Process(args.parent) if args.parent else None
        asyncio.run(_run(Simulator(_setup(args)), parent))
    except psutil.NoSuchProcess:
        return _fail(text("simulator.no_parent", args.lang, pid=args.parent), 2)
    except WrongUse as wrong:
        return _fail(str(wrong), 2)
    except UnreadableCandles as wrong:
        reason = text("simulator.replay_unreadable", args.lang, path=wrong.path, line=wrong.line, reason=wrong.reason)
        return _fail(reason, 2)
    except UnusableState as wrong:
        return _fail(text("simulator.state_unusable", args.lang, path=args.state, reason=wrong), 1)
    except OSError as wrong:
        return _fail(text("simulator.os_error", args.lang, reason=wrong), 1)
    return 0


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)  # noqa: T201 - a person reads this on the terminal
    return code


if __name__ == "__main__":
    sys.exit(main())
