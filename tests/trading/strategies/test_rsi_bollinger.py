"""`rsi_bollinger` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn, wave
from trading.strategies.rsi_bollinger import RsiBollinger


def test_rsi_is_under_30() -> None:
    def dropped(by: float) -> list[float]:
        """The wider the wave before the drop, the higher RSI after it."""
        return [*wave(100, by=by), 70.0]

    by = turn(lambda wide: says(RsiBollinger(), plain.candles(dropped(wide))).buys, 9.0, 1.0)
    closes = dropped(by)
    assert off(plain.rsi(closes)[-1], 30.0) == BELOW
    assert closes[-1] < plain.bands(closes)[2][-1]


def test_the_close_is_under_the_lower_band() -> None:
    slide = [200.0 - 0.1 * i for i in range(100)]
    close = turn(lambda c: says(RsiBollinger(), plain.candles([*slide, c])).buys, slide[-1] - 0.1, 180.0)
    closes = [*slide, close]
    assert off(close, plain.bands(closes)[2][-1]) == BELOW
    assert plain.rsi(closes)[-1] < 30.0


def test_it_leaves_over_70() -> None:
    def climbed(down: float) -> list[float]:
        """Up by one twice, then down."""
        return [100.0 + sum((1.0, 1.0, -down)[k % 3] for k in range(i)) for i in range(119)]

    down = turn(lambda d: says(RsiBollinger(), plain.candles(climbed(d))).leaves_long, 1.5, 0.3)
    closes = climbed(down)
    assert off(plain.rsi(closes)[-1], 70.0) == ABOVE
    assert closes[-1] < plain.bands(closes)[0][-1]


def test_it_leaves_over_the_upper_band() -> None:
    before = wave(100, by=3.0)
    close = turn(lambda c: says(RsiBollinger(), plain.candles([*before, c])).leaves_long, 100.0, 115.0)
    assert off(close, plain.bands([*before, close])[0][-1]) == ABOVE
    assert plain.rsi([*before, close])[-1] < 70.0


def test_every_row_follows_the_rule() -> None:
    c = generated(6, 4000)
    rsi, (upper, _, lower) = plain.rsi(c.close), plain.bands(c.close)
    plain.agree(
        RsiBollinger(),
        c,
        buys=lambda i: over(30.0, rsi[i]) and over(lower[i], c.close[i]),
        leaves_long=lambda i: over(rsi[i], 70.0) or over(c.close[i], upper[i]),
    )
