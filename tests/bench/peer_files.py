"""What the peers get of a job: its candles, and the entries that the rules come to, as one .npz file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.jobs import COMBINATIONS, K, ManyLoop
from tests.bench.markets import CASH, MINUTE_MS, REFERENCE, SHARED, START_MS
from trading.backtest.series import Result
from trading.core.candles import Candles


def write_one(path: Path, candles: Candles, result: Result) -> None:
    """Job (a)."""
    _write(path, _prices(candles), [result], [(K, REFERENCE.take_profit_percent, REFERENCE.stop_loss_percent)])


def write_sweep(path: Path, candles: Candles, results: Sequence[Result]) -> None:
    """Job (b): a column per combination."""
    _write(path, _prices(candles), results, COMBINATIONS)


def write_many(path: Path, candles: Sequence[Candles], result: Result) -> None:
    """Job (c): a column per symbol."""
    prices = dict(zip(("open", "high", "low", "close"), ManyLoop(candles).columns, strict=True))
    _write(path, prices, [result], [(K, SHARED.take_profit_percent, SHARED.stop_loss_percent)])


def _prices(candles: Candles) -> dict[str, Any]:
    return {name: getattr(candles, name) for name in ("open", "high", "low", "close")}


def _write(
    path: Path, prices: dict[str, Any], results: Sequence[Result], combinations: Sequence[tuple[float, float, float]]
) -> None:
    """One result: its symbols are the columns; several: they are."""
    found = []
    for run, result in enumerate(results):
        for symbol, *entry in _entries(result):
            found.append((entry[0], run if len(results) > 1 else _number(symbol), *entry[1:]))
    at, column, price, quantity = (np.array(values) for values in zip(*sorted(found), strict=True))
    _, gain, loss = (np.array(values) for values in zip(*combinations, strict=True))
    np.savez(path, **prices, at=at, column=column, price=price, quantity=quantity, gain=gain, loss=loss, cash=CASH)


def _entries(result: Result) -> list[tuple[str, int, float, float]]:
    """(symbol, candle, price, quantity) of every round trip, the open ones too."""
    closed = [(one.symbol, one.entry_ms, float(one.entry_price), float(one.quantity)) for one in result.trades]
    held = [(one.symbol, one.entry_ms, one.entry, float(one.quantity)) for one in result.positions]
    return [(symbol, (ms - START_MS) // MINUTE_MS, price, size) for symbol, ms, price, size in closed + held]


def _number(symbol: str) -> int:
    """Of the market "C07/KRW": 7."""
    return int(symbol.partition("/")[0][1:])
