"""The jobs of the backtester's figures as users call them, and as the hand-written loop does them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, Final

import numpy as np

from config.values import Knobs
from tests.bench import markets, numba_loop
from tests.bench.markets import CASH, REFERENCE, SHARED
from trading import strategies
from trading.backtest.engine import backtest
from trading.backtest.executors import Crew
from trading.backtest.grid import Axis, Grid
from trading.backtest.optimize import planned, scored, whole_range
from trading.backtest.series import Prepared, Result, Series, prepare
from trading.core.candles import Candles
from trading.core.indicators import ema
from trading.core.limits import EXIT_MARGIN
from trading.core.rows import Rule, rule
from trading.core.rules import RULES

Outcome = tuple[float, int]
"""Equity at the end (quote) and closed trades."""

K: Final = 0.5
KS: Final = tuple(round(0.3 + 0.05 * step, 2) for step in range(11))
GAINS: Final = tuple(gain / 100.0 for gain in range(3, 11))
LOSSES: Final = tuple(loss / 100.0 for loss in range(1, 6))
LEVELS: Final = tuple(product(GAINS, LOSSES))
COMBINATIONS: Final = tuple((k, gain, loss) for k in KS for gain, loss in LEVELS)
_FEE: Final = RULES[markets.VENUE].fee_rate
_LEAST: Final = RULES[markets.VENUE].min_notional * EXIT_MARGIN
_PRICES: Final = ("open", "high", "low", "close")


# -- ours --------------------------------------------------------------------------------------------------------------


def loaded(candles: Sequence[Candles], knobs: Knobs) -> list[Series]:
    """What a user has after loading, and nothing that a run finds out about it."""
    return [markets.series(one, knobs, f"C{at:02}") for at, one in enumerate(candles)]


def prepared(series: Sequence[Series], knobs: Knobs) -> Prepared:
    """With the rows of the rule."""
    return prepare(series, _breakout(K, knobs))


def shipped(series: Sequence[Series], knobs: Knobs) -> Result:
    """From candles to the result."""
    return backtest(prepared(series, knobs), knobs, CASH)


def swept(series: Sequence[Series], threads: int = 2) -> list[Outcome]:
    """All combinations; the only place that knows by which layer."""
    axes = (Axis("k", True, KS), Axis("take_profit_percent", False, GAINS), Axis("stop_loss_percent", False, LOSSES))
    grid = Grid(_breakout(K, REFERENCE), REFERENCE, axes)
    plan = planned(series, grid, [whole_range(series)], CASH)
    found = scored(plan, Crew(threads, processes=False))[: plan.tried]
    return [(CASH * (1.0 + score.net_return), score.trades) for (score,) in found]


def swept_in_full(series: Sequence[Series]) -> list[Result]:
    """A whole result per combination, for what a peer needs of them."""
    rows = {k: prepare(series, _breakout(k, REFERENCE)) for k in KS}
    return [backtest(rows[k], _with_levels(*levels), CASH) for k, *levels in COMBINATIONS]


def outcome(result: Result) -> Outcome:
    """What is compared."""
    return float(result.equity[-1]), len(result.trades)


def _breakout(k: float, knobs: Knobs) -> Rule:
    return rule(strategies.create("breakout", {"k": str(k)}), knobs)


def _with_levels(gain: float, loss: float) -> Knobs:
    return replace(REFERENCE, take_profit_percent=gain, stop_loss_percent=loss)


# -- the loop ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class OneLoop:
    """The plain loop over one symbol."""

    candles: Candles

    @cached_property
    def _columns(self) -> tuple[Any, ...]:
        return self.candles.time, *(getattr(self.candles, name) for name in _PRICES)

    @cached_property
    def average(self) -> Any:
        """EMA(50) of the closes, for a loop that is given it."""
        return ema(self.candles.close, numba_loop.PERIOD)

    def run(
        self,
        k: float = K,
        gain: float = REFERENCE.take_profit_percent,
        loss: float = REFERENCE.stop_loss_percent,
        average: Any = None,
    ) -> Outcome:
        """Once. average: None, it computes its own."""
        found: Outcome = numba_loop.one(*self._columns, k, gain, loss, CASH, _FEE, _LEAST, average)
        return found

    def sweep(self, threads: int) -> list[Outcome]:
        """Over and over, for all combinations."""
        share = -(-len(COMBINATIONS) // threads)
        parts = [COMBINATIONS[start : start + share] for start in range(0, len(COMBINATIONS), share)]
        with ThreadPoolExecutor(threads) as pool:
            done = pool.map(lambda part: [self.run(*combination) for combination in part], parts)
            return [one for part in done for one in part]


@dataclass(frozen=True, eq=False)
class ManyLoop:
    """The plain loop over a portfolio."""

    candles: Sequence[Candles]

    @cached_property
    def columns(self) -> tuple[Any, ...]:
        """open, high, low, close (n, m): a moment of all symbols lies together, as the loop likes it."""
        return tuple(np.stack([getattr(one, name) for one in self.candles], 1) for name in _PRICES)

    @cached_property
    def average(self) -> Any:
        """EMA(50) of the closes, (n, m)."""
        return np.stack([ema(one.close, numba_loop.PERIOD) for one in self.candles], 1)

    def run(self, average: Any = None) -> Outcome:
        """Once, under `SHARED`. average: None, it computes its own."""
        levels = (K, SHARED.take_profit_percent, SHARED.stop_loss_percent)
        account = (CASH, _FEE, _LEAST, SHARED.max_position_size, SHARED.max_positions)
        found: Outcome = numba_loop.many(self.candles[0].time, *self.columns, *levels, *account, average)
        return found


def agree(job: str, ours: Sequence[Outcome], loops: Sequence[Outcome]) -> None:
    """The same trades and the same money, or a figure says nothing. Raises RuntimeError."""
    for at, (mine, theirs) in enumerate(zip(ours, loops, strict=True)):
        if mine[1] != theirs[1] or abs(mine[0] - theirs[0]) > 1e-9 * abs(theirs[0]):
            raise RuntimeError(f"{job}, run {at}: the kernel ends with (equity, trades) {mine}, the loop with {theirs}")
