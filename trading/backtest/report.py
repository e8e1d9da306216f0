"""What a result looks like: tables for people in a terminal, JSON and CSV for machines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.texts import text
from trading.backtest.breakdown import Group, Month
from trading.backtest.metrics import Figures, Findings
from trading.backtest.moments import kst
from trading.backtest.palette import INK
from trading.backtest.series import Result
from trading.backtest.stress import Stressed
from trading.backtest.whole_file import write_whole
from trading.backtest.wording import CURVE, NONE, TRADES, Words, label, rate, reason_name, stress_lines, tone
from trading.core.portfolio import Trade

TRADE_COLUMNS: Final = (
    "symbol",
    "side",
    "entry_time_ms",
    "entry_price",
    "quantity",
    "exit_time_ms",
    "exit_price",
    "exit_reason",
    "fee",
    "pnl",
    "pnl_percent",
)
MONTHS: Final = 12  #: as many lines the terminal shows, the newest


@dataclass(frozen=True, slots=True)
class Heading:
    """What was run: for the first lines of a report. names: our symbol -> as the user wrote it.

    palette: colours of results, as the knob says.
    """

    strategy: str
    names: Mapping[str, str]
    timeframe: str
    currency: str
    lang: str
    palette: str = "korean"


def write_trades(path: Path, trades: Sequence[Trade], given: Mapping[str, str]) -> None:
    """One line per closed round trip. given: our symbol -> what `--symbol` said. pnl_percent is in percent.

    Raises BadInput where it cannot be written.
    """
    file = io.StringIO(newline="")
    lines = csv.writer(file)
    lines.writerow(TRADE_COLUMNS)
    for trade in trades:
        lines.writerow(
            (
                given[trade.symbol],
                trade.side,
                trade.entry_ms,
                float(trade.entry_price),
                float(trade.quantity),
                trade.exit_ms,
                float(trade.exit_price),
                trade.exit_reason,
                float(trade.fee),
                float(trade.pnl),
                float(trade.pnl_percent),
            )
        )
    write_whole(path, file.getvalue())


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """One JSON object; ratios are fractions, what does not exist is null. Raises BadInput if not writable."""
    write_whole(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def latch_line(result: Result, lang: str) -> str | None:
    """The first line of a report whose drawdown latch tripped."""
    latched = result.latches.get("drawdown_limit")
    if latched is None:
        return None
    return f"{text('backtest.latched', lang, date=kst(latched))} {text('report.latched_trades', lang)}"


def title(result: Result, heading: Heading) -> str:
    """What was run over which time."""
    start, end = (kst(int(result.times[at])) if len(result.times) else NONE for at in (0, -1))
    symbols = ", ".join(heading.names.values())
    named = {"strategy": heading.strategy, "symbols": symbols, "timeframe": heading.timeframe}
    return text("backtest.title", heading.lang, start=start, end=end, **named)


def show(
    console: Console,
    aside: Console,
    result: Result,
    findings: Findings,
    heading: Heading,
    notes: Iterable[str] = (),
) -> None:
    """Prints the result on `console`, the notes on `aside`; neither may read markup: symbols come from outside.

    A tripped drawdown latch is the first line.
    """
    lang, words = heading.lang, Words(heading.lang, heading.currency)
    if line := latch_line(result, lang):
        console.print(line, style="bold red", soft_wrap=True)
    for note in notes:
        aside.print(note, style="yellow")
    console.print(title(result, heading), style="bold", soft_wrap=True)
    for table in _tables(findings, heading, words):
        console.print()
        console.print(table)
    console.print()
    for sentence in _sentences(findings, words):
        console.print(sentence, soft_wrap=True)
    speed = text("backtest.speed_value", lang, bars=result.bars, seconds=result.seconds)
    console.print(f"{text('backtest.speed', lang)}: {speed}", style="dim")


def _sentences(findings: Findings, words: Words) -> Iterator[str]:
    """What a table cannot say."""
    if findings.stress and not any(one.case == "slippage" for one in findings.stress):
        yield text("report.no_slippage", words.lang)
    yield words.fall(findings.figures)
    yield words.doubt(findings.figures)
    if unknown := sum(one.other_pnl is None for one in findings.doubts):
        yield text("report.doubt_unknown", words.lang, count=unknown)


def _tables(findings: Findings, heading: Heading, words: Words) -> Iterator[Table]:
    yield _beside(findings.figures, heading, words)
    yield _figures(findings.figures, heading, words)
    if findings.stress:
        yield _stress(findings.stress, heading, words)
    if len(findings.symbols) > 1:
        symbols = [replace(one, name=heading.names[one.name]) for one in findings.symbols]
        yield _groups("symbol", symbols, heading, words)
    if findings.reasons:
        named = [replace(one, name=reason_name(one.name, words.lang)) for one in findings.reasons]
        yield _groups("reason", named, heading, words)
        yield _groups("month", findings.months, heading, words)


def _table(*columns: str) -> Table:
    """Left the names, right the numbers."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _toned(shown: str, palette: str) -> str:
    """The style of a result by its arrow; none where it has none."""
    up, down = INK.get(palette, INK["korean"])
    return {"up": up, "down": down, "": ""}[tone(shown)]


def _add(table: Table, palette: str, *cells: str) -> None:
    """A row whose results have their colour."""
    table.add_row(*[Text(cell, _toned(cell, palette)) for cell in cells])


def _beside(figures: Figures, heading: Heading, words: Words) -> Table:
    table = _table("", text("report.strategy", words.lang), text("report.holding", words.lang))
    for name, kind in CURVE.items():
        beside = figures[f"buy_and_hold_{name.removeprefix('net_')}"]
        cells = words.figure(figures[name], kind), words.figure(beside, kind)
        _add(table, heading.palette, label(name, words.lang), *cells)
    return table


def _figures(figures: Figures, heading: Heading, words: Words) -> Table:
    """Two figures a line."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "left", "right"):
        table.add_column(justify=justify)
    cells = [(label(name, words.lang), words.figure(figures[name], kind)) for name, kind in TRADES.items()]
    half = (len(cells) + 1) // 2
    for left, right in zip(cells[:half], [*cells[half:], ("", "")], strict=False):
        _add(table, heading.palette, *left, f"  {right[0]}", right[1])
    return table


def _stress(stress: Sequence[Stressed], heading: Heading, words: Words) -> Table:
    head, *rows = stress_lines(stress, words)
    table = _table(*head)
    for row in rows:
        _add(table, heading.palette, *row)
    return table


def _groups(kind: str, groups: Sequence[Group], heading: Heading, words: Words) -> Table:
    """Trades by kind; of months the newest, with the equity's return."""
    lang = words.lang
    names = [text(f"report.group.{name}", lang) for name in ("trades", "win_rate", "pnl")]
    if kind == "month":
        names.append(text("report.group.net_return", lang))
    table = _table(text(f"report.group.{kind}", lang), *names)
    hidden = max(0, len(groups) - MONTHS) if kind == "month" else 0
    if hidden:
        _add(table, heading.palette, text("report.more_rows", lang, count=hidden), *[""] * len(names))
    for group in groups[hidden:]:
        rates = [rate(group.net_return)] if isinstance(group, Month) else []
        cells = f"{group.trades:,}", words.figure(group.win_rate, "share"), words.gain(group.pnl)
        _add(table, heading.palette, group.name, *cells, *rates)
    return table
