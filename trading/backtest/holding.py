"""What buying everything at the first open and holding it would have brought, at the same costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from config.values import Knobs
from trading.backtest.series import Series
from trading.core.candles import Floats, Times
from trading.core.fills import slipped


def growth(series: Series, knobs: Knobs) -> Floats:
    """Value of one unit of cash put whole into `series` at its first open, marked at each close: shape (n,).

    With slippage and the entry's fee; no exit fee, as the equity of a backtest has none.
    """
    candles, instrument = series.execution, series.instrument
    paid = slipped(float(candles.open[0]), True, instrument.ticks, knobs.slippage_bps, knobs.slippage_ticks)
    return np.asarray(candles.close / (paid * (1.0 + instrument.fee_rate)), np.float64)


def held(all_series: Sequence[Series], knobs: Knobs, times: Times, capital: float) -> Floats:
    """Equity (quote) of `capital` in equal shares, one per series, at `times` (ms UTC): shape of `times`.

    Before a series begins its share is cash; between its candles it stands at its last close.
    """
    total = np.zeros(len(times))
    for series in all_series:
        worth = growth(series, knobs)
        own = series.execution.time
        if len(own) != len(times):  # several series: each is seen at the times of all
            worth = np.concatenate(([1.0], worth))[np.searchsorted(own, times, side="right")]
        total += worth
    return np.asarray(total * (capital / len(all_series)), np.float64)
