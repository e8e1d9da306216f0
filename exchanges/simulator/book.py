"""The order book around the last price: made of invented depth, the same for the same seed, market and trade.

Half spread (generated market): best bid = last, best ask = last + one tick.
Whole spread (replayed market): best bid = last - one tick, best ask = last + one tick.
Levels follow tick by tick. What an order takes is gone until the next public trade brings a new book.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

LEVELS = 30
NEAREST_VALUE = 30_000_000
"""KRW worth of coins on the best level on average; farther levels hold more."""
STEP = Decimal("1e-8")

Tick = Callable[[Decimal], Decimal]


@dataclass(slots=True)
class Level:
    """One price of the book and the quantity offered at it."""

    price: Decimal
    quantity: Decimal


@dataclass(slots=True)
class Book:
    """Bids from the highest price down, asks from the lowest up; both shrink as orders take from them."""

    bids: list[Level]
    asks: list[Level]

    def against(self, side: str) -> list[Level]:
        """The levels that an order of `side` ("buy" or "sell") takes from, best first."""
        return self.asks if side == "buy" else self.bids


def floor_to(price: Decimal, tick: Decimal) -> Decimal:
    """The nearest price on the grid that is not above."""
    return (price / tick).to_integral_value(ROUND_FLOOR) * tick


def ceil_to(price: Decimal, tick: Decimal) -> Decimal:
    """The nearest price on the grid that is not below."""
    return (price / tick).to_integral_value(ROUND_CEILING) * tick


def ladder(start: Decimal, upward: bool, tick: Tick, levels: int) -> list[Decimal]:
    """Prices from `start` on, one tick apart, with the tick of each price's own band; stops above zero."""
    prices = [start]
    while len(prices) < levels:
        last = prices[-1]
        # Below a band's edge the smaller tick of the lower band counts, so the step down looks just beneath.
        step = tick(last) if upward else tick(last - STEP)
        following = last + step if upward else last - step
        if following <= 0:
            break
        prices.append(following)
    return prices


def make_book(last: Decimal, tick: Tick, half_spread: bool, depth: Decimal, seed: str) -> Book:
    """Builds the book around `last`; `depth` multiplies every quantity (1 = as usual)."""
    rng = random.Random(seed)
    below = tick(last - STEP) if last > STEP else tick(last)
    bid = floor_to(last if half_spread else last - below, below)
    ask = ceil_to(last + tick(last), tick(last))
    bid = max(bid, below)
    return Book(
        [_level(price, at, rng, depth) for at, price in enumerate(ladder(bid, False, tick, LEVELS))],
        [_level(price, at, rng, depth) for at, price in enumerate(ladder(ask, True, tick, LEVELS))],
    )


def _level(price: Decimal, at: int, rng: random.Random, depth: Decimal) -> Level:
    value = NEAREST_VALUE * (0.6 + 0.8 * rng.random()) * (1 + at / 4)
    quantity = (Decimal(repr(value)) * depth / price).quantize(STEP, ROUND_DOWN)
    return Level(price, max(quantity, STEP))
