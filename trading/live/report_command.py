"""The verb `report`: how each venue's account did, by day, week or month, and which targets were met."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, get_args

from rich.console import Console
from rich.table import Table

from config.settings import Settings
from config.texts import text
from trading.core.account import limit_day_offset
from trading.core.calendar import DAY_MS
from trading.core.errors import LedgerUnavailable
from trading.core.rules import RULES
from trading.live.database import LedgerBroken
from trading.live.ledger import FILE, Ledger, look
from trading.live.log import kst
from trading.live.record import TARGET_DAYS, Goal, Period, Record, Span, goals, record_of, spans


def add_options(verb: argparse.ArgumentParser) -> None:
    """Options of `report`."""
    verb.add_argument("period", nargs="?", choices=get_args(Period), default="daily", help="default: daily")


def report(data_dir: Path, period: Period, settings: Settings) -> int:
    """Prints the record of every venue that is on, newest period first; it may run beside the bot.

    Up to the last moment that the ledger knows. 0 done, 1 the ledger cannot be read, 3 there is none.
    """
    lang, file = settings.language, data_dir / FILE
    if not file.exists():
        sys.stderr.write(text("main.no_ledger", lang, data=data_dir) + "\n")
        return 3
    ledger = look(data_dir)
    try:
        for venue in settings.venues:
            _tell(ledger, venue, period, settings)
    except LedgerBroken:
        raise  # has a sentence of its own
    except LedgerUnavailable as error:
        sys.stderr.write(text("record.unread", lang, file=file, why=error) + "\n")
        return 1
    finally:
        ledger.close()
    return 0


def _tell(ledger: Ledger, venue: str, period: Period, settings: Settings) -> None:
    lang, knobs, console = settings.language, settings.knobs(venue), Console(highlight=False)
    now_ms = ledger.latest_ms(venue)  # not the wall's: the practice market has a clock of its own
    if now_ms is None:
        console.print(text("record.nothing", lang, venue=venue))
        return
    offset = limit_day_offset(venue, knobs)
    told = spans(period, now_ms, offset)
    since_ms = min(told[-1].start_ms, now_ms - max(TARGET_DAYS) * DAY_MS)
    trades, equity = tuple(ledger.trades(venue, since_ms)), tuple(ledger.equity(venue, since_ms))
    rows = [(_days(span, offset), record_of(trades, equity, span)) for span in told]
    console.print(_records(venue, period, rows, lang))
    console.print(_targets(venue, goals(trades, equity, now_ms, knobs), now_ms, lang))


def _records(venue: str, period: Period, rows: Sequence[tuple[str, Record]], lang: str) -> Table:
    currency = RULES[venue].currency
    table = Table(title=text("record.title", lang, venue=venue, name=text(f"record.{period}", lang)))
    table.add_column(text("record.span", lang))
    for name in ("trades", "win_rate", "payoff", "pnl", "fees", "drawdown"):
        table.add_column(text(f"record.{name}", lang, currency=currency), justify="right")
    for days, seen in rows:
        table.add_row(
            days,
            f"{seen.trades}",
            _fraction(seen.win_rate),
            _ratio(seen.payoff),
            _money(seen.pnl, currency, "+"),
            _money(seen.fees, currency),
            _fraction(seen.drawdown),
        )
    return table


def _targets(venue: str, found: Sequence[Goal], now_ms: int, lang: str) -> Table:
    table = Table(title=text("record.goals", lang, venue=venue, until=kst(now_ms)[:16]))
    for name in ("goal", "days", "wanted", "reached", "judged"):
        table.add_column(text(f"record.{name}", lang), justify="left" if name in ("goal", "judged") else "right")
    for goal in found:
        said, style = _JUDGED[goal.met]
        shown = _ratio if goal.name == "target_payoff" else _fraction
        table.add_row(
            text(f"record.{goal.name}", lang),
            text("record.days_count", lang, days=goal.days),
            ("≤ " if goal.name == "target_drawdown" else "≥ ") + shown(goal.target),
            shown(goal.reached),
            text(said, lang),
            style=style,
        )
    return table


_JUDGED: Final = {True: ("record.met", "green"), False: ("record.missed", "yellow"), None: ("record.unknown", "dim")}


def _days(span: Span, day_offset_ms: int) -> str:
    """The trading days of `span`."""
    first, last = (
        datetime.fromtimestamp((ms - day_offset_ms) // 1000, UTC).date() for ms in (span.start_ms, span.end_ms - 1)
    )
    return f"{first}" if first == last else f"{first} – {last}"


def _fraction(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _money(amount: Decimal, currency: str, sign: str = "") -> str:
    return f"{amount:{sign},.{0 if currency == 'KRW' else 2}f}"
