"""Composition root of research: `python run_backtest.py run --data FILE ...`. Exit codes: 0 ok, 1 found something wrong
(compare, doctor), 2 refused input, 130 stopped by Ctrl-C."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from config.errors import SettingError
from config.texts import text
from config.values import Knobs
from config.venues import VENUES
from trading.backtest import inputs, one_run, tuning
from trading.backtest.compare import compare
from trading.backtest.compare_report import show_comparison, write_comparison
from trading.backtest.doctor import examine, healthy, show_findings, write_findings
from trading.backtest.fast import is_ready
from trading.backtest.inputs import Subject
from trading.backtest.lived_day import read_day
from trading.backtest.series import Series
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.rules import researched

ROOT = Path(__file__).resolve().parent
STOPPED = 130


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="run_backtest.py", description=__doc__)
    verbs = top.add_subparsers(dest="verb")
    one_run.add_options(verbs.add_parser("run", help="replay recorded candles through the trader"))
    tuning.add_optimize(verbs.add_parser("optimize", help="try a grid of values, rank them out of sample"))
    tuning.add_walk_forward(
        verbs.add_parser("walk-forward", help="choose from the past, try on what follows, window after window")
    )
    doctor = verbs.add_parser("doctor", help="examine a strategy and its settings: what is wrong, why, what to do")
    inputs.add_options(doctor)
    doctor.add_argument("--json", type=Path, metavar="FILE", help="findings for machines")
    beside = verbs.add_parser("compare", help="replay a lived day and explain every difference")
    beside.add_argument("--ledger", type=Path, default=ROOT / "data" / "ledger.db", metavar="FILE")
    beside.add_argument("--date", required=True, metavar="YYYY-MM-DD", help="a day in KST, on the market's clock")
    beside.add_argument("--venue", choices=VENUES, default="upbit")
    beside.add_argument("--json", type=Path, metavar="FILE", help="figures and findings for machines")
    return top


def _demo_series(knobs: Knobs, lang: str, notes: list[str]) -> tuple[list[Series], dict[str, str]]:
    """Generated prices of the simulator, for a first look without any file."""
    from exchanges.simulator.practice import practice_candles

    notes.append(text("backtest.demo", lang))
    instrument = researched("upbit", "KRW-BTC", knobs)
    rows = np.asarray(practice_candles(seed=7, hours=7 * 24), np.float64).T
    candles = Candles(rows[0].astype(np.int64), rows[1], rows[2], rows[3], rows[4], rows[5], 60_000)
    return [Series(instrument, candles)], {instrument.symbol: "KRW-BTC"}


def _with_series(given: Subject, lang: str) -> Subject:
    """What was asked for; without any file the demo's generated prices."""
    if given.series:
        return given
    notes: list[str] = []
    series, names = _demo_series(given.knobs, lang, notes)
    return replace(given, series=tuple(series), names=names, notes=(*given.notes, *notes))


def _note(line: str) -> None:
    """Beside the result: a hint, on stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(line, style="yellow", markup=False)


def _subject(args: argparse.Namespace, lang: str) -> Subject:
    """What the options name, with what is to be said about it said. Raises BadInput, SettingError."""
    given = _with_series(inputs.subject(args, lang), lang)
    if not is_ready():
        _note(text("backtest.compiling", lang))
    return given


def _run(args: argparse.Namespace, argv: Sequence[str], lang: str, started: float) -> int:
    one_run.check(args)
    one_run.run(args, _subject(args, lang), argv, lang, started)
    return 0


def _search(args: argparse.Namespace, argv: Sequence[str], lang: str) -> int:
    given = _subject(args, lang)
    for note in given.notes:
        _note(note)
    search = tuning.run_optimize if args.verb == "optimize" else tuning.run_walk_forward
    return search(args, given, argv, lang)


def _compare(args: argparse.Namespace, lang: str) -> int:
    """0 every difference explained, 1 some are not. Raises BadInput."""
    comparison = compare(read_day(args.ledger, args.date, args.venue))
    show_comparison(Console(highlight=False), comparison, args.venue, args.date, lang)
    if args.json:
        write_comparison(args.json, comparison)
    return 1 if comparison.unexplained else 0


def _doctor(args: argparse.Namespace, lang: str) -> int:
    """0 no fault, 1 a fault. Raises BadInput, SettingError."""
    given = _subject(args, lang)
    for note in given.notes:
        _note(note)
    findings, name = examine(given), given.rule.strategy.name
    show_findings(Console(highlight=False, soft_wrap=True), findings, name, lang)
    if args.json:
        write_findings(args.json, findings, name)
    return 0 if healthy(findings) else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; see the module for exit codes."""
    started = time.perf_counter()
    lang = os.environ.get("HAETAE_LANGUAGE", "ko")
    given = list(sys.argv[1:] if argv is None else argv) or ["run"]
    args = parser().parse_args(given)
    try:
        if args.verb == "compare":
            return _compare(args, lang)
        if args.verb == "doctor":
            return _doctor(args, lang)
        return _run(args, given, lang, started) if args.verb == "run" else _search(args, given, lang)
    except KeyboardInterrupt:
        return STOPPED
    except (SettingError, BadInput) as error:
        print(error.text(lang), file=sys.stderr)  # noqa: T201 - the command's answer
        return 2
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's answer
        return 2


if __name__ == "__main__":
    sys.exit(main())
