"""decisions.json: what was decided on the last closed candle of each symbol, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from trading.ipc.document import Json
from trading.ipc.files import SCHEMA, Killpoint, Read, no_kill, read_json
from trading.ipc.projection import Projection
from trading.ipc.shapes import from_json

FILE: Final = "decisions.json"

Action = Literal["BUY", "SELL", "HOLD", "WAIT"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolDecision:
    """One symbol. candle_ms: open time of the deciding candle, market clock. confidence 0..1.

    conditions: each rule and whether it held; gate: the first that said no, None if none did; numbers: what was
    compared (numbers, or None where there is none). text_*: one sentence for people.
    """

    candle_ms: int
    action: Action
    confidence: float
    strategy: str
    conditions: Mapping[str, bool]
    gate: str | None
    numbers: Mapping[str, Any]
    text_ko: str
    text_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The whole file: venue -> symbol -> decision. seq, written_at_ms: by the writer."""

    schema: Literal[1] = SCHEMA
    seq: int = 0
    written_at_ms: int = 0
    venues: Mapping[str, Mapping[str, SymbolDecision]]


class DecisionsFile:
    """Writes decisions.json."""

    def __init__(self, data_dir: Path, killpoint: Killpoint = no_kill) -> None:
        self._file: Projection[Decisions] = Projection(data_dir / FILE, killpoint)

    def publish(self, content: Decisions, now_ms: int) -> bool:
        """Writes after a change, or when the file is gone or was touched. Returns whether. Raises OSError."""
        return self._file.publish(content, now_ms)


def shape_decisions(value: Json) -> Decisions:
    """The typed decisions. Raises ValueError naming the field."""
    return from_json(Decisions, value)


def read_decisions(data_dir: Path) -> Read[Decisions]:
    """Reads decisions.json; never raises for its content."""
    return read_json(data_dir / FILE).turn(shape_decisions)
