"""`combined` by hand: where each vote turns, how votes are counted, and every row against the rule written out."""

from __future__ import annotations

import pytest

from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn, wave
from trading.core.candles import Candles
from trading.strategies.combined import Combined

PLAIN = wave(100)  # ends on the way down
UP = [200.0 - close for close in PLAIN]
FALLING = [200.0 - 0.2 * i for i in range(100)]


def quiet(closes: list[float], volume: float = 10.0, low: float = 1000.0, high: float = 0.0) -> Candles:
    """Candles whose bands are met by nothing but the last one's `low` and `high`."""
    before = len(closes) - 1
    return plain.candles(closes, [0.0] * before + [high], [1000.0] * before + [low], [10.0] * before + [volume])


def buys(closed: Candles, **params: float) -> bool:
    return says(Combined(**params), closed).buys  # type: ignore[arg-type]


def leaves(closed: Candles, **params: float) -> bool:
    return says(Combined(**params), closed).leaves_long  # type: ignore[arg-type]


def dropped(by: float) -> list[float]:
    """The wider the wave before the drop, the higher RSI after it; the line stays under its signal or over it."""
    return [*wave(200, by=by), 80.0]


def jumped(close: float) -> list[float]:
    """The MACD line lies under its signal, until the last close lifts it over."""
    return [*(100.0 for _ in range(300)), *(100.0 - 0.5 * i for i in range(10)), close]


def test_one_vote_is_not_enough_and_two_are() -> None:
    lower = plain.bands(PLAIN)[2][-1]
    assert not buys(quiet(PLAIN))
    assert not buys(quiet(PLAIN, volume=30.0))
    assert not buys(quiet(PLAIN, low=lower - 1))
    assert buys(quiet(PLAIN, volume=30.0, low=lower - 1))
    assert buys(quiet(PLAIN, volume=30.0), min_votes=1)


def test_the_low_is_at_or_under_the_lower_band() -> None:
    low = turn(lambda x: buys(quiet(PLAIN, volume=30.0, low=x)), 100.0, 90.0)
    assert off(low, plain.bands(PLAIN)[2][-1]) == ABOVE, "on the band is enough"


def test_volume_is_over_1_5_times_the_average_that_counts_it() -> None:
    volume = turn(lambda v: buys(quiet(PLAIN, volume=v, low=90.0)), 10.0, 30.0)
    assert off(volume, 1.5 * (190 + volume) / 20) == ABOVE


def test_rsi_is_under_35() -> None:
    by = turn(lambda wide: buys(quiet(dropped(wide), volume=30.0)), 9.0, 1.0)
    assert off(plain.rsi(dropped(by))[-1], 35.0) == BELOW


def test_the_macd_line_crosses_above_its_signal() -> None:
    close = turn(lambda c: buys(quiet(jumped(c), volume=30.0)), 98.0, 110.0)
    line, signal = plain.macd(jumped(close))
    assert off(line[-1], signal[-1]) == pytest.approx(-1e-9, abs=2e-10), "both are under zero"
    assert line[-2] < signal[-2]
    again = [*jumped(110.0), 111.0]
    assert not buys(quiet(again, volume=30.0)), "over its signal, but crossed a candle before"


@pytest.mark.parametrize(
    ("closed", "mean"),
    [
        (quiet(PLAIN, volume=30.0, low=90.0), (0.5 + 0.6) / 2),
        (quiet(FALLING, volume=30.0), (0.5 + 0.7) / 2),
        (quiet(FALLING, low=90.0), (0.6 + 0.7) / 2),
        (quiet(jumped(110.0), volume=30.0), (0.5 + 0.8) / 2),
        (quiet(jumped(110.0), low=80.0), (0.6 + 0.8) / 2),
        (quiet(FALLING, volume=30.0, low=90.0), (0.5 + 0.6 + 0.7) / 3),
    ],
)
def test_the_mean_weight_of_the_votes_that_fired_meets_the_threshold(closed: Candles, mean: float) -> None:
    assert buys(closed, threshold=mean)
    assert not buys(closed, threshold=mean + 1e-6)


def test_as_many_votes_as_asked() -> None:
    three = quiet(FALLING, volume=30.0, low=90.0)
    assert buys(three, min_votes=3)
    assert not buys(three, min_votes=4)
    assert not buys(quiet(FALLING, low=90.0), min_votes=3)


def test_all_four_may_fire() -> None:
    turned = [200.0 - 0.2 * i for i in range(400)]
    four = quiet([*turned, turned[-1] + 0.1], volume=30.0, low=0.0)
    assert buys(four, min_votes=4, threshold=0.65)
    assert not buys(four, min_votes=4, threshold=0.66)


def test_it_leaves_on_the_mirrored_votes() -> None:
    upper = plain.bands(UP)[0][-1]
    assert leaves(quiet(UP, volume=30.0, high=upper + 1))
    assert not leaves(quiet(UP, high=upper + 1))
    assert not leaves(quiet(UP, volume=30.0, low=90.0))
    assert not leaves(quiet(UP, volume=30.0, high=upper + 1), threshold=0.56)
    assert leaves(quiet(PLAIN, high=upper + 1)), "with a wave the line crosses below its signal on each way down"
    high = turn(lambda x: leaves(quiet(UP, volume=30.0, high=x)), 100.0, 110.0)
    assert off(high, upper) == BELOW, "on the band is enough"
    by = turn(lambda wide: leaves(quiet([*wave(200, by=wide), 120.0], volume=30.0)), 9.0, 1.0)
    assert off(plain.rsi([*wave(200, by=by), 120.0])[-1], 65.0) == ABOVE


def test_every_row_follows_the_rule() -> None:
    c = generated(10, 5000)
    rsi, (upper, _, lower), (line, signal) = plain.rsi(c.close), plain.bands(c.close), plain.macd(c.close)
    average = plain.sma(c.volume, 20)

    def won(votes: dict[float, bool]) -> bool:
        fired = [weight for weight, yes in votes.items() if yes]
        return len(fired) >= 2 and sum(fired) / len(fired) >= 0.6 - 1e-9

    def up(i: int) -> bool:
        return over(line[i], signal[i])

    def down(i: int) -> bool:
        return over(signal[i], line[i])

    def bought(i: int) -> bool:
        busy = over(c.volume[i], 1.5 * average[i])
        band = not over(c.low[i], lower[i])
        return won({0.7: over(35.0, rsi[i]), 0.6: band, 0.8: up(i) and not up(i - 1), 0.5: busy})

    def left(i: int) -> bool:
        busy = over(c.volume[i], 1.5 * average[i])
        band = not over(upper[i], c.high[i])
        return won({0.7: over(rsi[i], 65.0), 0.6: band, 0.8: down(i) and not down(i - 1), 0.5: busy})

    plain.agree(Combined(threshold=0.6), c, buys=bought, leaves_long=left)
