"""Falls of an equity curve from its peaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trading.core.calendar import DAY_MS
from trading.core.candles import Floats, Times


@dataclass(frozen=True, slots=True)
class Fall:
    """The deepest fall. depth: fraction of the peak (0.12 = 12 %). Times ms UTC.

    start_ms: last time at the peak. end_ms: first time back at it, or the end of the curve where `recovered` is False.
    """

    depth: float
    start_ms: int
    low_ms: int
    end_ms: int
    recovered: bool

    @property
    def days(self) -> float:
        """From the peak until it was reached again, or the end."""
        return (self.end_ms - self.start_ms) / DAY_MS


def falls(equity: Floats, capital: float) -> Floats:
    """Distance under the highest equity so far (`capital` among it), as a fraction of that: shape (n,), 0 at a peak."""
    peaks = np.maximum(np.maximum.accumulate(equity), capital) if len(equity) else equity
    return np.asarray(1.0 - equity / peaks, np.float64)


def deepest(times: Times, equity: Floats, capital: float) -> Fall | None:
    """The deepest fall of a curve that begins at `capital`; None where it never fell."""
    below = falls(equity, capital)
    if not len(below) or not below.max() > 0.0:
        return None
    low = int(below.argmax())
    before = np.flatnonzero(below[:low] <= 0.0)
    after = np.flatnonzero(below[low:] <= 0.0)
    return Fall(
        float(below[low]),
        int(times[before[-1]] if len(before) else times[0]),
        int(times[low]),
        int(times[low + after[0]] if len(after) else times[-1]),
        bool(len(after)),
    )
