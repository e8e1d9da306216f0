"""What the doctor says: one sentence with its cause and its cure, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from config.texts import text

Level = Literal["ok", "warning", "fault"]
LEVELS: Final[tuple[Level, ...]] = ("fault", "warning", "ok")


@dataclass(frozen=True, slots=True)
class Finding:
    """key: of its sentence, "doctor.<check>.<what>"; values: what the sentence asks for, ready to be read."""

    level: Level
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def check(self) -> str:
        """Which examination found it."""
        return self.key.split(".")[1]

    def text(self, lang: str) -> str:
        """The sentence in "ko" or "en"."""
        return text(self.key, lang, **self.values)


def found(level: Level, key: str, /, **values: object) -> Finding:
    """A finding whose sentence is "doctor.<key>"."""
    return Finding(level, f"doctor.{key}", values)


def graded(bad: bool, warned: str, well: str, /, **values: object) -> Finding:
    """A warning with the sentence `warned` where it is bad, else ok with `well`."""
    return found("warning", warned, **values) if bad else found("ok", well, **values)


def percent(share: float) -> str:
    """A fraction as percent, with as many digits as say something."""
    size = abs(share)
    digits = 0 if size >= 0.995 or not share else 1 if size >= 0.02 else 2 if size >= 0.0005 else 3
    return f"{share:.{digits}%}"
