"""Positions are what the fills say: a fold over (order, fill), in Decimal, with nothing of what was wished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading.core.orders import ZERO, Fill, Order, OrderEvent

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Trade:
    """A closed round trip. Prices in quote, `fee` of both sides and `pnl` in quote (after fee and funding).

    pnl_percent is in percent (5.0 = 5 %). ambiguous: inside a candle it could have gone another way; other_price:
    where it would have left then (None: not known).
    """

    trip: str
    venue: str
    book: str
    strategy: str
    symbol: str
    side: str
    entry_ms: int
    entry_price: Decimal
    quantity: Decimal
    exit_ms: int
    exit_price: Decimal
    exit_reason: str
    fee: Decimal
    pnl: Decimal
    pnl_percent: Decimal
    funding: Decimal = ZERO
    ambiguous: bool = False
    other_price: float | None = None


@dataclass(slots=True)
class Position:
    """An open round trip, summed from its fills.

    side: +1 long, -1 short. quantity: base still held, net of fees charged in base. bought/cost: base and quote of all
    entry fills; sold/proceeds: of all exit fills. fee: quote, both sides so far. entry_ms: first fill, market clock.
    atr, high_water, candles_held, leave, doubt, armed...: the path state its trader keeps beside the fills.
    """

    trip: str
    venue: str
    book: str
    strategy: str
    symbol: str
    side: int
    entry_ms: int
    entry_candle_ms: int
    leverage: int = 1
    quantity: Decimal = ZERO
    bought: Decimal = ZERO
    cost: Decimal = ZERO
    sold: Decimal = ZERO
    proceeds: Decimal = ZERO
    fee: Decimal = ZERO
    funding: Decimal = ZERO
    exit_ms: int = 0
    exit_reason: str = ""
    atr: float = 0.0
    high_water: float = 0.0
    candles_held: int = 0
    leave: bool = False
    doubt: bool = False
    other: float | None = None
    entry: float = 0.0

    @property
    def entry_price(self) -> Decimal:
        """Average price of the entry fills, quote."""
        return self.cost / self.bought

    @property
    def open_cost(self) -> Decimal:
        """Quote paid for what is still held."""
        return self.cost if not self.sold else self.cost * self.quantity / (self.quantity + self.sold)

    def unrealized(self, price: Decimal) -> Decimal:
        """Gain of what is still held at `price`, quote, before the exit's fee."""
        return self.side * (price * self.quantity - self.open_cost)


def fee_in_quote(fill: Fill, base: str, quote: str, rates: Mapping[str, Decimal]) -> Decimal:
    """The fee's worth in quote. rates: quote per unit of a third asset (BNB); KeyError without one."""
    if fill.fee_asset == quote or not fill.fee:
        return fill.fee
    if fill.fee_asset == base:
        return fill.fee * fill.price
    return fill.fee * rates[fill.fee_asset]


@dataclass(slots=True)
class Portfolio:
    """One venue's book of our own round trips. cash: initial capital plus all flows, less what positions bind."""

    cash: Decimal
    positions: dict[str, Position] = field(default_factory=dict)
    residue: dict[str, Decimal] = field(default_factory=dict)
    realized: Decimal = ZERO

    def apply(
        self, order: Order, fill: Fill, base: str, quote: str, rates: Mapping[str, Decimal] | None = None
    ) -> Trade | None:
        """Books one new fill of `order`; returns the trade it closed, if any."""
        fee = fee_in_quote(fill, base, quote, rates or {})
        if order.leg == "entry":
            self._enter(order, fill, fee, base)
            return None
        return self._leave(order, fill, fee, base)

    def _enter(self, order: Order, fill: Fill, fee: Decimal, base: str) -> None:
        position = self.positions.get(order.symbol)
        if position is None:
            position = Position(
                order.trip,
                order.venue,
                order.book,
                order.strategy,
                order.symbol,
                1 if fill.side == "buy" else -1,
                fill.time_ms,
                order.candle_ms,
                order.leverage,
            )
            self.positions[order.symbol] = position
        notional = fill.price * fill.quantity
        position.bought += fill.quantity
        position.cost += notional
        position.quantity += fill.quantity - (fill.fee if fill.fee_asset == base else ZERO)
        position.fee += fee
        position.entry = float(position.cost / position.bought)
        self.cash -= notional / position.leverage + (ZERO if fill.fee_asset == base else fee)

    def _leave(self, order: Order, fill: Fill, fee: Decimal, base: str) -> Trade | None:
        notional = fill.price * fill.quantity
        position = self.positions.get(order.symbol)
        if position is None:
            self._late(fill, notional, fee)
            return None
        share = (
            position.open_cost
            if fill.quantity >= position.quantity
            else (position.open_cost * fill.quantity / position.quantity)
        )
        position.quantity -= fill.quantity + (fill.fee if fill.fee_asset == base else ZERO)
        position.sold += fill.quantity
        position.proceeds += notional
        position.fee += fee
        position.exit_ms = fill.time_ms
        position.exit_reason = order.reason
        self.cash += share / position.leverage + position.side * (notional - share) - fee
        return self.close(order.symbol) if position.quantity <= ZERO else None

    def _late(self, fill: Fill, notional: Decimal, fee: Decimal) -> None:
        """A fill after its round trip was closed as dust: the money counts, the residue shrinks."""
        self.cash += (notional if fill.side == "sell" else -notional) - fee
        left = self.residue.get(fill.symbol, ZERO) - fill.quantity
        self.residue[fill.symbol] = max(ZERO, left)

    def charge(self, symbol: str, amount: Decimal) -> None:
        """Books funding on an open position: quote, positive where it was received."""
        self.positions[symbol].funding += amount
        self.cash += amount

    def close(self, symbol: str) -> Trade:
        """Ends the round trip of `symbol`; what is left of it (dust under the minimum) is kept as residue."""
        position = self.positions.pop(symbol)
        if position.quantity > ZERO:
            self.residue[symbol] = self.residue.get(symbol, ZERO) + position.quantity
        trade = closed(position)
        self.realized += trade.pnl
        return trade

    def equity(self, prices: Mapping[str, Decimal]) -> Decimal:
        """cash + what is held, at `prices` (quote; entry price where one is missing), no exit fee deducted."""
        total = self.cash
        for symbol, position in self.positions.items():
            price = prices.get(symbol, position.entry_price)
            total += position.open_cost / position.leverage + position.unrealized(price)
        return total


def closed(position: Position) -> Trade:
    """The round trip of a position whose exit fills are all booked."""
    sold = position.sold
    entry = position.entry_price
    exit_price = position.proceeds / sold if sold else entry
    basis = position.cost if sold == position.bought else entry * sold  # the quotient may lack the last digits
    pnl = position.side * (position.proceeds - basis) - position.fee + position.funding
    return Trade(
        position.trip,
        position.venue,
        position.book,
        position.strategy,
        position.symbol,
        "long" if position.side > 0 else "short",
        position.entry_ms,
        entry,
        sold,
        position.exit_ms,
        exit_price,
        position.exit_reason,
        position.fee,
        pnl,
        HUNDRED * pnl / basis if basis else ZERO,
        position.funding,
        position.doubt,
        position.other,
    )


def folded(
    cash: Decimal, events: Iterable[OrderEvent], assets: Mapping[str, tuple[str, str]]
) -> tuple[Portfolio, list[Trade]]:
    """The portfolio and trades that `events` (in booking order) add up to. assets: symbol -> (base, quote)."""
    portfolio = Portfolio(cash)
    trades = []
    for event in events:
        if event.fill is not None:
            base, quote = assets[event.order.symbol]
            trade = portfolio.apply(event.order, event.fill, base, quote)
            if trade is not None:
                trades.append(trade)
    return portfolio, trades
