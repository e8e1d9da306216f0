"""A JSON file that follows a value: written after a change, and again when somebody else touched it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from trading.ipc.document import Json
from trading.ipc.files import Killpoint, Signature, no_kill, read_json, signature_of, write_json
from trading.ipc.shapes import to_json


class Numbered(Protocol):
    """A frozen dataclass with the two fields that the writer fills itself."""

    @property
    def seq(self) -> int:
        """Counts the versions of this file, over restarts too."""
        ...

    @property
    def written_at_ms(self) -> int:
        """Wall clock, ms UTC."""
        ...


D = TypeVar("D", bound=Numbered)


class Projection(Generic[D]):
    """The writer of one file. The file is never read back as state: only its `seq` goes on after a restart."""

    def __init__(self, path: Path, killpoint: Killpoint = no_kill) -> None:
        self.path = path
        self._killpoint = killpoint
        self._seq = _seq_of(read_json(path).value)
        self._last: D | None = None
        self._signature: Signature | None = None

    def publish(self, document: D, now_ms: int, always: bool = False) -> bool:
        """Writes `document` if it differs from the last one, or the file is not as we left it, or `always`.

        Give a new document with new mappings each time: one that was changed in place equals itself. `seq` and
        `written_at_ms` are filled here. Returns whether it was written. Raises OSError; the next call tries again.
        """
        bare: Any = replace(document, seq=0, written_at_ms=0)  # type: ignore[type-var]
        if not always and bare == self._last and self._undisturbed():
            return False
        numbered = replace(bare, seq=self._seq + 1, written_at_ms=now_ms)
        self._signature = write_json(self.path, to_json(numbered), self._killpoint)
        self._seq += 1
        self._last = bare
        return True

    def _undisturbed(self) -> bool:
        return self._signature is not None and self._signature == signature_of(self.path)


def _seq_of(value: Json) -> int:
    seq = value.get("seq") if isinstance(value, dict) else None
    return seq if type(seq) is int and seq >= 0 else 0
