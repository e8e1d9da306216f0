"""Whatever a client sends, the venue answers in its own words: never a 500, and the books stay in order."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from exchanges.simulator.dialects.upbit.gateway import ROUTES
from tests.exchanges.simulator.conftest import Bench

NAMES = (
    "market", "markets", "side", "ord_type", "price", "volume", "identifier", "time_in_force", "smp_type", "uuid",
    "uuids[]", "identifiers[]", "state", "states[]", "page", "limit", "order_by", "count", "to", "cursor", "days_ago",
    "level", "start_time", "end_time", "cancel_side", "pairs", "prev_order_uuid", "prev_order_identifier",
    "new_ord_type", "new_price", "new_volume", "new_identifier", "quote_currencies", "currency", "is_details",
)  # fmt: skip
VALUES = (
    "KRW-BTC", "KRW-XRP", "KRW-NONE", "BTC", "bid", "ask", "limit", "price", "market", "best", "ioc", "fok",
    "post_only", "none", "reduce", "wait", "done", "cancel", "asc", "desc", "1", "0", "-1", "200", "201", "1e400",
    "NaN", "Infinity", "0.00000001", "150000000", "10000", "5000", "remain_only", "2026-03-03T03:00:00Z",
    "2026-03-03 12:00:00+09:00", "1772506800000", "99999999999999999999999", "", " ", "한글", "a" * 70, "id-1", "id-2",
    "9" * 400, "true", "KRW", "\x00", "12:00:00", "99:99:99", "²",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+09:00", "5" * 1500,
)  # fmt: skip


def guess(rng: random.Random) -> dict[str, Any]:
    """A request that often is nearly right: an order, with some fields changed or missing."""
    body: dict[str, Any] = {
        "market": "KRW-BTC",
        "side": "bid",
        "ord_type": "limit",
        "price": "150000000",
        "volume": "0.001",
    }
    for _ in range(rng.randint(0, 4)):
        body[rng.choice(NAMES)] = rng.choice(VALUES)
    for name in list(body):
        if rng.random() < 0.1:
            del body[name]
    return body


@pytest.mark.parametrize("seed", range(3))
async def test_no_request_breaks_the_venue(bench: Bench, seed: int) -> None:
    rng = random.Random(seed)
    await bench.admin("/account", deposit={"BTC": "1", "XRP": "1000"})
    bench.access = "demo-withdraw"
    for _ in range(150):
        route = rng.choice(ROUTES)
        path = route.path.replace("{unit}", rng.choice(("1", "60", "7", "x"))).replace("{uuid}", "main")
        reply = await bench.signed(route.method, path, guess(rng))
        assert reply.status in (200, 201, 400, 403, 404), (route, reply.body)
        if reply.status >= 400:
            assert set(reply.body) == {"error"} and set(reply.body["error"]) == {"name", "message"}
        if rng.random() < 0.1:
            await bench.admin("/clock", by_ms=rng.randint(1, 20_000))
            bench.clock.seconds += 0.2
    truth = await bench.truth()
    for asset, side in (("KRW", "buy"), ("BTC", "sell")):
        balance = truth["balances"]["upbit"][asset]
        locked = sum(
            (
                Decimal(one["locked"])
                for one in truth["orders"]
                if one["side"] == side and (side == "buy" or one["market"] == "KRW-BTC")
            ),
            Decimal(0),
        )
        assert Decimal(balance["locked"]) == locked and Decimal(balance["free"]) >= 0


@pytest.mark.parametrize("seed", range(2))
async def test_no_stream_request_breaks_the_venue(bench: Bench, seed: int) -> None:
    rng = random.Random(seed)
    pieces: tuple[Any, ...] = (None, 1, "x", [], {}, ["KRW-BTC"], ["KRW-BTC.5"], [1], True, "ticker", "trade", "SIMPLE")
    keys = ("ticket", "type", "codes", "format", "level", "method", "is_only_realtime", "isOnlySnapshot")
    async with bench.session.ws_connect(bench.ready["upbit"]["ws"]) as socket:
        for _ in range(150):
            parts: Any = [
                {rng.choice(keys): rng.choice(pieces) for _ in range(rng.randint(0, 3))}
                for _ in range(rng.randint(0, 3))
            ]
            await socket.send_json(rng.choice((parts, pieces, rng.choice(pieces))))
        await socket.send_str("PING")
        while (message := await socket.receive(timeout=5)).data != b'{"status":"UP"}':
            assert message.type.name == "BINARY"
