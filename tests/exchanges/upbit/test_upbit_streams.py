"""The streams against a loopback server that drops, repeats, errs and falls silent."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from hypothesis import given
from hypothesis import strategies as st

from exchanges.upbit import streams
from exchanges.upbit.client import Access
from exchanges.upbit.streams import MOST_TICKS, Inbox, Streams, backoff
from exchanges.upbit.venue import UpbitVenue
from tests.exchanges.conftest import eventually
from tests.exchanges.upbit.test_upbit_client import HandClock
from trading.core.ports import StreamNews, Tick


def trade(number: int, code: str = "KRW-BTC", price: float = 100.0, at: int | None = None) -> str:
    return json.dumps(
        {
            "type": "trade",
            "code": code,
            "trade_timestamp": number if at is None else at,
            "trade_price": price,
            "trade_volume": 0.5,
            "ask_bid": "BID",
            "sequential_id": number,
            "stream_type": "REALTIME",
        }
    )


@dataclass
class Speaker:
    """A WebSocket server under the test's hand. heard: subscriptions and handshake headers; say: frames to send."""

    port: int = 0
    heard: list[tuple[str, list[Any], str]] = field(default_factory=list)
    sockets: dict[str, web.WebSocketResponse] = field(default_factory=dict)
    loop: asyncio.AbstractEventLoop | None = None

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets[request.path] = socket
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                wanted = json.loads(message.data)
                self.heard.append((request.path, wanted, request.headers.get("Authorization", "")))
        return socket

    def say(self, *frames: str, path: str = "/ws") -> None:
        assert self.loop is not None
        for frame in frames:
            asyncio.run_coroutine_threadsafe(self.sockets[path].send_bytes(frame.encode()), self.loop).result(5.0)

    def drop(self, path: str = "/ws") -> None:
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.sockets.pop(path).close(), self.loop).result(5.0)

    def subscriptions(self, path: str = "/ws") -> list[Any]:
        return [wanted for where, wanted, _ in self.heard if where == path]


@pytest.fixture
def speaker() -> Iterator[Speaker]:
    talker, loop, ready = Speaker(), asyncio.new_event_loop(), threading.Event()
    talker.loop = loop
    stop = asyncio.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_get("/ws", talker.handle)
        app.router.add_get("/private", talker.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        talker.port = runner.addresses[0][1]
        ready.set()
        await stop.wait()
        for socket in talker.sockets.values():
            await socket.close()
        await runner.cleanup()

    def live() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=live)
    thread.start()
    assert ready.wait(5.0)
    yield talker
    loop.call_soon_threadsafe(stop.set)
    thread.join(5.0)


@pytest.fixture
def make_venue(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., UpbitVenue]]:
    monkeypatch.setattr(streams, "BACKOFF_S", (0.01, 0.05))
    monkeypatch.setattr(streams, "SETTLE_S", 0.01)
    opened: list[UpbitVenue] = []

    def make(silence_s: float = 30.0) -> UpbitVenue:
        base = f"ws://127.0.0.1:{speaker.port}"
        hosts = {"rest": "http://127.0.0.1:9", "ws": f"{base}/ws", "ws_private": f"{base}/private"}
        opened.append(UpbitVenue(Access(HandClock(), "key", "s" * 40, hosts), silence_s=silence_s))
        return opened[-1]

    yield make
    for venue in opened:
        venue.close()


class Listener:
    """Collects what a venue's streams bring."""

    def __init__(self, venue: UpbitVenue) -> None:
        self.venue = venue
        self.ticks: list[Tick] = []
        self.hints: list[str] = []
        self.gaps = 0

    def poll(self) -> StreamNews:
        news = self.venue.drain()
        self.ticks += news.ticks
        self.hints += news.orders
        self.gaps += news.gaps
        return news

    def until(self, happened: Callable[[], bool]) -> None:
        eventually(lambda: (self.poll(), happened())[1])


def test_repeated_trades_come_once_and_late_ones_in_their_place(
    speaker: Speaker, make_venue: Callable[..., UpbitVenue]
) -> None:
    listener = Listener(make_venue())
    listener.venue.watch(["BTC/KRW"])
    eventually(lambda: speaker.subscriptions())
    speaker.say(trade(3), trade(1), trade(3), trade(2), trade(1, price=101.0))
    eventually(lambda: len(listener.venue._inbox._ticks) == 3)
    listener.poll()
    assert [tick.time_ms for tick in listener.ticks] == [1, 2, 3]
    assert listener.gaps == 0


def test_the_subscription(speaker: Speaker, make_venue: Callable[..., UpbitVenue]) -> None:
    venue = make_venue()
    venue.watch(["ETH/KRW", "BTC/KRW"])
    eventually(lambda: speaker.subscriptions() and speaker.subscriptions("/private"))
    public, private = speaker.subscriptions()[0], speaker.subscriptions("/private")[0]
    assert public[1] == {"type": "trade", "codes": ["KRW-BTC", "KRW-ETH"], "is_only_realtime": True}
    assert private[1:] == [{"type": "myOrder"}]
    assert len({one[0]["ticket"] for one in (public, private)}) == 2
    venue.watch(["XRP/KRW"])
    eventually(lambda: len(speaker.subscriptions()) == 2)
    assert speaker.subscriptions()[1][1]["codes"] == ["KRW-XRP"]


def test_unwatched_markets_are_dropped(speaker: Speaker, make_venue: Callable[..., UpbitVenue]) -> None:
    listener = Listener(make_venue())
    listener.venue.watch(["ETH/KRW"])
    eventually(lambda: speaker.subscriptions())
    speaker.say(trade(1), trade(2, "KRW-ETH"))
    listener.until(lambda: bool(listener.ticks))
    assert [tick.symbol for tick in listener.ticks] == ["ETH/KRW"]


def test_a_broken_stream_comes_back_and_tells_of_the_gap_twice(
    speaker: Speaker, make_venue: Callable[..., UpbitVenue]
) -> None:
    """Once at the break, once when trades flow again: what lay between is in neither."""
    listener = Listener(make_venue())
    listener.venue.watch(["BTC/KRW"])
    eventually(lambda: speaker.subscriptions())
    speaker.say(trade(1))
    listener.until(lambda: len(listener.ticks) == 1)
    speaker.drop()
    listener.until(lambda: listener.gaps == 1)
    eventually(lambda: len(speaker.subscriptions()) == 2)
    listener.poll()
    assert listener.gaps == 1
    speaker.say(trade(5))
    listener.until(lambda: len(listener.ticks) == 2)
    assert listener.gaps == 2


@pytest.mark.parametrize("frame", ['{"error": {"name": "TOO_MANY_REQUEST", "message": "slow down"}}'])
def test_an_error_ends_the_connection(speaker: Speaker, make_venue: Callable[..., UpbitVenue], frame: str) -> None:
    listener = Listener(make_venue())
    listener.venue.watch(["BTC/KRW"])
    eventually(lambda: speaker.subscriptions())
    speaker.say(frame)
    listener.until(lambda: len(speaker.subscriptions()) == 2)
    assert listener.gaps >= 1


def test_silence_is_told_by_trades_not_by_other_frames(speaker: Speaker, make_venue: Callable[..., UpbitVenue]) -> None:
    listener = Listener(make_venue(silence_s=0.3))
    listener.venue.watch(["BTC/KRW"])
    eventually(lambda: speaker.subscriptions())

    def alive_but_mute() -> bool:
        if "/ws" in speaker.sockets and not speaker.sockets["/ws"].closed:
            speaker.say('{"status": "UP"}')
        return len(speaker.subscriptions()) >= 2

    listener.until(alive_but_mute)
    assert listener.gaps >= 1


@pytest.mark.parametrize("frame", ["no json", "[]", "{}", '{"type": "trade"}', '{"type": "trade", "code": 1}'])
def test_frames_without_sense_do_no_harm(speaker: Speaker, make_venue: Callable[..., UpbitVenue], frame: str) -> None:
    listener = Listener(make_venue())
    listener.venue.watch(["BTC/KRW"])
    eventually(lambda: speaker.subscriptions())
    speaker.say(frame, trade(7))
    listener.until(lambda: bool(listener.ticks))
    assert len(speaker.subscriptions()) == 1
    assert listener.gaps == ("trade" in frame)


def test_hints_of_own_orders_and_a_fresh_nonce_each_time(
    speaker: Speaker, make_venue: Callable[..., UpbitVenue]
) -> None:
    listener = Listener(make_venue())
    eventually(lambda: speaker.subscriptions("/private"))
    own = {"type": "myOrder", "code": "KRW-BTC", "state": "trade", "identifier": "ht1"}
    foreign = {"type": "myOrder", "code": "KRW-BTC", "state": "wait", "identifier": None}
    speaker.say(json.dumps(foreign), json.dumps(own), json.dumps(own), path="/private")
    listener.until(lambda: bool(listener.hints))
    assert set(listener.hints) == {"ht1"}
    speaker.drop("/private")
    eventually(lambda: len(speaker.subscriptions("/private")) == 2)
    tokens = [token for where, _, token in speaker.heard if where == "/private"]
    assert all(token.startswith("Bearer ") for token in tokens)
    assert len(set(tokens)) == 2


def test_an_inbox_nobody_empties_stays_small_and_says_so() -> None:
    inbox = Inbox(HandClock())
    for number in range(MOST_TICKS + 10):
        inbox.trade(Tick("BTC/KRW", number, 1.0), number)
    news = inbox.drain()
    assert len(news.ticks) == MOST_TICKS
    assert news.gaps
    assert news.ticks[0].time_ms == 10


def test_age_is_of_the_last_message() -> None:
    clock = HandClock()
    inbox = Inbox(clock)
    assert inbox.drain().age_s is None
    inbox.heard()
    clock.now_s += 7.5
    assert inbox.drain().age_s == 7.5


@given(st.permutations(list(range(12))), st.lists(st.integers(0, 11), max_size=20))
def test_any_order_and_any_repeats_give_the_same_prices(order: list[int], again: list[int]) -> None:
    inbox = Inbox(HandClock())
    for number in (*order, *again):
        inbox.trade(Tick("BTC/KRW", number, float(number)), number)
    assert [tick.price for tick in inbox.drain().ticks] == [float(number) for number in range(12)]


@given(st.integers(0, 2**32))
def test_backoff_grows_to_its_most(seed: int) -> None:
    pauses = backoff(Random(seed), 1.0, 60.0)
    first = [next(pauses) for _ in range(12)]
    assert all(0.5 * min(60.0, 2.0**i) <= pause <= min(60.0, 2.0**i) for i, pause in enumerate(first))


def test_a_delisted_market_does_not_cost_the_others_their_stream() -> None:
    streams_ = Streams(lambda: None, lambda: {"ETH/KRW", "BTC/KRW"}, Inbox(HandClock()), Random(1), 30.0)
    streams_.watch(["GONE/KRW", "ETH/KRW"])
    assert json.loads(streams_._request())[1]["codes"] == ["KRW-ETH", "KRW-BTC"]
