"""Dynamic breakout: buy a close above the upper Bollinger band in a strong uptrend, leave below EMA(50)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import adx, bbands, ema, gt, previous, shift
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class DynamicBreakout(Strategy):
    """The close is over EMA(50) and over the upper band, and ADX over 20."""

    name: ClassVar[str] = "dynamic_breakout"
    period: ClassVar[int] = 50
    filters: ClassVar[frozenset[str]] = frozenset({"adx", "higher_timeframe"})

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        close = candles.close
        average, (upper, _, _) = ema(close, self.period), bbands(close)
        strength = adx(candles.high, candles.low, close)
        buy, conditions = together(
            {
                "above_ema50": gt(close, average),
                "above_upper_band": gt(close, upper),
                "adx_over_20": gt(strength, 20.0),
            }
        )
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(gt(average, close)),
            conditions=conditions,
            numbers={
                "ema50": lambda: shift(average),
                "upper_band": lambda: shift(upper),
                "adx": lambda: shift(strength),
            },
        )
