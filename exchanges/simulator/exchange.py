"""One venue's exchange in neutral words: its markets, the account on it, the orders and what happened to them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from exchanges.simulator import matching
from exchanges.simulator.accounts import Account
from exchanges.simulator.grid import PriceGrid
from exchanges.simulator.listing import coin_named
from exchanges.simulator.market import Market, Trade
from exchanges.simulator.orders import Event, Fill, Order
from exchanges.simulator.tape import Feed, Print

TradeListener = Callable[[Market, Trade], None]
EventListener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class VenueRules:
    """What the neutral exchange must know of a venue: its name, quote currency, fee (fraction) and price grid."""

    name: str
    quote: str
    fee: Decimal
    grid: PriceGrid


class Exchange:
    """Markets, account and orders of one venue; everything happens at a market time that the caller names."""

    def __init__(self, rules: VenueRules, feed: Feed, seed: int, cash: Decimal) -> None:
        """`cash`: what the account starts with, in the quote currency."""
        self.rules, self.seed = rules, seed
        on_grid = feed.half_spread
        self.markets: dict[str, Market] = {}
        self._by_coin: dict[str, Market] = {}
        for coin in feed.coins:
            code = f"{rules.quote}-{coin}"
            market = Market(code, coin_named(coin), rules.grid, feed.half_spread, seed, on_grid)
            self.markets[code] = self._by_coin[coin] = market
        self.account = Account()
        self.account.deposit(rules.quote, cash)
        self.orders: dict[str, Order] = {}
        self._open: dict[str, Order] = {}
        self.by_client_id: dict[str, str] = {}
        self.burnt: set[str] = set()
        """Client ids that were ever used, by orders that failed too."""
        self.fills: list[Fill] = []
        self.cancels: dict[str, float] = {}
        """Order id -> monotonic second at which its accepted cancel takes effect."""
        self.next_fill: Decimal | None = None
        """The fraction to which the next order may fill at once (a planned partial fill)."""
        self.offline = False
        self.on_trade: list[TradeListener] = []
        self.on_event: list[EventListener] = []
        self.seq = 0
        """Grows with every change; `changed` and `fill_seq` say what changed after a given number."""
        self.changed: dict[str, int] = {}
        self.fill_seq: list[int] = []
        self.ids = 0

    # Market

    def note_history(self, coin: str, one: Print) -> None:
        """A trade of before the opening."""
        self._by_coin[coin].note_history(one)

    def on_print(self, coin: str, one: Print) -> None:
        """A public trade: into the market, then against the resting orders in the order they came."""
        market = self._by_coin[coin]
        if not market.fixed and not self.offline:
            self.trade_publicly(market, one)

    def trade_publicly(self, market: Market, one: Print) -> None:
        """Records a public trade and lets the resting orders of its market meet it."""
        trade = market.record(one)
        for listener in self.on_trade:
            listener(market, trade)
        for order in self.open_orders(market.code):
            self._tell(
                matching.touch(order, trade.price, trade.quantity, self.account, market.rose, trade.at_ms, self.next_id)
            )

    # Orders

    def open_orders(self, market: str | None = None) -> list[Order]:
        """Open orders in the order they came."""
        return [order for order in self._open.values() if market is None or order.market == market]

    def submit(self, order: Order, now_ms: int) -> Order:
        """Accepts an order and lets it take from the book of this moment.

        Returns the order as it was when accepted, before any fill. Raises accounts.NotEnough.
        """
        accepted = matching.accept(order, self.account)
        market = self.markets[order.market]
        self.orders[order.order_id] = self._open[order.order_id] = order
        if order.client_id is not None:
            self.by_client_id[order.client_id] = order.order_id
        opposite = [own for own in self.open_orders(order.market) if own.side != order.side]
        self._tell([accepted])
        book = market.book()
        if self.next_fill is not None:
            book, self.next_fill = matching.thinned(book, order, self.next_fill), None
        self._tell(matching.take(order, book, self.account, opposite, market.rose, now_ms, self.next_id))
        return accepted.order

    def cancel_at(self, order_id: str, monotonic: float) -> None:
        """Accepts a cancel that takes effect at `monotonic` (wall seconds), unless the order ends before."""
        self.cancels.setdefault(order_id, monotonic)

    def settle_cancels(self, monotonic: float, now_ms: int) -> None:
        """Carries out the cancels that are due."""
        for order_id in [key for key, due in self.cancels.items() if due <= monotonic]:
            del self.cancels[order_id]
            self.cancel_now(order_id, now_ms)

    def cancel_now(self, order_id: str, now_ms: int) -> None:
        """Cancels at once; an order that has ended stays as it is."""
        order = self.orders[order_id]
        if order.state == "open":
            self._tell([matching.finish(order, self.account, now_ms)])

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self.seq += 1
            order = event.order
            self.changed[order.order_id] = self.seq
            if event.fill is not None:
                self.fills.append(event.fill)
                self.fill_seq.append(self.seq)
            if order.state != "open":
                self._open.pop(order.order_id, None)
                self.cancels.pop(order.order_id, None)
            for listener in self.on_event:
                listener(event)

    def reopen(self, orders: list[Order]) -> None:
        """Takes saved orders in (oldest first), as after a restart."""
        for order in orders:
            self.seq += 1
            self.orders[order.order_id] = order
            self.changed[order.order_id] = self.seq
            if order.client_id is not None:
                self.by_client_id[order.client_id] = order.order_id
            if order.state == "open":
                self._open[order.order_id] = order
            self.fills.extend(order.fills)
        self.fills.sort(key=lambda fill: fill.at_ms)
        self.fill_seq = [self.seq] * len(self.fills)

    def next_id(self) -> str:
        """A new identifier (UUID form), the same sequence for the same seed."""
        self.ids += 1
        digest = hashlib.sha256(f"{self.seed}:{self.rules.name}:{self.ids}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=4))
