"""MACD golden cross: buy when the MACD line crosses above its signal, leave when the line falls below zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import Bools, crosses_above, crosses_below, gt, macd, previous, shift, sma
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy, tunable


@dataclass(frozen=True)
class Macd(Strategy):
    """Every option that is on must hold on the last closed candle; with all off there is no entry."""

    name: ClassVar[str] = "macd"
    period: ClassVar[int] = 26

    golden_cross: bool = tunable(True)
    macd_exit: bool = tunable(True)
    macd_positive: bool = tunable(False)
    signal_positive: bool = tunable(False)
    bullish_candle: bool = tunable(False)
    macd_rising: bool = tunable(False)
    above_ma20: bool = tunable(False)
    above_ma60: bool = tunable(False)

    def window(self, timeframe_ms: int) -> int:
        """Long enough for SMA(60) where it is on."""
        return max(super().window(timeframe_ms), 20 * 60 if self.above_ma60 else 0)

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after the cross."""
        close = candles.close
        line, smooth = macd(close)
        options: dict[str, tuple[bool, Callable[[], Bools]]] = {
            "golden_cross": (self.golden_cross, lambda: crosses_above(line, smooth)),
            "macd_positive": (self.macd_positive, lambda: gt(line, 0.0)),
            "signal_positive": (self.signal_positive, lambda: gt(smooth, 0.0)),
            "bullish_candle": (self.bullish_candle, lambda: gt(close, candles.open)),
            "macd_rising": (self.macd_rising, lambda: gt(line, shift(line))),
            "above_ma20": (self.above_ma20, lambda: gt(close, sma(close, 20))),
            "above_ma60": (self.above_ma60, lambda: gt(close, sma(close, 60))),
        }
        rules = {name: holds() for name, (on, holds) in options.items() if on}
        buy, conditions = together(rules) if rules else (None, {})
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(crosses_below(line, 0.0)) if self.macd_exit else None,
            conditions=conditions,
            numbers={"macd": lambda: shift(line), "signal": lambda: shift(smooth)},
        )
