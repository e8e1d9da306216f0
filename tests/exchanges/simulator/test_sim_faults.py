"""Fault plans: what goes wrong is what was asked for, and the truth knows what really happened."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.exchanges.simulator.conftest import Bench

BUY = {"side": "bid", "ord_type": "price", "price": "100000"}
REST = {"side": "bid", "ord_type": "limit", "price": "100000000", "volume": "0.001"}


async def plan(bench: Bench, *rules: dict[str, Any], seed: int = 1) -> dict[str, Any]:
    return await bench.admin("/faults", rules=list(rules), seed=seed)


async def test_the_third_order_is_accepted_and_its_reply_lost(bench: Bench) -> None:
    await plan(bench, {"on": "POST /v1/orders", "nth": 3, "reset": True})
    for number in range(2):
        assert (await bench.order(**BUY, identifier=f"r-{number}")).status == 201
    with pytest.raises(aiohttp.ClientError):
        await bench.order(**BUY, identifier="r-2")
    assert (await bench.order(**BUY, identifier="r-3")).status == 201
    truth = await bench.truth()
    assert [one["identifier"] for one in truth["orders"]] == ["r-0", "r-1", "r-2", "r-3"]
    assert [one["status"] for one in truth["requests"] if one["identifier"]] == [201, 201, None, 201]


@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_server_errors_before_and_after_accepting(bench: Bench, status: int, when: str) -> None:
    await plan(bench, {"on": "POST /v1/orders", "when": when, "status": status, "body": "<html>sorry</html>"})
    reply = await bench.order(**BUY)
    assert (reply.status, reply.body) == (status, "<html>sorry</html>")
    assert len((await bench.truth())["orders"]) == (when == "after")


async def test_limits_with_and_without_advice_and_cut_bodies(bench: Bench) -> None:
    await plan(
        bench,
        {
            "on": "GET /v1/ticker",
            "when": "before",
            "status": 429,
            "headers": {"Retry-After": "3"},
            "body": {"error": {}},
        },
        {"on": "GET /v1/accounts", "cut": 0.5},
        {"on": "GET /v1/orders/open", "list": "empty"},
    )
    refused = await bench.get("/v1/ticker", markets="KRW-BTC")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "3")
    with pytest.raises(json.JSONDecodeError):
        await bench.signed("GET", "/v1/accounts")
    await bench.order(**REST)
    assert (await bench.signed("GET", "/v1/orders/open")).body == []
    assert len((await bench.signed("GET", "/v1/orders/open")).body) == 1


async def test_an_order_hides_for_a_while(bench: Bench) -> None:
    hidden = {"error": {"name": "order_not_found", "message": ""}}
    await plan(bench, {"on": "GET /v1/order", "status": 404, "body": hidden, "for_seconds": 30})
    placed = (await bench.order(**REST)).body
    for _ in range(2):
        assert (await bench.signed("GET", "/v1/order", {"uuid": placed["uuid"]})).error == "order_not_found"
        bench.clock.seconds += 15
    bench.clock.seconds += 1
    assert (await bench.read(placed["uuid"]))["state"] == "wait"


async def test_a_planned_partial_fill(bench: Bench) -> None:
    await plan(bench, {"on": "POST /v1/orders", "partial": 0.4, "match": {"ord_type": "limit"}})
    market = bench.simulator.world.exchanges["upbit"].markets["KRW-BTC"]
    ask = market.book().asks[0].price
    order = {"side": "bid", "ord_type": "limit", "price": f"{ask:f}", "volume": "0.001"}
    first = (await bench.order(**order)).body
    second = (await bench.order(**order)).body
    assert (await bench.read(first["uuid"]))["executed_volume"] == "0.0004"
    assert (await bench.read(second["uuid"]))["state"] == "done"


async def test_candles_missing_and_repeated(bench: Bench) -> None:
    path = "/v1/candles/minutes/1?market=KRW-BTC&count=4"
    whole = (await bench.get(path)).body
    await plan(bench, {"on": "GET /v1/candles/*", "list": {"drop": [0], "repeat": [1]}})
    assert (await bench.get(path)).body == [whole[1], whole[1], whole[2], whole[3]]
    assert (await bench.get(path)).body == whole


async def test_streams_dropped_repeated_and_out_of_order(bench: Bench) -> None:
    await plan(
        bench,
        {"on": "STREAM trade", "match": {"trade_price": 5000000.0}, "drop": True},
        {"on": "STREAM trade", "match": {"trade_price": 5100000.0}, "copies": 2},
        {"on": "STREAM trade", "match": {"trade_price": 5200000.0}, "hold": 1},
    )
    async with bench.session.ws_connect(bench.ready["upbit"]["ws"]) as socket:
        request = [{"ticket": "t"}, {"type": "trade", "codes": ["KRW-ETH"], "is_only_realtime": True}]
        await socket.send_json(request)
        await socket.send_json([{"method": "LIST_SUBSCRIPTIONS"}])
        await socket.receive(timeout=5)
        for price in (5_000_000, 5_100_000, 5_200_000, 5_300_000):
            await bench.admin("/market", market="KRW-ETH", price=price)
        prices = [json.loads((await socket.receive(timeout=5)).data)["trade_price"] for _ in range(4)]
        assert prices == [5_100_000, 5_100_000, 5_300_000, 5_200_000]


async def test_a_plan_repeats_itself_and_tells_its_seed(bench: Bench) -> None:
    rule = {"on": "GET /v1/ticker", "when": "before", "status": 500, "times": 0, "chance": 0.5}

    async def outcome(seed: int) -> list[int]:
        await plan(bench, rule, seed=seed)
        return [(await bench.get("/v1/ticker", markets="KRW-BTC")).status for _ in range(20)]

    first = await outcome(5)
    assert first == await outcome(5) != await outcome(6)
    async with bench.session.get(bench.ready["admin"] + "/faults") as reply:
        told = await reply.json()
    assert told["seed"] == 6 and told["rules"][0]["seen"] == 20


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"on": "GET /v1/order"},
        {"on": "GET /v1/order", "explode": True},
        {"on": "STREAM trade", "status": 500},
        {"on": "GET /v1/order", "status": 500, "when": "never"},
        {"on": "GET /v1/order", "status": 500, "nth": "third"},
    ],
)
async def test_senseless_rules_are_refused(bench: Bench, rule: dict[str, Any]) -> None:
    async with bench.session.post(bench.ready["admin"] + "/faults", json={"rules": [rule]}) as reply:
        assert reply.status == 400 and "error" in await reply.json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/account", {"deposit": 5}),
        ("/account", {"trade": {"market": "KRW-BTC", "side": "hold"}}),
        ("/account", {"trade": {"market": "KRW-BTC", "side": "sell"}}),
        ("/clock", {}),
        ("/clock", {"by_ms": -1}),
        ("/clock", {"speed": "fast"}),
        ("/market", {"market": "KRW-NONE"}),
        ("/market", {"market": "KRW-BTC", "price": 0}),
        ("/market", {"market": "KRW-BTC", "tick": 0}),
        ("/market", {"market": "KRW-BTC", "mood": "bad"}),
        ("/keys", {"access_key": "new", "secret": "short"}),
        ("/options", {"unknown": 1}),
        ("/faults", {"rules": 3}),
    ],
)
async def test_senseless_commands_change_nothing(bench: Bench, path: str, body: dict[str, Any]) -> None:
    before = await bench.truth()
    async with bench.session.post(bench.ready["admin"] + path, json=body) as reply:
        assert reply.status == 400 and (await reply.json())["error"]
    after = await bench.truth()
    assert (after["balances"], after["prices"], after["orders"]) == (before["balances"], before["prices"], [])
