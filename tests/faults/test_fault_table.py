"""The fault table: each fault of the plans through the real client, execution, ledger and desk."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.exchanges.simulator.conftest import jwt
from tests.faults import plans
from tests.faults.stand import ASSET, MARKET, SYMBOL, TIMEOUT_S, Stand, stand
from trading.core.orders import State

LATE_S = TIMEOUT_S + 0.6
ACCEPTED = {
    "reply_lost": plans.reply_lost(),
    "http_500_after": plans.server_error(500, "after"),
    "http_502_after": plans.server_error(502, "after"),
    "http_504_after": plans.server_error(504, "after"),
    "answer_late": plans.late(LATE_S),
    "accepted_late": plans.late(LATE_S, "before"),
    "body_cut": plans.cut_short(),
    "body_html": plans.wrong_body("<html>hello</html>"),
    "body_empty": plans.wrong_body(""),
    "body_other": plans.wrong_body({"uuid": 7}),
    "body_list": plans.wrong_body([]),
    "body_null": plans.wrong_body("null"),
    "events_before_reply": plans.late(0.4),
}
"""The venue carries the order out; what comes back does not say so."""
NOT_ACCEPTED = {
    "request_lost": plans.request_lost(),
    "http_500_before": plans.server_error(500, "before"),
    "http_502_before": plans.server_error(502, "before"),
    "http_504_before": plans.server_error(504, "before"),
}
"""The venue never sees the order, and the answer does not say that either."""


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Stand]:
    with stand(tmp_path) as made:
        yield made


@pytest.mark.parametrize("fault", ACCEPTED)
def test_an_entry_that_was_accepted_is_found_and_booked_once(one: Stand, fault: str) -> None:
    one.faults(ACCEPTED[fault])
    answer = one.enter()
    one.until(lambda: one.held() and not one.execution.live, "the entry booked")
    one.until(answer, "the command's end")
    assert answer().state == "done"
    assert one.requests() == 1
    assert [order.state for order in one.orders()] == [State.FILLED]
    one.agreed()


@pytest.mark.parametrize("fault", NOT_ACCEPTED)
def test_an_entry_that_never_arrived_is_let_go_on_proof_only(one: Stand, fault: str) -> None:
    one.faults(NOT_ACCEPTED[fault])
    answer = one.enter()
    one.until(lambda: one.execution.unknown, "an order in doubt")
    one.steps(5)
    one.clock.pass_s(50)
    one.steps(5)
    assert [order.state for order in one.orders()] == [State.UNKNOWN]
    second = one.enter()
    one.until(second, "the second entry refused")
    assert second().state == "refused"
    one.clock.pass_s(15)
    one.until(lambda: not one.execution.live, "proof of absence")
    assert [(order.state, order.detail) for order in one.orders()] == [(State.REJECTED, "absent")]
    assert answer().state == "failed"
    assert one.requests() == 1 and not one.held()
    one.until(lambda: one.desk.state == "ready", "ready again")
    one.bought()
    one.agreed()


@pytest.mark.parametrize("fault", ACCEPTED)
def test_an_exit_that_was_accepted_sells_once(one: Stand, fault: str) -> None:
    one.bought()
    one.faults(ACCEPTED[fault])
    one.price(-0.03)
    one.until(lambda: not one.held() and not one.execution.live, "the exit booked")
    assert one.requests() == 2
    assert len({sale["order_id"] for sale in one.sales()}) == 1
    assert [trade.exit_reason for trade in one.notes.trades] == ["stop_loss"]
    one.agreed()


@pytest.mark.parametrize("fault", NOT_ACCEPTED)
def test_an_exit_that_never_arrived_goes_again_after_ten_seconds_of_denial(one: Stand, fault: str) -> None:
    one.bought()
    one.faults(NOT_ACCEPTED[fault])
    one.price(-0.03)
    one.until(lambda: one.execution.unknown, "an exit in doubt")
    one.steps(5)
    one.clock.pass_s(5)
    one.steps(5)
    assert one.requests() == 2, "a twin went before the absence was proven"
    one.clock.pass_s(6)
    one.until(lambda: not one.execution.live, "proof of absence")
    for _ in range(70):  # a new attempt waits a little: market time passes
        if not one.held():
            break
        one.price(0.0)
        one.steps(1)
    one.until(lambda: not one.held(), "the second attempt")
    assert one.requests() == 3
    assert len({sale["order_id"] for sale in one.sales()}) == 1
    one.agreed()


@pytest.mark.parametrize("status", [429, 418])
@pytest.mark.parametrize("advice", [None, "30"])
def test_a_refusal_for_a_while_is_obeyed_and_outlives_a_restart(one: Stand, status: int, advice: str | None) -> None:
    one.faults(plans.too_many(advice, status))
    answer = one.enter()
    one.until(answer, "the refusal")
    assert answer().state == "failed"
    assert [order.state for order in one.orders()] == [State.REJECTED]
    assert one.requests() == 1 and one.bans
    if advice is None and status == 429:
        return
    one.restart()
    one.steps(5)
    one.until(lambda: True, "steps")
    if status == 418:
        before = len(one.told()["requests"])
        one.steps(5)
        assert len(one.told()["requests"]) == before, "the venue was asked while it keeps us away"
    one.clock.pass_s(61)
    one.until(lambda: one.desk.trader is not None and one.desk.state == "ready", "back again")
    one.bought()
    one.agreed()


def test_an_order_that_is_denied_for_half_a_minute_is_waited_for(one: Stand) -> None:
    empty = {"on": "GET /v1/orders/*", "list": "empty", "for_seconds": 30}
    one.faults(plans.reply_lost(), plans.hidden(30), empty)
    one.enter()
    one.until(lambda: one.execution.unknown, "an order in doubt")
    for _ in range(5):
        one.clock.pass_s(5)
        one.steps(3)
        assert [order.state for order in one.orders()] == [State.UNKNOWN]
    one.clock.pass_s(10)
    one.until(lambda: one.held() and not one.execution.live, "the order found")
    assert one.requests() == 1
    one.agreed()


def test_an_order_that_one_list_shows_is_not_absent_because_another_denies_it(one: Stand) -> None:
    one.faults(plans.reply_lost(), plans.hidden(400))
    one.enter()
    one.until(lambda: one.execution.unknown, "an order in doubt")
    for _ in range(4):
        one.clock.pass_s(40)
        one.steps(3)
        assert [order.state for order in one.orders()] == [State.UNKNOWN]
    one.clock.pass_s(300)
    one.until(lambda: one.held() and not one.execution.live, "the order found")
    one.agreed()


@pytest.mark.parametrize("restart", [False, True])
def test_a_partial_fill_is_a_position_of_that_size(one: Stand, restart: bool) -> None:
    one.faults(plans.partly(0.4))
    one.enter(100_000)
    one.until(lambda: one.held() and not one.execution.live, "a partial entry")
    worth = one.held() * Decimal(one.told()["prices"]["upbit"][MARKET])
    assert 35_000 < worth < 45_000
    if restart:
        one.restart()
        one.until(lambda: one.desk.state == "ready", "ready again")
    trader = one.desk.trader
    assert trader is not None and trader.portfolio.positions[SYMBOL].quantity == one.held()
    one.price(-0.03)
    one.until(lambda: not one.held(), "all of it sold")
    one.agreed()


@pytest.mark.parametrize("restart", [False, True])
def test_a_partial_exit_is_carried_on_until_nothing_is_left(one: Stand, restart: bool) -> None:
    one.bought(100_000)
    whole = one.held()
    one.faults(plans.partly(0.4))
    one.price(-0.03)
    one.until(lambda: one.held() < whole, "a partial exit")
    if restart:
        one.restart()
        one.until(lambda: one.desk.state == "ready", "ready again")
        one.price(0.0)
    one.until(lambda: not one.held() and not one.execution.live, "the rest sold")
    assert len({sale["order_id"] for sale in one.sales()}) == 2
    one.agreed()


def test_a_rest_after_a_restart_is_dust_by_its_worth_only(one: Stand) -> None:
    """The first thing a life hears may be the end of an exit, before any price has come."""
    one.bought(100_000)
    one.faults(plans.partly(0.4), plans.request_lost(2))
    one.price(-0.03)
    one.until(lambda: one.execution.unknown, "the second exit in doubt")
    assert one.held()
    one.end()
    one.clock.pass_s(100)
    one.desk = one.start()
    one.until(lambda: one.desk.state == "ready" and not one.execution.live, "the second exit proven absent")
    trader = one.desk.trader
    assert trader is not None and trader.portfolio.positions[SYMBOL].quantity == one.held() > 0
    one.faults()
    one.practice.post("/clock", by_ms=120_000)
    one.price(-0.01)
    one.until(lambda: not one.held(), "the rest sold")
    one.agreed()


def test_a_muted_stream_leaves_prices_and_orders_to_rest(one: Stand) -> None:
    one.faults(*(plans.stream(name, drop=True, times=0) for name in ("trade", "ticker", "myOrder", "myAsset")))
    one.bought()
    one.clock.pass_s(11)
    one.price(-0.03)
    one.until(lambda: not one.held(), "the stop on a price that REST told")
    one.agreed()


@pytest.mark.parametrize("action", [{"copies": 3}, {"hold": 2}, {"drop": True, "chance": 0.5}])
def test_doubled_late_and_lost_messages_change_nothing(one: Stand, action: dict[str, object]) -> None:
    one.faults(*(plans.stream(name, times=0, **action) for name in ("trade", "myOrder", "myAsset")), seed=4)
    one.bought()
    for change in (0.004, -0.004, 0.004, -0.03, 0.0, 0.0, 0.0):
        one.price(change)
        one.steps(2)
    one.clock.pass_s(11)
    one.until(lambda: not one.held(), "the stop")
    assert one.requests() == 2
    one.agreed()


def test_empty_balances_are_no_knowledge(one: Stand) -> None:
    one.bought()
    held = one.held()
    one.faults(plans.balances_empty(0))
    one.clock.pass_s(50)
    one.until(lambda: one.desk.state == "degraded", "the account not reconciled")
    assert not one.desk.reconciled.ok and one.held() == held
    trader = one.desk.trader
    assert trader is not None and trader.portfolio.positions[SYMBOL].quantity == held
    refused = one.enter(symbol="XRP/KRW")
    one.until(refused, "the entry's end")
    assert refused().state == "refused"
    one.price(-0.03)
    one.until(lambda: not one.held(), "the exit in spite of it")
    one.agreed()


def test_maintenance_in_the_middle_and_at_the_start(one: Stand) -> None:
    one.bought()
    one.faults(plans.maintenance(120))
    one.clock.pass_s(50)
    one.until(lambda: one.desk.state == "degraded", "the trouble seen")
    one.restart()
    one.steps(5)
    assert one.desk.trader is None and one.desk.state == "degraded"
    one.clock.pass_s(130)
    one.until(lambda: one.desk.state == "ready", "back by itself")
    one.price(-0.03)
    one.until(lambda: not one.held(), "the stop")
    one.agreed()


@pytest.mark.parametrize(
    "edit", [{"drop": [0]}, {"drop": [0, 1, 5]}, {"repeat": [0, 3]}, {"drop": [1], "repeat": [2, 7]}], ids=str
)
def test_candles_that_are_missing_or_repeated_are_never_doubled(one: Stand, edit: dict[str, list[int]]) -> None:
    one.faults(plans.candles(edit, times=6))
    one.restart()
    one.until(lambda: one.desk.feed.loaded == 2, "history")
    for _ in range(4):
        one.practice.post("/clock", by_ms=60_000)
        one.price(0.001)
        one.clock.pass_s(2)
        one.steps(3)
    one.faults()
    one.until(lambda: one.desk.feed.loaded == 2, "history again")
    for track in one.desk.feed.tracks.values():
        times = track.closed.time.tolist()
        assert times == sorted(set(times)) and len(times) >= 30
    one.bought()
    one.agreed()


def test_a_late_candle_holds_up_entries_and_not_exits(one: Stand) -> None:
    one.bought()
    one.faults({"on": "GET /v1/candles/*", "when": "before", "status": 500, "body": plans.SORRY, "times": 0})
    one.restart()
    one.practice.post("/clock", by_ms=60_000)
    one.steps(3)
    assert one.desk.feed.loaded == 0
    one.price(-0.03)
    one.until(lambda: not one.held(), "the exit without candles")
    one.faults()
    one.practice.post("/clock", by_ms=10_000)
    one.until(lambda: one.desk.feed.loaded == 2, "history")
    one.agreed()


def test_a_skewed_venue_clock_is_of_no_account_where_nothing_is_signed_with_time(one: Stand) -> None:
    for skew in (-5_000, 3_600_000):
        one.practice.post("/clock", skew_ms=skew, by_ms=3_600_000)
        one.price(0.0)
        one.until(lambda: not one.desk.stale, "a price of this hour")
        one.bought()
        one.price(-0.03)
        one.until(lambda: not one.held(), "the exit")
    one.agreed()


def test_foreign_coins_of_the_same_kind_are_never_sold(tmp_path: Path) -> None:
    with stand(tmp_path / "first") as one:
        one.practice.post("/account", deposit={ASSET: "2"}, average_price={ASSET: "1000"})
        foreign = {ASSET: Decimal(2)}
        for _ in range(2):  # what changes while trading is believed when it was seen twice
            one.clock.pass_s(50)
            one.steps(2)
        one.until(lambda: ASSET in one.desk.reconciled.foreign, "the deposit seen")
        one.bought()
        one.faults(plans.reply_lost(), plans.partly(0.4) | {"nth": 2})
        one.price(-0.03)
        one.until(lambda: not one.held() and not one.execution.live, "ours sold")
        one.agreed(foreign)


CANCELS = {
    "calm": None,
    "reply_lost": {"on": "DELETE /v1/order", "reset": True},
    # The HTTP library itself asks again on a kept connection; that is harmless for a cancel and never done for a POST.
    "request_lost": {"on": "DELETE /v1/order", "when": "before", "reset": True},
    "http_504_after": {"on": "DELETE /v1/order", "status": 504, "body": plans.SORRY},
    "not_found": {"on": "DELETE /v1/order", "when": "before", "status": 404, "body": plans.NOT_FOUND},
}


@pytest.mark.parametrize("fault", CANCELS)
@pytest.mark.parametrize("part", [None, 0.4])
def test_a_cancel_leaves_what_was_filled(one: Stand, fault: str, part: float | None) -> None:
    if part is not None:
        # At the asking price, where the book holds only this much of it.
        one.faults(plans.partly(part))
    order = one.rest(-0.002 if part else 0.01)
    one.until(lambda: one.execution.live and not one.execution.unknown, "a resting order")
    filled = one.held()
    assert filled == (order.quantity * Decimal(repr(part)) if part else 0)
    rule = CANCELS[fault]
    one.faults(*([rule] if rule else []))
    one.execution.execute((), one.execution.live)
    if fault == "not_found":
        one.steps(3)
        assert one.execution.live, "it is still resting"
        one.execution.execute((), one.execution.live)
    one.until(lambda: not one.execution.live, "its end")
    assert [shown.state for shown in one.orders()] == [State.CANCELLED]
    assert one.held() == filled
    one.agreed()


@pytest.mark.parametrize("fault", [name for name in CANCELS if name != "not_found"])
def test_a_fill_that_overtakes_a_cancel_is_booked_whole(one: Stand, fault: str) -> None:
    one.practice.post("/options", cancel_delay=600.0)
    order = one.rest(0.01)
    rule = CANCELS[fault]
    one.faults(*([rule] if rule else []))
    one.execution.execute((), one.execution.live)
    one.steps(2)
    assert one.execution.live
    one.price(-0.015)
    one.until(lambda: not one.execution.live, "its end")
    assert [shown.state for shown in one.orders() if shown.leg == "entry"] == [State.FILLED]
    assert sum(Decimal(fill["quantity"]) for fill in one.sales("buy")) == order.quantity
    one.practice.post("/options", cancel_delay=0.0)
    one.agreed()


def test_foreign_orders_are_listed_and_left_alone(one: Stand) -> None:
    one.end()
    with httpx.Client(base_url=one.practice.ready["upbit"]["rest"], trust_env=False) as client:
        body = {"market": MARKET, "side": "bid", "ord_type": "limit", "price": "1000000", "volume": "0.1"}
        token = jwt("&".join(f"{name}={value}" for name, value in body.items()))
        sent = client.post("/v1/orders", json=body, headers={"Authorization": f"Bearer {token}"})
        assert sent.status_code == 201, sent.text
    one.desk = one.start()
    one.until(lambda: one.desk.state == "ready", "ready beside it")
    assert any(key == "log.difference" and said["action"] == "listed" for key, said in one.said)
    one.bought()
    one.price(-0.03)
    one.until(lambda: not one.held(), "ours sold")
    (left,) = [row for row in one.told()["orders"] if row["state"] == "open"]
    assert left["client_id"] is None
    one.agreed()


def test_what_its_owner_sold_by_hand_is_booked_and_not_sold_again(one: Stand) -> None:
    one.bought(100_000)
    sold = one.held() / 2
    one.practice.post(
        "/account", trade={"market": MARKET, "side": "sell", "quantity": f"{sold.quantize(Decimal('0.00000001')):f}"}
    )
    for _ in range(3):
        one.clock.pass_s(50)
        one.steps(2)
    one.until(lambda: one.held() <= sold + Decimal("0.00000001"), "the sale by hand booked")
    one.price(-0.03)
    one.until(lambda: not one.held() and not one.execution.live, "the rest sold")
    one.faults()
    assert sum(Decimal(fill["quantity"]) for fill in one.sales()) == sum(
        Decimal(fill["quantity"]) for fill in one.sales("buy")
    )
    assert one.requests() == 2


def test_two_entries_of_one_step_and_symbol_are_one_order(one: Stand) -> None:
    first, second = one.enter(50_000), one.enter(70_000)
    one.until(lambda: first() and second(), "both ends")
    assert (first().state, second().state) == ("done", "refused")
    assert one.requests() == 1
    one.price(-0.03)
    one.until(lambda: not one.held(), "all of it sold")
    one.agreed()
