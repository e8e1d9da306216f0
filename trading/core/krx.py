"""What trading at the KRX costs and forbids by date: sell tax, daily price limits. Dates are KST midnights, in UTC ms.

Rates: securities transaction tax with the special tax for rural development, KOSPI and KOSDAQ alike in sum; ETFs pay
none. Limits: 30 % of the last session's close since 2015-06-15, 15 % before.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

import numpy as np

from trading.core.calendar import KST_MS
from trading.core.candles import Candles, Floats, day_starts
from trading.core.instrument import Taxes, Ticks, round_down, round_up


def _kst(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000 - KST_MS


SELL_TAXES: Final[Taxes] = (
    (0.0, 0.0030),
    (float(_kst(2019, 6, 3)), 0.0025),
    (float(_kst(2021, 1, 1)), 0.0023),
    (float(_kst(2023, 1, 1)), 0.0020),
    (float(_kst(2024, 1, 1)), 0.0018),
    (float(_kst(2025, 1, 1)), 0.0015),
    (float(_kst(2026, 1, 1)), 0.0020),
)
_WIDER_MS: Final = _kst(2015, 6, 15)
_NARROW: Final = 0.15
_WIDE: Final = 0.30


def sell_tax(notional: float, time_ms: int, taxes: Taxes) -> float:
    """Tax on a sale of `notional` KRW at `time_ms`, whole won (cut). taxes: (from UTC ms, rate), rising; () = none."""
    rate = 0.0
    for i in range(len(taxes)):
        if time_ms >= taxes[i][0]:
            rate = taxes[i][1]
    return float(math.floor(notional * rate + 1e-6))


def price_limits(candles: Candles, ticks: Ticks) -> tuple[Floats, Floats]:
    """(highest, lowest) price allowed in each candle, from the last close of the session before; infinite and 0 in the
    first session."""
    first = day_starts(candles.time, -KST_MS)
    upper, lower = np.full(len(first), math.inf), np.zeros(len(first))
    for session in range(1, len(first)):
        base = float(candles.close[first[session] - 1])
        share = _WIDE if candles.time[first[session]] >= _WIDER_MS else _NARROW
        upper[session] = round_down(base * (1.0 + share), ticks)
        lower[session] = round_up(base * (1.0 - share), ticks)
    counts = np.diff(first, append=len(candles))
    return np.repeat(upper, counts), np.repeat(lower, counts)
