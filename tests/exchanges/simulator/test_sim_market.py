"""The market: one seed gives one market, prices stand on the grid, minutes without trades have no candle."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from pathlib import Path

import pytest

from exchanges.simulator.candles import CandleStore, fixed_grid, month_grid, week_grid
from exchanges.simulator.clock import MarketClock
from exchanges.simulator.dialects.upbit.ticks import GRID
from exchanges.simulator.exchange import Exchange, VenueRules
from exchanges.simulator.feed import SeededFeed
from exchanges.simulator.replay import ReplayFeed, UnreadableCandles, read_candles
from exchanges.simulator.tape import DAY_MS, HOUR_MS, MINUTE_MS, Bar, Feed
from exchanges.simulator.world import World
from tests.exchanges.simulator.conftest import HandClock
from tests.shared_data import shared


def world_of(feed: Feed, speed: float = 10) -> tuple[World, HandClock, Exchange]:
    wall = HandClock()
    world = World(feed, MarketClock(feed.start_ms, speed, wall.monotonic), wall.monotonic, wall.wall_ms)
    exchange = Exchange(VenueRules("upbit", "KRW", Decimal("0.0005"), GRID), feed, 7, Decimal(0))
    world.add(exchange)
    world.begin()
    return world, wall, exchange


def tape(seed: int, polls: list[float]) -> list[tuple[str, int, Decimal, Decimal]]:
    """Every trade of half an hour of market time, read by polls at the given wall seconds."""
    world, wall, exchange = world_of(SeededFeed(seed, history=60))
    seen: list[tuple[str, int, Decimal, Decimal]] = []
    exchange.on_trade.append(lambda market, trade: seen.append((market.code, trade.at_ms, trade.price, trade.quantity)))
    begin = wall.seconds
    for at in polls:
        wall.seconds = begin + at
        world.advance()
    return seen


def test_the_same_seed_gives_the_same_market_however_it_is_read() -> None:
    rng = random.Random(3)
    steady = tape(7, [0.5 * step for step in range(361)])
    ragged = tape(7, [*sorted(rng.uniform(0, 180) for _ in range(25)), 180.0])
    assert len(steady) > 1_000
    assert steady == ragged
    assert tape(8, [180.0]) != steady


def test_history_is_lively_gappy_and_on_the_grid() -> None:
    _, _, exchange = world_of(SeededFeed(7))
    for market in exchange.markets.values():
        minutes = market.candles.minutes
        assert 1_200 < len(minutes) <= 1_500
        assert minutes[-1].open_ms < 1_772_506_800_000
        for candle in minutes[::50]:
            for price in (candle.open, candle.high, candle.low, candle.close):
                exact = Decimal(repr(price))
                assert exact % GRID(exact) == 0
        joint = [abs(after.open / before.close - 1) for before, after in itertools.pairwise(minutes)]
        assert max(joint) < 0.08
    assert len(exchange.markets["KRW-BTC"].candles.minutes) == 1_500
    assert len(exchange.markets["KRW-DOT"].candles.minutes) < 1_450, "quiet coins have minutes without a trade"


def test_coins_move_together_and_the_dollar_hardly() -> None:
    _, _, exchange = world_of(SeededFeed(7))

    def returns(code: str) -> dict[int, float]:
        minutes = exchange.markets[code].candles.minutes
        return {after.open_ms: after.close / before.close - 1 for before, after in itertools.pairwise(minutes)}

    def correlation(first: str, second: str) -> float:
        a, b = returns(first), returns(second)
        both = sorted(a.keys() & b.keys())
        x, y = [a[at] for at in both], [b[at] for at in both]
        mx, my = sum(x) / len(x), sum(y) / len(y)
        cov = sum((p - mx) * (q - my) for p, q in zip(x, y, strict=True))
        return float(cov / (sum((p - mx) ** 2 for p in x) * sum((q - my) ** 2 for q in y)) ** 0.5)

    assert correlation("KRW-BTC", "KRW-ETH") > 0.35
    assert abs(correlation("KRW-BTC", "KRW-USDT")) < 0.3


def test_macd_crosses_soon_and_often() -> None:
    """Over twelve coins an ordinary 1m MACD seldom waits twenty minutes for an entry (two minutes at speed 10)."""
    _, _, exchange = world_of(SeededFeed(7))
    crossings: list[int] = []
    for market in exchange.markets.values():
        closes = [(candle.open_ms, candle.close) for candle in market.candles.minutes]
        fast = slow = signal = closes[0][1]
        before = 0.0
        for open_ms, close in closes:
            fast += (close - fast) * 2 / 13
            slow += (close - slow) * 2 / 27
            signal = signal + (fast - slow - signal) * 2 / 10 if signal != closes[0][1] else fast - slow
            if fast - slow > signal and before <= 0:
                crossings.append(open_ms)
            before = fast - slow - signal
    late = [at for at in sorted(crossings) if at > 1_772_506_800_000 - 1_300 * MINUTE_MS]
    waits = sorted(after - at for at, after in itertools.pairwise(late))
    assert waits[len(waits) // 2] <= 3 * MINUTE_MS
    assert sum(wait for wait in waits if wait > 20 * MINUTE_MS) < 0.05 * sum(waits)


@pytest.mark.parametrize(
    ("unit_ms", "expected"),
    [(3 * MINUTE_MS, [9, 6, 3, 0]), (5 * MINUTE_MS, [10, 5, 0])],
)
def test_units_lie_on_their_grid_and_empty_ones_are_absent(unit_ms: int, expected: list[int]) -> None:
    store = CandleStore()
    for minute in (0, 1, 4, 7, 11):
        store.add(100 + minute, 1.0, minute * MINUTE_MS + 5)
    found = store.latest(fixed_grid(unit_ms), unit_ms, 12 * MINUTE_MS, 10)
    assert [candle.open_ms // MINUTE_MS for candle in found] == expected
    assert found[-1].open == 100 and found[0].close == 111
    assert sum(candle.volume for candle in found) == 5
    assert [candle.open_ms for candle in store.latest(fixed_grid(MINUTE_MS), MINUTE_MS, 4 * MINUTE_MS, 9)] == [
        60_000,
        0,
    ]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    tuesday = 1_772_506_800_000
    assert week_grid(tuesday) == tuesday - tuesday % DAY_MS - DAY_MS
    assert month_grid(tuesday) == tuesday - tuesday % DAY_MS - 2 * DAY_MS


def write(path: Path, rows: list[tuple[float, ...]], header: str = "timestamp_ms,open,high,low,close,volume") -> Path:
    path.write_text(header + "\n" + "\n".join(",".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    return path


def test_a_replayed_series_comes_back_candle_by_candle() -> None:
    bars = read_candles(shared("upbit/KRW-XRP_1m.csv"))[:1_700]
    world, _, exchange = world_of(ReplayFeed({"XRP": bars}, 7))
    market = exchange.markets["KRW-XRP"]
    assert world.clock.now_ms() == bars[1_500].open_ms
    assert len(market.candles.minutes) == 1_500
    world.clock.step_to(bars[-1].open_ms + MINUTE_MS)
    world.advance()
    assert len(market.candles.minutes) == len(bars)
    for bar, candle in zip(bars, market.candles.minutes, strict=True):
        assert (candle.open_ms, candle.open, candle.high, candle.low, candle.close) == bar[:5]
        assert candle.volume == pytest.approx(bar.volume, abs=1e-6)


def test_a_replay_keeps_missing_minutes_missing_and_its_book_is_a_tick_around(tmp_path: Path) -> None:
    rows = [(minute * MINUTE_MS, 1_500, 1_502, 1_499, 1_501, 4) for minute in range(40) if minute not in (35, 36)]
    feed = ReplayFeed({"XRP": read_candles(write(tmp_path / "a.csv", rows))}, 7)
    world, _, exchange = world_of(feed)
    market = exchange.markets["KRW-XRP"]
    book = market.book()
    assert (book.bids[0].price, book.asks[0].price) == (1_500, 1_502)
    world.clock.step_to(40 * MINUTE_MS)
    world.advance()
    opens = [candle.open_ms // MINUTE_MS for candle in market.candles.minutes]
    assert opens == [minute for minute in range(40) if minute not in (35, 36)]


def test_hourly_candles_are_spread_over_their_hour(tmp_path: Path) -> None:
    rows = [(hour * HOUR_MS, 1_500, 1_510, 1_490, 1_505, 4) for hour in range(20)]
    world, _, exchange = world_of(ReplayFeed({"XRP": read_candles(write(tmp_path / "a.csv", rows))}, 7))
    world.clock.step_to(20 * HOUR_MS)
    world.advance()
    found = exchange.markets["KRW-XRP"].candles.latest(fixed_grid(HOUR_MS), HOUR_MS, 20 * HOUR_MS, 30)
    assert [(c.open_ms // HOUR_MS, c.open, c.high, c.low, c.close) for c in reversed(found)] == [
        (hour, 1_500, 1_510, 1_490, 1_505) for hour in range(20)
    ]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([(0, 1, 2, 1, 1, 1), (0, 1, 2, 1, 1, 1)], 3),
        ([(0, 1, 2, 1, 1, 1), (60_000, "x", 2, 1, 1, 1)], 3),
        ([(0, 1, 0.5, 1, 1, 1)], 2),
        ([(0, 1, 2, -1, 1, 1)], 2),
        ([(0, 1, 2, 1, 1, 1)], 1),
    ],
)
def test_wrong_candle_files_are_named_with_their_line(tmp_path: Path, rows: list[tuple[float, ...]], line: int) -> None:
    with pytest.raises(UnreadableCandles) as caught:
        read_candles(write(tmp_path / "a.csv", rows))
    assert caught.value.line == line


def test_one_replay_is_the_same_for_the_same_seed() -> None:
    bars = [Bar(minute * MINUTE_MS, 10, 12, 9, 11, 4) for minute in range(30)]

    def order(seed: int) -> list[float]:
        feed = ReplayFeed({"X": bars}, seed)
        return [one.price for minute in range(30) for _, one in feed.minute(minute * MINUTE_MS)]

    assert order(1) == order(1) != order(2)


def test_clock_runs_pauses_steps_and_changes_speed() -> None:
    wall = HandClock()
    clock = MarketClock(1_000_000, 10, wall.monotonic)
    wall.seconds += 2
    assert clock.now_ms() == 1_020_000
    clock.pause()
    wall.seconds += 5
    assert clock.now_ms() == 1_020_000
    clock.step_to(1_050_000)
    assert (clock.now_ms(), clock.running) == (1_050_000, False)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.step_to(1_049_999)
    clock.run()
    clock.set_speed(100)
    wall.seconds += 1
    assert clock.now_ms() == 1_150_000
    with pytest.raises(ValueError, match="speed"):
        clock.set_speed(0)
