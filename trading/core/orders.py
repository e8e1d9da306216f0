"""Orders, their states and their names. An order changes only along `NEXT`; terminal states absorb, late fills book."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final, Literal

Side = Literal["buy", "sell"]
Leg = Literal["entry", "exit"]
Moment = Literal["open", "inside"]

ZERO: Final = Decimal(0)


class State(StrEnum):
    """Where an order stands, as far as evidence goes."""

    INTENT = "INTENT"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    OPEN = "OPEN"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


TERMINAL: Final = frozenset({State.FILLED, State.CANCELLED, State.EXPIRED, State.REJECTED})

_SEEN: Final = frozenset({State.OPEN, State.PARTIAL, *TERMINAL})
NEXT: Final[dict[State, frozenset[State]]] = {
    # REJECTED from INTENT: refused locally (ledger, budget) before any byte left.
    State.INTENT: frozenset({State.SENT, State.UNKNOWN, State.REJECTED}),
    State.SENT: _SEEN | {State.UNKNOWN},
    State.UNKNOWN: _SEEN,
    State.OPEN: _SEEN,
    # A venue may report OPEN after PARTIAL (a stale read); a state never goes back.
    State.PARTIAL: _SEEN - {State.OPEN},
    **{state: frozenset() for state in TERMINAL},
}


@dataclass(frozen=True, slots=True)
class Order:
    """One wish to trade, from intent to its end.

    id: client id, derived from what was decided (`client_id`). trip: id of the entry order that opened the round trip.
    quantity: base asset. funds: quote to spend, for venues where a market buy names an amount (else None).
    price: what the path named, for slippage and replay; limit: the price of a limit order (None = at market).
    moment: "open" of the execution candle or "inside" it. native: the venue itself holds this take-profit.
    candle_ms: open of the signal candle; created_ms: market clock; sent_wall_ms: wall clock of the POST.
    filled: base quantity seen at the venue so far; detail: last reason of the venue, for people.
    """

    id: str
    venue: str
    book: str
    strategy: str
    symbol: str
    side: Side
    leg: Leg
    quantity: Decimal
    price: Decimal
    reason: str
    candle_ms: int
    created_ms: int
    trip: str
    funds: Decimal | None = None
    limit: Decimal | None = None
    moment: Moment = "open"
    native: bool = False
    reduce_only: bool = False
    leverage: int = 1
    attempt: int = 0
    state: State = State.INTENT
    venue_id: str | None = None
    filled: Decimal = ZERO
    sent_wall_ms: int | None = None
    detail: str = ""

    @property
    def done(self) -> bool:
        """True in a terminal state."""
        return self.state in TERMINAL

    def moved(self, state: State, **changes: object) -> Order:
        """This order in `state`; an arrow that `NEXT` lacks leaves the state as it is but takes the other changes."""
        if state == self.state or state in NEXT[self.state]:
            changes["state"] = state
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of the venue on our order. `fee` in `fee_asset` (quote, base or another); time_ms: market clock."""

    venue: str
    order_id: str
    trade_id: str
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time_ms: int
    maker: bool = False


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """What became of an order: the order as it stands now, and the fill that was booked with it, if any."""

    order: Order
    fill: Fill | None = None


def client_id(
    bot: str, book: str, strategy: str, symbol: str, side: str, candle_ms: int, leg: str, attempt: int = 0
) -> str:
    """A name that follows from the decision alone, so that deciding twice collides with the first intent.

    28 characters of [a-z2-7], inside what every venue accepts ([A-Za-z0-9_-], at most 32).
    """
    decided = "|".join((bot, book, strategy, symbol, side, str(candle_ms), leg, str(attempt)))
    digest = base64.b32encode(hashlib.sha256(decided.encode()).digest())[:26].decode().lower()
    return "ht" + digest
