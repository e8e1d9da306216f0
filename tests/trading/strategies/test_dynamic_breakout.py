"""`dynamic_breakout` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn, wave
from trading.core.candles import Candles
from trading.strategies.dynamic_breakout import DynamicBreakout


def market(close: float, slope: float = 1.0) -> Candles:
    """A wave, thirty candles of a trend, twenty of a wave where it ended, and the last one."""
    trend = [100.0 + slope * i for i in range(30)]
    return plain.candles([*wave(400), *trend, *wave(20, trend[-1]), close])


def buys(close: float, slope: float = 1.0) -> bool:
    return says(DynamicBreakout(), market(close, slope)).buys


def test_the_close_is_over_the_upper_band() -> None:
    close = turn(lambda c: buys(c), 129.0, 140.0)
    closed = market(close)
    assert off(close, plain.bands(closed.close)[0][-1]) == ABOVE
    assert close > plain.ema(closed.close, 50)[-1]


def test_the_close_is_over_the_average_of_50() -> None:
    close = turn(lambda c: buys(c, slope=-2.0), 44.0, 70.0)
    closed = market(close, -2.0)
    assert off(close, plain.ema(closed.close, 50)[-1]) == ABOVE
    assert close > plain.bands(closed.close)[0][-1]


def test_adx_is_over_20() -> None:
    def drifting(slope: float) -> Candles:
        """A noise that drifts, and a last close beyond it."""
        noise = [100.0 + slope * i + (0, 3, -2, 2, -3)[i % 5] for i in range(500)]
        return plain.candles([*noise, noise[-1] + 12.0 + 10.0 * slope])

    slope = turn(lambda s: says(DynamicBreakout(), drifting(s)).buys, 0.0, 1.0)
    assert off(plain.adx(drifting(slope))[-1], 20.0) == ABOVE


def test_it_leaves_under_the_average_of_50() -> None:
    close = turn(lambda c: says(DynamicBreakout(), market(c)).leaves_long, 140.0, 90.0)
    assert off(close, plain.ema(market(close).close, 50)[-1]) == BELOW
    assert not says(DynamicBreakout(), plain.candles([100.0] * 300)).leaves_long, "on the average is not under it"


def test_every_row_follows_the_rule() -> None:
    c = generated(5, 3000)
    average, adx, (upper, _, _) = plain.ema(c.close, 50), plain.adx(c), plain.bands(c.close)

    def bought(i: int) -> bool:
        return over(c.close[i], average[i]) and over(c.close[i], upper[i]) and over(adx[i], 20.0)

    plain.agree(DynamicBreakout(), c, buys=bought, leaves_long=lambda i: over(average[i], c.close[i]))
