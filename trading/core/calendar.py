"""Timeframes and trading days. All times are UTC milliseconds."""

from __future__ import annotations

from typing import Final

from trading.core.errors import BadInput

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
KST_MS: Final = 9 * HOUR_MS

TIMEFRAMES: Final[dict[str, int]] = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "10m": 10 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "1w": 7 * DAY_MS,
}

#: Offset of each venue's trading day from 00:00 UTC (Bithumb and KRX roll at 00:00 KST = 15:00 UTC).
DAY_OFFSET_MS: Final[dict[str, int]] = {
    "upbit": 0,
    "binance_spot": 0,
    "binance_futures": 0,
    "bithumb": -KST_MS,
    "stock": -KST_MS,
}

_MONDAY_MS: Final = 4 * DAY_MS  # 1970-01-05, the first Monday of the epoch


def timeframe_ms(name: str) -> int:
    """Length of timeframe `name` ("1m".."1w") in ms. Raises BadInput with the known names."""
    try:
        return TIMEFRAMES[name]
    except KeyError:
        raise BadInput("input.timeframe", name=name, known=", ".join(TIMEFRAMES)) from None


def timeframe_name(length_ms: int) -> str:
    """Name of a timeframe given in ms. Raises BadInput for a length no timeframe has."""
    for name, length in TIMEFRAMES.items():
        if length == length_ms:
            return name
    raise BadInput("input.timeframe_length", length_ms=length_ms)


def slot(time_ms: int, length_ms: int, day_offset_ms: int = 0) -> int:
    """Open time of the candle of `length_ms` that holds `time_ms`, on the venue's day grid."""
    origin = day_offset_ms + (_MONDAY_MS if length_ms == 7 * DAY_MS else 0)
    return (time_ms - origin) // length_ms * length_ms + origin


def day_of(time_ms: int, day_offset_ms: int = 0) -> int:
    """Ordinal of the trading day that holds `time_ms`; equal for two times of one day."""
    return (time_ms - day_offset_ms) // DAY_MS
