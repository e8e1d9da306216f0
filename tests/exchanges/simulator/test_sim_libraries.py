"""Real client libraries complete their round trips against the simulator over loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import aiohttp
import ccxt
import ccxt.pro
import pytest
import pyupbit
import pyupbit.request_api
import requests

from exchanges.simulator.dialects.upbit.auth import DEMO_SECRET
from exchanges.simulator.server import Setup
from tests.exchanges.simulator.conftest import HISTORY, Bench, jwt, running


@pytest.fixture
async def live() -> AsyncIterator[Bench]:
    """A simulator with its limits on, and a market clock that the test steps."""
    async with running(Setup(history=HISTORY)) as one:
        one.simulator.world.clock.pause()
        await one.admin("/clock", by_ms=60_000)
        yield one


def aimed(library: Any, bench: Bench) -> Any:
    """A ccxt exchange that talks to the simulator."""
    exchange = library.upbit({"apiKey": "demo-access", "secret": DEMO_SECRET, "enableRateLimit": False})
    exchange.urls["api"] = {"public": bench.rest, "private": bench.rest, "ws": bench.ready["upbit"]["ws"]}
    return exchange


async def test_ccxt_round_trip(live: Bench) -> None:
    upbit = aimed(ccxt, live)

    def session() -> None:
        assert "BTC/KRW" in upbit.load_markets()
        assert upbit.fetch_balance()["KRW"]["free"] == 10_000_000
        candles = upbit.fetch_ohlcv("BTC/KRW", "1m", limit=100)
        assert len(candles) == 100
        assert all(after[0] - before[0] == 60_000 for before, after in pairwise(candles))
        since = upbit.fetch_ohlcv("BTC/KRW", "1m", since=candles[10][0], limit=20)
        assert since == candles[10:30]
        assert len(upbit.fetch_ohlcv("BTC/KRW", "1d", limit=200)) == 200
        book, ticker = upbit.fetch_order_book("BTC/KRW"), upbit.fetch_ticker("BTC/KRW")
        assert book["bids"][0][0] == ticker["last"] < book["asks"][0][0]
        assert upbit.fetch_tickers(["BTC/KRW", "ETH/KRW"])["ETH/KRW"]["last"] > 0
        assert len(upbit.fetch_tickers()) == 12
        assert upbit.fetch_trading_fee("BTC/KRW")["taker"] == 0.0005
        assert upbit.fetch_trades("BTC/KRW")[-1]["price"] == ticker["last"]

    await asyncio.to_thread(session)
    bought, resting = await asyncio.to_thread(ccxt_orders, upbit)
    live.clock.seconds += 1
    assert (await asyncio.to_thread(upbit.fetch_order, resting["id"]))["status"] == "canceled"
    truth = await live.truth()
    mine = next(one for one in truth["orders"] if one["order_id"] == bought["id"])
    assert (mine["identifier"], mine["state"]) == ("haetae-1", "cancelled")
    assert [fill["trade_id"] for fill in truth["fills"]] == [trade["id"] for trade in bought["trades"]]
    assert any(one["identifier"] == "haetae-1" and one["status"] == 201 for one in truth["requests"])


def ccxt_orders(upbit: Any) -> tuple[Any, Any]:
    placed = upbit.create_order("BTC/KRW", "market", "buy", 1, None, {"cost": 1_000_000, "clientOrderId": "haetae-1"})
    bought = upbit.fetch_order(placed["id"])
    assert (bought["status"], bought["clientOrderId"]) == ("canceled", "haetae-1")
    assert bought["filled"] > 0 and bought["cost"] == pytest.approx(1_000_000, rel=1e-5)
    with pytest.raises(ccxt.ExchangeError, match="duplicated_identifier"):
        upbit.create_order("BTC/KRW", "market", "buy", 1, None, {"cost": 10_000, "clientOrderId": "haetae-1"})
    with pytest.raises(ccxt.InsufficientFunds):
        upbit.create_order("ETH/KRW", "market", "sell", 1)
    resting = upbit.create_order("BTC/KRW", "limit", "sell", bought["filled"], 300_000_000)
    assert [one["id"] for one in upbit.fetch_open_orders("BTC/KRW")] == [resting["id"]]
    assert upbit.fetch_balance()["BTC"]["used"] == bought["filled"]
    tested = upbit.create_order("BTC/KRW", "limit", "buy", 0.001, 100_000_000, {"test": True, "postOnly": True})
    assert tested["status"] == "open" and len(upbit.fetch_open_orders()) == 1
    edited = upbit.edit_order(resting["id"], "BTC/KRW", "limit", "sell", bought["filled"], 310_000_000)
    successor = {"id": edited["id"]}
    assert upbit.cancel_order(successor["id"])["status"] == "open"
    with pytest.raises(ccxt.OrderNotFound):
        upbit.fetch_order("00000000-0000-4000-8000-000000000009")
    return bought, successor


async def test_ccxt_pro_streams(live: Bench) -> None:
    upbit = aimed(ccxt.pro, live)
    try:
        ticker = await asyncio.wait_for(upbit.watch_ticker("BTC/KRW"), 5)
        assert ticker["last"] > 0
        book = await asyncio.wait_for(upbit.watch_order_book("ETH/KRW"), 5)
        assert book["bids"][0][0] < book["asks"][0][0]
        assert (await asyncio.wait_for(upbit.watch_trades("BTC/KRW"), 5))[-1]["amount"] > 0
        assert len(await asyncio.wait_for(upbit.watch_ohlcv("BTC/KRW", "1s"), 5)) == 6
        orders = asyncio.ensure_future(upbit.watch_orders())
        trades = asyncio.ensure_future(upbit.watch_my_trades())
        balance = asyncio.ensure_future(upbit.watch_balance())
        while not any(one.private for one in live.simulator.dialects["upbit"].streams._connections):  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        await subscribed(live, {"myOrder", "myAsset"})
        placed = await upbit.create_order("BTC/KRW", "market", "buy", 1, None, {"cost": 100_000})
        assert (await asyncio.wait_for(orders, 5))[-1]["id"] == placed["id"]
        assert (await asyncio.wait_for(trades, 5))[-1]["order"] == placed["id"]
        assert (await asyncio.wait_for(balance, 5))["KRW"]["total"] <= 10_000_000
    finally:
        await upbit.close()


async def subscribed(bench: Bench, types: set[str]) -> None:
    """Waits until some connection has subscribed to all of `types`."""
    streams = bench.simulator.dialects["upbit"].streams  # type: ignore[attr-defined]

    async def until() -> None:
        while not any(types <= {one.type for one in c.subscriptions.channels} for c in streams._connections):
            await asyncio.sleep(0)

    await asyncio.wait_for(until(), 5)


class Redirected:
    """Sends what pyupbit means for the venue to the simulator (its addresses are literals inside functions)."""

    def __init__(self, base: str) -> None:
        self._base = base

    def __getattr__(self, method: str) -> Any:
        def call(url: str, **arguments: Any) -> requests.Response:
            answer: requests.Response = getattr(requests, method)(
                url.replace("https://api.upbit.com", self._base), timeout=5, **arguments
            )
            return answer

        return call


async def test_pyupbit_round_trip(live: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyupbit.request_api, "requests", Redirected(live.rest))
    await live.admin("/options", strict_query=False)
    upbit = pyupbit.Upbit("demo-access", DEMO_SECRET)

    def session() -> str:
        assert "KRW-BTC" in pyupbit.get_tickers("KRW")
        prices = pyupbit.get_current_price(["KRW-BTC", "KRW-ETH"])
        assert set(prices) == {"KRW-BTC", "KRW-ETH"}
        frame = pyupbit.get_ohlcv("KRW-BTC", interval="minute1", count=50)
        assert list(frame.columns) == ["open", "high", "low", "close", "volume", "value"] and len(frame) == 50
        assert len(pyupbit.get_ohlcv("KRW-BTC", interval="day", count=10)) == 10
        assert len(pyupbit.get_orderbook("KRW-BTC")["orderbook_units"]) == 30
        assert upbit.get_balance("KRW") == 10_000_000
        assert upbit.get_chance("KRW-BTC")["market"]["id"] == "KRW-BTC"
        placed = upbit.buy_limit_order("KRW-BTC", 100_000_000, 0.001)
        assert placed["state"] == "wait"
        assert [one["uuid"] for one in upbit.get_order("KRW-BTC")] == [placed["uuid"]]
        bought = upbit.buy_market_order("KRW-BTC", 100_000)
        assert upbit.get_order(bought["uuid"])["trades"][0]["side"] == "bid"
        assert upbit.get_balance("KRW-BTC") > 0
        assert upbit.cancel_order(placed["uuid"])["uuid"] == placed["uuid"]
        return str(placed["uuid"])

    cancelled = await asyncio.to_thread(session)
    live.clock.seconds += 1
    assert (await live.read(cancelled))["state"] == "cancel"


async def test_plain_websocket_client(live: Bench) -> None:
    async def told(socket: aiohttp.ClientWebSocketResponse) -> Any:
        message = await socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.BINARY
        return json.loads(message.data)

    async with live.session.ws_connect(live.ready["upbit"]["ws"]) as socket:
        await socket.send_json(
            [{"ticket": "t"}, {"type": "ticker", "codes": ["KRW-BTC", "KRW-ETH"]},
             {"type": "orderbook", "codes": ["KRW-BTC.5"]}, {"format": "JSON_LIST"}]
        )  # fmt: skip
        snapshots = [(await told(socket))[0] for _ in range(3)]
        assert [(one["type"], one["code"], one["stream_type"]) for one in snapshots] == [
            ("ticker", "KRW-BTC", "SNAPSHOT"), ("ticker", "KRW-ETH", "SNAPSHOT"), ("orderbook", "KRW-BTC", "SNAPSHOT")
        ]  # fmt: skip
        assert len(snapshots[2]["orderbook_units"]) == 5
        await live.admin("/market", market="KRW-ETH", price=5_000_000)
        await live.admin("/clock", by_ms=1)
        (moved,) = await told(socket)
        assert (moved["code"], moved["trade_price"], moved["stream_type"]) == ("KRW-ETH", 5_000_000.0, "REALTIME")
        # A new request replaces the old one; a trade that only wants real time sends no snapshot.
        await socket.send_json([{"ticket": "t"}, {"type": "trade", "codes": ["KRW-ETH"], "isOnlyRealtime": True}])
        await socket.send_json([{"method": "LIST_SUBSCRIPTIONS"}])
        assert (await told(socket))["result"] == [{"type": "trade", "codes": ["KRW-ETH"]}]
        await live.admin("/market", market="KRW-BTC", price=90_000_000)
        await live.admin("/market", market="KRW-ETH", price=5_100_000)
        trade = await told(socket)
        assert (trade["code"], trade["trade_price"], trade["ask_bid"]) == ("KRW-ETH", 5_100_000.0, "BID")


REFUSED_REQUESTS = [
    ("hello", "WRONG_FORMAT"),
    ('{"ticket": "t"}', "WRONG_FORMAT"),
    ('[{"type": "ticker", "codes": ["KRW-BTC"]}]', "NO_TICKET"),
    ('[{"ticket": "t"}]', "NO_TYPE"),
    ('[{"ticket": "t"}, {"codes": ["KRW-BTC"]}]', "NO_TYPE"),
    ('[{"ticket": "t"}, {"type": "ticker"}]', "NO_CODES"),
    ('[{"ticket": "t"}, {"type": "weather", "codes": ["KRW-BTC"]}]', "INVALID_PARAM"),
    ('[{"ticket": "t"}, {"type": "ticker", "codes": ["KRW-NONE"]}]', "INVALID_PARAM"),
    ('[{"ticket": "t"}, {"type": "orderbook", "codes": ["KRW-BTC.7"]}]', "INVALID_PARAM"),
    ('[{"ticket": "t"}, {"type": "myOrder"}]', "INVALID_AUTH"),
]


async def test_websocket_refusals(bench: Bench) -> None:
    async with bench.session.ws_connect(bench.ready["upbit"]["ws"]) as socket:
        for request_text, name in REFUSED_REQUESTS:
            await socket.send_str(request_text)
            assert json.loads((await socket.receive(timeout=5)).data)["error"]["name"] == name, request_text


async def test_private_stream_needs_a_good_token(bench: Bench) -> None:
    url = bench.ready["upbit"]["ws_private"]
    for headers in ({}, {"Authorization": "Bearer " + jwt(secret="y" * 40)}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await bench.session.ws_connect(url, headers=headers)
        assert caught.value.status == 401
    async with bench.session.ws_connect(url, headers={"Authorization": "Bearer " + jwt()}) as socket:
        await socket.send_json([{"ticket": "t"}, {"type": "myAsset", "codes": ["KRW-BTC"]}])
        assert json.loads((await socket.receive(timeout=5)).data)["error"]["name"] == "WRONG_FORMAT"
        await socket.send_json([{"ticket": "t"}, {"type": "myAsset"}])
        await bench.admin("/account", deposit={"DOGE": 5})
        assets = json.loads((await socket.receive(timeout=5)).data)["assets"]
        assert {"currency": "DOGE", "balance": 5.0, "locked": 0.0} in assets


async def test_stream_limits_and_idle_close(live: Bench) -> None:
    async with live.session.ws_connect(live.ready["upbit"]["ws"], autoping=False) as socket:
        for _ in range(6):
            await socket.send_json([{"method": "LIST_SUBSCRIPTIONS"}])
        replies = [json.loads((await socket.receive(timeout=5)).data) for _ in range(6)]
        assert replies[-1]["error"]["name"] == "TOO_MANY_REQUEST" and "result" in replies[4]
        live.clock.seconds += 100
        await socket.ping(b"alive")
        assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.PONG
        live.clock.seconds += 100
        await socket.send_str("PING")
        assert json.loads((await socket.receive(timeout=5)).data) == {"status": "UP"}
        live.clock.seconds += 10.1
        assert json.loads((await socket.receive(timeout=5)).data) == {"status": "UP"}
        live.clock.seconds += 121
        closed = await socket.receive(timeout=5)
        while closed.type is aiohttp.WSMsgType.BINARY:
            closed = await socket.receive(timeout=5)
        assert closed.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
