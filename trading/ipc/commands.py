"""The controllers' side of command.json: send, take back, wait for the outcome. The vocabulary is in `vocabulary`."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from trading.ipc.document import Json, encode, parse
from trading.ipc.files import (
    SCHEMA,
    Killpoint,
    Read,
    Signature,
    ensure_folder,
    no_kill,
    read_json,
    signature_of,
    sync_folder,
    write_json,
    write_text,
)
from trading.ipc.outcomes import FILE as OUTCOMES
from trading.ipc.outcomes import Outcome, find_outcome
from trading.ipc.vocabulary import (
    DEFAULT_EXPIRY_MS,
    KINDS,
    VENUES,
    Checked,
    Kind,
    Refusal,
    SymbolReader,
    check,
    nearest,
    plain_symbol,
)

__all__ = [
    "DEFAULT_EXPIRY_MS",
    "KINDS",
    "VENUES",
    "Checked",
    "CommandNotSent",
    "Kind",
    "Refusal",
    "SymbolReader",
    "check",
    "nearest",
    "plain_symbol",
    "send",
    "take_back",
    "wait",
]

FILE: Final = "command.json"
LOCK: Final = "command.lock"
CLAIMED: Final = "command.claimed-"
REJECTED: Final = "rejected"
MAX_FILE_BYTES: Final = 64 * 1024
LOCK_S: Final = 5.0
ROOM_S: Final = 5.0
POLL_S: Final = 0.1


class CommandNotSent(Exception):
    """The command did not reach the mailbox, for the reason in `refusal` (nothing will happen)."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text("en"))
        self.refusal = refusal


def send(
    data_dir: Path,
    kind: str,
    args: Mapping[str, Json],
    issued_by: str,
    now_ms: int,
    expires_ms: int = DEFAULT_EXPIRY_MS,
    *,
    command_id: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Puts a command into the mailbox and returns its id; the bot acts on it in its next step.

    expires_ms: how long it may wait, in ms (without meaning for stop, pause and liquidate, which never lapse).
    command_id: an id made earlier (a dialog's), so that a second click adds nothing.
    Raises CommandNotSent: unknown kind or argument, mailbox locked for 5 s (stop, pause and liquidate go on without the
    lock then), or full for 5 s. Raises OSError when the folder cannot be written.
    """
    checked = check(kind, args)
    if isinstance(checked, Refusal):
        raise CommandNotSent(checked)
    identity = command_id or uuid.uuid4().hex
    command: dict[str, Json] = {"id": identity, "kind": kind, "args": dict(args), "issued_at_ms": now_ms}
    if KINDS[kind].expires:
        command["expires_at_ms"] = now_ms + expires_ms
    command["issued_by"] = issued_by
    waited = 0.0
    while not _append(data_dir, command, KINDS[kind].urgent):
        if waited >= ROOM_S:
            raise CommandNotSent(Refusal("commands.full"))
        sleep(POLL_S)
        waited += POLL_S
    return identity


def _append(data_dir: Path, command: Mapping[str, Json], urgent: bool) -> bool:
    """Adds the command under the lock; False while there is no room for it."""
    with _mailbox(data_dir, go_on=urgent):
        waiting = _waiting(data_dir, int(command["issued_at_ms"]))
        if waiting is None:
            return False
        if any(one.get("id") == command["id"] for one in waiting if isinstance(one, dict)):
            return True
        content = _mailbox_text([*waiting, command])
        if len(content.encode()) > MAX_FILE_BYTES:
            if not waiting:
                raise CommandNotSent(Refusal("commands.too_large", {"size": len(content.encode())}))
            return False
        write_text(data_dir / FILE, content)
        return True


@contextmanager
def _mailbox(data_dir: Path, go_on: bool) -> Iterator[bool]:
    """Holds command.lock (waits 5 s); yields whether it is held. Raises CommandNotSent unless `go_on`."""
    ensure_folder(data_dir)
    lock = FileLock(data_dir / LOCK, timeout=LOCK_S, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        if not go_on:
            raise CommandNotSent(Refusal("commands.busy")) from None
        # A suspended holder may overwrite us when it wakes; long before that the bot has claimed the file.
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _mailbox_text(commands: list[Json]) -> str:
    return encode({"schema": SCHEMA, "commands": commands}) + "\n"


def _waiting(data_dir: Path, now_ms: int) -> list[Json] | None:
    """Commands that lie in the mailbox; None while it is overfull, which is the bot's to judge.

    What cannot be understood is moved into rejected/ with the reason, never overwritten.
    """
    path = data_dir / FILE
    mark = signature_of(path)
    if mark is not None and path.is_file() and mark[1] > MAX_FILE_BYTES:
        return None
    seen = read_json(path, MAX_FILE_BYTES)
    if seen.problem == "missing":
        return []
    commands = commands_of(seen)
    if commands is None:
        _move_aside(data_dir, path, Refusal("commands.no_json", {"reason": seen.detail or "-"}), now_ms)
        return []
    return commands


def commands_of(seen: Read[Json]) -> list[Json] | None:
    """The commands in a look at a mailbox file, a bare one included and named; None where it is no mailbox."""
    value, mark = seen.value, seen.signature
    if not isinstance(value, dict) or mark is None:
        return None
    entries = value.get("commands") if "commands" in value else [value]
    if not isinstance(entries, list):
        return None
    return [with_id(entry, mark, place) for place, entry in enumerate(entries)]


def with_id(entry: Json, mark: Signature, place: int) -> Json:
    """The command with an id: its own, or the hash of content, time and inode of its file (and its place in it)."""
    if not isinstance(entry, dict) or entry.get("id") is not None:
        return entry
    entry = {name: value for name, value in entry.items() if name != "id"}
    inode, _, mtime_ns = mark
    stamp = f"{encode(entry)}|{mtime_ns}|{inode}|{place}"
    return {"id": hashlib.sha256(stamp.encode()).hexdigest()[:32], **entry}


def _move_aside(data_dir: Path, path: Path, why: Refusal, now_ms: int) -> None:
    folder = data_dir / REJECTED
    ensure_folder(folder)
    name = f"command-{uuid.uuid4().hex}"
    try:
        path.rename(folder / f"{name}.json")
    except FileNotFoundError:  # the bot was faster and has it
        return
    write_reason(folder / f"{name}.reason.json", why, now_ms)


def write_reason(path: Path, why: Refusal, now_ms: int, killpoint: Killpoint = no_kill) -> None:
    """Writes why a file lies in rejected/. Raises OSError."""
    write_json(path, {"reason_ko": why.text("ko"), "reason_en": why.text("en"), "at_ms": now_ms}, killpoint)


def take_back(data_dir: Path, command_id: str) -> bool:
    """Takes a waiting command out of the mailbox. True: the bot has not seen it and never will.

    False where the bot has claimed it, it is not there, or the mailbox stays locked. Raises OSError.
    """
    try:
        with _mailbox(data_dir, go_on=False):
            waiting = commands_of(read_json(data_dir / FILE)) or []
            rest = [one for one in waiting if not (isinstance(one, dict) and one.get("id") == command_id)]
            if len(rest) == len(waiting):
                return False
            if rest:
                write_text(data_dir / FILE, _mailbox_text(rest))
            else:
                (data_dir / FILE).unlink(missing_ok=True)
                sync_folder(data_dir)
    except CommandNotSent:
        return False
    # The bot may have claimed the file without the lock in between: then its claim or its outcome is there.
    return not _claimed(data_dir, command_id) and find_outcome(data_dir, command_id) is None


def _claimed(data_dir: Path, command_id: str) -> bool:
    for path in data_dir.glob(f"{CLAIMED}*"):
        commands = commands_of(read_json(path)) or []
        if any(isinstance(one, dict) and one.get("id") == command_id for one in commands):
            return True
    return False


def wait(
    data_dir: Path,
    command_id: str,
    timeout: float,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome | None:
    """Waits up to `timeout` s for the command's end. The last outcome seen: a final one, "accepted", or None."""
    deadline = monotonic() + timeout
    outcome: Outcome | None = None
    looked: Signature | None = None
    while True:
        now = signature_of(data_dir / OUTCOMES)
        if now != looked:
            looked, outcome = now, find_outcome(data_dir, command_id) or outcome
        if (outcome is not None and outcome.final) or monotonic() >= deadline:
            return outcome
        sleep(POLL_S)


def as_arguments(pairs: Mapping[str, str]) -> dict[str, Any]:
    """NAME=VALUE pairs of a command line as arguments: a value that is JSON is read as such, other text stays text."""
    arguments: dict[str, Any] = {}
    for name, value in pairs.items():
        try:
            arguments[name] = parse(value)
        except ValueError:
            arguments[name] = value
    return arguments
