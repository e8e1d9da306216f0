"""What a comparison looks like: a table for people, JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from config.texts import catalogue, text
from trading.backtest.compare import Comparison
from trading.backtest.moments import kst
from trading.backtest.whole_file import write_whole


def _word(prefix: str, name: str, lang: str) -> str:
    key = f"compare.{prefix}.{name}"
    return text(key, lang) if key in catalogue() else name


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Everything as one JSON object; money in the venue's currency. Raises BadInput where it cannot be written."""
    whole = {**asdict(comparison), "unexplained": comparison.unexplained}
    write_whole(path, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


def show_comparison(console: Console, comparison: Comparison, venue: str, date: str, lang: str) -> None:
    """Prints the figures, and each difference with its cause."""
    counts = {"lived": comparison.lived, "ideal": comparison.ideal, "same": comparison.same}
    console.print(text("compare.title", lang, date=date, venue=venue, **counts))
    lived, ideal = comparison.lived_pnl, comparison.ideal_pnl
    console.print(text("compare.pnl", lang, lived=f"{lived:,.2f}", ideal=f"{ideal:,.2f}", gap=f"{lived - ideal:+,.2f}"))
    if not comparison.findings:
        console.print(text("compare.none", lang))
        return
    table = Table()
    for column in ("symbol", "entry", "what", "cause", "detail"):
        table.add_column(text(f"compare.{column}", lang))
    for one in comparison.findings:
        table.add_row(
            one.symbol, kst(one.entry_ms), _word("what", one.what, lang), _word("cause", one.cause, lang), one.detail
        )
    console.print(table)
    if comparison.unexplained:
        console.print(text("compare.unexplained", lang, count=comparison.unexplained), style="bold red")
