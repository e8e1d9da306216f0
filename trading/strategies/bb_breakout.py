"""Bollinger breakout: buy a close above the upper band on volume while the bands widen, leave below the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import bbands, gt, previous, shift, sma
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class BbBreakout(Strategy):
    """The close is over the upper band, volume over 1.2 x its average, the bands wider than a candle before."""

    name: ClassVar[str] = "bb_breakout"
    period: ClassVar[int] = 20
    filters: ClassVar[frozenset[str]] = frozenset({"trend", "adx", "higher_timeframe"})

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        close, volume = candles.close, candles.volume
        upper, middle, lower = bbands(close, self.period)
        average, width = sma(volume, 20), (upper - lower) / middle
        buy, conditions = together(
            {
                "above_upper_band": gt(close, upper),
                "volume_120": gt(volume, 1.2 * average),
                "bands_widen": gt(width, shift(width)),
            }
        )
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous(gt(middle, close)),
            conditions=conditions,
            numbers={
                "upper_band": lambda: shift(upper),
                "middle_band": lambda: shift(middle),
                "bandwidth": lambda: shift(width),
                "volume": lambda: shift(volume),
                "average_volume": lambda: shift(average),
            },
        )
