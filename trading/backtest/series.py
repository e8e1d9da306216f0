"""What goes into a backtest and what comes out, whichever engine runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from trading.backtest.perpetual import Funding, dues, extremes
from trading.core.calendar import DAY_OFFSET_MS
from trading.core.candles import Candles, Floats, Times
from trading.core.filters import HIGHER
from trading.core.instrument import Instrument
from trading.core.krx import price_limits
from trading.core.portfolio import Position, Trade
from trading.core.rows import Rule, aligned, compute, higher_hours
from trading.core.signals import Signals, says_nothing
from trading.core.strategy import Inputs


@dataclass(frozen=True, eq=False)
class Series:
    """One symbol's candles. candles: of the signal timeframe; detail: finer ones that execution runs on, if any.

    funding: rates, mark: mark prices of a perpetual, no coarser than what execution runs on.
    """

    instrument: Instrument
    candles: Candles
    detail: Candles | None = None
    funding: Funding | None = None
    mark: Candles | None = None

    def __post_init__(self) -> None:
        # What candles are is found out where they are loaded, not while an engine runs.
        _ = self.envelope

    @property
    def execution(self) -> Candles:
        """The finest series available."""
        return self.candles if self.detail is None else self.detail

    @cached_property
    def walked(self) -> Candles:
        """Execution candles from the first signal candle on."""
        if self.detail is None or not len(self.candles):
            return self.execution
        return self.detail[int(np.searchsorted(self.detail.time, self.candles.time[0])) :]

    @cached_property
    def envelope(self) -> tuple[Floats, Floats]:
        """(highest, lowest) price of each walked candle: high and low, wherever the open lies between them."""
        candles = self.walked
        if not (np.any(candles.open > candles.high) or np.any(candles.open < candles.low)):
            return candles.high, candles.low
        return np.maximum(candles.high, candles.open), np.minimum(candles.low, candles.open)

    @cached_property
    def marks(self) -> tuple[Floats, Floats] | None:
        """(high, low) of the mark price within each walked candle; None without mark prices."""
        return None if self.mark is None else extremes(self.mark, self.walked)

    @cached_property
    def funding_due(self) -> Funding | None:
        """What a long pays at each funding time, quote per unit of base; None without rates."""
        return None if self.funding is None else dues(self.funding, self.walked if self.mark is None else self.mark)

    @cached_property
    def limits(self) -> tuple[Floats, Floats] | None:
        """(highest, lowest) price allowed in each walked candle; None where there are none."""
        return price_limits(self.walked, self.instrument.ticks) if self.instrument.limited else None


class Curve(NamedTuple):
    """Equity (quote, marked at each execution candle's close) at times (ms UTC): shape (n,)."""

    times: Times
    equity: Floats


@dataclass(frozen=True, eq=False)
class Result:
    """What a backtest brought; what costs time to tell is told when first asked for.

    latches: limits that tripped for good -> when (ms UTC). bars: execution candles. seconds: engine time with
    indicators, without loading. refused: gate -> signal candles in which it refused an entry (only the exact replay
    knows).
    """

    _trades: Callable[[], tuple[Trade, ...]]
    _positions: Callable[[], tuple[Position, ...]]
    _curve: Callable[[], Curve]
    bars: int
    seconds: float
    capital: float
    latches: Mapping[str, int]
    _closed_filters: Callable[[], tuple[str, ...]]
    refused: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def trades(self) -> tuple[Trade, ...]:
        """Closed round trips in the order they closed."""
        return self._trades()

    @cached_property
    def positions(self) -> tuple[Position, ...]:
        """Still open at the end."""
        return self._positions()

    @cached_property
    def closed_filters(self) -> tuple[str, ...]:
        """Entry filters that let no row pass."""
        return self._closed_filters()

    @cached_property
    def curve(self) -> Curve:
        """Equity over time."""
        return self._curve()

    @property
    def times(self) -> Times:
        """Times of the marks (ms UTC)."""
        return self.curve.times

    @property
    def equity(self) -> Floats:
        """Equity at each mark, quote."""
        return self.curve.equity


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Series of one venue and one cash account with their rows: computed once, for runs with any number of knobs.

    seconds: what the rows took.
    """

    series: tuple[Series, ...]
    rule: Rule
    rows: tuple[Signals, ...]
    seconds: float = 0.0

    @property
    def venue(self) -> str:
        """Whose rules hold."""
        return self.series[0].instrument.venue

    def closed_filters(self) -> tuple[str, ...]:
        """Names of the entry filters that let no row of any series pass."""
        return _closed_filters(self.rows)


def prepare(all_series: Sequence[Series], rule: Rule) -> Prepared:
    """Computes the rows of `rule` over all series."""
    started = time.perf_counter()
    rows = (
        tuple(signals_of(rule, series) for series in all_series) if len(all_series) == 1 else _blocked(rule, all_series)
    )
    return Prepared(tuple(all_series), rule, rows, time.perf_counter() - started)


def _blocked(rule: Rule, all_series: Sequence[Series]) -> tuple[Signals, ...]:
    """Rows of many series, entry levels in one block: what each strategy works in is used again for the next, where
    arrays that stay would make the system find fresh memory for every one."""
    block, found, start = np.empty(sum(len(series.candles) for series in all_series)), [], 0
    for series in all_series:
        rows = signals_of(rule, series)
        levels = block[start : start + len(series.candles)]
        if not says_nothing(rows.buy_above):
            levels[:] = rows.buy_above
            rows = replace(rows, buy_above=levels)
        found.append(rows)
        start += len(series.candles)
    return tuple(found)


def signals_of(rule: Rule, series: Series) -> Signals:
    """All rows of one series, with the other inputs the rule needs."""
    return compute(rule, series.candles, inputs_of(rule, series))


def inputs_of(rule: Rule, series: Series) -> Inputs:
    """What reaches the rule beside the candles of `series`."""
    offset = DAY_OFFSET_MS[series.instrument.venue]
    needs = {}
    if HIGHER in rule.needs:
        hours = higher_hours(series.candles, series.detail, offset)
        if hours is not None:
            needs[HIGHER] = aligned(hours, series.candles.time)
    return Inputs(offset, series.instrument.base, needs, series.instrument.shorting)


def _closed_filters(all_rows: Iterable[Signals]) -> tuple[str, ...]:
    """Names of the filters that never passed."""
    passed: dict[str, bool] = {}
    for rows in all_rows:
        for name, holds in rows.conditions.items():
            if name.startswith("filter:"):
                passed[name] = passed.get(name, False) or bool(holds.any())
    return tuple(name.removeprefix("filter:") for name, ever in passed.items() if not ever)


def part(prepared: Prepared, start_ms: int, end_ms: int) -> Prepared:
    """`prepared` with execution only in candles that open in [start_ms, end_ms) (UTC ms); their rows stay as they are.

    Rows keep their history from before `start_ms`; an account that runs over the part starts flat. Series without a
    candle in it are left out.
    """
    kept = []
    for series, rows in zip(prepared.series, prepared.rows, strict=True):
        signal = _within(series.candles, start_ms, end_ms)
        detail = None if series.detail is None else series.detail[_within(series.detail, start_ms, end_ms)]
        cut = replace(series, candles=series.candles[signal], detail=detail)
        if len(cut.candles) and len(cut.execution):
            kept.append((cut, rows[signal]))
    return Prepared(tuple(series for series, _ in kept), prepared.rule, tuple(rows for _, rows in kept))


def _within(candles: Candles, start_ms: int, end_ms: int) -> slice:
    first, last = np.searchsorted(candles.time, (start_ms, end_ms))
    return slice(int(first), int(last))
