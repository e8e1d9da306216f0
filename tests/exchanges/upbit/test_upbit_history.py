"""The real pyupbit over loopback against the simulator: pages, and every way in which it says nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import pyupbit.request_api
import requests

from exchanges.history import candle_source
from exchanges.simulator.server import Setup
from exchanges.upbit import history
from exchanges.upbit.history import UpbitHistory
from tests.exchanges.simulator.conftest import Bench, running
from trading.core.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from trading.core.errors import BadInput, Refused, TryLater

T = TypeVar("T")
START = 1_756_684_800_000
HOLE = range(700, 880)  # three hours of maintenance
MINUTES = [at for at in range(1_400) if at not in HOLE and at != 300]
CANDLES = "GET /v1/candles/minutes/*"


class Patience:
    """A clock on which sleeping is free; `slept` adds up what was waited."""

    def __init__(self) -> None:
        self.slept = 0.0

    def wall_ms(self) -> int:
        return START + int(self.slept * 1000)

    def market_ms(self) -> int:
        return self.wall_ms()

    def monotonic(self) -> float:
        return self.slept

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept += seconds


def price(at: int) -> int:
    return 50_000 + 10 * (at % 37)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A market that was recorded, with a hole of a minute and one of three hours, all of it past."""
    path = tmp_path / "KRW-BTC_1m.csv"
    rows = [f"{START + at * MINUTE_MS},{price(at)},{price(at) + 20},{price(at) - 20},{price(at)},2" for at in MINUTES]
    path.write_text("\n".join(["timestamp_ms,open,high,low,close,volume", *rows]) + "\n", encoding="utf-8")
    async with running(Setup(replays=(("KRW-BTC", path),))) as one:
        one.simulator.world.clock.pause()
        await one.admin("/options", limits=False)
        await one.admin("/clock", to_ms=START + 1_500 * MINUTE_MS)
        yield one


def aimed(bench: Bench, clock: Patience | None = None) -> UpbitHistory:
    clock = clock or Patience()
    return UpbitHistory(clock, bench.rest, clock.wall_ms, clock.sleep)


async def off_loop(act: Callable[[], T]) -> T:
    """The simulator serves on this loop, so whoever asks it must wait elsewhere."""
    return await asyncio.to_thread(act)


async def asked(bench: Bench) -> int:
    """How many pages of candles the venue was asked for."""
    return sum("candles" in one["path"] for one in (await bench.truth())["requests"])


async def plan(bench: Bench, *rules: dict[str, Any]) -> None:
    await bench.admin("/faults", seed=0, rules=[{"on": CANDLES, **rule} for rule in rules])


async def test_pages_lead_back_to_the_first_candle_without_loss(bench: Bench) -> None:
    source = aimed(bench)

    def walk() -> list[Any]:
        pages, end = [], START + 1_500 * MINUTE_MS
        while len(page := source.page("BTC/KRW", "1m", end)):
            assert page.timeframe_ms == MINUTE_MS and len(page) <= 200
            pages.insert(0, page)
            end = int(page.time[0])
        return pages

    pages = await off_loop(walk)
    times = np.concatenate([page.time for page in pages])
    assert times.tolist() == [START + at * MINUTE_MS for at in MINUTES]
    for name, shift in (("open", 0), ("high", 20), ("low", -20), ("close", 0)):
        found = np.concatenate([getattr(page, name) for page in pages])
        assert found.tolist() == [price(at) + shift for at in MINUTES], name
    assert np.concatenate([page.volume for page in pages]) == pytest.approx(2.0)
    assert len(pages) == -(-len(MINUTES) // 200)
    assert pyupbit.request_api.requests is requests  # put back


async def test_the_end_is_not_included_and_means_utc(bench: Bench) -> None:
    page = await off_loop(lambda: aimed(bench).page("BTC/KRW", "1m", START + 5 * MINUTE_MS))
    assert page.time.tolist() == [START + at * MINUTE_MS for at in range(5)]


@pytest.mark.parametrize(
    ("timeframe", "length"), [("3m", 3 * MINUTE_MS), ("1h", HOUR_MS), ("4h", 4 * HOUR_MS), ("1d", DAY_MS)]
)
async def test_each_timeframe_is_asked_for_by_its_own_name(bench: Bench, timeframe: str, length: int) -> None:
    page = await off_loop(lambda: aimed(bench).page("BTC/KRW", timeframe, START + 1_500 * MINUTE_MS))
    wanted = sorted({(START + at * MINUTE_MS) // length * length for at in MINUTES})
    assert page.time.tolist() == wanted[-200:]


async def test_all_markets_are_listed_by_our_names(bench: Bench) -> None:
    assert await off_loop(aimed(bench).symbols) == {"BTC/KRW"}


@pytest.mark.parametrize(
    "rule",
    [
        {"status": 429, "body": {"error": {"name": "too_many_requests", "message": ""}}},
        {"status": 429, "body": "Too many API requests."},
        {"status": 500, "body": "oh"},
        {"status": 200, "body": "<html>"},
        {"status": 200, "body": [{"market": "KRW-BTC"}]},
        {"status": 418, "body": {"error": {"name": "x", "message": "Blocked for 7 seconds."}}},
        {"list": "empty"},
        {"cut": 0.5},
        {"reset": True},
    ],
    ids=["429", "429 text", "500", "html", "other rows", "418 short", "empty", "cut", "reset"],
)
async def test_a_page_that_failed_twice_comes_at_last(bench: Bench, rule: dict[str, Any]) -> None:
    clock = Patience()
    await plan(bench, rule | {"times": 2})
    page = await off_loop(lambda: aimed(bench, clock).page("BTC/KRW", "1m", START + 200 * MINUTE_MS))
    assert len(page) == 200
    assert clock.slept >= (14.0 if rule.get("status") == 418 else 1.5)


async def test_nothing_is_believed_only_when_it_was_said_three_times(bench: Bench) -> None:
    page = await off_loop(lambda: aimed(bench).page("BTC/KRW", "1m", START))
    assert len(page) == 0
    assert await asked(bench) == history.PROOFS


@pytest.mark.parametrize(
    ("rule", "code", "requests_made"),
    [
        ({"status": 429, "body": "x"}, "too_many_requests", history.TRIES),
        ({"status": 503, "body": "x"}, "http_503", history.TRIES),
        ({"reset": True}, "unreachable", history.TRIES),
        ({"cut": 0.5}, "unreadable", history.TRIES),
        ({"status": 418, "body": "x"}, "banned", 1),
        ({"status": 429, "body": "x", "headers": {"Retry-After": "3600"}}, "too_many_requests", 1),
    ],
)
async def test_what_goes_on_failing_ends_in_good_time(
    bench: Bench, rule: dict[str, Any], code: str, requests_made: int
) -> None:
    clock = Patience()
    await plan(bench, rule | {"times": 0})
    with pytest.raises(TryLater) as caught:
        await off_loop(lambda: aimed(bench, clock).page("BTC/KRW", "1m", START + 200 * MINUTE_MS))
    assert caught.value.code == code
    assert await asked(bench) == requests_made
    assert clock.slept < 60


async def test_an_unknown_market_is_not_asked_for_again(bench: Bench) -> None:
    with pytest.raises(Refused):
        await off_loop(lambda: aimed(bench).page("NONE/KRW", "1m", START))
    assert await asked(bench) == 1


async def test_eight_requests_a_second_and_no_more(bench: Bench) -> None:
    clock = Patience()
    source = aimed(bench, clock)
    await off_loop(lambda: [source.page("BTC/KRW", "1m", START + 200 * MINUTE_MS) for _ in range(16)])
    assert 1.0 <= clock.slept < 2.0


def test_no_network_is_said_and_needs_no_simulator() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{free.getsockname()[1]}"  # nobody listens
        clock = Patience()
        source = UpbitHistory(clock, host, clock.wall_ms, clock.sleep)
        for look in (source.symbols, lambda: source.page("BTC/KRW", "1m", START)):
            with pytest.raises(TryLater) as caught:
                look()
            assert caught.value.code == "unreachable"
    assert clock.slept < 20


def test_a_venue_without_a_source_says_so() -> None:
    with pytest.raises(BadInput, match=r"bithumb.*upbit"):
        candle_source("bithumb", None, Patience())
    assert not candle_source("upbit", None, Patience()).practice
