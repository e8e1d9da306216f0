"""What a desk trades with, and how it follows from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, Final, Protocol

from config.settings import Settings
from config.values import Knobs
from trading import strategies
from trading.core.rows import Rule, rule
from trading.core.strategy import parameters

FALLBACK: Final = ("macd", "1m")
"""Strategy and timeframe where neither a preset nor the user names one."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a desk trades with. preset is for display; symbols as the user wrote them, none = the universe."""

    rule: Rule
    knobs: Knobs
    timeframe: str
    preset: str
    symbols: tuple[str, ...]
    bot: str = "haetae"


@dataclass(slots=True)
class Switches:
    """What people and gates have set for this venue. entries_off: symbols that were liquidated by command."""

    paused: bool = False
    halted: bool = False
    signals_only: bool = False
    entries_off: set[str] = field(default_factory=set)
    approvals_left: int = 0
    approved: set[str] = field(default_factory=set)


class Tell(Protocol):
    """Says something to the user: log, message, event. Keys are those of the text catalogue."""

    def __call__(self, key: str, level: str = "info", **fields: Any) -> None: ...


def defaults_of(strategy: str) -> Mapping[str, object]:
    """A strategy's parameters and their defaults. Raises BadInput for an unknown strategy."""
    fields = parameters(strategies.find(strategy))
    return {name: field.default for name, field in fields.items() if field.default is not MISSING}


def charge_of(settings: Settings, venue: str) -> Charge:
    """What the settings ask of one venue. Raises BadInput or SettingError for a strategy or parameter that is wrong."""
    knobs = settings.knobs(venue)
    name = knobs.strategy or FALLBACK[0]
    params = settings.params(venue, defaults_of(name))
    strategy = strategies.create(name, params)
    return Charge(rule(strategy, knobs), knobs, knobs.timeframe or FALLBACK[1], knobs.preset, knobs.symbols)
