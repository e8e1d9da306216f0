"""Trend following: buy when EMA(9) crosses above EMA(21) in a market whose EMA(50) is above EMA(200)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import crosses_above, crosses_below, ema, gt, previous, shift
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class TrendFollowing(Strategy):
    """EMA(9) crosses above EMA(21) while EMA(50) is over EMA(200); leaves when EMA(9) crosses below EMA(21)."""

    name: ClassVar[str] = "trend_following"
    period: ClassVar[int] = 200
    filters: ClassVar[frozenset[str]] = frozenset({"adx"})

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after the cross."""
        close = candles.close
        fast, slow, middle, long = (ema(close, period) for period in (9, 21, 50, self.period))
        buy, conditions = together({"ema_cross": crosses_above(fast, slow), "ema50_over_ema200": gt(middle, long)})
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(crosses_below(fast, slow)),
            conditions=conditions,
            numbers={
                "ema9": lambda: shift(fast),
                "ema21": lambda: shift(slow),
                "ema50": lambda: shift(middle),
                "ema200": lambda: shift(long),
            },
        )
