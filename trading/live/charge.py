"""What a desk trades with, and how it follows from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field
from typing import Any, Final, Protocol

from config.errors import SettingError, nearest
from config.names import PARAM
from config.settings import Settings
from config.values import Knobs
from trading import strategies
from trading.core.errors import BadInput
from trading.core.rows import Rule, rule
from trading.core.strategy import Strategy, parameters

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
    """What the settings ask of one venue.

    Raises SettingError, placed, for a strategy or parameter that is wrong; BadInput for a strategy whose file is.
    """
    knobs = settings.knobs(venue)
    name = knobs.strategy or FALLBACK[0]
    if problem := strategies.refused().get(name):
        raise problem
    if name not in strategies.names():
        allowed, near = ", ".join(strategies.names()), nearest(name, strategies.names())
        raise _placed(settings, venue, SettingError("choice", "strategy", value=name, allowed=allowed, nearest=near))
    params = settings.params(venue, defaults_of(name))
    strategy = _strategy(settings, venue, name, params)
    return Charge(rule(strategy, knobs), knobs, knobs.timeframe or FALLBACK[1], knobs.preset, knobs.symbols)


def _strategy(settings: Settings, venue: str, name: str, params: Mapping[str, object]) -> Strategy:
    """The strategy with its parameters; one that is out of its bounds is named with its place. Raises SettingError."""
    known = parameters(strategies.find(name))
    for key, value in params.items():
        try:
            strategies.create(name, {key: value})
        except BadInput:
            facts = known[key].metadata
            choices = facts.get("choices")
            allowed = ", ".join(choices) if choices else f"{facts['low']}..{facts['high']}"
            error = SettingError("choice" if choices else "range", PARAM + key, value=value, allowed=allowed)
            raise _placed(settings, venue, error) from None
    return strategies.create(name, params)


def _placed(settings: Settings, venue: str, error: SettingError) -> SettingError:
    entry = settings.entry(error.name, venue)
    return error.at(entry.name, entry.origin.file, entry.origin.line)
