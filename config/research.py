"""Values for a backtest's command line: from the defaults or a preset, never from `.env`."""

from __future__ import annotations

from collections.abc import Mapping

from config.errors import SettingError, nearest
from config.knobs import KNOBS, parse
from config.layers import Entry, Origin
from config.names import checked
from config.presets import NO_PRESET, PRESETS
from config.resolve import resolve
from config.values import Knobs

_OWN_OPTIONS = {"venues": "--venue", "preset": "--preset", "strategy": "--strategy", "timeframe": "--timeframe"}


def for_backtest(preset: str | None, sets: Mapping[str, str], venue: str) -> tuple[Knobs, dict[str, object]]:
    """Knobs and the preset's strategy parameters: defaults (or `preset`), then `sets` (knob name -> text).

    Raises SettingError for an unknown preset, venue or knob (with the nearest name), a value out of bounds, and a knob
    that has an option of its own (mode, venues, preset, strategy, timeframe).
    """
    name = NO_PRESET if preset is None else preset
    if name not in PRESETS and name != NO_PRESET:
        raise SettingError("choice", "preset", value=name, allowed=", ".join(PRESETS), nearest=nearest(name, PRESETS))
    checked("preset", venue)
    entries: dict[tuple[str | None, str], Entry] = {(None, "preset"): _entry("preset", name, name)}
    for knob_name, raw in sets.items():
        if knob_name not in KNOBS:
            raise SettingError("unknown", knob_name, nearest=nearest(knob_name, KNOBS))
        if knob_name == "mode":
            raise SettingError("not_in_backtest", knob_name)
        if knob_name in _OWN_OPTIONS:
            raise SettingError("own_option", knob_name, hint=_OWN_OPTIONS[knob_name])
        entries[None, knob_name] = _entry(knob_name, parse(KNOBS[knob_name], raw), raw)
    resolved = resolve({"command_line": entries}, venue)
    return resolved.knobs, {key: entry.value for key, entry in resolved.params.items()}


def _entry(key: str, value: object, raw: str) -> Entry:
    return Entry(key, None, value, Origin("command_line", raw=raw), key)
