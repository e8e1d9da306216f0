"""What is tried: axes of parameter and knob values in exact decimal steps, and the combinations they span."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from functools import cached_property
from typing import Any, Final

from config.errors import nearest
from config.knob import UNSET, Value, parse, plain
from config.knobs import KNOBS
from config.research import for_backtest
from config.values import Knobs
from trading.backtest.inputs import pairs
from trading.core.errors import BadInput
from trading.core.filters import SWITCHES
from trading.core.rows import Rule, rule
from trading.core.strategy import Strategy, build, parameters

MOST_TRIALS: Final = 1_000_000
MOST_VALUES: Final = 10_000  #: on one axis
EXAMPLE: Final = "k=0.3:0.8:0.05"
_REMEMBERED: Final = 4_096  # changed knobs: copying so many fields takes longer than all else about a combination
_SECTIONS: Final = ("money", "futures", "exits", "filters", "limits")
_ROW_KNOBS: Final = frozenset({*SWITCHES.values(), "min_atr_percent"})
_TUNABLE: Final = frozenset(knob.name for knob in KNOBS.values() if knob.section in _SECTIONS) - {"initial_capital"}
_DIGITS: Final = 30  # decimal places either side of the point that a bound may have

Values = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension: a strategy parameter (`param`) or a knob, with its distinct values in the order given."""

    name: str
    param: bool
    values: Values

    @property
    def decides_rows(self) -> bool:
        """Whether its value changes the rows, not only what is made of them."""
        return self.param or self.name in _ROW_KNOBS


@dataclass(frozen=True)
class Grid:
    """All combinations of `axes` over a rule and knobs that say everything else.

    A combination is a tuple of values, one per axis. They are numbered 0..size-1, the last axis turning fastest.
    """

    rule: Rule
    knobs: Knobs
    axes: tuple[Axis, ...]

    @cached_property
    def size(self) -> int:
        """How many combinations there are."""
        return math.prod(len(axis.values) for axis in self.axes)

    @cached_property
    def current(self) -> Values:
        """The combination that the rule and knobs themselves are."""
        return tuple(getattr(self.rule.strategy if axis.param else self.knobs, axis.name) for axis in self.axes)

    def combination(self, number: int) -> Values:
        """The combination of that number."""
        chosen = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            chosen.append(axis.values[place])
        return tuple(reversed(chosen))

    def combinations(self, trials: int | None = None, seed: int = 0) -> list[Values]:
        """All of them, or `trials` distinct ones drawn by `seed`, in order of their number. Raises BadInput."""
        count = self.size if trials is None else min(trials, self.size)
        if count > MOST_TRIALS:
            raise BadInput("optimize.grid_size", size=count, most=MOST_TRIALS)
        numbers: Sequence[int] = range(self.size) if count == self.size else _drawn(self.size, count, seed)
        return [self.combination(number) for number in numbers]

    def rule_of(self, values: Values) -> Rule:
        """The rule of a combination; equal rules have equal rows."""
        params: dict[str, Any] = {}
        filters: dict[str, Any] = {}
        for axis, value in zip(self.axes, values, strict=True):
            if axis.param:
                params[axis.name] = value
            elif axis.decides_rows:
                filters[axis.name] = value
        if not params and not filters:
            return self.rule
        return rule(replace(self.rule.strategy, **params), replace(self.knobs, **filters))

    def knobs_of(self, values: Values) -> Knobs:
        """The knobs of a combination; those of other rules with the same values are the same object."""
        changes: dict[str, Any] = {
            axis.name: value for axis, value in zip(self.axes, values, strict=True) if not axis.param
        }
        key = tuple(changes.values())
        known = self._knobs.get(key)
        if known is None:
            known = replace(self.knobs, **changes)
            if len(self._knobs) < _REMEMBERED:
                self._knobs[key] = known
        return known

    @cached_property
    def _knobs(self) -> dict[Values, Knobs]:
        return {}

    def named(self, values: Values) -> dict[str, Value]:
        """A combination by the names of its axes."""
        return dict(zip((axis.name for axis in self.axes), values, strict=True))

    def written(self, values: Values) -> str:
        """A combination as a person writes it: "k=0.5, sell_at_day_end=false"."""
        return ", ".join(f"{name}={shown(value)}" for name, value in self.named(values).items())


def shown(value: Value) -> str:
    """A value as a person writes it."""
    if value is None:
        return UNSET
    if isinstance(value, bool):
        return str(value).lower()
    return plain(value) if isinstance(value, float) else str(value)


def grid(given: Sequence[str], base: Rule, knobs: Knobs) -> Grid:
    """The grid of `--grid` options: name=first:last:step (inclusive) or name=a,b,c. Raises BadInput, SettingError."""
    axes: dict[str, Axis] = {}
    for option in given:
        ((name, spec),) = pairs("--grid", [option], EXAMPLE).items()
        if name in axes:
            raise BadInput("optimize.grid_twice", name=name)
        axes[name] = _axis(name, spec, base.strategy)
    if not axes:
        raise BadInput("optimize.grid_none", example=EXAMPLE)
    _agree(axes, knobs)
    return Grid(base, knobs, tuple(axes.values()))


def _drawn(size: int, count: int, seed: int) -> list[int]:
    chance = random.Random(seed)
    if size <= 4 * count:
        return sorted(chance.sample(range(size), count))
    drawn: set[int] = set()  # a range can be longer than `sample` takes
    while len(drawn) < count:
        drawn.add(chance.randrange(size))
    return sorted(drawn)


def _axis(name: str, spec: str, strategy: Strategy) -> Axis:
    known = parameters(type(strategy))
    if name not in known and name not in KNOBS:
        near = nearest(name, [*known, *sorted(_TUNABLE)])
        if near:
            raise BadInput("optimize.unknown_near", name=name, near=near)
        raise BadInput("optimize.unknown", name=name, strategy=strategy.name, known=", ".join(known) or "-")
    if name not in known and name not in _TUNABLE:
        raise BadInput("optimize.not_tunable", name=name)
    values: dict[Value, None] = {}
    for raw in _raws(name, spec):
        value = getattr(build(type(strategy), {name: raw}), name) if name in known else parse(KNOBS[name], raw)
        values[value] = None
    return Axis(name, name in known, tuple(values))


def _raws(name: str, spec: str) -> Iterator[str]:
    """The values as text, from first:last:step or a,b,c."""
    if ":" not in spec:
        listed = [raw.strip() for raw in spec.split(",")]
        if not all(listed):
            raise BadInput("optimize.grid_form", name=name, spec=spec, example=EXAMPLE)
        return iter(listed)
    first, last, step = _bounds(name, spec)
    with localcontext(Context(prec=4 * _DIGITS)):
        if step <= 0 or last < first:
            raise BadInput("optimize.grid_order", name=name, spec=spec, example=EXAMPLE)
        count = int((last - first) // step) + 1
        if count > MOST_VALUES:
            raise BadInput("optimize.grid_fine", name=name, count=count, most=MOST_VALUES)
        return iter([format(first + number * step, "f") for number in range(count)])


def _bounds(name: str, spec: str) -> tuple[Decimal, Decimal, Decimal]:
    try:
        first, last, step = (Decimal(part.strip()) for part in spec.split(":"))
    except (ArithmeticError, ValueError):  # no number; not three of them
        raise BadInput("optimize.grid_form", name=name, spec=spec, example=EXAMPLE) from None
    for bound in (first, last, step):
        exponent = bound.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -_DIGITS or bound.adjusted() > _DIGITS:
            raise BadInput("optimize.grid_form", name=name, spec=spec, example=EXAMPLE)
    return first, last, step


def _agree(axes: dict[str, Axis], knobs: Knobs) -> None:
    """The only knobs that bound each other: no kelly_min may lie over a kelly_max. Raises SettingError."""
    if not axes.keys() & {"kelly_min", "kelly_max"}:
        return
    worst = {"kelly_min": max, "kelly_max": min}
    sets = {
        name: str(pick(axes[name].values if name in axes else (getattr(knobs, name),))) for name, pick in worst.items()
    }
    for_backtest(None, sets, "upbit")
