"""The layers of settings and how each is read: every value is parsed, bounded and placed before anything uses it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from config.aliases import ACCOUNT_ALIASES, ALIASES
from config.dotenv import EnvLine
from config.errors import SettingError, nearest
from config.knobs import KNOBS, parse
from config.names import PARAM, PREFIX, TUNED_FOR, Target, checked, target
from config.secrets import ACCOUNT_NAMES

LayerName = Literal["default", "preset", "tuned", "env_file", "environment", "command_line", "override"]
LAYERS: tuple[LayerName, ...] = (
    "default",
    "preset",
    "tuned",
    "env_file",
    "environment",
    "command_line",
    "override",
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: its layer, the file (or preset, or who changed it), line from 1, and the text itself."""

    layer: LayerName
    file: str = ""
    line: int | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of one layer. `name`: as the user wrote it. `soft`: dropped where no such parameter exists."""

    key: str
    venue: str | None
    value: object
    origin: Origin
    name: str
    at_ms: int = 0
    soft: bool = False


Layer = Mapping[tuple[str | None, str], Entry]


@dataclass(frozen=True, slots=True)
class Override:
    """A value set by a command or the dashboard, kept in the ledger. `name`: a knob or "param.<name>".

    `at_ms`: UTC ms. `env_value`: what `.env` said for it when it was set (see `overrides.noted`); when that has changed
    by the next start, `.env` was the last to change and wins. None: not known, then only edits while running count.
    """

    name: str
    value: object
    venue: str | None = None
    by: str = ""
    at_ms: int = 0
    env_value: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know that stops nothing. `text(lang)` is one sentence."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The sentence in "ko" or "en"."""
        from config.texts import text

        return text(self.key, lang, **self.values)


@dataclass(slots=True)
class Reading:
    """What one source said: knobs and parameters, account values with their place, notices."""

    entries: dict[tuple[str | None, str], Entry] = field(default_factory=dict)
    accounts: dict[str, tuple[str, Origin]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


def typed(key: str, raw: object) -> object:
    """`raw` as the knob's value; a strategy parameter's text stays as it is, the strategy knows its type."""
    if key.startswith(PARAM):
        return _parameter(key, raw)
    if key in TUNED_FOR:
        return raw
    return parse(KNOBS[key], raw)


def _parameter(key: str, raw: object) -> object:
    value = float(raw) if isinstance(raw, Decimal) else raw.strip() if isinstance(raw, str) else raw
    finite = not isinstance(value, float) or math.isfinite(value)
    if not isinstance(value, (str, int, float)) or value == "" or not finite:
        raise SettingError("parameter", key, value=raw)
    return value


def read_lines(lines: Iterable[EnvLine], layer: LayerName, file: str) -> Reading:
    """Assignments of a file. A blank value counts as not there; the last of several wins, with a notice.

    Raises SettingError with file and line for an unknown HAETAE_ name and for a value that does not fit.
    """
    reading = Reading()
    seen: dict[str, int] = {}
    for line in lines:
        name = line.name.upper()
        origin = Origin(layer, file, line.line, _printable(name, line.value))
        if not _accept(reading, name, line.name, line.value.strip(), origin):
            _misspelt(reading, name, line.name, origin)
        if name in seen and _ours(name):
            values = {"file": file, "name": line.name, "first": seen[name], "line": line.line}
            reading.notices.append(Notice("settings.notice_twice", values))
        seen[name] = line.line
    return reading


def read_environment(environ: Mapping[str, str]) -> Reading:
    """Our names of the process environment; everything else in it is left alone. Raises as `read_lines`."""
    reading = Reading()
    for written in sorted(environ):
        name = written.upper()
        if _ours(name):
            origin = Origin("environment", raw=_printable(name, environ[written]))
            _accept(reading, name, written, environ[written].strip(), origin)
    return reading


def read_command_line(values: Mapping[str, object]) -> Layer:
    """Options of the command line, by knob name. Raises SettingError."""
    entries: dict[tuple[str | None, str], Entry] = {}
    for name, raw in values.items():
        place = checked(name, None)
        origin = Origin("command_line", raw=str(raw))
        entries[None, place.key] = Entry(place.key, None, typed(place.key, raw), origin, name)
    return entries


def override_entry(override: Override) -> Entry:
    """An override as an entry. Raises SettingError for a name, venue or value that is not possible."""
    place = checked(override.name, override.venue)
    origin = Origin("override", override.by, None, str(override.value))
    value = typed(place.key, override.value)
    return Entry(place.key, place.venue, value, origin, override.name, override.at_ms)


def read_overrides(overrides: Sequence[Override]) -> tuple[Layer, tuple[Override, ...], list[Notice]]:
    """Stored overrides as a layer, those of them that count, and a notice for each that no longer means anything.

    They were checked when they were set; one that a newer version does not know must not keep the bot from starting.
    """
    entries: dict[tuple[str | None, str], Entry] = {}
    kept: list[Override] = []
    notices: list[Notice] = []
    for override in sorted(overrides, key=lambda o: o.at_ms):
        try:
            entry = override_entry(override)
        except SettingError as error:
            notices.append(
                Notice("settings.notice_override", {"reason": error.text("en"), "reason_ko": error.text("ko")})
            )
            continue
        if entry.key in KNOBS and not KNOBS[entry.key].hot:
            notices.append(Notice("settings.notice_override_fixed", {"name": override.name}))
            continue
        entries[entry.venue, entry.key] = entry
        kept.append(override)
    return entries, tuple(kept), notices


def _ours(name: str) -> bool:
    return name.startswith(PREFIX) or name in ALIASES or name in ACCOUNT_NAMES or name in ACCOUNT_ALIASES


def _printable(name: str, value: str) -> str:
    """The text of a value that may be shown: none for account values, nor for what only looks like one."""
    return value if name.startswith(PREFIX) or name in ALIASES else ""


def _accept(reading: Reading, name: str, written: str, value: str, origin: Origin) -> bool:
    """Take one assignment into `reading`; False when the name is none of ours."""
    if name in ACCOUNT_NAMES or name in ACCOUNT_ALIASES:
        canonical = ACCOUNT_ALIASES.get(name, name)
        if value and (name == canonical or canonical not in reading.accounts):
            reading.accounts[canonical] = (value, origin)
        return True
    try:
        if name in ALIASES:
            _accept_alias(reading, name, written, value, origin)
            return True
        place = target(name, tuned=origin.layer == "tuned")
        if place is None:
            return False
        if value:
            _put(reading, place, value, origin, written)
    except SettingError as error:
        raise error.at(written, origin.file, origin.line) from None
    return True


def _accept_alias(reading: Reading, name: str, written: str, value: str, origin: Origin) -> None:
    if not value:
        return
    alias = ALIASES[name]
    converted = alias.convert(name, value)
    for venue in alias.venues:
        known = reading.entries.get((venue, alias.key))
        if known is None or known.name.upper() in ALIASES:  # today's own name wins over the old one
            soft = alias.key.startswith(PARAM)
            place = Target(alias.key, venue)
            reading.entries[venue, alias.key] = Entry(
                place.key, venue, typed(alias.key, converted), origin, written, soft=soft
            )


def _put(reading: Reading, place: Target, value: str, origin: Origin, written: str) -> None:
    reading.entries[place.venue, place.key] = Entry(place.key, place.venue, typed(place.key, value), origin, written)


def _misspelt(reading: Reading, name: str, written: str, origin: Origin) -> None:
    """A name beside ours that looks like one of ours: most likely a slip in a key's name."""
    known = (*ACCOUNT_NAMES, *ACCOUNT_ALIASES, *ALIASES)
    close = nearest(name, known)
    if close and _alike(name, close):
        values = {"file": origin.file, "line": origin.line, "name": written, "nearest": close}
        reading.notices.append(Notice("settings.notice_misspelt", values))


def _alike(name: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, name, other).ratio() >= 0.9
