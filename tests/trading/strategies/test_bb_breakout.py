"""`bb_breakout` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

import pytest

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn, wave
from trading.strategies.bb_breakout import BbBreakout

BEFORE = wave(60)


def buys(close: float = 110.0, volume: float = 30.0, before: list[float] = BEFORE) -> bool:
    return says(BbBreakout(), plain.candles([*before, close], volume=[10.0] * len(before) + [volume])).buys


def test_the_close_is_over_the_upper_band() -> None:
    close = turn(lambda c: buys(close=c), 100.0, 110.0)
    upper, _, lower = plain.bands([*BEFORE, close])
    assert off(close, upper[-1]) == ABOVE
    assert not buys(close=2 * 100.0 - 110.0), "under the lower band is no breakout"
    assert lower[-1] < upper[-1]


def test_volume_is_over_1_2_times_the_average_that_counts_it() -> None:
    volume = turn(lambda v: buys(volume=v), 10.0, 30.0)
    assert volume == pytest.approx(1.2 * 190 / (20 - 1.2), rel=1e-8)
    assert off(volume, 1.2 * (190 + volume) / 20) == ABOVE


def test_the_bands_are_wider_than_a_candle_before() -> None:
    def before(outlier: float) -> list[float]:
        """The outlier is in the bands of the candle before and leaves them with the last one."""
        return [*BEFORE[:-20], outlier, *BEFORE[-19:]]

    outlier = turn(lambda o: buys(before=before(o), close=112.0), 150.0, 101.0)
    upper, middle, lower = plain.bands([*before(outlier), 112.0])
    widths = [(u - bottom) / m for u, bottom, m in zip(upper, lower, middle, strict=True)]
    assert upper[-1] < 112.0
    assert off(widths[-1], widths[-2]) == ABOVE


def test_it_leaves_under_the_middle_band() -> None:
    def leaves(close: float) -> bool:
        return says(BbBreakout(), plain.candles([*BEFORE, close])).leaves_long

    close = turn(leaves, 105.0, 95.0)
    assert off(close, plain.sma([*BEFORE, close], 20)[-1]) == BELOW
    assert not says(BbBreakout(), plain.candles([100.0] * 60)).leaves_long, "on the middle band is not under it"


def test_every_row_follows_the_rule() -> None:
    c = generated(3, 3000)
    upper, middle, lower = plain.bands(c.close)
    average = plain.sma(c.volume, 20)
    width = [(u - bottom) / m for u, bottom, m in zip(upper, lower, middle, strict=True)]

    def bought(i: int) -> bool:
        wider = over(width[i], width[i - 1])
        return over(c.close[i], upper[i]) and over(c.volume[i], 1.2 * average[i]) and wider

    plain.agree(BbBreakout(), c, buys=bought, leaves_long=lambda i: over(middle[i], c.close[i]))
