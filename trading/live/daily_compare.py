"""Once a day the last whole day (KST) of each venue is replayed from its recorded facts, in a worker process.

The day is the one that `run_backtest.py compare` takes by hand. It is compared some time after the venue's own day has
rolled, on the market clock. What comes of it is said in the log, kept as an event and shown as a job of the status
file; differences without a cause go to the phone. Whatever happens to the worker, trading goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from trading.core.calendar import DAY_MS, DAY_OFFSET_MS, KST_MS, MINUTE_MS, slot
from trading.core.errors import LedgerUnavailable
from trading.core.ports import Clock
from trading.ipc.status import Job
from trading.live.events import Events, Level
from trading.live.facts_log import recorded
from trading.live.ledger import Ledger
from trading.live.log import Log
from trading.live.notify import Notices
from trading.live.worker import Ended, Worker

COMPARE_AFTER_MS: Final = 10 * MINUTE_MS
"""So long after its venue's day roll a day is compared: late fills are booked then, and its facts are packed."""
LIMIT_S: Final = 300.0
LOOK_S: Final = 1
"""How often the job looks whether something is due or done."""
_SCOPE: Final = "job"
_NAME: Final = "compare"
_COUNTS: Final = ("lived", "ideal", "same", "explained", "unexplained")


@dataclass(frozen=True, slots=True)
class _Past:
    """The last run for a venue. date: KST day that is done with; at_ms: market clock, None: none was run yet."""

    date: str = ""
    at_ms: int | None = None
    result: str | None = None


class DailyCompare:
    """The job of all venues; at most one worker at a time. Called by the bot's loop only."""

    def __init__(
        self,
        venues: Sequence[str],
        command: Sequence[str],
        data_dir: Path,
        ledger: Ledger,
        clock: Clock,
        log: Log,
        notices: Notices,
        events: Events,
    ) -> None:
        """command: what starts a worker; the venue and the date are added to it. Empty: nothing is ever compared."""
        self._command = tuple(command)
        self._data_dir = data_dir
        self._ledger = ledger
        self._clock = clock
        self._log = log
        self._notices = notices
        self._events = events
        self._past = {venue: self._remembered(venue) for venue in venues} if command else {}
        self._running: tuple[str, str, Worker] | None = None

    def look(self) -> None:
        """Takes what a worker brought, or starts one that is due. Never raises, never waits."""
        if self._running is not None:
            venue, date, worker = self._running
            ended = worker.poll()
            if ended is None:
                return
            self._running = None
            self._take(venue, date, ended)
        for venue in self._past:
            date = last_whole_day(venue, self._clock.market_ms())
            if date > self._past[venue].date:
                self._start(venue, date)
                return

    def jobs(self) -> tuple[Job, ...]:
        """For the status file."""
        now_ms = self._clock.market_ms()
        return tuple(
            Job(name=f"{_NAME}:{venue}", last_ms=past.at_ms, last_result=past.result, next_ms=next_run(venue, now_ms))
            for venue, past in self._past.items()
        )

    def close(self) -> None:
        """Ends a running worker; its day is compared after the next start."""
        if self._running is not None:
            self._running[2].kill()
            self._running = None

    def _remembered(self, venue: str) -> _Past:
        for row in self._ledger.settings(_SCOPE, venue):
            if row.name == _NAME:
                return _Past(str(row.value["date"]), int(row.value["at_ms"]), str(row.value["result"]))
        return _Past()

    def _start(self, venue: str, date: str) -> None:
        if not recorded(self._data_dir, venue, *_days(date)):
            self._past[venue] = replace(self._past[venue], date=date)
            return
        try:
            worker = Worker((*self._command, venue, date), LIMIT_S, self._clock.monotonic)
        except OSError as error:
            self._failed(venue, date, "not_started", str(error))
            return
        self._running = (venue, date, worker)

    def _take(self, venue: str, date: str, ended: Ended) -> None:
        answer = ended.answer
        if ended.why:
            self._failed(venue, date, ended.why, ended.said)
        elif isinstance(answer.get("refused"), str):
            why = str(answer.get(self._log.language, ""))
            self._failed(venue, date, answer["refused"].rpartition(".")[2], why)
        elif not all(isinstance(answer.get(name), int) for name in _COUNTS):
            self._failed(venue, date, "unreadable", str(dict(answer))[:200])
        else:
            self._done(venue, date, {name: answer[name] for name in _COUNTS})

    def _done(self, venue: str, date: str, counts: Mapping[str, int]) -> None:
        result = " ".join(f"{name}={value}" for name, value in (("date", date), *counts.items()))
        past = self._past[venue] = _Past(date, self._clock.market_ms(), result)
        unexplained = bool(counts["unexplained"])
        self._say("job.compared", "warning" if unexplained else "info", venue=venue, date=date, **counts)
        if unexplained:
            self._notices.send("notice.unexplained", venue=venue, date=date, count=counts["unexplained"])
        value: dict[str, Any] = {"date": past.date, "at_ms": past.at_ms, "result": past.result}
        try:
            self._ledger.put_setting(_SCOPE, _NAME, value, "bot", self._clock.wall_ms(), venue)
        except LedgerUnavailable as error:
            self._log.say("log.ledger_lost", "error", why=str(error))

    def _failed(self, venue: str, date: str, code: str, why: str) -> None:
        """Named, and left for the next day; a start in between tries it once more."""
        self._past[venue] = _Past(date, self._clock.market_ms(), f"date={date} failed={code}")
        self._say("job.not_compared", "warning", venue=venue, date=date, code=code, why=why)

    def _say(self, key: str, level: Level, /, **fields: Any) -> None:
        try:
            self._events.say("job", key, level, **fields)
        except LedgerUnavailable as error:
            self._log.say("log.ledger_lost", "error", why=str(error))


def _last_run(venue: str, now_ms: int) -> int:
    """When a comparison was last due, market clock."""
    return slot(now_ms - COMPARE_AFTER_MS, DAY_MS, DAY_OFFSET_MS[venue]) + COMPARE_AFTER_MS


def next_run(venue: str, now_ms: int) -> int:
    """When the next comparison is due, market clock."""
    return _last_run(venue, now_ms) + DAY_MS


def last_whole_day(venue: str, now_ms: int) -> str:
    """The KST day (YYYY-MM-DD) that was whole when a comparison was last due."""
    return _date(_last_run(venue, now_ms) + KST_MS - DAY_MS)


def _days(date: str) -> tuple[str, str]:
    """The UTC days in whose files a KST day lies."""
    noon = int(datetime.fromisoformat(f"{date}T12:00:00+00:00").timestamp() * 1000)
    return _date(noon - DAY_MS), date


def _date(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d")
