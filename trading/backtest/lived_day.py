"""A lived day from a data folder: what each step knew, what came of it. Reads files and the ledger, writes nothing."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from trading.core.calendar import DAY_MS, KST_MS
from trading.core.errors import BadInput
from trading.core.lived import LivedStep, step_of

FACTS: Final = "facts"


@dataclass(frozen=True, slots=True)
class LivedTrade:
    """A round trip as the ledger has it. entry_candle_ms: signal candle; leg: "entry" or a command's; times: market."""

    trip: str
    symbol: str
    side: str
    entry_ms: int
    entry_price: float
    quantity: float
    exit_ms: int
    exit_price: float
    exit_reason: str
    pnl: float
    entry_candle_ms: int
    leg: str


@dataclass(frozen=True, slots=True)
class LivedDay:
    """gates: (symbol, candle) -> the gate that refused. refused: (symbol, candle) -> why an order was rejected.

    revised: (symbol, candle open) of candles that the venue corrected later. lives: market times of starts.
    """

    venue: str
    start_ms: int
    end_ms: int
    steps: tuple[LivedStep, ...]
    trades: tuple[LivedTrade, ...]
    open_entries: frozenset[tuple[str, int]]
    gates: Mapping[tuple[str, int], str]
    refused: Mapping[tuple[str, int], str]
    revised: frozenset[tuple[str, int]] = field(default=frozenset())
    starts: tuple[int, ...] = ()


def day_bounds(date: str) -> tuple[int, int]:
    """[start, end) in ms UTC of a date in KST. Raises BadInput for what is no date."""
    try:
        day = datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadInput("input.date", date=date) from None
    start = int(day.timestamp() * 1000) - KST_MS
    return start, start + DAY_MS


def read_day(ledger: Path, date: str, venue: str) -> LivedDay:
    """The day `date` (KST) of `venue` from `ledger` and the folder it lies in. Raises BadInput."""
    start, end = day_bounds(date)
    if not ledger.is_file():
        raise BadInput("input.no_ledger", path=ledger)
    steps = tuple(_steps(ledger.parent / FACTS, venue, start, end))
    if not steps:
        raise BadInput("input.nothing_recorded", path=ledger.parent / FACTS, venue=venue, date=date)
    try:
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return LivedDay(
                venue,
                start,
                end,
                steps,
                tuple(_trades(database, venue, start, end)),
                frozenset(_entries(database, venue, start, end)),
                dict(_gates(database, venue, start, end)),
                dict(_refused(database, venue, start, end)),
                frozenset(_revised(ledger.parent, venue, start, end)),
                tuple(step.now_ms for step in steps if step.start is not None),
            )
    except sqlite3.Error as error:
        raise BadInput("input.ledger_unreadable", path=ledger, why=str(error)) from None


def _lines(path: Path) -> Iterator[str]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from file
    else:
        with path.open(encoding="utf-8") as file:
            yield from file


def _steps(folder: Path, venue: str, start: int, end: int) -> Iterator[LivedStep]:
    """Recorded steps of the day; a KST day lies in two files by UTC day. A torn last line is left out.

    So do the steps since the newest start before it: there the books and the charge of its first hours are.
    """
    first = datetime.fromtimestamp(start / 1000, UTC)
    before: list[LivedStep] = []
    for day in (first, first + timedelta(days=1)):
        name = f"{venue}-{day:%Y-%m-%d}.jsonl"
        path = next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)
        for line in _lines(path) if path else ():
            try:
                step = step_of(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
            if step.now_ms >= end:
                return
            if step.now_ms >= start:
                yield from before
                yield step
                before = []
            else:
                before = [step] if step.start is not None else [*before, step]


def _trades(database: sqlite3.Connection, venue: str, start: int, end: int) -> Iterator[LivedTrade]:
    query = """
        SELECT t.*, o.candle_ms AS candle, o.reason AS leg FROM trades t JOIN orders o ON o.id = t.trip
        WHERE t.venue = ? AND t.entry_ms >= ? AND t.entry_ms < ? ORDER BY t.entry_ms
    """
    for row in database.execute(query, (venue, start, end)):
        yield LivedTrade(
            row["trip"],
            row["symbol"],
            row["side"],
            row["entry_ms"],
            float(row["entry_price"]),
            float(row["quantity"]),
            row["exit_ms"],
            float(row["exit_price"]),
            row["exit_reason"],
            float(row["pnl"]),
            row["candle"],
            row["leg"],
        )


def _entries(database: sqlite3.Connection, venue: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """(symbol, candle) of entries that were filled, closed or not."""
    query = (
        "SELECT symbol, candle_ms, filled FROM orders WHERE venue = ? AND leg = 'entry' AND created_ms BETWEEN ? AND ?"
    )
    for row in database.execute(query, (venue, start, end)):
        if float(row["filled"]) > 0:
            yield row["symbol"], row["candle_ms"]


def _gates(database: sqlite3.Connection, venue: str, start: int, end: int) -> Iterator[tuple[tuple[str, int], str]]:
    query = (
        "SELECT symbol, candle_ms, gate FROM decisions WHERE venue = ? AND gate IS NOT NULL AND time_ms BETWEEN ? AND ?"
    )
    for row in database.execute(query, (venue, start, end)):
        yield (row["symbol"], row["candle_ms"]), row["gate"]


def _refused(database: sqlite3.Connection, venue: str, start: int, end: int) -> Iterator[tuple[tuple[str, int], str]]:
    query = """
        SELECT symbol, candle_ms, detail FROM orders
        WHERE state = 'REJECTED' AND venue = ? AND created_ms BETWEEN ? AND ?
    """
    for row in database.execute(query, (venue, start, end)):
        yield (row["symbol"], row["candle_ms"]), row["detail"]


def _revised(data_dir: Path, venue: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    path = data_dir / "candles.db"
    if not path.is_file():
        return
    query = "SELECT symbol, time_ms FROM revisions WHERE venue = ? AND time_ms BETWEEN ? AND ?"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        yield from database.execute(query, (venue, start - DAY_MS, end))
