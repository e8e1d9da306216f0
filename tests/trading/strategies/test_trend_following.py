"""`trend_following` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn
from trading.strategies.trend_following import TrendFollowing


def market(*last: float, slope: float = 0.2) -> list[float]:
    """A long trend, a dip of ten candles, and the last ones."""
    trend = [200.0 + slope * i for i in range(400)]
    return [*trend, *(trend[-1] - i for i in range(1, 11)), *last]


def buys(*last: float, slope: float = 0.2) -> bool:
    return says(TrendFollowing(), plain.candles(market(*last, slope=slope))).buys


def test_the_fast_average_crosses_above_the_slow_one() -> None:
    close = turn(lambda c: buys(c), 270.0, 330.0)
    closes = market(close)
    assert off(plain.ema(closes, 9)[-1], plain.ema(closes, 21)[-1]) == ABOVE
    assert not buys(330.0, 331.0), "above, but crossed a candle before"


def test_the_market_is_over_its_long_average() -> None:
    slope = turn(lambda s: buys(400.0 + 400 * s, slope=s), -0.45, 0.2)
    closes = market(400.0 + 400 * slope, slope=slope)
    assert off(plain.ema(closes, 50)[-1], plain.ema(closes, 200)[-1]) == ABOVE


def test_it_leaves_when_the_fast_average_crosses_below() -> None:
    rise = [100.0 + 0.2 * i for i in range(300)]

    def leaves(*last: float) -> bool:
        return says(TrendFollowing(), plain.candles([*rise, *last])).leaves_long

    close = turn(leaves, 160.0, 120.0)
    assert off(plain.ema([*rise, close], 9)[-1], plain.ema([*rise, close], 21)[-1]) == BELOW
    assert not leaves(120.0, 119.0), "below, but crossed a candle before"


def test_every_row_follows_the_rule() -> None:
    c = generated(8, 6000)
    fast, slow, middle, long = (plain.ema(c.close, n) for n in (9, 21, 50, 200))
    plain.agree(
        TrendFollowing(),
        c,
        3000,
        buys=lambda i: over(fast[i], slow[i]) and not over(fast[i - 1], slow[i - 1]) and over(middle[i], long[i]),
        leaves_long=lambda i: over(slow[i], fast[i]) and not over(slow[i - 1], fast[i - 1]),
    )
