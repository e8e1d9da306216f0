"""The command `run`: one backtest, its report for people and its files for machines."""

from __future__ import annotations

import argparse
import shlex
import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from config.texts import text
from trading.backtest import inputs, metrics, report
from trading.backtest.engine import backtest
from trading.backtest.html_report import Page, write_html
from trading.backtest.inputs import ROOT, Subject
from trading.backtest.metrics import Findings
from trading.backtest.provenance import Setup
from trading.backtest.series import Result, prepare
from trading.backtest.stress import stress
from trading.backtest.whole_file import check_targets
from trading.core.calendar import timeframe_name
from trading.core.filters import SWITCHES
from trading.core.rules import RULES


def add_options(command: argparse.ArgumentParser) -> None:
    """Options of `run`."""
    inputs.add_options(command)
    command.add_argument(
        "--exact", action="store_true", help="the very objects that trade live, instead of the compiled kernel"
    )
    command.add_argument("--json", type=Path, metavar="FILE", help="figures for machines")
    command.add_argument("--trades", type=Path, metavar="FILE", help="closed round trips as CSV")
    command.add_argument("--html", type=Path, metavar="FILE", help="a report for people, one self-contained file")


def check(args: argparse.Namespace) -> None:
    """Refuses a place that cannot be written, before anything runs. Raises BadInput."""
    check_targets([path for path in (args.trades, args.html, args.json) if path])


def run(args: argparse.Namespace, given: Subject, argv: Sequence[str], lang: str, started: float) -> None:
    """One backtest of `given` and its report. started: perf_counter when the program began. Raises BadInput."""
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
