"""Times as people in Korea read them, from UTC in ms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trading.core.calendar import KST_MS


def kst(time_ms: int) -> str:
    """Date and time in KST, to the minute."""
    return _moment(time_ms).strftime("%Y-%m-%d %H:%M")


def kst_day(time_ms: int) -> str:
    """The date in KST."""
    return _moment(time_ms).strftime("%Y-%m-%d")


def _moment(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC) + timedelta(milliseconds=KST_MS)
