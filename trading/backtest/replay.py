"""Exact replay: the objects that trade live, driven candle by candle over recorded series."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from operator import attrgetter

import numpy as np

from config.values import Knobs
from trading.backtest.replay_rules import Surroundings
from trading.backtest.replay_venue import ReplayClock, ReplayVenue
from trading.backtest.series import Curve, Prepared, Result, Series
from trading.core.account import Account
from trading.core.candles import Candles
from trading.core.decision import Who
from trading.core.facts import Bar, Facts
from trading.core.portfolio import Portfolio
from trading.core.rows import Look
from trading.core.rules import RULES
from trading.core.signals import Signals
from trading.execution import Execution
from trading.memory_ledger import MemoryLedger
from trading.trader import Trader


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
    columns = [execution.time, execution.open, execution.high, execution.low, execution.close, owner]
    cut = [column[begun].tolist() for column in columns]
    if series.marks is not None:
        cut.extend(column.tolist() for column in series.marks)
    return (Bar(series.instrument.symbol, *values) for values in zip(*cut, strict=True))


def _rounds(all_bars: Sequence[Iterable[Bar]]) -> Iterator[tuple[int, tuple[Bar, ...]]]:
    """(time, bars of all symbols that have a candle then), in order of time."""
    if len(all_bars) == 1:
        for bar in all_bars[0]:
            yield bar.time_ms, (bar,)
        return
    now = -1
    together: list[Bar] = []
    for bar in heapq.merge(*all_bars, key=attrgetter("time_ms")):
        if together and (bar.time_ms != now or any(other.symbol == bar.symbol for other in together)):
            yield now, tuple(together)
            together = []
        now = bar.time_ms
        together.append(bar)
    if together:
        yield now, tuple(together)


def _move_refusals(trader: Trader, into: dict[tuple[str, int], str]) -> None:
    """From the trader's list to (symbol, signal candle) -> gate: a level is tried again in every execution candle."""
    if trader.refused:
        into.update(((symbol, trader.walks[symbol].candle_ms), no.gate) for symbol, no in trader.refused)
        trader.refused.clear()


def research_knobs(knobs: Knobs) -> Knobs:
    """`knobs` without the gates that only live trading has."""
    return replace(knobs, max_orders_per_minute=0, max_notional=0.0, price_band=0.0, approvals=0)


def replay(prepared: Prepared, knobs: Knobs, cash: float) -> Result:
    """Drives one trader over all series of `prepared`, with `cash` (quote) to start from."""
    started = time.perf_counter()
    knobs, venue_id, rule = research_knobs(knobs), prepared.venue, prepared.rule
    instruments = {series.instrument.symbol: series.instrument for series in prepared.series}
    looks = {
        series.instrument.symbol: _looks(rows, series.candles)
        for series, rows in zip(prepared.series, prepared.rows, strict=True)
    }
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
    refused: dict[tuple[str, int], str] = {}
    bars = 0
    surroundings = Surroundings(prepared.series)
    for now, together in _rounds([_bars(series) for series in prepared.series]):
        clock.now_ms = now
        venue.next_candle()
        plan = trader.step(Facts(now, together, notices=surroundings.move(together, trader.portfolio, venue)))
        while plan.orders:
            execution.execute(plan.orders)
            plan = trader.step(Facts(now, (), execution.events(), free=venue.free()))
        _move_refusals(trader, refused)
        bars += len(together)
        times.append(now)
        equity.append(trader.account.equity)
    return Result(
        lambda: tuple(trader.trades),
        lambda: tuple(trader.portfolio.positions.values()),
        lambda: Curve(np.asarray(times, np.int64), np.asarray(equity, np.float64)),
        bars,
        prepared.seconds + time.perf_counter() - started,
        cash,
        trader.account.latches,
        prepared.closed_filters,
        Counter(refused.values()),
    )
