"""Composition root of research: `python run_backtest.py run --data FILE ...`. Exit codes: 0 ok, 2 refused input."""

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
from config.research import for_backtest
from config.settings import load as load_settings
from config.texts import text
from config.values import Knobs
from config.venues import VENUES
from trading import strategies
from trading.backtest import candle_file, metrics, report
from trading.backtest.compare import compare
from trading.backtest.compare_report import show_comparison, write_comparison
from trading.backtest.lived_day import read_day
from trading.backtest.replay import Result, Series, replay
from trading.core.calendar import MINUTE_MS, TIMEFRAMES, timeframe_ms, timeframe_name
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.filters import SWITCHES
from trading.core.rows import Rule, rule
from trading.core.rules import RULES, researched

ROOT = Path(__file__).resolve().parent


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="run_backtest.py", description=__doc__)
    verbs = top.add_subparsers(dest="verb")
    run = verbs.add_parser("run", help="replay recorded candles through the trader")
    run.add_argument("--data", action="append", default=[], metavar="FILE", help="candles, CSV or parquet; repeat")
    run.add_argument(
        "--detail",
        action="append",
        default=[],
        metavar="FILE",
        help="what to execute on, one per --data: finer candles, or ticks (columns timestamp_ms,price[,quantity]; "
        "times may repeat, never fall)",
    )
    run.add_argument("--symbol", action="append", default=[], help="one per --data; default: from the file name")
    run.add_argument("--venue", choices=VENUES, default="upbit")
    run.add_argument("--timeframe", choices=list(TIMEFRAMES), help="default: the spacing of the candles")
    run.add_argument("--strategy", help="from the knobs' defaults and the strategy's own filters")
    run.add_argument("--preset", help="from a preset")
    run.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="a strategy parameter; repeat")
    run.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="sets", help="a knob; repeat")
    run.add_argument("--cash", help="starting cash in the venue's currency")
    run.add_argument("--exact", action="store_true", help="the exact replay (today the only engine)")
    run.add_argument("--json", type=Path, metavar="FILE", help="figures for machines")
    run.add_argument("--trades", type=Path, metavar="FILE", help="closed round trips as CSV")
    beside = verbs.add_parser("compare", help="replay a lived day and explain every difference")
    beside.add_argument("--ledger", type=Path, default=ROOT / "data" / "ledger.db", metavar="FILE")
    beside.add_argument("--date", required=True, metavar="YYYY-MM-DD", help="a day in KST, on the market's clock")
    beside.add_argument("--venue", choices=VENUES, default="upbit")
    beside.add_argument("--json", type=Path, metavar="FILE", help="figures and findings for machines")
    return top


def _pairs(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    pairs = {}
    for raw in given:
        name, equals, value = raw.partition("=")
        if not equals or not name:
            raise BadInput("backtest.pair", option=option, raw=raw, example=example)
        pairs[name.strip()] = value.strip()
    return pairs


def _spacing(path: Path, candles: Candles) -> str:
    steps = np.diff(candles.time)
    try:
        return timeframe_name(int(steps.min()))
    except ValueError:  # no two candles, or BadInput
        raise BadInput("backtest.no_timeframe", path=path) from None


def _configured(venue: str, sets: dict[str, str]) -> tuple[Knobs, dict[str, object]]:
    """The user's own settings, `--set` over them."""
    env = ROOT / ".env"
    settings = load_settings(env, ROOT / "data" / "tuned.env", os.environ, cli=dict(sets))
    return settings.knobs(venue), dict(settings.params(venue))


def _rule(args: argparse.Namespace) -> tuple[Knobs, Rule]:
    sets = _pairs("--set", args.sets, "take_profit_percent=0.05")
    if args.strategy or args.preset:
        knobs, params = for_backtest(args.preset, sets, args.venue)
    else:
        knobs, params = _configured(args.venue, sets)
    name = args.strategy or knobs.strategy or "macd"
    if args.strategy and args.strategy != knobs.strategy:
        params = {}
    params |= _pairs("--param", args.param, "k=0.5")
    return knobs, rule(strategies.create(name, params), knobs)


def _load(path: Path, timeframe: str | None, lang: str, notes: list[str]) -> Candles:
    file = candle_file.load(path, timeframe_ms(timeframe) if timeframe else 1)
    if file.without_volume:
        notes.append(text("backtest.no_volume", lang, path=path))
    if not timeframe:
        return replace(file.candles, timeframe_ms=timeframe_ms(_spacing(path, file.candles)))
    steps = np.diff(file.candles.time)
    if len(steps) and steps.min() < file.candles.timeframe_ms:
        minutes = steps.min() / MINUTE_MS
        raise BadInput("backtest.finer", path=path, minutes=f"{minutes:g}", timeframe=timeframe)
    return file.candles


def _load_detail(path: Path, lang: str, notes: list[str]) -> Candles:
    """Ticks, or candles of the timeframe that their spacing shows."""
    return candle_file.load_ticks(path).candles if candle_file.holds_ticks(path) else _load(path, None, lang, notes)


def _series(args: argparse.Namespace, knobs: Knobs, lang: str, notes: list[str]) -> tuple[list[Series], dict[str, str]]:
    symbols = args.symbol or [Path(name).stem.split("_")[0] for name in args.data]
    for option, given in (("--symbol", symbols), ("--detail", args.detail or args.data)):
        if len(given) != len(args.data):
            raise BadInput("backtest.counts", data=len(args.data), option=option, count=len(given))
    all_series, named = [], {}
    for index, name in enumerate(args.data):
        timeframe = args.timeframe or knobs.timeframe if args.preset else args.timeframe
        candles = _load(Path(name), timeframe, lang, notes)
        detail = _load_detail(Path(args.detail[index]), lang, notes) if args.detail else None
        if detail is not None:
            _check_detail(candles, detail, lang, notes)
        instrument = researched(args.venue, symbols[index], knobs)
        if instrument.symbol in named:
            raise BadInput("backtest.twice", symbol=instrument.symbol)
        named[instrument.symbol] = symbols[index]
        all_series.append(Series(instrument, candles, detail))
    return all_series, named


def _check_detail(candles: Candles, detail: Candles, lang: str, notes: list[str]) -> None:
    if detail.timeframe_ms >= candles.timeframe_ms or candles.timeframe_ms % detail.timeframe_ms:
        finer, coarser = timeframe_name(detail.timeframe_ms), timeframe_name(candles.timeframe_ms)
        raise BadInput("backtest.not_multiple", detail=finer, timeframe=coarser)
    start, end = int(detail.time[0]), int(detail.time[-1])
    if start > candles.time[0] or end + detail.timeframe_ms < candles.time[-1] + candles.timeframe_ms:
        notes.append(text("backtest.detail_shorter", lang, start=report.kst(start), end=report.kst(end)))


def _cash(args: argparse.Namespace, knobs: Knobs) -> float:
    if args.cash is None:
        return knobs.capital(args.venue)
    try:
        cash = float(args.cash)
    except ValueError:
        cash = 0.0
    if not 0.0 < cash < float("inf"):
        raise BadInput("backtest.cash", raw=args.cash)
    return cash


def _demo_series(knobs: Knobs, lang: str, notes: list[str]) -> tuple[list[Series], dict[str, str]]:
    """Generated prices of the simulator, for a first look without any file."""
    from exchanges.simulator.practice import practice_candles

    notes.append(text("backtest.demo", lang))
    instrument = researched("upbit", "KRW-BTC", knobs)
    rows = np.asarray(practice_candles(seed=7, hours=7 * 24), np.float64).T
    candles = Candles(rows[0].astype(np.int64), rows[1], rows[2], rows[3], rows[4], rows[5], 60_000)
    return [Series(instrument, candles)], {instrument.symbol: "KRW-BTC"}


def run(args: argparse.Namespace, lang: str, started: float) -> None:
    """One backtest: load, replay, report. Raises BadInput, SettingError."""
    notes: list[str] = []
    knobs, chosen = _rule(args)
    all_series, named = _series(args, knobs, lang, notes) if args.data else _demo_series(knobs, lang, notes)
    result = replay(all_series, chosen, knobs, _cash(args, knobs))
    figures = metrics.figures(result, all_series, knobs)
    figures |= {"engine": "exact", "strategy": chosen.strategy.name, "seconds_total": time.perf_counter() - started}
    figures["drawdown_latched_ms"] = result.account.latches.get("drawdown_limit")
    for name in result.closed_filters:
        knob = SWITCHES.get(name, "min_atr_percent")
        notes.append(text("backtest.filter_closed", lang, name=name, knob=knob))
    _tell(args, result, figures, chosen, all_series, named, notes, lang)


def _tell(
    args: argparse.Namespace,
    result: Result,
    figures: metrics.Figures,
    chosen: Rule,
    all_series: list[Series],
    named: dict[str, str],
    notes: list[str],
    lang: str,
) -> None:
    stderr = Console(stderr=True, highlight=False, soft_wrap=True)
    for note in notes:
        stderr.print(note, style="yellow", markup=False)
    timeframe = timeframe_name(all_series[0].candles.timeframe_ms)
    currency = RULES[args.venue].currency
    heading = report.Heading(chosen.strategy.name, tuple(named.values()), timeframe, currency, lang)
    report.show(Console(highlight=False), result, figures, heading)
    if args.trades:
        report.write_trades(args.trades, result.trades, named)
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
    """Exit code: 0 ok, 1 a comparison with unexplained differences, 2 refused input."""
    started = time.perf_counter()
    lang = os.environ.get("HAETAE_LANGUAGE", "ko")
    given = list(sys.argv[1:] if argv is None else argv)
    args = parser().parse_args(given or ["run"])
    try:
        if args.verb == "compare":
            return _compare(args, lang)
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
