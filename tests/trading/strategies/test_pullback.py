"""`pullback` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn
from trading.strategies.pullback import Pullback

RISE = [100.0 + i for i in range(200)]


def dipped(step: float = 3.0, last: float = 1.0) -> list[float]:
    """A long rise, nine falls by `step`, a change by `last`."""
    dip = [RISE[-1] - step * i for i in range(1, 10)]
    return [*RISE, *dip, dip[-1] + last]


def buys(step: float = 3.0, last: float = 1.0) -> bool:
    return says(Pullback(), plain.candles(dipped(step, last))).buys


def test_rsi_is_under_50() -> None:
    last = turn(lambda up: buys(last=up), 40.0, 1.0)
    assert off(plain.rsi(dipped(last=last))[-1], 50.0) == BELOW


def test_rsi_is_above_that_of_the_candle_before() -> None:
    last = turn(lambda up: buys(last=up), 0.0, 1.0)
    rsi = plain.rsi(dipped(last=last))
    assert off(rsi[-1], rsi[-2]) == ABOVE
    assert not buys(last=-1.0)


def test_the_close_is_over_the_average_of_100() -> None:
    step = turn(lambda by: buys(step=by), 8.0, 3.0)
    closes = dipped(step)
    assert off(closes[-1], plain.ema(closes, 100)[-1]) == ABOVE


def test_it_leaves_under_the_average_of_100() -> None:
    def leaves(close: float) -> bool:
        return says(Pullback(), plain.candles([*RISE, close])).leaves_long

    close = turn(leaves, 299.0, 100.0)
    assert off(close, plain.ema([*RISE, close], 100)[-1]) == BELOW
    assert not says(Pullback(), plain.candles([100.0] * 300)).leaves_long, "on the average is not under it"


def test_every_row_follows_the_rule() -> None:
    c = generated(4, 3000)
    average, rsi = plain.ema(c.close, 100), plain.rsi(c.close)

    def bought(i: int) -> bool:
        return over(c.close[i], average[i]) and over(50.0, rsi[i]) and over(rsi[i], rsi[i - 1])

    plain.agree(Pullback(), c, buys=bought, leaves_long=lambda i: over(average[i], c.close[i]))
