"""What the bot does beside trading, by the clock: each chore is looked at once a second and never holds up the loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from trading.core.errors import LedgerUnavailable
from trading.core.ports import Clock
from trading.ipc.status import Job
from trading.live.events import Events, Level
from trading.live.ledger import Ledger
from trading.live.log import Log

LOOK_S: Final = 1
"""How often a chore looks whether something is due or done."""
_SCOPE: Final = "job"


class Chore(Protocol):
    """One kind of work that comes back every day or every few hours."""

    def look(self) -> None:
        """Does what is due, in no time or elsewhere. Called by the bot's loop only."""
        ...

    def jobs(self) -> tuple[Job, ...]:
        """For the status file."""
        ...

    def close(self) -> None:
        """Ends what runs elsewhere; it is due again after the next start."""
        ...


class Chores:
    """All chores of one bot. What one of them raises is said; it rests until the next start, the others go on."""

    def __init__(self, chores: Sequence[Chore], log: Log) -> None:
        self._chores = tuple(chores)
        self._log = log
        self._broken: set[int] = set()

    def look(self) -> None:
        """Lets every chore look. Never raises."""
        for place, chore in enumerate(self._chores):
            if place in self._broken:
                continue
            try:
                chore.look()
            except Exception as error:  # noqa: BLE001 - no chore may end the trading loop
                self._broken.add(place)
                self._log.say("log.error", "error", exception=error, where=type(chore).__name__, why=str(error))

    def jobs(self) -> tuple[Job, ...]:
        """The jobs of all, for the status file."""
        return tuple(job for chore in self._chores for job in chore.jobs())

    def close(self) -> None:
        """Ends all."""
        for chore in self._chores:
            chore.close()


@dataclass(frozen=True, slots=True)
class Past:
    """A job's last run. date: the day that is done with ("" before the first); at_ms: market clock, None: never."""

    date: str = ""
    at_ms: int | None = None
    result: str | None = None


class Diary:
    """What became of jobs: remembered in the ledger over a restart, said in the log, kept as events."""

    def __init__(self, ledger: Ledger, clock: Clock, log: Log, events: Events) -> None:
        self._ledger = ledger
        self._clock = clock
        self._log = log
        self._events = events

    def past(self, name: str, venue: str = "") -> Past:
        """The last run that was kept. Raises LedgerUnavailable."""
        for row in self._ledger.settings(_SCOPE, venue):
            if row.name == name:
                return Past(str(row.value["date"]), int(row.value["at_ms"]), str(row.value["result"]))
        return Past()

    def keep(self, name: str, past: Past, venue: str = "") -> None:
        """Remembers a run; a ledger that cannot be written is said."""
        value: dict[str, Any] = {"date": past.date, "at_ms": past.at_ms, "result": past.result}
        try:
            self._ledger.put_setting(_SCOPE, name, value, "bot", self._clock.wall_ms(), venue)
        except LedgerUnavailable as error:
            self._log.say("log.ledger_lost", "error", why=str(error))

    def say(self, key: str, level: Level = "info", /, **fields: Any) -> None:
        """Says it in the log and as an event; a ledger that cannot be written is said."""
        try:
            self._events.say("job", key, level, **fields)
        except LedgerUnavailable as error:
            self._log.say("log.ledger_lost", "error", why=str(error))


def pairs(**values: object) -> str:
    """A job's result as the status file has it: `name=value` pairs, of no language."""
    return " ".join(f"{name}={value}" for name, value in values.items())
