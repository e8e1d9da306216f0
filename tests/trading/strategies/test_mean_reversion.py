"""`mean_reversion` by hand: where each of its rules turns, and every row against the rule written out."""

from __future__ import annotations

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import BELOW, off, over, says, turn, wave
from trading.strategies.mean_reversion import MeanReversion


def test_rsi_is_under_30() -> None:
    def dropped(by: float) -> list[float]:
        """The wider the wave before the drop, the higher RSI after it."""
        return [*wave(100, by=by), 70.0]

    by = turn(lambda wide: says(MeanReversion(), plain.candles(dropped(wide))).buys, 9.0, 1.0)
    closes = dropped(by)
    assert off(plain.rsi(closes)[-1], 30.0) == BELOW
    assert closes[-1] < plain.bands(closes)[2][-1]


def test_the_close_is_under_the_lower_band() -> None:
    slide = [200.0 - 0.1 * i for i in range(100)]
    close = turn(lambda c: says(MeanReversion(), plain.candles([*slide, c])).buys, slide[-1] - 0.1, 180.0)
    closes = [*slide, close]
    assert off(close, plain.bands(closes)[2][-1]) == BELOW
    assert plain.rsi(closes)[-1] < 30.0


def test_it_leaves_at_the_middle_band() -> None:
    before = wave(100, by=3.0)
    close = turn(lambda c: says(MeanReversion(), plain.candles([*before, c])).leaves_long, 90.0, 110.0)
    assert off(close, plain.sma([*before, close], 20)[-1]) == BELOW
    assert says(MeanReversion(), plain.candles([100.0] * 60)).leaves_long, "on the middle band is enough"


def test_every_row_follows_the_rule() -> None:
    c = generated(7, 4000)
    rsi, (_, middle, lower) = plain.rsi(c.close), plain.bands(c.close)
    plain.agree(
        MeanReversion(),
        c,
        buys=lambda i: over(30.0, rsi[i]) and over(lower[i], c.close[i]),
        leaves_long=lambda i: not over(middle[i], c.close[i]),
    )
