"""Every error of the Upbit API is reached by a request (or an admin switch), with its name and status."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from exchanges.simulator.dialects.upbit.auth import DEMO_SECRET
from exchanges.simulator.dialects.upbit.errors import ERRORS
from tests.exchanges.simulator.conftest import Bench, Reply, jwt

LIMIT = {"side": "bid", "ord_type": "limit", "price": "100000000", "volume": "0.001"}
SELL = {"side": "ask", "ord_type": "limit", "price": "200000000", "volume": "0.001"}


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**LIMIT, **changes}.items() if name not in names}


REFUSED_ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("validation_error", without("side")),
    ("validation_error", without("ord_type")),
    ("invalid_parameter", without(side="buy")),
    ("invalid_parameter", without(ord_type="stop")),
    ("invalid_parameter", without(smp_type="never")),
    ("invalid_parameter", without(identifier="x" * 65)),
    ("notfoundmarket", without(market="KRW-NONE")),
    ("create_bid_error", without("volume")),
    ("create_bid_error", {"side": "bid", "ord_type": "market", "volume": "1"}),
    ("create_bid_error", {"side": "bid", "ord_type": "price", "price": "10000", "volume": "1"}),
    ("create_ask_error", {"side": "ask", "ord_type": "price", "price": "10000"}),
    ("create_ask_error", {"side": "ask", "ord_type": "market", "price": "10000", "volume": "1"}),
    ("invalid_price_bid", without(price="100000500")),
    ("invalid_price_bid", without(price="dear")),
    ("invalid_price_ask", {**SELL, "price": "200000001"}),
    ("invalid_volume_bid", without(volume="0")),
    ("invalid_volume_bid", without(volume="0.000000001")),
    ("invalid_volume_ask", {**SELL, "volume": "NaN"}),
    ("volume_too_large", {**SELL, "volume": "1000"}),
    ("invalid_funds", {"side": "bid", "ord_type": "price", "price": "-5"}),
    ("invalid_funds", {"side": "bid", "ord_type": "price", "price": "10000.123456789"}),
    ("under_min_total_bid", without(volume="0.00004999")),
    ("under_min_total_bid", {"side": "bid", "ord_type": "price", "price": "4999"}),
    ("under_min_total_ask", {**SELL, "volume": "0.00002"}),
    ("under_min_total_ask", {"side": "ask", "ord_type": "market", "volume": "0.00001"}),
    ("over_krw_funds_bid", {"side": "bid", "ord_type": "price", "price": "1000000001"}),
    ("insufficient_funds_bid", {"side": "bid", "ord_type": "price", "price": "10000000"}),
    ("insufficient_funds_bid", without(volume="0.1")),
    ("insufficient_funds_ask", SELL),
    ("invalid_time_in_force", without(time_in_force="gtc")),
    ("invalid_time_in_force", {"side": "bid", "ord_type": "best", "price": "10000"}),
    ("invalid_time_in_force", {"side": "bid", "ord_type": "price", "price": "10000", "time_in_force": "ioc"}),
    ("invalid_post_only", without(time_in_force="post_only", smp_type="reduce")),
]
REACHED = {name for name, _ in REFUSED_ORDERS}


async def test_refused_orders(bench: Bench) -> None:
    before = await bench.truth()
    for name, body in REFUSED_ORDERS:
        for path in ("/v1/orders", "/v1/orders/test"):
            reply = await bench.signed("POST", path, {"market": "KRW-BTC", **body})
            assert (reply.error, reply.status) == (name, ERRORS[name][0]), (name, body, reply.body)
    after = await bench.truth()
    assert (after["balances"], after["orders"]) == (before["balances"], [])


async def test_all_in_leaves_room_for_the_fee(bench: Bench) -> None:
    assert (await bench.order(side="bid", ord_type="price", price="9995003")).error == "insufficient_funds_bid"
    assert (await bench.order(side="bid", ord_type="price", price="9995002")).status == 201


async def test_identifier_is_burnt_even_by_an_order_that_failed(bench: Bench) -> None:
    refused = await bench.order(side="bid", ord_type="price", price="90000000", identifier="once")
    assert refused.error == "insufficient_funds_bid"
    again = await bench.order(side="bid", ord_type="price", price="10000", identifier="once")
    assert again.error == "duplicated_identifier"
    missing = await bench.signed("GET", "/v1/order", {"identifier": "once"})
    assert missing.error == "order_not_found"
    tested = await bench.signed("POST", "/v1/orders/test", {"market": "KRW-BTC", **LIMIT, "identifier": "only-tested"})
    assert tested.status == 201
    assert (await bench.order(**LIMIT, identifier="only-tested")).status == 201


async def test_cancel_is_asynchronous_and_refused_after_the_end(bench: Bench) -> None:
    placed = (await bench.order(**LIMIT, identifier="c-1")).body
    accepted = await bench.signed("DELETE", "/v1/order", {"identifier": "c-1"})
    assert (accepted.status, accepted.body["state"], accepted.body["locked"]) == (200, "wait", "100050")
    assert (await bench.read(placed["uuid"]))["state"] == "wait"
    bench.clock.seconds += 0.2
    assert (await bench.read(placed["uuid"]))["state"] == "cancel"
    assert (await bench.signed("DELETE", "/v1/order", {"uuid": placed["uuid"]})).error == "order_not_found"
    assert (await bench.signed("DELETE", "/v1/order")).error == "invalid_parameter"


async def test_a_fill_may_come_before_the_cancel(bench: Bench) -> None:
    placed = (await bench.order(**LIMIT)).body
    assert (await bench.signed("DELETE", "/v1/order", {"uuid": placed["uuid"]})).status == 200
    await bench.admin("/market", market="KRW-BTC", price="99000000")
    bench.clock.seconds += 1
    view = await bench.read(placed["uuid"])
    assert (view["state"], view["executed_volume"], view["trades"][0]["price"]) == ("done", "0.001", "100000000")


async def test_bulk_cancels(bench: Bench) -> None:
    for number in range(3):
        await bench.order(**LIMIT, identifier=f"b-{number}")
    params = [("identifiers[]", "b-0"), ("identifiers[]", "nobody")]
    some = await bench.signed("DELETE", "/v1/orders/uuids", params)
    assert some.status == 200
    assert (some.body["success"]["count"], some.body["failed"]["count"]) == (1, 1)
    assert list(some.body["success"]["orders"][0]) == ["uuid", "market", "identifier"]
    bench.clock.seconds += 1
    rest = await bench.signed("DELETE", "/v1/orders/open", {"cancel_side": "bid", "pairs": "KRW-BTC"})
    assert rest.body["success"]["count"] == 2
    bench.clock.seconds += 1
    assert (await bench.signed("GET", "/v1/orders/open")).body == []
    asked = await bench.signed("GET", "/v1/orders/uuids", [("identifiers[]", "b-1"), ("identifiers[]", "b-2")])
    assert {one["identifier"] for one in asked.body} == {"b-1", "b-2"}
    old = await bench.signed("GET", "/v1/orders", [("states[]", "cancel"), ("market", "KRW-BTC")])
    assert len(old.body) == 3
    too_many = [("uuids[]", str(number)) for number in range(21)]
    assert (await bench.signed("DELETE", "/v1/orders/uuids", too_many)).error == "invalid_parameter"


async def test_cancels_take_no_body_unless_lenient(bench: Bench) -> None:
    placed = (await bench.order(**LIMIT)).body
    query = f"uuid={placed['uuid']}"

    async def delete() -> Reply:
        headers = {"Authorization": f"Bearer {jwt(query)}"}
        async with bench.session.delete(
            bench.rest + "/v1/order", json={"uuid": placed["uuid"]}, headers=headers
        ) as reply:
            return Reply(reply.status, await reply.json(), {})

    assert (await delete()).error == "QUERY_PARAMETER_NOT_SUPPORTED"
    await bench.admin("/options", strict_query=False)
    assert (await delete()).status == 200


async def test_closed_orders_within_a_week(bench: Bench) -> None:
    await bench.order(side="bid", ord_type="price", price="10000")
    now = (await bench.truth())["market_ms"]
    week = 7 * 86_400_000
    wide = {"start_time": str(now - week - 10), "end_time": str(now)}
    assert (await bench.signed("GET", "/v1/orders/closed", wide)).error == "invalid_parameter"
    assert len((await bench.signed("GET", "/v1/orders/closed", {"end_time": str(now)})).body) == 1
    assert (await bench.signed("GET", "/v1/orders/closed", {"start_time": str(now + 1)})).body == []
    assert len((await bench.signed("GET", "/v1/orders/closed", {"state": "done"})).body) == 0
    odd = await bench.signed("GET", "/v1/orders/closed", {"state": "wait"})
    assert odd.error == "invalid_parameter"


async def test_halts_delistings_and_maintenance(bench: Bench) -> None:
    placed = (await bench.order(**LIMIT)).body
    await bench.admin("/market", market="KRW-BTC", halt=True)
    assert (await bench.order(**LIMIT)).error == "market_offline"
    chance = await bench.signed("GET", "/v1/orders/chance", {"market": "KRW-BTC"})
    assert chance.body["market"]["state"] != "active"
    await bench.admin("/market", market="KRW-BTC", halt=False, warn=True, caution="PRICE_FLUCTUATIONS")
    event = (await bench.get("/v1/market/all?is_details=true")).body[0]["market_event"]
    assert event["warning"] is True and event["caution"]["PRICE_FLUCTUATIONS"] is True
    await bench.admin("/market", market="KRW-BTC", delist=True)
    assert (await bench.order(**LIMIT)).error == "notfoundmarket"
    assert (await bench.get("/v1/ticker", markets="KRW-BTC")).error == 404
    assert (await bench.read(placed["uuid"]))["state"] == "cancel"


async def refuse(bench: Bench, token: str | None, path: str = "/v1/accounts") -> Reply:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with bench.session.get(bench.rest + path, headers=headers) as reply:
        return Reply(reply.status, json.loads(await reply.text()), dict(reply.headers))


async def test_authentication_refusals(bench: Bench) -> None:
    cases: list[tuple[str, str | None, str]] = [
        ("no_authorization_token", None, "/v1/accounts"),
        ("jwt_verification", "not.a.token", "/v1/accounts"),
        ("jwt_verification", "nonsense", "/v1/accounts"),
        ("jwt_verification", jwt(secret="x" * 40), "/v1/accounts"),
        ("jwt_verification", jwt(alg="none"), "/v1/accounts"),
        ("jwt_verification", jwt(nonce=""), "/v1/accounts"),
        ("invalid_access_key", jwt(access="nobody"), "/v1/accounts"),
        ("expired_access_key", jwt(access="demo-expired"), "/v1/accounts"),
        ("no_authorization_ip", jwt(access="demo-other-ip"), "/v1/accounts"),
        ("invalid_query_payload", jwt(), "/v1/order?uuid=a"),
        ("invalid_query_payload", jwt("uuid=b"), "/v1/order?uuid=a"),
        ("invalid_query_payload", jwt("uuid=a", query_hash_alg="MD5"), "/v1/order?uuid=a"),
        ("invalid_query_payload", jwt("uuid=a"), "/v1/accounts"),
    ]
    for name, token, path in cases:
        reply = await refuse(bench, token, path)
        assert (reply.error, reply.status) == (name, 401), name
    used = jwt(nonce=str(uuid.uuid4()))
    assert (await refuse(bench, used)).status == 200
    assert (await refuse(bench, used)).error == "nonce_used"
    await bench.admin("/options", old_ip_spelling=True)
    assert (await refuse(bench, jwt(access="demo-other-ip"))).error == "no_authorization_i_p"


@pytest.mark.parametrize("alg", ["HS256", "HS512"])
async def test_both_algorithms_and_both_forms_of_the_query_are_accepted(bench: Bench, alg: str) -> None:
    raw = f"market=KRW-BTC&states{quote('[]')}=wait&states{quote('[]')}=watch"
    for form in (raw, raw.replace("%5B%5D", "[]")):
        reply = await refuse(bench, jwt(form, alg=alg), f"/v1/orders/open?{raw}")
        assert (reply.status, reply.body) == (200, [])


async def test_scopes(bench: Bench) -> None:
    bench.access = "demo-readonly"
    assert (await bench.signed("GET", "/v1/accounts")).status == 200
    refused = await bench.order(**LIMIT)
    assert (refused.error, refused.status) == ("out_of_scope", 401)
    await bench.admin("/options", out_of_scope_status=403)
    assert (await bench.order(**LIMIT)).status == 403
    bench.access = "demo-withdraw"
    withdrawal = {"currency": "BTC", "amount": "1"}
    assert (await bench.signed("POST", "/v1/withdraws/coin", withdrawal)).error == "withdraw_address_not_registered"
    await bench.admin("/options", withdraw_locked=True)
    locked = await bench.signed("POST", "/v1/withdraws/coin", withdrawal)
    assert (locked.error, locked.status) == ("open_api_withdraw_locked", 403)
    assert (await bench.signed("GET", "/v1/pockets/other")).error == "pocket_not_found"
    unknown = await bench.signed("GET", "/v1/deposits/chance/coin", {"currency": "NONE"})
    assert (unknown.error, unknown.status) == ("currency_not_found", 404)


async def test_keys_can_be_added_and_list_themselves(bench: Bench) -> None:
    await bench.admin("/keys", access_key="mine", secret=DEMO_SECRET, expires_ms=bench.clock.wall_ms() + 5_000)
    bench.access = "mine"
    listed = (await bench.signed("GET", "/v1/api_keys")).body
    assert [list(key) for key in listed] == [["access_key", "expire_at"]] and listed[0]["expire_at"].endswith("+09:00")
    bench.clock.seconds += 6
    assert (await bench.signed("GET", "/v1/api_keys")).error == "expired_access_key"


async def test_wrong_bodies(bench: Bench) -> None:
    headers = {"Authorization": f"Bearer {jwt('a=1')}"}
    async with bench.session.post(bench.rest + "/v1/orders", data={"a": "1"}, headers=headers) as reply:
        assert (reply.status, (await reply.json())["error"]["name"]) == (400, "bad_request")
    headers = {"Authorization": f"Bearer {jwt('{{')}", "Content-Type": "application/json"}
    async with bench.session.post(bench.rest + "/v1/orders", data="{{", headers=headers) as reply:
        assert (reply.status, (await reply.json())["error"]["name"]) == (400, "bad_request")


async def test_defects_look_like_the_venues_own_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("defect")

    monkeypatch.setattr(bench.simulator.world.exchanges["upbit"], "open_orders", broken)
    reply = await bench.signed("GET", "/v1/orders/open")
    assert (reply.status, reply.error) == (500, "internal_server_error")
