"""Small generated markets and grids for tests of searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from config.values import Knobs
from tests.trading.backtest.scripted import candles_of, walk
from trading import strategies
from trading.backtest.engine import Score, score
from trading.backtest.grid import Grid, grid
from trading.backtest.optimize import Plan, planned, split
from trading.backtest.series import Result, Series
from trading.core.rows import rule
from trading.core.rules import researched

KNOBS = Knobs(
    sizing="all_in",
    cooldown_after_losses=0,
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    trend_filter=False,
    adx_filter=False,
)
GRID = ("macd_positive=false,true", "take_profit_percent=0.01:0.03:0.01", "stop_loss_percent=0.01,0.02")
HEADER = "timestamp_ms,open,high,low,close,volume"
CASH = 1_000_000.0


def market(seed: int = 1, n: int = 1500, length: int = 60_000) -> Series:
    """A generated series of `n` candles."""
    bars = walk(np.random.default_rng(seed), n, 50_000.0, 0.003, 0.0, length)
    return Series(researched("upbit", "KRW-BTC", KNOBS), candles_of(bars, length))


def macd_grid(given: Sequence[str] = GRID, knobs: Knobs = KNOBS) -> Grid:
    return grid(given, rule(strategies.create("macd"), knobs), knobs)


def worth(result: Result) -> Score:
    return score(result.trades, float(result.equity[-1]), result.capital)


def alike(one: Score, other: Score) -> bool:
    """Equal as two engines are: 1e-9, where a figure exists."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    return all(a == b or (None not in (a, b) and a == pytest.approx(b, rel=1e-9, abs=1e-12)) for a, b in pairs)


def plan(series: Series, over: Grid, share: float = 0.3) -> Plan:
    return planned([series], over, split([series], share), CASH)


def write_csv(path: Path, series: Series) -> Path:
    candles = series.candles
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    rows = [",".join(repr(column[i].item()) for column in columns) for i in range(len(candles))]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path
