"""Candles out of the bot's candles.db, as they were seen first; read-only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from trading.backtest.candle_file import check
from trading.core.calendar import TIMEFRAMES, timeframe_ms
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.rules import names_of

SUFFIX: Final = ".db"
_NAMES: Final = ("time", "open", "high", "low", "close", "volume")
_ROW: Final = np.dtype([(name, "i8" if name == "time" else "f8") for name in _NAMES])
_SERIES: Final = "SELECT DISTINCT symbol, timeframe FROM candles WHERE venue = ?"
_CANDLES: Final = """
    SELECT time_ms, open, high, low, close, volume FROM candles
    WHERE venue = ? AND symbol = ? AND timeframe = ? ORDER BY time_ms
"""


def is_database(path: Path) -> bool:
    """A file for this reader, by its name."""
    return path.suffix == SUFFIX


def load(path: Path, venue: str, symbol: str | None, timeframe: str | None) -> tuple[str, Candles]:
    """(symbol as given, or the venue's name of it; its candles).

    symbol None: the only one there is; timeframe None: the only one of the symbol.
    Raises BadInput naming the file and what there is.
    """
    there = _series(path, venue)
    wanted = None if symbol is None else names_of(venue, symbol)[0]
    found = [one for one in there if wanted in (None, one[0]) and timeframe in (None, one[1])]
    if not found:
        missing = " ".join(filter(None, (symbol, timeframe)))
        raise BadInput("input.no_series", path=path, missing=missing, venue=venue, known=_listed(there, venue))
    if len(found) > 1:
        raise BadInput("input.many_series", path=path, known=_listed(found, venue))
    return symbol or names_of(venue, found[0][0])[1], _read(path, venue, *found[0])


def load_finest(path: Path, venue: str, symbol: str) -> Candles:
    """The shortest candles there are of `symbol`. Raises BadInput as `load`."""
    ours = names_of(venue, symbol)[0]
    known = [timeframe for name, timeframe in _series(path, venue) if name == ours]
    finest = min(known, key=TIMEFRAMES.__getitem__, default=None)
    return load(path, venue, symbol, finest)[1]


def _listed(series: list[tuple[str, str]], venue: str) -> str:
    return ", ".join(f"{names_of(venue, symbol)[1]} {timeframe}" for symbol, timeframe in series) or "-"


def _series(path: Path, venue: str) -> list[tuple[str, str]]:
    """(symbol, timeframe) of all series of the venue, short candles first."""
    with closing(_open(path)) as database:
        try:
            found = [(str(symbol), str(name)) for symbol, name in database.execute(_SERIES, (venue,))]
        except sqlite3.Error as error:
            raise BadInput("input.no_store", path=path, why=error) from None
    return sorted(((symbol, name) for symbol, name in found if name in TIMEFRAMES), key=_by_length)


def _by_length(series: tuple[str, str]) -> tuple[str, int]:
    return series[0], TIMEFRAMES[series[1]]


def _read(path: Path, venue: str, symbol: str, timeframe: str) -> Candles:
    with closing(_open(path)) as database:
        try:
            rows = np.fromiter(database.execute(_CANDLES, (venue, symbol, timeframe)), _ROW)
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise BadInput("input.no_store", path=path, why=error) from None
    time, o, h, low, c, v = (np.ascontiguousarray(rows[name]) for name in _NAMES)
    candles = Candles(time, o, h, low, c, v, timeframe_ms(timeframe))
    check(path, candles, lambda _path, index: index + 1)
    return candles


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise BadInput("input.no_such_file", path=path)
    try:
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
    except sqlite3.Error as error:
        raise BadInput("input.no_store", path=path, why=error) from None
