"""What an account holds against what the ledger says: pure classification, and the size an exit may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final, Literal

from trading.core.orders import ZERO, Fill, Order, Side, State, client_id
from trading.core.ports import VenueOrder
from trading.evidence import base_of
from trading.live.ledger_orders import Holding

Kind = Literal[
    "ours", "foreign", "manual", "deposit", "withdrawal", "liquidation", "dust", "missing", "stranger", "unresolved"
]
Action = Literal[
    "booked", "cancel_asked", "listed", "kept_foreign", "foreign_reduced", "ignored", "entries_off", "waiting"
]

#: Client ids the venues themselves give to orders that end a position by force.
FORCED: Final = ("autoclose-", "adl_autoclose", "settlement_autoclose-", "liquidation")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the account and the ledger did not agree on, and what was done. name: symbol, or asset if only that."""

    kind: Kind
    name: str
    quantity: Decimal
    action: Action
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ForeignHolding:
    """A holding that is not ours. average_price: the venue's own; locked: what sits in orders that are not ours."""

    quantity: Decimal
    average_price: Decimal = ZERO
    locked: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Do the account and the ledger agree? ok False: no entries (exits stay on), `reason` says why.

    foreign: base asset -> what is not ours. seen: what this look at the account showed, for the next one to confirm.
    """

    ok: bool
    differences: tuple[Difference, ...] = ()
    foreign: Mapping[str, ForeignHolding] = field(default_factory=dict)
    reason: str = ""
    seen: Mapping[str, tuple[Decimal, Decimal | None]] = field(default_factory=dict)


def sellable(
    ledger_quantity: Decimal, venue_free: Decimal, foreign_quantity: Decimal, foreign_locked: Decimal = ZERO
) -> Decimal:
    """How much an exit may sell: what is ours by the ledger, and never more than is free beside what is not ours.

    foreign_locked: the part of the foreign quantity that sits in orders which are not ours, so not in `venue_free`.
    """
    beside = venue_free - max(ZERO, foreign_quantity - foreign_locked)
    return max(ZERO, min(ledger_quantity, beside))


def forced(owner: VenueOrder) -> bool:
    """Did the venue itself make this order, to liquidate?"""
    return owner.type == "liquidation" or (owner.client_id or "").startswith(FORCED)


@dataclass(frozen=True, slots=True)
class StrangeTrade:
    """A trade on the account that no order of ours made. taken: base of it that was booked as ours before."""

    owner: VenueOrder
    fill: Fill
    taken: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OutsideTrade:
    """What a trade outside the bot did to a round trip of ours: an order made afterwards, and its fill."""

    order: Order
    fill: Fill


def explained(shortage: Decimal, trips: Sequence[Holding], trades: Iterable[StrangeTrade]) -> list[OutsideTrade]:
    """The part of `shortage` (base, > 0) that trades outside the bot explain: oldest trip first, in order of time.

    trips: ours of one asset, all of one direction. trades: of that asset. Each is booked at the venue's price, with its
    share of the fee.
    """
    closing = "sell" if trips and trips[0].quantity > ZERO else "buy"
    left = {trip.trip: abs(trip.quantity) for trip in trips}
    found = []
    for trade in sorted(trades, key=lambda trade: (trade.fill.time_ms, trade.fill.trade_id)):
        if trade.fill.side != closing:
            continue
        taken = trade.taken
        for trip in trips:
            take = min(trade.fill.quantity - taken, shortage, left[trip.trip])
            if take <= ZERO:
                continue
            found.append(_outside(trade, trip, take, taken))
            left[trip.trip] -= take
            taken += take
            shortage -= take
    return found


def _outside(trade: StrangeTrade, trip: Holding, quantity: Decimal, taken: Decimal) -> OutsideTrade:
    fill = trade.fill
    # One trade may end parts of several trips: each part is a fill of its own, told apart by where it begins.
    trade_id = fill.trade_id if not taken else f"{fill.trade_id}/{taken}"
    reason = "liquidation" if forced(trade.owner) else "manual"
    order = _record_of(fill, trip, quantity, reason, f"{trade.owner.venue_id}/{trade_id}")
    # A fee in base went with the quantity that is missing; it must not be taken off twice.
    fee = ZERO if fill.fee_asset == base_of(fill.symbol) else fill.fee * quantity / fill.quantity
    part = replace(fill, order_id=order.id, trade_id=trade_id, quantity=quantity, fee=fee)
    return OutsideTrade(order, part)


def _record_of(fill: Fill, trip: Holding, quantity: Decimal, reason: str, name: str) -> Order:
    return Order(
        id=client_id("outside", trip.book, trip.strategy, fill.symbol, fill.side, fill.time_ms, name),
        venue=fill.venue,
        book=trip.book,
        strategy=trip.strategy,
        symbol=fill.symbol,
        side=fill.side,
        leg="exit",
        quantity=quantity,
        price=fill.price,
        reason=reason,
        candle_ms=fill.time_ms,
        created_ms=fill.time_ms,
        trip=trip.trip,
        moment="inside",
        state=State.FILLED,
        filled=quantity,
    )


def adoption(
    venue: str, book: str, strategy: str, symbol: str, side: Side, price: Decimal, quantity: Decimal, time_ms: int
) -> OutsideTrade:
    """The entry by which a foreign holding becomes ours, at `price` and without a fee. time_ms: market clock."""
    order_id = client_id("outside", book, strategy, symbol, side, time_ms, "adopt")
    order = Order(
        id=order_id,
        venue=venue,
        book=book,
        strategy=strategy,
        symbol=symbol,
        side=side,
        leg="entry",
        quantity=quantity,
        price=price,
        reason="adopt",
        candle_ms=time_ms,
        created_ms=time_ms,
        trip=order_id,
        moment="inside",
        state=State.FILLED,
        filled=quantity,
    )
    quote = symbol.partition("/")[2] or "KRW"
    fill = Fill(venue, order_id, f"adopt-{order_id}", symbol, side, price, quantity, ZERO, quote, time_ms)
    return OutsideTrade(order, fill)
