"""What a trader must know when it starts, from the ledger: positions from fills, limits from trades, paths as saved."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from config.values import Knobs
from trading.core.account import Account, limit_day_offset
from trading.core.calendar import DAY_OFFSET_MS, day_of
from trading.core.orders import Order, OrderEvent
from trading.core.portfolio import Portfolio, Position, Trade
from trading.live.ledger import Ledger
from trading.trader import Trader

SCOPE: Final = "account"
FINAL_REASONS: Final = frozenset({"exit_signal", "time_cut"})
"""Exits after which a crossing may still enter in the same candle; every other reason ends the candle's entries."""


@dataclass(slots=True)
class Restored:
    """events: the last 500 fills with their orders, oldest first. last: symbol -> its last entry and exit order.

    trades: every round trip that ended; owed: those of them that a crash kept out of the ledger's trades.
    decided: symbol -> signal candle that was last decided. entries: symbol -> entry orders of the trading day.
    """

    portfolio: Portfolio
    account: Account
    trades: list[Trade] = field(default_factory=list)
    owed: list[Trade] = field(default_factory=list)
    events: deque[tuple[OrderEvent, Trade | None]] = field(default_factory=lambda: deque(maxlen=500))
    last: dict[tuple[str, str], Order] = field(default_factory=dict)
    decided: dict[str, int] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)


def capital_of(ledger: Ledger, venue: str, wanted: float, free: Decimal | None, now_ms: int) -> Decimal:
    """The book's capital in quote: fixed at the first start, at most what was free then; follows the knob."""
    saved = {row.name: row.value for row in ledger.settings(SCOPE, venue)}.get("capital")
    if saved is not None:
        capital = Decimal(str(saved["capital"])) + Decimal(repr(wanted)) - Decimal(str(saved["knob"]))
    else:
        capital = Decimal(repr(wanted))
        if free is not None and not ledger.holdings(venue):
            capital = min(capital, free)
    value = {"knob": repr(wanted), "capital": str(capital)}
    if value != saved:
        ledger.put_setting(SCOPE, "capital", value, "start", now_ms, venue)
    return capital


def restore(
    ledger: Ledger, venue: str, capital: Decimal, assets: Mapping[str, tuple[str, str]], knobs: Knobs, now_ms: int
) -> Restored:
    """Folds every booked fill. assets: symbol -> (base, quote). now_ms: market clock. Raises LedgerUnavailable."""
    found = Restored(Portfolio(capital), Account(float(capital)))
    ended = {trade.trip: trade for trade in ledger.trades(venue)}
    last_fill = {event.order.trip: event.fill.trade_id for event in ledger.booked(venue) if event.fill}
    offset = limit_day_offset(venue, knobs)
    today = day_of(now_ms, offset)
    found.account.day = today
    for event in ledger.booked(venue):
        order, fill = event.order, event.fill
        assert fill is not None
        if order.leg == "entry" and order.symbol not in found.portfolio.positions:
            found.account.entries += day_of(fill.time_ms, offset) == today
            if day_of(fill.time_ms, DAY_OFFSET_MS[venue]) == day_of(now_ms, DAY_OFFSET_MS[venue]):
                found.entries[order.symbol] = found.entries.get(order.symbol, 0) + 1
        trade = found.portfolio.apply(order, fill, *assets[order.symbol])
        if trade is None and order.trip in ended and last_fill[order.trip] == fill.trade_id:
            trade = found.portfolio.close(order.symbol)  # dust had ended it
        if trade is not None:
            found.trades.append(trade)
            if trade.trip not in ended:
                found.owed.append(trade)
            found.account.closed(trade)
        found.events.append((event, trade))
        found.last[order.symbol, order.leg] = order
    _paths(ledger, venue, found)
    _limits(ledger, venue, found, today)
    return found


def _paths(ledger: Ledger, venue: str, found: Restored) -> None:
    saved = {row.trip: row.path for row in ledger.positions(venue)}
    for position in found.portfolio.positions.values():
        position.high_water = position.entry
        position.atr = float("nan")
        path = saved.get(position.trip)
        if path is None:
            found.decided[position.symbol] = position.entry_candle_ms
            continue
        position.high_water = float(path["high_water"])
        position.atr = float("nan") if path["atr"] is None else float(path["atr"])
        position.candles_held = int(path["candles_held"])
        position.leave = bool(path["leave"])
        position.doubt = bool(path["doubt"])
        found.decided[position.symbol] = int(path["candle_ms"])


def _limits(ledger: Ledger, venue: str, found: Restored, today: int) -> None:
    account = found.account
    saved: dict[str, Any] = {row.name: row.value for row in ledger.settings(SCOPE, venue)}
    limits = saved.get("limits")
    if limits is not None:
        account.peak = float(limits["peak"])
        account.capital = float(limits["capital"])
        account.equity = float(limits["equity"])
        account.day_base = float(limits["day_base"]) if limits["day"] == today else account.equity
    account.latches = {row.name: row.at_ms for row in ledger.latches() if row.venue in ("", venue)}


def position_path(position: Position, candle_ms: int) -> dict[str, Any]:
    """What of a position is no sum of its fills."""
    return {
        "high_water": position.high_water,
        "atr": None if position.atr != position.atr else position.atr,
        "candles_held": position.candles_held,
        "leave": position.leave,
        "doubt": position.doubt,
        "candle_ms": candle_ms,
    }


def resume(trader: Trader, found: Restored, unfinished: tuple[Order, ...], now_ms: int) -> None:
    """Puts each symbol's walk where it stood: what was entered or left in its candle, which order is under way."""
    today = day_of(now_ms, DAY_OFFSET_MS[trader.who.venue])
    for symbol, walk in trader.walks.items():
        entry, leaving = found.last.get((symbol, "entry")), found.last.get((symbol, "exit"))
        candles = [order.candle_ms for order in (entry, leaving) if order is not None]
        walk.candle_ms = max([found.decided.get(symbol, -1), *candles])
        walk.entered = entry is not None and entry.candle_ms == walk.candle_ms
        left = leaving is not None and leaving.candle_ms == walk.candle_ms
        walk.closed = left
        walk.stopped = left and leaving is not None and leaving.reason not in FINAL_REASONS
        walk.first = False
        walk.day_entries = found.entries.get(symbol, 0)
        walk.day = today
    for order in unfinished:
        walk = trader.walks[order.symbol]
        if order.leg == "exit":
            walk.leaving = order.id
        else:
            walk.entering = order.id
            walk.reserved = float(order.funds or order.quantity * order.price)
