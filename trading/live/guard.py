"""Is every position guarded? A stop can only act on prices that come; where none do, a person must know."""

from __future__ import annotations

from typing import Final

BLIND_S: Final = 60.0


class Guard:
    """Watches one venue's prices for its positions. alarm: none came for 60 s while some are held."""

    def __init__(self) -> None:
        self.alarm = False
        self._since: float | None = None

    def look(self, now: float, held: bool, trouble: bool, age_s: float | None) -> bool:
        """Takes the news of a step; True when the alarm has just gone off. now: monotonic seconds."""
        if not held or not (trouble or age_s is None or age_s > BLIND_S):
            self._since, self.alarm = None, False
            return False
        self._since = now if self._since is None else self._since
        if self.alarm or now - self._since < BLIND_S:
            return False
        self.alarm = True
        return True
