"""Indicators written out in plain Python, candles made by hand, and the point where a rule turns: for the strategies'
own tests, which must not lean on the code they test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest

from trading.core.calendar import MINUTE_MS
from trading.core.candles import Candles
from trading.core.strategy import Inputs, Strategy

Numbers = Sequence[float] | np.ndarray
NAN = math.nan
ABOVE, BELOW = pytest.approx(1e-9, abs=2e-10), pytest.approx(-1e-9, abs=2e-10)
"""`off` at the point where "a > b" (or "a <= b") turns, and where "a < b" (or "a >= b") does."""


def over(a: float, b: float) -> bool:
    """a > b as the semantics define it."""
    return a - b > 1e-9 * max(abs(a), abs(b))


def off(a: float, b: float) -> float:
    """How far a lies from b, as a fraction."""
    return a / b - 1.0


# -- indicators: a list per series, NaN where there is none yet -------------------------------------------------------


def sma(x: Numbers, n: int) -> list[float]:
    return [NAN if i < n - 1 else sum(x[i - n + 1 : i + 1]) / n for i in range(len(x))]


def ema(x: Numbers, n: int) -> list[float]:
    found = [NAN] * (n - 1) + [sum(x[:n]) / n]
    for value in x[n:]:
        found.append(found[-1] + (value - found[-1]) * 2 / (n + 1))
    return found


def smoothed(x: Numbers, n: int = 14) -> list[float]:
    """Wilder's average; x[0] does not count."""
    found = [NAN] * n + [sum(x[1 : n + 1]) / n]
    for value in x[n + 1 :]:
        found.append((found[-1] * (n - 1) + value) / n)
    return found


def rsi(x: Numbers) -> list[float]:
    moves = np.diff(x, prepend=x[0])
    gain, loss = smoothed(np.maximum(moves, 0.0)), smoothed(np.maximum(-moves, 0.0))
    return [100 * g / (g + b) if g + b else (0.0 if g == g else NAN) for g, b in zip(gain, loss, strict=True)]


def macd(x: Numbers) -> tuple[list[float], list[float]]:
    line = [a - b for a, b in zip(ema(x, 12), ema(x, 26), strict=True)]
    return line, [NAN] * 25 + ema(line[25:], 9)


def bands(x: Numbers) -> tuple[list[float], list[float], list[float]]:
    """(upper, middle, lower)."""
    middle = sma(x, 20)
    wide = [
        NAN if i < 19 else math.sqrt(sum((one - middle[i]) ** 2 for one in x[i - 19 : i + 1]) / 20)
        for i in range(len(x))
    ]
    return (
        [m + 2 * d for m, d in zip(middle, wide, strict=True)],
        middle,
        [m - 2 * d for m, d in zip(middle, wide, strict=True)],
    )


def ranges(c: Candles) -> list[float]:
    before = [NAN, *c.close[:-1]]
    return [max(h, p) - min(low, p) for h, low, p in zip(c.high, c.low, before, strict=True)]


def atr(c: Candles) -> list[float]:
    return smoothed(ranges(c))


def adx(c: Candles) -> list[float]:
    """Its start differs from TA-Lib's; after 400 candles that is forgotten."""
    up, down = np.diff(c.high, prepend=c.high[0]), -np.diff(c.low, prepend=c.low[0])
    plus = smoothed(np.where((up > down) & (up > 0), up, 0.0))
    minus = smoothed(np.where((down > up) & (down > 0), down, 0.0))
    strength = [100 * abs(p - m) / (p + m) if p + m else 0.0 for p, m in zip(plus, minus, strict=True)]
    return [NAN] * 14 + smoothed(strength[14:])


# -- candles ----------------------------------------------------------------------------------------------------------


def candles(
    close: Numbers, high: Numbers | None = None, low: Numbers | None = None, volume: Numbers | None = None
) -> Candles:
    """Candles of a minute; without a high and low of their own they have no wicks, without a volume 10."""
    price = np.array(close, np.float64)
    first = np.concatenate((price[:1], price[:-1]))
    top = np.maximum(first, price) if high is None else np.array(high, np.float64)
    bottom = np.minimum(first, price) if low is None else np.array(low, np.float64)
    traded = np.full(len(price), 10.0) if volume is None else np.array(volume, np.float64)
    return Candles(np.arange(len(price), dtype=np.int64) * MINUTE_MS, first, top, bottom, price, traded, MINUTE_MS)


class Says(NamedTuple):
    """What a strategy says at the open after the last candle."""

    buys: bool
    sells: bool
    leaves_long: bool
    leaves_short: bool


def says(strategy: Strategy, closed: Candles) -> Says:
    """At the open of the candle that follows `closed`."""
    price = float(closed.close[-1])
    row = strategy.rows(closed.with_open(int(closed.time[-1]) + MINUTE_MS, price), Inputs()).row(len(closed))
    return Says(row.buy_above == 0.0, row.sell_below == math.inf, row.exit_long, row.exit_short)


def turn(holds: Callable[[float], bool], no: float, yes: float) -> float:
    """The value nearest `no` for which `holds`, found between one that does not and one that does."""
    assert not holds(no) and holds(yes), (no, yes)
    for _ in range(200):
        middle = (no + yes) / 2
        if middle in (no, yes):
            break
        no, yes = (no, middle) if holds(middle) else (middle, yes)
    return yes


def wave(count: int, middle: float = 100.0, by: float = 1.0) -> list[float]:
    """Up and down in turn; the last is down."""
    return [middle + (by if (count - i) % 2 == 0 else -by) for i in range(count)]


# -- every row --------------------------------------------------------------------------------------------------------

Rule = Callable[[int], bool]


def agree(strategy: Strategy, closed: Candles, since: int = 600, least: int = 5, **rules: Rule) -> None:
    """Every row from `since` on is what the rules (buys, sells, leaves_long, leaves_short) say of the candle before."""
    rows = strategy.rows(closed, Inputs())
    said = {
        "buys": rows.buy_above == 0.0,
        "sells": rows.sell_below == math.inf,
        "leaves_long": rows.exit_long,
        "leaves_short": rows.exit_short,
    }
    for name, got in said.items():
        rule = rules.get(name, lambda i: False)
        expected = np.array([bool(rule(j - 1)) for j in range(since, len(closed))])
        differing = np.flatnonzero(expected != got[since:]) + since
        assert not len(differing), (name, differing[:5])
        assert name not in rules or expected.sum() >= least, (name, expected.sum())
