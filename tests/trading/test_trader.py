"""The trader as live drives it: ticks in bursts, orders in flight, late rows, refusals, commands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.values import Knobs
from tests.trading.backtest.scripted import Scripted
from trading.core.account import Account
from trading.core.decision import Who
from trading.core.facts import Bar, Facts
from trading.core.instrument import Instrument
from trading.core.orders import Fill, Order, OrderEvent, State
from trading.core.portfolio import Portfolio
from trading.core.ports import Health
from trading.core.rows import Look, Rule
from trading.core.signals import Row
from trading.trader import Trader

D = Decimal
MINUTE = 60_000
HOUR = 60 * MINUTE
T0 = 1_756_684_800_000
A, B = "A/KRW", "B/KRW"

KNOBS = Knobs(
    sizing="fixed",
    max_position_size=0.25,
    take_profit_percent=0.05,
    stop_loss_percent=0.03,
    cooldown_after_losses=0,
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    max_positions=0,
    slippage_ticks=0,
    max_orders_per_minute=0,
    price_band=0.0,
)
QUIET = Row(math.nan, math.nan, False, False, 0.6, 1.0, 100.0, 0)
BUY = QUIET._replace(buy_above=0.0)
LEAVE = QUIET._replace(exit_long=True)


def item(symbol: str, **changes: Any) -> Instrument:
    base = symbol.split("/")[0]
    return replace(Instrument("upbit", symbol, f"KRW-{base}", base, "KRW", min_notional=5_000.0), **changes)


class Desk:
    """A trader with its rows by (symbol, candle), and an honest venue behind it where a test asks for one."""

    def __init__(
        self,
        rows: Mapping[tuple[str, int], Row | Look],
        knobs: Knobs = KNOBS,
        symbols: Sequence[str] = (A, B),
        daily: int = 0,
        at_once_ms: int | None = None,
        account: Account | None = None,
        **instrument: Any,
    ) -> None:
        self.rows = {key: row if isinstance(row, Look) else Look(row, {}, {}) for key, row in rows.items()}
        self.trader = Trader(
            Who("bot", "upbit", "main", "scripted"),
            Rule(Scripted({}, daily), ()),
            knobs,
            Portfolio(D(1_000_000)),
            account or Account(1_000_000.0),
            {symbol: item(symbol, **instrument) for symbol in symbols},
            lambda symbol, candle: self.rows.get((symbol, candle)),
            at_once_ms=at_once_ms,
        )
        self.now = T0

    def tick(self, *prices: float, symbol: str = A, at: int | None = None, **facts: Any) -> tuple[Order, ...]:
        """One step with `prices`, a second apart; what it wants sent."""
        if at is not None:
            self.now = T0 + at
        bars = []
        for price in prices:
            bars.append(Bar(symbol, self.now, price, price, price, price, self.now // HOUR * HOUR))
            self.now += 1000
        return self.trader.step(Facts(self.now, tuple(bars), **facts)).orders

    def hear(self, *events: OrderEvent, **facts: Any) -> tuple[Order, ...]:
        return self.trader.step(Facts(self.now, (), events, **facts)).orders

    def fill(self, order: Order, price: float, **facts: Any) -> tuple[Order, ...]:
        """`order` is filled whole at `price`."""
        return self.hear(*filled(order, price, self.now), **facts)

    def bought(self, price: float = 100.0, symbol: str = A, at: int = 0) -> Order:
        """A position from an entry at once; its order."""
        (order,) = self.tick(price, symbol=symbol, at=at)
        assert (order.leg, order.side) == ("entry", "buy")
        assert self.fill(order, price) == ()
        return order

    def held(self, symbol: str = A) -> bool:
        return symbol in self.trader.portfolio.positions

    def gates(self) -> list[str]:
        return [no.gate for _, no in self.trader.refused]


def sent(order: Order) -> Order:
    return replace(order, state=State.SENT, sent_wall_ms=1)


def fill_of(order: Order, price: float, quantity: Decimal, now: int, trade: str = "1") -> Fill:
    return Fill(
        "upbit", order.id, f"{order.id}{trade}", order.symbol, order.side, D(str(price)), quantity, D(0), "KRW", now
    )


def filled(order: Order, price: float, now: int) -> tuple[OrderEvent, OrderEvent]:
    live = sent(order)
    return (
        OrderEvent(live, fill_of(order, price, order.quantity, now)),
        OrderEvent(live.moved(State.FILLED, filled=order.quantity)),
    )


def rejected(order: Order, venue: bool = True) -> OrderEvent:
    """Refused by the venue, or before it left this machine."""
    return OrderEvent((sent(order) if venue else order).moved(State.REJECTED, detail="no"))


# -- ticks ---------------------------------------------------------------------------------------------------------


def test_the_first_of_several_ticks_that_says_so_decides() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=105.0)})
    (order,) = desk.tick(100.0, 104.0, 106.0, 90.0, 107.0)
    assert (order.price, order.reason, order.created_ms) == (D("106.0"), "entry", T0 + 2000)


def test_ticks_after_the_fill_are_walked_in_order() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    (order,) = desk.tick(99.0, 96.9, 106.0)
    assert (order.leg, order.side, order.reason, order.price) == ("exit", "sell", "stop_loss", D("96.9"))
    assert desk.fill(order, 96.9) == ()
    assert [trade.exit_reason for trade in desk.trader.trades] == ["stop_loss"]
    assert not desk.held()


def test_nothing_twice_while_an_order_is_in_flight() -> None:
    desk = Desk({(A, T0): BUY})
    (order,) = desk.tick(100.0, 101.0)
    assert desk.tick(102.0, 90.0) == ()
    assert desk.tick(110.0) == ()
    late = fill_of(order, 100.0, order.quantity, desk.now)
    live = sent(order)
    assert desk.hear(OrderEvent(live, late), OrderEvent(live.moved(State.FILLED, filled=order.quantity))) == ()
    # What was seen before the fill happened says nothing about the position.
    assert desk.held()
    (leaving,) = desk.tick(96.0)
    assert leaving.reason == "stop_loss"


def test_ticks_that_piled_up_behind_an_exit_are_walked_after_it() -> None:
    desk = Desk({(A, T0): BUY, (A, T0 + HOUR): QUIET._replace(buy_above=120.0)})
    desk.bought(100.0)
    (order,) = desk.tick(106.0)
    assert order.reason == "take_profit"
    assert desk.tick(119.0, 121.0, at=HOUR) == ()
    (again,) = desk.fill(order, 106.0)
    assert (again.leg, again.price, again.candle_ms) == ("entry", D("121.0"), T0 + HOUR)


def test_a_take_profit_on_ticks() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    assert desk.tick(104.9) == ()
    (order,) = desk.tick(105.2)
    assert (order.reason, order.price) == ("take_profit", D("105.2"))


def test_no_second_entry_in_a_candle_that_was_stopped() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=100.0), (A, T0 + HOUR): QUIET._replace(buy_above=100.0)})
    desk.bought(101.0)
    (order,) = desk.tick(90.0)
    desk.fill(order, 90.0)
    assert desk.tick(101.0, 99.0, 102.0) == ()
    (again,) = desk.tick(101.0, at=HOUR)
    assert again.candle_ms == T0 + HOUR
    assert again.id != order.trip


# -- refusals ------------------------------------------------------------------------------------------------------


def test_a_rejected_exit_is_tried_again_after_a_pause() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    (first,) = desk.tick(90.0)
    assert desk.hear(rejected(first)) == ()
    assert desk.tick(90.0) == ()  # not at once
    (second,) = desk.tick(90.0, at=10_000)
    assert second.id != first.id
    assert (second.attempt, second.trip, second.quantity) == (1, first.trip, first.quantity)
    desk.hear(rejected(second))
    (third,) = desk.tick(90.0, at=60_000)
    assert len({first.id, second.id, third.id}) == 3
    desk.fill(third, 90.0)
    assert not desk.held()


def test_the_pause_between_exits_never_grows_over_a_minute() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    for round_ in range(1, 30):
        (order,) = desk.tick(90.0, at=round_ * 62_000)
        desk.hear(rejected(order))
    assert desk.held()


def test_an_exit_signal_survives_a_rejection() -> None:
    desk = Desk({(A, T0): BUY, (A, T0 + HOUR): LEAVE})
    desk.bought(100.0)
    (order,) = desk.tick(100.0, at=HOUR)
    assert order.reason == "exit_signal"
    desk.hear(rejected(order))
    (again,) = desk.tick(100.5, at=HOUR + 30_000)
    assert again.reason == "exit_signal"


def test_an_entry_that_never_left_may_be_tried_again_in_its_candle() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=100.0)})
    (order,) = desk.tick(100.0)
    desk.hear(rejected(order, venue=False))
    (again,) = desk.tick(101.0)
    assert again.id == order.id  # the same decision has the same name


def test_an_entry_that_the_venue_refused_is_over_for_its_candle() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=100.0), (A, T0 + HOUR): QUIET._replace(buy_above=100.0)})
    (order,) = desk.tick(100.0)
    desk.hear(rejected(order))
    assert desk.tick(101.0, 102.0) == ()
    (again,) = desk.tick(101.0, at=HOUR)
    assert again.id != order.id


def test_an_entry_that_never_happened_is_no_entry_of_the_day() -> None:
    rows = {(A, T0 + i * HOUR): QUIET._replace(buy_above=100.0) for i in range(3)}
    desk = Desk(rows, daily=1)
    (order,) = desk.tick(100.0)
    desk.hear(rejected(order, venue=False))
    (again,) = desk.tick(101.0, at=HOUR)
    desk.fill(again, 101.0)
    assert desk.trader.account.entries == 1


def test_the_days_entries_are_counted_by_trading_day() -> None:
    rows = {(A, T0 + i * HOUR): QUIET._replace(buy_above=100.0) for i in range(30)}
    desk = Desk(rows, daily=1)
    desk.bought(100.0)
    (order,) = desk.tick(90.0)
    desk.fill(order, 90.0)
    assert desk.tick(101.0, at=5 * HOUR) == ()
    (again,) = desk.tick(101.0, at=24 * HOUR)
    assert again.leg == "entry"


# -- partial fills and dust ------------------------------------------------------------------------------------------


def test_the_rest_of_a_cancelled_exit_is_sold_with_the_same_reason() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    (order,) = desk.tick(90.0)
    half = order.quantity / 2
    live = sent(order)
    (rest,) = desk.hear(
        OrderEvent(live.moved(State.PARTIAL, filled=half), fill_of(order, 90.0, half, desk.now)),
        OrderEvent(live.moved(State.CANCELLED, filled=half)),
    ) or desk.tick(101.0)
    assert (rest.reason, rest.quantity) == ("stop_loss", order.quantity - half)
    desk.fill(rest, 91.0)
    assert [(trade.exit_reason, trade.quantity) for trade in desk.trader.trades] == [("stop_loss", order.quantity)]


def test_dust_under_the_venues_minimum_ends_the_trip() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    (order,) = desk.tick(90.0)
    most = order.quantity - 1
    live = sent(order)
    desk.hear(
        OrderEvent(live, fill_of(order, 90.0, most, desk.now)), OrderEvent(live.moved(State.CANCELLED, filled=most))
    )
    assert not desk.held()
    assert desk.trader.portfolio.residue == {A: D(1)}


def test_what_is_worth_selling_is_no_dust_even_before_a_price_was_walked() -> None:
    """After a restart the first tick brings the exit: its price is what the rest is worth."""
    desk = Desk({})
    earlier = Desk({(A, T0): BUY})
    entry = earlier.bought(100.0)
    desk.trader.portfolio = earlier.trader.portfolio
    (order,) = desk.tick(90.0, at=MINUTE)
    assert desk.hear() == ()  # a step passes while it is under way
    half = order.quantity / 2
    live = sent(order)
    desk.hear(
        OrderEvent(live, fill_of(order, 90.0, half, desk.now)), OrderEvent(live.moved(State.CANCELLED, filled=half))
    )
    assert entry.id == order.trip
    assert desk.held()
    assert not desk.trader.portfolio.residue


def test_a_fill_that_comes_after_the_trip_was_closed_is_no_crash() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    (order,) = desk.tick(90.0)
    most = order.quantity - 1
    live = sent(order)
    ended = live.moved(State.CANCELLED, filled=most)
    desk.hear(OrderEvent(live, fill_of(order, 90.0, most, desk.now)), OrderEvent(ended))
    desk.hear(OrderEvent(ended, fill_of(order, 90.0, D(1), desk.now, "late")))
    assert desk.trader.portfolio.cash == D(1_000_000) - 10 * order.quantity


def test_an_exit_sells_no_more_than_the_venue_shows_free() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    (order,) = desk.tick(90.0, free={"A": D("7.5"), "KRW": D(0)})
    assert order.quantity == D("7.5")


def test_with_nothing_free_no_exit_goes() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    assert desk.tick(90.0, free={"A": D(0), "KRW": D(0)}) == ()
    (order,) = desk.tick(90.0)
    assert order.reason == "stop_loss"


# -- rows ------------------------------------------------------------------------------------------------------------


def test_until_the_row_is_known_exits_run_and_entries_wait() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    assert desk.tick(101.0, at=HOUR) == ()
    desk.rows[A, T0 + HOUR] = Look(LEAVE, {}, {})
    (order,) = desk.tick(101.0)
    assert (order.reason, order.price) == ("exit_signal", D("101.0"))


def test_at_once_counts_from_when_the_row_is_known() -> None:
    desk = Desk({}, at_once_ms=MINUTE)
    assert desk.tick(100.0, 100.5) == ()
    desk.rows[A, T0] = Look(BUY, {}, {})
    (order,) = desk.tick(101.0, 102.0)
    assert order.price == D("101.0")


def test_at_once_ends_with_its_window() -> None:
    desk = Desk({}, at_once_ms=MINUTE)
    assert desk.tick(100.0) == ()
    desk.rows[A, T0] = Look(BUY, {}, {})
    assert desk.tick(101.0, at=MINUTE + 1) == ()
    on_time = Desk({(A, T0): BUY}, at_once_ms=MINUTE)
    assert len(on_time.tick(101.0, at=MINUTE)) == 1


def test_at_once_is_asked_once() -> None:
    desk = Desk({(A, T0): BUY}, at_once_ms=MINUTE)
    assert desk.tick(100.0, health=Health(paused=True)) == ()
    assert desk.gates() == ["pause"]
    assert desk.tick(100.0) == ()
    assert desk.gates() == ["pause"]


def test_a_level_waits_for_the_gate_to_open() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=99.0)})
    assert desk.tick(100.0, health=Health(paused=True)) == ()
    (order,) = desk.tick(100.0)
    assert order.leg == "entry"


def test_an_exit_that_stood_in_an_unread_row_is_made_up_for() -> None:
    desk = Desk({(A, T0): BUY, (A, T0 + 5 * HOUR): Look(QUIET, {}, {}, missed_exit_long=True)})
    desk.bought(100.0)
    (order,) = desk.tick(101.0, at=5 * HOUR)
    assert order.reason == "exit_signal"


def test_a_missed_exit_is_nothing_to_a_position_bought_since() -> None:
    desk = Desk({(A, T0): Look(BUY, {}, {}, missed_exit_long=True)})
    desk.bought(100.0)
    assert desk.tick(100.0, 101.0) == ()


def test_after_a_restart_the_row_of_the_entry_candle_says_nothing_to_its_position() -> None:
    """Entered by a crossing in a row that also says leave: that exit was for what was held before."""
    row = QUIET._replace(buy_above=100.0, exit_long=True)
    held = Desk({(A, T0): BUY})
    held.bought(100.0)
    after = Desk({(A, T0): row, (A, T0 + HOUR): LEAVE})
    after.trader.portfolio = held.trader.portfolio
    assert after.tick(101.0, at=10 * MINUTE) == ()
    (leaving,) = after.tick(101.0, at=HOUR)
    assert leaving.reason == "exit_signal"


def test_missed_entries_stay_missed() -> None:
    desk = Desk({(A, T0): BUY, (A, T0 + 2 * HOUR): QUIET})
    assert desk.tick(100.0, 101.0, at=2 * HOUR) == ()


def test_an_exit_in_the_minimum_hold_acts_at_the_first_tick_after_it() -> None:
    knobs = replace(KNOBS, min_hold_minutes=90)
    desk = Desk({(A, T0): BUY, (A, T0 + HOUR): LEAVE}, knobs)
    desk.bought(100.0)
    assert desk.tick(100.0, 107.0, at=HOUR) == ()  # neither the signal nor the take-profit
    assert desk.tick(100.0, at=90 * MINUTE - 1) == ()
    (order,) = desk.tick(100.0, at=90 * MINUTE + 2000)
    assert order.reason == "exit_signal"


def test_candles_without_a_tick_do_not_count_as_held() -> None:
    knobs = replace(KNOBS, min_hold_candles=2)
    desk = Desk({(A, T0): BUY}, knobs)
    desk.bought(100.0)
    assert desk.tick(107.0, at=30 * HOUR) == ()
    (order,) = desk.tick(107.0, at=31 * HOUR)
    assert order.reason == "take_profit"


def test_the_time_cut_by_the_clock() -> None:
    desk = Desk({(A, T0): BUY}, replace(KNOBS, max_hold_minutes=10))
    desk.bought(100.0)
    assert desk.tick(100.0, at=10 * MINUTE - 1) == ()
    (order,) = desk.tick(100.0, at=10 * MINUTE + 1000)
    assert order.reason == "time_cut"


# -- commands and limits -----------------------------------------------------------------------------------------------


def test_flatten_leaves_at_the_last_price_without_a_tick() -> None:
    desk = Desk({(A, T0): BUY, (B, T0): BUY})
    desk.bought(100.0)
    desk.bought(50.0, B, at=5000)
    desk.tick(101.0)
    desk.trader.flatten(None, "command")
    orders = desk.hear(health=Health(paused=True, reconciled=False, fresh=False))
    assert {(order.symbol, order.reason) for order in orders} == {(A, "command"), (B, "command")}
    assert {order.symbol: order.price for order in orders}[A] == D("101.0")
    for order in orders:
        desk.fill(order, 99.0)
    assert desk.hear() == ()
    assert {trade.exit_reason for trade in desk.trader.trades} == {"command"}


def test_flatten_of_one_symbol_leaves_the_others() -> None:
    desk = Desk({(A, T0): BUY, (B, T0): BUY})
    desk.bought(100.0)
    desk.bought(50.0, B, at=5000)
    desk.trader.flatten([B, "C/KRW"], "command")
    (order,) = desk.hear()
    assert order.symbol == B


def test_flatten_is_kept_while_the_venue_says_no() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    desk.trader.flatten(None, "kill_switch")
    (order,) = desk.hear()
    desk.hear(rejected(order))
    (again,) = desk.tick(100.0, at=MINUTE)
    assert again.reason == "kill_switch"


def test_after_a_flatten_nothing_is_bought_in_the_same_candle() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=99.0)})
    desk.bought(100.0)
    desk.trader.flatten(None, "command")
    (order,) = desk.hear()
    desk.fill(order, 100.0)
    assert desk.tick(100.0, 101.0) == ()


def test_a_limit_that_trips_flattens_in_the_same_step() -> None:
    knobs = replace(KNOBS, drawdown_limit=0.005, on_limit="flatten", stop_loss_percent=0.03)
    desk = Desk({(A, T0): BUY, (A, T0 + HOUR): BUY}, knobs)
    desk.bought(100.0)
    (order,) = desk.tick(97.9)
    assert order.reason == "kill_switch"
    desk.fill(order, 97.9)
    assert desk.tick(98.0, at=HOUR) == ()
    assert desk.gates() == ["drawdown_limit"]
    desk.trader.account.rearm(None)
    desk.rows[A, T0 + 2 * HOUR] = Look(BUY, {}, {})
    assert len(desk.tick(98.0, at=2 * HOUR)) == 1


def test_a_limit_that_trips_only_blocks_by_default() -> None:
    desk = Desk({(A, T0): BUY}, replace(KNOBS, drawdown_limit=0.005))
    desk.bought(100.0)
    assert desk.tick(97.9) == ()
    assert desk.trader.account.latches
    assert desk.held()


@pytest.mark.parametrize(
    "health", [Health(signals_only=True), Health(reconciled=False), Health(fresh=False), Health(halted=True)]
)
def test_exits_pass_no_gate(health: Health) -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    if health.signals_only:
        return  # such a trader never holds anything: nothing is sent at all
    (order,) = desk.tick(90.0, health=health, notices={A: "delisting"})
    assert order.leg == "exit"


def test_the_order_rate_counts_a_minute() -> None:
    rows = {(symbol, T0): QUIET._replace(buy_above=99.0) for symbol in (A, B)}
    desk = Desk(rows, replace(KNOBS, max_orders_per_minute=1))
    desk.bought(100.0)
    assert desk.tick(100.0, symbol=B) == ()
    assert desk.gates() == ["order_rate"]
    assert len(desk.tick(100.0, symbol=B, at=MINUTE + 1000)) == 1


def test_entries_go_by_confidence_then_name_and_share_the_cash() -> None:
    low, high = BUY._replace(confidence=0.5), BUY._replace(confidence=0.9)
    desk = Desk({(A, T0): low, (B, T0): high}, replace(KNOBS, max_position_size=0.6))
    bars = tuple(Bar(symbol, T0, 100.0, 100.0, 100.0, 100.0, T0) for symbol in (A, B))
    first, second = desk.trader.step(Facts(T0, bars)).orders
    assert (first.symbol, second.symbol) == (B, A)
    assert first.quantity == D(6_000)
    assert second.quantity == D(4_000)
    same = Desk({(A, T0): high, (B, T0): high})
    assert [order.symbol for order in same.trader.step(Facts(T0, bars)).orders] == [A, B]


def test_two_entries_of_one_step_never_spend_more_than_there_is() -> None:
    """What an order in flight will cost is its expected fill, slippage and rounding included."""
    knobs = replace(KNOBS, max_position_size=0.6, slippage_bps=100.0)
    desk = Desk({(A, T0): BUY, (B, T0): BUY}, knobs, ticks=((0.0, 1.0),))
    bars = tuple(Bar(symbol, T0, 100.3, 100.3, 100.3, 100.3, T0) for symbol in (A, B))
    orders = desk.trader.step(Facts(T0, bars)).orders
    assert sum(order.quantity * D("102.01") for order in orders) <= D(1_000_000)


def test_entries_of_one_step_count_towards_the_days_limit() -> None:
    desk = Desk({(A, T0): BUY, (B, T0): BUY}, replace(KNOBS, max_trades_per_day=1))
    bars = tuple(Bar(symbol, T0, 100.0, 100.0, 100.0, 100.0, T0) for symbol in (A, B))
    assert [order.symbol for order in desk.trader.step(Facts(T0, bars)).orders] == [A]
    assert desk.gates() == ["max_trades_per_day"]


def test_entries_of_one_step_count_towards_the_positions() -> None:
    desk = Desk({(A, T0): BUY, (B, T0): BUY}, replace(KNOBS, max_positions=1))
    bars = tuple(Bar(symbol, T0, 100.0, 100.0, 100.0, 100.0, T0) for symbol in (A, B))
    assert [order.symbol for order in desk.trader.step(Facts(T0, bars)).orders] == [A]
    assert desk.gates() == ["max_positions"]


def test_the_venues_free_cash_bounds_an_entry() -> None:
    desk = Desk({(A, T0): BUY})
    (order,) = desk.tick(100.0, free={"KRW": D(50_000)})
    assert order.quantity * 100 <= D(50_000)
    poor = Desk({(A, T0): BUY})
    assert poor.tick(100.0, free={}) == ()
    assert poor.gates() == ["min_notional"]


def test_a_symbol_in_doubt_takes_no_entry() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=99.0), (B, T0): QUIET._replace(buy_above=99.0)})
    health = Health(stopped_symbols=frozenset({A}))
    assert desk.tick(100.0, health=health) == ()
    assert len(desk.tick(100.0, symbol=B, health=health)) == 1


def test_an_unknown_entry_holds_its_cash_and_its_place() -> None:
    knobs = replace(KNOBS, max_positions=2, max_position_size=0.6)
    desk = Desk({(A, T0): BUY, (B, T0): QUIET._replace(buy_above=99.0)}, knobs)
    (order,) = desk.tick(100.0)
    desk.hear(OrderEvent(sent(order).moved(State.UNKNOWN, detail="timeout")))
    (other,) = desk.tick(100.0, symbol=B)
    assert other.quantity == D(4_000)
    assert desk.tick(100.0, 101.0) == ()
    # It was there after all: booked once the venue shows it.
    late = sent(order).moved(State.UNKNOWN)
    desk.hear(
        OrderEvent(late, fill_of(order, 100.0, order.quantity, desk.now)),
        OrderEvent(late.moved(State.FILLED, filled=order.quantity)),
    )
    assert desk.held(A)


def test_an_entry_proven_absent_frees_its_cash_but_not_its_candle() -> None:
    desk = Desk({(A, T0): QUIET._replace(buy_above=99.0)}, replace(KNOBS, max_position_size=1.0))
    (order,) = desk.tick(100.0)
    doubt = sent(order).moved(State.UNKNOWN)
    desk.hear(OrderEvent(doubt), OrderEvent(doubt.moved(State.REJECTED, detail="absent")))
    assert desk.tick(101.0) == ()
    desk.rows[A, T0 + HOUR] = Look(BUY, {}, {})
    (again,) = desk.tick(100.0, at=HOUR)
    assert again.quantity == order.quantity


def test_a_symbol_that_dropped_out_keeps_its_exits_and_gets_no_entries() -> None:
    desk = Desk({(A, T0): BUY, (A, T0 + HOUR): BUY})
    desk.bought(100.0)
    desk.trader.follow({B: item(B)})
    (order,) = desk.tick(90.0)
    desk.fill(order, 90.0)
    assert desk.tick(100.0, at=HOUR) == ()


def test_knobs_that_change_move_the_levels_at_once() -> None:
    desk = Desk({(A, T0): BUY})
    desk.bought(100.0)
    assert desk.tick(98.5) == ()
    desk.trader.use(desk.trader.rule, replace(KNOBS, stop_loss_percent=0.01))
    (order,) = desk.tick(98.5)
    assert order.reason == "stop_loss"


def test_equity_is_marked_at_the_last_price_of_the_step() -> None:
    desk = Desk({(A, T0): BUY})
    entry = desk.bought(100.0)
    desk.tick(101.0, 102.0)
    assert desk.trader.account.equity == pytest.approx(1_000_000 + 2 * float(entry.quantity))
    assert desk.trader.account.equity == pytest.approx(desk.trader.equity())


def test_the_same_facts_bring_the_same_names() -> None:
    one, other = Desk({(A, T0): BUY}), Desk({(A, T0): BUY})
    assert one.tick(100.0) == other.tick(100.0)
