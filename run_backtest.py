"""Composition root of research: `python run_backtest.py run --data FILE ...`. Exit codes: 0 ok, 2 refused input."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from config.errors import SettingError
from config.texts import text
from config.values import Knobs
from config.venues import VENUES
from trading.backtest import inputs, metrics, report, tuning
from trading.backtest.compare import compare
from trading.backtest.compare_report import show_comparison, write_comparison
from trading.backtest.engine import backtest
from trading.backtest.inputs import Subject
from trading.backtest.lived_day import read_day
from trading.backtest.series import Result, Series, prepare
from trading.core.calendar import timeframe_name
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.filters import SWITCHES
from trading.core.rules import RULES, researched

ROOT = Path(__file__).resolve().parent


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="run_backtest.py", description=__doc__)
    verbs = top.add_subparsers(dest="verb")
    run = verbs.add_parser("run", help="replay recorded candles through the trader")
    inputs.add_options(run)
    run.add_argument(
        "--exact", action="store_true", help="the very objects that trade live, instead of the compiled kernel"
    )
    run.add_argument("--json", type=Path, metavar="FILE", help="figures for machines")
    run.add_argument("--trades", type=Path, metavar="FILE", help="closed round trips as CSV")
    tuning.add_optimize(verbs.add_parser("optimize", help="try a grid of values, rank them out of sample"))
    tuning.add_walk_forward(
        verbs.add_parser("walk-forward", help="choose from the past, try on what follows, window after window")
    )
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


def _subject(args: argparse.Namespace, lang: str) -> Subject:
    """What the options name, with what is to be said about it said. Raises BadInput, SettingError."""
    given = _with_series(inputs.subject(args, lang), lang)
    _warn(given.notes)
    return given


def _warn(notes: Iterable[str]) -> None:
    stderr = Console(stderr=True, highlight=False, soft_wrap=True)
    for note in notes:
        stderr.print(note, style="yellow", markup=False)


def run(args: argparse.Namespace, lang: str, started: float) -> None:
    """One backtest: load, replay, report. Raises BadInput, SettingError."""
    given = _subject(args, lang)
    result = backtest(prepare(given.series, given.rule), given.knobs, given.cash, args.exact)
    figures = metrics.figures(result, given.series, given.knobs)
    figures |= {"engine": "exact", "strategy": given.rule.strategy.name, "seconds_total": time.perf_counter() - started}
    figures["drawdown_latched_ms"] = result.latches.get("drawdown_limit")
    _tell(args, given, result, figures, lang)


def _tell(args: argparse.Namespace, given: Subject, result: Result, figures: metrics.Figures, lang: str) -> None:
    _warn(
        text("backtest.filter_closed", lang, name=name, knob=SWITCHES.get(name, "min_atr_percent"))
        for name in result.closed_filters
    )
    timeframe = timeframe_name(given.series[0].candles.timeframe_ms)
    currency = RULES[given.venue].currency
    heading = report.Heading(given.rule.strategy.name, tuple(given.names.values()), timeframe, currency, lang)
    report.show(Console(highlight=False), result, figures, heading)
    if args.trades:
        report.write_trades(args.trades, result.trades, given.names)
    if args.json:
        report.write_json(args.json, figures)


def _compare(args: argparse.Namespace, lang: str) -> int:
    """0 every difference explained, 1 some are not. Raises BadInput."""
    comparison = compare(read_day(args.ledger, args.date, args.venue))
    show_comparison(Console(highlight=False), comparison, args.venue, args.date, lang)
    if args.json:
        write_comparison(args.json, comparison)
    return 1 if comparison.unexplained else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 ok, 1 a comparison with unexplained differences, 2 refused input, 130 stopped by Ctrl-C."""
    started = time.perf_counter()
    lang = os.environ.get("HAETAE_LANGUAGE", "ko")
    given = list(sys.argv[1:] if argv is None else argv)
    args = parser().parse_args(given or ["run"])
    try:
        if args.verb == "compare":
            return _compare(args, lang)
        if args.verb == "optimize":
            return tuning.run_optimize(args, _subject(args, lang), lang)
        if args.verb == "walk-forward":
            return tuning.run_walk_forward(args, _subject(args, lang), lang)
        run(args, lang, started)
    except (SettingError, BadInput) as error:
        print(error.text(lang), file=sys.stderr)  # noqa: T201 - the command's answer
        return 2
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's answer
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
