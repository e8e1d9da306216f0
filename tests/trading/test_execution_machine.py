"""A state machine over faults: whatever is lost, hidden, doubled or killed, the ledger ends with the venue's truth."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.trading.lossy_venue import ACCEPTED, NOT_ACCEPTED, FakeClock, LossyVenue, an_order
from trading.core.errors import LedgerUnavailable
from trading.core.orders import TERMINAL, ZERO, Fill, Order, OrderEvent, State
from trading.execution import ABSENT, Execution
from trading.live.journal import ExitJournal, JournaledLedger
from trading.live.ledger_orders import change_of
from trading.memory_ledger import MemoryLedger

SECONDS = st.sampled_from([1, 5, 11, 25, 65])
QUERIES = ("find", "open_orders", "fills", "balances", "cancel")


class FullDisk(MemoryLedger):
    """Refuses writes while `full`."""

    full = False

    def intend(self, order: Order) -> bool:
        self._check()
        return super().intend(order)

    def record(self, order: Order) -> None:
        self._check()
        before = self.orders[order.id]
        assert not before.done or before.state is order.state, "a terminal state was left"
        super().record(order)

    def book(self, fill: Fill) -> bool:
        self._check()
        return super().book(fill)

    def _check(self) -> None:
        if self.full:
            raise LedgerUnavailable("disk full")


class OrdersUnderFire(RuleBasedStateMachine):
    """One symbol, one trader that buys, sells and repeats itself, a venue that misbehaves."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.venue = LossyVenue(self.clock)
        self.ledger = FullDisk()
        self.journal = ExitJournal(Path(self.folder.name) / "exits.journal", 1 << 16)
        self.execution = self._execution()
        self.decided: list[Order] = []
        self.told: list[str] = []
        self.ended: list[str] = []
        self.wished = 0
        self.held = ZERO

    def _execution(self) -> Execution:
        self.guarded = JournaledLedger(self.ledger, self.journal)
        return Execution(self.venue, self.guarded, self.clock)

    @initialize(fee_in_base=st.booleans(), foreign=st.sampled_from(["0", "7"]))
    def open_account(self, fee_in_base: bool, foreign: str) -> None:
        self.venue.fee_in_base = fee_in_base
        self.venue.give("BTC", foreign)
        self.execution.foreign = {"BTC": Decimal(foreign)}
        self.enter("ok", limit=False)

    # -- the trader ------------------------------------------------------------------------------------------------

    def owned(self) -> Decimal:
        """What the ledger says; the trader itself knows `held`, from what it was told."""
        return sum((change_of(fill) for fill in self.ledger.fills.values()), ZERO)

    @rule(fate=st.sampled_from(ACCEPTED + NOT_ACCEPTED), limit=st.booleans())
    def enter(self, fate: str, limit: bool) -> None:
        self.wished += 1
        order = an_order(f"e{self.wished}", limit=Decimal(1000) if limit else None)
        self._go(order, fate)

    @precondition(lambda self: self.held > 0)
    @rule(fate=st.sampled_from(ACCEPTED + NOT_ACCEPTED), full=st.booleans())
    def leave(self, fate: str, full: bool) -> None:
        if any(order.leg == "exit" for order in self.execution.live):
            return
        self.wished += 1
        if full:
            self.ledger.full = True
        self._go(an_order(f"x{self.wished}", "exit", str(self.held), trip="all"), fate)

    @rule(fate=st.sampled_from(["hidden", "late", "lose_before", "lose_after"]), steps=st.lists(SECONDS, max_size=4))
    def leave_in_doubt_and_try_again(self, fate: str, steps: list[int]) -> None:
        if self.held > 0:
            self.leave(fate, full=False)
            self.time_passes(steps)
        if self.held > 0:
            self.leave("ok", full=False)

    def _go(self, order: Order, fate: str) -> None:
        stamped = an_order(
            order.id,
            order.leg,
            str(order.quantity),
            trip=order.trip,
            limit=order.limit,
            created_ms=self.clock.market_ms(),
        )
        self.decided.append(stamped)
        self.venue.plan.clear()
        self.venue.plan.append(fate)
        self.execution.execute([stamped])
        self.venue.plan.clear()
        self._listen()

    @precondition(lambda self: self.decided)
    @rule(back=st.integers(0, 5))
    def repeat_a_decision(self, back: int) -> None:
        order = self.decided[-1 - min(back, len(self.decided) - 1)]
        if order.id in self.ledger.orders:
            self._listen()
            self.execution.execute([order])
            again = self.execution.events()
            assert all(event.fill is None and event.order.id == order.id for event in again)

    @precondition(lambda self: self.execution.live)
    @rule()
    def cancel(self) -> None:
        self.execution.execute([], [self.execution.live[0]])
        self._listen()

    # -- the world -------------------------------------------------------------------------------------------------

    @rule(portion=st.sampled_from(["0", "0.4", "1"]))
    def fills_at_once(self, portion: str) -> None:
        self.venue.portion = Decimal(portion)

    @rule(portion=st.sampled_from(["0.3", "1"]))
    def market_moves(self, portion: str) -> None:
        self.venue.work(Decimal(portion))

    @rule(broken=st.sets(st.sampled_from(QUERIES)), blind=st.booleans())
    def questions_fail(self, broken: set[str], blind: bool) -> None:
        self.venue.broken = broken
        self.venue.blind = {"find"} if blind else set()

    @rule()
    def questions_work(self) -> None:
        self.venue.broken, self.venue.blind = set(), set()

    @rule(empty=st.booleans(), twice=st.booleans())
    def answers_are_odd(self, empty: bool, twice: bool) -> None:
        self.venue.empty_balances, self.venue.twice = empty, twice

    @rule(full=st.booleans())
    def disk(self, full: bool) -> None:
        self.ledger.full = full

    @rule(steps=st.lists(SECONDS, min_size=1, max_size=4))
    def time_passes(self, steps: list[int]) -> None:
        for seconds in steps:
            self.clock.pass_s(seconds)
            self.execution.settle()
            for event in self._listen():
                if event.order.detail == ABSENT:
                    assert not self.venue.broken & {"find", "open_orders", "fills"}, "absence without two denials"

    @rule()
    def restart(self) -> None:
        """The process died and came back; the disk is writable again (a start without a ledger is refused)."""
        self.ledger.full = False
        foreign = self.execution.foreign
        self.journal.close()
        self.journal = ExitJournal(Path(self.folder.name) / "exits.journal", 1 << 16)
        self.clock.pass_s(2)
        self.execution = self._execution()
        self.execution.foreign = foreign
        unfinished = self.guarded.unfinished("upbit")
        self.held = self.owned()
        self.execution.recover(unfinished)
        self._listen()

    def _listen(self) -> tuple[OrderEvent, ...]:
        events = self.execution.events()
        for event in events:
            if event.fill is not None:
                self.told.append(event.fill.trade_id)
                self.held += change_of(event.fill)
            elif event.order.done and event.order.id in {*self.ledger.orders, *self.venue.truth.posts}:
                self.ended.append(event.order.id)
        return events

    # -- what always holds -----------------------------------------------------------------------------------------

    @invariant()
    def an_intent_is_posted_at_most_once(self) -> None:
        assert len(self.venue.truth.posts) == len(set(self.venue.truth.posts))

    @invariant()
    def each_fill_and_each_end_is_told_once(self) -> None:
        assert len(self.told) == len(set(self.told))
        assert len(self.ended) == len(set(self.ended))

    @invariant()
    def the_ledger_holds_nothing_the_venue_does_not(self) -> None:
        real = {fill["trade_id"] for entry in self.venue.truth.orders for fill in entry["fills"]}
        assert {trade_id for _, _, trade_id in self.ledger.fills} <= real

    @invariant()
    def absence_is_true(self) -> None:
        for order in self.ledger.orders.values():
            if order.state is State.REJECTED and order.detail == ABSENT:
                for shown in self.venue.orders_named(order.id):
                    # Cancelled before anybody saw it, and nothing came of it: as good as absent.
                    assert shown["state"] == "CANCELLED"
                    assert not shown["fills"]

    @invariant()
    def nobody_sells_what_is_not_ours(self) -> None:
        assert self.venue.net("BTC", self.venue.truth.posts) >= 0

    def teardown(self) -> None:
        """Faults end: everything is resolved, and the ledger says what the venue says."""
        self.ledger.full = False
        self.venue.broken, self.venue.blind = set(), set()
        self.venue.empty_balances = False
        for _ in range(30):
            self.clock.pass_s(10)
            self.execution.settle()
            self.guarded.flush()
        self._listen()
        assert not self.execution.unknown
        for order in self.ledger.orders.values():
            shown = self.venue.orders_named(order.id)
            if order.done:
                assert not shown or order.detail == ABSENT or State(shown[0]["state"]) is order.state
            else:
                assert shown
                assert State(shown[0]["state"]) not in TERMINAL
        assert self.held == self.owned() == self.venue.net("BTC", self.venue.truth.posts)
        assert set(self.told) == {trade_id for _, _, trade_id in self.ledger.fills}
        self.journal.close()
        self.folder.cleanup()


TestOrdersUnderFire = OrdersUnderFire.TestCase
TestOrdersUnderFire.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
