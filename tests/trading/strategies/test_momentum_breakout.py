"""`momentum_breakout` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

import pytest

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn, wave
from trading.core.candles import Candles
from trading.strategies.momentum_breakout import MomentumBreakout


def market(close: float = 110.0, volume: float = 30.0, spike: int = -21, wide: float = 0.0) -> Candles:
    """A wave with one high of 105 (index from the end) and wicks of `wide` until twenty candles before the last."""
    closes = [*wave(80), close]
    high, low = [*(c + 1.0 for c in closes)], [*(c - 1.0 for c in closes)]
    high[:-22] = [h + wide for h in high[:-22]]
    high[spike] = 105.0
    high[-1], low[-1] = close, min(close, 99.0)
    return plain.candles(closes, high, low, [10.0] * 80 + [volume])


def buys(**changes: float) -> bool:
    return says(MomentumBreakout(), market(**changes)).buys  # type: ignore[arg-type]


@pytest.mark.parametrize("spike", [-21, -11, -2])
def test_the_close_is_over_the_highest_of_the_twenty_candles_before_it(spike: int) -> None:
    close = turn(lambda c: buys(close=c, spike=spike), 103.0, 110.0)
    assert off(close, 105.0) == ABOVE


def test_neither_its_own_high_nor_an_older_one_counts() -> None:
    assert buys(close=103.0, spike=-22)
    assert not buys(close=103.0, spike=-21)
    closed = market(close=103.0, spike=-22)
    closed.high[-1] = 120.0
    assert says(MomentumBreakout(), closed).buys


def test_volume_is_over_1_5_times_the_average_that_counts_it() -> None:
    volume = turn(lambda v: buys(volume=v), 10.0, 30.0)
    assert volume == pytest.approx(1.5 * 190 / (20 - 1.5), rel=1e-8)
    assert off(volume, 1.5 * (190 + volume) / 20) == ABOVE


def test_the_average_range_is_above_that_of_the_candle_before() -> None:
    wide = turn(lambda w: buys(wide=w), 200.0, 0.0)
    noise = plain.atr(market(wide=wide))
    assert off(noise[-1], noise[-2]) == ABOVE


def test_it_leaves_under_the_average_of_21() -> None:
    close = turn(lambda c: says(MomentumBreakout(), market(c)).leaves_long, 105.0, 95.0)
    assert off(close, plain.ema(market(close).close, 21)[-1]) == BELOW
    assert not says(MomentumBreakout(), plain.candles([100.0] * 300)).leaves_long, "on the average is not under it"


def test_every_row_follows_the_rule() -> None:
    c = generated(9, 4000)
    average, noise, floor = plain.sma(c.volume, 20), plain.atr(c), plain.ema(c.close, 21)

    def bought(i: int) -> bool:
        fresh = over(c.close[i], max(c.high[i - 20 : i]))
        return fresh and over(c.volume[i], 1.5 * average[i]) and over(noise[i], noise[i - 1])

    plain.agree(MomentumBreakout(), c, buys=bought, leaves_long=lambda i: over(floor[i], c.close[i]))
