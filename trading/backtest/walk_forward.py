"""Walk forward: values chosen from a past stretch of time, tried on the stretch that follows, window after window.

Each test window starts flat, its limits fresh, with the money the one before ended with. A position still open when a
window ends is closed at the window's last close, with slippage and fee (reason `window_end`): the next window may run
other values, and a position carried along would belong to neither. (In sample it is only marked there, as in a sweep.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np

from config.values import Knobs
from trading.backtest.engine import Score, backtest, score
from trading.backtest.executors import Crew
from trading.backtest.grid import Axis, Values
from trading.backtest.optimize import Plan, Told, preference, scored, silent, whole_range
from trading.backtest.resume import Journal
from trading.backtest.series import Prepared, Result, Series, part
from trading.backtest.trials import Span
from trading.core.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from trading.core.candles import Floats, Times
from trading.core.errors import BadInput
from trading.core.fills import slipped
from trading.core.portfolio import Position, Trade, closed

WINDOW_END: Final = "window_end"  #: exit reason of a position that its window closed
MOST_WINDOWS: Final = 5_000
_UNITS: Final = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}
_RUIN: Final = -0.999999  # a return that logarithms bear

C = TypeVar("C")


class Window(NamedTuple):
    """A past stretch and the one that follows it."""

    train: Span
    test: Span


@dataclass(frozen=True, slots=True)
class Step(Generic[C]):
    """One window: what was chosen from its train span, and the scores there (`past`) and on its test span (`ahead`)."""

    window: Window
    choice: C
    past: Score
    ahead: Score


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward(Generic[C]):
    """All windows in order with their stitched trades and equity (quote, at `times` in ms UTC, shape (n,))."""

    steps: tuple[Step[C], ...]
    trades: tuple[Trade, ...]
    times: Times
    equity: Floats
    capital: float

    @property
    def net_return(self) -> float:
        """Out of sample, over all windows, compounded."""
        return float(self.equity[-1]) / self.capital - 1.0

    @property
    def past_per_day(self) -> float:
        """Mean growth a day in sample, as a fraction."""
        return _per_day([(step.window.train, step.past) for step in self.steps])

    @property
    def ahead_per_day(self) -> float:
        """Mean growth a day out of sample, as a fraction."""
        return _per_day([(step.window.test, step.ahead) for step in self.steps])

    @property
    def decay(self) -> float | None:
        """Share of the growth in sample that was left out of sample; None where there was none to keep."""
        return self.ahead_per_day / self.past_per_day if self.past_per_day > 0.0 else None


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """What one test span brought, from flat to flat: round trips, equity (quote) at times (ms UTC): (n,), n > 0."""

    trades: tuple[Trade, ...]
    times: Times
    equity: Floats

    def score(self, cash: float) -> Score:
        """What it was worth from `cash`."""
        return score(self.trades, float(self.equity[-1]), cash)


class WalkForwardAnalyzer(Generic[C]):
    """Walks through windows. fit: what to run, chosen from candles of the given span only, and its score there.

    evaluate: runs a choice over a span from some cash (quote).
    """

    def __init__(
        self,
        windows: Sequence[Window],
        fit: Callable[[Span], tuple[C, Score]],
        evaluate: Callable[[C, Span, float], Leg],
    ) -> None:
        self._windows = windows
        self._fit = fit
        self._evaluate = evaluate

    def run(self, cash: float) -> WalkForward[C]:
        """All windows, one after the other, from `cash`."""
        steps, legs = [], []
        money = cash
        for window in self._windows:
            choice, past = self._fit(window.train)
            leg = self._evaluate(choice, window.test, money)
            steps.append(Step(window, choice, past, leg.score(money)))
            legs.append(leg)
            money = float(leg.equity[-1])
        return WalkForward(
            tuple(steps),
            tuple(trade for leg in legs for trade in leg.trades),
            np.concatenate([leg.times for leg in legs]),
            np.concatenate([leg.equity for leg in legs]),
            cash,
        )


def windows(span: Span, train_ms: int, test_ms: int, anchored: bool = False) -> list[Window]:
    """Whole windows within `span`, each moved on by the test length; anchored: all trains begin where the first does.

    Raises BadInput, saying what would fit, where not one does or thousands do.
    """
    if (span.end_ms - span.start_ms - train_ms) // test_ms > MOST_WINDOWS:
        raise BadInput("walk_forward.many", most=MOST_WINDOWS)
    found = []
    border = span.start_ms + train_ms
    while border + test_ms <= span.end_ms:
        start = span.start_ms if anchored else border - train_ms
        found.append(Window(Span(start, border), Span(border, border + test_ms)))
        border += test_ms
    if not found:
        raise _too_short(span, train_ms, test_ms)
    return found


def _too_short(span: Span, train_ms: int, test_ms: int) -> BadInput:
    length = span.end_ms - span.start_ms
    needed = train_ms + test_ms
    unit = next((name for name in ("d", "h", "m") if length >= 8 * _UNITS[name]), "m")
    test = max(1, length * test_ms // (3 * needed * _UNITS[unit]))
    train = max(1, length // _UNITS[unit] - 3 * test)
    return BadInput(
        "walk_forward.too_short",
        days=f"{length / DAY_MS:.1f}",
        needed=f"{needed / DAY_MS:.1f}",
        train=f"{train}{unit}",
        test=f"{test}{unit}",
    )


def duration(option: str, raw: str) -> int:
    """A length of time such as 60d, 12h or 4w in ms. Raises BadInput."""
    match = re.fullmatch(r"([0-9]{1,6})([mhdw])", raw.strip().lower())
    if match is None or not int(match[1]):
        raise BadInput("walk_forward.duration", option=option, raw=raw)
    return int(match[1]) * _UNITS[match[2]]


def usable(all_series: Sequence[Series], warmup: int) -> Span:
    """The range with the candles cut off in which no rule enters yet (`warmup` signal candles)."""
    start, end = whole_range(all_series)
    for series in all_series:
        opens = series.candles.time
        start = max(start, int(opens[min(warmup, len(opens) - 1)]))
    return Span(start, end)


# -- choosing from a grid ----------------------------------------------------------------------------------------------


class GridChoice:
    """Fits by trying a grid: the combination with the best net return on the train span (see `preference`).

    All spans of the plan are scored at once; rows know nothing of what comes after, and execution stays in its span.
    """

    def __init__(self, plan: Plan, crew: Crew, journal: Journal | None = None, told: Told = silent) -> None:
        self._ground = plan.ground
        columns = list(zip(*scored(plan, crew, journal, told), strict=True))
        current = plan.current
        self._fitted: dict[Span, tuple[Values, Score]] = {}
        self._unchanged: dict[Span, tuple[Values, Score]] = {}
        for span, column in zip(plan.ground.spans, columns, strict=True):
            best = max(range(plan.tried), key=lambda number: preference(column[number]))
            self._fitted[span] = (plan.combinations[best], column[best])
            self._unchanged[span] = (plan.ground.grid.current, column[current])

    def fit(self, span: Span) -> tuple[Values, Score]:
        """The best combination on one of the plan's spans. Raises KeyError for another."""
        return self._fitted[span]

    def unchanged(self, span: Span) -> tuple[Values, Score]:
        """The values in force, whatever the span says: what the choosing must beat."""
        return self._unchanged[span]

    def evaluate(self, values: Values, span: Span, cash: float) -> Leg:
        """Runs a combination over any span."""
        grid = self._ground.grid
        prepared = part(self._ground.prepared(grid.rule_of(values)), *span)
        knobs = grid.knobs_of(values)
        result = backtest(prepared, knobs, cash) if prepared.series else None
        if result is None or not len(result.times):  # a hole in the candles
            return Leg((), np.array([span.start_ms]), np.array([cash]))
        return flat(result, prepared, knobs)


def flat(result: Result, prepared: Prepared, knobs: Knobs) -> Leg:
    """`result` with its open positions closed at their last close, for slippage and fee."""
    equity, trades = result.equity.copy(), list(result.trades)
    by_symbol = {series.instrument.symbol: series for series in prepared.series}
    for position in result.positions:
        series = by_symbol[position.symbol]
        trade = _closed_at_end(position, series, knobs)
        trades.append(trade)
        mark = float(series.execution.close[-1])
        worth = position.side * float(position.quantity) * (float(trade.exit_price) - mark)
        equity[-1] += worth - float(trade.fee - position.fee)
    return Leg(tuple(trades), result.times, equity)


def _closed_at_end(position: Position, series: Series, knobs: Knobs) -> Trade:
    run, instrument = series.execution, series.instrument
    price = slipped(float(run.close[-1]), position.side < 0, instrument.ticks, knobs.slippage_bps, knobs.slippage_ticks)
    proceeds = Decimal(repr(price)) * position.quantity
    return closed(
        replace(
            position,
            quantity=Decimal(0),
            sold=position.sold + position.quantity,
            proceeds=position.proceeds + proceeds,
            fee=position.fee + proceeds * Decimal(repr(instrument.fee_rate)),
            exit_ms=int(run.time[-1]),
            exit_reason=WINDOW_END,
        )
    )


# -- what it says ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stability:
    """How one axis' chosen value moved. changes: of `steps` steps; mean_move: in places of its `values` values."""

    name: str
    changes: int
    steps: int
    mean_move: float
    values: int


def stability(axes: Sequence[Axis], chosen: Sequence[Values]) -> list[Stability]:
    """One line per axis that has more than one value."""
    lines = []
    for place, axis in enumerate(axes):
        if len(axis.values) < 2:
            continue
        at = [axis.values.index(values[place]) for values in chosen]
        moves = [abs(after - before) for before, after in pairwise(at)]
        mean = sum(moves) / len(moves) if moves else 0.0
        lines.append(Stability(axis.name, sum(move > 0 for move in moves), len(moves), mean, len(axis.values)))
    return lines


def _per_day(scores: Sequence[tuple[Span, Score]]) -> float:
    growth = sum(math.log1p(max(_RUIN, score.net_return)) for _, score in scores)
    days = sum((span.end_ms - span.start_ms) / DAY_MS for span, _ in scores)
    return math.expm1(growth / days)
