"""What only Upbit has: orders of the app without a name, ticks of their own, rules asked for sparingly, texts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from exchanges.upbit.client import Access, Client
from exchanges.upbit.listing import CHANCES_A_CALL
from exchanges.upbit.venue import UpbitVenue
from tests.exchanges.conftest import KEYS, ROOT, Bench, eventually
from trading.core.errors import Refused
from trading.core.instrument import tick_at
from trading.core.orders import State
from trading.core.ports import Venue

D = Decimal


class LaterClock:
    """The bench's clock with a monotonic side that the test may move on."""

    def __init__(self, bench: Bench) -> None:
        self._clock = bench.clock
        self.ahead_s = 0.0

    def wall_ms(self) -> int:
        return self._clock.wall_ms()

    def monotonic(self) -> float:
        return self._clock.monotonic() + self.ahead_s

    def market_ms(self) -> int:
        return self._clock.market_ms()


@pytest.fixture
def bench(make_bench: Callable[[str], Bench]) -> Bench:
    return make_bench("upbit")


@pytest.fixture
def venue(bench: Bench) -> Venue:
    return bench.open()


def test_orders_and_trades_of_the_app_are_foreign(venue: Venue, bench: Bench) -> None:
    """A person's own order carries no identifier."""
    key, secret = KEYS["upbit"]
    app = Client(Access(bench.clock, key, secret, bench.simulator.ready["upbit"]))
    since = bench.clock.market_ms()
    body = {"market": bench.market, "side": "bid", "ord_type": "limit", "price": "1000000", "volume": "0.01"}
    placed = app.post("orders", body)
    spent = app.post("orders", {"market": bench.market, "side": "bid", "ord_type": "price", "price": "7000"})
    app.close()

    (shown,) = venue.open_orders()
    assert (shown.client_id, shown.venue_id, shown.state) == (None, placed["uuid"], State.OPEN)
    ((owner, fill),) = venue.fills(since, [bench.symbol])
    assert (owner.client_id, fill.order_id) == (None, spent["uuid"])

    ours = bench.order("buy", venue_id=placed["uuid"])
    found = venue.find(ours)
    assert found is not None
    assert found.venue_id == placed["uuid"]
    venue.cancel(ours)
    eventually(lambda: not venue.open_orders())


def test_an_order_may_be_tried_without_being_placed(bench: Bench) -> None:
    venue = bench.open()
    assert isinstance(venue, UpbitVenue)
    order = bench.order("buy")
    venue.order_test(order)
    with pytest.raises(Refused):
        venue.order_test(bench.order("buy", funds=D(1)))
    assert bench.true_order(order.id) is None
    venue.submit(order)


def test_a_tick_of_its_own_is_taken_over_and_accepted(bench: Bench) -> None:
    price = float(bench.price())
    bench.set("market", market=bench.market, tick="7000")
    try:
        ticks = bench.open().instruments()[bench.symbol].ticks
        assert tick_at(price, ticks) == 7000.0
        assert tick_at(900_000.0, ticks) == 500.0
    finally:
        bench.set("market", market=bench.market, tick=None)


def test_ticks_agree_with_the_venue_on_every_market(venue: Venue, bench: Bench) -> None:
    prices = bench.truth()["prices"]["upbit"]
    instruments = venue.instruments()
    assert len(instruments) == len(prices)
    for one in instruments.values():
        price = float(prices[one.market])
        tick = tick_at(price, one.ticks)
        assert abs(price / tick - round(price / tick)) < 1e-6, one.symbol


def test_rules_of_markets_are_asked_for_sparingly(bench: Bench) -> None:
    clock = LaterClock(bench)
    venue = bench.open(clock=clock)
    everything = list(venue.instruments())
    assert len(everything) > CHANCES_A_CALL
    since = bench.mark()
    venue.watch(everything)
    venue.instruments()
    assert len(bench.requests(since, "/v1/orders/chance")) == CHANCES_A_CALL
    for _ in range(10):
        venue.instruments()
    assert len(bench.requests(since, "/v1/orders/chance")) == len(everything)
    assert len(bench.requests(since, "/v1/orderbook/instruments")) == 0
    clock.ahead_s += 90_000
    venue.instruments()
    assert len(bench.requests(since, "/v1/orders/chance")) == len(everything) + CHANCES_A_CALL
    assert len(bench.requests(since, "/v1/orderbook/instruments")) == 1


def test_a_halt_ends_by_itself(bench: Bench) -> None:
    clock = LaterClock(bench)
    venue = bench.open(clock=clock)
    venue.watch([bench.symbol])
    bench.set("market", market=bench.market, halt=True)
    assert not venue.instruments()[bench.symbol].tradable
    bench.set("market", market=bench.market, halt=False)
    clock.ahead_s += 61
    assert venue.instruments()[bench.symbol].tradable


def test_a_warning_is_seen_within_a_minute(bench: Bench) -> None:
    clock = LaterClock(bench)
    venue = bench.open(clock=clock)
    assert not venue.instruments()[bench.symbol].warned
    bench.set("market", market=bench.market, warn=True)
    clock.ahead_s += 61
    assert venue.instruments()[bench.symbol].warned


def test_a_hundred_looks_at_prices_cost_a_hundred_requests_whatever_is_watched(venue: Venue, bench: Bench) -> None:
    everything = list(venue.instruments())
    before = venue.requests_per_minute()
    for _ in range(5):
        venue.prices(everything)
    assert venue.requests_per_minute() == before + 5


def test_old_orders_are_looked_up_once(venue: Venue, bench: Bench) -> None:
    since = bench.clock.market_ms()
    order = bench.order("buy")
    venue.submit(order)
    eventually(lambda: venue.fills(since, [bench.symbol]))
    done = bench.mark()
    assert venue.fills(since, [bench.symbol])
    assert bench.requests(done, "/v1/order") == []


def test_trades_of_weeks_are_asked_for_in_windows_of_a_week(venue: Venue, bench: Bench) -> None:
    now = bench.clock.market_ms()
    before = bench.mark()
    venue.fills(now - 20 * 86_400_000, [bench.symbol])
    windows = [row["params"] for row in bench.requests(before, "/v1/orders/closed")]
    assert len(windows) == 3  # 20 days and the one before, in weeks, up to now
    assert all(int(one["end_time"]) - int(one["start_time"]) <= 7 * 86_400_000 for one in windows)
    assert int(windows[0]["start_time"]) == now - 21 * 86_400_000
    assert int(windows[-1]["end_time"]) >= now


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_old_spelling_of_the_address_error(bench: Bench, lang: str) -> None:
    bench.options(old_ip_spelling=True)
    with pytest.raises(Exception, match="IP") as caught:
        bench.open(key="demo-other-ip", lang=lang).balances()
    assert caught.value.code == "no_authorization_ip"  # type: ignore[attr-defined]


def test_a_venue_is_light(bench: Bench) -> None:
    """Opening the account, with numpy as everywhere: memory and time in a process of its own."""
    program = f"""
import sys, time
begun = time.perf_counter()
from exchanges.connect import connect
class Clock:
    def wall_ms(self): return 0
    def monotonic(self): return time.monotonic()
    def market_ms(self): return 0
venue = connect("upbit", key={KEYS["upbit"][0]!r}, secret={KEYS["upbit"][1]!r},
                hosts={bench.simulator.ready["upbit"]!r}, clock=Clock())
venue.balances(); venue.instruments(); venue.watch(["BTC/KRW"]); venue.candles("BTC/KRW", "1m", 600)
venue.close()
assert not any(name in sys.modules for name in ("ccxt.async_support.binance", "ccxt.pro", "pandas", "numba"))
seconds = time.perf_counter() - begun
import psutil
print(seconds, psutil.Process().memory_info().rss / 2**20)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    seconds, megabytes = map(float, done.stdout.split())
    assert megabytes < 90
    assert seconds < 5
