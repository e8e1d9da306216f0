"""The commands `optimize` and `walk-forward`: their options, what runs, what is printed and written."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.texts import text
from trading.backtest import inputs, sweep_report, walk_forward_report
from trading.backtest.executors import Crew
from trading.backtest.grid import EXAMPLE, MOST_TRIALS, grid
from trading.backtest.inputs import Subject
from trading.backtest.optimize import Outcome, Plan, Told, luck, optimize, planned, split
from trading.backtest.report import Heading, write_trades
from trading.backtest.resume import Journal, default_path, fingerprint
from trading.backtest.sweep_html import write_sweep
from trading.backtest.trials import Span
from trading.backtest.walk_forward import GridChoice, WalkForwardAnalyzer, duration, usable, windows
from trading.backtest.walk_forward_report import Walked
from trading.backtest.whole_file import check_targets
from trading.core.calendar import timeframe_name
from trading.core.errors import BadInput
from trading.core.rules import RULES

STOPPED: Final = 130  #: exit code after Ctrl-C, as shells have it

T = TypeVar("T")


def add_optimize(command: argparse.ArgumentParser) -> None:
    """Options of `optimize`."""
    _add_shared(command)
    command.add_argument(
        "--out-of-sample", default="0.3", metavar="SHARE", help="last share of the time, for the ranking; default 0.3"
    )
    command.add_argument("--top", default="10", metavar="N", help="lines of the table; default 10")
    command.add_argument("--json", type=Path, metavar="FILE", help="every combination for machines")
    command.add_argument("--html", type=Path, metavar="FILE", help="ranking and heat map for people, one file")
    command.add_argument("--csv", type=Path, metavar="FILE", help="every combination, one a line")


def add_walk_forward(command: argparse.ArgumentParser) -> None:
    """Options of `walk-forward`."""
    _add_shared(command)
    command.add_argument("--train", required=True, metavar="TIME", help="past to choose from: 60d, 12h, 4w")
    command.add_argument("--test", required=True, metavar="TIME", help="what follows it, to try the choice on")
    command.add_argument("--anchored", action="store_true", help="every train span begins where the first does")
    command.add_argument("--json", type=Path, metavar="FILE", help="windows and figures for machines")
    command.add_argument("--trades", type=Path, metavar="FILE", help="stitched out-of-sample round trips as CSV")


def _add_shared(command: argparse.ArgumentParser) -> None:
    inputs.add_options(command)
    command.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help=f"a parameter or knob: first:last:step or a,b,c; repeat; e.g. {EXAMPLE}",
    )
    command.add_argument(
        "--trials", metavar="N", help=f"try N random combinations of the grid; default all, up to {MOST_TRIALS:,}"
    )
    command.add_argument("--seed", default="0", metavar="S", help="of --trials; default 0")
    command.add_argument("--workers", metavar="N", help="threads or processes; default: every core")
    command.add_argument("--cluster", metavar="ADDRESS", help="dask scheduler that runs the work, e.g. tcp://host:8786")
    command.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="keep what is done here, and go on from it; default: a file of this very search in data/research/, "
        "removed once the result is shown",
    )


def run_optimize(args: argparse.Namespace, given: Subject, argv: Sequence[str], lang: str) -> int:
    """0, or 130 after Ctrl-C. Raises BadInput, SettingError, OSError."""
    check_targets([path for path in (args.html, args.json, args.csv) if path])
    top = _whole("--top", args.top, 1)
    spans = split(given.series, _share(args.out_of_sample))
    plan = _plan(args, given, spans)

    def search(crew: Crew, journal: Journal, progress: Told) -> Outcome:
        return optimize(plan, crew, journal, progress)

    def tell(outcome: Outcome) -> None:
        chance = luck(outcome)
        heading = _heading(given, lang)
        sweep_report.show(Console(highlight=False), outcome, chance, top, heading)
        if args.html:
            write_sweep(args.html, outcome, chance, heading, shlex.join(["python", "run_backtest.py", *argv]))
        if args.json:
            sweep_report.write_json(args.json, outcome, chance)
        if args.csv:
            sweep_report.write_csv(args.csv, outcome)

    return _run(args, plan, search, tell, lang)


def run_walk_forward(args: argparse.Namespace, given: Subject, argv: Sequence[str], lang: str) -> int:
    """0, or 130 after Ctrl-C. Raises BadInput, SettingError, OSError."""
    check_targets([path for path in (args.json, args.trades) if path])
    candle_ms = max(series.candles.timeframe_ms for series in given.series)
    train_ms, test_ms = duration("--train", args.train), duration("--test", args.test)
    for option, raw, length in (("--train", args.train, train_ms), ("--test", args.test, test_ms)):
        if length < candle_ms:
            raise BadInput("walk_forward.under_candle", option=option, raw=raw, timeframe=timeframe_name(candle_ms))
    found = windows(usable(given.series, given.rule.strategy.warmup), train_ms, test_ms, args.anchored)
    plan = _plan(args, given, [window.train for window in found])

    def search(crew: Crew, journal: Journal, progress: Told) -> Walked:
        choice = GridChoice(plan, crew, journal, progress)
        tuned = WalkForwardAnalyzer(found, choice.fit, choice.evaluate).run(given.cash)
        unchanged = WalkForwardAnalyzer(found, choice.unchanged, choice.evaluate).run(given.cash)
        return Walked(plan.ground.grid, plan.tried, tuned, unchanged)

    def tell(walked: Walked) -> None:
        walk_forward_report.show(Console(highlight=False), walked, _heading(given, lang))
        if args.json:
            walk_forward_report.write_json(args.json, walked)
        if args.trades:
            write_trades(args.trades, walked.tuned.trades, given.names)

    return _run(args, plan, search, tell, lang)


def _plan(args: argparse.Namespace, given: Subject, spans: Sequence[Span]) -> Plan:
    trials = None if args.trials is None else _whole("--trials", args.trials, 1)
    over = grid(args.grid, given.rule, given.knobs)
    return planned(given.series, over, spans, given.cash, trials, _whole("--seed", args.seed, 0))


def _run(
    args: argparse.Namespace,
    plan: Plan,
    search: Callable[[Crew, Journal, Told], T],
    tell: Callable[[T], None],
    lang: str,
) -> int:
    """Searches under a progress bar, going on from what a file has kept, and tells the result."""
    crew = _crew(args)
    marks = fingerprint(plan.ground, plan.combinations)
    journal = Journal(args.resume or default_path(args.verb, marks), marks)
    stderr = Console(stderr=True, highlight=False, soft_wrap=True)
    total = len(plan.combinations)
    told = False

    def say(key: str) -> None:
        stderr.print(text(key, lang, done=len(journal.done), total=total, path=journal.path), markup=False)

    if journal.done:
        say("optimize.resumed")
    try:
        with _bar(stderr, lang) as progress:
            found = search(crew, journal, progress)
        tell(found)
        told = True
    except KeyboardInterrupt:
        say("optimize.stopped")
        return STOPPED
    finally:
        journal.close(remove=args.resume is None and (told or not journal.done))
    return 0


@contextmanager
def _bar(console: Console, lang: str) -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    quiet = not console.is_terminal
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False, disable=quiet
    ) as bar:
        task = bar.add_task(text("optimize.progress", lang), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _crew(args: argparse.Namespace) -> Crew:
    if args.workers is not None and args.cluster:
        raise BadInput("optimize.two_places")
    return Crew(None if args.workers is None else _whole("--workers", args.workers, 1), args.cluster)


def _whole(option: str, raw: str, low: int) -> int:
    try:
        number = int(raw)
    except ValueError:
        number = low - 1
    if number < low:
        raise BadInput("optimize.whole", option=option, raw=raw, low=low)
    return number


def _share(raw: str) -> float:
    try:
        share = float(raw)
    except ValueError:
        share = 0.0
    if not 0.0 < share < 1.0:
        raise BadInput("optimize.share", raw=raw)
    return share


def _heading(given: Subject, lang: str) -> Heading:
    timeframe = timeframe_name(given.series[0].candles.timeframe_ms)
    currency = RULES[given.venue].currency
    return Heading(given.rule.strategy.name, given.names, timeframe, currency, lang, given.knobs.palette)
