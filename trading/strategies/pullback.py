"""Pullback: in a market above EMA(100), buy when a weak RSI turns up, leave below EMA(100)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import ema, gt, previous, rsi, shift
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class Pullback(Strategy):
    """The close is over EMA(100), RSI under 50 and above that of the candle before."""

    name: ClassVar[str] = "pullback"
    period: ClassVar[int] = 100
    filters: ClassVar[frozenset[str]] = frozenset({"higher_timeframe"})

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        close = candles.close
        average, strength = ema(close, self.period), rsi(close)
        buy, conditions = together(
            {
                "above_ema100": gt(close, average),
                "rsi_under_50": gt(50.0, strength),
                "rsi_rising": gt(strength, shift(strength)),
            }
        )
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(gt(average, close)),
            conditions=conditions,
            numbers={"ema100": lambda: shift(average), "rsi": lambda: shift(strength)},
        )
