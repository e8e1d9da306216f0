"""Generated candles without a server: a first look at a backtest where there is no file."""

from __future__ import annotations

from exchanges.simulator.feed import DEFAULT_START_MS, SeededFeed
from exchanges.simulator.tape import HOUR_MS, MINUTE_MS, Bar

HOUR_MINUTES = HOUR_MS // MINUTE_MS


def practice_candles(seed: int, hours: int, coin: str = "BTC", tick: float = 1000.0) -> list[Bar]:
    """1m bars of `coin` over `hours` of the seeded market, prices on `tick`; minutes without a trade are missing."""
    feed = SeededFeed(seed, DEFAULT_START_MS, HOUR_MINUTES)
    bars = []
    for minute in range(hours * HOUR_MINUTES):
        open_ms = feed.first_ms + minute * MINUTE_MS
        prints = [one for name, one in feed.minute(open_ms) if name == coin]
        if prints:
            prices = [round(one.price / tick) * tick for one in prints]
            volume = sum(one.quantity for one in prints)
            bars.append(Bar(open_ms, prices[0], max(prices), min(prices), prices[-1], volume))
    return bars
