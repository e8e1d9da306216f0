"""What a research command works on: knobs and rule, candles, cash, from its options. Refused with file, row, reason."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from config.research import for_backtest
from config.settings import load as load_settings
from config.texts import text
from config.values import Knobs
from config.venues import VENUES
from trading import strategies
from trading.backtest import candle_db, candle_file, funding_file
from trading.backtest.moments import kst
from trading.backtest.series import Series
from trading.core.calendar import MINUTE_MS, TIMEFRAMES, timeframe_ms, timeframe_name
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.rows import Rule, rule
from trading.core.rules import researched

ROOT: Final = Path(__file__).resolve().parents[2]
_FRAME: Final = re.compile(r"[-_]\d+[mhdw](?=[-_.]|$)")
"""Where the timeframe begins in the name of a candle file: KRW-BTC_1m, BTCUSDT-1h-2022, XRP_USDT_USDT-1h-mark."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is to be researched. series: of one venue, on one account of `cash` (its currency); empty: none was named.

    names: our symbol -> as the user wrote it. notes: what the user should know about the inputs, in his language.
    """

    venue: str
    rule: Rule
    knobs: Knobs
    cash: float
    series: tuple[Series, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def add_options(command: argparse.ArgumentParser) -> None:
    """The options every research command shares."""
    command.add_argument(
        "--data", action="append", default=[], metavar="FILE", help="candles: CSV, parquet, or candles.db; repeat"
    )
    command.add_argument(
        "--detail",
        action="append",
        default=[],
        metavar="FILE",
        help="what to execute on, one per --data: finer candles, or ticks (columns timestamp_ms,price[,quantity]; "
        "times may repeat, never fall)",
    )
    command.add_argument(
        "--funding", action="append", default=[], metavar="FILE", help="funding rates (futures), one per --data"
    )
    command.add_argument(
        "--mark", action="append", default=[], metavar="FILE", help="mark prices (futures), one per --data"
    )
    command.add_argument(
        "--etf", action="append", default=[], metavar="SYMBOL", help="a stock that pays no sell tax (ETF); repeat"
    )
    command.add_argument(
        "--symbol",
        action="append",
        default=[],
        help="one per --data; default: from the file name, in a .db the only one",
    )
    command.add_argument("--venue", choices=VENUES, default="upbit")
    command.add_argument("--timeframe", choices=list(TIMEFRAMES), help="default: the spacing of the candles")
    command.add_argument("--strategy", help="from the knobs' defaults and the strategy's own filters")
    command.add_argument("--preset", help="from a preset")
    command.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a strategy parameter; repeat"
    )
    command.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", dest="sets", help="a knob; repeat")
    command.add_argument("--cash", help="starting cash in the venue's currency")


def subject(args: argparse.Namespace, lang: str) -> Subject:
    """Reads what the options name. Raises BadInput, SettingError."""
    notes: list[str] = []
    knobs, chosen = _rule(args)
    series, names = _series(args, knobs, lang, notes) if args.data else ([], {})
    return Subject(args.venue, chosen, knobs, _cash(args, knobs), tuple(series), names, tuple(notes))


def pairs(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    """NAME=VALUE options as a mapping. Raises BadInput."""
    found = {}
    for raw in given:
        name, equals, value = raw.partition("=")
        if not equals or not name:
            raise BadInput("backtest.pair", option=option, raw=raw, example=example)
        found[name.strip()] = value.strip()
    return found


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
    sets = pairs("--set", args.sets, "take_profit_percent=0.05")
    if args.strategy or args.preset:
        knobs, params = for_backtest(args.preset, sets, args.venue)
    else:
        knobs, params = _configured(args.venue, sets)
    name = args.strategy or knobs.strategy or "macd"
    if args.strategy and args.strategy != knobs.strategy:
        params = {}
    params |= pairs("--param", args.param, "k=0.5")
    return knobs, rule(strategies.create(name, params), knobs)


def _load(path: Path, timeframe: str | None, lang: str, notes: list[str]) -> Candles:
    file = candle_file.load(path, timeframe_ms(timeframe) if timeframe else 1)
    if file.without_volume:
        notes.append(text("backtest.no_volume", lang, path=path))
    if file.outside:
        notes.append(text("backtest.outside", lang, path=path, count=file.outside))
    if not timeframe:
        return replace(file.candles, timeframe_ms=timeframe_ms(_spacing(path, file.candles)))
    steps = np.diff(file.candles.time)
    if len(steps) and steps.min() < file.candles.timeframe_ms:
        minutes = steps.min() / MINUTE_MS
        raise BadInput("backtest.finer", path=path, minutes=f"{minutes:g}", timeframe=timeframe)
    return file.candles


def _load_detail(path: Path, venue: str, symbol: str, lang: str, notes: list[str]) -> Candles:
    """Ticks, or candles of the timeframe that their spacing shows; of a database the shortest ones."""
    if candle_db.is_database(path):
        return candle_db.load_finest(path, venue, symbol)
    return candle_file.load_ticks(path).candles if candle_file.holds_ticks(path) else _load(path, None, lang, notes)


def _load_mark(path: Path, execution: Candles, lang: str, notes: list[str]) -> Candles:
    mark = _load(path, None, lang, [])
    if mark.timeframe_ms > execution.timeframe_ms:
        names = timeframe_name(mark.timeframe_ms), timeframe_name(execution.timeframe_ms)
        raise BadInput("backtest.mark_coarser", path=path, mark=names[0], timeframe=names[1])
    return mark


def _series(args: argparse.Namespace, knobs: Knobs, lang: str, notes: list[str]) -> tuple[list[Series], dict[str, str]]:
    symbols = args.symbol or [_named_by(Path(name)) for name in args.data]
    futures = args.venue == "binance_futures"
    if not futures and (args.funding or args.mark):
        raise BadInput("backtest.no_perpetual", venue=args.venue)
    beside = [(f"--{name}", getattr(args, name) or args.data) for name in ("detail", "funding", "mark")]
    for option, given in (("--symbol", symbols), *beside):
        if len(given) != len(args.data):
            raise BadInput("backtest.counts", data=len(args.data), option=option, count=len(given))
    all_series, named = [], {}
    for index, name in enumerate(args.data):
        timeframe = args.timeframe or knobs.timeframe if args.preset else args.timeframe
        if candle_db.is_database(Path(name)):
            symbol, candles = candle_db.load(Path(name), args.venue, symbols[index], timeframe)
        else:
            symbol, candles = symbols[index], _load(Path(name), timeframe, lang, notes)
        detail = _load_detail(Path(args.detail[index]), args.venue, symbol, lang, notes) if args.detail else None
        if detail is not None:
            _check_detail(candles, detail, lang, notes)
        instrument = researched(args.venue, symbol, knobs, symbol in args.etf)
        if instrument.symbol in named:
            raise BadInput("backtest.twice", symbol=instrument.symbol)
        named[instrument.symbol] = symbol
        funding = funding_file.load(Path(args.funding[index])) if args.funding else None
        mark = _load_mark(Path(args.mark[index]), detail or candles, lang, notes) if args.mark else None
        all_series.append(Series(instrument, candles, detail, funding, mark))
    return all_series, named


def _named_by(path: Path) -> str | None:
    """The symbol that a file's name begins with; a database has no such name."""
    if candle_db.is_database(path):
        return None
    name = _FRAME.split(path.stem)[0]
    return name.split("_")[0] if "-" in name or "_" not in name else "/".join(name.split("_")[:2])


def _check_detail(candles: Candles, detail: Candles, lang: str, notes: list[str]) -> None:
    if detail.timeframe_ms >= candles.timeframe_ms or candles.timeframe_ms % detail.timeframe_ms:
        finer, coarser = timeframe_name(detail.timeframe_ms), timeframe_name(candles.timeframe_ms)
        raise BadInput("backtest.not_multiple", detail=finer, timeframe=coarser)
    start, end = int(detail.time[0]), int(detail.time[-1])
    if start > candles.time[0] or end + detail.timeframe_ms < candles.time[-1] + candles.timeframe_ms:
        notes.append(text("backtest.detail_shorter", lang, start=kst(start), end=kst(end)))


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
