"""What the trader is told, what it answers. Both are frozen values; nothing else passes between it and the world."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from trading.core.orders import Order, OrderEvent
from trading.core.ports import Health
from trading.core.rows import Closed


class Bar(NamedTuple):
    """An execution candle, or a tick (open = high = low = close). candle_ms: open of the signal candle it lies in,

    negative where it lies in none (a hole in the signal series). mark_high, mark_low: of the mark price (NaN: none).
    """

    symbol: str
    time_ms: int
    open: float
    high: float
    low: float
    close: float
    candle_ms: int
    mark_high: float = math.nan
    mark_low: float = math.nan


HEALTHY = Health()


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """One step's news. now_ms: market clock. bars: per symbol in order. events: what became of our orders.

    closed: closed candles of symbols whose row is due. free: what the venue shows free by asset, less what is foreign
    (None: not asked, the own books decide). notices: symbols whose market is halted, warned or delisting -> why.
    """

    now_ms: int
    bars: tuple[Bar, ...] = ()
    events: tuple[OrderEvent, ...] = ()
    closed: Mapping[str, Closed] = field(default_factory=dict)
    free: Mapping[str, Decimal] | None = None
    health: Health = HEALTHY
    notices: Mapping[str, str] = field(default_factory=dict)


class Refusal(NamedTuple):
    """The first gate that said no to an entry, with its numbers."""

    gate: str
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders to send, exits before entries. Empty: nothing (more) to do in this step."""

    orders: tuple[Order, ...] = ()


NOTHING = Plan()
