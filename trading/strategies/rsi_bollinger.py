"""RSI and Bollinger: buy an oversold close under the lower band, leave when overbought or above the upper band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import bbands, gt, previous, rsi, shift
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class RsiBollinger(Strategy):
    """RSI is under 30 and the close under the lower band."""

    name: ClassVar[str] = "rsi_bollinger"
    period: ClassVar[int] = 20

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        close = candles.close
        strength, (upper, _, lower) = rsi(close), bbands(close, self.period)
        buy, conditions = together({"rsi_under_30": gt(30.0, strength), "below_lower_band": gt(lower, close)})
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(gt(strength, 70.0) | gt(close, upper)),
            conditions=conditions,
            numbers={
                "rsi": lambda: shift(strength),
                "lower_band": lambda: shift(lower),
                "upper_band": lambda: shift(upper),
            },
        )
