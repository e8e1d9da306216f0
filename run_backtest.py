"""Composition root of research: `python run_backtest.py run --data FILE ...`. Exit codes: 0 ok, 2 refused input."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.console import Console

from config.errors import SettingError
from config.texts import text
from config.values import Knobs
from config.venues import VENUES
from trading.backtest import inputs, metrics, report
from trading.backtest.compare import compare
from trading.backtest.compare_report import show_comparison, write_comparison
from trading.backtest.doctor import examine, healthy, show_findings, write_findings
from trading.backtest.engine import backtest
from trading.backtest.fast import is_ready
from trading.backtest.html_report import Page, write_html
from trading.backtest.inputs import Subject
from trading.backtest.lived_day import read_day
from trading.backtest.metrics import Findings
from trading.backtest.provenance import Setup
from trading.backtest.series import Result, Series, prepare
from trading.backtest.stress import stress
from trading.backtest.whole_file import check_targets
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
    run.add_argument("--html", type=Path, metavar="FILE", help="a report for people, one self-contained file")
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


def run(args: argparse.Namespace, argv: Sequence[str], lang: str, started: float) -> None:
    """One backtest: load, replay, report. Raises BadInput, SettingError."""
    check_targets([path for path in (args.trades, args.html, args.json) if path])
    given = _with_series(inputs.subject(args, lang), lang)
    if not args.exact and not is_ready():
        _note(text("backtest.compiling", lang))
    prepared = prepare(given.series, given.rule)
    result = backtest(prepared, given.knobs, given.cash, args.exact)
    findings = metrics.examine(result, given.series, given.knobs)
    if args.html or not (args.json or args.trades):  # files for machines alone stay quick
        findings = replace(findings, stress=stress(prepared, given.knobs, result))
    page = _page(args, argv, given, result, findings, lang)
    aside = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        _write(args, page, given, started)
    finally:  # a full disk does not cost the result
        console = Console(highlight=False, markup=False)
        report.show(console, aside, result, findings, page.heading, page.notes)
    if args.html:
        aside.print(text("report.written", lang, path=args.html))


def _page(
    args: argparse.Namespace, argv: Sequence[str], given: Subject, result: Result, findings: Findings, lang: str
) -> Page:
    """All that is told of a run."""
    closed = tuple(
        text("backtest.filter_closed", lang, name=name, knob=SWITCHES.get(name, "min_atr_percent"))
        for name in result.closed_filters
    )
    heading = report.Heading(
        given.rule.strategy.name,
        given.names,
        timeframe_name(given.series[0].candles.timeframe_ms),
        RULES[given.venue].currency,
        lang,
        given.knobs.palette,
    )
    setup = Setup(
        shlex.join(["python", "run_backtest.py", *argv]),
        _version(),
        "exact" if args.exact else "kernel",
        given.knobs,
        given.rule,
        given.series,
        given.names,
        tuple(zip(args.data, *([args.detail] if args.detail else []), strict=True)),
    )
    return Page(result, findings, heading, setup, (*given.notes, *closed))


def _write(args: argparse.Namespace, page: Page, given: Subject, started: float) -> None:
    """The files that were asked for."""
    if args.trades:
        report.write_trades(args.trades, page.result.trades, given.names)
    if args.html:
        write_html(args.html, page)
    if args.json:
        more = {
            "engine": page.setup.engine,
            "strategy": given.rule.strategy.name,
            "drawdown_latched_ms": page.result.latches.get("drawdown_limit"),
            "seconds_total": time.perf_counter() - started,
        }
        report.write_json(args.json, page.findings.document() | more)


def _version() -> str:
    """Of this program: as its source says, or as it was installed."""
    source = ROOT / "pyproject.toml"
    if source.exists():
        return str(tomllib.loads(source.read_text(encoding="utf-8"))["project"]["version"])
    return version("haetae")


def _compare(args: argparse.Namespace, lang: str) -> int:
    """0 every difference explained, 1 some are not. Raises BadInput."""
    comparison = compare(read_day(args.ledger, args.date, args.venue))
    show_comparison(Console(highlight=False), comparison, args.venue, args.date, lang)
    if args.json:
        write_comparison(args.json, comparison)
    return 1 if comparison.unexplained else 0


def _doctor(args: argparse.Namespace, lang: str) -> int:
    """0 no fault, 1 a fault. Raises BadInput, SettingError."""
    given = _with_series(inputs.subject(args, lang), lang)
    for note in given.notes:
        _note(note)
    findings, name = examine(given), given.rule.strategy.name
    show_findings(Console(highlight=False, soft_wrap=True), findings, name, lang)
    if args.json:
        write_findings(args.json, findings, name)
    return 0 if healthy(findings) else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 ok, 1 unexplained differences or a fault, 2 refused input."""
    started = time.perf_counter()
    lang = os.environ.get("HAETAE_LANGUAGE", "ko")
    given = list(sys.argv[1:] if argv is None else argv)
    args = parser().parse_args(given or ["run"])
    try:
        if args.verb == "compare":
            return _compare(args, lang)
        if args.verb == "doctor":
            return _doctor(args, lang)
        run(args, given or ["run"], lang, started)
    except (SettingError, BadInput) as error:
        print(error.text(lang), file=sys.stderr)  # noqa: T201 - the command's answer
        return 2
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's answer
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
