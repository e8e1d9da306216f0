"""candles.db as it is written: a cache of closed candles as they were seen, with later corrections beside them.

The bot writes what it trades on; a download adds history and notes which times it has asked for. Both may write.
"""

from __future__ import annotations

import math
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from trading.core.calendar import timeframe_ms, timeframe_name
from trading.core.candles import Candles, Times
from trading.core.spans import Span, union
from trading.ipc.candles import FILE, SELECT, candles_of
from trading.ipc.files import ensure_folder, replace

TABLES: Final = """
    CREATE TABLE IF NOT EXISTS candles (
        venue TEXT NOT NULL, symbol TEXT NOT NULL, timeframe TEXT NOT NULL, time_ms INTEGER NOT NULL,
        open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,
        PRIMARY KEY (venue, symbol, timeframe, time_ms)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS revisions (
        venue TEXT NOT NULL, symbol TEXT NOT NULL, timeframe TEXT NOT NULL, time_ms INTEGER NOT NULL,
        open REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL,
        seen_ms INTEGER NOT NULL,
        PRIMARY KEY (venue, symbol, timeframe, time_ms, seen_ms)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS fetched (
        venue TEXT NOT NULL, symbol TEXT NOT NULL, timeframe TEXT NOT NULL,
        start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
        PRIMARY KEY (venue, symbol, timeframe, start_ms)
    ) WITHOUT ROWID;
"""
KEY: Final = "venue = ? AND symbol = ? AND timeframe = ?"

Key = tuple[str, str, str]
Row = tuple[int, float, float, float, float, float]
T = TypeVar("T")


class CandleStore:
    """Writes candles.db. Safe to call from several threads, and from several processes at once.

    It is a cache: a damaged file is set aside (`candles.db.damaged`) and begun anew, at start or when it shows, unless
    `mend` is off: that is the bot's to do, no other process may take the file away under it.
    """

    def __init__(self, data_dir: Path, mend: bool = True) -> None:
        """Opens or makes the file (0600).

        Raises sqlite3.OperationalError or OSError when it cannot be written; without `mend` sqlite3.DatabaseError when
        it is damaged, then and later.
        """
        ensure_folder(data_dir)
        self._path = data_dir / FILE
        self._lock = threading.Lock()
        self._mend = mend
        self._database = _open_or_begin(self._path) if mend else _open(self._path)

    def put(
        self, venue: str, symbol: str, candles: Candles, seen_ms: int, fetched: Span | None = None
    ) -> tuple[int, ...]:
        """Stores closed candles; rows that are not finite are left out. seen_ms: wall clock.

        fetched: the stretch of which these are all the candles that the venue has, noted in the same transaction.
        A stored candle stays as it was seen first; one that differs now is stored beside it. Returns the open times of
        those. Raises sqlite3.OperationalError.
        """
        rows = _rows(candles)
        if not rows and fetched is None:
            return ()
        key = (venue, symbol, timeframe_name(candles.timeframe_ms))
        return self._guarded(lambda database: _store(database, key, rows, seen_ms, fetched))

    def get(self, venue: str, symbol: str, timeframe: str, count: int, until_ms: int = 2**62) -> Candles:
        """The last `count` stored candles with open time < until_ms, as seen first, oldest first.

        Raises sqlite3.OperationalError, BadInput for an unknown timeframe.
        """
        length = timeframe_ms(timeframe)
        asked = (venue, symbol, timeframe, 0, until_ms, count)
        return candles_of(self._guarded(lambda database: database.execute(SELECT, asked).fetchall())[::-1], length)

    def times(self, venue: str, symbol: str, timeframe: str, start_ms: int, end_ms: int) -> Times:
        """Open times of the stored candles with start_ms <= open time < end_ms, rising. Raises as `put`."""
        query = f"SELECT time_ms FROM candles WHERE {KEY} AND time_ms >= ? AND time_ms < ? ORDER BY time_ms"
        asked = (venue, symbol, timeframe, start_ms, end_ms)
        rows = self._guarded(lambda database: database.execute(query, asked).fetchall())
        return np.array([time for (time,) in rows], np.int64)

    def fetched(self, venue: str, symbol: str, timeframe: str) -> list[Span]:
        """The stretches of which all candles that the venue has are stored, rising. Raises as `put`."""
        return self._guarded(lambda database: _fetched(database, (venue, symbol, timeframe)))

    def revisions(self, venue: str, symbol: str, timeframe: str) -> Candles:
        """The latest correction of each corrected candle, oldest first. Raises as `get`."""
        length = timeframe_ms(timeframe)
        query = (
            "SELECT time_ms, open, high, low, close, volume, MAX(seen_ms) FROM revisions"
            " WHERE venue = ? AND symbol = ? AND timeframe = ? GROUP BY time_ms ORDER BY time_ms"
        )
        rows = self._guarded(lambda database: database.execute(query, (venue, symbol, timeframe)).fetchall())
        return candles_of([row[:6] for row in rows], length)

    def close(self) -> None:
        """Ends the connection."""
        with self._lock:
            self._database.close()

    def _guarded(self, act: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                with self._database:
                    return act(self._database)
            except sqlite3.DatabaseError as error:
                if not (self._mend and _damaged(error)):
                    raise
                self._database.close()
                _set_aside(self._path)
                self._database = _open(self._path)
                with self._database:
                    return act(self._database)


def _store(
    database: sqlite3.Connection, key: Key, rows: list[Row], seen_ms: int, fetched: Span | None
) -> tuple[int, ...]:
    database.execute("BEGIN IMMEDIATE")  # what is read here must still hold when it is written: others write too
    span = (*key, rows[0][0], rows[-1][0] + 1, -1) if rows else (*key, 0, 0, 0)
    before = {row[0]: row for row in database.execute(SELECT, span)}
    revised = [row for row in rows if row[0] in before and before[row[0]] != row]
    database.executemany(
        "INSERT INTO candles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", ((*key, *row) for row in rows if row[0] not in before)
    )
    database.executemany(
        "INSERT OR REPLACE INTO revisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((*key, *row, seen_ms) for row in revised),
    )
    if fetched is not None:
        spans = union([*_fetched(database, key), fetched])
        database.execute(f"DELETE FROM fetched WHERE {KEY}", key)
        database.executemany("INSERT INTO fetched VALUES (?, ?, ?, ?, ?)", ((*key, *one) for one in spans))
    return tuple(row[0] for row in revised)


def _fetched(database: sqlite3.Connection, key: Key) -> list[Span]:
    return database.execute(f"SELECT start_ms, end_ms FROM fetched WHERE {KEY} ORDER BY start_ms", key).fetchall()


def _rows(candles: Candles) -> list[Row]:
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    rows: list[Row] = list(zip(*(column.tolist() for column in columns), strict=True))
    return [row for row in rows if all(map(math.isfinite, row))]


def _damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the content is at fault; a lock, a full disk or a broken rule comes as a subclass."""
    return type(error) is sqlite3.DatabaseError


def _open_or_begin(path: Path) -> sqlite3.Connection:
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if not _damaged(error):
            raise
        _set_aside(path)
        return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its side files the mode of this one
    database = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA cache_size = -512")  # KiB: it is read by the page, once
        database.executescript(TABLES)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _set_aside(path: Path) -> None:
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    replace(path, path.with_name(path.name + ".damaged"))
