"""Looks again at candles taken from the stream: what the venue has otherwise is noted beside them, and used."""

from __future__ import annotations

from typing import Final

import numpy as np

from trading.core.candles import Candles

EVERY_MS: Final = 20_000
"""Wall time between two looks, each at one symbol: three requests a minute, whatever the number of symbols."""
COUNT: Final = 60


class Turn:
    """Whose turn it is: one symbol after the other, a look every 20 s of wall clock."""

    def __init__(self) -> None:
        self._asked_ms = -EVERY_MS
        self._last = ""

    def next(self, symbols: list[str], wall_ms: int) -> str | None:
        """The symbol to look at now; None while it is too early or there is none."""
        if not symbols or 0 <= wall_ms - self._asked_ms < EVERY_MS:
            return None
        self._asked_ms = wall_ms
        later = [symbol for symbol in sorted(symbols) if symbol > self._last]
        self._last = later[0] if later else min(symbols)
        return self._last


def corrected(known: Candles, told: Candles) -> Candles:
    """`known` with its end as the venue tells it now; candles of `known` before the first one told stay.

    told: successive closed candles up to the same moment as `known`, oldest first.
    """
    if not len(told):
        return known
    before = known[: int(np.searchsorted(known.time, told.time[0]))]

    def both(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.concatenate((getattr(before, name), getattr(told, name)))[-len(known) :]

    o, h, low, c, v = (both(name) for name in ("open", "high", "low", "close", "volume"))
    time = np.concatenate((before.time, told.time))[-len(known) :]
    return Candles(time, o, h, low, c, v, known.timeframe_ms)


def differing(known: Candles, told: Candles) -> list[int]:
    """Open times of candles that both have, or only the venue has, and that are not the same."""
    ours = {int(t): row for t, *row in zip(known.time, known.open, known.high, known.low, known.close, strict=True)}
    theirs = zip(told.time, told.open, told.high, told.low, told.close, strict=True)
    return [int(t) for t, *row in theirs if ours.get(int(t)) != row]
