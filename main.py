"""Composition root of the bot: settings -> venues -> desks -> loop. `python main.py` is `python main.py run`.

Exit codes: 0 ok, 1 runtime, 2 usage, 3 settings, stamp or second instance, 4 keys, 5 not reachable, 6 risk halt.
"""

from __future__ import annotations

if __name__ == "__main__":
    from config.at_start import listen

    listen()  # before the imports that take seconds on a loaded machine

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import httpx

from config.at_start import leave
from config.errors import SettingError
from config.first_run import ensure_env
from config.layers import Override
from config.settings import Settings, load, reload
from config.texts import text
from exchanges.connect import connect
from exchanges.history import candle_source
from exchanges.lockstep import InStep, LockStep
from exchanges.private_simulator import Addresses, NoSimulator, PrivateSimulator, addresses
from trading.core.errors import BadInput, TryLater
from trading.core.ports import Clock, Venue
from trading.live import download, report_command, terminal
from trading.live.bot import Ending
from trading.live.charge import charge_of
from trading.live.check import check
from trading.live.clock import SimulatedMarketClock, SystemClock, json_getter
from trading.live.compose import Life, compose, overrides_of
from trading.live.database import StartRefused
from trading.live.killpoint import killpoint
from trading.live.ledger import Stamp, archive_files, open_ledger
from trading.live.lock import DataFolderLock
from trading.live.log import LOGGER, Log, setup, shutdown
from trading.live.rebuild import rebuild

ROOT: Final = Path(__file__).resolve().parent
VERSION: Final = "0.1.0"
BUILT: Final = ("upbit",)
DEMO_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "upbit": ("demo-access", "demo-secret-of-the-local-simulator-only-0001")
}
"""Keys of the local simulator, open to everyone: they are worth nothing anywhere else."""
WORKER: Final = (sys.executable, "-m")
FASTEST_ROUND_S: Final = 0.2
LOCKSTEP_ROUND_S: Final = 60.0


class Stop(Exception):
    """A start that cannot be: the sentence for the user, and the exit code."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


EXPECTED: Final = (Stop, SettingError, StartRefused, BadInput, NoSimulator, TryLater)
"""Errors that have their own sentence and exit code."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="main.py", description=__doc__)
    top.add_argument("--data-dir", type=Path, default=ROOT / "data", metavar="DIR", help="default: data/")
    # Without a default of its own: a verb's default would replace what was said before the verb.
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="default: data/")
    verbs = top.add_subparsers(dest="verb")
    run = verbs.add_parser("run", parents=[shared], help="trade (the default)")
    run.add_argument("--mode", choices=("demo", "paper", "testnet", "live"))
    run.add_argument("--ticks", type=int, metavar="N", help="end after N steps")
    run.add_argument("--seed", type=int, metavar="N", help="seed of the practice market")
    run.add_argument("--speed", type=float, metavar="S", help="speed of the practice market (10)")
    run.add_argument("--replay", type=Path, action="append", default=[], metavar="FILE", help="candles to replay")
    run.add_argument(
        "--symbol",
        action="append",
        default=[],
        metavar="M",
        help="market of each --replay: KRW-BTC (default: its file name)",
    )
    run.add_argument("--simulator", metavar="ADMIN_URL", help="use a simulator that runs already")
    run.add_argument("--signals-only", action="store_true", help="decide and report, send nothing")
    run.add_argument("--lockstep", action="store_true", help="move the practice market only between steps")
    ask = verbs.add_parser("check", parents=[shared], help="look whether everything is right, change nothing")
    ask.add_argument("--explain", metavar="KNOB", help="what a knob means, its value and where it comes from")
    ask.add_argument("--order-test", action="store_true", help="let the venue check an order without placing it")
    terminal.add_status(verbs.add_parser("status", parents=[shared], help="what the bot does now"))
    terminal.add_command(verbs.add_parser("cmd", parents=[shared], help="send a command and wait for its outcome"))
    download.add_options(verbs.add_parser("download", parents=[shared], help="fetch past candles for research"))
    told = verbs.add_parser("report", parents=[shared], help="how the account did, and which targets were met")
    report_command.add_options(told)
    verbs.add_parser("rebuild", parents=[shared], help="write all JSON and history files again from the ledger")
    return top


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the terminal is where the user reads


# -- settings ----------------------------------------------------------------------------------------------------------


def _settings(args: argparse.Namespace, overrides: Sequence[Override] = ()) -> Settings:
    return load(ROOT / ".env", args.data_dir / "tuned.env", os.environ, overrides, _cli(args))


def _cli(args: argparse.Namespace) -> dict[str, object]:
    mode = getattr(args, "mode", None)
    return {"mode": mode} if mode else {}


def _fit(args: argparse.Namespace, settings: Settings) -> None:
    """Refuses what cannot be run. Raises Stop."""
    lang = settings.language
    own = [name for name in ("seed", "speed", "replay") if getattr(args, name)]
    if settings.mode != "demo" and (own or args.simulator):
        options = ", ".join(f"--{name}" for name in [*own, *(["simulator"] if args.simulator else [])])
        raise Stop(2, text("main.only_demo", lang, options=options))
    if args.simulator and own:
        options = ", ".join(f"--{name}" for name in own)
        raise Stop(2, text("main.simulator_and_own", lang, options=options))
    if args.replay and not args.symbol:
        args.symbol = [path.stem.split("_")[0] for path in args.replay]
    if len(args.replay) != len(args.symbol):
        raise Stop(2, text("main.replay_pairs", lang, files=len(args.replay), symbols=len(args.symbol)))
    if settings.mode not in ("demo", "live"):
        raise Stop(3, text("main.mode_not_built", lang, mode=settings.mode))
    for venue in settings.venues:
        if venue not in BUILT:
            raise Stop(3, text("main.venue_not_built", lang, venue=venue, known=", ".join(BUILT)))
        if settings.mode == "live" and settings.secrets.for_venue(venue) is None:
            names = ", ".join(settings.secrets.missing(venue))
            raise Stop(4, text("main.keys_missing", lang, venue=venue, mode=settings.mode, names=names))
        charge_of(settings, venue)  # a wrong strategy is said before anything is opened


# -- run ---------------------------------------------------------------------------------------------------------------


def run(args: argparse.Namespace) -> int:
    """One life of the bot; a restart replaces the process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    os.umask(0o077)  # whatever is written from here on is this user's alone
    if ensure_env(ROOT):
        _say(text("main.env_made", "ko"))
    settings = _settings(args)
    _fit(args, settings)
    with ExitStack() as stack:
        wall = SystemClock()
        lock = DataFolderLock(args.data_dir, wall.wall_ms())
        stack.callback(lock.release)
        try:
            ending = _live(args, settings, wall, stack)
        except EXPECTED:
            raise
        except Exception as error:
            logging.getLogger(LOGGER).critical("crashed", exc_info=error)  # the log closes with the stack
            raise
    if ending.reset:
        lock = DataFolderLock(args.data_dir, wall.wall_ms())
        archive_files(args.data_dir, settings.mode, wall.wall_ms())
        lock.release()
    if ending.restart:
        os.execv(sys.executable, [sys.executable, *sys.argv])
    _say(text("main.ended", settings.language, why=ending.why))
    return 6 if ending.halted else 0


def _live(args: argparse.Namespace, settings: Settings, wall: Clock, stack: ExitStack) -> Ending:
    """Opens everything under the lock, runs, and closes it in reverse."""
    lang = settings.language
    at = killpoint(os.environ)
    where, remember = _simulator(args, settings, stack)
    clock = _clock(where, stack, wall)
    opened = open_ledger(
        args.data_dir,
        _stamp(settings, where),
        wall.wall_ms(),
        settings.secrets.database_url(),
        settings.secrets.reveal("DB_SCHEMA") or "public",
        at,
    )
    ledger = opened.ledger
    stack.callback(ledger.close)
    remember()
    if opened.archived and opened.was:
        _say(text("main.archived", lang, was=opened.was.title(), folder=opened.archived))
    log = setup(_logs(args.data_dir), lang, settings.secrets.mask)
    stack.callback(shutdown)
    settings = _settings(args, overrides_of(ledger))
    for dropped in settings.dropped:
        ledger.drop_override(dropped.name, dropped.venue or "")
    speed = clock.speed if isinstance(clock, SimulatedMarketClock) else 1.0
    pace = _lockstep(where, clock) if args.lockstep and where else None
    life = Life(
        args.data_dir,
        (ROOT / ".env", args.data_dir / "tuned.env"),
        clock,
        ledger,
        log,
        at,
        _round_s(settings, speed, pace),
        VERSION,
        args.signals_only,
        pace,
        (*WORKER, "trading.backtest.compare_worker", str(args.data_dir.resolve() / "ledger.db")),
        (*WORKER, "trading.backtest.best_k_worker", str(args.data_dir.resolve() / "candles.db")),
    )
    bot = compose(life, settings, _reloader(args), _connector(settings, where, clock, stack, pace, at))
    _announce(settings, where, args.data_dir, speed, log)

    def on_signal(number: int, frame: object) -> None:
        bot.why = signal.Signals(number).name
        bot.stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return bot.run(args.ticks)


def _simulator(
    args: argparse.Namespace, settings: Settings, stack: ExitStack
) -> tuple[Addresses | None, Callable[[], None]]:
    """The practice exchange of demo mode, and what to call once the data folder is this run's own."""
    if settings.mode != "demo":
        return None, lambda: None
    if args.simulator:
        return addresses(args.simulator), lambda: None
    child = PrivateSimulator(
        args.data_dir,
        _logs(args.data_dir),
        parent=os.getpid(),
        seed=args.seed,
        speed=args.speed,
        replays=tuple(zip(args.replay, args.symbol, strict=True)),
    )
    stack.callback(child.end)
    return child.where, child.remember


def _clock(where: Addresses | None, stack: ExitStack, wall: Clock) -> Clock:
    if where is None:
        return wall
    client = stack.enter_context(httpx.Client())
    return SimulatedMarketClock(where.admin, json_getter(client), wall)


def _lockstep(where: Addresses, clock: Clock) -> LockStep:
    assert isinstance(clock, SimulatedMarketClock)
    return LockStep(where.admin, clock.refresh)


def _round_s(settings: Settings, speed: float, pace: LockStep | None) -> float:
    """Wall seconds of a round: at the market's speed in demo, as long as it takes in lock-step."""
    if pace is not None:
        return LOCKSTEP_ROUND_S
    seconds = settings.knobs().loop_seconds
    return max(seconds / speed, FASTEST_ROUND_S) if settings.mode == "demo" else seconds


def _stamp(settings: Settings, where: Addresses | None) -> Stamp:
    hosts, keys = {}, {}
    for venue in settings.venues:
        hosts[venue] = f"simulator {where.world}" if where else "real"
        secrets = None if where else settings.secrets.for_venue(venue)
        keys[venue] = secrets[0].fingerprint() if secrets else ""
    return Stamp(settings.mode, hosts, keys)


def _connector(
    settings: Settings,
    where: Addresses | None,
    clock: Clock,
    stack: ExitStack,
    pace: LockStep | None = None,
    at: Callable[[str], None] = lambda _label: None,
) -> Callable[[str, Mapping[str, int], Callable[[str, int], None]], Venue]:
    def open_venue(name: str, bans: Mapping[str, int], keep: Callable[[str, int], None]) -> Venue:
        secrets = settings.secrets.for_venue(name)
        key, secret = DEMO_KEYS[name] if where else (secrets[0].reveal(), secrets[1].reveal()) if secrets else ("", "")
        venue = connect(
            name,
            key=key,
            secret=secret,
            hosts=where.hosts[name] if where else None,
            clock=clock,
            lang=settings.language,
            blocked=bans,
            on_block=keep,
            killpoint=at,
        )
        stack.callback(venue.close)
        return venue if pace is None else InStep(venue, pace.expected, clock, time.sleep)

    return open_venue


def _reloader(args: argparse.Namespace) -> Callable[[Settings, Sequence[Override] | None], Settings]:
    def again(old: Settings, overrides: Sequence[Override] | None) -> Settings:
        return reload(old, ROOT / ".env", args.data_dir / "tuned.env", os.environ, overrides, _cli(args))

    return again


def _logs(data_dir: Path) -> Path:
    """logs/ beside the default data folder; inside any other one, so that two bots never share a log."""
    return ROOT / "logs" if data_dir.resolve() == ROOT / "data" else data_dir / "logs"


def _announce(settings: Settings, where: Addresses | None, data_dir: Path, speed: float, log: Log) -> None:
    lang, knobs = settings.language, settings.knobs(settings.venues[0])
    venues = ", ".join(settings.venues)
    fields = {"mode": settings.mode, "venues": venues, "strategy": knobs.strategy}
    for warning in settings.warnings:
        log.say("log.setting_notice", "warning", notice=warning.text(lang))
    if where:
        _say(text("main.simulator", lang, speed=f"{speed:g}"))
    _say(text("main.running", lang, **fields, timeframe=knobs.timeframe, data=data_dir))


# -- the other verbs ---------------------------------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    settings = _settings(args)
    clock = SystemClock()
    with ExitStack() as stack:
        opener = _connector(settings, None, clock, stack)
        return check(
            settings,
            args.explain,
            args.order_test,
            BUILT,
            lambda name: opener(name, {}, lambda *_: None),
            clock.wall_ms(),
        )


def _language(args: argparse.Namespace) -> str:
    """Of the settings, or of the environment where those cannot be read."""
    try:
        return _settings(args).language
    except (SettingError, OSError):
        return "en" if os.environ.get("HAETAE_LANGUAGE") == "en" else "ko"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb; every error that a user can cause ends in one sentence and its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    args = parser().parse_args(given)
    if args.verb is None:
        args = parser().parse_args(["run", *given])
    lang = _language(args)
    verbs: dict[str, Callable[[], int]] = {
        "run": lambda: run(args),
        "check": lambda: _check(args),
        "status": lambda: terminal.status(args.data_dir, args.json, lang, SystemClock()),
        "cmd": lambda: terminal.command(args.data_dir, args.kind, args.args, args.timeout, lang, SystemClock()),
        "download": lambda: download.command(args, lang, SystemClock(), candle_source),
        "report": lambda: report_command.report(args.data_dir, args.period, _settings(args)),
        "rebuild": lambda: rebuild(args.data_dir, lang, SystemClock()),
    }
    try:
        return verbs[args.verb]()
    except Stop as stop:
        code, said = stop.code, str(stop)
    except SettingError as error:
        code, said = 3, error.text(lang)
    except StartRefused as error:
        code, said = 3, text(error.key, lang, **error.values)
    except BadInput as error:
        code, said = 3, text("main.bad_strategy", lang, why=error.text(lang))
    except (NoSimulator, TryLater) as error:
        code, said = 5, text("main.no_simulator", lang, why=error)
    except Exception as error:
        logging.getLogger(LOGGER).critical("crashed", exc_info=error)
        code, said = 1, text("main.crashed", lang, why=f"{type(error).__name__}: {error}", log=_logs(args.data_dir))
    print(said, file=sys.stderr)  # noqa: T201 - the terminal is where the user reads
    return code


if __name__ == "__main__":
    sys.exit(main())
