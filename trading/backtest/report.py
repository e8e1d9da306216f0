"""What a result looks like: a table for people, JSON and CSV for machines."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from config.texts import text
from trading.backtest.metrics import Figures
from trading.backtest.series import Result
from trading.core.calendar import KST_MS
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
_PERCENT: Final = ("net_return", "buy_and_hold_return", "win_rate", "max_drawdown")
_SHOWN: Final = (
    "final_equity",
    "net_return",
    "buy_and_hold_return",
    "trades",
    "win_rate",
    "profit_factor",
    "max_drawdown",
    "sharpe",
    "fees",
    "ambiguous_trades",
    "open_positions",
)


@dataclass(frozen=True, slots=True)
class Heading:
    """What was run: for the first lines of a report."""

    strategy: str
    symbols: Sequence[str]
    timeframe: str
    currency: str
    lang: str


def kst(time_ms: int) -> str:
    """Date and time in KST, to the minute."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC) + timedelta(milliseconds=KST_MS)
    return moment.strftime("%Y-%m-%d %H:%M")


def write_trades(path: Path, trades: Sequence[Trade], given: Mapping[str, str]) -> None:
    """One line per closed round trip. given: our symbol -> what `--symbol` said. pnl_percent is in percent."""
    with path.open("w", encoding="utf-8", newline="") as file:
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


def write_json(path: Path, figures: Figures) -> None:
    """The figures as one JSON object; ratios are fractions, what does not exist is null."""
    path.write_text(json.dumps(figures, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _cell(name: str, value: float | int | str | None, currency: str) -> str:
    if value is None:
        return "-"
    if name in _PERCENT:
        return f"{float(value):+.2%}" if "return" in name else f"{float(value):.2%}"
    if name in ("final_equity", "fees"):
        return f"{float(value):,.0f} {currency}" if currency == "KRW" else f"{float(value):,.2f} {currency}"
    return f"{value:,}" if isinstance(value, int) else f"{float(value):.2f}"


def show(console: Console, result: Result, figures: Figures, heading: Heading) -> None:
    """Prints the result; a tripped drawdown latch is the first line."""
    lang = heading.lang
    if (latched := result.latches.get("drawdown_limit")) is not None:
        console.print(text("backtest.latched", lang, date=kst(latched)), style="bold red")
    title = text(
        "backtest.title",
        lang,
        strategy=heading.strategy,
        symbols=", ".join(heading.symbols),
        timeframe=heading.timeframe,
        start=kst(int(result.times[0])),
        end=kst(int(result.times[-1])),
    )
    table = Table(title=title, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name in _SHOWN:
        table.add_row(text(f"backtest.{name}", lang), _cell(name, figures[name], heading.currency))
    speed = text("backtest.speed_value", lang, bars=result.bars, seconds=result.seconds)
    table.add_row(text("backtest.speed", lang), speed)
    console.print(table)
