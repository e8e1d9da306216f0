"""`check --explain KNOB`: a value, where it comes from, what it may be and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from config.aliases import ACCOUNT_ALIASES, ALIASES
from config.errors import SettingError, nearest
from config.knobs import KNOBS, Knob, Value, format_value
from config.layers import Entry, Origin
from config.names import PARAM, PREFIX, env_name, target
from config.secrets import ACCOUNT_NAMES, HIDDEN_NAMES
from config.texts import text

if TYPE_CHECKING:
    from config.settings import Settings


def explain(settings: Settings, name: str, lang: str) -> list[str]:
    """Lines for a person about a knob, a parameter ("param.k") or an account value, by any of its names.

    A secret's value is never among them. Raises SettingError with the nearest name for one that does not exist.
    """
    written = name.strip()
    account = ACCOUNT_ALIASES.get(written.upper(), written.upper())
    if account in ACCOUNT_NAMES:
        return _account(settings, account, lang)
    key, venue = _key(settings, written)
    lines = [_value_line(settings.entry(key, venue), venue, lang)]
    lines += _other_venues(settings, key, venue, lang)
    if key in KNOBS:
        lines += _description(KNOBS[key], lang)
    lines += _old_names(key, lang)
    return lines


def place(origin: Origin, lang: str) -> str:
    """The origin in words: layer, file and line, or who set it."""
    where = origin.file
    if origin.file and origin.line:
        where = text("settings.place_line", lang, file=origin.file, line=origin.line)
    return text(f"settings.layer_{origin.layer}", lang, where=where)


def _key(settings: Settings, written: str) -> tuple[str, str | None]:
    folded = written.upper()
    if folded in ALIASES:
        alias = ALIASES[folded]
        return alias.key, alias.venues[0]
    if folded.startswith(PREFIX) and (found := target(folded)) is not None:
        return found.key, found.venue
    params = {PARAM + p for venue in (None, *settings.venues) for p in settings.resolved[venue].params}
    key = written.casefold()
    key = PARAM + key if PARAM + key in params else key
    if key not in KNOBS and key not in params:
        raise SettingError("unknown", written, nearest=nearest(key, (*KNOBS, *params, *ACCOUNT_NAMES)))
    return key, None


def _value_line(entry: Entry, venue: str | None, lang: str) -> str:
    knob = KNOBS.get(entry.key)
    value = format_value(knob, cast(Value, entry.value)) if knob else str(entry.value)
    name = f"{venue}: {entry.key}" if venue else entry.key
    return text("settings.explain_value", lang, name=name, value=value or '""', place=place(entry.origin, lang))


def _other_venues(settings: Settings, key: str, venue: str | None, lang: str) -> list[str]:
    """A line for each running venue where something else holds."""
    if venue is not None:
        return []
    shared = _found(settings, key, None)
    entries = [(v, _found(settings, key, v)) for v in settings.venues]
    return ["  " + _value_line(entry, v, lang) for v, entry in entries if entry and entry != shared]


def _found(settings: Settings, key: str, venue: str | None) -> Entry | None:
    resolved = settings.resolved[venue]
    return resolved.params.get(key[len(PARAM) :]) if key.startswith(PARAM) else resolved.entries[key]


def _description(knob: Knob, lang: str) -> list[str]:
    unit = f" ({text('settings.unit_' + knob.unit, lang)})" if knob.unit else ""
    lines = [text("settings.explain_range", lang, allowed=knob.allowed or "-", unit=unit)]
    default = format_value(knob, knob.default) or '""'
    lines.append(text("settings.explain_default", lang, default=default))
    if knob.recommended:
        lines.append(text("settings.explain_recommended", lang, recommended=knob.recommended))
    lines.append(text("settings.explain_scope", lang, name=env_name(knob.name)))
    if knob.per_venue:
        lines[-1] += text("settings.explain_scope_venue", lang, name=env_name(knob.name, "upbit"))
    if not knob.hot:
        lines.append(text("settings.explain_fixed", lang))
    lines.append(text(f"knob.{knob.name}", lang))
    return lines


def _old_names(key: str, lang: str) -> list[str]:
    old = [name for name, alias in ALIASES.items() if alias.key == key]
    return [text("settings.explain_old", lang, names=", ".join(old))] if old else []


def _account(settings: Settings, name: str, lang: str) -> list[str]:
    secret = settings.secrets.get(name)
    if secret is None:
        return [text("settings.explain_account_unset", lang, name=name)]
    value = str(secret) if name in HIDDEN_NAMES else secret.reveal()
    return [
        text("settings.explain_value", lang, name=name, value=value, place=place(settings.account_origins[name], lang)),
        text("settings.explain_fixed", lang),
    ]
