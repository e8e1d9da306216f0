"""What a strategy returns: arrays with one row per candle. Row j is what is known at the open of candle j."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trading.core.candles import Candles
from trading.core.indicators import Bools, Floats, atr, previous, shift

CONFIDENCE = 0.6


class Row(NamedTuple):
    """One row: entry levels (NaN none, 0 / +inf at once), exits, confidence 0..1, ATR in price units, reason code.

    close, volume (base): those of the candle before.
    """

    buy_above: float
    sell_below: float
    exit_long: bool
    exit_short: bool
    confidence: float
    atr: float
    close: float
    reason: int
    volume: float = math.nan


class Lazy(Mapping[str, NDArray[Any]]):
    """Arrays by name; one given as a function is computed when first asked for (a backtest asks for few)."""

    def __init__(self, given: Mapping[str, NDArray[Any] | Callable[[], NDArray[Any]]]) -> None:
        self._given = dict(given)

    def __getitem__(self, name: str) -> NDArray[Any]:
        value = self._given[name]
        if callable(value):
            value = self._given[name] = value()
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def joined(self, more: Mapping[str, NDArray[Any] | Callable[[], NDArray[Any]]]) -> Lazy:
        """With `more` beside; nothing is computed."""
        return Lazy({**self._given, **more})

    def cut(self, part: slice) -> Lazy:
        """Its arrays cut to `part`; what is computed is computed on the whole, once."""

        def later(name: str) -> Callable[[], NDArray[Any]]:
            return lambda: self[name][part]

        return Lazy({name: later(name) for name in self._given})


Told = Mapping[str, Bools | Callable[[], Bools]]
Numbers = Mapping[str, Floats | Callable[[], Floats]]


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """All arrays of shape (n,), see `Row`. An array that says nothing is one value, repeated without memory.

    before: `atr`, `close`, `volume` of the candles before. `conditions` and `numbers` name what was looked at, for the
    decision log.
    """

    buy_above: Floats
    sell_below: Floats
    exit_long: Bools
    exit_short: Bools
    confidence: Floats
    reason: NDArray[np.int8]
    before: Lazy
    conditions: Lazy = field(default_factory=lambda: Lazy({}))
    numbers: Lazy = field(default_factory=lambda: Lazy({}))

    def __len__(self) -> int:
        return len(self.buy_above)

    @property
    def atr(self) -> Floats:
        """ATR(14) of the candles before, price units."""
        return self.before["atr"]

    @property
    def close(self) -> Floats:
        """Close of the candle before."""
        return self.before["close"]

    @property
    def volume(self) -> Floats:
        """Volume of the candle before, base."""
        return self.before["volume"]

    def __getitem__(self, part: slice) -> Signals:
        """The rows of `part`, unchanged."""
        return Signals(
            self.buy_above[part],
            self.sell_below[part],
            self.exit_long[part],
            self.exit_short[part],
            self.confidence[part],
            self.reason[part],
            self.before.cut(part),
            self.conditions.cut(part),
            self.numbers.cut(part),
        )

    def row(self, j: int) -> Row:
        """Row j as scalars."""
        return Row(*(array[j].item() for array in self._columns()))

    def columns(self) -> list[Row]:
        """All rows as scalars, for a walk in Python."""
        return [Row(*values) for values in zip(*(array.tolist() for array in self._columns()), strict=True)]

    def _columns(self) -> tuple[NDArray[Any], ...]:
        """In the order of `Row`."""
        return (
            self.buy_above,
            self.sell_below,
            self.exit_long,
            self.exit_short,
            self.confidence,
            self.atr,
            self.close,
            self.reason,
            self.volume,
        )


def says_nothing(column: NDArray[Any]) -> bool:
    """The column is one value, repeated."""
    return column.strides == (0,)


def signals(
    candles: Candles,
    *,
    buy_above: Floats | None = None,
    sell_below: Floats | None = None,
    exit_long: Bools | None = None,
    exit_short: Bools | None = None,
    confidence: Floats | None = None,
    reason: NDArray[np.int8] | None = None,
    conditions: Told | None = None,
    numbers: Numbers | None = None,
) -> Signals:
    """Signals with the given columns (fresh arrays: masks are written into them); the others say nothing."""
    none, never = _repeated(math.nan, candles), _repeated(False, candles)
    return Signals(
        none if buy_above is None else buy_above,
        none if sell_below is None else sell_below,
        never if exit_long is None else exit_long,
        never if exit_short is None else exit_short,
        _repeated(CONFIDENCE, candles) if confidence is None else confidence,
        _repeated(np.int8(0), candles) if reason is None else reason,
        before(candles),
        Lazy(conditions or {}),
        Lazy(numbers or {}),
    )


def before(candles: Candles) -> Lazy:
    """ATR(14), close and volume of the candles before each row."""
    return Lazy(
        {
            "atr": lambda: shift(atr(candles.high, candles.low, candles.close)),
            "close": lambda: shift(candles.close),
            "volume": lambda: shift(candles.volume),
        }
    )


def _repeated(value: Any, candles: Candles) -> NDArray[Any]:
    return np.broadcast_to(np.asarray(value), (len(candles),))


def at_once(when: Bools) -> Floats:
    """`buy_above` of a strategy that enters at the open: 0 where `when`, NaN elsewhere."""
    return np.where(when, 0.0, math.nan)


def short_at_once(when: Bools) -> Floats:
    """`sell_below` of a strategy that enters at the open: +inf where `when`, NaN elsewhere."""
    return np.where(when, math.inf, math.nan)


def together(rules: Mapping[str, Bools]) -> tuple[Floats, Told]:
    """(`buy_above`, conditions) of rules about a closed candle: where all hold, in at the open of the next one."""
    enter = previous(np.logical_and.reduce(list(rules.values())))
    return at_once(enter), {name: partial(previous, holds) for name, holds in rules.items()}
