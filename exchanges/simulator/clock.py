"""The market clock: how far the simulated market has come, as a function of a monotonic wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable


def wall_ms() -> int:
    """Epoch ms UTC of this machine."""
    return time.time_ns() // 1_000_000


class MarketClock:
    """Market time = start + (monotonic - t0) x speed; can be paused, stepped and sped up.

    `monotonic` returns seconds that never go back (time.monotonic in the server, a fake in tests).
    All market times are milliseconds UTC.
    """

    def __init__(self, start_ms: int, speed: float, monotonic: Callable[[], float]) -> None:
        """Starts running at `start_ms`. Raises ValueError for a speed that is not positive."""
        self._check_speed(speed)
        self._monotonic = monotonic
        self._anchor_ms = float(start_ms)
        self._anchor_wall = monotonic()
        self._speed = speed
        self._running = True

    @staticmethod
    def _check_speed(speed: float) -> None:
        if not 0 < speed <= 100_000:
            raise ValueError(f"speed must be above 0 and at most 100000, not {speed}")

    @property
    def speed(self) -> float:
        """Market seconds per wall second while running."""
        return self._speed

    @property
    def running(self) -> bool:
        """False while paused or stepped by hand."""
        return self._running

    def now_ms(self) -> int:
        """The market time now, ms UTC."""
        if not self._running:
            return int(self._anchor_ms)
        return int(self._anchor_ms + (self._monotonic() - self._anchor_wall) * 1000 * self._speed)

    def _anchor(self, at_ms: float) -> None:
        self._anchor_ms = at_ms
        self._anchor_wall = self._monotonic()

    def pause(self) -> None:
        """Holds market time where it is."""
        self._anchor(self.now_ms())
        self._running = False

    def run(self) -> None:
        """Lets market time run on from where it is."""
        if not self._running:
            self._anchor(self._anchor_ms)
            self._running = True

    def set_speed(self, speed: float) -> None:
        """Changes the speed without a jump. Raises ValueError for a speed that is not positive."""
        self._check_speed(speed)
        self._anchor(self.now_ms())
        self._speed = speed

    def step_to(self, at_ms: int) -> None:
        """Jumps forward to `at_ms` and stays paused there. Raises ValueError for a time already passed."""
        now = self.now_ms()
        if at_ms < now:
            raise ValueError(f"market time is {now}, it cannot go back to {at_ms}")
        self._anchor(at_ms)
        self._running = False
