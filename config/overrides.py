"""Overrides against `.env`: the last change wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from config.errors import NotWhileRunning
from config.knobs import KNOBS, Value, format_value
from config.layers import Entry, Layer, Override, override_entry


def checked_override(override: Override) -> Override:
    """The override itself when it is possible. Raises SettingError (unknown, out of bounds) or NotWhileRunning."""
    entry = override_entry(override)
    if entry.key in KNOBS and not KNOBS[entry.key].hot:
        raise NotWhileRunning("fixed", override.name)
    return override


def env_value(env_file: Layer, name: str, venue: str | None) -> str:
    """What `.env` says about knob `name` for `venue` in one printable form ("" = nothing), kept in overrides."""
    return ";".join(
        f"{where or '*'}={_printed(entry)}"
        for (where, key), entry in sorted(env_file.items(), key=lambda item: (item[0][0] or "", item[0][1]))
        if key == name and (venue is None or where in (None, venue))
    )


def changed_in_env(before: Layer, after: Layer) -> frozenset[tuple[str | None, str]]:
    """(venue, key) of every value that differs between two readings of `.env`; spelling alone is no difference."""
    keys = before.keys() | after.keys()
    return frozenset(key for key in keys if _value(before, key) != _value(after, key))


def superseded(overrides: Sequence[Override], before: Layer, after: Layer) -> tuple[Override, ...]:
    """The overrides that an edit of `.env` drops: same knob, and a line for the same venue or for all."""
    changed = changed_in_env(before, after)
    return tuple(o for o in overrides if any(_touches(venue, key, o) for venue, key in changed))


def outdated(overrides: Sequence[Override], env_file: Layer) -> tuple[Override, ...]:
    """The overrides that remember another `.env` than the present one: it was edited while the bot was down."""
    return tuple(
        o for o in overrides if o.env_value is not None and o.env_value != env_value(env_file, o.name, o.venue)
    )


def _touches(venue: str | None, key: str, override: Override) -> bool:
    return key == override.name and (venue is None or override.venue is None or venue == override.venue)


def _value(layer: Mapping[tuple[str | None, str], Entry], key: tuple[str | None, str]) -> object:
    entry = layer.get(key)
    return (entry is not None, entry.value if entry else None)


def _printed(entry: Entry) -> str:
    knob = KNOBS.get(entry.key)
    return format_value(knob, cast(Value, entry.value)) if knob else str(entry.value)
