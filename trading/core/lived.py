"""What a step knew, as plain JSON values: recorded by the bot, fed to the same step again by `compare`. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any

from config.values import Knobs
from trading.core.facts import Bar
from trading.core.portfolio import Position
from trading.core.rows import Look
from trading.core.signals import Row

_DECIMALS = frozenset({"quantity", "bought", "cost", "sold", "proceeds", "fee", "funding"})


@dataclass(frozen=True, slots=True)
class LivedStep:
    """One recorded step. bars: of symbols that were held, armed or ordered; rows: read in this step, by symbol.

    gap: the stream had missed trades. charge: strategy and knobs, where they are new; start: the books at a start.
    """

    now_ms: int
    bars: tuple[Bar, ...] = ()
    rows: tuple[tuple[str, int, Row], ...] = ()
    gap: bool = False
    charge: Mapping[str, Any] | None = None
    start: Mapping[str, Any] | None = None


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _float(value: float | None, missing: float = math.nan) -> float:
    return missing if value is None else float(value)


def row_values(row: Row) -> list[Any]:
    """A row; NaN is null, +inf (`sell_below` at once) is "inf"."""
    values = row._asdict()
    return ["inf" if v == math.inf else _number(v) if isinstance(v, float) else v for v in values.values()]


def row_of(values: Sequence[Any]) -> Row:
    """The row of `row_values`."""
    buy, sell, exit_long, exit_short, confidence, atr, close, reason, *volume = values
    sell_below = math.inf if sell == "inf" else _float(sell)
    return Row(
        _float(buy),
        sell_below,
        exit_long,
        exit_short,
        _float(confidence),
        _float(atr),
        _float(close),
        int(reason),
        *map(_float, volume),
    )


def charge_values(strategy: str, params: Mapping[str, Any], timeframe: str, knobs: Knobs) -> dict[str, Any]:
    """What was traded with."""
    return {"strategy": strategy, "params": dict(params), "timeframe": timeframe, "knobs": asdict(knobs)}


def knobs_of(values: Mapping[str, Any]) -> Knobs:
    """The knobs of `charge_values`; ones that this version does not know are left out."""
    known = {field.name for field in fields(Knobs)}
    read: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items() if name in known
    }
    return Knobs(**read)


def position_values(position: Position) -> dict[str, Any]:
    """An open round trip."""
    return {
        name: str(value) if isinstance(value, Decimal) else _number(value) if isinstance(value, float) else value
        for name, value in asdict(position).items()
    }


def position_of(values: Mapping[str, Any]) -> Position:
    """The round trip of `position_values`."""
    read: dict[str, Any] = {name: Decimal(value) if name in _DECIMALS else value for name, value in values.items()}
    for name in ("atr", "high_water", "entry"):
        read[name] = _float(read[name])
    return Position(**read)


def step_values(step: LivedStep) -> dict[str, Any]:
    """A line of the record, empty parts left out."""
    line: dict[str, Any] = {"t": step.now_ms}
    if step.bars:
        line["b"] = [[bar.symbol, bar.time_ms, bar.open, bar.candle_ms] for bar in step.bars]
    if step.rows:
        line["r"] = [[symbol, candle_ms, row_values(row)] for symbol, candle_ms, row in step.rows]
    if step.gap:
        line["g"] = True
    if step.charge is not None:
        line["c"] = dict(step.charge)
    if step.start is not None:
        line["s"] = dict(step.start)
    return line


def step_of(line: Mapping[str, Any]) -> LivedStep:
    """The step of `step_values`. Raises KeyError, TypeError or ValueError for another shape."""
    return LivedStep(
        int(line["t"]),
        tuple(Bar(symbol, time_ms, p, p, p, p, candle_ms) for symbol, time_ms, p, candle_ms in line.get("b", ())),
        tuple((symbol, candle_ms, row_of(values)) for symbol, candle_ms, values in line.get("r", ())),
        bool(line.get("g", False)),
        line.get("c"),
        line.get("s"),
    )


def look_of(row: Row) -> Look:
    """A look that holds just the row."""
    return Look(row, {}, {})
