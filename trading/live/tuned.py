"""The k that was found for each venue: in memory, over what the settings say, never over what the user set himself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from config.settings import Settings
from trading.core.rows import rule
from trading.core.strategy import parameters
from trading.live.charge import Charge, charge_of


@dataclass(frozen=True, slots=True)
class _Found:
    """k: what was found for `strategy` at `timeframe`."""

    strategy: str
    timeframe: str
    k: float


class TunedK:
    """Charges of the settings with the k that was found. Used by the bot's loop only."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: dict[str, _Found] = {}

    def charges(self, settings: Settings, venues: Iterable[str]) -> dict[str, Charge]:
        """venue -> what `settings` ask of it. Raises SettingError, BadInput; then nothing is taken over."""
        charges = {name: self._applied(settings, name, charge_of(settings, name)) for name in venues}
        self._settings = settings
        return charges

    def tunable(self, venue: str, charge: Charge) -> bool:
        """Has the strategy a k, and has the user left it alone?"""
        return _free(self._settings, venue) and "k" in parameters(type(charge.rule.strategy))

    def put(self, venue: str, charge: Charge, k: float) -> Charge:
        """`charge` with the k that was found for it; it stays until the strategy or timeframe changes."""
        self._found[venue] = _Found(charge.rule.strategy.name, charge.timeframe, k)
        return self._applied(self._settings, venue, charge)

    def _applied(self, settings: Settings, venue: str, charge: Charge) -> Charge:
        found, strategy = self._found.get(venue), charge.rule.strategy
        if found is None or (found.strategy, found.timeframe) != (strategy.name, charge.timeframe):
            return charge
        if not _free(settings, venue):
            return charge
        return replace(charge, rule=rule(replace(strategy, k=found.k), charge.knobs))  # type: ignore[call-arg]


def _free(settings: Settings, venue: str) -> bool:
    """No file, command or variable of the user's names k; a preset or the bot's own file may."""
    entry = settings.resolved[venue].params.get("k")
    return entry is None or entry.origin.layer in ("preset", "tuned")
