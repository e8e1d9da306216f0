"""How many requests may still go: a window per group, a reserve for exits, and how long the venue wants us away.

Pure but for its arguments: every method is given the time, in seconds of the monotonic clock unless named wall.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from exchanges.upbit.tables import BAN_MOST_S, BAN_S, PAUSE_S

WINDOW_S: Final = 1.0
IN_THE_AIR_S: Final = 0.05
"""How soon to look again when only answers that are still to come make room."""
EVERYTHING: Final = "*"


def remaining(header: str | None) -> int | None:
    """`sec` of `group=default; min=1800; sec=29`: requests left in this second. None when absent or unreadable."""
    for part in (header or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == "sec" and value.isascii() and value.isdigit():
            return int(value)
    return None


class Budget:
    """Requests of one account and address.

    limits: group -> (requests per second, how many of them are kept for urgent ones).
    blocked: group (or "*") -> wall ms until which nothing may be asked, as kept from an earlier run.
    """

    def __init__(
        self, limits: Mapping[str, tuple[int, int]], now: float, wall_ms: int, blocked: Mapping[str, int] | None = None
    ) -> None:
        self._limits = dict(limits)
        # A request counts from when it goes until a window after its answer: the venue saw it somewhere between.
        self._flying = dict.fromkeys(limits, 0)
        self._answered: dict[str, deque[float]] = {group: deque() for group in limits}
        self._minute: deque[float] = deque()
        self._bans = 0
        # Kept on the monotonic clock: a wall clock set back must not prolong a ban, nor one set forward end it.
        self._until = {
            group: now + (until - wall_ms) / 1000.0 for group, until in (blocked or {}).items() if until > wall_ms
        }

    def blocked_for(self, group: str, now: float) -> float:
        """Seconds for which the venue does not want to hear from this group; 0.0 when it may be asked."""
        return max(0.0, self._until.get(EVERYTHING, now) - now, self._until.get(group, now) - now)

    def wait(self, group: str, now: float, urgent: bool = False) -> float:
        """Seconds until one more request fits into the window; 0.0 = now. Urgent ones may use the reserve."""
        limit, reserve = self._limits[group]
        answered = self._forget(group, now)
        over = self._flying[group] + len(answered) - (limit if urgent else limit - reserve)
        if over < 0:
            return 0.0
        return max(0.0, answered[over] + WINDOW_S - now) if over < len(answered) else IN_THE_AIR_S

    def take(self, group: str, now: float) -> None:
        """One request goes out."""
        self._flying[group] += 1
        self._minute.append(now)

    def answered(self, group: str, now: float) -> None:
        """One request of `take` came back, with whatever answer or none."""
        self._flying[group] -= 1
        self._answered[group].append(now)

    def told(self, group: str, left: int, now: float) -> None:
        """The venue says `left` requests are left in this second; another program may share the account."""
        answered = self._forget(group, now)
        more = self._limits[group][0] - left - self._flying[group] - len(answered)
        answered.extend([now] * max(0, more))

    def refused(self, group: str, status: int, pause: float | None, now: float, wall_ms: int) -> tuple[str, int]:
        """429 or 418 came: stay away. Returns (group or "*", wall ms until), to be kept over a restart.

        Without `Retry-After` a 429 waits for its window, a 418 a minute, doubling each time up to an hour.
        """
        if status == 418:
            self._bans += 1
            group = EVERYTHING
            pause = min(BAN_MOST_S, BAN_S * 2.0 ** (self._bans - 1)) if pause is None else pause
        else:
            pause = PAUSE_S if pause is None else max(pause, PAUSE_S)
        self._until[group] = max(now + pause, self._until.get(group, now))
        return group, wall_ms + int((self._until[group] - now) * 1000.0)

    def per_minute(self, now: float) -> int:
        """Requests sent in the last 60 s."""
        while self._minute and self._minute[0] <= now - 60.0:
            self._minute.popleft()
        return len(self._minute)

    def _forget(self, group: str, now: float) -> deque[float]:
        answered = self._answered[group]
        while answered and answered[0] <= now - WINDOW_S:
            answered.popleft()
        return answered
