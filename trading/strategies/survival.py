"""Survival (futures): with the order of three averages and a direction, long or short; out on the opposite signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import Bools, Floats, gt, previous, rsi, shift, sma
from trading.core.signals import Signals, at_once, short_at_once, signals
from trading.core.strategy import Inputs, Strategy


@dataclass(frozen=True)
class Survival(Strategy):
    """Long: close > MA(7) > MA(25) > MA(99), MA(25) rising, RSI between 45 and 70. Short: mirrored, RSI 30 to 55."""

    name: ClassVar[str] = "survival"
    period: ClassVar[int] = 99
    filters: ClassVar[frozenset[str]] = frozenset({"higher_timeframe", "regime"})

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle, leaves at the open after one of the other side."""
        close = candles.close
        fast, middle, slow, strength = sma(close, 7), sma(close, 25), sma(close, self.period), rsi(close)
        up = gt(close, fast) & gt(fast, middle) & gt(middle, slow)
        down = gt(fast, close) & gt(middle, fast) & gt(slow, middle)
        before = shift(middle)
        rising, falling = gt(middle, before), gt(before, middle)
        firm, soft = _within(45.0, strength, 70.0), _within(30.0, strength, 55.0)
        long, short = previous(up & rising & firm), previous(down & falling & soft)
        return signals(
            candles,
            buy_above=at_once(long),
            sell_below=short_at_once(short),
            exit_long=short,
            exit_short=long,
            conditions={
                "averages_in_order": lambda: previous(up | down),
                "ma25_moves_along": lambda: previous(up & rising | down & falling),
                "rsi_in_range": lambda: previous(up & firm | down & soft),
            },
            numbers={
                "ma7": lambda: shift(fast),
                "ma25": lambda: shift(middle),
                "ma99": lambda: shift(slow),
                "rsi": lambda: shift(strength),
            },
        )


def _within(low: float, x: Floats, high: float) -> Bools:
    return gt(x, low) & gt(high, x)
