"""Files of rows and columns: CSV (plain, .gz or .zip) and parquet, read as they are, columns by our names."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypeVar

import pandas as pd

from config.errors import shown
from trading.core.errors import BadInput

T = TypeVar("T")

TIME: Final = "time"
TIMES: Final = ("timestamp_ms", "open_time", "timestamp", "date", "datetime", TIME)
KLINE: Final = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
PARQUET: Final = ".parquet"
LONGEST_HEADER: Final = 10_000
"""Characters; a longer first line is no header."""
_FIELDS: Final = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
_BROKEN: Final = (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class Header:
    """names: of the columns, small letters and _ for spaces, the first one, a time, called `time`.

    headless: the file has no line for them (Binance's kline files).
    """

    names: tuple[str, ...]
    headless: bool = False


def header(path: Path) -> Header:
    """The columns of the file, without its rows. Raises BadInput naming the file and what is wrong."""
    if not path.exists():
        raise BadInput("input.no_such_file", path=path)
    if not path.is_file():
        raise BadInput("input.no_file", path=path)
    if path.suffix == PARQUET:
        return Header(tuple(read(path).columns))
    first = _guarded(path, lambda: _first_line(path))
    if not first:
        raise BadInput("input.no_candles", path=path)
    if first[0].strip().replace(".", "", 1).isdigit():
        if len(first) != len(KLINE):
            raise BadInput("input.no_header", path=path, count=len(KLINE))
        return Header((TIME, *KLINE[1:]), headless=True)
    return Header(_checked(path, first))


def read(path: Path) -> pd.DataFrame:
    """The rows of the file, columns named as `header` says. Raises BadInput naming file, row and reason."""
    if path.suffix == PARQUET and path.is_file():
        frame = _guarded(path, lambda: _parquet(path))
        frame.columns = pd.Index(_checked(path, [str(name) for name in frame.columns]))
        return frame
    head = header(path)
    frame = _guarded(path, lambda: _csv(path, head))
    if not frame.index.equals(pd.RangeIndex(len(frame))):  # of too many fields pandas takes the first for an index
        wanted, found = len(head.names), len(head.names) + frame.index.nlevels
        raise BadInput("input.fields", path=path, row=row(path, 0), wanted=wanted, found=found)
    return frame


def row(path: Path, index: int) -> int:
    """Where a person finds row `index` (from 0): its line in the file, the first line is 1; in parquet its number."""
    if path.suffix == PARQUET:
        return index + 1
    wanted = index if header(path).headless else index + 1
    with _text(path) as lines:
        filled = (number for number, line in enumerate(lines, 1) if line.strip("\r\n"))
        return next((number for at, number in enumerate(filled) if at == wanted), wanted + 1)


def _checked(path: Path, given: list[str]) -> tuple[str, ...]:
    """Our names of the columns. Raises BadInput where the first is no time, or one comes twice."""
    names = [name.strip().lower().replace(" ", "_") for name in given]
    stamp = names[0] if names else ""
    if stamp not in TIMES:
        raise BadInput("input.no_time_column", path=path, column=shown(stamp), known=", ".join(TIMES))
    names[0] = TIME
    if twice := [name for at, name in enumerate(names) if name in names[:at]]:
        raise BadInput("input.column_twice", path=path, column=shown(twice[0]))
    return tuple(names)


def _guarded(path: Path, act: Callable[[], T]) -> T:
    """What `act` brings; what goes wrong in it as one sentence about the file."""
    try:
        return act()
    except pd.errors.ParserError as error:
        if found := _FIELDS.search(str(error)):
            wanted, line, fields = found.groups()
            raise BadInput("input.fields", path=path, row=line, wanted=wanted, found=fields) from None
        why: Exception = error
    except UnicodeDecodeError:
        raise BadInput("input.no_text", path=path) from None
    except _BROKEN as error:
        why = error
    said = " ".join(str(getattr(why, "strerror", None) or why).replace(f"'{path}'", "").split())
    raise BadInput("input.unreadable", path=path, why=said[:200]) from None


def _csv(path: Path, head: Header) -> pd.DataFrame:
    with _bytes(path) as content:
        frame: pd.DataFrame = pd.read_csv(
            content,
            header=None if head.headless else 0,
            names=list(head.names),
            encoding="utf-8-sig",
            skipinitialspace=True,
            low_memory=False,  # one type for a column, wherever in it the odd value stands
        )
    return frame


def _parquet(path: Path) -> pd.DataFrame:
    """The table, an index with values of its own as the first column."""
    frame = pd.read_parquet(path)
    if isinstance(frame.index, pd.RangeIndex) and frame.index.name is None:
        return frame
    if frame.index.nlevels == 1 and frame.index.name is None:
        frame.index.name = TIME
    return frame.reset_index()


def _first_line(path: Path) -> list[str]:
    with _text(path) as lines:
        for line in iter(lambda: lines.readline(LONGEST_HEADER), ""):
            if line.strip():
                return next(csv.reader([line.strip("\r\n")]), [])
    return []


def _text(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(_bytes(path), encoding="utf-8-sig")


def _bytes(path: Path) -> IO[bytes]:
    """The file's content, unpacked. Raises one of `_BROKEN`."""
    if path.suffix == ".gz":
        return io.BufferedReader(gzip.open(path))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            inside = [one for one in archive.namelist() if not one.endswith("/")]
            if len(inside) != 1:
                raise ValueError(f"{len(inside)} files in it, not one")
            return io.BytesIO(archive.read(inside[0]))
    return path.open("rb")
