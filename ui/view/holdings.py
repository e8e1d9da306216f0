"""Positions, holdings that are not the bot's, open orders and fills of one venue, as rows of text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from trading.ipc.portfolio import OpenOrder, Portfolio, Position, Trade
from ui.figures import NONE, Signed, Tone, kst_brief, quantity, rate
from ui.voice import Voice


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One position in words. guard: who watches the stop, with a tone that warns where nobody does."""

    symbol: str
    note: str
    quantity: str
    entry: str
    last: str
    value: str
    pnl: Signed
    percent: Signed
    stop: str
    stop_reason: str
    take_profit: str
    strategy: str
    age: str
    guard: Signed


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """A holding that the bot never touches."""

    symbol: str
    quantity: str
    average: str
    value: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order that has not ended."""

    time: str
    symbol: str
    side: Signed
    kind: str
    price: str
    quantity: str
    filled: str
    state: str


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One fill."""

    time: str
    symbol: str
    side: Signed
    quantity: str
    price: str
    value: str
    fee: str
    pnl: Signed
    percent: Signed
    reason: str
    slippage: str
    strategy: str


@dataclass(frozen=True, slots=True)
class Purse:
    """The money of one venue: equity, cash, what is in the market, results."""

    equity: str
    cash: str
    invested: str
    realized: Signed
    unrealized: Signed
    since_start: Signed
    since_start_rate: Signed


def purse(portfolio: Portfolio, voice: Voice) -> Purse:
    """The figures over the tables. since_start: equity against the initial capital."""
    gained = portfolio.equity - portfolio.initial_capital
    share = gained / portfolio.initial_capital * 100 if portfolio.initial_capital > 0 else None
    currency = portfolio.currency
    return Purse(
        equity=voice.money(portfolio.equity, currency),
        cash=voice.money(portfolio.current_capital, currency),
        invested=voice.money(portfolio.equity - portfolio.current_capital, currency),
        realized=voice.gain(portfolio.realized_pnl, currency),
        unrealized=voice.gain(portfolio.unrealized_pnl, currency),
        since_start=voice.gain(gained, currency),
        since_start_rate=rate(share),
    )


def positions(portfolio: Portfolio, market_ms: int | None, voice: Voice) -> tuple[PositionRow, ...]:
    """Positions, the largest first. market_ms: now on the market clock, for their age."""

    def size(item: tuple[str, Position]) -> Decimal:
        return item[1].quantity * (item[1].last_price or item[1].entry_price)

    ordered = sorted(portfolio.details.items(), key=lambda item: (-size(item), item[0]))
    return tuple(_position(symbol, one, portfolio.currency, market_ms, voice) for symbol, one in ordered)


def _position(symbol: str, one: Position, currency: str, market_ms: int | None, voice: Voice) -> PositionRow:
    price = one.last_price
    notes = []
    if one.side == "short":
        notes.append(voice.say("position.short"))
    if one.leverage > 1:
        notes.append(f"{one.leverage}x")
    if one.dust:
        notes.append(voice.say("position.dust"))
    if one.liquidation_price is not None:
        notes.append(voice.say("position.liquidation", price=voice.price(one.liquidation_price, currency)))
    tone: Tone = "bad" if one.guarded_by == "none" and not one.dust else "quiet"
    return PositionRow(
        symbol=symbol,
        note=" · ".join(notes),
        quantity=quantity(one.quantity),
        entry=voice.price(one.entry_price, currency),
        last=voice.price(price, currency),
        value=voice.money(None if price is None else price * one.quantity, currency),
        pnl=voice.gain(one.pnl, currency),
        percent=rate(one.pnl_percent),
        stop=voice.price(one.stop, currency),
        stop_reason=voice.term("reason", one.stop_reason) if one.stop_reason else "",
        take_profit=voice.price(one.take_profit, currency),
        strategy=voice.term("strategy", one.strategy),
        age=NONE if market_ms is None else voice.span((market_ms - one.entry_ms) / 1000),
        guard=Signed(voice.say(f"guard.{one.guarded_by}"), tone),
    )


def foreign(portfolio: Portfolio, voice: Voice, prices: dict[str, Decimal]) -> tuple[ForeignRow, ...]:
    """Holdings that are not the bot's. prices: last price by symbol where one is known."""
    rows = []
    for symbol, one in sorted(portfolio.foreign.items()):
        last = prices.get(symbol, one.average_price)
        rows.append(
            ForeignRow(
                symbol=symbol,
                quantity=quantity(one.quantity),
                average=voice.price(one.average_price, portfolio.currency),
                value=voice.money(None if last is None else last * one.quantity, portfolio.currency),
            )
        )
    return tuple(rows)


def side_of(side: str, voice: Voice) -> Signed:
    """Buy in red, sell in blue."""
    buying = side.lower() == "buy"
    return Signed(voice.say("side.buy" if buying else "side.sell"), "up" if buying else "down")


def orders(portfolio: Portfolio, voice: Voice) -> tuple[OrderRow, ...]:
    """Open orders, newest first."""
    newest = sorted(portfolio.open_orders, key=lambda one: -one.created_ms)
    return tuple(_order(one, portfolio.currency, voice) for one in newest)


def _order(one: OpenOrder, currency: str, voice: Voice) -> OrderRow:
    return OrderRow(
        time=kst_brief(one.created_ms),
        symbol=one.symbol,
        side=side_of(one.side, voice),
        kind=voice.term("order_type", one.type),
        price=voice.price(one.price, currency),
        quantity=quantity(one.quantity),
        filled=quantity(one.filled),
        state=voice.term("order_state", one.state),
    )


def trades(portfolio: Portfolio, voice: Voice, most: int, symbol: str = "") -> tuple[TradeRow, ...]:
    """The last `most` fills, newest first; symbol: only of this one."""
    chosen = [one for one in reversed(portfolio.trade_history) if not symbol or one.symbol == symbol]
    return tuple(_trade(one, portfolio.currency, voice) for one in chosen[:most])


def _trade(one: Trade, currency: str, voice: Voice) -> TradeRow:
    return TradeRow(
        time=kst_brief(one.time_ms),
        symbol=one.symbol,
        side=side_of(one.type, voice),
        quantity=quantity(one.quantity),
        price=voice.price(one.price, currency),
        value=voice.money(one.price * one.quantity, currency),
        fee=voice.money(one.fee, currency) if currency == "KRW" else voice.price(one.fee, currency),
        pnl=voice.gain(one.pnl, currency),
        percent=rate(one.pnl_percent),
        reason=voice.term("reason", one.reason),
        slippage=f"{one.slippage_percent:+.2f}%",
        strategy=voice.term("strategy", one.strategy),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """Closed fills of the shown history: how many, how many won, the sum."""

    sells: int
    wins: int
    pnl: Signed

    @property
    def rate(self) -> str:
        """Share of winners."""
        return f"{100 * self.wins / self.sells:.0f}%" if self.sells else NONE


def tally(portfolio: Portfolio, voice: Voice) -> Tally:
    """Counts over the whole trade history of the file (its last 500 fills)."""
    closed = [one.pnl for one in portfolio.trade_history if one.pnl is not None]
    return Tally(
        sells=len(closed),
        wins=sum(pnl > 0 for pnl in closed),
        pnl=voice.gain(sum(closed, Decimal(0)), portfolio.currency),
    )
