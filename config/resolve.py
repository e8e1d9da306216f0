"""Which layer's value counts: defaults < preset < tuned < .env < environment < command line < override, per venue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from config.errors import SettingError
from config.knobs import KNOBS, Knob, Value, format_value
from config.layers import Entry, Layer, LayerName, Origin
from config.names import PARAM
from config.presets import PRESETS
from config.values import Knobs

_BASE = ("strategy", "timeframe")  # what a preset stands on


@dataclass(frozen=True, slots=True)
class Resolved:
    """All knobs and parameters in force for one venue (or, venue None, for all), each with its entry."""

    venue: str | None
    knobs: Knobs
    entries: Mapping[str, Entry]
    params: Mapping[str, Entry]


def resolve(layers: Mapping[LayerName, Layer], venue: str | None) -> Resolved:
    """The values in force for `venue` from the layers above the presets. Raises SettingError when two contradict."""
    preset_entry = _pick(layers, "preset", venue) or _default(KNOBS["preset"])
    preset_layer = _preset_layer(str(preset_entry.value))
    stack = dict(layers)
    if not _tuned_for(layers.get("tuned", {}), venue, str(preset_entry.value)):
        stack.pop("tuned", None)
    stack["preset"] = preset_layer
    entries = {key: _pick(stack, key, venue) or _default(knob) for key, knob in KNOBS.items()}
    for key in _BASE:
        if (None, key) in preset_layer and _chosen_later(preset_entry, entries[key]):
            entries[key] = preset_layer[None, key]
    values: dict[str, Any] = {key: entry.value for key, entry in entries.items()}
    _contradictions(entries)
    return Resolved(venue, Knobs(**values), entries, _params(stack, venue, entries["strategy"]))


def _pick(layers: Mapping[LayerName, Layer], key: str, venue: str | None) -> Entry | None:
    """The entry of the highest layer that has one; the venue's own before the one for all venues."""
    for name in ("override", "command_line", "environment", "env_file", "tuned", "preset"):
        layer = layers.get(name, {})
        own = _set(layer.get((venue, key))) if venue else None
        shared = _set(layer.get((None, key)))
        if own and shared and name == "override":  # commands: the last one wins, whichever it named
            return own if own.at_ms >= shared.at_ms else shared
        if own or shared:
            return own or shared
    return None


def _set(entry: Entry | None) -> Entry | None:
    """The entry, unless it only says that strategy or timeframe are left to the layers below."""
    return None if entry is None or (entry.key in _BASE and entry.value is None) else entry


def _default(knob: Knob) -> Entry:
    return Entry(knob.name, None, knob.default, Origin("default", raw=format_value(knob, knob.default)), knob.name)


def _preset_layer(name: str) -> Layer:
    preset = PRESETS.get(name)
    if preset is None:
        return {}
    layer: dict[tuple[str | None, str], Entry] = {}
    for key, value in preset.knobs.items():
        origin = Origin("preset", name, None, format_value(KNOBS[key], value))
        layer[None, key] = Entry(key, None, value, origin, key)
    for param, value in preset.params.items():
        key = PARAM + param
        layer[None, key] = Entry(key, None, value, Origin("preset", name, None, str(value)), key)
    return layer


def _chosen_later(preset: Entry, base: Entry) -> bool:
    """A command chose the preset after this strategy or timeframe was set: the command means the whole preset."""
    if preset.origin.layer != "override":
        return False
    return base.origin.layer != "override" or base.at_ms < preset.at_ms


def _tuned_for(tuned: Layer, venue: str | None, preset: str) -> bool:
    """Tuned values hold for the preset they were found under."""
    bound = (tuned.get((venue, "tuned_preset")) if venue else None) or tuned.get((None, "tuned_preset"))
    return bound is None or bound.value == preset


def _params(stack: Mapping[LayerName, Layer], venue: str | None, strategy: Entry) -> dict[str, Entry]:
    """Parameters in force by bare name; those of preset and tuning only with the preset's own strategy."""
    base = stack["preset"].get((None, "strategy"))
    if base is None or base.value != strategy.value:
        stack = {name: layer for name, layer in stack.items() if name != "preset" and (base is None or name != "tuned")}
    keys = {key for layer in stack.values() for where, key in layer if key.startswith(PARAM) and where in (None, venue)}
    found = {key[len(PARAM) :]: _pick(stack, key, venue) for key in sorted(keys)}
    return {name: entry for name, entry in found.items() if entry is not None}


def _contradictions(entries: Mapping[str, Entry]) -> None:
    low, high = entries["kelly_min"], entries["kelly_max"]
    if cast(float, low.value) > cast(float, high.value):
        blamed = low if low.origin.layer != "default" else high
        values = {entry.key: format_value(KNOBS[entry.key], cast(Value, entry.value)) for entry in (low, high)}
        raise SettingError(
            "contradiction",
            blamed.name,
            value=values["kelly_min"],
            allowed=values["kelly_max"],
            file=blamed.origin.file,
            line=blamed.origin.line,
        )
