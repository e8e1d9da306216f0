"""Writes down what a step brought: ledger rows, history lines, portfolio file, log and messages. Called by the desk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from trading.core.calendar import DAY_MS, MINUTE_MS
from trading.core.orders import OrderEvent, State
from trading.core.portfolio import Trade
from trading.core.walk import Walk
from trading.ipc import history
from trading.ipc import portfolio as files
from trading.ipc.decisions import SymbolDecision
from trading.ipc.files import Killpoint, no_kill
from trading.live import projections
from trading.live.desk import Desk
from trading.live.events import Events
from trading.live.explain import decided, decision
from trading.live.facts_log import FactsLog
from trading.live.feed import Poll
from trading.live.ledger_history import DecisionRow, EquityPoint
from trading.live.ledger_state import PositionRow
from trading.live.log import Log
from trading.live.notify import Notices
from trading.live.projections import fill_row, slippage_percent
from trading.live.recovery import SCOPE, Restored, position_path
from trading.trader import Trader

HUNDRED: Final = 100.0
PRICES_MS: Final = 1_000
"""Least wall time between two portfolio files that differ in prices only."""


class Books:
    """The books of one desk. decisions: the state of each symbol's decision after the last step."""

    def __init__(
        self, data_dir: Path, venue: str, log: Log, notify: Notices, events: Events, killpoint: Killpoint = no_kill
    ) -> None:
        self._data_dir = data_dir
        self._log = log
        self._notify = notify
        self._events = events
        self._file = files.PortfolioFile(data_dir, venue, killpoint)
        self._facts = FactsLog(data_dir, venue)
        self._rows: deque[files.Trade] = deque(maxlen=files.TRADES_KEPT)
        self._paths: dict[str, dict[str, Any]] = {}
        self._open: dict[str, PositionRow] = {}
        self._limits: dict[str, Any] = {}
        self._latched: set[str] | None = None
        self._minute = -1
        self._begun = False
        self._shown: tuple[files.Portfolio, int, object] | None = None
        self._told: dict[str, object] = {}
        self.decisions: Mapping[str, SymbolDecision] = {}

    def note(self, desk: Desk, poll: Poll, events: Sequence[OrderEvent], trades: Iterable[Trade]) -> None:
        """One step's rows. Raises LedgerUnavailable; a file that cannot be written is said and tried again."""
        trader = desk.trader
        assert trader is not None
        if not self._begun:
            self._begin(desk, trader)
        ended = {trade.trip: trade for trade in trades}
        filled = self._fills(desk, trader, events, ended)
        for trade in ended.values():
            self._trade(desk, trader, trade)
        self._positions(desk, trader)
        self._equity(desk, trader, "fill" if filled else None)
        self._save_limits(desk, trader)
        self._decisions(desk, trader)
        self._said(desk, trader, poll)
        try:
            self._file.publish(self._portfolio(desk, trader, bool(events)), desk.clock.wall_ms())
            self._facts.note(desk, trader, poll, events)
        except OSError as error:
            self._log.say("log.file_failed", "error", file=str(error.filename), why=str(error))

    def _portfolio(self, desk: Desk, trader: Trader, moved: bool) -> files.Portfolio:
        """The portfolio as it is; within a second of the last one only where more than prices changed.

        moved: an order or a fill was heard. What is returned again costs no write unless the file was touched.
        """
        now_ms = desk.clock.wall_ms()
        seen = projections.beside_prices(desk, trader)
        if self._shown is not None:
            document, shown_ms, before = self._shown
            if not moved and seen == before and 0 <= now_ms - shown_ms < PRICES_MS:
                return document
        document = projections.portfolio_of(desk, trader, self._rows, desk.clock.market_ms())
        self._shown = (document, now_ms, seen)
        return document

    def _begin(self, desk: Desk, trader: Trader) -> None:
        restored: Restored | None = desk.restored
        if restored is not None:
            self._rows.extend(fill_row(event, trade) for event, trade in restored.events)
            restored.events.clear()
            self._catch_up(desk, trader, restored)
        for row in desk.ledger.positions(desk.name):
            self._open[row.trip] = row
        self._latched = set(trader.account.latches)
        self._begun = True
        self._equity(desk, trader, "start")
        self._log.say("log.ready", venue=desk.name)

    def _catch_up(self, desk: Desk, trader: Trader, restored: Restored) -> None:
        """Round trips whose end a crash kept out of the ledger, out of the history, or out of both."""
        if not restored.trades:
            return
        since_ms = min(trade.exit_ms for trade in (*restored.owed, restored.trades[-1])) - DAY_MS
        told = {line.trip for line in history.read(self._data_dir, history.TradeLine, desk.name, since_ms).lines}
        for trade in restored.trades:
            if trade.exit_ms >= since_ms and trade.trip not in told:
                self._append(projections.trade_line(trade, _market(trader, trade), desk.venue.capabilities.currency))
        for trade in restored.owed:
            desk.ledger.add_trade(trade)
            self._sold(desk, trade)
        restored.trades.clear()
        restored.owed.clear()

    # -- orders, fills, trades -------------------------------------------------------------------------------------

    def _fills(self, desk: Desk, trader: Trader, events: Sequence[OrderEvent], ended: Mapping[str, Trade]) -> bool:
        filled = False
        last_exit = {event.order.trip: event for event in events if event.fill and event.order.leg == "exit"}
        for event in events:
            if event.fill is None:
                self._order(desk, event)
                continue
            filled = True
            order = event.order
            closing = ended.get(order.trip) if last_exit.get(order.trip) is event else None
            self._rows.append(fill_row(event, closing))
            if order.leg == "entry":
                self._bought(desk, event)
            else:
                self._slippage(desk, trader, event)
        return filled

    def _order(self, desk: Desk, event: OrderEvent) -> None:
        order = event.order
        fields: dict[str, Any] = {"venue": desk.name, "symbol": order.symbol, "side": order.side}
        if order.state is State.REJECTED:
            self._events.say("alarm", "log.order_rejected", "warning", **fields, why=order.detail, order=order.id)
        elif order.state is State.UNKNOWN:
            self._events.say("alarm", "log.order_unknown", "warning", **fields, order=order.id, why=order.detail)

    def _bought(self, desk: Desk, event: OrderEvent) -> None:
        fill, order = event.fill, event.order
        assert fill is not None
        fields: dict[str, Any] = {
            "venue": desk.name,
            "symbol": fill.symbol,
            "quantity": fill.quantity,
            "price": fill.price,
            "amount": fill.price * fill.quantity,
            "currency": desk.venue.capabilities.currency,
            "strategy": order.strategy,
        }
        self._log.say("log.bought", **fields)
        self._notify.send("notice.entry", **fields)

    def _slippage(self, desk: Desk, trader: Trader, event: OrderEvent) -> None:
        fill, order = event.fill, event.order
        assert fill is not None
        off = slippage_percent(order, fill.price)
        limit = HUNDRED * trader.knobs.slippage_alert
        if limit <= 0.0 or off <= limit:
            return
        fields: dict[str, Any] = {
            "venue": desk.name,
            "symbol": fill.symbol,
            "price": fill.price,
            "expected": order.price,
            "slippage_percent": off,
        }
        self._events.say("alarm", "log.slippage", "warning", **fields, limit_percent=limit, order=order.id)
        self._notify.send("notice.slippage", **fields)

    def _trade(self, desk: Desk, trader: Trader, trade: Trade) -> None:
        desk.ledger.add_trade(trade)
        self._append(projections.trade_line(trade, _market(trader, trade), desk.venue.capabilities.currency))
        self._sold(desk, trade)

    def _sold(self, desk: Desk, trade: Trade) -> None:
        fields: dict[str, Any] = {
            "venue": desk.name,
            "symbol": trade.symbol,
            "quantity": trade.quantity,
            "price": trade.exit_price,
            "reason": trade.exit_reason,
            "pnl": trade.pnl,
            "pnl_percent": float(trade.pnl_percent),
            "currency": desk.venue.capabilities.currency,
        }
        self._log.say("log.sold", **fields, amount=trade.exit_price * trade.quantity)
        self._notify.send("notice.exit", **fields)

    # -- state that must survive -----------------------------------------------------------------------------------

    def _positions(self, desk: Desk, trader: Trader) -> None:
        now_ms = desk.clock.market_ms()
        held = {position.trip: position for position in trader.portfolio.positions.values()}
        for trip in set(self._open) - set(held):
            desk.ledger.end_position(self._open.pop(trip))
            self._paths.pop(trip, None)
        for trip, position in held.items():
            path = position_path(position, trader.walks[position.symbol].candle_ms)
            known = self._open.get(trip)
            if known is not None and self._paths.get(trip) == path and known.quantity == position.quantity:
                continue
            row = PositionRow(
                trip,
                position.venue,
                position.book,
                position.strategy,
                position.symbol,
                position.side,
                position.quantity,
                position.entry_price,
                position.entry_ms,
                now_ms,
                path,
            )
            desk.ledger.save_position(row)
            self._open[trip], self._paths[trip] = row, path

    def _equity(self, desk: Desk, trader: Trader, cause: str | None) -> None:
        """A point a minute of market time, and one per fill."""
        now_ms = desk.clock.market_ms()
        if cause is None:
            if now_ms // MINUTE_MS == self._minute:
                return
            cause = "minute"
        self._minute = now_ms // MINUTE_MS
        equity, cash = Decimal(repr(round(trader.equity(), 8))), trader.portfolio.cash
        realized = trader.portfolio.realized
        desk.ledger.add_equity(EquityPoint(desk.name, now_ms, equity, cash, realized, equity - cash))
        currency = desk.venue.capabilities.currency
        line = history.EquityLine(
            time_ms=now_ms,
            venue=desk.name,
            currency=currency,
            equity=equity,
            cash=cash,
            cause=cause,  # type: ignore[arg-type]
        )
        self._append(line)

    def _save_limits(self, desk: Desk, trader: Trader) -> None:
        """Peak, day and latches: saved when the day rolls or a latch trips, else once a minute."""
        account = trader.account
        limits = {
            "peak": account.peak,
            "capital": account.capital,
            "day": account.day,
            "day_base": account.day_base,
            "equity": account.equity,
            "minute": self._minute,
        }
        news = set(account.latches) - (self._latched or set())
        self._latched = set(account.latches)
        for gate in sorted(news):
            detail = f"equity {account.equity:,.0f}, peak {account.peak:,.0f}"
            desk.ledger.latch(gate, {"detail": detail}, "limit", account.latches[gate], desk.name)
            self._events.say("latch", "log.latch", "error", venue=desk.name, gate=gate, detail=detail)
            self._notify.send("notice.latch", venue=desk.name, gate=gate, detail=detail)
        if news or limits["minute"] != self._limits.get("minute") or limits["day"] != self._limits.get("day"):
            desk.ledger.put_setting(SCOPE, "limits", limits, "bot", desk.clock.wall_ms(), desk.name)
            self._limits = limits

    # -- decisions -------------------------------------------------------------------------------------------------

    def _decisions(self, desk: Desk, trader: Trader) -> None:
        """Tells anew what was decided of a symbol when it was decided anew; prices alone decide nothing."""
        now_ms = desk.clock.market_ms()
        need = trader.rule.strategy.warmup
        fresh: dict[str, SymbolDecision] = {}
        for symbol in trader.walks:
            track = desk.feed.tracks.get(symbol)
            have = len(track.closed) if track else 0
            state = decided(trader, symbol, have)
            if symbol in self.decisions and self._told.get(symbol) == state:
                continue
            self._told[symbol] = state
            said = decision(trader, symbol, have, need, now_ms)
            fresh[symbol] = said
            row = DecisionRow(
                desk.name,
                "main",
                said.strategy,
                symbol,
                said.candle_ms,
                now_ms,
                said.action,
                said.confidence,
                said.gate,
                {"conditions": said.conditions, "numbers": said.numbers, "ko": said.text_ko, "en": said.text_en},
            )
            if desk.ledger.add_decision(row):
                self._evaluated(desk, symbol, said, now_ms)
                if said.numbers:
                    numbers = {name: value for name, value in said.numbers.items() if value is not None}
                    desk.ledger.add_indicators(desk.name, "main", said.strategy, symbol, said.candle_ms, numbers)
        gone = self.decisions.keys() - trader.walks.keys()
        if fresh or gone:
            # A new mapping each time: another thread reads the old one, and the file's writer compares the two.
            self.decisions = {name: fresh.get(name) or self.decisions[name] for name in trader.walks}
            self._told = {name: self._told[name] for name in trader.walks}

    def _evaluated(self, desk: Desk, symbol: str, said: SymbolDecision, now_ms: int) -> None:
        held = desk.trader is not None and symbol in desk.trader.portfolio.positions
        line = history.EvaluationLine(
            time_ms=now_ms,
            venue=desk.name,
            symbol=symbol,
            side="sell" if held or said.action == "SELL" else "buy",
            candle_ms=said.candle_ms,
            action=said.action,
            strategy=said.strategy,
            confidence=said.confidence,
            conditions=said.conditions,
            gate=said.gate,
            numbers=said.numbers,
            text_ko=said.text_ko,
            text_en=said.text_en,
        )
        self._append(line)

    def _said(self, desk: Desk, trader: Trader, poll: Poll) -> None:
        """The log's lines for entries that were held back, and for symbols without enough data."""
        for symbol, refusal in trader.refused:
            walk: Walk = trader.walks[symbol]
            self._log.hold(desk.name, symbol, walk.candle_ms, refusal.gate, refusal.numbers)
        trader.refused.clear()
        for symbol, open_ms in poll.revised:
            self._events.say("alarm", "log.candle_revised", venue=desk.name, symbol=symbol, candle_ms=open_ms)
        need = trader.rule.strategy.warmup
        for symbol, closed in poll.closed.items():
            if len(closed.candles) < need:
                self._log.wait(desk.name, symbol, closed.candle_ms, len(closed.candles), need)

    # -- the rest --------------------------------------------------------------------------------------------------

    def _append(self, line: history.Line) -> None:
        try:
            history.append(self._data_dir, line)
        except OSError as error:
            self._log.say("log.file_failed", "error", file="history", why=str(error))


def _market(trader: Trader, trade: Trade) -> str:
    """What the venue calls the symbol; the symbol itself where it is followed no more."""
    walk = trader.walks.get(trade.symbol)
    return walk.instrument.market if walk else trade.symbol
