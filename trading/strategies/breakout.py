"""Volatility breakout: buy when today's price has moved k x yesterday's range above today's open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from trading.core.candles import Candles, Times, day_starts
from trading.core.indicators import Bools, Floats, ema, gt, shift
from trading.core.signals import Signals, signals
from trading.core.strategy import Inputs, Strategy, tunable, whole_days

_PIECE: Final = 65_536  # rows


@dataclass(frozen=True)
class Breakout(Strategy):
    """level = open of the trading day + k x range of the last day that has a candle; entered when price reaches it.

    k: share of that range. ema_floor: the level is never under EMA(50) of the closes before. fresh_cross: a level the
    last candle of the day has already closed above is not chased. entries_per_day: 0 = no limit. sell_at_day_end:
    leave at each day's first open.
    """

    name: ClassVar[str] = "breakout"
    period: ClassVar[int] = 50
    filters: ClassVar[frozenset[str]] = frozenset({"trend", "adx", "higher_timeframe"})

    k: float = tunable(0.5, 0.05, 2.0)
    sell_at_day_end: bool = tunable(False)
    entries_per_day: int = tunable(1, 0, 100)
    fresh_cross: bool = tunable(True)
    ema_floor: bool = tunable(True)

    @property
    def daily_entries(self) -> int:
        """Most entries per symbol and trading day; 0 = no limit."""
        return self.entries_per_day

    def window(self, timeframe_ms: int) -> int:
        """EMA(50) must have forgotten its seed, and the whole previous day must be there."""
        return max(super().window(timeframe_ms), whole_days(timeframe_ms, 2))

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """See section 8 of the strategy definitions."""
        first = day_starts(candles.time, inputs.day_offset_ms)
        if not len(first):
            return signals(candles)
        counts = np.diff(first, append=len(candles))
        ranges = np.maximum.reduceat(candles.high, first) - np.minimum.reduceat(candles.low, first)
        before = np.concatenate(([np.nan], ranges[:-1]))
        level = candles.open[first] + self.k * before
        return signals(
            candles,
            buy_above=self._buy_above(candles.close, first, level),
            exit_long=_at(first, len(candles)) if self.sell_at_day_end else None,
            conditions={
                "previous_day": lambda: np.repeat(~np.isnan(level), counts),
                "level_not_passed": lambda: self._not_passed(candles.close, first, level),
            },
            numbers={
                "level": lambda: np.repeat(level, counts),
                "range": lambda: np.repeat(before, counts),
                "ema50": lambda: shift(ema(candles.close, self.period)),
            },
        )

    def _buy_above(self, close: Floats, first: Times, level: Floats) -> Floats:
        """The entry level of every row, NaN where there is none."""
        buy = ema(close, self.period) if self.ema_floor else np.empty(len(close))
        # From the end on: the levels are written over the averages that they no longer need.
        for rows, levels, passed in self._days(close, first, level, buy):
            if self.fresh_cross:
                np.copyto(levels, np.nan, where=passed)
            buy[rows] = levels
        buy[: first[1] if len(first) > 1 else None] = np.nan
        return buy

    def _not_passed(self, close: Floats, first: Times, level: Floats) -> Bools:
        """The last candle of the day has not closed above the level."""
        fresh = np.ones(len(close), np.bool_)
        for rows, _, passed in self._days(close, first, level, ema(close, self.period)):
            np.logical_not(passed, out=fresh[rows])
        return fresh

    def _days(
        self, close: Floats, first: Times, level: Floats, average: Floats
    ) -> Iterator[tuple[slice, Floats, Bools]]:
        """(rows, their levels, level passed?) of some days at a time, the last first; not of the first day, which has
        no yesterday. Pieces that the processor's cache holds take half the time."""
        ends = np.append(first, len(close))
        counts = np.diff(ends)
        some = max(1, _PIECE * len(first) // len(close))
        for until in range(len(first), 1, -some):
            days = slice(max(1, until - some), until)
            start, end = int(ends[days.start]), int(ends[until])
            known = slice(start - 1, end - 1)
            levels = np.repeat(level[days], counts[days])
            if self.ema_floor:
                np.maximum(levels, average[known], out=levels)
            passed = gt(close[known], levels)
            passed[first[days] - start] = False
            yield slice(start, end), levels, passed


def _at(rows: Times, length: int) -> Bools:
    there = np.zeros(length, np.bool_)
    there[rows] = True
    return there
