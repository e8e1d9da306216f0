"""The look at the data folder that all screens of one process share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.texts import Language
from trading.ipc import readers
from trading.ipc.readers import Snapshot


class Watch:
    """Keeps the last snapshot, so that only files that changed are read again. Safe for many sessions."""

    def __init__(self, data_dir: Path, now_ms: Callable[[], int]) -> None:
        self.data_dir = data_dir
        self._now_ms = now_ms
        self._last: Snapshot | None = None
        self._lock = threading.Lock()

    def look(self) -> Snapshot:
        """The folder as it is now; never raises for what lies there."""
        with self._lock:
            self._last = readers.load(self.data_dir, self._now_ms(), self._last)
            return self._last


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page is given by the composition root.

    log_dir: where the bot's log lies (None: found beside the data). now_ms: wall clock. guarded: the server listens on
    this machine only; where it does not, nothing can be commanded. language: the first language of the page.
    """

    watch: Watch
    now_ms: Callable[[], int]
    log_dir: Path | None = None
    guarded: bool = True
    language: Language | None = None

    @property
    def data_dir(self) -> Path:
        """The folder that is watched."""
        return self.watch.data_dir
