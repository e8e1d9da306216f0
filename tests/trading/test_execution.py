"""Execution against a venue that loses replies, one behaviour at a time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.trading.lossy_venue import FakeClock, LossyVenue, an_order
from trading.core.errors import LedgerUnavailable
from trading.core.orders import Fill, Order, OrderEvent, State
from trading.core.ports import Capabilities, VenueOrder
from trading.execution import ABSENT, IN_DOUBT, NO_LEDGER, Execution
from trading.memory_ledger import MemoryLedger


class Desk:
    """One execution with its parts."""

    def __init__(self, venue: LossyVenue | None = None, ledger: MemoryLedger | None = None) -> None:
        self.clock = venue.clock if venue else FakeClock()
        self.venue = venue or LossyVenue(self.clock)
        self.ledger = ledger or MemoryLedger()
        self.execution = Execution(self.venue, self.ledger, self.clock)

    def step(self, seconds: float = 1.0) -> tuple[OrderEvent, ...]:
        self.clock.pass_s(seconds)
        self.execution.settle()
        return self.execution.events()

    def state(self, order_id: str) -> State:
        return self.ledger.orders[order_id].state

    def again(self) -> Desk:
        """A restart: the venue and the ledger live on."""
        self.clock.mono += 1
        desk = Desk(self.venue, self.ledger)
        desk.execution.recover(self.ledger.unfinished("upbit"))
        return desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ends(events: tuple[OrderEvent, ...]) -> list[State]:
    return [event.order.state for event in events if event.fill is None and event.order.done]


def test_a_filled_order_is_one_post_one_fill_one_end(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    events = desk.execution.events()
    assert [event.fill.quantity for event in events if event.fill] == [Decimal(2)]
    assert ends(events) == [State.FILLED]
    assert desk.venue.truth.posts == ["a"]
    assert desk.execution.events() == ()
    assert desk.execution.live == ()
    assert desk.ledger.orders["a"].venue_id == "v-1"


def test_the_intent_is_in_the_ledger_before_the_post(desk: Desk) -> None:
    seen: list[State] = []
    submit = desk.venue.submit

    def look_first(order: Order) -> VenueOrder:
        seen.append(desk.ledger.orders[order.id].state)
        return submit(order)

    desk.venue.submit = look_first  # type: ignore[method-assign]
    desk.execution.execute([an_order("a")])
    assert seen == [State.INTENT]


def test_exits_go_first_and_what_frees_a_holding_before_them(desk: Desk) -> None:
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("tp", "exit", trip="t", limit=Decimal(1100))])
    desk.venue.portion = Decimal(1)
    calls: list[str] = []
    for name in ("submit", "cancel"):
        real = getattr(desk.venue, name)
        setattr(
            desk.venue, name, lambda order, real=real, name=name: (calls.append(f"{name} {order.id}"), real(order))[1]
        )
    entry, leave = an_order("e", symbol="ETH/KRW"), an_order("x", "exit", trip="t")
    desk.execution.execute([entry, leave], [desk.execution.live[0]])
    assert calls == ["cancel tp", "submit x", "submit e"]


@pytest.mark.parametrize(
    ("fate", "code"),
    [
        ("refuse", "insufficient_funds_bid"),
        ("try_later", "too_many_requests"),
        ("stop", "invalid_access_key"),
        ("unable", "market_buy"),
    ],
)
def test_a_proven_no_is_rejected_with_its_code_and_not_repeated(desk: Desk, fate: str, code: str) -> None:
    desk.venue.plan.append(fate)
    desk.execution.execute([an_order("a")])
    (event,) = desk.execution.events()
    assert (event.order.state, event.order.detail) == (State.REJECTED, code)
    desk.step(100)
    assert desk.venue.truth.posts == ["a"]
    assert (desk.execution.stopped is not None) == (fate == "stop")


@pytest.mark.parametrize("fate", ["lose_after", "broken_after", "late", "hidden"])
def test_a_lost_reply_of_an_accepted_order_is_found_and_booked_once(desk: Desk, fate: str) -> None:
    desk.venue.plan.append(fate)
    desk.execution.execute([an_order("a")])
    assert desk.state("a") is State.UNKNOWN
    assert [event.order.state for event in desk.execution.events()] == [State.UNKNOWN]
    told: list[OrderEvent] = []
    for _ in range(40):
        told += desk.step()
    assert desk.state("a") is State.FILLED
    assert len([event for event in told if event.fill]) == 1
    assert ends(tuple(told)) == [State.FILLED]
    assert desk.venue.truth.posts == ["a"]


def test_a_lost_entry_is_absent_only_after_sixty_seconds(desk: Desk) -> None:
    desk.venue.plan.append("lose_before")
    desk.execution.execute([an_order("a")])
    for _ in range(59):
        desk.step()
    assert desk.state("a") is State.UNKNOWN
    for _ in range(6):
        desk.step()
    assert (desk.state("a"), desk.ledger.orders["a"].detail) == (State.REJECTED, ABSENT)


def test_absence_waits_for_the_receive_window() -> None:
    clock = FakeClock()
    desk = Desk(LossyVenue(clock, capabilities=Capabilities("KRW", receive_window_ms=90_000)))
    desk.venue.plan.append("lose_before")
    desk.execution.execute([an_order("a")])
    desk.step(89)
    assert desk.state("a") is State.UNKNOWN
    desk.step(2)
    assert desk.state("a") is State.UNKNOWN  # asked at 89 s, due again 5 s later
    desk.step(4)
    assert desk.state("a") is State.REJECTED


@pytest.mark.parametrize("method", ["find", "open_orders", "fills"])
def test_a_failing_question_never_proves_absence(desk: Desk, method: str) -> None:
    desk.venue.plan.append("lose_before")
    desk.execution.execute([an_order("a")])
    desk.venue.broken.add(method)
    for _ in range(200):
        desk.step()
    assert desk.state("a") is State.UNKNOWN
    desk.venue.broken.clear()
    desk.step(6)
    assert desk.state("a") is State.REJECTED


def test_a_lost_exit_is_asked_every_step_and_absent_after_ten_seconds_if_unsold(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.venue.plan.append("lose_before")
    desk.execution.execute([an_order("x", "exit", trip="a")])
    desk.venue.asked.clear()
    for _ in range(10):
        desk.step()
    assert desk.venue.asked.count("find") == 10
    assert desk.state("x") is State.UNKNOWN
    desk.step()
    assert (desk.state("x"), desk.ledger.orders["x"].detail) == (State.REJECTED, ABSENT)
    desk.execution.execute([an_order("x1", "exit", trip="a", attempt=1)])
    assert desk.state("x1") is State.FILLED
    assert desk.venue.held("BTC") == 0


def test_a_hidden_exit_that_sold_is_never_followed_by_a_second(desk: Desk) -> None:
    """Two endpoints deny it for 30 s, but the coins are gone: no new attempt may go."""
    desk.execution.execute([an_order("a")])
    desk.venue.plan.append("hidden")
    desk.execution.execute([an_order("x", "exit", trip="a")])
    for _ in range(29):
        desk.step()
        desk.execution.execute([an_order("x1", "exit", trip="a", attempt=1)])
    assert desk.state("x") is State.UNKNOWN
    desk.step(2)
    assert desk.state("x") is State.FILLED
    assert desk.venue.truth.posts == ["a", "x"]


def test_foreign_coins_of_the_same_kind_do_not_pass_for_unsold(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.venue.give("BTC", "5")
    desk.execution.foreign = {"BTC": Decimal(5)}
    desk.venue.plan.append("hidden")
    desk.execution.execute([an_order("x", "exit", trip="a")])
    for _ in range(29):
        desk.step()
    assert desk.state("x") is State.UNKNOWN


@pytest.mark.parametrize("other", ["ok", "lose_after"])
def test_coins_of_another_round_trip_do_not_pass_for_unsold(desk: Desk, other: str) -> None:
    desk.execution.execute([an_order("a")])
    desk.venue.plan.extend([other, "hidden"])
    desk.execution.execute([an_order("b")])
    desk.execution.execute([an_order("x", "exit", trip="a")])
    for _ in range(29):
        desk.step()
    assert desk.state("x") is State.UNKNOWN
    desk.step()
    assert desk.state("x") is State.FILLED


def test_an_exit_is_absent_although_another_one_rests(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.execution.execute([an_order("b", "entry", "3")])
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("tp", "exit", "3", trip="b", limit=Decimal(1100))])
    desk.venue.plan.append("lose_before")
    desk.execution.execute([an_order("x", "exit", trip="a")])
    for _ in range(11):
        desk.step()
    assert (desk.state("x"), desk.ledger.orders["x"].detail) == (State.REJECTED, ABSENT)


def test_while_an_entry_is_in_doubt_its_symbol_takes_no_other(desk: Desk) -> None:
    desk.venue.plan.append("lose_before")
    desk.execution.execute([an_order("a")])
    desk.execution.events()
    desk.execution.execute([an_order("b"), an_order("c", symbol="ETH/KRW")])
    events = desk.execution.events()
    assert [event.order.detail for event in events if event.order.id == "b"] == [IN_DOUBT]
    assert desk.venue.truth.posts == ["a", "c"]
    assert "b" not in desk.ledger.orders


def test_a_repeated_decision_is_never_sent_twice(desk: Desk) -> None:
    for _ in range(3):
        desk.execution.execute([an_order("a")])
    desk.again().execution.execute([an_order("a")])
    assert desk.venue.truth.posts == ["a"]


def test_a_partial_fill_then_cancel_books_what_was_filled(desk: Desk) -> None:
    desk.venue.portion = Decimal("0.4")
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    assert desk.state("a") is State.PARTIAL
    desk.execution.execute([], [desk.execution.live[0], desk.execution.live[0]])
    assert desk.venue.asked.count("cancel") == 1
    events = desk.step()
    assert ends(events) == [State.CANCELLED]
    assert [fill.quantity for fill in desk.ledger.fills.values()] == [Decimal("0.8")]


def test_a_fill_beats_the_cancel(desk: Desk) -> None:
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    desk.venue.work()
    desk.execution.execute([], [desk.execution.live[0]])
    assert ends(desk.step()) == [State.FILLED]


def test_a_resting_order_is_asked_every_five_seconds_or_when_hinted(desk: Desk) -> None:
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    desk.venue.asked.clear()
    for _ in range(15):
        desk.step()
    assert desk.venue.asked.count("find") == 3
    desk.step()
    desk.execution.hint(["a", "unheard"])
    desk.step()
    assert desk.venue.asked.count("find") == 4


def test_an_acknowledged_market_order_is_asked_at_once(desk: Desk) -> None:
    desk.venue.plan.append("acknowledge")
    desk.execution.execute([an_order("a")])
    assert desk.state("a") is State.FILLED


def test_the_end_waits_for_the_fills(desk: Desk) -> None:
    """The venue says FILLED and tells no trades: they come from its list, and the end is not recorded before them."""
    find = desk.venue.find
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    desk.venue.work()

    def bare(order: Order) -> VenueOrder | None:
        shown = find(order)
        assert shown is not None
        return VenueOrder(
            shown.venue_id, shown.client_id, shown.symbol, "buy", "limit", shown.state, None, None, shown.filled, 0
        )

    desk.venue.find = bare  # type: ignore[method-assign]
    desk.venue.broken.add("fills")
    desk.step(6)
    assert desk.state("a") is State.OPEN
    desk.venue.broken.clear()
    events = desk.step(6)
    assert [event.fill is not None for event in events] == [True, False]
    assert desk.state("a") is State.FILLED


def test_fills_told_twice_are_booked_once(desk: Desk) -> None:
    desk.venue.twice = True
    desk.venue.portion = Decimal("0.5")
    desk.execution.execute([an_order("a")])
    desk.venue.work()
    told = desk.execution.events() + desk.step()
    assert len([event for event in told if event.fill]) == 2
    assert len(desk.ledger.fills) == 2


def test_a_late_fill_on_an_ended_order_is_booked(desk: Desk) -> None:
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    desk.execution.execute([], [desk.execution.live[0]])
    desk.step()
    ended = desk.ledger.orders["a"]
    assert ended.state is State.CANCELLED
    late = Fill("upbit", "", "v-9", "BTC/KRW", "buy", Decimal(1000), Decimal(1), Decimal(0), "KRW", 0)
    shown = VenueOrder("v-1", "a", "BTC/KRW", "buy", "limit", State.CANCELLED, None, None, Decimal(1), 0, (late,), True)
    for _ in range(2):
        desk.execution.absorb(ended, shown)
    (event,) = desk.execution.events()
    assert event.fill is not None
    assert event.fill.order_id == "a"


def test_a_stale_answer_does_not_take_a_state_back(desk: Desk) -> None:
    desk.venue.portion = Decimal("0.5")
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    (order,) = desk.execution.live
    stale = VenueOrder("v-1", "a", "BTC/KRW", "buy", "limit", State.OPEN, None, None, Decimal(0), 0)
    desk.execution.absorb(order, stale)
    assert desk.state("a") is State.PARTIAL
    assert desk.ledger.orders["a"].filled == Decimal(1)


def test_an_acknowledged_order_that_vanishes_is_cancelled_after_a_minute_of_denial(desk: Desk) -> None:
    desk.venue.portion = Decimal(0)
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    desk.venue.truth.orders.clear()
    for _ in range(60):
        desk.step()
    assert desk.state("a") is State.OPEN
    for _ in range(10):
        desk.step()
    assert (desk.state("a"), desk.ledger.orders["a"].detail) == (State.CANCELLED, ABSENT)


def test_an_intent_found_at_start_is_unknown_and_not_sent_again(desk: Desk) -> None:
    desk.ledger.intend(an_order("a", sent_wall_ms=desk.clock.wall_ms()))
    after = desk.again()
    assert after.state("a") is State.UNKNOWN
    after.clock.pass_s(61)
    events = after.step(0)
    assert ends(events) == [State.REJECTED]
    assert desk.venue.truth.posts == []


def test_an_old_intent_is_resolved_at_once_at_start(desk: Desk) -> None:
    desk.ledger.intend(an_order("a", sent_wall_ms=desk.clock.wall_ms() - 61_000))
    assert ends(desk.again().execution.events()) == [State.REJECTED]


def test_a_wall_clock_set_back_does_not_hold_an_order_for_ever(desk: Desk) -> None:
    desk.ledger.intend(an_order("a", sent_wall_ms=desk.clock.wall_ms() + 3_600_000))
    after = desk.again()
    for _ in range(70):
        after.step()
    assert after.state("a") is State.REJECTED


def test_a_wall_clock_set_forward_does_not_end_a_doubt_early(desk: Desk) -> None:
    desk.venue.plan.append("hidden")
    desk.execution.execute([an_order("a")])
    desk.clock.now += 86_400
    for _ in range(29):
        desk.step()
    assert desk.state("a") is State.UNKNOWN
    desk.step(6)
    assert desk.state("a") is State.FILLED


def test_an_order_in_the_ledger_and_out_of_mind_is_followed_not_sent(desk: Desk) -> None:
    desk.ledger.intend(an_order("a", sent_wall_ms=desk.clock.wall_ms()))
    desk.execution.execute([an_order("a")])
    assert desk.venue.truth.posts == []
    assert [order.id for order in desk.execution.unknown] == ["a"]


def test_a_decision_that_ended_before_tells_its_end_again(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    after = desk.again()
    after.execution.execute([an_order("a")])
    assert ends(after.execution.events()) == [State.FILLED]


class Unwritable(MemoryLedger):
    """A ledger that cannot be written while `down`."""

    down = False

    def _check(self) -> None:
        if self.down:
            raise LedgerUnavailable("disk full")

    def intend(self, order: Order) -> bool:
        self._check()
        return super().intend(order)

    def record(self, order: Order) -> None:
        self._check()
        super().record(order)

    def book(self, fill: Fill) -> bool:
        self._check()
        return super().book(fill)


def test_without_a_ledger_no_order_goes_and_the_event_says_so() -> None:
    ledger = Unwritable()
    desk = Desk(ledger=ledger)
    ledger.down = True
    desk.execution.execute([an_order("a"), an_order("x", "exit")])
    assert [event.order.detail for event in desk.execution.events()] == [NO_LEDGER, NO_LEDGER]
    assert desk.venue.truth.posts == []


def test_an_answer_that_cannot_be_recorded_is_asked_for_again() -> None:
    ledger = Unwritable()
    desk = Desk(ledger=ledger)
    submit = desk.venue.submit

    def fail_after(order: Order) -> VenueOrder:
        ledger.down = True
        return submit(order)

    desk.venue.submit = fail_after  # type: ignore[method-assign]
    desk.execution.execute([an_order("a")])
    desk.step()
    assert desk.execution.events() == ()
    assert desk.state("a") is State.INTENT
    ledger.down = False
    events = desk.step()
    assert len([event for event in events if event.fill]) == 1
    assert ends(events) == [State.FILLED]
    assert desk.venue.truth.posts == ["a"]
