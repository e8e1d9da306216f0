"""What is wrong with a setting, said so that a person can put it right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

SHOWN = 60  # characters of a wrong value that are repeated to the user


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name closest to `name` (case does not count), or None when nothing is close."""
    by_folded = {known.casefold(): known for known in names}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def shown(value: object) -> str:
    """`value` on one printable line of at most 60 characters."""
    line = "".join(c if c.isprintable() else "?" for c in str(value))
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


class SettingError(ValueError):
    """A setting that cannot be used. `reason` is the key of its sentence in the text catalogue.

    Attributes: name (as the user wrote it), value (already shortened; empty for secrets), allowed (range or choices),
    nearest (closest known name), file and line (1-based) where it stands, hint (extra value for the sentence).
    """

    def __init__(
        self,
        reason: str,
        name: str,
        *,
        value: object = "",
        allowed: str = "",
        nearest: str | None = None,
        file: str = "",
        line: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(reason, name)
        self.reason = reason
        self.name = name
        self.value = shown(value)
        self.allowed = allowed
        self.nearest = nearest
        self.file = file
        self.line = line
        self.hint = hint

    def at(self, name: str, file: str, line: int | None) -> SettingError:
        """The same error, placed: the name as written, its file and line."""
        return type(self)(
            self.reason,
            name,
            value=self.value,
            allowed=self.allowed,
            nearest=self.nearest,
            file=file,
            line=line,
            hint=self.hint,
        )

    def text(self, lang: str = "en") -> str:
        """One sentence in `lang` ("ko" or "en"): what, why, what to do."""
        from config.texts import text  # only when a sentence is needed: the catalogue reads every table

        where = ""
        if self.file and self.line:
            where = text("settings.where_line", lang, file=self.file, line=self.line)
        elif self.file:
            where = text("settings.where_file", lang, file=self.file)
        hint = text(f"settings.hint_{self.reason}", lang, hint=self.hint, value=self.value) if self.hint else ""
        near = text("settings.nearest", lang, nearest=self.nearest) if self.nearest else ""
        return where + text(
            f"settings.error_{self.reason}",
            lang,
            name=self.name,
            value=self.value,
            allowed=self.allowed,
            hint=hint,
            nearest=near,
        )

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword arguments do not survive the default pickling, and worker processes send errors home.
        return _rebuild, (type(self), self.reason, self.name, {k: v for k, v in vars(self).items() if k in _CARRIED})


class NotWhileRunning(SettingError):
    """A change that is only allowed when the bot starts: mode, venues, hosts, keys."""


_CARRIED = frozenset({"value", "allowed", "nearest", "file", "line", "hint"})


def _rebuild(kind: type[SettingError], reason: str, name: str, fields: dict[str, Any]) -> SettingError:
    return kind(reason, name, **fields)
