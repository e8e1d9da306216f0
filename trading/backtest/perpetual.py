"""What perpetuals bring beside their candles: funding payments and the mark price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trading.core.candles import Candles, Floats, Times


class Funding(NamedTuple):
    """Payments: times (ms UTC, rising) and amounts a long pays; shape (n,). Rates: fractions of the notional; dues:
    quote per unit of base."""

    times: Times
    amounts: Floats


def dues(rates: Funding, prices: Candles) -> Funding:
    """Quote per unit of base that a long pays at each funding time: rate x price then (open, or the last close before).

    Times are cut to whole seconds, as venues stamp them some milliseconds late. What lies before `prices` is left out.
    """
    times = rates.times // 1000 * 1000
    at = np.searchsorted(prices.time, times, side="right") - 1
    known = at >= 0
    times, at = times[known], at[known]
    price = np.where(prices.time[at] == times, prices.open[at], prices.close[at])
    return Funding(times, rates.amounts[known] * price)


def extremes(mark: Candles, candles: Candles) -> tuple[Floats, Floats]:
    """(high, low) of the mark price within each of `candles`; NaN where none is known. `mark` is not coarser."""
    first = np.searchsorted(mark.time, candles.time)
    end = np.searchsorted(mark.time, candles.time + candles.timeframe_ms)
    high, low = np.full(len(candles), np.nan), np.full(len(candles), np.nan)
    there = np.flatnonzero(end > first)
    if len(there):
        # reduceat takes pairs: [start, end) and what lies between two candles, which is dropped.
        edges = np.column_stack((first[there], end[there])).ravel()
        tail = np.append(mark.high, -np.inf), np.append(mark.low, np.inf)
        high[there] = np.maximum.reduceat(tail[0], edges)[::2]
        low[there] = np.minimum.reduceat(tail[1], edges)[::2]
    return high, low
