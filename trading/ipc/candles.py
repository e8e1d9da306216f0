"""candles.db as controllers see it: closed candles, read-only, tolerant of its absence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from trading.core.calendar import timeframe_ms
from trading.core.candles import Candles, empty

FILE: Final = "candles.db"
BUSY_S: Final = 0.5

SELECT: Final = """
    SELECT time_ms, open, high, low, close, volume FROM candles
    WHERE venue = ? AND symbol = ? AND timeframe = ? AND time_ms >= ? AND time_ms < ?
    ORDER BY time_ms DESC LIMIT ?
"""


def read_candles(
    data_dir: Path,
    venue: str,
    symbol: str,
    timeframe: str,
    count: int = 500,
    since_ms: int = 0,
    until_ms: int = 2**62,
) -> Candles:
    """The last `count` closed candles with since_ms <= open time < until_ms (market clock), oldest first.

    Empty where the file, its table or the candles are missing, or the file cannot be read now. Raises BadInput for an
    unknown timeframe.
    """
    length = timeframe_ms(timeframe)
    path = data_dir / FILE
    if not path.is_file():
        return empty(length)
    try:
        with closing(open_read_only(path)) as database:
            rows = database.execute(SELECT, (venue, symbol, timeframe, since_ms, until_ms, count)).fetchall()
    except sqlite3.Error:
        return empty(length)
    return candles_of(rows[::-1], length)


def read_symbols(data_dir: Path) -> tuple[tuple[str, str, str], ...]:
    """(venue, symbol, timeframe) of every series that is stored; () where the file is missing or cannot be read."""
    path = data_dir / FILE
    if not path.is_file():
        return ()
    try:
        with closing(open_read_only(path)) as database:
            rows = database.execute("SELECT DISTINCT venue, symbol, timeframe FROM candles ORDER BY 1, 2, 3").fetchall()
    except sqlite3.Error:
        return ()
    return tuple((str(venue), str(symbol), str(timeframe)) for venue, symbol, timeframe in rows)


def open_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises sqlite3.Error."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)


def candles_of(rows: list[tuple[int, float, float, float, float, float]], length_ms: int) -> Candles:
    """Candles from rows (time_ms, open, high, low, close, volume), oldest first; a row with a hole is left out."""
    whole = [row for row in rows if None not in row]
    if not whole:
        return empty(length_ms)
    time = np.array([row[0] for row in whole], np.int64)
    columns = np.array([row[1:] for row in whole], np.float64)
    opens, highs, lows, closes, volumes = np.ascontiguousarray(columns.T)
    return Candles(time, opens, highs, lows, closes, volumes, length_ms)
