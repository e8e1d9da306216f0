"""What is believed of a command file before its commands are looked at: JSON, flat enough, of our version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from trading.ipc.commands import with_id
from trading.ipc.document import Json, parse
from trading.ipc.files import SCHEMA, Signature
from trading.ipc.vocabulary import KINDS, MAX_TEXT, Checked, Refusal, nearest

MAX_DEPTH: Final = 8

_FIELDS: Final = ("id", "kind", "args", "issued_at_ms", "expires_at_ms", "issued_by", "schema")
#: one string (closed or not) or one bracket; every branch succeeds, so the scan is linear whatever the bytes are
_PIECES: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[{]|[\]}]', re.DOTALL)
_ID_SEEN: Final = re.compile(rb'"id"\s*:\s*"([A-Za-z0-9_.:-]{1,64})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, checked. args: as `vocabulary.check` reads them; times: wall clock, ms UTC; None: never lapses."""

    id: str
    kind: str
    args: Mapping[str, Any]
    issued_at_ms: int
    expires_at_ms: int | None
    issued_by: str

    @property
    def urgent(self) -> bool:
        """Stop, pause, liquidate."""
        return KINDS[self.kind].urgent

    def expired(self, now_ms: int) -> bool:
        """Whether its time has passed."""
        return self.expires_at_ms is not None and now_ms > self.expires_at_ms


@dataclass(frozen=True, slots=True)
class Scan:
    """depth: deepest bracket (counting stops over MAX_DEPTH); open: the text ends inside of something, or is blank."""

    depth: int
    open: bool


def scan(content: bytes) -> Scan:
    """Brackets of `content` outside of strings, without parsing it."""
    depth = deepest = 0
    for piece in _PIECES.finditer(content):
        sign = content[piece.start() : piece.start() + 1]
        if sign == b'"':
            if not piece.group(1):
                return Scan(deepest, True)
        elif sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                return Scan(deepest, False)
        else:
            depth -= 1
    return Scan(deepest, depth > 0 or not content.strip())


def entries_of(content: bytes, mark: Signature) -> list[Json] | Refusal:
    """The commands of a file, each with an id, or why the file is refused whole."""
    if scan(content).depth > MAX_DEPTH:
        return Refusal("commands.too_deep")
    try:
        value = parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Refusal("commands.no_json", {"reason": "UTF-8"})
    except ValueError as error:
        return Refusal("commands.no_json", {"reason": str(error)[:MAX_TEXT]})
    if not isinstance(value, dict):
        return Refusal("commands.no_command")
    version = value.get("schema", SCHEMA)
    if type(version) is not int or version != SCHEMA:
        return Refusal("commands.newer_schema", {"schema": str(version)[:40]})
    if "commands" not in value:
        return [with_id(value, mark, 0)] if "kind" in value else Refusal("commands.no_command")
    if strange := value.keys() - {"schema", "commands"}:
        return Refusal("commands.unknown_field", {"name": min(strange)[:40], "hint": None})
    entries = value["commands"]
    if not isinstance(entries, list):
        return Refusal("commands.no_command")
    return [with_id(entry, mark, place) for place, entry in enumerate(entries)]


def ids_seen(content: bytes) -> list[str]:
    """Ids that a refused file seems to hold, so that their senders learn of it."""
    return list(dict.fromkeys(found.decode() for found in _ID_SEEN.findall(content)))[:500]


def usable_id(value: Json) -> bool:
    """Whether `value` can name a command: 1 to 64 printable characters, no path in it."""
    return (
        isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable() and not re.search(r"[/\\]|^\.+$", value)
    )


def command_of(entry: Mapping[str, Json], checked: Checked, written_ms: int) -> Command | Refusal:
    """The command of an entry whose kind and args are checked. written_ms: time of the file, where it tells none."""
    for name in entry:
        if name not in _FIELDS:
            return Refusal("commands.unknown_field", {"name": name[:40], "hint": nearest(name, _FIELDS)})
    times: dict[str, int | None] = {}
    for name in ("issued_at_ms", "expires_at_ms"):
        value = entry.get(name)
        if value is not None and (isinstance(value, bool | str | list | dict) or not 0 <= value < 10**15):
            return Refusal("commands.wrong_field", {"name": name, "value": str(value)[:40]})
        times[name] = None if value is None else int(value)
    issued_by = entry.get("issued_by", "file")
    if not isinstance(issued_by, str) or len(issued_by) > MAX_TEXT:
        return Refusal("commands.wrong_field", {"name": "issued_by", "value": str(issued_by)[:40]})
    spec = KINDS[checked.kind]
    issued = written_ms if times["issued_at_ms"] is None else times["issued_at_ms"]
    expires = times["expires_at_ms"]
    if expires is None and spec.default_expiry_ms is not None:
        expires = issued + spec.default_expiry_ms
    return Command(
        id=str(entry["id"]),
        kind=checked.kind,
        args=checked.args,
        issued_at_ms=issued,
        expires_at_ms=expires if spec.expires else None,
        issued_by="".join(sign if sign.isprintable() else "?" for sign in issued_by),
    )


def in_order(commands: list[Command]) -> tuple[Command, ...]:
    """Stop, pause and liquidate first, all else after, each in the order it was given.

    A resume that was given before a pause or liquidate of its venue stays before it: going first must not turn the
    last word into the first one.
    """
    first: list[Command] = []
    later: list[Command] = []
    for place, command in enumerate(commands):
        ahead = command.urgent or (command.kind == "resume" and any(_undone(command, one) for one in commands[place:]))
        (first if ahead else later).append(command)
    return (*first, *later)


def _undone(resume: Command, other: Command) -> bool:
    if other.kind not in ("pause", "liquidate"):
        return False
    venues = resume.args.get("venue"), other.args.get("venue")
    return None in venues or venues[0] == venues[1]
