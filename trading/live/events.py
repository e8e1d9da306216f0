"""What a person may ask about later (settings, commands, latches, alarms, starts): in the ledger and as history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from trading.core.ports import Clock
from trading.ipc.history import EventLine, append
from trading.live.ledger import Ledger
from trading.live.ledger_history import EventRow
from trading.live.log import Log, worded

Kind = Literal["setting", "command", "latch", "alarm", "start", "stop", "job"]
Level = Literal["info", "warning", "error"]
_OWN = ("ko", "en", "level", "market_ms")


class Events:
    """Says something in the log and keeps it: one call, one place for the two texts."""

    def __init__(self, data_dir: Path, ledger: Ledger, clock: Clock, log: Log) -> None:
        self._data_dir = data_dir
        self._ledger = ledger
        self._clock = clock
        self._log = log

    def say(self, kind: Kind, key: str, level: Level = "info", /, **fields: Any) -> None:
        """Log line `key` with `fields`, and an event of `kind` with both languages' texts. Raises LedgerUnavailable."""
        self._log.say(key, level, **fields)
        venue = str(fields.get("venue", ""))
        self.keep(kind, worded(key, "ko", fields), worded(key, "en", fields), level, venue, fields)

    def keep(self, kind: Kind, ko: str, en: str, level: Level, venue: str, detail: Mapping[str, Any]) -> None:
        """An event without a log line of its own. Raises LedgerUnavailable."""
        facts = {name: value if isinstance(value, int | float | bool) else str(value) for name, value in detail.items()}
        whole = {**facts, "ko": ko, "en": en, "level": level, "market_ms": self._clock.market_ms()}
        row = EventRow(self._clock.wall_ms(), kind, venue, whole)
        self._ledger.add_event(row)
        try:
            append(self._data_dir, line_of(row))
        except OSError as error:
            self._log.say("log.file_failed", "error", file="history/events", why=str(error))


def line_of(row: EventRow) -> EventLine:
    """The history line of an event of the ledger."""
    return EventLine(
        time_ms=int(row.detail.get("market_ms", row.time_ms)),
        wall_ms=row.time_ms,
        kind=row.kind,  # type: ignore[arg-type]
        level=row.detail.get("level", "info"),
        venue=row.venue or None,
        text_ko=str(row.detail.get("ko", "")),
        text_en=str(row.detail.get("en", "")),
        detail={name: value for name, value in row.detail.items() if name not in _OWN},
    )
