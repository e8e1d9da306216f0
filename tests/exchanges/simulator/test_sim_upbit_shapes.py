"""Replies of random order sessions against the recorded ones: keys and their order, JSON types, printed decimals."""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from tests.exchanges.simulator.conftest import Bench, jwt
from tests.shared_data import shared

OPTIONAL = {"time_in_force", "identifier", "smp_type"}
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
CREATED = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00$")
TRADED = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+09:00$")
TRIMMED = re.compile(r"^(0|[1-9]\d*)(\.\d*[1-9])?$")
PADDED = re.compile(r"^(0|[1-9]\d*)\.(0|\d*[1-9])$")


@pytest.fixture(scope="module")
def samples() -> dict[str, Any]:
    loaded = json.loads(shared("wire/upbit_examples.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def same_text_style(name: str, sample: str, given: str) -> bool:
    """Whether an amount is printed like the sample: with or without a forced decimal."""
    if name.endswith("uuid"):
        return bool(UUID.match(given))
    if name == "created_at":
        return bool((TRADED if "." in sample else CREATED).match(given))
    if name in ("trade_date", "trade_time"):
        return len(given) == len(sample) and given.isdigit()
    if re.fullmatch(r"\d+\.0", sample):
        return bool(PADDED.match(given))
    if re.fullmatch(r"[\d.]+", sample):
        return bool(TRIMMED.match(given))
    return True


def assert_like(sample: dict[str, Any], given: dict[str, Any], absent: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Same keys in the same order (those that do not apply left out), same types, same style of amounts."""
    expected = [name for name in sample if name not in absent]
    assert [name for name in given if name not in OPTIONAL - sample.keys()] == expected
    for name in expected:
        if sample[name] is None or given[name] is None:
            continue
        assert kind(given[name]) == kind(sample[name]), name
        if isinstance(sample[name], str):
            assert same_text_style(name, sample[name], given[name]), (name, sample[name], given[name])


def left_out(view: dict[str, Any]) -> set[str]:
    """Fields that an order of this type does not have."""
    return {"market": {"price"}, "price": {"volume", "remaining_volume"}, "best": {"volume", "remaining_volume"}}.get(
        view["ord_type"] if view["ord_type"] != "best" or view["side"] == "bid" else "market", set()
    )


def random_ticket(rng: random.Random, number: int) -> dict[str, Any]:
    market = rng.choice(["KRW-BTC", "KRW-XRP", "KRW-SHIB", "KRW-USDT"])
    what = rng.choice(["limit", "limit", "limit", "price", "market", "best"])
    side = {"price": "bid", "market": "ask"}.get(what, rng.choice(["bid", "ask"]))
    ticket: dict[str, Any] = {"market": market, "side": side, "ord_type": what}
    if rng.random() < 0.5:
        ticket["identifier"] = f"order-{number}"
    if what == "limit" and rng.random() < 0.4:
        ticket["time_in_force"] = rng.choice(["ioc", "fok", "post_only"])
    if what == "best":
        ticket["time_in_force"] = rng.choice(["ioc", "fok"])
    if rng.random() < 0.2 and ticket.get("time_in_force") != "post_only":
        ticket["smp_type"] = rng.choice(["cancel_maker", "cancel_taker", "reduce", "none"])
    return ticket


async def fill_in(bench: Bench, rng: random.Random, ticket: dict[str, Any]) -> None:
    """Price and quantity near the market, worth 6,000 to 200,000 won."""
    book = bench.simulator.world.exchanges["upbit"].markets[ticket["market"]].book()
    worth = Decimal(rng.randint(6_000, 200_000))
    price = rng.choice((book.bids if rng.random() < 0.6 else book.asks)[:6]).price
    if ticket["ord_type"] == "limit":
        ticket["price"] = f"{price:f}"
    if ticket["ord_type"] == "price" or (ticket["ord_type"] == "best" and ticket["side"] == "bid"):
        ticket["price"] = f"{worth:f}"
    else:
        ticket["volume"] = f"{(worth / price).quantize(Decimal('1e-8')):f}"


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_sessions_read_like_the_recorded_ones(bench: Bench, samples: dict[str, Any], seed: int) -> None:
    rng = random.Random(seed)
    coins = {"BTC": "1", "XRP": "100000", "SHIB": "900000000", "USDT": "100000"}
    await bench.admin("/account", deposit=coins)
    made = samples["POST /v1/orders 201"]
    read = samples["GET /v1/order (waiting limit bid)"]
    trade = samples["GET /v1/order (done market ask)"]["trades"][0]
    seen: set[tuple[str, str]] = set()
    ids = []
    for number in range(45):
        ticket = random_ticket(rng, number)
        await fill_in(bench, rng, ticket)
        reply = await bench.signed("POST", "/v1/orders", ticket)
        assert reply.status == 201, (ticket, reply.body)
        assert_like(made, reply.body, left_out(reply.body))
        assert reply.body["state"] == "wait"
        assert OPTIONAL & ticket.keys() == OPTIONAL & reply.body.keys()
        ids.append(reply.body["uuid"])
        if rng.random() < 0.5:
            await bench.admin("/clock", by_ms=rng.randint(1_000, 30_000))
        if rng.random() < 0.2:
            await bench.signed("DELETE", "/v1/order", {"uuid": rng.choice(ids)})
            bench.clock.seconds += 1
    for order_id in ids:
        view = await bench.read(order_id)
        assert_like(read, view, left_out(view))
        for one in view["trades"]:
            assert_like(trade, one)
        check_sums(view)
        seen.add((view["ord_type"], view["state"]))
    assert {("limit", "wait"), ("limit", "done"), ("limit", "cancel"), ("price", "cancel"), ("market", "done")} <= seen
    await check_lists(bench, read)


def check_sums(view: dict[str, Any]) -> None:
    trades = view["trades"]
    assert view["trades_count"] == len(trades)
    funds = sum((Decimal(one["price"]) * Decimal(one["volume"]) for one in trades), Decimal(0))
    assert funds == sum((Decimal(one["funds"]) for one in trades), Decimal(0))
    assert Decimal(view["executed_volume"]) == sum((Decimal(one["volume"]) for one in trades), Decimal(0))
    assert Decimal(view["paid_fee"]) == funds * Decimal("0.0005")
    if view["side"] == "bid":
        assert Decimal(view["reserved_fee"]) == Decimal(view["paid_fee"]) + Decimal(view["remaining_fee"])
    if "volume" in view:
        left = Decimal(view["volume"]) - Decimal(view["executed_volume"]) - Decimal(view["prevented_volume"])
        assert left == Decimal(view["remaining_volume"])
    if view["state"] in ("done", "cancel"):
        assert view["locked"] == "0"
    elif view["side"] == "ask":
        assert view["locked"] == view["remaining_volume"]
    else:
        rest = Decimal(view["price"]) * Decimal(view["remaining_volume"]) + Decimal(view["remaining_fee"])
        assert Decimal(view["locked"]) == rest


async def check_lists(bench: Bench, read: dict[str, Any]) -> None:
    """The lists add executed_funds, leave the trades out, and their locks are the account's."""
    opened = await bench.signed("GET", "/v1/orders/open")
    closed = await bench.signed("GET", "/v1/orders/closed", {"limit": "1000"})
    listed = {name: value for name, value in read.items() if name != "trades"}
    for view in opened.body + closed.body:
        assert "executed_funds" in view and "trades" not in view
        assert_like(listed, {name: value for name, value in view.items() if name != "executed_funds"}, left_out(view))
    times = [view["created_at"] for view in opened.body]
    assert times == sorted(times, reverse=True)
    accounts = {one["currency"]: one for one in (await bench.signed("GET", "/v1/accounts")).body}
    for currency, account in accounts.items():
        locked = sum(
            (
                Decimal(view["locked"])
                for view in opened.body
                if (currency == "KRW" and view["side"] == "bid")
                or (view["side"] == "ask" and view["market"] == f"KRW-{currency}")
            ),
            Decimal(0),
        )
        assert Decimal(account["locked"]) == locked
        assert PADDED.match(account["balance"]) and PADDED.match(account["locked"])
        assert TRIMMED.match(account["avg_buy_price"])
        assert account["avg_buy_price_modified"] is (currency == "KRW")


async def test_amending_reads_like_the_sample(bench: Bench, samples: dict[str, Any]) -> None:
    placed = await bench.order(side="bid", ord_type="limit", price="100000000", volume="0.001", identifier="first")
    reply = await bench.signed(
        "POST",
        "/v1/orders/cancel_and_new",
        {"prev_order_identifier": "first", "new_ord_type": "limit", "new_price": "101000000",
         "new_volume": "remain_only", "new_identifier": "second"},
    )  # fmt: skip
    sample = samples["POST /v1/orders/cancel_and_new"]
    assert_like(sample, reply.body)
    assert reply.body["uuid"] == placed.body["uuid"]
    assert (await bench.read(placed.body["uuid"]))["state"] == "cancel"
    new = await bench.read(reply.body["new_order_uuid"])
    assert (new["state"], new["price"], new["volume"], new["identifier"]) == ("wait", "101000000", "0.001", "second")


async def test_chance_reads_like_the_sample(bench: Bench, samples: dict[str, Any]) -> None:
    await bench.admin("/account", deposit={"BTC": "0.001"}, average_price={"BTC": "140000000"})
    await bench.admin("/account", set={"KRW": "10000"})
    reply = await bench.signed("GET", "/v1/orders/chance", {"market": "KRW-BTC"})
    assert reply.body == samples["GET /v1/orders/chance"]
    assert list(reply.body) == list(samples["GET /v1/orders/chance"])


async def test_quotation_reads_like_the_samples(bench: Bench, samples: dict[str, Any]) -> None:
    for path, params in (
        ("/v1/market/all?is_details=true", {}),
        ("/v1/candles/minutes/1", {"market": "KRW-BTC"}),
        ("/v1/candles/days", {"market": "KRW-BTC"}),
        ("/v1/orderbook/instruments", {"markets": "KRW-BTC"}),
    ):
        reply = await bench.get(path, **params)
        assert_like(samples[f"GET {path.split('markets=')[0]}"][0], reply.body[0])
    listing = (await bench.get("/v1/market/all?is_details=true")).body
    assert listing[0] == samples["GET /v1/market/all?is_details=true"][0]
    instruments = await bench.get("/v1/orderbook/instruments", markets="KRW-BTC")
    assert instruments.body == samples["GET /v1/orderbook/instruments"]


async def test_candles_have_the_keys_of_recorded_pages(bench: Bench) -> None:
    page = json.loads(shared("wire/upbit_1m_20200220_170000-20200220_202000.json").read_text(encoding="utf-8"))
    reply = await bench.get("/v1/candles/minutes/1", market="KRW-BTC", count="100")
    assert len(reply.body) == 100
    for given in reply.body:
        assert_like(page[0], given)
        assert given["timestamp"] // 60_000 * 60_000 == (given["timestamp"] - given["timestamp"] % 60_000)
        assert given["low_price"] <= min(given["opening_price"], given["trade_price"])


async def test_tickers_and_trades_have_the_keys_of_recorded_replies(bench: Bench) -> None:
    recorded = json.loads(shared("wire/response_upbit_httpResponses.json").read_text(encoding="utf-8"))
    await bench.admin("/clock", by_ms=60_000)
    ticker = (await bench.get("/v1/ticker", markets="KRW-BTC")).body[0]
    assert list(ticker) == list(recorded["fetchTicker USDT-BTC"][0])
    trade = (await bench.get("/v1/trades/ticks", market="KRW-BTC")).body[0]
    assert list(trade) == list(recorded["fetchTrades USDT-BTC"][0])
    assert isinstance(trade["sequential_id"], int) and isinstance(ticker["trade_price"], int)


ERROR_SAMPLES = {
    "insufficient_funds_bid": {"side": "bid", "ord_type": "price", "price": "90000000"},
    "over_krw_funds_bid": {"side": "bid", "ord_type": "price", "price": "2000000000"},
    "invalid_time_in_force": {"side": "bid", "ord_type": "best", "price": "10000"},
    "notfoundmarket": {"market": "KRW-BTCs", "side": "bid", "ord_type": "price", "price": "10000"},
    "invalid_parameter": {"side": "buy", "ord_type": "price", "price": "10000"},
}


async def test_error_bodies_are_the_samples(bench: Bench, samples: dict[str, Any]) -> None:
    for sample in samples["errors"]["exchange 400"]:
        reply = await bench.order(**ERROR_SAMPLES[sample["error"]["name"]])
        assert (reply.status, reply.body) == (400, sample)
    missing = await bench.signed("GET", "/v1/order", {"uuid": "none"})
    assert (missing.status, missing.body) == (404, samples["errors"]["exchange 404"])
    await bench.admin("/market", offline=True)
    offline = await bench.signed("GET", "/v1/accounts")
    assert (offline.status, offline.body) == (403, samples["errors"]["exchange 403"])
    unknown = await bench.get("/v1/ticker", markets="KRW-NONE")
    assert (unknown.status, unknown.body) == (404, samples["errors"]["quotation 404"])
    for sample, path in zip(
        samples["errors"]["quotation 400"],
        (
            "/v1/candles/minutes/2?market=KRW-BTC",
            "/v1/candles/minutes/1?market=KRW-BTC&count=x",
            "/v1/candles/minutes/1",
        ),
        strict=True,
    ):
        reply = await bench.get(path)
        assert (reply.status, reply.body) == (400, sample)


async def next_message(socket: aiohttp.ClientWebSocketResponse) -> Any:
    message = await socket.receive(timeout=5)
    assert message.type is aiohttp.WSMsgType.BINARY
    return json.loads(message.data)


async def test_stream_messages_read_like_the_samples(bench: Bench, samples: dict[str, Any]) -> None:
    await bench.admin("/clock", by_ms=60_000)
    async with bench.session.ws_connect(bench.ready["upbit"]["ws"]) as socket:
        for kind_name, sample in (("ticker", "ws ticker"), ("candle.1m", "ws candle.1m")):
            await socket.send_json([{"ticket": "t"}, {"type": kind_name, "codes": ["KRW-BTC"]}])
            assert_like(samples[sample], await next_message(socket))
        await socket.send_json([{"ticket": "t"}, {"type": "trade", "codes": ["KRW-BTC"]}, {"format": "SIMPLE"}])
        message = await next_message(socket)
        simple = samples["ws trade SIMPLE"]
        assert simple.keys() <= message.keys()
        assert all(kind(message[name]) == kind(simple[name]) for name in simple)
    headers = {"Authorization": f"Bearer {jwt()}"}
    async with bench.session.ws_connect(bench.ready["upbit"]["ws_private"], headers=headers) as socket:
        await socket.send_json([{"ticket": "t"}, {"type": "myOrder"}, {"type": "myAsset"}])
        await socket.send_str("PING")
        assert await next_message(socket) == {"status": "UP"}
        await bench.order(side="bid", ord_type="price", price="100000", identifier="test-1")
        states = []
        while "cancel" not in states:
            message = await next_message(socket)
            assert_like(samples[f"ws {message['type']}"], message)
            if message["type"] == "myOrder":
                states.append(message["state"])
            else:
                assert list(message["assets"][0]) == ["currency", "balance", "locked"]
        assert states == ["wait", "trade", "cancel"]
