"""Candle files: three shapes of CSV, and parquet; tick files. What is wrong is refused with file, row and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.errors import shown
from trading.backtest import candle_table
from trading.backtest.candle_table import KLINE, TIME, row
from trading.core.candles import Candles, Floats, Times
from trading.core.errors import BadInput

PRICES: Final = ("open", "high", "low", "close")
COLUMNS: Final = (TIME, *PRICES, "volume")
_KNOWN: Final = {
    *COLUMNS,
    *KLINE,
    "quote_asset_volume",  # as Binance's documentation names the rest
    "number_of_trades",
    "taker_buy_base_asset_volume",
    "taker_buy_quote_asset_volume",
}
TICK_COLUMNS: Final = ("time", "price", "quantity")
TICK_MS: Final = 1
"""Length of the candle that stands for a tick: shorter than any timeframe, and a divisor of each."""
_MICROSECONDS: Final = 10**14
"""A number of this size or more is microseconds since 1970 (Binance's archives since 2025)."""
_SECONDS: Final = (10**9, 10**11)
"""As milliseconds these would lie between January 1970 and 1973: they are seconds."""


@dataclass(frozen=True, slots=True)
class CandleFile:
    """Candles of a file. without_volume: its volume column is empty, and counts as 0.

    outside: of so many candles open or close lie outside low..high; they are taken as they are.
    """

    candles: Candles
    without_volume: bool = False
    outside: int = 0


def load(path: Path, timeframe_ms: int) -> CandleFile:
    """Reads `path` (.parquet, else CSV, also .gz or .zip; UTC open times). Raises BadInput naming file, row and reason.

    Shapes: `timestamp_ms,open,high,low,close,volume`; Binance's kline columns (with or without header); ISO dates
    in the first column (without a zone: UTC). An empty volume column is volume 0 and noted.
    """
    frame = candle_table.read(path)
    names = list(frame.columns)
    if strange := [name for name in names if name not in _KNOWN]:
        raise BadInput("input.unknown_column", path=path, column=shown(strange[0]), known=", ".join(COLUMNS))
    if missing := [name for name in COLUMNS if name not in names]:
        raise BadInput("input.missing_column", path=path, column=missing[0])
    if frame.empty:
        raise BadInput("input.no_candles", path=path)
    time = times(path, frame)
    values = {name: numbers(path, frame, name) for name in PRICES}
    without = bool(frame["volume"].isna().all())
    volume = np.zeros(len(frame)) if without else numbers(path, frame, "volume")
    candles = Candles(time, values["open"], values["high"], values["low"], values["close"], volume, timeframe_ms)
    check(path, candles)
    inside = (candles.low <= np.minimum(candles.open, candles.close)) & (
        np.maximum(candles.open, candles.close) <= candles.high
    )
    return CandleFile(candles, without, int((~inside).sum()))


def holds_ticks(path: Path) -> bool:
    """The file has a column `price`, so it is one for `load_ticks`. Raises BadInput where it cannot be read."""
    return "price" in candle_table.header(path).names


def load_ticks(path: Path) -> CandleFile:
    """Ticks (trades, prices) of `path`, each as a candle with open = high = low = close and timeframe `TICK_MS`.

    Columns: `timestamp_ms,price[,quantity]` (UTC; the names of the time and its forms as in `load`); quantity is in
    base and counts as 0 where the column is missing. Several ticks may have one time and stand in the order in which
    they came, so times never fall. Raises BadInput naming file, row and reason.
    """
    frame = candle_table.read(path)
    names = list(frame.columns)
    if strange := [name for name in names if name not in TICK_COLUMNS]:
        raise BadInput("input.unknown_tick_column", path=path, column=shown(strange[0]))
    if "price" not in names:
        raise BadInput("input.missing_column", path=path, column="price")
    if frame.empty:
        raise BadInput("input.no_ticks", path=path)
    time, price = times(path, frame), numbers(path, frame, "price")
    quantity = numbers(path, frame, "quantity") if "quantity" in frame.columns else np.zeros(len(frame))
    if (price <= 0.0).any():
        raise refused(path, "input.not_positive", int((price <= 0.0).argmax()), column="price")
    if (quantity < 0.0).any():
        raise refused(path, "input.negative", int((quantity < 0.0).argmax()), column="quantity")
    falls = np.diff(time) < 0
    if falls.any():
        raise refused(path, "input.tick_order", int(falls.argmax()) + 1)
    return CandleFile(Candles(time, price, price, price, price, quantity, TICK_MS))


def times(path: Path, frame: pd.DataFrame) -> Times:
    """Open times, ms UTC, from numbers or dates. Raises BadInput."""
    stamps = frame[TIME]
    if pd.api.types.is_object_dtype(stamps):
        stamps = stamps.astype(str)  # dates of other libraries, numbers too large for a column of them
    if pd.api.types.is_numeric_dtype(stamps) and not pd.api.types.is_bool_dtype(stamps):
        time = _of_numbers(path, stamps)
    elif isinstance(stamps.iloc[0], str) and stamps.iloc[0].strip().isdigit():
        index = int(pd.to_numeric(stamps, errors="coerce").isna().to_numpy().argmax())
        raise refused(path, "input.no_ms", index, given=shown(stamps.iloc[index]))
    else:
        parsed = pd.to_datetime(stamps, utc=True, format="ISO8601", errors="coerce")
        if parsed.isna().any():
            index = int(parsed.isna().to_numpy().argmax())
            raise refused(path, "input.no_date", index, given=shown(stamps.iloc[index]))
        time = np.asarray(parsed.astype("datetime64[ms, UTC]").astype("int64"), np.int64)
    far = (time < 0) | (time >= _MICROSECONDS)
    if far.any():
        index = int(far.argmax())
        raise refused(path, "input.time_range", index, given=shown(stamps.iloc[index]))
    return time


def _of_numbers(path: Path, stamps: pd.Series[int]) -> Times:
    if stamps.isna().any():
        raise refused(path, "input.no_time", int(stamps.isna().to_numpy().argmax()))
    values = stamps.to_numpy()
    if values.dtype.kind == "f":
        broken = ~(np.isfinite(values) & (values == np.floor(values)))
        if broken.any():
            index = int(broken.argmax())
            raise refused(path, "input.no_ms", index, given=str(values[index]))
    time = np.where(values >= _MICROSECONDS, values // 1000, values)
    if (time > np.iinfo(np.int64).max).any():
        index = int(time.argmax())
        raise refused(path, "input.time_range", index, given=str(values[index]))
    if _SECONDS[0] <= time[0] < _SECONDS[1]:
        raise refused(path, "input.seconds", 0, given=str(values[0]))
    return time.astype(np.int64)


def refused(path: Path, key: str, index: int, **values: object) -> BadInput:
    """The error about row `index`."""
    return BadInput(key, path=path, row=row(path, index), **values)


def numbers(path: Path, frame: pd.DataFrame, name: str) -> Floats:
    """The column `name`, all finite. Raises BadInput naming file, row and what stands there."""
    column = frame[name]
    if pd.api.types.is_bool_dtype(column):
        column = column.astype(str)  # true is no price
    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        index = int(bad.argmax())
        given = column.iloc[index]
        raise refused(
            path, "input.no_number", index, column=name, given=repr(shown(given)) if isinstance(given, str) else given
        )
    return values


def check(path: Path, candles: Candles, row: Callable[[Path, int], int] = row) -> None:
    """Raises BadInput for the first candle that cannot be, by its `row`."""

    def refused(key: str, wrong: NDArray[np.bool_], **values: object) -> None:
        if wrong.any():
            raise BadInput(key, path=path, row=row(path, int(wrong.argmax())), **values)

    refused("input.candle_order", np.diff(candles.time, prepend=candles.time[:1] - 1) <= 0)
    for name in PRICES:
        refused("input.not_positive", getattr(candles, name) <= 0.0, column=name)
    refused("input.crossed", candles.high < candles.low)
    refused("input.negative", candles.volume < 0.0, column="volume")
