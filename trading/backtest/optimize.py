"""Which values did best: every combination scored in sample and out of sample, ranked by what came out of sample.

The range is split in time. Rows are computed once per rule on the whole series, so the later part has its history (row
j never knows more than the open of candle j); the account of each part starts flat with the full cash, and a position
open at a part's end is marked at its last close.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from trading.backtest import executors, metrics
from trading.backtest.engine import Score, backtest
from trading.backtest.executors import Crew
from trading.backtest.grid import Grid, Values
from trading.backtest.resume import Journal
from trading.backtest.series import Series, part
from trading.backtest.trials import Batch, Ground, Scores, Span, batches
from trading.core.calendar import DAY_OFFSET_MS
from trading.core.errors import BadInput

LEAST_CANDLES: Final = 2  #: of a part
_EULER: Final = 0.5772156649015329

Told = Callable[[int, int], None]
"""Told after each batch: combinations done, of how many."""


def silent(done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A search before it runs. combinations: those tried, then the values in force if they are not among them."""

    ground: Ground
    combinations: tuple[Values, ...]
    tried: int

    @property
    def current(self) -> int:
        """Place of the values in force."""
        return self.combinations.index(self.ground.grid.current)


@dataclass(frozen=True, slots=True)
class Trial:
    """One combination with its scores in sample (`past`) and out of sample (`ahead`). number: its place in the grid."""

    number: int
    values: Values
    past: Score
    ahead: Score


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A search that ran. ranked: the combinations tried, best net return out of sample first; ties by the past."""

    ground: Ground
    ranked: tuple[Trial, ...]
    current: Trial

    @property
    def best(self) -> Trial:
        """First of the ranking."""
        return self.ranked[0]

    @property
    def chosen(self) -> int:
        """Place in the ranking (from 0) of the combination best in sample: picked without a look at what came after."""
        return max(range(len(self.ranked)), key=lambda place: preference(self.ranked[place].past))


def preference(score: Score) -> tuple[float, int]:
    """The order of scores: net return, then more trades; of equals the earlier combination."""
    return score.net_return, score.trades


def whole_range(all_series: Sequence[Series]) -> Span:
    """From the first execution candle's open to the last one's end."""
    runs = [series.execution for series in all_series]
    return Span(min(int(run.time[0]) for run in runs), max(int(run.time[-1]) + run.timeframe_ms for run in runs))


def split(all_series: Sequence[Series], share: float) -> tuple[Span, Span]:
    """In sample and out of sample: the last `share` (0..1) of the range in time, in whole signal candles.

    Raises BadInput where a part would hold no two candles.
    """
    start, end = whole_range(all_series)
    step = max(series.candles.timeframe_ms for series in all_series)
    border = end - round((end - start) * share / step) * step
    spans = Span(start, border), Span(border, end)
    for span in spans:
        if sum(_opened(series, span) for series in all_series) < LEAST_CANDLES:
            raise BadInput("optimize.too_short", share=share, candles=len(all_series[0].execution))
    return spans


def _opened(series: Series, span: Span) -> int:
    first, last = series.execution.time.searchsorted(span)
    return int(last - first)


def planned(
    all_series: Sequence[Series],
    grid: Grid,
    spans: Sequence[Span],
    cash: float,
    trials: int | None = None,
    seed: int = 0,
) -> Plan:
    """What is to be scored on `spans`: the grid, or `trials` combinations drawn from it. Raises BadInput."""
    tried = grid.combinations(trials, seed)
    extra = () if grid.current in tried else (grid.current,)
    return Plan(Ground(tuple(all_series), grid, tuple(spans), cash), (*tried, *extra), len(tried))


def scored(plan: Plan, crew: Crew, journal: Journal | None = None, told: Told = silent) -> list[Scores]:
    """Scores of all combinations of the plan, one per span each. What `journal` holds is not run again."""
    total = len(plan.combinations)
    done: dict[int, Scores] = {} if journal is None else dict(journal.done)

    def record(batch: Batch, scores: list[Scores]) -> None:
        done.update(zip(batch.numbers, scores, strict=True))
        if journal is not None:
            journal.add(batch.numbers, scores)
        told(len(done), total)

    told(len(done), total)
    executors.run(plan.ground, batches(plan.ground.grid, plan.combinations, done), crew, record)
    return [done[number] for number in range(total)]


def optimize(plan: Plan, crew: Crew, journal: Journal | None = None, told: Told = silent) -> Outcome:
    """Scores the plan, whose spans are those of `split`, and ranks it. Raises BadInput (see `executors.run`)."""
    scores = scored(plan, crew, journal, told)
    trials = [
        Trial(number, values, past, ahead)
        for number, (values, (past, ahead)) in enumerate(zip(plan.combinations, scores, strict=True))
    ]
    ranked = sorted(trials[: plan.tried], key=_rank)
    return Outcome(plan.ground, tuple(ranked), trials[plan.current])


def _rank(trial: Trial) -> tuple[float, float, int]:
    return -trial.ahead.net_return, -trial.past.net_return, trial.number


@dataclass(frozen=True, slots=True)
class Luck:
    """What the number of tries does to the best of them. days: daily returns out of sample.

    sharpe: of the best (a year, None without variance). by_chance: the Sharpe ratio that the best of as many
    independent tries without any edge would be expected to show over those days.
    """

    days: int
    sharpe: float | None
    by_chance: float


def luck(outcome: Outcome) -> Luck | None:
    """The best beside the best by chance; None where fewer than two days are out of sample."""
    ground, best = outcome.ground, outcome.best
    ahead = part(ground.prepared(ground.grid.rule_of(best.values)), *ground.spans[1])
    knobs = ground.grid.knobs_of(best.values)
    result = backtest(ahead, knobs, ground.cash)
    offset = DAY_OFFSET_MS[ahead.venue]
    days = len(metrics.daily_returns(result.times, result.equity, ground.cash, offset))
    if days < 2:
        return None
    sharpe = metrics.of_curve(result.times, result.equity, ground.cash, offset)["sharpe"]
    return Luck(days, None if sharpe is None else float(sharpe), best_by_chance(len(outcome.ranked), days))


def best_by_chance(tries: int, days: int) -> float:
    """Expected best yearly Sharpe ratio of independent tries whose true one is 0, measured over `days` daily returns.

    The expected largest of `tries` standard normal numbers (Bailey and Lopez de Prado, The Deflated Sharpe Ratio, 2014)
    times the standard error of a Sharpe ratio of 0. Tries that resemble each other are fewer than they look, so this is
    an upper bound for a grid.
    """
    if tries < 2:
        return 0.0
    quantile = NormalDist().inv_cdf
    largest = (1.0 - _EULER) * quantile(1.0 - 1.0 / tries) + _EULER * quantile(1.0 - 1.0 / (tries * math.e))
    return largest * math.sqrt(metrics.DAYS_A_YEAR / days)
