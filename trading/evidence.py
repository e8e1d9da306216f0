"""What proves what became of an order: the venue showing it, or two of its endpoints denying it for long enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from trading.core.orders import TERMINAL, ZERO, Fill, Order, State
from trading.core.ports import Clock, VenueOrder

ENTRY_ABSENT_S: Final = 60.0
EXIT_ABSENT_S: Final = 10.0


def base_of(symbol: str) -> str:
    """The asset a symbol trades ("BTC/KRW" -> "BTC"; a stock is its own asset)."""
    return symbol.partition("/")[0]


def change_of(fill: Fill) -> Decimal:
    """What a fill does to the holding of its base asset, the fee counted where it is charged in base."""
    moved = fill.quantity if fill.side == "buy" else -fill.quantity
    return moved - fill.fee if fill.fee_asset == base_of(fill.symbol) else moved


@dataclass(slots=True)
class Watch:
    """What this process knows of an unfinished order beside its row. Times in monotonic seconds."""

    order: Order
    since: float
    ours: bool = True
    asked: float | None = None
    due: bool = True
    denied: float | None = None
    cancelled: bool = False
    trades: dict[str, Decimal] = field(default_factory=dict)

    @property
    def doubtful(self) -> bool:
        """True while nobody knows whether the venue has it."""
        return self.order.state in (State.INTENT, State.SENT, State.UNKNOWN)


def absence_proven(watch: Watch, unsold: bool, clock: Clock, receive_window_ms: int) -> bool:
    """Two endpoints deny the order now. Is that long enough after the POST, and for an exit often enough?

    unsold: the account still holds what an exit would have sold (True for entries and reduce-only exits).
    A venue may still take a late request inside `receive_window_ms`, so nothing is proven before it has passed.
    """
    now = clock.monotonic()
    if watch.denied is None:
        watch.denied = now
    age = now - watch.since
    if not watch.ours and watch.order.sent_wall_ms is not None:
        # Sent in an earlier life: the wall clock knows how long ago, and it is at least as long as we are alive.
        age = max(age, (clock.wall_ms() - watch.order.sent_wall_ms) / 1000)
    if age < receive_window_ms / 1000:
        return False
    if not watch.doubtful:
        # The venue had acknowledged it: an answer that goes back on that must hold for the longer time.
        return now - watch.denied >= ENTRY_ABSENT_S
    if watch.order.leg == "exit" and unsold and now - watch.denied >= EXIT_ABSENT_S:
        return True
    return age >= ENTRY_ABSENT_S


def same_order(shown: VenueOrder, order: Order) -> bool:
    """Is the order the venue shows this one of ours?"""
    return shown.client_id == order.id or (order.venue_id is not None and shown.venue_id == order.venue_id)


def fills_missing(watch: Watch, answer: VenueOrder) -> bool:
    """An ended order of which the fills told so far are fewer than what it says was filled."""
    if answer.state not in TERMINAL:
        return False
    if answer.state is State.FILLED and not answer.fills_complete and answer.filled <= ZERO:
        return True
    told = dict(watch.trades)
    told.update((fill.trade_id, fill.quantity) for fill in answer.fills)
    return sum(told.values(), ZERO) < answer.filled


def unsold(order: Order, owned: Decimal, free: Decimal, others: Iterable[Order]) -> bool:
    """Does the account still hold, free, all that is ours of this exit's asset, so that the exit cannot have sold?

    owned: ours by the ledger; free: the account's free quantity less what is foreign; others: our other live orders.
    Coins of another round trip must not pass for the ones this exit would have sold, so nothing is said while another
    order may have moved them.
    """
    asset, resting = base_of(order.symbol), ZERO
    for other in others:
        if other.id == order.id or base_of(other.symbol) != asset:
            continue
        if other.side != order.side or other.state not in (State.OPEN, State.PARTIAL):
            return False
        resting += other.quantity - other.filled
    return free + resting >= max(owned, order.quantity - order.filled)
