"""Funding rates of a file: inputs of a backtest beside its candles."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from trading.backtest import candle_table
from trading.backtest.candle_file import numbers, refused, times
from trading.backtest.perpetual import Funding
from trading.core.errors import BadInput

RATES: Final = ("funding_rate", "fundingrate", "last_funding_rate", "rate", "open")
"""Names of the column with the rate, the first that is there: Binance's archives and API, ccxt-like tools (`open`)."""


def load(path: Path) -> Funding:
    """Funding times (ms UTC) and rates (fractions of the notional, paid by longs where positive), CSV or parquet.

    The first column is the time, in the forms of candle files. Raises BadInput naming file, row and reason.
    """
    frame = candle_table.read(path)
    rate = next((name for name in RATES if name in frame.columns), None)
    if rate is None:
        raise BadInput("input.missing_column", path=path, column=RATES[0])
    if frame.empty:
        raise BadInput("input.no_candles", path=path)
    stamps, rates = times(path, frame), numbers(path, frame, rate)
    falls = np.diff(stamps) <= 0
    if falls.any():
        raise refused(path, "input.candle_order", int(falls.argmax()) + 1)
    wild = np.abs(rates) >= 1.0
    if wild.any():
        at = int(wild.argmax())
        raise refused(path, "input.funding_rate", at, given=f"{rates[at]:g}")
    return Funding(stamps, rates)
