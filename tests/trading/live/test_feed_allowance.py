"""Reading candles within an allowance of requests: what a read costs, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from config.research import for_backtest
from trading import strategies
from trading.core.candles import Candles, empty
from trading.core.ports import StreamNews, Tick
from trading.core.rows import rule
from trading.live.feed import PAGE, Feed

MINUTE = 60_000
OPENING = 1_756_684_800_000
WALL = 1_800_000_000_000


@dataclass
class Market:
    """A venue with `age` minutes of history: what the feed asks of a venue, and a list of what it asked."""

    age: int
    name: str = "upbit"
    news: list[Tick] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def watch(self, symbols: Sequence[str]) -> None:
        """Every symbol is heard."""

    def drain(self) -> StreamNews:
        news, self.news = tuple(self.news), []
        return StreamNews(news, (), False, 0.0)

    def candles(self, symbol: str, timeframe: str, count: int, end_ms: int) -> Candles:
        self.asked.append((symbol, count))
        first = OPENING - self.age * MINUTE
        time = np.arange(max(first, end_ms - count * MINUTE), end_ms, MINUTE, dtype=np.int64)
        price = np.full(len(time), 100.0)
        return Candles(time, price, price, price, price, price, MINUTE)


class NoArchive:
    """Keeps nothing."""

    def put(self, venue: str, symbol: str, candles: Candles, seen_ms: int) -> tuple[int, ...]:
        return ()

    def get(self, venue: str, symbol: str, timeframe: str, count: int, until_ms: int = 0) -> Candles:
        return empty(MINUTE)


def feed_of(market: Market, *symbols: str) -> Feed:
    knobs, _ = for_backtest("scalping", {"higher_timeframe_filter": "false"}, "upbit")
    feed = Feed(market, rule(strategies.create("breakout", {}), knobs), "1m", NoArchive())  # type: ignore[arg-type]
    feed.follow(symbols)
    return feed


def heard(feed: Feed, market: Market, at_ms: int, wall_ms: int) -> set[str]:
    """A trade of every symbol at `at_ms`; the symbols whose candle may be decided then."""
    market.news = [Tick(symbol, at_ms, 100.0, 1.0) for symbol in feed.tracks]
    return set(feed.poll(at_ms, wall_ms).closed)


def test_a_young_market_costs_the_pages_it_has() -> None:
    market = Market(age=1_500)  # far less than the window: eight pages and not fifteen
    feed = feed_of(market, "BTC/KRW")
    assert feed.rule.window(MINUTE) > 2 * 1_400
    assert heard(feed, market, OPENING + 20_000, WALL) == {"BTC/KRW"}
    # The candle under way was not heard from its open on, so it is read; that may not wait for the long read's pages.
    assert heard(feed, market, OPENING + MINUTE, WALL + 5) == set()
    assert heard(feed, market, OPENING + MINUTE + 20_000, WALL + 10) == {"BTC/KRW"}
    assert [count > PAGE for _, count in market.asked] == [True, False]


def test_a_long_history_makes_the_next_symbol_wait() -> None:
    market = Market(age=100_000)
    feed = feed_of(market, "BTC/KRW", "ETH/KRW")
    pages = -(-feed.rule.window(MINUTE) // PAGE)
    assert heard(feed, market, OPENING + 20_000, WALL) == {"BTC/KRW"}
    owed_ms = (pages - 8) * 200  # five pages a second
    assert heard(feed, market, OPENING + 40_000, WALL + owed_ms - 1) == {"BTC/KRW"}
    assert heard(feed, market, OPENING + 59_000, WALL + owed_ms + 1) == {"BTC/KRW", "ETH/KRW"}
    assert [symbol for symbol, _ in market.asked] == ["BTC/KRW", "ETH/KRW"]
