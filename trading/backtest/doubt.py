"""How far the result hangs on what a candle does not tell: ambiguous trades, and each had it gone the other way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.values import Knobs
from trading.backtest.costs import held_by_venue
from trading.backtest.series import Result
from trading.core.fills import slipped
from trading.core.instrument import Instrument
from trading.core.portfolio import Trade


@dataclass(frozen=True, slots=True)
class Doubt:
    """An ambiguous trade. Prices and pnl in quote, times ms UTC; other_*: had the candle gone the other way.

    number: its place in the list of trades, from 1. other_*: None where the other way is not known.
    """

    number: int
    symbol: str
    side: str
    entry_ms: int
    exit_ms: int
    exit_reason: str
    exit_price: float
    pnl: float
    other_price: float | None
    other_pnl: float | None


def doubts(result: Result, instruments: Mapping[str, Instrument], knobs: Knobs) -> tuple[Doubt, ...]:
    """All ambiguous closed trades, in the order of the result."""
    return tuple(
        _doubt(number, trade, instruments[trade.symbol], knobs)
        for number, trade in enumerate(result.trades, 1)
        if trade.ambiguous
    )


def width(found: tuple[Doubt, ...]) -> float:
    """What the result would gain (quote) if every ambiguous trade had gone the other way: a sum of single trades.

    Not a second run: sizes, cash and what came after stay as they were.
    """
    return sum(one.other_pnl - one.pnl for one in found if one.other_pnl is not None)


def _doubt(number: int, trade: Trade, instrument: Instrument, knobs: Knobs) -> Doubt:
    pnl, leave = float(trade.pnl), float(trade.exit_price)
    fill = other = None
    if trade.other_price is not None:
        fill = _fill(trade, trade.other_price, instrument, knobs)
        moved = (fill - leave) * float(trade.quantity)
        other = pnl + (moved if trade.side == "long" else -moved) - instrument.fee_rate * moved
    return Doubt(
        number,
        trade.symbol,
        trade.side,
        trade.entry_ms,
        trade.exit_ms,
        trade.exit_reason,
        leave,
        pnl,
        fill,
        other,
    )


def _fill(trade: Trade, price: float, instrument: Instrument, knobs: Knobs) -> float:
    """The exit fill of an order meant at `price`."""
    side = 1.0 if trade.side == "long" else -1.0
    if held_by_venue(price, side, float(trade.entry_price), knobs, instrument):
        return price
    return slipped(price, side < 0.0, instrument.ticks, knobs.slippage_bps, knobs.slippage_ticks)
