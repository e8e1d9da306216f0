"""What a strategy returns: arrays with one row per candle. Row j is what is known at the open of candle j."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from trading.core.candles import Candles
from trading.core.indicators import Bools, Floats, atr, shift

CONFIDENCE = 0.6


class Row(NamedTuple):
    """One row: entry levels (NaN none, 0 / +inf at once), exits, confidence 0..1, ATR in price units, reason code.

    close: that of the candle before.
    """

    buy_above: float
    sell_below: float
    exit_long: bool
    exit_short: bool
    confidence: float
    atr: float
    close: float
    reason: int


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """All arrays of shape (n,), see `Row`. `conditions` and `numbers` name what was looked at, for the decision log."""

    buy_above: Floats
    sell_below: Floats
    exit_long: Bools
    exit_short: Bools
    confidence: Floats
    atr: Floats
    close: Floats
    reason: np.ndarray[tuple[int], np.dtype[np.int8]]
    conditions: Mapping[str, Bools] = field(default_factory=dict)
    numbers: Mapping[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.buy_above)

    def __getitem__(self, part: slice) -> Signals:
        """The rows of `part`, unchanged."""
        return Signals(
            self.buy_above[part],
            self.sell_below[part],
            self.exit_long[part],
            self.exit_short[part],
            self.confidence[part],
            self.atr[part],
            self.close[part],
            self.reason[part],
            {name: holds[part] for name, holds in self.conditions.items()},
            {name: values[part] for name, values in self.numbers.items()},
        )

    def row(self, j: int) -> Row:
        """Row j as scalars."""
        return Row(
            float(self.buy_above[j]),
            float(self.sell_below[j]),
            bool(self.exit_long[j]),
            bool(self.exit_short[j]),
            float(self.confidence[j]),
            float(self.atr[j]),
            float(self.close[j]),
            int(self.reason[j]),
        )

    def columns(self) -> list[Row]:
        """All rows as scalars, for a walk in Python."""
        return [
            Row(*values)
            for values in zip(
                self.buy_above.tolist(),
                self.sell_below.tolist(),
                self.exit_long.tolist(),
                self.exit_short.tolist(),
                self.confidence.tolist(),
                self.atr.tolist(),
                self.close.tolist(),
                self.reason.tolist(),
                strict=True,
            )
        ]


def signals(
    candles: Candles,
    *,
    buy_above: Floats | None = None,
    sell_below: Floats | None = None,
    exit_long: Bools | None = None,
    exit_short: Bools | None = None,
    confidence: Floats | None = None,
    reason: np.ndarray[tuple[int], np.dtype[np.int8]] | None = None,
    conditions: Mapping[str, Bools] | None = None,
    numbers: Mapping[str, Floats] | None = None,
) -> Signals:
    """Signals with the given columns; the others say nothing. Adds ATR(14) of the candles before each row."""
    n = len(candles)
    none = np.full(n, np.nan)
    never = np.zeros(n, np.bool_)
    return Signals(
        none if buy_above is None else buy_above,
        none if sell_below is None else sell_below,
        never if exit_long is None else exit_long,
        never if exit_short is None else exit_short,
        np.full(n, CONFIDENCE) if confidence is None else confidence,
        shift(atr(candles.high, candles.low, candles.close)),
        shift(candles.close),
        np.zeros(n, np.int8) if reason is None else reason,
        conditions or {},
        numbers or {},
    )


def at_once(when: Bools) -> Floats:
    """`buy_above` of a strategy that enters at the open: 0 where `when`, NaN elsewhere."""
    return np.where(when, 0.0, math.nan)
