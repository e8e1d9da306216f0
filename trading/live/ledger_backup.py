"""Once a day (KST) the ledger is copied into backups/, by SQLite's own online backup, in a thread of its own.

A copy is checked and on the disk before it takes its name; fourteen are kept. Whatever goes wrong, trading goes on: it
is named, and tried again an hour later. A ledger in PostgreSQL is backed up by its server.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from trading.core.calendar import DAY_MS, KST_MS, MINUTE_MS, slot
from trading.core.ports import Clock
from trading.ipc.files import ensure_folder, replace, sync_folder
from trading.ipc.status import Job
from trading.live.chores import Diary, Past, pairs
from trading.live.notify import Notices

FOLDER: Final = "backups"
KEPT: Final = 14
BACK_UP_AFTER_MS: Final = 20 * MINUTE_MS
"""So long after midnight in Korea, when venues roll their day and other jobs run."""
LIMIT_S: Final = 300.0
HUNG_S: Final = 30.0
"""A copy that has not ended so long after its limit hangs."""
END_S: Final = 2.0
"""How long the end of the bot waits for a copy to stop."""
REST_S: Final = 3_600.0
"""After a failure, wall seconds until it is tried again."""
SPARE_BYTES: Final = 200_000_000
"""What must stay free beside the copy: trading needs the disk more than a backup does."""
PAGES: Final = 1_000
"""Copied between two looks whether to go on."""
INSTRUCTIONS: Final = 100_000
"""Of SQLite's machine, between two such looks while it checks."""
_NAME: Final = "ledger_backup"
_FILE: Final = re.compile(r"ledger-\d{4}-\d{2}-\d{2}\.db")


class BackupFailed(Exception):
    """No copy was kept. code: disk_short, damaged (the copy is not sound), overran (or the bot ends)."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Run:
    """A copy that is being made. due: monotonic seconds by which it ends; size: bytes, or what was raised."""

    date: str
    due: float
    size: Future[int]
    thread: threading.Thread


class LedgerBackup:
    """The job. Called by the bot's loop only; one thread copies at a time."""

    def __init__(
        self,
        file: Path | None,
        data_dir: Path,
        clock: Clock,
        diary: Diary,
        notices: Notices,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        """file: the ledger (None: it lies on a server); free: bytes left on a folder's disk."""
        self._file = file
        self._folder = data_dir / FOLDER
        self._clock = clock
        self._diary = diary
        self._notices = notices
        self._free = free
        self._past = diary.past(_NAME)
        self._stop = threading.Event()
        self._running: _Run | None = None
        self._rest_until = 0.0
        self._told = ""

    def look(self) -> None:
        """Takes what a copy came to, or starts one that is due. Never waits."""
        if self._running is not None:
            self._follow(self._running)
        elif self._file is not None and self._clock.monotonic() >= self._rest_until:
            date = due_date(self._clock.market_ms())
            if not backup_path(self._folder, date).exists():
                self._start(self._file, date)

    def jobs(self) -> tuple[Job, ...]:
        """For the status file."""
        if self._file is None:
            return (Job(name=_NAME, last_result=pairs(failed="server")),)
        due_ms = _last_run(self._clock.market_ms()) + DAY_MS
        return (Job(name=_NAME, last_ms=self._past.at_ms, last_result=self._past.result, next_ms=due_ms),)

    def close(self) -> None:
        """Ends a running copy; it is made after the next start."""
        self._stop.set()
        if self._running is not None:
            self._running.thread.join(END_S)
            self._running = None

    def _start(self, file: Path, date: str) -> None:
        due = self._clock.monotonic() + LIMIT_S
        size: Future[int] = Future()

        def over() -> bool:
            return self._stop.is_set() or self._clock.monotonic() >= due

        def work() -> None:
            try:
                size.set_result(back_up(file, self._folder, date, over, self._free))
            except Exception as error:  # noqa: BLE001 - handed to the loop, which sorts it
                size.set_exception(error)

        thread = threading.Thread(target=work, name=_NAME, daemon=True)
        thread.start()
        self._running = _Run(date, due, size, thread)

    def _follow(self, run: _Run) -> None:
        """A thread that hangs in the disk is named once and left alone: another one would hang beside it."""
        if not run.size.done():
            if self._clock.monotonic() >= run.due + HUNG_S and self._told != run.date:
                self._failed(run.date, "overran", f"{LIMIT_S:g} s")
            return
        self._running = None
        try:
            size = run.size.result()
        except BackupFailed as error:
            self._failed(run.date, error.code, str(error))
        except sqlite3.Error as error:
            self._failed(run.date, "not_copied", str(error))
        except OSError as error:
            self._failed(run.date, "not_written", str(error))
        else:
            self._done(run.date, size)

    def _done(self, date: str, size: int) -> None:
        fields = {"date": date, "megabytes": f"{size / 1e6:.1f}", "kept": len(backups(self._folder))}
        self._past = Past(date, self._clock.market_ms(), pairs(**fields))
        self._diary.say("job.backed_up", "info", **fields)
        self._diary.keep(_NAME, self._past)

    def _failed(self, date: str, code: str, why: str) -> None:
        self._rest_until = self._clock.monotonic() + REST_S
        self._past = Past(date, self._clock.market_ms(), pairs(date=date, failed=code))
        self._diary.say("job.not_backed_up", "warning", date=date, code=code, why=why)
        if self._told != date:
            self._notices.send("notice.no_backup", date=date, code=code, why=why)
            self._told = date


def back_up(file: Path, folder: Path, date: str, over: Callable[[], bool], free: Callable[[Path], int]) -> int:
    """Copies the ledger `file` into `folder` under the name of `date`; bytes of the copy. over: asked whether to end.

    Older copies than the last `KEPT` are removed. Raises BackupFailed, sqlite3.Error, OSError; then nothing is left.
    """
    ensure_folder(folder)
    for stray in folder.glob(".ledger-*"):  # of a process that was killed; nobody else writes here
        stray.unlink()
    need = sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())
    if (left := free(folder)) < need + SPARE_BYTES:
        raise BackupFailed("disk_short", f"{left / 1e6:,.0f} MB < {(need + SPARE_BYTES) / 1e6:,.0f} MB")
    target = backup_path(folder, date)
    partial = folder / f".{target.name}.partial"
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o600))
        copy(file, partial, over)
        check(partial, over)
        size = partial.stat().st_size
        sync(partial)
        replace(partial, target)
        sync_folder(folder)
    finally:
        for left_over in folder.glob(f"{partial.name}*"):
            left_over.unlink(missing_ok=True)
    for old in backups(folder)[:-KEPT]:
        old.unlink()
    return size


def copy(file: Path, to: Path, over: Callable[[], bool]) -> None:
    """Copies a SQLite database as of one moment while others write. Raises BackupFailed, sqlite3.Error."""

    def go_on(_status: int, _remaining: int, _total: int) -> None:
        if over():
            raise BackupFailed("overran", f"{LIMIT_S:g} s")

    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as source:
        # One read transaction: the copy is of this moment, and writes meanwhile do not make it begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchall()
        with closing(sqlite3.connect(to, isolation_level=None)) as target:
            source.backup(target, pages=PAGES, progress=go_on)
            # The copy is one file that can be read by itself, without the log that the ledger writes ahead.
            target.execute("PRAGMA journal_mode=DELETE").fetchall()


def check(file: Path, over: Callable[[], bool]) -> None:
    """Reads a copy through, read-only. Raises BackupFailed, sqlite3.Error."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as connection:
        connection.set_progress_handler(over, INSTRUCTIONS)
        try:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if over():
                raise BackupFailed("overran", f"{LIMIT_S:g} s") from error
            raise
    if said != "ok":
        raise BackupFailed("damaged", str(said))


def sync(file: Path) -> None:
    """Makes the content of `file` durable. Raises OSError."""
    with file.open("r+b") as handle:
        os.fsync(handle.fileno())


def backup_path(folder: Path, date: str) -> Path:
    """The copy of the day `date` (YYYY-MM-DD)."""
    return folder / f"ledger-{date}.db"


def backups(folder: Path) -> list[Path]:
    """The copies, oldest first; other files of a person in the folder are none."""
    return sorted(path for path in folder.glob("ledger-*.db") if _FILE.fullmatch(path.name))


def due_date(now_ms: int) -> str:
    """The KST day (YYYY-MM-DD) whose copy should be there."""
    return datetime.fromtimestamp((_last_run(now_ms) + KST_MS) / 1000, UTC).strftime("%Y-%m-%d")


def _last_run(now_ms: int) -> int:
    """When a copy was last due, market clock."""
    return slot(now_ms - BACK_UP_AFTER_MS, DAY_MS, -KST_MS) + BACK_UP_AFTER_MS
