"""The wire under trouble that the simulator does not make: lost, late and broken answers on a loopback server."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from exchanges.connect import connect
from exchanges.upbit import client
from tests.exchanges.conftest import ROOT
from trading.core.errors import BadInput, OutcomeUnknown, Refused, StopTrading, TryLater, VenueError
from trading.core.orders import Order, State
from trading.core.ports import Venue

KEY, SECRET = "an-access-key-of-nobody", "s" * 40
ORDER = Order(
    id="htclient1",
    venue="upbit",
    book="main",
    strategy="test",
    symbol="BTC/KRW",
    side="buy",
    leg="entry",
    quantity=Decimal("0.001"),
    price=Decimal(1),
    reason="test",
    candle_ms=0,
    created_ms=0,
    trip="htclient1",
    funds=Decimal(10_000),
)


class HandClock:
    """Time that only the test moves; the market stands at a fixed moment."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def wall_ms(self) -> int:
        return int(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s

    def market_ms(self) -> int:
        return 1_790_000_000_000


@dataclass
class Mouth:
    """A server that answers as told: status, body, headers; or cuts the line, or holds its tongue."""

    port: int = 0
    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hold: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    end: asyncio.Event = field(default_factory=asyncio.Event)
    script: Callable[[str, str], tuple[int, str] | None] | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs, await request.text()))
        if self.cut and request.transport is not None:
            request.transport.abort()
        if self.hold:
            await self.end.wait()
        status, body = (self.script and self.script(request.method, request.path_qs)) or (self.status, self.body)
        return web.Response(status=status, text=body, headers=self.headers)

    def count(self, method: str) -> int:
        return sum(1 for one in self.asked if one[0] == method)


@pytest.fixture
def mouth() -> Iterator[Mouth]:
    talker, loop, ready = Mouth(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", talker.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        talker.port = runner.addresses[0][1]
        ready.set()
        await talker.end.wait()
        await runner.cleanup()

    def live() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=live)
    thread.start()
    assert ready.wait(5.0)
    yield talker
    loop.call_soon_threadsafe(talker.end.set)
    thread.join(5.0)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def venue(mouth: Mouth, clock: HandClock) -> Iterator[Venue]:
    opened = open_on(mouth, clock)
    yield opened
    opened.close()


def open_on(mouth: Mouth, clock: HandClock, **changes: Any) -> Venue:
    base = f"127.0.0.1:{mouth.port}"
    hosts = {"rest": f"http://{base}", "ws": "ws://127.0.0.1:9/w", "ws_private": "ws://127.0.0.1:9/p"}
    values = {"key": KEY, "secret": SECRET, "hosts": hosts, "clock": clock, "lang": "en", "timeout_s": 0.4}
    return connect("upbit", **{**values, **changes})


def error(name: str | int) -> str:
    return json.dumps({"error": {"name": name, "message": f"said to {KEY} with {SECRET}"}})


LOST = {
    "cut line": {"cut": True},
    "silence": {"hold": True},
    "500": {"status": 500, "body": error("internal_server_error")},
    "502 page": {"status": 502, "body": "<html>Bad Gateway</html>"},
    "503 naming a refusal": {"status": 503, "body": error("insufficient_funds_bid")},
    "unlisted 400": {"status": 400, "body": error("brand_new_rule")},
    "400 without a name": {"status": 400, "body": "no"},
    "404 page": {"status": 404, "body": "not here"},
    "empty 201": {"status": 201, "body": ""},
    "broken json": {"status": 201, "body": '{"uuid": "1", '},
    "deep json": {"status": 201, "body": "[" * 200_000},
    "a list": {"status": 201, "body": "[]"},
    "no uuid": {"status": 201, "body": '{"market": "KRW-BTC"}'},
    "used name": {"status": 400, "body": error("duplicated_identifier")},
    "used nonce": {"status": 401, "body": error("nonce_used")},
    "redirect": {"status": 304, "body": ""},
}


class TestPost:
    @pytest.mark.parametrize("case", LOST)
    def test_what_proves_nothing_is_unknown_and_never_sent_again(self, case: str, venue: Venue, mouth: Mouth) -> None:
        # The connection is in use already: libraries like to try again on one that the other side has closed.
        mouth.status, mouth.body = 404, error("order_not_found")
        assert venue.find(ORDER) is None
        mouth.status, mouth.body = 200, "{}"
        for name, value in LOST[case].items():
            setattr(mouth, name, value)
        with pytest.raises(OutcomeUnknown) as caught:
            venue.submit(ORDER)
        assert mouth.count("POST") == 1
        assert SECRET not in str(caught.value)
        assert KEY not in str(caught.value)

    @pytest.mark.parametrize(
        ("status", "name", "kind"),
        [
            (400, "insufficient_funds_bid", Refused),
            (400, "under_min_total_bid", Refused),
            (403, "market_offline", TryLater),
            (429, "too_many_requests", TryLater),
            (418, "anything", TryLater),
            (401, "no_authorization_ip", StopTrading),
        ],
    )
    def test_what_is_listed(self, status: int, name: str, kind: type[VenueError], venue: Venue, mouth: Mouth) -> None:
        mouth.status, mouth.body = status, error(name)
        with pytest.raises(kind):
            venue.submit(ORDER)
        assert mouth.count("POST") == 1

    def test_the_body_of_each_kind(self, venue: Venue, mouth: Mouth) -> None:
        mouth.status, mouth.body = 400, error("insufficient_funds_bid")
        sell = replace(ORDER, side="sell", funds=None, quantity=Decimal("1E-7"))
        limit = replace(ORDER, limit=Decimal("1.50E+8"), quantity=Decimal("0.0100"))
        for order in (ORDER, sell, limit):
            with pytest.raises(Refused):
                venue.submit(order)
        bodies = [json.loads(text) for method, _, text in mouth.asked if method == "POST"]
        common = {"market": "KRW-BTC", "identifier": "htclient1", "smp_type": "none"}
        assert bodies == [
            common | {"side": "bid", "ord_type": "price", "price": "10000"},
            common | {"side": "ask", "ord_type": "market", "volume": "0.0000001"},
            common | {"side": "bid", "ord_type": "limit", "price": "150000000", "volume": "0.01"},
        ]

    def test_an_order_in_the_air_when_the_venue_is_closed_is_unknown(self, venue: Venue, mouth: Mouth) -> None:
        mouth.hold = True
        caught: list[BaseException] = []

        def send() -> None:
            try:
                venue.submit(ORDER)
            except VenueError as error:
                caught.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        for _ in range(200):
            if mouth.asked:
                break
            threading.Event().wait(0.005)
        venue.close()
        sender.join(5.0)
        assert [type(one) for one in caught] == [OutcomeUnknown]


class TestReads:
    @pytest.mark.parametrize("case", [name for name in LOST if name not in ("no uuid",)])
    def test_a_failed_read_is_no_knowledge(self, case: str, venue: Venue, mouth: Mouth) -> None:
        for name, value in LOST[case].items():
            setattr(mouth, name, value)
        for read in (venue.balances, venue.instruments, lambda: venue.find(ORDER)):
            with pytest.raises(TryLater):
                read()

    def test_only_the_venues_own_word_is_absence(self, venue: Venue, mouth: Mouth) -> None:
        mouth.status, mouth.body = 404, error("order_not_found")
        assert venue.find(ORDER) is None
        mouth.body = error(404)
        with pytest.raises(Refused):
            venue.find(ORDER)

    def test_an_order_known_by_the_venues_id_is_asked_both_ways(self, venue: Venue, mouth: Mouth) -> None:
        mouth.status, mouth.body = 404, error("order_not_found")
        assert venue.find(replace(ORDER, venue_id="u-9")) is None
        assert [path for _, path, _ in mouth.asked] == ["/v1/order?identifier=htclient1", "/v1/order?uuid=u-9"]

    def test_no_balance_at_all_is_no_knowledge(self, venue: Venue, mouth: Mouth) -> None:
        mouth.body = "[]"
        with pytest.raises(TryLater):
            venue.balances()

    def test_lists_of_states_are_asked_for_as_the_venue_reads_them(self, venue: Venue, mouth: Mouth) -> None:
        mouth.body = "[]"
        assert venue.open_orders() == []
        assert mouth.asked[0][1].startswith("/v1/orders/open?states%5B%5D=wait&states%5B%5D=watch&page=1")


class TestCancel:
    def test_an_undocumented_refusal_of_an_ended_order_is_no_error(self, venue: Venue, mouth: Mouth) -> None:
        done = {
            "market": "KRW-BTC",
            "uuid": "u-1",
            "side": "bid",
            "ord_type": "price",
            "state": "cancel",
            "created_at": "2026-11-20T12:00:00+09:00",
            "executed_volume": "0",
            "paid_fee": "0",
            "trades": [],
        }
        mouth.script = lambda method, _: (400, error("already_over")) if method == "DELETE" else (200, json.dumps(done))
        venue.cancel(ORDER)
        done["state"] = "wait"
        with pytest.raises(OutcomeUnknown):
            venue.cancel(ORDER)
        assert venue.find(ORDER).state is State.OPEN  # type: ignore[union-attr]

    def test_a_cancel_without_an_answer_is_unknown(self, venue: Venue, mouth: Mouth) -> None:
        mouth.cut = True
        with pytest.raises(OutcomeUnknown):
            venue.cancel(ORDER)


class TestStayingAway:
    def test_retry_after_is_obeyed_without_a_request(self, venue: Venue, mouth: Mouth, clock: HandClock) -> None:
        mouth.status, mouth.body, mouth.headers = 429, "Too many API requests.", {"Retry-After": "30"}
        with pytest.raises(TryLater) as caught:
            venue.balances()
        assert caught.value.retry_after == pytest.approx(30.0)
        mouth.status, mouth.body, mouth.headers = 404, error("order_not_found"), {}
        for later in (10.0, 19.0):
            clock.now_s += later
            with pytest.raises(TryLater):
                venue.find(ORDER)
        assert len(mouth.asked) == 1
        clock.now_s += 2.0
        assert venue.find(ORDER) is None

    def test_a_ban_covers_orders_and_is_handed_over(self, mouth: Mouth, clock: HandClock) -> None:
        kept: dict[str, int] = {}
        venue = open_on(mouth, clock, on_block=kept.__setitem__)
        mouth.status, mouth.body = 418, error("too_many_requests")
        with pytest.raises(TryLater):
            venue.balances()
        venue.close()
        assert kept == {"*": clock.wall_ms() + 60_000}
        again = open_on(mouth, clock, blocked=kept)
        with pytest.raises(TryLater):
            again.submit(ORDER)
        again.close()
        assert len(mouth.asked) == 1

    def test_a_full_window_lets_exits_pass(self, venue: Venue, mouth: Mouth, monkeypatch: pytest.MonkeyPatch) -> None:
        """The hand clock stands, so the window never moves on: entries find it full, exits use what is kept."""
        monkeypatch.setattr(client, "PATIENCE_S", 0.5)
        mouth.status, mouth.body = 400, error("insufficient_funds_bid")
        for _ in range(8):
            with pytest.raises(Refused):
                venue.submit(ORDER)
        with pytest.raises(TryLater) as caught:
            venue.submit(ORDER)
        assert caught.value.code == "busy"
        with pytest.raises(Refused):
            venue.submit(replace(ORDER, side="sell", leg="exit", funds=None))
        assert mouth.count("POST") == 9


def test_the_library_logs_no_token_even_at_debug(venue: Venue, mouth: Mouth, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mouth.status, mouth.body = 404, error("order_not_found")
    venue.find(ORDER)
    assert "Bearer" not in caplog.text
    assert SECRET not in caplog.text


def test_one_class_of_the_library_is_loaded_and_the_rest_stays_usable() -> None:
    program = """
import sys
from exchanges.ccxt_class import exchange_class
one = exchange_class("upbit")
loaded = [n for n in sys.modules if n.startswith(("ccxt.async_support.", "ccxt.pro.")) and n.count(".") == 2]
assert "ccxt.async_support.binance" not in sys.modules, loaded
assert "ccxt" not in sys.modules
import ccxt.pro
assert issubclass(ccxt.pro.upbit, one)
assert ccxt.async_support.upbit is one
assert ccxt.binance().id == "binance"
try:
    exchange_class("no_such_exchange")
except ImportError:
    print("fine")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.stdout.strip() == "fine", done.stderr


class TestConnect:
    @pytest.mark.parametrize("name", ["", "mtgox", "upbit.venue", "../upbit", "simulator"])
    def test_no_such_venue(self, name: str, clock: HandClock) -> None:
        with pytest.raises(BadInput):
            connect(name, clock=clock)

    def test_secrets_are_not_shown(self, venue: Venue) -> None:
        assert SECRET not in repr(vars(venue))
        assert KEY not in repr(vars(venue))
