"""Orders from intent to their end, over two ports: a venue and a ledger. Serves live trading and exact replay alike.

Order of effects: INTENT in the ledger (durable) -> one POST, never repeated -> fills booked -> its state recorded.
What an answer does not prove makes the order UNKNOWN, and only evidence from the venue leaves that state.
Memory follows the ledger: nothing is believed here before it is durable there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from trading.core.errors import LedgerUnavailable, NotSupported, OutcomeUnknown, Refused, StopTrading, TryLater
from trading.core.orders import TERMINAL, ZERO, Fill, Order, OrderEvent, State
from trading.core.ports import Clock, OrderLedger, OrderVenue, VenueOrder
from trading.evidence import Watch, absence_proven, base_of, fills_missing, same_order, unsold

#: Details this module writes itself; a venue's own codes stand there otherwise.
ABSENT: Final = "absent"
NO_LEDGER: Final = "ledger_unavailable"
IN_DOUBT: Final = "earlier_order_unknown"

#: Fills are asked from a little before the order was made: the venue's clock may be behind the one that stamped it.
LOOKBACK_MS: Final = 60_000


def _pass(_label: str) -> None:
    """The kill point of a process that nobody wants dead."""


class Execution:
    """Sends one venue's orders and follows them. Not thread-safe: only the venue's own thread calls it.

    poll_s: wall seconds between two questions about a resting order; hinted, market and doubtful exit orders are
    asked at every `settle`. foreign: base asset -> free quantity on the account that is not ours (set by
    reconciling). stopped: the last StopTrading; error: the last thing that went wrong, for health and logs.
    """

    def __init__(
        self,
        venue: OrderVenue,
        ledger: OrderLedger,
        clock: Clock,
        killpoint: Callable[[str], None] = _pass,
        poll_s: float = 5.0,
    ) -> None:
        self._venue = venue
        self._ledger = ledger
        self._clock = clock
        self._killpoint = killpoint
        self._poll_s = poll_s
        self._live: dict[str, Watch] = {}
        self._events: list[OrderEvent] = []
        self.foreign: Mapping[str, Decimal] = {}
        self.stopped: StopTrading | None = None
        self.error: Exception | None = None

    # -- what others ask -------------------------------------------------------------------------------------------

    @property
    def live(self) -> tuple[Order, ...]:
        """Orders in no terminal state, oldest first."""
        return tuple(watch.order for watch in self._live.values())

    @property
    def unknown(self) -> tuple[Order, ...]:
        """Orders of which nobody knows whether the venue has them; their symbols take no new entry."""
        return tuple(watch.order for watch in self._live.values() if watch.doubtful)

    def events(self) -> tuple[OrderEvent, ...]:
        """What happened since the last call, in order: each new fill once (`fill` set), each change of state once.

        An order is over with the event that has no fill and whose order is `done`; a fill beside a done order is late.
        """
        if not self._events:
            return ()
        happened, self._events = tuple(self._events), []
        return happened

    def hint(self, order_ids: Iterable[str]) -> None:
        """A stream says these changed: they are asked at the next `settle`. A hint is never taken for evidence."""
        for order_id in order_ids:
            if watch := self._live.get(order_id):
                watch.due = True

    # -- sending ---------------------------------------------------------------------------------------------------

    def execute(self, orders: Sequence[Order], cancels: Sequence[Order] = ()) -> None:
        """Sends each order once: what frees a holding first, then exits, then what frees cash, then entries.

        Raises nothing a venue or a ledger can cause; what became of each order is in `events`.
        """
        for order in cancels:
            if order.leg == "exit":
                self._cancel(order)
        for order in orders:
            if order.leg == "exit":
                self._send(order)
        for order in cancels:
            if order.leg == "entry":
                self._cancel(order)
        for order in orders:
            if order.leg == "entry":
                self._send(order)

    def _send(self, order: Order) -> None:
        if order.id in self._live:
            return
        if self._in_doubt(order):
            self._tell(order.moved(State.REJECTED, detail=IN_DOUBT))
            return
        intent = replace(order, state=State.INTENT, sent_wall_ms=self._clock.wall_ms())
        self._killpoint("J1")
        try:
            new = self._ledger.intend(intent)
        except LedgerUnavailable as error:
            self.error = error
            self._tell(order.moved(State.REJECTED, detail=NO_LEDGER))
            return
        if not new:
            self._decided_before(order)
            return
        watch = Watch(intent.moved(State.SENT), self._clock.monotonic())
        self._live[order.id] = watch
        self._killpoint("J3")
        self._post(watch)

    def _in_doubt(self, order: Order) -> bool:
        """An earlier order of the same purpose may be at the venue: a twin of it must not go."""
        for watch in self._live.values():
            other = watch.order
            if not watch.doubtful or other.leg != order.leg:
                continue
            if other.trip == order.trip if order.leg == "exit" else other.symbol == order.symbol:
                return True
        return False

    def _decided_before(self, order: Order) -> None:
        """The ledger has this id: it was sent once and is never sent again."""
        try:
            known = self._ledger.order(order.id)
        except LedgerUnavailable as error:
            self.error = error
            known = None
        if known is None:
            # Not to be read now: this attempt is over, the next one meets the same id and follows it then.
            self._tell(order.moved(State.REJECTED, detail=NO_LEDGER))
        elif known.done:
            self._tell(known)
        else:
            self._follow(known)

    def _post(self, watch: Watch) -> None:
        order = watch.order
        try:
            answer = self._venue.submit(order)
        except (Refused, TryLater, NotSupported, StopTrading) as no:
            self._note(no)
            self._killpoint("J5")
            self._record(watch, order.moved(State.REJECTED, detail=no.code))
            return
        except Exception as error:  # noqa: BLE001 - a defect in the adapter after the POST left must not lose the order
            self._note(error)
            watch.since = self._clock.monotonic()
            self._killpoint("J5")
            code = error.code if isinstance(error, OutcomeUnknown) else type(error).__name__
            self._record(watch, order.moved(State.UNKNOWN, detail=code))
            return
        watch.since = watch.asked = self._clock.monotonic()
        watch.due = False
        self._absorb(watch, answer)
        # A market order is over when its POST is answered, only its fills are not in every venue's answer.
        if not watch.order.done and order.limit is None:
            self._ask(watch)

    def _cancel(self, order: Order) -> None:
        watch = self._live.get(order.id)
        if watch is None or watch.cancelled:
            return
        watch.cancelled = watch.due = True
        try:
            self._venue.cancel(watch.order)
        except Exception as error:  # noqa: BLE001 - whatever happened to the question, `find` tells what became of it
            self._note(error)

    # -- following -------------------------------------------------------------------------------------------------

    def recover(self, orders: Iterable[Order]) -> None:
        """Takes up orders of an earlier life: an INTENT or SENT among them is UNKNOWN. Then settles."""
        for order in orders:
            self._follow(order)
        self.settle()

    def settle(self) -> None:
        """Asks the venue about unfinished orders and books what it shows. A failed question changes nothing."""
        if not self._live:
            return
        now = self._clock.monotonic()
        for watch in list(self._live.values()):
            watch.cancelled = False
            if self._due(watch, now):
                watch.due = False
                self._ask(watch)

    def absorb(self, order: Order, answer: VenueOrder) -> None:
        """Evidence that came another way (reconciling): books its fills, late ones too, and records what it proves.

        Raises LedgerUnavailable where a late fill cannot be booked.
        """
        watch = self._live.get(order.id)
        if watch is not None:
            self._absorb(watch, answer)
            return
        for fill in answer.fills:
            if self._ledger.book(replace(fill, order_id=order.id)):
                self._tell(order, replace(fill, order_id=order.id))

    def book_outside(self, order: Order, fill: Fill) -> bool:
        """Books a trade that was made outside the bot on what it owns; `order` is its record made afterwards, FILLED.

        False when it was booked before. Raises LedgerUnavailable.
        """
        self._killpoint("J5")
        self._ledger.intend(order)
        self._killpoint("J6")
        new = self._ledger.book(fill)
        if new:
            self._tell(order, fill)
            self._tell(order)
        return new

    def _follow(self, order: Order) -> None:
        if order.done or order.id in self._live:
            return
        watch = Watch(order, self._clock.monotonic(), ours=False)
        self._live[order.id] = watch
        if order.state in (State.INTENT, State.SENT):
            self._record(watch, order.moved(State.UNKNOWN))

    def _due(self, watch: Watch, now: float) -> bool:
        if watch.due or watch.asked is None:
            return True
        order = watch.order
        if order.leg == "exit" and watch.doubtful:
            return True
        if order.limit is None and not watch.doubtful:
            return True
        return now - watch.asked >= self._poll_s

    def _ask(self, watch: Watch) -> None:
        watch.asked = self._clock.monotonic()
        try:
            answer = self._venue.find(watch.order)
            if answer is not None and fills_missing(watch, answer):
                answer = self._with_trades(watch.order, answer)
        except Exception as error:  # noqa: BLE001 - no answer is no knowledge, whatever kept it from us
            self._note(error)
            return
        if answer is None:
            self._look_elsewhere(watch)
        else:
            self._absorb(watch, answer)

    def _with_trades(self, order: Order, answer: VenueOrder) -> VenueOrder:
        """`answer` with the trades it tells of but does not carry, from the account's list of trades."""
        listed = [
            fill for owner, fill in self._trades(order) if same_order(owner, order) or owner.venue_id == answer.venue_id
        ]
        known = {fill.trade_id for fill in answer.fills}
        return replace(answer, fills=answer.fills + tuple(fill for fill in listed if fill.trade_id not in known))

    def _trades(self, order: Order) -> Sequence[tuple[VenueOrder, Fill]]:
        return self._venue.fills(order.created_ms - LOOKBACK_MS, (order.symbol,))

    def _look_elsewhere(self, watch: Watch) -> None:
        """One endpoint denies the order: a second one is asked, and only both together over time prove absence."""
        order = watch.order
        try:
            resting = [shown for shown in self._venue.open_orders((order.symbol,)) if same_order(shown, order)]
            traded = [(owner, fill) for owner, fill in self._trades(order) if same_order(owner, order)]
            unsold_yet = order.leg == "entry" or order.reduce_only or self._unsold(order)
        except Exception as error:  # noqa: BLE001 - as in `_ask`
            self._note(error)
            return
        if resting or traded:
            shown = resting[0] if resting else traded[0][0]
            known = {fill.trade_id for fill in shown.fills}
            more = tuple(fill for _, fill in traded if fill.trade_id not in known)
            self._absorb(watch, replace(shown, fills=shown.fills + more))
            return
        if absence_proven(watch, unsold_yet, self._clock, self._venue.capabilities.receive_window_ms):
            gone = State.REJECTED if watch.doubtful else State.CANCELLED
            self._record(watch, order.moved(gone, detail=ABSENT))

    def _unsold(self, order: Order) -> bool:
        """Can this exit not have sold, by the account's balance? (Asked after two endpoints have denied it.)"""
        asset = base_of(order.symbol)
        balance = self._venue.balances().get(asset)
        if balance is None:
            return False
        owned = self._ledger.owned(order.venue).get(asset, ZERO)
        return unsold(order, owned, balance.free - self.foreign.get(asset, ZERO), self.live)

    # -- believing -------------------------------------------------------------------------------------------------

    def _absorb(self, watch: Watch, answer: VenueOrder) -> None:
        """Books the fills of `answer`, then records the state it proves; an end only when no fill of it is missing."""
        watch.denied = None
        for fill in answer.fills:
            if fill.trade_id not in watch.trades and not self._book(watch, fill):
                return
        order = watch.order
        filled = max(order.filled, answer.filled, sum(watch.trades.values(), ZERO))
        state = answer.state
        if state in TERMINAL and fills_missing(watch, answer):
            state = State.OPEN
        if state is State.OPEN and filled > ZERO:
            state = State.PARTIAL
        moved = order.moved(state, venue_id=answer.venue_id or order.venue_id, filled=filled)
        if moved != order:
            self._killpoint("J5")
            self._record(watch, moved)

    def _book(self, watch: Watch, fill: Fill) -> bool:
        """Books one fill of ours; False when the ledger cannot be written (then the venue is asked again later)."""
        order = watch.order
        ours = fill if fill.order_id == order.id else replace(fill, order_id=order.id)
        self._killpoint("J5")
        try:
            new = self._ledger.book(ours)
        except LedgerUnavailable as error:
            self.error = error
            watch.due = True
            return False
        self._killpoint("J6")
        watch.trades[ours.trade_id] = ours.quantity
        if new:
            self._tell(order, ours)
        return True

    def _record(self, watch: Watch, moved: Order) -> None:
        """Makes `moved` durable, then true here. Without a ledger the order stays as it was and is asked again."""
        before = watch.order.state
        try:
            self._ledger.record(moved)
        except LedgerUnavailable as error:
            self.error = error
            watch.due = True
            return
        self._killpoint("J6")
        watch.order = moved
        if moved.done:
            del self._live[moved.id]
        if moved.state is not before:
            self._tell(moved)

    def _tell(self, order: Order, fill: Fill | None = None) -> None:
        self._events.append(OrderEvent(order, fill))

    def _note(self, error: Exception) -> None:
        self.error = error
        if isinstance(error, StopTrading):
            self.stopped = error
