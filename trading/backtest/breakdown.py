"""Trades by symbol, by month and by the reason they ended for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from trading.backtest.columns import Columns
from trading.backtest.series import Result
from trading.core.calendar import KST_MS
from trading.core.candles import Floats

_EPOCH_YEAR: Final = 1970


@dataclass(frozen=True, slots=True)
class Group:
    """Closed trades of one kind. win_rate: fraction; pnl: quote, after costs."""

    name: str
    trades: int
    win_rate: float | None
    pnl: float


@dataclass(frozen=True, slots=True)
class Month(Group):
    """A month in KST, "2026-11". Its trades are those that ended in it; net_return: of the equity, as a fraction."""

    net_return: float


def grouped(names: Sequence[str], pnl: Floats) -> tuple[Group, ...]:
    """One group per name, most trades first."""
    results: dict[str, list[float]] = {}
    for name, gain in zip(names, pnl.tolist(), strict=True):
        results.setdefault(name, []).append(gain)
    found = [
        Group(name, len(gains), sum(gain > 0.0 for gain in gains) / len(gains), sum(gains))
        for name, gains in results.items()
    ]
    return tuple(sorted(found, key=lambda group: (-group.trades, group.name)))


def _month_number(time_ms: int) -> int:
    moment = datetime.fromtimestamp((time_ms + KST_MS) / 1000, UTC)
    return (moment.year - _EPOCH_YEAR) * 12 + moment.month - 1


def _month_start(number: int) -> int:
    """Its first moment in KST, ms UTC."""
    year, month = divmod(number, 12)
    return int(datetime(_EPOCH_YEAR + year, month + 1, 1, tzinfo=UTC).timestamp()) * 1000 - KST_MS


def by_month(result: Result, trades: Columns) -> tuple[Month, ...]:
    """Every month with a candle, in order."""
    if not len(result.times):
        return ()
    first, last = _month_number(int(result.times[0])), _month_number(int(result.times[-1]))
    starts = np.array([_month_start(number) for number in range(first + 1, last + 1)], np.int64)
    ends = np.append(np.searchsorted(result.times, starts), len(result.times))
    code = np.searchsorted(starts, trades.exit_ms, side="right")
    return tuple(_months(result, ends, code, trades.pnl, first))


def _months(
    result: Result, ends: NDArray[np.int64], code: NDArray[np.int64], pnl: Floats, first: int
) -> Sequence[Month]:
    counts = np.bincount(code, minlength=len(ends))
    wins = np.bincount(code, pnl > 0.0, len(ends))
    sums = np.bincount(code, pnl, len(ends))
    found: list[Month] = []
    before, begin = result.capital, 0
    for index, end in enumerate(ends):
        if end == begin:
            continue
        after = float(result.equity[end - 1])
        year, month = divmod(first + index, 12)
        count = int(counts[index])
        rate = float(wins[index]) / count if count else None
        gain = after / before - 1.0 if before > 0.0 else 0.0
        found.append(Month(f"{_EPOCH_YEAR + year}-{month + 1:02d}", count, rate, float(sums[index]), gain))
        before, begin = after, end
    return found
