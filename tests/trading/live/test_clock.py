"""Market time of a simulated market: asked seldom, carried on in between, never going back."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from exchanges.simulator.admin import Admin
from exchanges.simulator.clock import MarketClock
from trading.core.errors import TryLater
from trading.live.clock import SAMPLE_SECONDS, STILL_SECONDS, SimulatedMarketClock, SystemClock, json_getter

START = 1_763_600_000_000


@dataclass
class HandClock:
    """A machine's time that moves when told."""

    seconds: float = 100.0

    def wall_ms(self) -> int:
        return START + int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def market_ms(self) -> int:
        return self.wall_ms()


class Market:
    """A simulator's clock, answered without a network; counts questions and can be away."""

    def __init__(self, wall: HandClock, speed: float = 10.0) -> None:
        self.clock = MarketClock(START, speed, wall.monotonic)
        self.wall = wall
        self.asked = 0
        self.away = False
        self.reply: Any = None

    def get(self, url: str) -> Any:
        assert url.endswith("/clock")
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("gone")
        if self.reply is not None:
            return self.reply
        clock = self.clock
        return {
            "market_ms": clock.now_ms(),
            "wall_ms": self.wall.wall_ms(),
            "speed": clock.speed,
            "running": clock.running,
        }


def make(speed: float = 10.0) -> tuple[HandClock, Market, SimulatedMarketClock]:
    wall = HandClock()
    market = Market(wall, speed)
    return wall, market, SimulatedMarketClock("http://sim/", market.get, wall)


def test_system_clock_is_this_machines_time() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    assert abs(clock.market_ms() - clock.wall_ms()) < 5_000
    assert clock.wall_ms() > START
    assert clock.monotonic() >= before


def test_carried_on_at_speed_without_asking() -> None:
    wall, market, clock = make(speed=60.0)
    assert clock.market_ms() == START
    wall.seconds += 1.5
    assert clock.market_ms() == START + 90_000 == market.clock.now_ms()
    assert market.asked == 1
    assert clock.speed == 60.0 and clock.running
    assert clock.wall_ms() == wall.wall_ms() and clock.monotonic() == wall.seconds


def test_asked_every_two_seconds_of_wall_clock() -> None:
    wall, market, clock = make()
    for _ in range(100):
        wall.seconds += 0.1
        clock.market_ms()
    assert market.asked - 1 == pytest.approx(10.0 / SAMPLE_SECONDS, abs=1)


def test_a_changed_speed_is_taken_over() -> None:
    wall, market, clock = make()
    market.clock.set_speed(100.0)
    wall.seconds += SAMPLE_SECONDS
    assert clock.market_ms() == market.clock.now_ms()
    assert clock.speed == 100.0


def test_paused_market_stands_and_never_goes_back() -> None:
    wall, market, clock = make()
    market.clock.pause()
    wall.seconds += 1.0
    ahead = clock.market_ms()  # it cannot know yet
    assert ahead == START + 10_000
    wall.seconds += SAMPLE_SECONDS
    assert clock.market_ms() == ahead
    assert not clock.running
    market.clock.step_to(ahead + 500)
    wall.seconds += STILL_SECONDS
    assert clock.market_ms() == ahead + 500


def test_refresh_shows_a_step_at_once() -> None:
    _, market, clock = make()
    market.clock.step_to(START + 3_600_000)
    assert clock.refresh()
    assert clock.market_ms() == START + 3_600_000


def test_an_absent_simulator_is_carried_on_and_found_again() -> None:
    wall, market, clock = make()
    market.away = True
    for _ in range(5):
        wall.seconds += SAMPLE_SECONDS
        assert clock.market_ms() == START + int((wall.seconds - 100.0) * 10_000)
    assert clock.failures == 5
    assert market.asked == 6  # it is not asked at every reading while it is away
    market.away = False
    wall.seconds += SAMPLE_SECONDS
    clock.market_ms()
    assert clock.failures == 0


@pytest.mark.parametrize(
    "reply",
    [
        [],
        "x",
        {},
        {"market_ms": START, "speed": 0, "running": True},
        {"market_ms": START, "speed": float("nan"), "running": True},
        {"market_ms": None, "speed": 1, "running": True},
        {"market_ms": "soon", "speed": 1, "running": True},
        {"market_ms": -5, "speed": 1, "running": True},
        {"market_ms": START, "speed": 1, "running": "yes"},
    ],
)
def test_an_answer_that_is_no_clock_counts_as_none(reply: Any) -> None:
    wall, market, clock = make()
    market.reply = reply
    assert not clock.refresh()
    wall.seconds += 1.0
    assert clock.market_ms() == START + 10_000
    with pytest.raises(TryLater):
        SimulatedMarketClock("http://sim", market.get, wall)


def test_one_thread_asks_the_others_do_not_wait() -> None:
    wall, _, clock = make()
    entered, leave = threading.Event(), threading.Event()

    def slow(url: str) -> Any:
        entered.set()
        assert leave.wait(10.0)
        return Market(wall).get(url)

    clock._get = slow
    asking = threading.Thread(target=clock.refresh)
    asking.start()
    try:
        assert entered.wait(10.0)
        assert not clock.refresh()
        wall.seconds += SAMPLE_SECONDS
        assert clock.market_ms() == START + 20_000
    finally:
        leave.set()
        asking.join(10.0)
    assert not asking.is_alive()


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["wait", "pause", "run", "speed", "step", "away", "back"]),
        st.floats(0.01, 30.0),
    ),
    max_size=30,
)


@given(MOVES)
def test_never_back_and_never_ahead_of_a_market_that_runs_on(moves: list[tuple[str, float]]) -> None:
    wall, market, clock = make()
    last, steady = clock.market_ms(), True
    for what, amount in moves:
        if what == "wait":
            wall.seconds += amount
        elif what == "pause":
            market.clock.pause()
            steady = False
        elif what == "run":
            market.clock.run()
        elif what == "speed":
            market.clock.set_speed(amount)
            steady = False
        elif what == "step":
            market.clock.step_to(market.clock.now_ms() + int(amount * 1000))
            steady = False
        else:
            market.away = what == "away"
        now = clock.market_ms()
        assert now >= last
        if steady:
            assert abs(now - market.clock.now_ms()) <= 1
        last = now


class _Admin(BaseHTTPRequestHandler):
    answers: ClassVar[list[tuple[int, bytes]]] = []

    def do_GET(self) -> None:
        status, body = type(self).answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def admin() -> Iterator[tuple[str, type[_Admin]]]:
    kind = type("Admin", (_Admin,), {"answers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", kind
    server.shutdown()
    server.server_close()
    thread.join(5.0)


def test_over_http(admin: tuple[str, type[_Admin]]) -> None:
    url, kind = admin
    good = json.dumps({"market_ms": START, "wall_ms": 1, "speed": 10.0, "running": True}).encode()
    kind.answers[:] = [(200, good), (500, good), (200, b"<html>"), (200, b'{"market_ms": '), (200, good)]
    wall = HandClock()
    with httpx.Client(trust_env=False) as client:
        clock = SimulatedMarketClock(url, json_getter(client), wall)
        assert clock.market_ms() == START
        assert [clock.refresh() for _ in range(4)] == [False, False, False, True]
        assert clock.failures == 0


async def test_against_the_simulators_own_admin() -> None:
    market = MarketClock(START, 60.0, SystemClock().monotonic)
    world: Any = SimpleNamespace(clock=market, wall_ms=SystemClock().wall_ms)
    async with TestServer(Admin(world, world, lambda: None).application()) as server:
        with httpx.Client(trust_env=False) as client:
            made = asyncio.to_thread(
                SimulatedMarketClock, str(server.make_url("/")), json_getter(client), SystemClock()
            )
            clock = await made
            assert clock.speed == 60.0 and clock.running
            before = market.now_ms()
            market.pause()
            assert await asyncio.to_thread(clock.refresh)
            assert not clock.running
            assert before <= market.now_ms()
            market.step_to(market.now_ms() + 10 * 60_000)
            assert await asyncio.to_thread(clock.refresh)
            assert clock.market_ms() == market.now_ms()


def test_no_simulator_at_the_start_is_said() -> None:
    with httpx.Client(trust_env=False) as client, pytest.raises(TryLater):
        SimulatedMarketClock("http://127.0.0.1:9", json_getter(client, 0.5), HandClock())
