"""How a venue's account did: round trips and equity of a span, and the targets met or missed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, Protocol

from trading.core.calendar import DAY_MS
from trading.core.portfolio import Trade
from trading.live.ledger_history import EquityPoint

Period = Literal["daily", "weekly", "monthly"]
SHOWN: Final[dict[Period, int]] = {"daily": 7, "weekly": 5, "monthly": 6}
"""Periods told, the one that runs among them."""
TARGET_DAYS: Final = (7, 30)


class Targets(Protocol):
    """The knobs that say what is aimed at: fractions, payoff as average gain over average loss."""

    @property
    def target_win_rate(self) -> float: ...
    @property
    def target_payoff(self) -> float: ...
    @property
    def target_drawdown(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Span:
    """[start_ms, end_ms), market clock, ms UTC."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Record:
    """Round trips that closed in a span, and its equity. pnl (after costs) and fees in the venue's currency.

    win_rate, drawdown (deepest fall of the equity from its highest in the span): fractions; payoff: average gain over
    average loss. None where there is nothing to tell it from.
    """

    trades: int
    win_rate: float | None
    payoff: float | None
    drawdown: float | None
    pnl: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True)
class Goal:
    """One target over the last `days`. name: the knob's; met: None where nothing is known yet."""

    name: str
    days: int
    target: float
    reached: float | None
    met: bool | None


def record_of(trades: Iterable[Trade], equity: Iterable[EquityPoint], span: Span) -> Record:
    """The record of `span`, from all round trips and points of a venue, oldest first."""
    mine = [trade for trade in trades if span.start_ms <= trade.exit_ms < span.end_ms]
    won = [trade.pnl for trade in mine if trade.pnl > 0]
    lost = [-trade.pnl for trade in mine if trade.pnl < 0]
    curve = [point.equity for point in equity if span.start_ms <= point.time_ms < span.end_ms]
    return Record(
        len(mine),
        len(won) / len(mine) if mine else None,
        float(_average(won) / _average(lost)) if won and lost else None,
        _deepest(curve),
        sum((trade.pnl for trade in mine), Decimal(0)),
        sum((trade.fee for trade in mine), Decimal(0)),
    )


def _average(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0)) / len(amounts)


def _deepest(curve: Sequence[Decimal]) -> float | None:
    """The deepest fall from a peak, as a fraction of it; None without a point."""
    if not curve:
        return None
    deepest, peak = Decimal(0), curve[0]
    for equity in curve:
        peak = max(peak, equity)
        if peak > 0:
            deepest = max(deepest, 1 - equity / peak)
    return float(deepest)


def goals(trades: Sequence[Trade], equity: Sequence[EquityPoint], now_ms: int, targets: Targets) -> tuple[Goal, ...]:
    """Each target over the last 7 and 30 days up to and with `now_ms`."""
    found = []
    for days in TARGET_DAYS:
        seen = record_of(trades, equity, Span(now_ms + 1 - days * DAY_MS, now_ms + 1))
        found += [
            _goal("target_win_rate", days, targets.target_win_rate, seen.win_rate),
            _goal("target_payoff", days, targets.target_payoff, seen.payoff),
            _goal("target_drawdown", days, targets.target_drawdown, seen.drawdown),
        ]
    return tuple(found)


def _goal(name: str, days: int, target: float, reached: float | None) -> Goal:
    if reached is None:
        return Goal(name, days, target, None, None)
    return Goal(name, days, target, reached, reached <= target if name == "target_drawdown" else reached >= target)


def spans(period: Period, now_ms: int, day_offset_ms: int) -> tuple[Span, ...]:
    """The last trading days, weeks (from Monday) or months of the calendar with the one of `now_ms`, newest first.

    day_offset_ms: of the trading day from 00:00 UTC.
    """
    today = datetime.fromtimestamp((now_ms - day_offset_ms) / 1000, UTC).date()
    first, after = _begun(period, today), today + timedelta(days=1)
    found = []
    for _ in range(SHOWN[period]):
        found.append(Span(_ms(first, day_offset_ms), _ms(after, day_offset_ms)))
        first, after = _begun(period, first - timedelta(days=1)), first
    return tuple(found)


def _begun(period: Period, day: date) -> date:
    """First day of the period that holds `day`."""
    if period == "daily":
        return day
    return day - timedelta(days=day.weekday()) if period == "weekly" else day.replace(day=1)


def _ms(day: date, day_offset_ms: int) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000 + day_offset_ms
