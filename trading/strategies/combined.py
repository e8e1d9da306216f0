"""Combined: four indicators vote; buy when enough of them fire with enough weight, leave on the mirrored votes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from trading.core.candles import Candles
from trading.core.indicators import Bools, bbands, crosses_above, crosses_below, ge, gt, macd, previous, rsi, shift, sma
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy, tunable

_VOTES: Final = ("vote_rsi", "vote_band", "vote_cross", "vote_volume")
# Of each of the 16 ways to vote (bit i set = vote i fired): the weight of each vote, how many fired, their mean.
_WEIGHT: Final = (np.arange(16)[:, None] >> np.arange(4) & 1) * np.array([0.7, 0.6, 0.8, 0.5])
_COUNT: Final = np.count_nonzero(_WEIGHT, axis=1).astype(np.float64)
_MEAN: Final = _WEIGHT.sum(axis=1) / np.where(_COUNT, _COUNT, np.nan)


@dataclass(frozen=True)
class Combined(Strategy):
    """RSI < 35 (0.7), low <= lower band (0.6), MACD line crosses above its signal (0.8), volume > 1.5 x average (0.5).

    Mirrored: RSI > 65, high >= upper band, line crosses below, the same volume. min_votes: least number that fires;
    threshold: least mean weight of those.
    """

    name: ClassVar[str] = "combined"
    period: ClassVar[int] = 26
    filters: ClassVar[frozenset[str]] = frozenset({"higher_timeframe"})

    min_votes: int = tunable(2, 1, 4)
    threshold: float = tunable(0.5, 0.0, 1.0)

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after the vote."""
        close, volume = candles.close, candles.volume
        strength, (upper, _, lower), (line, smooth) = rsi(close), bbands(close), macd(close)
        busy = gt(volume, 1.5 * sma(volume, 20))
        votes = _way(gt(35.0, strength), ge(lower, candles.low), crosses_above(line, smooth), busy)
        mirrored = _way(gt(strength, 65.0), ge(candles.high, upper), crosses_below(line, smooth), busy)
        enough, heavy = self.min_votes <= _COUNT, ge(_MEAN, self.threshold)
        buy, conditions = together({"enough_votes": enough[votes], "votes_heavy": heavy[votes]})
        weights = {name: partial(_told, _WEIGHT[:, i], votes) for i, name in enumerate(_VOTES)}
        return signals(
            candles,
            buy_above=buy,
            exit_long=previous((enough & heavy)[mirrored]),
            conditions=conditions,
            numbers={
                "votes": partial(_told, _COUNT, votes),
                "vote_mean": partial(_told, _MEAN, votes),
                **weights,
                "rsi": lambda: shift(strength),
                "exit_votes": partial(_told, _COUNT, mirrored),
            },
        )


def _way(*votes: Bools) -> NDArray[np.uint8]:
    """Which of the 16 ways each candle votes."""
    way = np.zeros(len(votes[0]), np.uint8)
    for i, fired in enumerate(votes):
        way |= fired.view(np.uint8) << i
    return way


def _told(table: NDArray[np.float64], ways: NDArray[np.uint8]) -> NDArray[np.float64]:
    return shift(table[ways])
