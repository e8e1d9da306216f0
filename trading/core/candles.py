"""Series of candles: columns of numpy, named by open time, gaps kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trading.core.calendar import DAY_MS, slot

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Candles:
    """n candles, oldest first. time: open time, ms UTC, rising; prices in quote; volume in base; each (n,)."""

    time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    timeframe_ms: int

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, part: slice) -> Candles:
        return Candles(
            self.time[part],
            self.open[part],
            self.high[part],
            self.low[part],
            self.close[part],
            self.volume[part],
            self.timeframe_ms,
        )

    def with_open(self, time_ms: int, price: float) -> Candles:
        """One more candle of which only the open is known (the others repeat it, volume 0): row n of a strategy."""
        return Candles(
            np.append(self.time, np.int64(time_ms)),
            np.append(self.open, price),
            np.append(self.high, price),
            np.append(self.low, price),
            np.append(self.close, price),
            np.append(self.volume, 0.0),
            self.timeframe_ms,
        )


def slots(times: Times, length_ms: int, day_offset_ms: int = 0) -> Times:
    """`calendar.slot` of each time."""
    origin = slot(0, length_ms, day_offset_ms)
    result: Times = (times - origin) // length_ms * length_ms + origin
    return result


def day_starts(times: Times, day_offset_ms: int = 0) -> Times:
    """Index of the first candle of each trading day that has one."""
    if not len(times):
        return np.empty(0, np.int64)
    days = np.arange(slot(int(times[0]), DAY_MS, day_offset_ms) + DAY_MS, int(times[-1]) + 1, DAY_MS)
    return np.unique(np.concatenate(([0], np.searchsorted(times, days))))


def empty(timeframe_ms: int) -> Candles:
    """A series without candles."""
    none = np.empty(0)
    return Candles(np.empty(0, np.int64), none, none, none, none, none, timeframe_ms)


def resample(candles: Candles, length_ms: int, day_offset_ms: int = 0) -> Candles:
    """Candles of a coarser timeframe on the venue's day grid, from what there is; slots without a candle stay missing.

    The last one may be unfinished: `length_ms` after its open tells when it is closed.
    """
    if not len(candles):
        return empty(length_ms)
    opens = slots(candles.time, length_ms, day_offset_ms)
    first = np.flatnonzero(np.diff(opens, prepend=opens[:1] - 1))
    last = np.append(first[1:], len(candles)) - 1
    return Candles(
        opens[first],
        candles.open[first],
        np.maximum.reduceat(candles.high, first),
        np.minimum.reduceat(candles.low, first),
        candles.close[last],
        np.add.reduceat(candles.volume, first),
        length_ms,
    )
