"""Contestants that take turns, so that what disturbs the machine disturbs all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of one contestant, one value per round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Seconds of the middle round."""
        return median(self.rounds)

    @property
    def least(self) -> float:
        """Seconds of the best round."""
        return min(self.rounds)

    def over(self, other: Times) -> float:
        """How many times as long as `other`: the median of the ratios within a round."""
        return median(mine / theirs for mine, theirs in zip(self.rounds, other.rounds, strict=True))


class Watch:
    """Seconds since it was made: of the clock on the wall or of the processor, whichever are fewer. What other programs
    take from the machine does not count, and neither do two threads count twice."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        """Until now."""
        wall, processor = self._began
        return min(time.perf_counter() - wall, time.process_time() - processor)


def clocked(
    run: Callable[..., Any], times: int = 1, given: Callable[[], tuple[Any, ...]] = tuple
) -> Callable[[], float]:
    """A contestant: the seconds that `run` takes, the median of `times` runs; `given` makes its arguments."""

    def seconds() -> float:
        found = []
        for _ in range(times):
            arguments = given()
            watch = Watch()
            run(*arguments)
            found.append(watch.seconds)
        return median(found)

    return seconds


def in_turns(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Times]:
    """Each contestant runs once unmeasured, then once in every round."""
    for run in contestants.values():
        run()
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            found[name].append(run())
    return {name: Times(tuple(seconds)) for name, seconds in found.items()}
