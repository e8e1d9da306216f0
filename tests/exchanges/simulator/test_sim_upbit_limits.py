"""Rate limits count wall time, name themselves in a header, and end in a block for who goes on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from exchanges.simulator.server import Setup
from tests.exchanges.simulator.conftest import HISTORY, Bench, running

HEADER = re.compile(r"^group=([a-z\-]+); min=([0-9]+); sec=([0-9]+)$")


@pytest.fixture
async def limited() -> AsyncIterator[Bench]:
    async with running(Setup(history=HISTORY)) as one:
        yield one


async def test_every_good_reply_names_its_group_and_what_is_left(limited: Bench) -> None:
    for path, group, left in (
        ("/v1/market/all", "market", 9),
        ("/v1/candles/minutes/1?market=KRW-BTC", "candles", 9),
        ("/v1/ticker?markets=KRW-BTC", "ticker", 9),
        ("/v1/ticker?markets=KRW-BTC", "ticker", 8),
        ("/v1/orderbook?markets=KRW-BTC", "orderbook", 9),
        ("/v1/trades/ticks?market=KRW-BTC", "trades", 9),
    ):
        found = HEADER.match((await limited.get(path)).headers["Remaining-Req"])
        assert found and (found[1], int(found[3])) == (group, left)
    assert "group=default; min=1800; sec=29" in (await limited.signed("GET", "/v1/accounts")).headers["Remaining-Req"]
    placed = await limited.order(side="bid", ord_type="price", price="10000")
    assert placed.headers["Remaining-Req"] == "group=order; min=720; sec=11"


async def test_429_then_418_with_a_growing_block(limited: Bench) -> None:
    async def ticker() -> int:
        return (await limited.get("/v1/ticker", markets="KRW-BTC")).status

    assert [await ticker() for _ in range(11)] == [200] * 10 + [429]
    limited.clock.seconds += 1.01
    assert await ticker() == 200
    statuses = [await ticker() for _ in range(40)]
    assert statuses[-1] == 418
    limited.clock.seconds += 4
    assert await ticker() == 418
    limited.clock.seconds += 2
    assert await ticker() == 200
    assert [await ticker() for _ in range(40)][-1] == 418
    limited.clock.seconds += 6
    assert await ticker() == 418, "the second block is longer"


async def test_plain_text_refusal_and_separate_budgets(limited: Bench) -> None:
    await limited.admin("/options", plain_text_429=True)
    replies = [await limited.get("/v1/ticker", markets="KRW-BTC") for _ in range(11)]
    assert (replies[-1].status, replies[-1].body) == (429, "Too many API requests.")
    assert (await limited.get("/v1/market/all")).status == 200
    assert (await limited.signed("GET", "/v1/accounts")).status == 200
    await limited.admin("/options", block_seconds=3)
    assert (await limited.signed("GET", "/v1/accounts")).status == 418


async def test_orders_and_bulk_cancels_have_their_own_limits(limited: Bench) -> None:
    body = {"side": "bid", "ord_type": "limit", "price": "100000000", "volume": "0.0001"}
    assert [(await limited.order(**body)).status for _ in range(13)] == [201] * 12 + [429]
    assert (await limited.signed("DELETE", "/v1/orders/open")).status == 200
    assert (await limited.signed("DELETE", "/v1/orders/open")).status == 429
    limited.clock.seconds += 2.1
    assert (await limited.signed("DELETE", "/v1/orders/open")).status == 200


async def test_browsers_are_slowed_down(limited: Bench) -> None:
    limited.headers["Origin"] = "http://example.invalid"
    statuses = [(await limited.get("/v1/ticker", markets="KRW-BTC")).status for _ in range(2)]
    assert statuses == [200, 429]
