"""Results that nobody traded: for the figures and pages made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from config.values import Knobs
from trading import strategies
from trading.backtest import metrics
from trading.backtest.html_report import Page
from trading.backtest.provenance import Setup
from trading.backtest.report import Heading
from trading.backtest.series import Curve, Result, Series
from trading.core.candles import Candles
from trading.core.portfolio import Position, Trade
from trading.core.rows import rule
from trading.core.rules import researched

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_756_684_800_000  # 2025-09-01T00:00:00Z
PLAIN = Knobs(slippage_ticks=0)


def trade(entry: float, leave: float, at: int = 0, until: int = 1, quantity: float = 1.0, **changes: Any) -> Trade:
    """A long round trip on Upbit; at, until: hours from START. pnl follows from the rest unless it is given."""
    paid, got, size = Decimal(repr(entry)), Decimal(repr(leave)), Decimal(repr(quantity))
    side = -1 if changes.get("side") == "short" else 1
    fee = changes.pop("fee", Decimal("0.0005") * size * (paid + got))
    pnl = changes.pop("pnl", side * (got - paid) * size - fee)
    plain = Trade(
        f"trip-{at}",
        "upbit",
        "main",
        "macd",
        "BTC/KRW",
        "long",
        START + at * HOUR,
        paid,
        size,
        START + until * HOUR,
        got,
        "take_profit" if pnl > 0 else "stop_loss",
        fee,
        pnl,
        100 * pnl / (paid * size),
    )
    return replace(plain, **changes)


def position(at: int, side: int = 1) -> Position:
    """What is still held at the end, of one coin."""
    one = Decimal(1)
    held = Position("trip", "upbit", "main", "macd", "BTC/KRW", side, START + at * HOUR, START + at * HOUR)
    held.quantity = held.bought = one
    held.cost = Decimal(100)
    return held


def result(
    equity: Sequence[float],
    trades: Sequence[Trade] = (),
    positions: Sequence[Position] = (),
    step: int = HOUR,
    capital: float = 1000.0,
    **more: Any,
) -> Result:
    """A curve with one mark per `step`, from START."""
    times = START + step * np.arange(len(equity), dtype=np.int64)
    marks = np.array(equity, np.float64)
    return Result(
        lambda: tuple(trades),
        lambda: tuple(positions),
        lambda: Curve(times, marks),
        len(equity),
        0.5,
        capital,
        more.get("latches", {}),
        lambda: more.get("closed_filters", ()),
    )


def series(prices: Sequence[float], symbol: str = "KRW-BTC", venue: str = "upbit", step: int = HOUR) -> Series:
    """Candles that open where the one before closed."""
    close = np.array(prices, np.float64)
    first = np.concatenate((close[:1], close[:-1]))
    times = START + step * np.arange(len(close), dtype=np.int64)
    high, low = np.maximum(first, close), np.minimum(first, close)
    candles = Candles(times, first, high, low, close, np.ones(len(close)), step)
    return Series(researched(venue, symbol, PLAIN), candles)


def page(
    told: Result, all_series: Sequence[Series], lang: str = "ko", notes: tuple[str, ...] = (), knobs: Knobs = PLAIN
) -> Page:
    """The page of a made-up result."""
    names = {one.instrument.symbol: one.instrument.market for one in all_series}
    currency = all_series[0].instrument.quote
    chosen = rule(strategies.create("macd", {}), knobs)
    files = tuple((f"{name}.csv",) for name in names.values())
    setup = Setup("python run_backtest.py run", "1.2.3", "kernel", knobs, chosen, tuple(all_series), names, files)
    heading = Heading("macd", names, "1h", currency, lang, knobs.palette)
    return Page(told, metrics.examine(told, all_series, knobs), heading, setup, notes)
