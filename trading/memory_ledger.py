"""A ledger that lives in memory: exact replay and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from trading.core.orders import ZERO, Fill, Order
from trading.evidence import base_of, change_of


class MemoryLedger:
    """An `OrderLedger` for replay and tests: the same contract, nothing durable."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.fills: dict[tuple[str, str, str], Fill] = {}

    def intend(self, order: Order) -> bool:
        """Records an INTENT; False when this id is already there."""
        if order.id in self.orders:
            return False
        self.orders[order.id] = order
        return True

    def record(self, order: Order) -> None:
        """Replaces the order's row."""
        self.orders[order.id] = order

    def book(self, fill: Fill) -> bool:
        """Records a fill once by (venue, symbol, trade id)."""
        key = (fill.venue, fill.symbol, fill.trade_id)
        if key in self.fills:
            return False
        self.fills[key] = fill
        return True

    def fills_of(self, order_id: str) -> Sequence[Fill]:
        """The fills booked on one order, in booking order."""
        return [fill for fill in self.fills.values() if fill.order_id == order_id]

    def unfinished(self, venue: str) -> Sequence[Order]:
        """Orders of this venue that are in no terminal state."""
        return [order for order in self.orders.values() if order.venue == venue and not order.done]

    def order(self, order_id: str) -> Order | None:
        """The order with this client id."""
        return self.orders.get(order_id)

    def owned(self, venue: str) -> Mapping[str, Decimal]:
        """Base asset -> quantity that is ours by the fills booked on a venue."""
        sums: dict[str, Decimal] = {}
        for fill in self.fills.values():
            if fill.venue == venue:
                asset = base_of(fill.symbol)
                sums[asset] = sums.get(asset, ZERO) + change_of(fill)
        return sums
