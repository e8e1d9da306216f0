"""One bot per data folder: a kernel lock, held as long as the process lives and gone the moment it dies."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from trading.live.database import StartRefused

KST: Final = timezone(timedelta(hours=9), "KST")
NAME: Final = "bot.lock"


class DataFolderLock:
    """Holds `data_dir`/bot.lock. Its text (pid, host, start) only informs people; the kernel's lock is what counts."""

    def __init__(self, data_dir: Path, now_ms: int) -> None:
        """Takes the lock or raises StartRefused naming who holds it. now_ms: wall clock."""
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = data_dir / NAME
        note = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "started_ms": now_ms}).encode()

        def inform(descriptor: int) -> None:
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, note)

        self._lock = FileLock(
            self.path,
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,
            preserve_lock_file=True,
            on_acquired=inform,
        )
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            holder = read_holder(self.path)
            raise StartRefused("ledger.locked", folder=data_dir, **holder) from error
        except OSError as error:
            raise StartRefused("ledger.lock_failed", folder=data_dir, why=error.strerror or str(error)) from error

    def release(self) -> None:
        """Lets the next bot in (for a restart in place); a second call does nothing."""
        self._lock.release(force=True)


def read_holder(path: Path) -> dict[str, Any]:
    """Who wrote the lock's note: {"pid", "since"}; "?" where it cannot be read."""
    try:
        note = json.loads(path.read_bytes()[:4096])
        started = datetime.fromtimestamp(int(note["started_ms"]) / 1000, UTC).astimezone(KST)
        return {"pid": int(note["pid"]), "since": started.strftime("%Y-%m-%d %H:%M:%S")}
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return {"pid": "?", "since": "?"}
