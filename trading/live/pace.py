"""When the next round of the loop is due: by the wall clock, late rounds skipped, never stacked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Protocol

from trading.core.ports import Clock

MAILBOX_S: Final = 0.5

Skipped = Callable[[float, int], None]


class Pace(Protocol):
    """Waits between two rounds. meanwhile: called while there is time (the mailbox must not overflow)."""

    def wait(self, stop: threading.Event, meanwhile: Callable[[], None]) -> None:
        """Returns when the next round is due, or at once when `stop` is set."""
        ...


class Rounds:
    """A round every `round_s` wall seconds. skipped: told (seconds the round took, rounds left out)."""

    def __init__(self, clock: Clock, round_s: float, skipped: Skipped) -> None:
        self._clock = clock
        self._round_s = round_s
        self._skipped = skipped
        self._began = self._due = clock.monotonic()

    def wait(self, stop: threading.Event, meanwhile: Callable[[], None]) -> None:
        """See `Pace`."""
        self._due += self._round_s
        now = self._clock.monotonic()
        if now > self._due:
            late = int((now - self._due) / self._round_s) + 1
            self._due += late * self._round_s
            if late > 1:
                self._skipped(now - self._began, late - 1)
        while (left := self._due - self._clock.monotonic()) > 0 and not stop.wait(min(left, MAILBOX_S)):
            if left > MAILBOX_S:
                meanwhile()
        self._began = self._clock.monotonic()
