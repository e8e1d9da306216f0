"""Volatility breakout: buy when today's price has moved k x yesterday's range above today's open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trading.core.candles import Candles, Times, day_starts
from trading.core.indicators import Bools, ema, gt, shift
from trading.core.signals import Signals, signals
from trading.core.strategy import Inputs, Strategy, tunable, whole_days


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
        buy = np.repeat(level, counts)
        average = ema(candles.close, self.period)
        if self.ema_floor:
            np.maximum(buy[1:], average[:-1], out=buy[1:])
        passed = np.zeros(len(candles), np.bool_)
        passed[1:] = gt(candles.close[:-1], buy[1:])
        passed[first] = False
        if self.fresh_cross:
            np.copyto(buy, np.nan, where=passed)
        return signals(
            candles,
            buy_above=buy,
            exit_long=_at(first, len(candles)) if self.sell_at_day_end else None,
            conditions={
                "previous_day": lambda: np.repeat(~np.isnan(level), counts),
                "level_not_passed": lambda: ~passed,
            },
            numbers={
                "level": lambda: np.repeat(level, counts),
                "range": lambda: np.repeat(before, counts),
                "ema50": lambda: shift(average),
            },
        )


def _at(rows: Times, length: int) -> Bools:
    there = np.zeros(length, np.bool_)
    there[rows] = True
    return there
