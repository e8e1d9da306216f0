"""Candle files: three shapes of CSV, and parquet; tick files. What is wrong is refused with file, row and reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from trading.core.candles import Candles
from trading.core.errors import BadInput

PRICES: Final = ("open", "high", "low", "close")
COLUMNS: Final = ("time", *PRICES, "volume")
_TIMES: Final = ("timestamp_ms", "open_time", "timestamp", "date", "datetime", "time")
_KLINE: Final = (
    "open_time",
    *PRICES,
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
TICK_COLUMNS: Final = ("time", "price", "quantity")
TICK_MS: Final = 1
"""Length of the candle that stands for a tick: shorter than any timeframe, and a divisor of each."""
_MICROSECONDS: Final = 10**14
"""A number of this size or more is microseconds since 1970 (Binance's archives since 2025)."""


@dataclass(frozen=True, slots=True)
class CandleFile:
    """Candles of a file. without_volume: its volume column is empty, and counts as 0."""

    candles: Candles
    without_volume: bool = False


def load(path: Path, timeframe_ms: int) -> CandleFile:
    """Reads `path` (.csv or .parquet; UTC open times). Raises BadInput naming file, row and reason.

    Shapes: `timestamp_ms,open,high,low,close,volume`; Binance's kline columns (with or without header); ISO dates
    in the first column (without a zone: UTC). An empty volume column is volume 0 and noted.
    """
    frame = _read(path)
    if frame.empty:
        raise BadInput("input.no_candles", path=path)
    time = _times(path, frame)
    values = {name: _numbers(path, frame, name) for name in PRICES}
    without = bool(frame["volume"].isna().all())
    volume = np.zeros(len(frame)) if without else _numbers(path, frame, "volume")
    candles = Candles(time, values["open"], values["high"], values["low"], values["close"], volume, timeframe_ms)
    _check(path, candles)
    return CandleFile(candles, without)


def holds_ticks(path: Path) -> bool:
    """The file has a column `price`, so it is one for `load_ticks`. Raises BadInput where it cannot be read."""
    return "price" in _open(path).columns


def load_ticks(path: Path) -> CandleFile:
    """Ticks (trades, prices) of `path`, each as a candle with open = high = low = close and timeframe `TICK_MS`.

    Columns: `timestamp_ms,price[,quantity]` (UTC; the names of the time and its forms as in `load`); quantity is in
    base and counts as 0 where the column is missing. Several ticks may have one time and stand in the order in which
    they came, so times never fall. Raises BadInput naming file, row and reason.
    """
    frame = _open(path)
    if strange := [name for name in frame.columns if name not in TICK_COLUMNS]:
        raise BadInput("input.unknown_tick_column", path=path, column=strange[0])
    if "price" not in frame.columns:
        raise BadInput("input.missing_column", path=path, column="price")
    if frame.empty:
        raise BadInput("input.no_ticks", path=path)
    time, price = _times(path, frame), _numbers(path, frame, "price")
    quantity = _numbers(path, frame, "quantity") if "quantity" in frame.columns else np.zeros(len(frame))
    if (price <= 0.0).any():
        raise BadInput("input.not_positive", path=path, row=_row(path, int((price <= 0.0).argmax())), column="price")
    if (quantity < 0.0).any():
        raise BadInput("input.negative", path=path, row=_row(path, int((quantity < 0.0).argmax())), column="quantity")
    falls = np.diff(time) < 0
    if falls.any():
        raise BadInput("input.tick_order", path=path, row=_row(path, int(falls.argmax()) + 1))
    return CandleFile(Candles(time, price, price, price, price, quantity, TICK_MS))


def _open(path: Path) -> pd.DataFrame:
    """The file as it is, names of columns in small letters, the first one, which must be a time, called `time`."""
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except FileNotFoundError:
        raise BadInput("input.no_such_file", path=path) from None
    except BadInput:
        raise  # a ValueError that says more than the next line could
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise BadInput("input.unreadable", path=path, why=str(error)) from None
    names = [str(name).strip().lower() for name in frame.columns]
    frame.columns = pd.Index(names)
    stamp = names[0] if names else ""
    if stamp not in _TIMES:
        raise BadInput("input.no_time_column", path=path, column=stamp, known=", ".join(_TIMES))
    return frame.rename(columns={stamp: "time"})


def _read(path: Path) -> pd.DataFrame:
    frame = _open(path)
    known = {"time", *_KLINE}
    if strange := [name for name in frame.columns if name not in known]:
        raise BadInput("input.unknown_column", path=path, column=strange[0], known=", ".join(COLUMNS))
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise BadInput("input.missing_column", path=path, column=missing[0])
    return frame


def _read_csv(path: Path) -> pd.DataFrame:
    first = _first_line(path)
    headless = first[0].strip().isdigit()
    if headless and len(first) != len(_KLINE):
        raise BadInput("input.no_header", path=path, count=len(_KLINE))
    return pd.read_csv(path, header=None if headless else 0, names=list(_KLINE) if headless else None)


def _first_line(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as lines:
        return lines.readline().split(",")


def _row(path: Path, index: int) -> int:
    """Where a person finds row `index` (0-based candle): its line in the file, a header being line 1."""
    headless = path.suffix != ".parquet" and _first_line(path)[0].strip().isdigit()
    return index + (1 if headless else 2)


def _times(path: Path, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    stamps = frame["time"]
    if pd.api.types.is_numeric_dtype(stamps):
        if stamps.isna().any():
            raise BadInput("input.no_time", path=path, row=_row(path, int(stamps.isna().to_numpy().argmax())))
        time = stamps.to_numpy(np.int64)
        return time // 1000 if time[0] >= _MICROSECONDS else time
    if isinstance(stamps.iloc[0], str) and stamps.iloc[0].strip().isdigit():
        wrong = pd.to_numeric(stamps, errors="coerce").isna()
        index = int(wrong.to_numpy().argmax())
        raise BadInput("input.no_ms", path=path, row=_row(path, index), given=stamps.iloc[index])
    parsed = pd.to_datetime(stamps, utc=True, format="ISO8601", errors="coerce")
    if parsed.isna().any():
        index = int(parsed.isna().to_numpy().argmax())
        raise BadInput("input.no_date", path=path, row=_row(path, index), given=stamps.iloc[index])
    return np.asarray(parsed.astype("datetime64[ms, UTC]").astype("int64"), np.int64)


def _numbers(path: Path, frame: pd.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        index = int(bad.argmax())
        given = frame[name].iloc[index]
        shown = repr(given) if isinstance(given, str) else str(given)
        raise BadInput("input.no_number", path=path, row=_row(path, index), column=name, given=shown)
    return values


def _check(path: Path, candles: Candles) -> None:
    steps = np.diff(candles.time)
    if (steps <= 0).any():
        index = int((steps <= 0).argmax()) + 1
        raise BadInput("input.candle_order", path=path, row=_row(path, index))
    for name in PRICES:
        low = getattr(candles, name) <= 0.0
        if low.any():
            raise BadInput("input.not_positive", path=path, row=_row(path, int(low.argmax())), column=name)
    crossed = candles.high < candles.low
    if crossed.any():
        raise BadInput("input.crossed", path=path, row=_row(path, int(crossed.argmax())))
    negative = candles.volume < 0.0
    if negative.any():
        raise BadInput("input.negative", path=path, row=_row(path, int(negative.argmax())), column="volume")
