"""Strategy parameters of the settings, given the strategy's own defaults."""

from __future__ import annotations

from collections.abc import Mapping

from config.errors import SettingError, nearest
from config.knob import Kind, Knob, parse
from config.layers import LAYERS, Entry
from config.names import PARAM
from config.resolve import Resolved

_KINDS: tuple[tuple[type, Kind], ...] = ((bool, "bool"), (int, "int"), (float, "float"))  # a bool is an int too


def converted(entry: Entry, default: object) -> object:
    """The entry's value in the type of `default` (bool, int, float or text). Raises SettingError, placed."""
    kind = next((kind for of, kind in _KINDS if isinstance(default, of)), None)
    if kind is None:
        return entry.value
    try:
        return parse(Knob(entry.name, kind, 0), entry.value)
    except SettingError as error:
        raise error.at(entry.name, entry.origin.file, entry.origin.line) from None


def strategy_params(
    resolved: Resolved, defaults: Mapping[str, object] | None, *, lenient_shared: bool
) -> dict[str, object]:
    """The parameters set for a venue: as written when `defaults` is None, else typed like the strategy's defaults.

    Only what was set comes back; bounds are the strategy's business. A parameter that the strategy does not have raises
    SettingError with the nearest name. Left out instead are those set for all venues when the venues run different
    strategies (`lenient_shared`), old names, and those under a strategy that a later layer or command chose.
    """
    if defaults is None:
        return {name: entry.value for name, entry in resolved.params.items()}
    chosen = resolved.entries["strategy"]
    if chosen.origin.layer == "preset":
        chosen = resolved.entries["preset"]  # the preset's strategy was chosen when the preset was
    found: dict[str, object] = {}
    for name, entry in resolved.params.items():
        if name in defaults:
            found[name] = converted(entry, defaults[name])
        elif not (entry.soft or (lenient_shared and entry.venue is None) or _older(entry, chosen)):
            raise unknown(entry, defaults)
    return found


def unknown(entry: Entry, defaults: Mapping[str, object]) -> SettingError:
    """The error for a parameter that no strategy in question has."""
    near = nearest(entry.key[len(PARAM) :], defaults)
    error = SettingError("parameter_unknown", entry.key[len(PARAM) :], nearest=near, allowed=", ".join(defaults))
    return error.at(entry.name, entry.origin.file, entry.origin.line)


def _older(entry: Entry, chosen: Entry) -> bool:
    """Set under an earlier choice of strategy (a preset that a command chose keeps the command's time)."""
    mine, other = LAYERS.index(entry.origin.layer), LAYERS.index(chosen.origin.layer)
    return mine < other or (mine == other and entry.at_ms < chosen.at_ms)
