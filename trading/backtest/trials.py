"""The work of a search: every combination scored on every span of time, in batches that any executor may run."""

from __future__ import annotations

import threading
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from trading.backtest.engine import Score, sweep
from trading.backtest.grid import Grid, Values
from trading.backtest.series import Prepared, Series, part, prepare
from trading.core.rows import Rule

BATCH: Final = 64  #: most combinations of one task: small enough to share out, large enough to be worth the way
_KEPT: Final = 2  # rules whose rows a worker keeps: a large batch of one rule comes in many tasks
_IDLE: Final = Score(0.0, 0, None, None)  # a span without a candle

Scores = tuple[Score, ...]  #: of one combination, one per span


class Span(NamedTuple):
    """A stretch of time, ms UTC: candles that open in [start_ms, end_ms)."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, eq=False)
class Ground:
    """What every task needs and no task changes: handed to a worker once. cash: quote, at the start of each span."""

    series: tuple[Series, ...]
    grid: Grid
    spans: tuple[Span, ...]
    cash: float
    _rows: dict[Rule, Prepared] = field(default_factory=dict, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        return Ground, (self.series, self.grid, self.spans, self.cash)

    def prepared(self, rule: Rule) -> Prepared:
        """The rows of `rule` over the whole series."""
        with self._lock:
            known = self._rows.get(rule)
        if known is None:
            known = prepare(self.series, rule)
            with self._lock:
                while len(self._rows) >= _KEPT:
                    self._rows.pop(next(iter(self._rows)))
                self._rows[rule] = known
        return known


@dataclass(frozen=True, slots=True)
class Batch:
    """One task: combinations of one rule, with their numbers in the list of those tried."""

    rule: Rule
    numbers: tuple[int, ...]
    combinations: tuple[Values, ...]


def score(ground: Ground, batch: Batch) -> list[Scores]:
    """Scores of the batch's combinations, in its order."""
    prepared = ground.prepared(batch.rule)
    knobs = [ground.grid.knobs_of(values) for values in batch.combinations]
    columns = []
    for span in ground.spans:
        cut = part(prepared, *span)
        columns.append(sweep(cut, knobs, ground.cash) if cut.series else [_IDLE] * len(knobs))
    return list(zip(*columns, strict=True))


def batches(grid: Grid, combinations: Sequence[Values], done: Container[int]) -> list[Batch]:
    """The combinations that are not `done` (by their place in the list), those of equal rules together."""
    rules: dict[Values, Rule] = {}
    members: dict[Rule, list[int]] = {}
    deciding = [place for place, axis in enumerate(grid.axes) if axis.decides_rows]
    for number, values in enumerate(combinations):
        if number in done:
            continue
        key = tuple(values[place] for place in deciding)
        if key not in rules:
            rules[key] = grid.rule_of(values)
        members.setdefault(rules[key], []).append(number)
    return [
        Batch(rule, tuple(part_of), tuple(combinations[number] for number in part_of))
        for rule, numbers in members.items()
        for part_of in (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
    ]
