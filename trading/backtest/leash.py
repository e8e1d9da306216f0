"""A worker process lives no longer than the one that started it."""

from __future__ import annotations

import os
import threading
from typing import Final

GONE: Final = 3
"""Exit code of a worker whose starter is gone."""


def on_leash() -> None:
    """From here on this process ends as soon as its stdin closes: the pipe of a process that ended or was killed."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    # Not through sys.stdin: its buffer's lock would be held when the interpreter shuts down.
    while os.read(0, 1024):
        pass
    os._exit(GONE)
