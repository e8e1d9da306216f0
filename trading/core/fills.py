"""What a fill costs: rounding of levels and of fills, slippage, fee (section 5). Arithmetic on scalars."""

from __future__ import annotations

import math

import numpy as np

from trading.core.candles import Floats
from trading.core.instrument import Ticks, round_down, round_up, tick_at


def level_against(side: float, level: float, ticks: Ticks) -> float:
    """A stop of a position (`side` +1 long): down for a long, up for a short."""
    return round_down(level, ticks) if side > 0.0 else round_up(level, ticks)


def level_with(side: float, level: float, ticks: Ticks) -> float:
    """An entry level or take-profit: up for a long, down for a short."""
    return round_up(level, ticks) if side > 0.0 else round_down(level, ticks)


def slipped(price: float, buying: bool, ticks: Ticks, bps: float, slippage_ticks: float) -> float:
    """Fill price of an order meant at `price`: rounded to the tick, then bps, then ticks, all against us."""
    sign = 1.0 if buying else -1.0
    fill = round_up(price, ticks) if buying else round_down(price, ticks)
    if bps:
        fill *= 1.0 + sign * bps / 10_000.0
    return fill + sign * slippage_ticks * tick_at(fill, ticks) if slippage_ticks and len(ticks) else fill


def bounded(price: float, buying: bool, upper: float, lower: float) -> float:
    """A fill within the day's price limits."""
    return min(price, upper) if buying else max(price, lower)


def slip_paid(fills: Floats, buying: bool, ticks: Ticks, bps: float, slippage_ticks: float) -> Floats:
    """What of each fill is slippage, in quote per unit, >= 0, shape (n,): the inverse of `slipped`.

    Just under the edge of a tick band two prices can give one sale: the higher one counts. Rounding is no slippage.
    """
    sign = 1.0 if buying else -1.0
    before = fills - sign * _ticks_back(fills, sign, ticks, slippage_ticks) if slippage_ticks and ticks else fills
    return np.asarray(np.abs(fills - before / (1.0 + sign * bps / 10_000.0)), np.float64)


def _ticks_back(fills: Floats, sign: float, ticks: Ticks, slippage_ticks: float) -> Floats:
    """The distance that ticks took: of the highest band whose own tick leads from a price in it to the fill."""
    back = np.full(len(fills), math.nan)
    near, upper = 1.0 - 1e-9, math.inf
    for bound, tick in ticks:
        price = fills - sign * slippage_ticks * tick
        back[np.isnan(back) & (price >= near * bound) & (price < near * upper)] = slippage_ticks * tick
        upper = bound
    lost = np.isnan(back)  # an average of fills is no price that one order has
    back[lost] = [slippage_ticks * tick_at(fill, ticks) for fill in fills[lost]]
    return back
