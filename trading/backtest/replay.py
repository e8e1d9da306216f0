"""Exact replay: the objects that trade live, driven candle by candle over recorded series."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter

import numpy as np

from config.values import Knobs
from trading.backtest.replay_venue import ReplayClock, ReplayVenue
from trading.core.account import Account
from trading.core.calendar import DAY_OFFSET_MS
from trading.core.candles import Candles, Floats, Times
from trading.core.decision import Who
from trading.core.facts import Bar, Facts
from trading.core.filters import HIGHER
from trading.core.instrument import Instrument
from trading.core.portfolio import Portfolio, Position, Trade
from trading.core.rows import Look, Rule, aligned, compute, higher_hours
from trading.core.rules import RULES
from trading.core.signals import Signals
from trading.core.strategy import Inputs
from trading.execution import Execution
from trading.memory_ledger import MemoryLedger
from trading.trader import Trader


@dataclass(frozen=True, slots=True)
class Series:
    """One symbol's candles. candles: of the signal timeframe; detail: finer ones that execution runs on, if any."""

    instrument: Instrument
    candles: Candles
    detail: Candles | None = None

    @property
    def execution(self) -> Candles:
        """The finest series available."""
        return self.candles if self.detail is None else self.detail


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a replay brought. times (ms UTC) and equity (quote, marked at each execution candle's close): shape (n,).

    positions: still open at the end. seconds: engine time with indicators, without loading. closed_filters: entry
    filters that let no row of any series pass.
    """

    trades: tuple[Trade, ...]
    positions: tuple[Position, ...]
    times: Times
    equity: Floats
    bars: int
    seconds: float
    account: Account
    capital: float
    closed_filters: tuple[str, ...] = ()


def signals_of(rule: Rule, series: Series) -> Signals:
    """All rows of one series, with the other inputs the rule needs."""
    offset = DAY_OFFSET_MS[series.instrument.venue]
    needs = {}
    if HIGHER in rule.needs:
        hours = higher_hours(series.candles, series.detail, offset)
        if hours is not None:
            needs[HIGHER] = aligned(hours, series.candles.time)
    return compute(rule, series.candles, Inputs(offset, series.instrument.base, needs))


def _looks(rows: Signals, candles: Candles) -> dict[int, Look]:
    """Rows by the open time of their candle."""
    return {open_ms: Look(row, {}, {}) for open_ms, row in zip(candles.time.tolist(), rows.columns(), strict=True)}


def _bars(series: Series) -> Iterator[Bar]:
    """Execution candles, each with the signal candle it lies in; before the first signal candle there are none."""
    signal, execution = series.candles, series.execution
    index = np.searchsorted(signal.time, execution.time, side="right") - 1
    length = signal.timeframe_ms
    begun = index >= 0
    opens = signal.time[index]
    # Detail without a signal candle around it has no row: exits run and entries wait.
    owner = np.where(execution.time - opens < length, opens, -1 - opens)
    columns = (execution.time, execution.open, execution.high, execution.low, execution.close, owner)
    return map(Bar._make, zip(_forever(series.instrument.symbol), *(c[begun].tolist() for c in columns), strict=False))


def _forever(symbol: str) -> Iterator[str]:
    while True:
        yield symbol


def _rounds(all_bars: Sequence[Iterable[Bar]]) -> Iterator[tuple[int, tuple[Bar, ...]]]:
    """(time, bars of all symbols that have a candle then), in order of time."""
    if len(all_bars) == 1:
        for bar in all_bars[0]:
            yield bar.time_ms, (bar,)
        return
    now = -1
    together: list[Bar] = []
    for bar in heapq.merge(*all_bars, key=attrgetter("time_ms")):
        if bar.time_ms != now and together:
            yield now, tuple(together)
            together = []
        now = bar.time_ms
        together.append(bar)
    if together:
        yield now, tuple(together)


def research_knobs(knobs: Knobs) -> Knobs:
    """`knobs` without the gates that only live trading has."""
    return replace(knobs, max_orders_per_minute=0, max_notional=0.0, price_band=0.0, approvals=0)


def replay(all_series: Sequence[Series], rule: Rule, knobs: Knobs, cash: float) -> Result:
    """Drives one trader over `all_series` (one venue, one cash account of `cash` quote)."""
    started = time.perf_counter()
    knobs = research_knobs(knobs)
    venue_id = all_series[0].instrument.venue
    instruments = {series.instrument.symbol: series.instrument for series in all_series}
    rows = {series.instrument.symbol: signals_of(rule, series) for series in all_series}
    looks = {series.instrument.symbol: _looks(rows[series.instrument.symbol], series.candles) for series in all_series}
    clock = ReplayClock()
    capital = Decimal(repr(cash))
    venue = ReplayVenue(venue_id, capital, instruments, knobs, clock)
    execution = Execution(venue, MemoryLedger(), clock)
    trader = Trader(
        Who("replay", venue_id, "main", rule.strategy.name),
        rule,
        knobs,
        Portfolio(capital),
        Account(cash),
        instruments,
        lambda symbol, candle_ms: looks[symbol].get(candle_ms),
        RULES[venue_id].native_take_profit,
    )
    times: list[int] = []
    equity: list[float] = []
    bars = 0
    for now, together in _rounds([_bars(series) for series in all_series]):
        clock.now_ms = now
        venue.next_candle()
        plan = trader.step(Facts(now, together))
        while plan.orders:
            execution.execute(plan.orders)
            plan = trader.step(Facts(now, (), execution.events(), free=venue.free()))
        bars += len(together)
        times.append(now)
        equity.append(trader.account.equity)
    return Result(
        tuple(trader.trades),
        tuple(trader.portfolio.positions.values()),
        np.asarray(times, np.int64),
        np.asarray(equity, np.float64),
        bars,
        time.perf_counter() - started,
        trader.account,
        cash,
        _closed_filters(rows.values()),
    )


def _closed_filters(all_rows: Iterable[Signals]) -> tuple[str, ...]:
    """Names of the filters that never passed."""
    passed: dict[str, bool] = {}
    for rows in all_rows:
        for name, holds in rows.conditions.items():
            if name.startswith("filter:"):
                passed[name] = passed.get(name, False) or bool(holds.any())
    return tuple(name.removeprefix("filter:") for name, ever in passed.items() if not ever)
