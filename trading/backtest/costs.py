"""What trading cost beside the fees: slippage, read off the fills."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from config.values import Knobs
from trading.backtest.columns import Columns
from trading.core import levels
from trading.core.fills import level_with, slip_paid
from trading.core.instrument import Instrument
from trading.core.rules import RULES


def slips(instrument: Instrument, knobs: Knobs) -> bool:
    """Any fill can slip under these knobs: ticks are nothing on a market without ticks."""
    return bool(knobs.slippage_bps or (knobs.slippage_ticks and instrument.ticks))


def held_by_venue(exit_price: float, side: float, entry: float, knobs: Knobs, instrument: Instrument) -> bool:
    """`exit_price` is that of a take-profit which the venue itself holds: it fills at its level, without slippage."""
    if not RULES[instrument.venue].native_take_profit or knobs.take_profit_percent <= 0.0:
        return False
    level = level_with(side, levels.take_profit(side, entry, knobs.take_profit_percent), instrument.ticks)
    return abs(exit_price - level) <= 1e-9 * level


def slippage(trades: Columns, instruments: Mapping[str, Instrument], knobs: Knobs) -> float:
    """Slippage paid on both sides of all closed trades, in quote."""
    symbols = np.array(trades.symbol)
    total = 0.0
    for symbol, instrument in instruments.items():
        if not slips(instrument, knobs):
            continue
        for side in (1.0, -1.0):
            total += _of(trades, (symbols == symbol) & (trades.side == side), side, instrument, knobs)
    return total


def _of(trades: Columns, chosen: NDArray[np.bool_], side: float, instrument: Instrument, knobs: Knobs) -> float:
    entry, leave, quantity = trades.entry[chosen], trades.exit[chosen], trades.quantity[chosen]
    terms = (instrument.ticks, knobs.slippage_bps, knobs.slippage_ticks)
    free = [
        trades.reason[index] == "take_profit" and held_by_venue(price, side, paid, knobs, instrument)
        for index, price, paid in zip(np.flatnonzero(chosen), leave, entry, strict=True)
    ]
    out = np.where(free, 0.0, slip_paid(leave, side < 0.0, *terms))
    return float(np.sum((slip_paid(entry, side > 0.0, *terms) + out) * quantity))
