"""`survival` by hand: both sides, their ranges of RSI, and every row against the rule written out."""

from __future__ import annotations

import pytest

from config.values import Knobs
from tests.trading.strategies import plain
from tests.trading.strategies.markets import generated
from tests.trading.strategies.plain import ABOVE, BELOW, off, over, says, turn, wave
from trading.backtest.engine import backtest
from trading.backtest.series import Series, prepare
from trading.core.rows import Rule
from trading.core.rules import researched
from trading.core.strategy import Inputs
from trading.strategies.survival import Survival


def zigzag(up: float, down: float, count: int = 201) -> list[float]:
    """Up and down in turn from 1000, ending up."""
    return [1000.0 + (i + 1) // 2 * up - i // 2 * down for i in range(count + 1)]


def mirrored(closes: list[float]) -> list[float]:
    return [2000.0 - close for close in closes]


def test_with_the_rise_long_and_out_of_a_short() -> None:
    said = says(Survival(), plain.candles(zigzag(1.0, 0.6)))
    assert said == (True, False, False, True)


def test_with_the_fall_short_and_out_of_a_long() -> None:
    said = says(Survival(), plain.candles(mirrored(zigzag(1.0, 0.6))))
    assert said == (False, True, True, False)


@pytest.mark.parametrize(("side", "limit", "near"), [(0, 70.0, BELOW), (1, 30.0, ABOVE)])
def test_not_where_the_move_has_run_far(side: int, limit: float, near: object) -> None:
    def closes(down: float) -> list[float]:
        return mirrored(zigzag(1.0, down)) if side else zigzag(1.0, down)

    down = turn(lambda d: says(Survival(), plain.candles(closes(d)))[side], 0.2, 0.6)
    assert off(plain.rsi(closes(down))[-1], limit) == near


@pytest.mark.parametrize(("side", "limit", "near"), [(0, 45.0, ABOVE), (1, 55.0, BELOW)])
def test_not_where_there_is_no_force_in_it(side: int, limit: float, near: object) -> None:
    def closes(step: float) -> list[float]:
        """Long ago a surge and its end, which RSI has not forgotten; since then a rise that stands in order."""
        found = [*[900.0] * 200, *[1100.0] * 15, *(1000.0 + step * i for i in range(26))]
        return mirrored(found) if side else found

    step = turn(lambda x: says(Survival(), plain.candles(closes(x)))[side], 0.05, 1.0)
    assert off(plain.rsi(closes(step))[-1], limit) == near


def steps(*, level: float = 990.0, dip: float = 0.0, before: float = 1000.0, last: float = 1014.0) -> list[float]:
    """A wave at an old level; the candle that leaves MA(25) with the last one; a zigzag upwards, six candles dipped."""
    rise = zigzag(6.0, 5.0, 23)
    return [*wave(150, level, 5.0), before, *rise[:18], *(close - dip for close in rise[18:]), last]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("change", "no", "yes", "one", "other"),
    [
        ("last", 1000.0, 1015.0, 1, 7),  # close > MA(7)
        ("dip", 12.0, 0.0, 7, 25),  # MA(7) > MA(25)
        ("level", 1050.0, 900.0, 25, 99),  # MA(25) > MA(99)
    ],
)
def test_close_and_averages_stand_in_order(side: int, change: str, no: float, yes: float, one: int, other: int) -> None:
    def closes(value: float) -> list[float]:
        found = steps(**{change: value})
        return mirrored(found) if side else found

    value = turn(lambda x: says(Survival(), plain.candles(closes(x)))[side], no, yes)
    one_average, other_average = (plain.sma(closes(value), n)[-1] for n in (one, other))
    assert off(one_average, other_average) == (BELOW if side else ABOVE)


@pytest.mark.parametrize("side", [0, 1])
def test_ma25_moves_with_them(side: int) -> None:
    def closes(before: float) -> list[float]:
        found = steps(before=before)
        return mirrored(found) if side else found

    before = turn(lambda x: says(Survival(), plain.candles(closes(x)))[side], 1030.0, 1000.0)
    middle = plain.sma(closes(before), 25)
    assert off(middle[-1], middle[-2]) == (BELOW if side else ABOVE)


def test_every_row_follows_the_rule() -> None:
    c = generated(15, 8000)
    (a, b, d), rsi = (plain.sma(c.close, n) for n in (7, 25, 99)), plain.rsi(c.close)

    def long(i: int) -> bool:
        order = over(c.close[i], a[i]) and over(a[i], b[i]) and over(b[i], d[i])
        return order and over(b[i], b[i - 1]) and over(rsi[i], 45.0) and over(70.0, rsi[i])

    def short(i: int) -> bool:
        order = over(a[i], c.close[i]) and over(b[i], a[i]) and over(d[i], b[i])
        return order and over(b[i - 1], b[i]) and over(rsi[i], 30.0) and over(55.0, rsi[i])

    plain.agree(Survival(), c, 200, buys=long, sells=short, leaves_long=short, leaves_short=long)


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "kernel"])
@pytest.mark.parametrize(("venue", "sides"), [("binance_futures", {"long", "short"}), ("upbit", {"long"})])
def test_only_futures_are_sold_short(venue: str, sides: set[str], exact: bool) -> None:
    knobs = Knobs(leverage=1, drawdown_limit=0.0, daily_loss_limit=0.0, max_trades_per_day=0)
    series = Series(researched(venue, "BTC", knobs), generated(15, 3000))
    result = backtest(prepare([series], Rule(Survival(), ())), knobs, 1_000_000.0, exact)
    assert {trade.side for trade in result.trades} == sides


def test_the_averages_and_their_direction_are_told_for_the_side_they_show() -> None:
    def holds(closes: list[float]) -> set[bool]:
        closed = plain.candles(closes)
        rows = Survival().rows(closed.with_open(int(closed.time[-1]) + 60_000, closes[-1]), Inputs())
        assert set(rows.conditions) == {"averages_in_order", "ma25_moves_along", "rsi_in_range"}
        return {bool(values[-1]) for values in rows.conditions.values()}

    assert holds(zigzag(1.0, 0.6)) == holds(mirrored(zigzag(1.0, 0.6))) == {True}
    assert holds([1000.0] * 200) == {False}
