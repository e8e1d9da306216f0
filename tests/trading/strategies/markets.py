"""Markets and other inputs for the tests that every strategy inherits."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from tests.shared_data import shared
from tests.trading.backtest.scripted import candles_of, walk
from trading.backtest.candle_file import load
from trading.core.calendar import HOUR_MS, MINUTE_MS, timeframe_ms
from trading.core.candles import Candles, resample
from trading.core.filters import HIGHER, SWITCHES
from trading.core.rows import Rule, aligned
from trading.core.strategy import Inputs, Strategy, parameters

#: Every filter on, and a volatility floor that some candles miss.
STRICT = tuple(SWITCHES)


@cache
def generated(seed: int, n: int, length: int = 5 * MINUTE_MS) -> Candles:
    """A nervous series with holes and a lively volume."""
    rng = np.random.default_rng(seed)
    candles = candles_of(walk(rng, n, 1000.0, 0.004, 0.0, length), length)
    return replace(candles, volume=np.where(rng.random(n) < 0.1, 0.0, rng.lognormal(0, 1, n)))


@cache
def recorded(name: str, timeframe: str) -> Candles:
    """A recorded series; skips the test without it."""
    return load(shared(name), timeframe_ms(timeframe)).candles


def others(strategy: Strategy, candles: Candles, filters: tuple[str, ...]) -> dict[str, Candles]:
    """A series for every input that the strategy and the filters declare."""
    needs = {}
    for name in Rule(strategy, filters).needs:
        needs[name] = resample(candles, max(HOUR_MS, candles.timeframe_ms)) if name == HIGHER else other(name, candles)
    return needs


def other(name: str, candles: Candles) -> Candles:
    """Some other series over the same time, its prices unlike these."""
    rng = np.random.default_rng(len(name))
    n = len(candles)
    price = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.004, n)))
    up, down = price * (1 + 0.002 * rng.random(n)), price * (1 - 0.002 * rng.random(n))
    return Candles(candles.time, price, up, down, price, rng.lognormal(0, 1, n), candles.timeframe_ms)


def inputs(needs: dict[str, Candles], candles: Candles, base: str = "ETH") -> Inputs:
    """What reaches a strategy."""
    return Inputs(0, base, {name: aligned(series, candles.time) for name, series in needs.items()})


def drawn(strategy: type[Strategy], rng: np.random.Generator) -> dict[str, object]:
    """Valid parameters at random."""
    values: dict[str, object] = {}
    for name, spec in parameters(strategy).items():
        values[name] = one(spec.default, spec.metadata, rng)
    return values


def one(default: object, bounds: Any, rng: np.random.Generator) -> object:
    """A valid value of one parameter."""
    if isinstance(default, bool):
        return bool(rng.random() < 0.5)
    if isinstance(default, str):
        return str(rng.choice(bounds["choices"]))
    if isinstance(default, int):
        return int(rng.integers(bounds["low"], bounds["high"] + 1))
    return float(rng.uniform(bounds["low"], bounds["high"]))
