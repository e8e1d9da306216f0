"""Orders and fills as values, in words no venue owns. Amounts are Decimal, times market ms UTC."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from exchanges.simulator.accounts import ZERO

Side = Literal["buy", "sell"]
Kind = Literal["limit", "market", "best"]
TimeInForce = Literal["ioc", "fok", "post_only"]
State = Literal["open", "filled", "cancelled"]
SelfTrade = Literal["cancel_maker", "cancel_taker", "reduce", "none"]


@dataclass(slots=True)
class Fill:
    """One trade of an order; `fee` is in the quote currency, `rose` tells whether the price rose to it."""

    trade_id: str
    order_id: str
    market: str
    side: Side
    price: Decimal
    quantity: Decimal
    funds: Decimal
    fee: Decimal
    maker: bool
    rose: bool
    at_ms: int


@dataclass(slots=True)
class Order:
    """One order.

    Exactly one of `quantity` (coins) and `amount` (quote currency to spend, market and best buys) is given; `price`
    only for kind "limit". `locked` is in the quote currency for a buy, in coins for a sell.
    """

    order_id: str
    client_id: str | None
    market: str
    side: Side
    kind: Kind
    price: Decimal | None
    quantity: Decimal | None
    amount: Decimal | None
    time_in_force: TimeInForce | None
    self_trade: SelfTrade
    created_ms: int
    fee_rate: Decimal
    state: State = "open"
    executed: Decimal = ZERO
    executed_funds: Decimal = ZERO
    reserved_fee: Decimal = ZERO
    paid_fee: Decimal = ZERO
    locked: Decimal = ZERO
    prevented: Decimal = ZERO
    prevented_locked: Decimal = ZERO
    finished_ms: int | None = None
    said_self_trade: bool = False
    """Whether the client named the self-trade rule itself (some venues return it only then)."""
    fills: list[Fill] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The coin, from a market named QUOTE-COIN."""
        return self.market.split("-", 1)[1]

    @property
    def quote(self) -> str:
        """The currency that pays, from a market named QUOTE-COIN."""
        return self.market.split("-", 1)[0]

    @property
    def remaining(self) -> Decimal | None:
        """Coins still to trade; None for an order by amount."""
        return None if self.quantity is None else self.quantity - self.executed - self.prevented

    @property
    def unspent(self) -> Decimal:
        """What an order by amount has not spent yet."""
        return ZERO if self.amount is None else self.amount - self.executed_funds

    @property
    def remaining_fee(self) -> Decimal:
        """What is left of the fee set aside at the start (buys only)."""
        return max(self.reserved_fee - self.paid_fee, ZERO)

    def copy(self) -> Order:
        """The order as it is now: later changes do not show in the copy."""
        return replace(self, fills=list(self.fills))


EventKind = Literal["accepted", "trade", "done", "cancelled", "prevented"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an order: the order as it was right then, and the fill of a trade."""

    kind: EventKind
    order: Order
    fill: Fill | None = None
