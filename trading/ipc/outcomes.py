"""outcomes.json: what became of each command; controllers say "done" only after it stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from trading.ipc.document import Encoded, Json, encode
from trading.ipc.files import SCHEMA, Killpoint, Read, Signature, no_kill, read_json, signature_of, write_json
from trading.ipc.shapes import fields_to_json, from_json

FILE: Final = "outcomes.json"
KEPT: Final = 2_000

OutcomeState = Literal["accepted", "done", "failed", "refused", "expired"]
FINAL: Final = frozenset({"done", "failed", "refused", "expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One command's fate. kind is "" where the command could not be read. effect: what changed, free form.

    at_ms: wall clock of this state.
    """

    id: str
    kind: str
    state: OutcomeState
    detail_ko: str = ""
    detail_en: str = ""
    issued_by: str = ""
    at_ms: int
    effect: Mapping[str, Any]

    @property
    def final(self) -> bool:
        """True where nothing more will come."""
        return self.state in FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesDocument:
    """The whole file, oldest first."""

    schema: Literal[1] = SCHEMA
    seq: int
    written_at_ms: int
    outcomes: tuple[Outcome, ...]


class OutcomesFile:
    """Keeps the last 2,000 outcomes and writes them. A later state of an id takes the place of the earlier one."""

    def __init__(self, data_dir: Path, known: Iterable[Outcome] = (), killpoint: Killpoint = no_kill) -> None:
        """known: outcomes from the ledger, oldest first (the file itself is never read back as truth)."""
        self.path = data_dir / FILE
        self._killpoint = killpoint
        self._rows: dict[str, Encoded] = {}
        before = read_json(self.path).value
        seq = before.get("seq") if isinstance(before, dict) else None
        self._seq = seq if type(seq) is int and seq > 0 else 0
        self._changed = True
        self._signature: Signature | None = None
        for outcome in known:
            self.put(outcome)

    def put(self, outcome: Outcome) -> None:
        """Takes `outcome` in; it is in the file after the next `publish`."""
        self._rows.pop(outcome.id, None)  # its place is where the newest stand
        self._rows[outcome.id] = Encoded(encode(fields_to_json(outcome)))
        while len(self._rows) > KEPT:
            del self._rows[next(iter(self._rows))]
        self._changed = True

    def publish(self, now_ms: int) -> bool:
        """Writes after a change, or when the file is gone or was touched. Kill point J9 before. Raises OSError."""
        if not self._changed and self._signature is not None and self._signature == signature_of(self.path):
            return False
        self._killpoint("J9")
        whole = {
            "schema": SCHEMA,
            "seq": self._seq + 1,
            "written_at_ms": now_ms,
            "outcomes": list(self._rows.values()),
        }
        self._signature = write_json(self.path, whole, self._killpoint)
        self._seq += 1
        self._changed = False
        return True


def shape_outcomes(value: Json) -> tuple[Outcome, ...]:
    """Outcomes of the file, oldest first. Raises ValueError naming the field."""
    return from_json(OutcomesDocument, value).outcomes


def read_outcomes(data_dir: Path) -> Read[tuple[Outcome, ...]]:
    """Reads outcomes.json; never raises for its content."""
    return read_json(data_dir / FILE).turn(shape_outcomes)


def find_outcome(data_dir: Path, command_id: str) -> Outcome | None:
    """The outcome of one command as of now, None where there is none (yet)."""
    value = read_json(data_dir / FILE).value
    rows = value.get("outcomes") if isinstance(value, dict) else None
    for row in reversed(rows if isinstance(rows, list) else []):
        if isinstance(row, dict) and row.get("id") == command_id:
            try:
                return from_json(Outcome, row)
            except ValueError:
                return None
    return None
