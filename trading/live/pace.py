"""When the next round of the loop is due: by the wall clock, late rounds skipped, never stacked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Protocol

from trading.core.ports import Clock

MAILBOX_S: Final = 0.5
SLICE_S: Final = 0.1

Skipped = Callable[[float, int], None]


class Stopping:
    """The wish to stop. A signal handler may set it: unlike an Event it takes no lock that the waiting thread holds."""

    def __init__(self) -> None:
        self._wished = False
        self._never = threading.Event()

    def is_set(self) -> bool:
        """It was wished."""
        return self._wished

    def set(self) -> None:
        """Wishes it."""
        self._wished = True

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until it is wished (noticed within 0.1 s); whether it is."""
        while seconds > 0.0 and not self._wished:
            self._never.wait(min(seconds, SLICE_S))
            seconds -= SLICE_S
        return self._wished


class Pace(Protocol):
    """Waits between two rounds. meanwhile: called while there is time (the mailbox must not overflow)."""

    def wait(self, stop: Stopping, meanwhile: Callable[[], None]) -> None:
        """Returns when the next round is due, or at once when `stop` is set."""
        ...


class Rounds:
    """A round every `round_s` wall seconds. skipped: told (seconds the round took, rounds left out)."""

    def __init__(self, clock: Clock, round_s: float, skipped: Skipped) -> None:
        self._clock = clock
        self._round_s = round_s
        self._skipped = skipped
        self._began = self._due = clock.monotonic()

    def wait(self, stop: Stopping, meanwhile: Callable[[], None]) -> None:
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
