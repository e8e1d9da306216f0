"""Every fault of the table can be said as a plan, and the simulator does what the plan says: no client in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from exchanges.simulator.server import Setup
from tests.exchanges.simulator.conftest import HISTORY, Bench, jwt, running
from tests.faults import plans

BUY = {"side": "bid", "ord_type": "price", "price": "100000"}


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running(Setup(history=HISTORY)) as one:
        one.simulator.world.clock.pause()
        await one.admin("/options", limits=False)
        yield one


async def faults(bench: Bench, *rules: plans.Rule) -> None:
    await bench.admin("/faults", rules=list(rules), seed=1)


async def orders(bench: Bench) -> int:
    return len((await bench.truth())["orders"])


async def test_a_lost_request_is_never_seen(bench: Bench) -> None:
    await faults(bench, plans.request_lost())
    with pytest.raises(aiohttp.ClientError):
        await bench.order(**BUY)
    assert await orders(bench) == 0


async def test_a_late_answer_is_of_an_order_that_is_there(bench: Bench) -> None:
    await faults(bench, plans.late(0.5))
    asked = asyncio.create_task(bench.order(**BUY))
    while not await orders(bench):
        await asyncio.sleep(0)
    assert not asked.done()
    assert (await asked).status == 201


async def test_a_late_acceptance_happens_although_nobody_waits(bench: Bench) -> None:
    await faults(bench, plans.late(0.3, "before"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bench.order(**BUY), 0.1)
    assert await orders(bench) == 0
    while not await orders(bench):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("body", ["<html>hello</html>", "", {"uuid": 7}, []])
async def test_a_wrong_body_comes_with_success(bench: Bench, body: object) -> None:
    await faults(bench, plans.wrong_body(body))
    token = jwt("&".join(f"{name}={value}" for name, value in {"market": "KRW-BTC", **BUY}.items()))
    headers = {"Authorization": f"Bearer {token}"}
    async with bench.session.post(
        bench.rest + "/v1/orders", json={"market": "KRW-BTC", **BUY}, headers=headers
    ) as reply:
        said = await reply.text()
        assert reply.status == 200
        assert said == (body if isinstance(body, str) else json.dumps(body))
    assert await orders(bench) == 1


@pytest.mark.parametrize("status", [418, 429])
@pytest.mark.parametrize("advice", [None, "30"])
async def test_a_ban_with_and_without_advice(bench: Bench, status: int, advice: str | None) -> None:
    await faults(bench, plans.too_many(advice, status))
    reply = await bench.order(**BUY)
    assert (reply.status, reply.headers.get("Retry-After")) == (status, advice)
    assert await orders(bench) == 0


async def test_maintenance_is_a_page_for_every_request_and_touches_no_stream(bench: Bench) -> None:
    await faults(bench, plans.maintenance(10), plans.stream("trade", copies=2, times=0))
    async with bench.session.ws_connect(bench.ready["upbit"]["ws"]) as socket:
        request = [{"ticket": "t"}, {"type": "trade", "codes": ["KRW-ETH"], "is_only_realtime": True}]
        await socket.send_json(request)
        await socket.send_json([{"method": "LIST_SUBSCRIPTIONS"}])
        await socket.receive(timeout=5)
        await bench.admin("/market", market="KRW-ETH", price=5_000_000)
        prices = [json.loads((await socket.receive(timeout=5)).data)["trade_price"] for _ in range(2)]
        assert prices == [5_000_000, 5_000_000]
    for path in ("/v1/accounts", "/v1/orders/open"):
        assert (await bench.signed("GET", path)).status == 503
    bench.clock.seconds += 9
    assert (await bench.get("/v1/ticker", markets="KRW-BTC")).body == plans.CLOSED
    bench.clock.seconds += 2
    assert (await bench.get("/v1/ticker", markets="KRW-BTC")).status == 200


async def test_a_muted_stream_is_open_and_silent(bench: Bench) -> None:
    await faults(bench, plans.stream("trade", drop=True, for_seconds=20))
    async with bench.session.ws_connect(bench.ready["upbit"]["ws"]) as socket:
        request = [{"ticket": "t"}, {"type": "trade", "codes": ["KRW-ETH"], "is_only_realtime": True}]
        await socket.send_json(request)
        await socket.send_json([{"method": "LIST_SUBSCRIPTIONS"}])
        await socket.receive(timeout=5)
        await bench.admin("/market", market="KRW-ETH", price=5_000_000)
        bench.clock.seconds += 21
        await bench.admin("/market", market="KRW-ETH", price=5_100_000)
        assert json.loads((await socket.receive(timeout=5)).data)["trade_price"] == 5_100_000
        assert not socket.closed


async def test_events_come_before_the_reply(bench: Bench) -> None:
    await faults(bench, plans.late(0.5))
    headers = {"Authorization": f"Bearer {jwt()}"}
    async with bench.session.ws_connect(bench.ready["upbit"]["ws_private"], headers=headers) as socket:
        await socket.send_json([{"ticket": "t"}, {"type": "myOrder"}])
        await socket.send_json([{"method": "LIST_SUBSCRIPTIONS"}])
        await socket.receive(timeout=5)
        asked = asyncio.create_task(bench.order(**BUY, identifier="early"))
        seen: dict[str, Any] = json.loads((await socket.receive(timeout=5)).data)
        assert seen["identifier"] == "early" and not asked.done()
        assert (await asked).status == 201


async def test_empty_balances_and_late_candles(bench: Bench) -> None:
    await faults(bench, plans.balances_empty(), plans.candles({"drop": [0]}))
    assert (await bench.signed("GET", "/v1/accounts")).body == []
    assert (await bench.signed("GET", "/v1/accounts")).body != []
    path = "/v1/candles/minutes/1?market=KRW-BTC&count=3"
    late, then = (await bench.get(path)).body, (await bench.get(path)).body
    assert late == then[1:]


async def test_the_venues_clock_runs_ahead(bench: Bench) -> None:
    before = (await bench.truth())["wall_ms"]
    await bench.admin("/clock", skew_ms=5_000)
    assert (await bench.truth())["wall_ms"] == before + 5_000


async def test_a_mixture_is_the_same_for_the_same_seed(bench: Bench) -> None:
    assert plans.mixture(7) == plans.mixture(7) != plans.mixture(8)
    for seed in range(50):
        plan = plans.mixture(seed)
        told = await bench.admin("/faults", **plan)
        assert told["seed"] == seed and len(told["rules"]) == len(plan["rules"])
