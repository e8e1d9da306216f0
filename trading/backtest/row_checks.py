"""What the rows of every strategy must keep, tried at seeded points: no sight of what comes, a window long enough.

One place for `run_backtest.py doctor` and for the tests that every strategy inherits.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from trading.core.candles import Candles
from trading.core.rows import Closed, Look, Rule, aligned, compute, look
from trading.core.signals import Row, Signals
from trading.core.strategy import Inputs

SAME: Final = 1e-9
"""Relative difference under which two computed numbers are one (section 2 of the semantics)."""
CUTS: Final = 8
Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """Column `column` of row `row` changed although only what follows the open of candle `cut` (>= row) did."""

    column: str
    row: int
    cut: int


@dataclass(frozen=True, slots=True)
class Unlike:
    """Column `column` of row `row` is `whole` from the whole history, `windowed` from the last `window` candles."""

    column: str
    row: int
    whole: float
    windowed: float


def columns(rows: Signals) -> dict[str, Column]:
    """All arrays by name, what decides first; those of the decision log as "conditions.<name>", "numbers.<name>"."""
    found: dict[str, Column] = {}
    for field in fields(rows):
        value = getattr(rows, field.name)
        if isinstance(value, Mapping):
            found.update({f"{field.name}.{name}": np.asarray(array) for name, array in value.items()})
        else:
            found[field.name] = value
    return found


def closed_by(candles: Candles, open_ms: int) -> int:
    """How many of `candles` are closed at `open_ms`."""
    return int(np.searchsorted(candles.time + candles.timeframe_ms, open_ms, "right"))


def other_future(candles: Candles, j: int, direction: int, rng: np.random.Generator) -> Candles:
    """`candles` with all but times replaced after the open of candle j: a rise (+1) or fall (-1), then anything."""
    factor = np.ones(len(candles))
    factor[j:] = np.exp(rng.normal(0, 0.05, len(candles) - j))
    factor[j : j + 1] = 1.0 + direction * 0.1
    later = np.arange(len(candles)) >= j
    after_open = np.arange(len(candles)) > j
    return replace(
        candles,
        open=candles.open * np.where(after_open, factor, 1.0),
        high=candles.high * factor * np.where(later, 1.1, 1.0),
        low=candles.low * factor * np.where(later, 0.9, 1.0),
        close=candles.close * factor,
        volume=candles.volume * factor + 3.0 * later,
    )


def foresight(rule: Rule, candles: Candles, inputs: Inputs, seed: int = 0, cuts: int = CUTS) -> Moved | None:
    """The first row seen to move at one of `cuts` seeded points when candles and other inputs change after it.

    None: rows 0..j stayed as they were at each point j.
    """
    if not len(candles):
        return None
    rng = np.random.default_rng(seed)
    before = columns(compute(rule, candles, inputs))
    points = {0, min(1, len(candles) - 1), *rng.integers(0, len(candles), cuts).tolist(), len(candles) - 1}
    for j, direction in itertools.product(sorted(points), (1, -1)):
        open_ms = int(candles.time[j])
        needs = {
            name: aligned(
                other_future(known.candles, closed_by(known.candles, open_ms), direction, rng),
                candles.time,
            )
            for name, known in inputs.needs.items()
        }
        changed = other_future(candles, j, direction, rng)
        after = columns(compute(rule, changed, replace(inputs, needs=needs)))
        if moved := _first_moved(before, after, j):
            return moved
    return None


def _first_moved(before: Mapping[str, Column], after: Mapping[str, Column], cut: int) -> Moved | None:
    first = None
    for name, values in before.items():
        was, now = values[: cut + 1], after[name][: cut + 1] if name in after else np.empty(0)
        if len(was) != len(now):
            return Moved(name, 0, cut)
        differs = np.flatnonzero((was != now) & ~((was != was) & (now != now)))
        if len(differs) and (first is None or differs[0] < first.row):
            first = Moved(name, int(differs[0]), cut)
    return first


def short_window(
    rule: Rule,
    candles: Candles,
    inputs: Inputs,
    seed: int = 0,
    count: int = CUTS,
    tolerance: float = SAME,
) -> Unlike | None:
    """The first row that the last `window` candles decide or tell otherwise than the whole history does.

    Looked at: `count` rows at random and as many that enter or leave. tolerance: relative, of the row's numbers; flags,
    absences and conditions are compared exactly. None too where the series is not longer than the window.
    """
    window = rule.window(candles.timeframe_ms)
    if len(candles) <= window:
        return None
    whole = compute(rule, candles, inputs)
    for j in _looked_at(whole, window, seed, count):
        open_ms = int(candles.time[j])
        needs = {
            name: known.candles[: closed_by(known.candles, open_ms)][-window:] for name, known in inputs.needs.items()
        }
        closed = Closed(candles[j - window : j], open_ms, float(candles.open[j]), needs)
        seen = look(rule, closed, inputs.day_offset_ms, inputs.base, inputs.shorting)
        for name, expected, got, allowed in _pairs(whole, j, seen, tolerance):
            if not _same(expected, got, allowed):
                return Unlike(name, j, expected, got)
    return None


def _looked_at(whole: Signals, window: int, seed: int, count: int) -> list[int]:
    rng = np.random.default_rng(seed)
    chosen = rng.integers(window, len(whole), count).tolist()
    acts = whole.exit_long | whole.exit_short | ~np.isnan(whole.buy_above) | ~np.isnan(whole.sell_below)
    acting = window + np.flatnonzero(acts[window:])
    if len(acting):
        chosen += rng.choice(acting, count).tolist()
    return sorted({int(j) for j in chosen})


def _pairs(whole: Signals, j: int, seen: Look, tolerance: float) -> Iterator[tuple[str, float, float, float]]:
    """(column, of the whole history, of the window, absolute difference allowed)."""
    row = whole.row(j)
    for name, expected, got in zip(Row._fields, row, seen.row, strict=True):
        yield name, float(expected), float(got), tolerance * abs(expected) if isinstance(expected, float) else 0.0
    for name, holds in whole.conditions.items():
        yield f"conditions.{name}", float(holds[j]), float(seen.conditions[name]), 0.0
    for name, values in whole.numbers.items():
        number = float(values[j])
        yield f"numbers.{name}", number, seen.numbers[name], SAME * max(abs(number), abs(row.close))


def _same(expected: float, got: float, allowed: float) -> bool:
    if expected == got or (expected != expected and got != got):
        return True
    return abs(expected - got) <= allowed and np.isfinite(expected)
