"""From a strategy and candles to the rows the trader reads: warm-up, filters, and the last row from a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from trading.core.calendar import HOUR_MS
from trading.core.candles import Candles, resample
from trading.core.filters import HIGHER, SWITCHES, TREND_PERIOD, passes, volatile
from trading.core.indicators import Bools, Floats
from trading.core.signals import Row, Signals, says_nothing
from trading.core.strategy import Aligned, Inputs, Strategy


class FilterKnobs(Protocol):
    """The knobs that choose filters; None = as the strategy says."""

    @property
    def min_atr_percent(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A strategy with the filters that are on for it: everything that decides a row."""

    strategy: Strategy
    filters: tuple[str, ...]
    min_atr_percent: float = 0.0

    @property
    def needs(self) -> tuple[str, ...]:
        """Other inputs by name, the filters' included."""
        extra = (HIGHER,) if "higher_timeframe" in self.filters else ()
        return tuple(dict.fromkeys(self.strategy.needs + extra))

    def window(self, timeframe_ms: int) -> int:
        """Closed candles from which the last row equals that of the whole history."""
        least = 20 * TREND_PERIOD if self.filters else 0
        return max(least, self.strategy.window(timeframe_ms))


def rule(strategy: Strategy, knobs: FilterKnobs) -> Rule:
    """`strategy` with the filters its defaults and the knobs switch on."""
    chosen = []
    for name, knob in SWITCHES.items():
        wanted = getattr(knobs, knob)
        if name in strategy.filters if wanted is None else wanted:
            chosen.append(name)
    return Rule(strategy, tuple(chosen), knobs.min_atr_percent)


def compute(rule: Rule, candles: Candles, inputs: Inputs) -> Signals:
    """All rows of `candles`, entries masked in the warm-up, where a filter says no, and shorts where there are none."""
    rows = rule.strategy.rows(candles, inputs)
    down = None if says_nothing(rows.sell_below) else ~np.isnan(rows.sell_below)
    long: list[Bools] = []
    short: list[Bools] = []
    told = {}
    if rule.min_atr_percent > 0.0:
        enough = volatile(candles, rule.min_atr_percent)
        told["filter:volatility"] = enough
        long.append(enough)
        short.append(enough)
    for name in rule.filters:
        longs, shorts = passes(name, candles, inputs)
        told[f"filter:{name}"] = longs if down is None else np.where(down, shorts, longs)  # of the side it is about
        long.append(longs)
        short.append(shorts)
    return replace(
        rows,
        buy_above=_masked(rows.buy_above, rule.strategy.warmup, long),
        sell_below=_masked(rows.sell_below, rule.strategy.warmup if inputs.shorting else len(candles), short),
        conditions=rows.conditions.joined(told),
    )


def _masked(levels: Floats, warmup: int, allowed: Sequence[Bools]) -> Floats:
    """`levels`, NaN in the warm-up and wherever one of `allowed` is not; written in place."""
    if says_nothing(levels) and np.isnan(levels[:1]).all():
        return levels
    masked = levels if levels.flags.writeable else levels.copy()
    masked[:warmup] = np.nan
    if allowed:
        np.copyto(masked, np.nan, where=~np.logical_and.reduce(allowed))
    return masked


def aligned(other: Candles, opens: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Aligned:
    """`other` seen from rows that open at `opens`: only candles closed by then count."""
    return Aligned(other, np.searchsorted(other.time + other.timeframe_ms, opens, side="right"))


def higher_hours(candles: Candles, detail: Candles | None, day_offset_ms: int) -> Candles | None:
    """The 1h series of the same symbol from the finest candles that build one; None where they are coarser."""
    for source in (candles, detail):
        if source is not None and HOUR_MS % source.timeframe_ms == 0:
            return source if source.timeframe_ms == HOUR_MS else resample(source, HOUR_MS, day_offset_ms)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """What is known of one symbol when candle j opens: closed candles before j, and the other series by need.

    candle_ms, open: candle j and its first price. since_ms: open of the last candle whose row was read; exits in later
    ones were missed and are made up for.
    """

    candles: Candles
    candle_ms: int
    open: float
    needs: Mapping[str, Candles] = field(default_factory=dict)
    since_ms: int = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The last row and what was looked at. missed_*: an exit stood in a row that was never read (start, gap)."""

    row: Row
    conditions: Mapping[str, bool]
    numbers: Mapping[str, float]
    missed_exit_long: bool = False
    missed_exit_short: bool = False


def look(rule: Rule, closed: Closed, day_offset_ms: int, base: str, shorting: bool) -> Look:
    """The row of the candle that has just opened; an exit in a row that was never read is remembered."""
    candles = closed.candles.with_open(closed.candle_ms, closed.open)
    needs = {name: aligned(series, candles.time) for name, series in closed.needs.items()}
    rows = compute(rule, candles, Inputs(day_offset_ms, base, needs, shorting))
    unread = (candles.time > closed.since_ms) & (candles.time < closed.candle_ms)
    last = len(candles) - 1
    return Look(
        rows.row(last),
        {name: bool(values[last]) for name, values in rows.conditions.items()},
        {name: float(values[last]) for name, values in rows.numbers.items()},
        bool(np.any(rows.exit_long[unread])),
        bool(np.any(rows.exit_short[unread])),
    )
