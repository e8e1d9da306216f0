"""What happened, for screens, reports and `rebuild`: trades, equity, decisions, signals, events, funding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral
from typing import Any, Final, cast

from sqlalchemy import func, insert, select

from trading.core.portfolio import Trade
from trading.live.database import Database
from trading.live.tables import (
    account_history,
    audit,
    decisions,
    events,
    funding,
    indicators,
    packed,
    plain,
    signals,
    trades,
)

_NEVER_MS: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """One point of a venue's equity curve, in its currency; time_ms: market clock."""

    venue: str
    time_ms: int
    equity: Decimal
    cash: Decimal
    realized: Decimal
    unrealized: Decimal


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What was decided for a symbol at a candle. body: conditions, numbers and texts (JSON values)."""

    venue: str
    book: str
    strategy: str
    symbol: str
    candle_ms: int
    time_ms: int
    action: str
    confidence: float
    gate: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A strategy's wish at a candle, before sizing and gates. kind: "buy", "sell", "exit"."""

    venue: str
    book: str
    strategy: str
    symbol: str
    candle_ms: int
    kind: str
    confidence: float
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something a person may want to read later: settings, commands, latches, alarms, starts. time_ms: wall clock."""

    time_ms: int
    kind: str
    venue: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FundingRow:
    """One funding payment, keyed by the venue's income id; amount > 0 received."""

    venue: str
    income_id: str
    trip: str
    book: str
    strategy: str
    symbol: str
    amount: Decimal
    asset: str
    time_ms: int


class HistoryRows(Database):
    """The tables trades, account_history, decisions, signals, indicators, events, audit and funding."""

    _last: dict[tuple[str, str, str, str], DecisionRow]

    def add_trade(self, trade: Trade) -> None:
        """Records a closed round trip once (with the step's other rows)."""
        row = _text_amounts(trade)
        del row["other_price"]  # a matter of candles: ticks leave no such doubt
        self.later(self.insert_new(trades), row)

    def add_equity(self, point: EquityPoint) -> None:
        """Records a point of the equity curve (with the step's other rows)."""
        self.later(insert(account_history), _text_amounts(point))

    def add_decision(self, decision: DecisionRow) -> bool:
        """Records a decision when it differs from the last one of its symbol; True when it did."""
        if not hasattr(self, "_last"):
            self._last = {}
        key = (decision.venue, decision.book, decision.strategy, decision.symbol)
        last = self._last.get(key)
        if last is not None and _said(last) == _said(decision):
            return False
        self._last[key] = decision
        values = _text_amounts(decision)
        values["body"] = packed(dict(decision.body))
        self.later(insert(decisions), values)
        return True

    def add_signal(self, signal: SignalRow) -> None:
        """Records a signal (with the step's other rows)."""
        values = _text_amounts(signal)
        values["numbers"] = packed(dict(signal.numbers))
        self.later(insert(signals), values)

    def add_indicators(
        self, venue: str, book: str, strategy: str, symbol: str, candle_ms: int, numbers: Mapping[str, float]
    ) -> None:
        """Records the indicators of a decided candle as they were seen (with the step's other rows)."""
        values = {"venue": venue, "book": book, "strategy": strategy, "symbol": symbol}
        row = {**values, "candle_ms": int(candle_ms), "numbers": packed(dict(numbers))}
        self.later(self.insert_new(indicators), row)

    def add_event(self, event: EventRow) -> None:
        """Records an event (with the step's other rows)."""
        self.later(insert(events), {**_text_amounts(event), "detail": packed(dict(event.detail))})

    def add_audit(self, time_ms: int, who: str, what: str, detail: Mapping[str, Any], venue: str = "") -> None:
        """Records who did what (with the step's other rows)."""
        row = {"time_ms": int(time_ms), "who": who, "what": what, "venue": venue, "detail": packed(dict(detail))}
        self.later(insert(audit), row)

    def add_funding(self, row: FundingRow) -> bool:
        """Records a funding payment once by the venue's income id, durable; False when it was there."""
        with self.durable() as connection:
            return self.is_new(connection, funding, _text_amounts(row))

    # -- for the projections and `rebuild` -------------------------------------------------------------------------

    def trades(self, venue: str, since_ms: int = 0, until_ms: int = _NEVER_MS) -> Iterator[Trade]:
        """Closed round trips in the order of their end, since_ms <= exit < until_ms (market clock)."""
        mine = (trades.c.venue == venue, trades.c.exit_ms >= since_ms, trades.c.exit_ms < until_ms)
        for row in self.each(select(trades).where(*mine).order_by(trades.c.seq)):
            yield _typed(Trade, {**row, "other_price": None})

    def equity(self, venue: str, since_ms: int = 0) -> Iterator[EquityPoint]:
        """The equity curve, oldest first."""
        mine = (account_history.c.venue == venue, account_history.c.time_ms >= since_ms)
        for row in self.each(select(account_history).where(*mine).order_by(account_history.c.seq)):
            yield _typed(EquityPoint, row)

    def first_equity_ms(self, venue: str) -> int | None:
        """When the equity curve begins, market clock; None: it has no point."""
        mine = account_history.c.venue == venue
        first: int | None = self.rows(select(func.min(account_history.c.time_ms).label("first")).where(mine))[0][
            "first"
        ]
        return first

    def equity_before(self, venue: str, time_ms: int) -> EquityPoint | None:
        """The last point of the equity curve before `time_ms` (market clock)."""
        mine = (account_history.c.venue == venue, account_history.c.time_ms < time_ms)
        newest = (account_history.c.time_ms.desc(), account_history.c.seq.desc())
        for row in self.rows(select(account_history).where(*mine).order_by(*newest).limit(1)):
            return cast("EquityPoint", _typed(EquityPoint, row))
        return None

    def latest_ms(self, venue: str) -> int | None:
        """Time of the last round trip's end or point of the equity curve (market clock); None where there is none."""
        ends = (trades.c.exit_ms, trades.c.venue), (account_history.c.time_ms, account_history.c.venue)
        found = [self.rows(select(func.max(time).label("last")).where(of == venue))[0]["last"] for time, of in ends]
        return max((int(time) for time in found if time is not None), default=None)

    def decisions(self, venue: str, since_ms: int = 0) -> Iterator[DecisionRow]:
        """Decisions in the order they were made, from `since_ms` (market clock)."""
        mine = (decisions.c.venue == venue, decisions.c.time_ms >= since_ms)
        for row in self.each(select(decisions).where(*mine).order_by(decisions.c.seq)):
            yield _typed(DecisionRow, {**row, "body": json.loads(row["body"])})

    def signals(self, venue: str, since_ms: int = 0) -> Iterator[SignalRow]:
        """Signals in the order they came, from the candle at `since_ms`."""
        mine = (signals.c.venue == venue, signals.c.candle_ms >= since_ms)
        for row in self.each(select(signals).where(*mine).order_by(signals.c.seq)):
            yield _typed(SignalRow, {**row, "numbers": json.loads(row["numbers"])})

    def indicators(self, venue: str, symbol: str, candle_ms: int) -> Mapping[str, Mapping[str, float]]:
        """book|strategy -> the indicators of a decided candle."""
        mine = (indicators.c.venue == venue, indicators.c.symbol == symbol, indicators.c.candle_ms == candle_ms)
        rows = self.rows(select(indicators).where(*mine))
        return {f"{row['book']}|{row['strategy']}": json.loads(row["numbers"]) for row in rows}

    def events(self, since_ms: int = 0) -> Iterator[EventRow]:
        """Events in the order they came, from `since_ms` (wall clock)."""
        for row in self.each(select(events).where(events.c.time_ms >= since_ms).order_by(events.c.seq)):
            yield _typed(EventRow, {**row, "detail": json.loads(row["detail"])})

    def fundings(self, venue: str, since_ms: int = 0) -> Iterator[FundingRow]:
        """Funding payments by time, from `since_ms` (market clock)."""
        mine = (funding.c.venue == venue, funding.c.time_ms >= since_ms)
        for row in self.each(select(funding).where(*mine).order_by(funding.c.time_ms, funding.c.income_id)):
            yield _typed(FundingRow, row)


def _said(decision: DecisionRow) -> tuple[object, ...]:
    """What makes a decision another one: not its time, and not the numbers that move with every tick."""
    return (decision.candle_ms, decision.action, decision.gate, packed(decision.body.get("conditions", {})))


def _text_amounts(record: Any) -> dict[str, Any]:
    """A dataclass as a row: Decimals as text, numpy's integers as plain ones."""
    return {name: _bound(getattr(record, name)) for name in record.__dataclass_fields__}


def _bound(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else value


def _typed(kind: Any, row: Mapping[str, Any]) -> Any:
    """A row as the dataclass `kind`: its Decimal fields from text."""
    fields = kind.__dataclass_fields__
    return kind(**{name: Decimal(row[name]) if fields[name].type == "Decimal" else row[name] for name in fields})
