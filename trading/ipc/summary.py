"""summaries/YYYY-MM-DD.json: what a day of the limits brought, one file a day, written once the day is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal

from trading.ipc.document import Json
from trading.ipc.files import SCHEMA, Killpoint, Read, no_kill, read_json, write_json
from trading.ipc.shapes import from_json, to_json

FOLDER: Final = "summaries"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSummary:
    """One venue's day, money in `currency`; from_ms <= exit < until_ms of its round trips, market clock.

    total_pnl, largest_win (0: none), largest_loss (negative, 0: none): after fees and funding; fees: of both sides;
    equity: at the last mark before the end of the day.
    """

    currency: str
    from_ms: int
    until_ms: int
    total_trades: int
    wins: int
    losses: int
    total_pnl: Decimal
    largest_win: Decimal
    largest_loss: Decimal
    fees: Decimal
    equity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A day, named by the date in Korea on which it began. The figures beside `venues` are of those that count in

    `currency`: won where one does. written_at_ms: wall clock.
    """

    schema: Literal[1] = SCHEMA
    written_at_ms: int
    date: str
    currency: str
    total_trades: int
    wins: int
    losses: int
    total_pnl: Decimal
    largest_win: Decimal
    largest_loss: Decimal
    fees: Decimal
    equity: Decimal
    venues: Mapping[str, VenueSummary]


def summary(date: str, venues: Mapping[str, VenueSummary], now_ms: int) -> Summary:
    """The day of `venues` (at least one), with its totals."""
    currencies = [one.currency for one in venues.values()]
    currency = "KRW" if "KRW" in currencies else currencies[0]
    counted = [one for one in venues.values() if one.currency == currency]
    return Summary(
        written_at_ms=now_ms,
        date=date,
        currency=currency,
        total_trades=sum(one.total_trades for one in counted),
        wins=sum(one.wins for one in counted),
        losses=sum(one.losses for one in counted),
        total_pnl=sum((one.total_pnl for one in counted), Decimal(0)),
        largest_win=max(one.largest_win for one in counted),
        largest_loss=min(one.largest_loss for one in counted),
        fees=sum((one.fees for one in counted), Decimal(0)),
        equity=sum((one.equity for one in counted), Decimal(0)),
        venues=venues,
    )


def summary_path(data_dir: Path, date: str) -> Path:
    """The file of the day `date` (YYYY-MM-DD)."""
    return data_dir / FOLDER / f"{date}.json"


def write_summary(data_dir: Path, day: Summary, killpoint: Killpoint = no_kill) -> None:
    """Writes the file of a day, whole and durable. Raises OSError."""
    write_json(summary_path(data_dir, day.date), to_json(day), killpoint)


def shape_summary(value: Json) -> Summary:
    """The day in a file. Raises ValueError naming the field."""
    return from_json(Summary, value)


def read_summary(data_dir: Path, date: str) -> Read[Summary]:
    """Reads the file of a day; never raises for its content."""
    return read_json(summary_path(data_dir, date)).turn(shape_summary)
