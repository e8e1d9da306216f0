"""Momentum breakout: buy a close above the highest high of 20 candles on volume and rising ATR, leave below EMA(21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import atr, ema, gt, highest, previous, shift, sma
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class MomentumBreakout(Strategy):
    """The close is over every high of the 20 candles before it, volume over 1.5 x its average, ATR above the last."""

    name: ClassVar[str] = "momentum_breakout"
    period: ClassVar[int] = 21
    filters: ClassVar[frozenset[str]] = frozenset({"trend", "adx"})

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        close, volume = candles.close, candles.volume
        top, average = shift(highest(candles.high, 20)), sma(volume, 20)
        noise, floor = atr(candles.high, candles.low, close), ema(close, self.period)
        buy, conditions = together(
            {
                "above_highest": gt(close, top),
                "volume_150": gt(volume, 1.5 * average),
                "atr_rising": gt(noise, shift(noise)),
            }
        )
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(gt(floor, close)),
            conditions=conditions,
            numbers={
                "highest": lambda: shift(top),
                "volume": lambda: shift(volume),
                "average_volume": lambda: shift(average),
                "ema21": lambda: shift(floor),
            },
        )
