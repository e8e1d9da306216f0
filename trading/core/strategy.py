"""What a strategy is: typed, bounded parameters and one pure function from candles to rows."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from trading.core.calendar import DAY_MS
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.signals import Signals


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """Another series seen from the rows: `closed[j]` candles of it are closed at the open of row j (shape (n,))."""

    candles: Candles
    closed: NDArray[np.int64]

    def at_rows(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """`values` (one per candle of the other series) of its last closed candle at each row; NaN = none."""
        padded = np.concatenate(([np.nan], values))
        return np.asarray(padded[self.closed], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What reaches a strategy beside its candles. needs: by the names it declared; an absent one is missing here.

    shorting: a short may be opened on this market.
    """

    day_offset_ms: int = 0
    base: str = ""
    needs: Mapping[str, Aligned] = field(default_factory=dict)
    shorting: bool = True


def tunable(default: Any, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = ()) -> Any:
    """A strategy parameter: its default, inclusive bounds, or choices. Its texts are "param.<strategy>.<name>"."""
    return field(default=default, metadata={"low": low, "high": high, "choices": choices})


@dataclass(frozen=True)
class Strategy:
    """Base of all strategies. Subclasses are frozen dataclasses of `tunable` fields in trading/strategies/<name>.py.

    period: longest indicator period of the rule; wilder: longest Wilder period (0 = none). filters: entry filters on
    by default (names of core/filters). reasons: names of the small codes in `Signals.reason`. knobs: knob defaults that
    belong to the strategy. texts: what a file that comes without changes to the text catalogue adds to it: key -> (ko,
    en), see `core.vet`.
    """

    name: ClassVar[str]
    period: ClassVar[int]
    wilder: ClassVar[int] = 14
    filters: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[tuple[str, ...]] = ()
    reasons: ClassVar[tuple[str, ...]] = ("",)
    knobs: ClassVar[Mapping[str, object]] = {}
    texts: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @property
    def warmup(self) -> int:
        """Rows without entries at the start of a series."""
        return 5 * self.period

    def window(self, timeframe_ms: int) -> int:
        """Candles after which the last row equals that of the whole history."""
        return max(20 * self.period, 40 * self.wilder)

    @property
    def daily_entries(self) -> int:
        """Most entries per symbol and trading day; 0 = no limit."""
        return 0

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Row j from candles before j and the open of j. Not masked by warm-up or filters: `core.rows` does that."""
        raise NotImplementedError(self.name)


def whole_days(timeframe_ms: int, days: int) -> int:
    """Candles in `days` trading days."""
    return days * max(1, math.ceil(DAY_MS / timeframe_ms))


def parameters(strategy: type[Strategy]) -> dict[str, Field[Any]]:
    """Tunable fields of `strategy` by name."""
    return {f.name: f for f in fields(strategy) if "low" in f.metadata}


def _number(convert: Callable[[str], float], raw: object, name: str, spec: Field[Any]) -> float:
    low, high = spec.metadata["low"], spec.metadata["high"]
    try:
        value = convert(str(raw))
    except ValueError:
        raise BadInput("input.parameter_number", name=name, given=str(raw), low=low, high=high) from None
    if not math.isfinite(value) or (low is not None and value < low) or (high is not None and value > high):
        raise BadInput("input.parameter_range", name=name, given=str(raw), low=low, high=high)
    return value


_BOOLS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}


def parsed(raw: object, name: str, spec: Field[Any]) -> object:
    """A parameter's value from text or as it is. Raises BadInput for what its type and bounds do not allow."""
    if isinstance(spec.default, bool):
        value = _BOOLS.get(str(raw).lower())
        if value is None:
            raise BadInput("input.parameter_truth", name=name, given=str(raw))
        return value
    if isinstance(spec.default, str):
        choices = spec.metadata["choices"]
        if raw not in choices:
            raise BadInput("input.parameter_choice", name=name, given=str(raw), choices=", ".join(choices))
        return raw
    return _number(int if isinstance(spec.default, int) else float, raw, name, spec)


def _unknown(strategy: str, name: str, known: list[str]) -> BadInput:
    if near := difflib.get_close_matches(name, known, 1, 0.3):
        return BadInput("input.parameter_near", strategy=strategy, name=name, near=near[0])
    if known:
        return BadInput("input.parameter", strategy=strategy, name=name, known=", ".join(known))
    return BadInput("input.parameter_none", strategy=strategy, name=name)


def build(strategy: type[Strategy], params: Mapping[str, object]) -> Strategy:
    """The strategy with `params` (text or values) parsed and bounded. Raises BadInput naming the cure."""
    known = parameters(strategy)
    values: dict[str, object] = {}
    for name, raw in params.items():
        if name not in known:
            raise _unknown(strategy.name, name, list(known))
        values[name] = parsed(raw, name, known[name])
    return strategy(**values)
