"""Mean reversion: buy an oversold close under the lower Bollinger band, leave when it is back at the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import bbands, ge, gt, previous, rsi, shift
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class MeanReversion(Strategy):
    """The close is under the lower band and RSI under 30."""

    name: ClassVar[str] = "mean_reversion"
    period: ClassVar[int] = 20

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        close = candles.close
        strength, (_, middle, lower) = rsi(close), bbands(close, self.period)
        buy, conditions = together({"below_lower_band": gt(lower, close), "rsi_under_30": gt(30.0, strength)})
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(ge(close, middle)),
            conditions=conditions,
            numbers={
                "rsi": lambda: shift(strength),
                "lower_band": lambda: shift(lower),
                "middle_band": lambda: shift(middle),
            },
        )
