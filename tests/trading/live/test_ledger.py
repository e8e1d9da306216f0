"""The ledger's contract, the same in SQLite and in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text

from tests.trading.live.ledger_fixtures import DEMO, NOW_MS, ledger, postgres
from tests.trading.lossy_venue import an_order
from trading.core.orders import Fill, Order, State
from trading.core.portfolio import Trade
from trading.live.ledger import Ledger, open_ledger
from trading.live.ledger_history import DecisionRow, EquityPoint, EventRow, FundingRow, SignalRow
from trading.live.ledger_orders import Holding
from trading.live.ledger_state import CommandRow, PositionRow
from trading.live.tables import fill_of, fill_row, order_of, order_row

__all__ = ["ledger", "postgres"]

amounts = st.decimals(min_value=0, max_value=10**12, places=8)
names = st.text(min_size=1, max_size=20)


def a_fill(trade_id: str, order_id: str = "a", side: str = "buy", quantity: str = "1", **changes: Any) -> Fill:
    values: dict[str, Any] = {
        "venue": "upbit",
        "order_id": order_id,
        "trade_id": trade_id,
        "symbol": "BTC/KRW",
        "side": side,
        "price": Decimal(1000),
        "quantity": Decimal(quantity),
        "fee": Decimal("0.5"),
        "fee_asset": "KRW",
        "time_ms": NOW_MS,
    }
    return Fill(**{**values, **changes})


@given(
    quantity=amounts,
    price=amounts,
    funds=st.none() | amounts,
    limit=st.none() | amounts,
    filled=amounts,
    detail=names,
    state=st.sampled_from(State),
    flags=st.tuples(st.booleans(), st.booleans()),
    sent=st.none() | st.integers(0, 2**53),
)
def test_an_order_comes_back_as_it_was(
    quantity: Decimal,
    price: Decimal,
    funds: Decimal | None,
    limit: Decimal | None,
    filled: Decimal,
    detail: str,
    state: State,
    flags: tuple[bool, bool],
    sent: int | None,
) -> None:
    order = an_order(
        "a",
        quantity=str(quantity),
        price=price,
        funds=funds,
        limit=limit,
        filled=filled,
        detail=detail,
        state=state,
        native=flags[0],
        reduce_only=flags[1],
        sent_wall_ms=sent,
    )
    row = order_row(order)
    assert order_of({**row, "seq": 7}) == order
    assert all("E" not in str(row[name]) for name in ("quantity", "price", "filled"))


@given(price=amounts, quantity=amounts, fee=amounts, trade_id=names, maker=st.booleans())
def test_a_fill_comes_back_as_it_was(
    price: Decimal, quantity: Decimal, fee: Decimal, trade_id: str, maker: bool
) -> None:
    fill = a_fill(trade_id, price=price, quantity=str(quantity), fee=fee, maker=maker)
    assert fill_of(fill_row(fill, "main", "breakout")) == fill


@given(st.data())
def test_a_changed_value_is_noticed(data: st.DataObject) -> None:
    row: dict[str, Any] = order_row(an_order("a"))
    name = data.draw(st.sampled_from([name for name in row if isinstance(row[name], str) and name != "state"]))
    at = data.draw(st.integers(0, max(0, len(row[name]) - 1)))
    changed: Mapping[str, Any] = {**row, name: row[name][:at] + "7" + row[name][at + 1 :]}
    if changed != row:
        with pytest.raises((ValueError, ArithmeticError)):
            order_of(changed)


def test_tables_are_the_agreed_ones(ledger: Ledger) -> None:
    found = set(inspect(ledger.engine).get_table_names())
    if not found:
        with ledger.engine.connect() as connection:
            schema = connection.execute(text("SELECT current_schema()")).scalar_one()
        found = set(inspect(ledger.engine).get_table_names(schema=schema))
    assert found == {
        *("orders", "fills", "positions", "position_history", "trades", "account_history", "funding"),
        *("signals", "decisions", "settings", "commands", "audit", "events", "indicators"),
    }


def test_an_intent_is_recorded_once(ledger: Ledger) -> None:
    assert ledger.intend(an_order("a"))
    assert not ledger.intend(an_order("a", quantity="9"))
    assert ledger.order("a") == an_order("a")
    assert ledger.order("b") is None


def test_numpy_integers_are_taken(ledger: Ledger) -> None:
    ledger.intend(an_order("a", candle_ms=np.int64(5), created_ms=np.int64(6)))
    found = ledger.order("a")
    assert found is not None
    assert (type(found.candle_ms), found.candle_ms) == (int, 5)


def test_unfinished_orders_of_a_venue_in_order(ledger: Ledger) -> None:
    for name, state in (("b", State.OPEN), ("a", State.UNKNOWN), ("c", State.FILLED), ("d", State.INTENT)):
        ledger.intend(an_order(name))
        ledger.record(an_order(name, state=state, venue_id=f"v-{name}", filled=Decimal(1), detail="why"))
    ledger.intend(an_order("other", venue="bithumb"))
    assert [order.id for order in ledger.unfinished("upbit")] == ["b", "a", "d"]
    assert ledger.order_by_venue_id("upbit", "v-c") == an_order(
        "c", state=State.FILLED, venue_id="v-c", filled=Decimal(1), detail="why"
    )


def test_a_fill_is_booked_once_with_its_orders_book(ledger: Ledger) -> None:
    ledger.intend(an_order("a", book="second", strategy="macd"))
    assert ledger.book(a_fill("t1"))
    assert not ledger.book(a_fill("t1", quantity="5"))
    assert ledger.book(a_fill("t1", symbol="ETH/KRW"))
    assert [fill.trade_id for fill in ledger.fills_of("a")] == ["t1", "t1"]
    assert ledger.fill("upbit", "BTC/KRW", "t1") == a_fill("t1")
    with ledger.engine.connect() as connection:
        books = connection.execute(text("SELECT DISTINCT book, strategy FROM fills")).all()
    assert [tuple(row) for row in books] == [("second", "macd")]
    with pytest.raises(ValueError, match="belongs to no order"):
        ledger.book(a_fill("t9", order_id="nobody"))


def test_holdings_are_net_of_fees_in_base_before_and_after_a_restart(ledger: Ledger) -> None:
    ledger.intend(an_order("a"))
    ledger.book(a_fill("t1", quantity="2", fee=Decimal("0.001"), fee_asset="BTC"))
    first = ledger.holdings("upbit")
    assert first == (Holding("a", "main", "breakout", "BTC/KRW", Decimal("1.999")),)
    ledger.intend(an_order("x", "exit", trip="a"))
    ledger.book(a_fill("t2", "x", "sell", "1.5"))
    assert ledger.owned("upbit") == {"BTC": Decimal("0.499")}
    fresh = Ledger(ledger.engine, ledger.file, lambda _label: None)
    assert fresh.holdings("upbit") == ledger.holdings("upbit")
    ledger.intend(an_order("y", "exit", trip="a"))
    ledger.book(a_fill("t3", "y", "sell", "0.499"))
    assert ledger.holdings("upbit") == ()


def test_booked_tells_fills_with_their_orders_in_order(ledger: Ledger) -> None:
    ledger.intend(an_order("a"))
    for number in range(5):
        ledger.book(a_fill(f"t{number}", time_ms=NOW_MS - number))
    events = list(ledger.booked("upbit"))
    assert [event.fill.trade_id for event in events if event.fill] == ["t0", "t1", "t2", "t3", "t4"]
    assert {event.order for event in events} == {an_order("a")}
    assert len(list(ledger.booked("upbit", after=3))) == 2
    assert ledger.last_fill_ms("upbit") == NOW_MS
    assert ledger.last_fill_ms("bithumb") is None


def test_taken_counts_the_parts_of_one_trade(ledger: Ledger) -> None:
    ledger.intend(an_order("a"))
    for trade_id, quantity in (("t1", "1"), ("t1/1", "0.5"), ("t10", "9"), ("t1%", "9")):
        ledger.book(a_fill(trade_id, quantity=quantity))
    assert ledger.taken("upbit", "BTC/KRW", "t1") == Decimal("1.5")


def test_rows_that_may_wait_are_committed_once_per_step(ledger: Ledger) -> None:
    other = Ledger(ledger.engine, ledger.file, lambda _label: None)
    with ledger.step():
        ledger.add_equity(EquityPoint("upbit", NOW_MS, *(Decimal(n) for n in (10, 7, 1, 2))))
        with ledger.step():
            ledger.add_event(EventRow(NOW_MS, "start", "", {"mode": "demo"}))
        assert list(other.equity("upbit")) == []
    assert [point.equity for point in other.equity("upbit")] == [Decimal(10)]
    assert [event.detail for event in other.events()] == [{"mode": "demo"}]


def test_a_step_that_fails_keeps_what_it_saw(ledger: Ledger) -> None:
    with pytest.raises(KeyError), ledger.step():
        ledger.add_event(EventRow(NOW_MS, "alarm", "upbit", {}))
        raise KeyError
    assert [event.kind for event in ledger.events()] == ["alarm"]


def test_orders_do_not_wait_for_the_step(ledger: Ledger) -> None:
    other = Ledger(ledger.engine, ledger.file, lambda _label: None)
    with ledger.step():
        ledger.intend(an_order("a"))
        assert other.order("a") is not None


def a_trade(trip: str = "a", exit_ms: int = NOW_MS) -> Trade:
    money = {
        name: Decimal("1.50")
        for name in ("entry_price", "quantity", "exit_price", "fee", "pnl", "pnl_percent", "funding")
    }
    return Trade(
        trip=trip,
        venue="upbit",
        book="main",
        strategy="macd",
        symbol="BTC/KRW",
        side="long",
        entry_ms=NOW_MS - 60_000,
        exit_ms=exit_ms,
        exit_reason="take_profit",
        ambiguous=True,
        **money,
    )


def test_what_happened_comes_back_typed(ledger: Ledger) -> None:
    decision = DecisionRow(
        "upbit", "main", "macd", "BTC/KRW", 5, NOW_MS, "HOLD", 0.6, None, {"conditions": {"up": True}}
    )
    signal = SignalRow("upbit", "main", "macd", "BTC/KRW", 5, "buy", 0.7, {"level": 1.5})
    funding = FundingRow("binance_futures", "i1", "a", "main", "macd", "BTC/USDT", Decimal("-0.2"), "USDT", NOW_MS)
    with ledger.step():
        ledger.add_trade(a_trade())
        ledger.add_trade(a_trade())
        assert ledger.add_decision(decision)
        assert not ledger.add_decision(replace(decision, time_ms=NOW_MS + 1, confidence=0.9))
        assert ledger.add_decision(replace(decision, gate="cooldown"))
        ledger.add_signal(signal)
        ledger.add_indicators("upbit", "main", "macd", "BTC/KRW", 5, {"macd": 1.25})
        ledger.add_audit(NOW_MS, "dashboard:alice", "pause", {"venue": "upbit"})
    assert ledger.add_funding(funding)
    assert not ledger.add_funding(replace(funding, amount=Decimal(9)))
    assert list(ledger.trades("upbit")) == [a_trade()]
    assert list(ledger.trades("upbit", NOW_MS + 1)) == []
    assert list(ledger.decisions("upbit")) == [decision, replace(decision, gate="cooldown")]
    assert list(ledger.signals("upbit")) == [signal]
    assert ledger.indicators("upbit", "BTC/KRW", 5) == {"main|macd": {"macd": 1.25}}
    assert list(ledger.fundings("binance_futures")) == [funding]


def test_a_position_keeps_its_path_and_moves_to_the_history(ledger: Ledger) -> None:
    row = PositionRow(
        "a",
        "upbit",
        "main",
        "macd",
        "BTC/KRW",
        1,
        Decimal("0.5"),
        Decimal(1000),
        NOW_MS,
        NOW_MS,
        {"high_water": 1010.5},
    )
    ledger.save_position(row)
    later = replace(row, path={"high_water": 1020.25, "leave": False})
    ledger.save_position(later)
    assert ledger.positions("upbit") == (later,)
    ledger.end_position(later)
    assert ledger.positions("upbit") == ()
    assert ledger.position_history("upbit") == (later,)


def test_overrides_and_latches(ledger: Ledger) -> None:
    ledger.put_override("take_profit_percent", 0.04, "dashboard", NOW_MS)
    ledger.put_override("take_profit_percent", 0.05, "cmd", NOW_MS + 1, venue="upbit")
    ledger.put_override("take_profit_percent", 0.06, "cmd", NOW_MS + 2)
    assert [(row.venue, row.value, row.by) for row in ledger.overrides()] == [("", 0.06, "cmd"), ("upbit", 0.05, "cmd")]
    assert ledger.drop_override("take_profit_percent")
    assert not ledger.drop_override("take_profit_percent")
    ledger.latch("drawdown_limit", "-10.2 %", "upbit", NOW_MS, venue="upbit")
    ledger.latch("drawdown_limit", "-12 %", "upbit", NOW_MS + 5, venue="upbit")
    (latch,) = ledger.latches()
    assert (latch.name, latch.value, latch.at_ms) == ("drawdown_limit", "-10.2 %", NOW_MS)
    assert ledger.unlatch("drawdown_limit", venue="upbit")
    assert ledger.latches() == ()


def test_a_command_acts_at_most_once_ever(ledger: Ledger) -> None:
    command = CommandRow("9b2f", "set", {"knob": "k", "value": 0.5}, "dashboard:alice", NOW_MS, NOW_MS + 60_000, NOW_MS)
    assert ledger.accept(command)
    assert not ledger.accept(command)
    assert ledger.accepted() == (replace(command, effect={}),)
    assert ledger.finish("9b2f", "done", "적용", "applied", NOW_MS + 1, {"k": 0.5})
    assert not ledger.finish("9b2f", "failed", "", "", NOW_MS + 2)
    assert not ledger.finish("other", "done", "", "", NOW_MS + 2)
    assert ledger.accepted() == ()
    assert not ledger.accept(command)
    found = ledger.command("9b2f")
    assert found is not None
    assert (found.state, found.detail_en, found.effect) == ("done", "applied", {"k": 0.5})
    for number in range(5):
        ledger.accept(replace(command, id=str(number), expires_at_ms=None))
    assert [row.id for row in ledger.outcomes(3)] == ["2", "3", "4"]


def test_several_venues_write_at_once(ledger: Ledger) -> None:
    failed: list[Exception] = []

    def trade(venue: str) -> None:
        try:
            for number in range(25):
                with ledger.step():
                    order = an_order(f"{venue}{number}", venue=venue)
                    ledger.intend(order)
                    ledger.book(a_fill(str(number), order.id, venue=venue))
                    ledger.add_event(EventRow(NOW_MS, "fill", venue, {}))
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=trade, args=(venue,)) for venue in ("upbit", "bithumb", "stock")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(list(ledger.events())) == 75
    assert [ledger.owned(venue) for venue in ("upbit", "bithumb", "stock")] == [{"BTC": Decimal(25)}] * 3


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trips=st.lists(st.tuples(amounts, amounts), max_size=6))
def test_a_ledger_opened_again_says_the_same(tmp_path_factory: pytest.TempPathFactory, trips: list[Any]) -> None:
    folder: Path = tmp_path_factory.mktemp("ledger")
    first = open_ledger(folder, DEMO, NOW_MS).ledger
    orders: list[Order] = []
    for number, (quantity, fee) in enumerate(trips):
        order = an_order(f"o{number}", quantity=str(quantity))
        first.intend(order)
        first.book(a_fill(f"t{number}", order.id, quantity=str(quantity), fee=fee))
        orders.append(order.moved(State.SENT).moved(State.FILLED, filled=quantity))
        first.record(orders[-1])
    told = (first.holdings("upbit"), list(first.booked("upbit")))
    first.close()
    again = open_ledger(folder, DEMO, NOW_MS).ledger
    assert (again.holdings("upbit"), list(again.booked("upbit"))) == told
    assert [again.order(order.id) for order in orders] == orders
    again.close()
