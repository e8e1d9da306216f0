"""Closed trades as columns of numpy, for figures over thousands of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trading.core.candles import Floats, Times
from trading.core.portfolio import Trade


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One row per closed trade, in the order of the result; arrays of shape (n,).

    side: +1 long, -1 short. Times ms UTC; prices, fee, pnl and funding in quote; quantity in base.
    """

    symbol: tuple[str, ...]
    reason: tuple[str, ...]
    side: Floats
    entry_ms: Times
    exit_ms: Times
    entry: Floats
    exit: Floats
    quantity: Floats
    fee: Floats
    pnl: Floats
    funding: Floats

    def __len__(self) -> int:
        return len(self.symbol)

    @property
    def traded(self) -> float:
        """Value of all fills, both sides, in quote."""
        return float(np.sum((self.entry + self.exit) * self.quantity))


def columns(trades: Sequence[Trade]) -> Columns:
    """`trades` turned round."""

    def floats(name: str) -> Floats:
        return np.fromiter((getattr(trade, name) for trade in trades), np.float64, len(trades))

    def times(name: str) -> Times:
        return np.fromiter((getattr(trade, name) for trade in trades), np.int64, len(trades))

    return Columns(
        tuple(trade.symbol for trade in trades),
        tuple(trade.exit_reason for trade in trades),
        np.fromiter((1.0 if trade.side == "long" else -1.0 for trade in trades), np.float64, len(trades)),
        times("entry_ms"),
        times("exit_ms"),
        floats("entry_price"),
        floats("exit_price"),
        floats("quantity"),
        floats("fee"),
        floats("pnl"),
        floats("funding"),
    )
