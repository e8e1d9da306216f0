"""For the first lines of a program: a signal that comes while the rest is being imported ends it without traceback."""

from __future__ import annotations

import signal


def leave(number: int, frame: object) -> None:
    """Ends the process in order; what is open by then is closed on the way out. Raises SystemExit."""
    raise SystemExit(0)


def listen() -> None:
    """Takes SIGINT and SIGTERM from here on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
