"""Volatility breakout: buy when today's price has moved k x yesterday's range above today's open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trading.core.calendar import DAY_MS
from trading.core.candles import Candles, slots
from trading.core.indicators import ema, gt, shift
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
        if not len(candles):
            return signals(candles)
        day = slots(candles.time, DAY_MS, inputs.day_offset_ms)
        first = np.flatnonzero(np.diff(day, prepend=day[:1] - 1))
        ordinal = np.cumsum(np.isin(np.arange(len(day)), first)) - 1
        day_range = np.maximum.reduceat(candles.high, first) - np.minimum.reduceat(candles.low, first)
        range_before = np.concatenate(([np.nan], day_range[:-1]))[ordinal]
        level = candles.open[first][ordinal] + self.k * range_before
        floor = shift(ema(candles.close, self.period))
        buy = np.maximum(level, floor) if self.ema_floor else level
        starts = np.zeros(len(day), np.bool_)
        starts[first] = True
        passed = gt(shift(candles.close), buy) & ~starts
        return signals(
            candles,
            buy_above=np.where(passed, np.nan, buy) if self.fresh_cross else buy,
            exit_long=starts if self.sell_at_day_end else None,
            conditions={"previous_day": ~np.isnan(level), "level_not_passed": ~passed},
            numbers={"level": level, "range": range_before, "ema50": floor},
        )
