"""The bot's side of command.json: claim the file, believe little, hand out commands in order, put the rest aside."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from trading.ipc.commands import CLAIMED, FILE, LOCK, MAX_FILE_BYTES, REJECTED, write_reason
from trading.ipc.document import Json
from trading.ipc.envelope import Command, command_of, entries_of, ids_seen, in_order, scan, usable_id
from trading.ipc.files import (
    Killpoint,
    Signature,
    ensure_folder,
    no_kill,
    open_plain,
    replace,
    signature,
    sync_folder,
    write_json,
)
from trading.ipc.outcomes import Outcome, OutcomeState
from trading.ipc.vocabulary import Checked, Refusal

LOCK_S: Final = 0.05
UNFINISHED_MS: Final = 500  #: a file that ends in the middle may still be in the making for so long
CLAIMS_PER_STEP: Final = 64

Accept = Callable[[Json, Json], Checked | Refusal]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed file. refusal: why it is refused whole; entries: its single commands that are refused, and why."""

    path: Path
    refusal: Refusal | None = None
    entries: tuple[tuple[Json, Refusal], ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step found. commands: in the order to act; outcomes: refused and expired ones, final already.

    The caller makes the commands' acceptance and the outcomes durable in the ledger, publishes outcomes.json, and only
    then calls `Inbox.done`; a crash before that brings the same batch again, less what the ledger has seen.
    """

    commands: tuple[Command, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    claims: tuple[Claim, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.claims or self.outcomes)


class Inbox:
    """Reads the mailbox of one data folder, once per step. Nothing that lies there can raise or hold the step up."""

    def __init__(
        self,
        data_dir: Path,
        uid: int | None,
        accept: Accept,
        killpoint: Killpoint = no_kill,
        seen: Callable[[str], bool] = lambda command_id: False,
    ) -> None:
        """uid: the user files must belong to (None: not asked, Windows). accept: reads kind and arguments (usually
        `vocabulary.check` with the bot's symbols and names). seen: whether the ledger has this id in any state.
        """
        self._data_dir = data_dir
        self._uid = uid
        self._accept = accept
        self._killpoint = killpoint
        self._seen = seen
        self._stuck: dict[str, Signature] = {}

    def take(self, now_ms: int) -> Batch:
        """Claims what lies in the mailbox and reads all open claims. now_ms: wall clock, ms UTC. Never raises."""
        outcomes: list[Outcome] = []
        try:
            self._claim()
        except OSError as error:
            outcomes += self._cannot_move(error, now_ms)
        commands: dict[str, Command] = {}
        claims: list[Claim] = []
        for path, seen in self._claims():
            claim = self._read(path, seen, now_ms, commands, outcomes)
            if claim is not None:
                claims.append(claim)
        alive: list[Command] = []
        for command in commands.values():
            if command.expired(now_ms):
                outcomes.append(_expired(command, now_ms))
            else:
                alive.append(command)
        return Batch(in_order(alive), tuple(outcomes), tuple(claims))

    def done(self, batch: Batch, now_ms: int) -> None:
        """Ends the batch's claims: refused ones go to rejected/ with the reason, others are removed. Never raises."""
        for claim in batch.claims:
            try:
                self._put_aside(claim, now_ms)
                claim.path.unlink(missing_ok=True)
            except OSError:
                # The outcome is in the ledger; a file that can neither be moved nor removed must not stop the step.
                self._remember(claim.path)
        if batch.claims:
            try:
                sync_folder(self._data_dir)
            except OSError:
                return  # a claim that comes back after power loss is known by its ids

    def _claim(self) -> None:
        path = self._data_dir / FILE
        try:
            path.lstat()
        except FileNotFoundError:
            return
        lock = FileLock(self._data_dir / LOCK, timeout=LOCK_S, mode=0o600)
        try:
            lock.acquire(poll_interval=0.01)
        except (Timeout, OSError, NotImplementedError):
            # A suspended writer holds it, or no lock can be had here. Going on loses nothing: a writer that read
            # before our rename hands the same ids in again, and an id acts once.
            self._rename(path)
            return
        try:
            self._rename(path)
        finally:
            lock.release()

    def _rename(self, path: Path) -> None:
        try:
            seen = path.lstat()
        except FileNotFoundError:
            return
        if self._stuck.get(path.name) == signature(seen):
            return
        name = f"{CLAIMED}{seen.st_mtime_ns:x}-{seen.st_ino:x}"
        target, number = path.with_name(f"{name}.json"), 1
        while os.path.lexists(target):
            number += 1
            target = path.with_name(f"{name}-{number}.json")
        path.rename(target)

    def _cannot_move(self, error: OSError, now_ms: int) -> list[Outcome]:
        path = self._data_dir / FILE
        if not self._remember(path):
            return []
        refusal = Refusal("commands.stuck", {"reason": error.strerror or str(error)})
        return [_outcome(f"file-{now_ms:x}", "", refusal, now_ms)]

    def _remember(self, path: Path) -> bool:
        """Notes a file that cannot be moved, so that it is told once; False where that was done before."""
        try:
            mark = signature(path.lstat())
        except OSError:
            return False
        if self._stuck.get(path.name) == mark:
            return False
        self._stuck[path.name] = mark
        return True

    def _claims(self) -> list[tuple[Path, os.stat_result]]:
        """Claimed files, oldest first; those that could not be removed are left out."""
        found: list[tuple[Path, os.stat_result]] = []
        try:
            with os.scandir(self._data_dir) as folder:
                for item in folder:
                    if item.name.startswith(CLAIMED):
                        seen = Path(item.path).lstat()
                        if self._stuck.get(item.name) != signature(seen):
                            found.append((Path(item.path), seen))
        except OSError:
            return []
        found.sort(key=lambda one: (one[1].st_mtime_ns, one[0].name))
        return found[:CLAIMS_PER_STEP]

    def _read(
        self, path: Path, seen: os.stat_result, now_ms: int, commands: dict[str, Command], outcomes: list[Outcome]
    ) -> Claim | None:
        """Adds the file's commands and outcomes; None while it is still being written."""
        content, mark, refusal = self._bytes(path, seen)
        if refusal is None:
            if abs(now_ms - mark[2] // 1_000_000) < UNFINISHED_MS and scan(content).open:
                return None
            entries = entries_of(content, mark)
            if not isinstance(entries, Refusal):
                return self._sort(path, entries, mark, now_ms, commands, outcomes)
            refusal = entries
        ids = [one for one in ids_seen(content) if not self._seen(one)] or [path.stem.removeprefix(CLAIMED)]
        outcomes += [_outcome(one, "", refusal, now_ms) for one in ids if not self._seen(one)]
        return Claim(path, refusal)

    def _bytes(self, path: Path, seen: os.stat_result) -> tuple[bytes, Signature, Refusal | None]:
        """Content of a plain file of the right owner and size, else why it is not read."""
        mark = signature(seen)
        if refusal := self._unfit(seen):
            return b"", mark, refusal
        try:
            with os.fdopen(open_plain(path), "rb") as file:
                status = os.fstat(file.fileno())
                if refusal := self._unfit(status):
                    return b"", mark, refusal
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return b"", mark, Refusal("commands.unreadable", {"reason": error.strerror or str(error)})
        if len(content) > MAX_FILE_BYTES:
            return b"", mark, Refusal("commands.too_large", {"size": len(content)})
        return content, signature(status), None

    def _unfit(self, seen: os.stat_result) -> Refusal | None:
        if not stat.S_ISREG(seen.st_mode):
            return Refusal("commands.not_a_file", {"what": stat.filemode(seen.st_mode)[0]})
        if self._uid is not None and seen.st_uid != self._uid:
            return Refusal("commands.foreign_owner", {"uid": seen.st_uid})
        if seen.st_size > MAX_FILE_BYTES:
            return Refusal("commands.too_large", {"size": seen.st_size})
        return None

    def _sort(
        self,
        path: Path,
        entries: list[Json],
        mark: Signature,
        now_ms: int,
        commands: dict[str, Command],
        outcomes: list[Outcome],
    ) -> Claim:
        refused: list[tuple[Json, Refusal]] = []
        for place, entry in enumerate(entries):
            fallback = f"{path.stem.removeprefix(CLAIMED)}-{place}"
            identity = entry["id"] if isinstance(entry, dict) and usable_id(entry.get("id")) else fallback
            if identity in commands or self._seen(identity):
                continue
            result = self._judge(entry, mark[2] // 1_000_000)
            if isinstance(result, Refusal):
                refused.append((entry, result))
                outcomes.append(_refused_entry(identity, entry, result, now_ms))
            else:
                commands[identity] = result
        return Claim(path, None, tuple(refused))

    def _judge(self, entry: Json, written_ms: int) -> Command | Refusal:
        if not isinstance(entry, dict):
            return Refusal("commands.no_command")
        if not usable_id(entry["id"]):
            return Refusal("commands.wrong_field", {"name": "id", "value": str(entry["id"])[:40]})
        checked = self._accept(entry.get("kind"), entry.get("args", {}))
        if isinstance(checked, Refusal):
            return checked
        return command_of(entry, checked, written_ms)

    def _put_aside(self, claim: Claim, now_ms: int) -> None:
        """Moves what is refused into rejected/; what is no file and no folder (a link, a pipe) the caller unlinks."""
        if claim.refusal is None and not claim.entries:
            return
        folder = self._data_dir / REJECTED
        ensure_folder(folder)
        name = "command-" + claim.path.stem.removeprefix(CLAIMED)
        if claim.refusal is not None:
            mode = claim.path.lstat().st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                replace(claim.path, folder / f"{name}.json")
            write_reason(folder / f"{name}.reason.json", claim.refusal, now_ms, self._killpoint)
        for place, (entry, refusal) in enumerate(claim.entries):
            write_json(folder / f"{name}-{place}.json", entry, self._killpoint)
            write_reason(folder / f"{name}-{place}.reason.json", refusal, now_ms, self._killpoint)


def _outcome(identity: str, kind: str, refusal: Refusal, now_ms: int, issued_by: str = "file") -> Outcome:
    return _final(identity, kind, "refused", refusal, now_ms, issued_by)


def _refused_entry(identity: str, entry: Json, refusal: Refusal, now_ms: int) -> Outcome:
    fields = entry if isinstance(entry, dict) else {}
    kind, issued_by = fields.get("kind"), fields.get("issued_by", "file")
    return _outcome(identity, str(kind)[:40] if kind else "", refusal, now_ms, str(issued_by)[:80])


def _expired(command: Command, now_ms: int) -> Outcome:
    late = (now_ms - (command.expires_at_ms or now_ms)) // 1000
    refusal = Refusal("commands.expired", {"late": max(late, 0)})
    return _final(command.id, command.kind, "expired", refusal, now_ms, command.issued_by)


def _final(identity: str, kind: str, state: OutcomeState, refusal: Refusal, now_ms: int, issued_by: str) -> Outcome:
    return Outcome(
        id=identity,
        kind=kind,
        state=state,
        detail_ko=refusal.text("ko"),
        detail_en=refusal.text("en"),
        issued_by=issued_by,
        at_ms=now_ms,
        effect={},
    )
