"""Starting is recovering: every difference between account and ledger is named, and only proof is booked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.live.ledger_fixtures import LIVE, NOW_MS
from tests.trading.lossy_venue import FakeClock, LossyVenue, an_order
from trading.core.errors import BadInput
from trading.core.orders import Fill, State, client_id
from trading.core.ports import Capabilities, VenueOrder, VenuePosition
from trading.execution import Execution
from trading.live.account import Reconciled, StrangeTrade, explained, sellable
from trading.live.ledger import Ledger, open_ledger
from trading.live.ledger_orders import Holding
from trading.live.reconcile import adopt, reconcile, watch_account, write_off

TWO = Decimal(2)


class House:
    """An account, a ledger and an execution over both; `start` is a restart of the bot."""

    def __init__(self, folder: Path, **capabilities: Any) -> None:
        self.clock = FakeClock()
        able = Capabilities(capabilities.pop("currency", "KRW"), fee_rate=0.0005, **capabilities)
        self.venue = LossyVenue(self.clock, capabilities=able)
        self.ledger: Ledger = open_ledger(folder, LIVE, NOW_MS).ledger
        self.execution = Execution(self.venue, self.ledger, self.clock)
        self.result = Reconciled(False)

    def start(self) -> Reconciled:
        self.clock.pass_s(5)
        self.execution = Execution(self.venue, self.ledger, self.clock)
        self.result = reconcile(self.venue, self.ledger, self.execution, self.clock, {"BTC": Decimal("1e-6")})
        return self.result

    def look(self) -> Reconciled:
        self.clock.pass_s(30)
        self.execution.settle()
        self.result = watch_account(self.venue, self.ledger, self.execution, self.clock, self.result)
        return self.result

    def buy(self, order_id: str = "a", quantity: str = "2", **changes: Any) -> None:
        self.execution.execute([an_order(order_id, quantity=quantity, created_ms=self.clock.market_ms(), **changes)])
        self.execution.events()

    def said(self) -> list[tuple[str, str, str, Decimal]]:
        return [(found.kind, found.action, found.name, found.quantity) for found in self.result.differences]

    def owned(self) -> Decimal:
        return self.ledger.owned("upbit").get("BTC", Decimal(0))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.ledger.close()


def test_a_first_start_takes_nothing_that_is_there(house: House) -> None:
    house.venue.give("ETH", "2")
    result = house.start()
    assert result.ok
    assert house.said() == [("foreign", "kept_foreign", "ETH", TWO)]
    assert result.foreign["ETH"].quantity == TWO
    assert result.foreign["ETH"].average_price == Decimal(900)
    assert house.execution.foreign == {"ETH": TWO}
    assert house.ledger.holdings("upbit") == ()
    house.start()
    assert house.said() == []
    assert house.result.foreign["ETH"].quantity == TWO


def test_an_account_that_agrees_has_nothing_to_say(house: House) -> None:
    house.start()
    house.buy()
    assert house.start().ok
    assert house.said() == []
    assert house.look().ok
    assert house.said() == []


def test_a_deposit_of_the_same_coin_stays_foreign(house: House) -> None:
    house.start()
    house.buy()
    house.venue.give("BTC", "5")
    house.start()
    assert house.said() == [("deposit", "kept_foreign", "BTC", Decimal(5))]
    assert house.owned() == TWO
    house.venue.give("BTC", "-1")
    house.start()
    assert house.said() == [("withdrawal", "foreign_reduced", "BTC", Decimal(1))]
    assert house.result.foreign["BTC"].quantity == Decimal(4)
    assert house.owned() == TWO


def test_a_manual_buy_is_foreign_and_never_sold(house: House) -> None:
    house.start()
    house.buy()
    house.venue.trade_by_hand("BTC/KRW", "buy", "3")
    house.start()
    assert house.result.foreign["BTC"].quantity == Decimal(3)
    free = house.venue.balances()["BTC"].free
    assert sellable(house.owned(), free, house.result.foreign["BTC"].quantity) == TWO


def test_a_manual_sale_of_ours_is_booked_at_the_venues_price(house: House) -> None:
    house.start()
    house.buy()
    house.clock.pass_s(100)
    house.venue.price = Decimal(1100)
    trade_id = house.venue.trade_by_hand("BTC/KRW", "sell", "0.5")
    assert house.start().ok
    assert house.said() == [("manual", "booked", "BTC/KRW", Decimal("0.5"))]
    assert house.owned() == Decimal("1.5")
    fill = house.ledger.fill("upbit", "BTC/KRW", trade_id)
    assert fill is not None
    assert (fill.price, fill.fee) == (Decimal(1100), Decimal("0.275"))
    order = house.ledger.order(fill.order_id)
    assert order is not None
    assert (order.reason, order.trip, order.state, order.leg) == ("manual", "a", State.FILLED, "exit")
    events = house.execution.events()
    assert [event.fill is not None for event in events] == [True, False]
    house.start()
    assert house.said() == []
    assert house.execution.events() == ()


def test_a_sale_by_hand_takes_foreign_coins_first(house: House) -> None:
    house.start()
    house.buy()
    house.venue.give("BTC", "5")
    house.start()
    trade_id = house.venue.trade_by_hand("BTC/KRW", "sell", "6")
    house.start()
    assert house.said() == [
        ("manual", "booked", "BTC/KRW", Decimal(1)),
        ("withdrawal", "foreign_reduced", "BTC", Decimal(5)),
    ]
    fill = house.ledger.fill("upbit", "BTC/KRW", trade_id)
    assert fill is not None
    assert (fill.quantity, fill.fee) == (Decimal(1), Decimal("0.5"))
    assert house.owned() == Decimal(1)


def test_one_sale_by_hand_may_end_several_round_trips(house: House) -> None:
    house.start()
    house.buy("a")
    house.buy("b", "3", book="second")
    house.venue.trade_by_hand("BTC/KRW", "sell", "4")
    assert house.start().ok
    assert [quantity for _, _, _, quantity in house.said()] == [TWO, TWO]
    assert house.ledger.holdings("upbit") == (Holding("b", "second", "breakout", "BTC/KRW", Decimal(1)),)
    house.venue.trade_by_hand("BTC/KRW", "sell", "1")
    house.start()
    assert house.owned() == 0


def test_a_booking_cut_short_goes_on_with_the_same_trade(house: House) -> None:
    """Killed between the parts of one trade: the rest of it still explains the rest of the shortage."""
    house.start()
    house.buy("a")
    house.buy("b", "3")
    trade_id = house.venue.trade_by_hand("BTC/KRW", "sell", "4")
    look = [StrangeTrade(owner, fill) for owner, fill in house.venue.fills(0, ["BTC/KRW"]) if fill.trade_id == trade_id]
    first = explained(Decimal(4), house.ledger.holdings("upbit"), look)[0]
    house.execution.book_outside(first.order, first.fill)
    assert house.owned() == Decimal(3)
    assert house.start().ok
    assert house.owned() == Decimal(1)


def test_coins_that_left_without_a_trade_stop_entries_and_change_nothing(house: House) -> None:
    house.start()
    house.buy()
    house.venue.give("BTC", "-0.5")
    for _ in range(3):
        result = house.start()
        assert not result.ok
        assert result.reason == "missing BTC"
        assert house.said() == [("missing", "entries_off", "BTC", Decimal("0.5"))]
    assert house.owned() == TWO
    house.venue.give("BTC", "0.5")
    assert house.start().ok


def test_a_person_may_write_off_what_was_withdrawn(house: House) -> None:
    house.start()
    house.buy("a")
    house.buy("b", "3")
    with pytest.raises(BadInput, match="nothing is missing"):
        write_off(house.venue, house.ledger, house.execution, house.clock, "BTC/KRW", Decimal(950))
    house.venue.give("BTC", "-2.5")
    house.venue.empty_balances = True
    with pytest.raises(BadInput, match="no balances"):
        write_off(house.venue, house.ledger, house.execution, house.clock, "BTC/KRW", Decimal(950))
    house.venue.empty_balances = False
    orders = write_off(house.venue, house.ledger, house.execution, house.clock, "BTC/KRW", Decimal(950))
    assert [(order.trip, order.quantity, order.reason) for order in orders] == [
        ("a", TWO, "manual"),
        ("b", Decimal("0.5"), "manual"),
    ]
    assert house.owned() == Decimal("2.5")
    assert house.start().ok


def test_less_than_a_lot_is_dust(house: House) -> None:
    house.start()
    house.buy()
    house.venue.give("BTC", "-0.0000001")
    assert house.start().ok
    assert house.said() == [("dust", "ignored", "BTC", Decimal("1E-7"))]


def test_an_asset_missing_from_a_whole_answer_is_zero_only_if_trades_say_so(house: House) -> None:
    house.start()
    house.buy()
    house.venue.hide_assets.add("BTC")
    result = house.start()
    assert not result.ok
    assert house.owned() == TWO
    house.venue.hide_assets.clear()
    house.venue.trade_by_hand("BTC/KRW", "sell", "2")
    house.venue.hide_assets.add("BTC")
    assert house.start().ok
    assert house.owned() == 0


@pytest.mark.parametrize("method", ["balances", "open_orders", "fills"])
def test_a_failed_answer_is_absence_of_knowledge(house: House, method: str) -> None:
    house.start()
    house.venue.give("BTC", "5")
    house.start()
    house.buy()
    house.venue.broken.add(method)
    result = house.start()
    assert (result.ok, result.reason) == (False, "http_502")
    assert result.foreign["BTC"].quantity == Decimal(5)
    assert house.owned() == TWO
    house.venue.broken.clear()
    assert house.start().ok


def test_empty_balances_are_no_answer(house: House) -> None:
    house.start()
    house.buy()
    house.venue.empty_balances = True
    result = house.start()
    assert (result.ok, result.reason) == (False, "balances_empty")
    assert house.owned() == TWO


def test_an_adapter_that_stumbles_is_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.start()

    def stumble() -> None:
        raise KeyError("currency")

    monkeypatch.setattr(house.venue, "balances", stumble)
    assert (house.start().ok, house.result.reason) == (False, "KeyError")


def test_an_order_lost_by_a_crash_is_found_and_booked(house: House) -> None:
    house.start()
    order = an_order("a", created_ms=house.clock.market_ms(), sent_wall_ms=house.clock.wall_ms())
    house.ledger.intend(order)
    house.venue.submit(order)
    assert house.start().ok
    assert house.owned() == TWO
    assert house.ledger.unfinished("upbit") == []


def test_an_order_in_doubt_keeps_entries_off(house: House) -> None:
    house.start()
    house.ledger.intend(an_order("a", created_ms=house.clock.market_ms(), sent_wall_ms=house.clock.wall_ms()))
    result = house.start()
    assert (result.ok, result.reason) == (False, "unresolved BTC/KRW")
    house.clock.pass_s(60)
    assert house.look().ok


def test_a_resting_order_of_ours_is_followed_and_a_foreign_one_left_alone(house: House) -> None:
    house.start()
    house.venue.portion = Decimal(0)
    house.buy(limit=Decimal(1000))
    entry = house.venue._entry("hand-9", None, "BTC/KRW", "sell", Decimal(1))
    house.venue.give("BTC", "3")
    house.venue.truth.orders.append(entry)
    house.start()
    assert ("foreign", "listed", "BTC/KRW", Decimal(1)) in house.said()
    assert [order.id for order in house.execution.live] == ["a"]
    house.execution.execute([], [house.execution.live[0]])
    house.clock.pass_s(1)
    house.execution.settle()
    house.start()
    held = house.result.foreign["BTC"]
    assert (held.quantity, held.locked) == (Decimal(3), Decimal(1))
    assert entry["state"] == "OPEN"
    assert house.execution.foreign == {"BTC": TWO}


def test_an_order_of_ours_that_should_be_over_is_cancelled(house: House) -> None:
    house.start()
    house.venue.portion = Decimal(0)
    house.buy(limit=Decimal(1000))
    house.ledger.record(replace(house.execution.live[0], state=State.CANCELLED))
    house.start()
    assert ("ours", "cancel_asked", "BTC/KRW", TWO) in house.said()
    assert house.venue.orders_named("a")[0]["state"] == "CANCELLED"


def test_another_bot_on_the_account_stops_entries(house: House) -> None:
    stranger = client_id("other", "main", "macd", "BTC/KRW", "buy", 1, "entry")
    house.venue.truth.orders.append(house.venue._entry("v-9", stranger, "BTC/KRW", "buy", Decimal(1)))
    result = house.start()
    assert (result.ok, result.reason) == (False, "stranger BTC/KRW")


def test_a_late_fill_of_an_ended_order_is_booked(house: House) -> None:
    house.start()
    house.venue.portion = Decimal("0.4")
    house.buy(limit=Decimal(1000))
    house.execution.execute([], [house.execution.live[0]])
    house.clock.pass_s(1)
    house.execution.settle()
    assert house.owned() == Decimal("0.8")
    house.venue._fill(house.venue.truth.orders[0], Decimal("0.1"))
    house.venue.truth.orders[0]["state"] = "CANCELLED"
    assert house.start().ok
    assert ("ours", "booked", "BTC/KRW", Decimal("0.1")) in house.said()
    assert house.owned() == Decimal("0.9")


def test_while_trading_a_difference_is_believed_when_seen_twice(house: House) -> None:
    house.start()
    house.buy()
    house.look()
    house.look()
    assert house.said() == []
    house.venue.trade_by_hand("BTC/KRW", "sell", "0.5")
    result = house.look()
    assert not result.ok
    assert house.said() == [("missing", "waiting", "BTC", Decimal("0.5"))]
    assert house.owned() == TWO
    assert house.look().ok
    assert house.owned() == Decimal("1.5")
    assert house.look().ok


def test_balances_that_lag_our_own_fill_are_not_believed(house: House) -> None:
    house.start()
    house.buy()
    house.look()
    house.look()
    real = house.venue.balances()
    house.execution.execute([an_order("x", "exit", trip="a", created_ms=house.clock.market_ms())])
    balances = house.venue.balances
    house.venue.balances = lambda: real  # type: ignore[method-assign]
    house.look()
    assert house.said() == []
    house.venue.balances = balances  # type: ignore[method-assign]
    for _ in range(3):
        assert house.look().ok
    assert house.said() == []
    assert house.result.foreign == {}


def test_a_liquidation_is_booked_as_one(tmp_path: Path) -> None:
    house = House(tmp_path, currency="USDT", leverage=True, shorting=True)
    house.venue.truth.held["USDT"] = "100000"
    house.start()
    house.buy(symbol="BTC/USDT", side="sell")
    house.venue.futures = [VenuePosition("BTC/USDT", Decimal(-2), Decimal(1000), 3, None)]
    assert house.start().ok
    house.venue.futures = []
    trade_id = house.venue.trade_by_hand("BTC/USDT", "buy", "2", client="autoclose-171")
    assert house.start().ok
    assert house.said() == [("liquidation", "booked", "BTC/USDT", TWO)]
    fill = house.ledger.fill("upbit", "BTC/USDT", trade_id)
    assert fill is not None
    order = house.ledger.order(fill.order_id)
    assert order is not None
    assert (order.reason, order.side) == ("liquidation", "buy")
    assert house.ledger.holdings("upbit") == ()


def test_adopting_makes_a_foreign_holding_ours(house: House) -> None:
    house.venue.give("BTC", "3")
    house.start()
    taken = adopt(house.venue, house.ledger, house.execution, house.clock, "BTC/KRW", "macd")
    assert (taken.price, taken.quantity, taken.reason) == (Decimal(900), Decimal(3), "adopt")
    assert house.owned() == Decimal(3)
    (fill_event, end) = house.execution.events()
    assert fill_event.fill is not None
    assert end.order.done
    assert house.start().ok
    assert house.said() == []
    assert house.result.foreign == {}
    with pytest.raises(BadInput):
        adopt(house.venue, house.ledger, house.execution, house.clock, "BTC/KRW", "macd")


amounts = st.decimals(min_value=0, max_value=1000, places=8)


@given(ledger=amounts, free=amounts, foreign=amounts, locked=amounts)
def test_an_exit_never_sells_more_than_is_ours(
    ledger: Decimal, free: Decimal, foreign: Decimal, locked: Decimal
) -> None:
    size = sellable(ledger, free, foreign, min(locked, foreign))
    assert 0 <= size <= ledger
    assert size <= free
    assert size == 0 or free - size >= foreign - min(locked, foreign)


@given(
    shortage=amounts.filter(bool),
    trips=st.lists(amounts.filter(bool), min_size=1, max_size=4),
    trades=st.lists(st.tuples(amounts.filter(bool), st.sampled_from(["buy", "sell"]), amounts), max_size=5),
)
def test_what_is_explained_is_never_more_than_the_trades_the_trips_or_the_shortage(
    shortage: Decimal, trips: list[Decimal], trades: list[tuple[Decimal, str, Decimal]]
) -> None:
    held = [Holding(f"t{number}", "main", "macd", "BTC/KRW", quantity) for number, quantity in enumerate(trips)]
    strange = []
    for number, (quantity, side, taken) in enumerate(trades):
        fill = Fill(
            "upbit",
            "",
            f"f{number}",
            "BTC/KRW",
            side,
            Decimal(10),
            quantity,
            Decimal(1),
            "KRW",
            number,  # type: ignore[arg-type]
        )
        owner = VenueOrder("v", None, "BTC/KRW", "sell", "market", State.FILLED, None, None, quantity, 0)
        strange.append(StrangeTrade(owner, fill, min(taken, quantity)))
    found = explained(shortage, held, strange)
    total = sum((part.fill.quantity for part in found), Decimal(0))
    there = sum((trade.fill.quantity - trade.taken for trade in strange if trade.fill.side == "sell"), Decimal(0))
    assert total == min(shortage, sum(trips, Decimal(0)), there)
    assert len({part.fill.trade_id for part in found}) == len(found)
    assert len({part.order.id for part in found}) == len(found)
    assert all(part.fill.quantity > 0 for part in found)
