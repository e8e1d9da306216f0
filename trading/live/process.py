"""What this process costs: CPU and memory, for the status file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psutil

from trading.core.ports import Clock

SHORTEST_S: Final = 0.05  # under it the kernel's ticks of 10 ms would show as jumps
MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """cpu: percent of one core (200.0 = two cores busy); memory: resident set in MB (10^6 bytes)."""

    cpu: float
    memory: float


class ProcessMeter:
    """Measures this process. The first reading covers its life so far, each later one the time since the last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = psutil.Process()
        self._at: float | None = None
        self._busy = 0.0
        self._cpu = 0.0

    def read(self) -> Figures:
        """CPU since the last reading and memory now; readings within 50 ms repeat the last CPU figure."""
        times = self._process.cpu_times()
        busy, now = times.user + times.system, self._clock.monotonic()
        # The wall clock may have been set since the start: then the first reading may find no time at all, and waits.
        age = self._clock.wall_ms() / 1000 - self._process.create_time()
        past = age if self._at is None else now - self._at
        if past >= SHORTEST_S:
            self._cpu = max(0.0, 100.0 * (busy - self._busy) / past)
            self._at, self._busy = now, busy
        return Figures(round(self._cpu, 1), round(self._process.memory_info().rss / MB, 1))
