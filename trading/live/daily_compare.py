"""Once a day the last whole day (KST) of each venue is replayed from its recorded facts, in a worker process.

The day is the one that `run_backtest.py compare` takes by hand. It is compared some time after the venue's own day has
rolled, on the market clock. What comes of it is said in the log, kept as an event and shown as a job of the status
file; differences without a cause go to the phone. Whatever happens to the worker, trading goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from trading.core.calendar import DAY_MS, DAY_OFFSET_MS, KST_MS, MINUTE_MS, slot
from trading.core.ports import Clock
from trading.ipc.status import Job
from trading.live.chores import Diary, Past, pairs
from trading.live.facts_log import recorded
from trading.live.notify import Notices
from trading.live.worker import Ended, Worker

COMPARE_AFTER_MS: Final = 10 * MINUTE_MS
"""So long after its venue's day roll a day is compared: late fills are booked then, and its facts are packed."""
LIMIT_S: Final = 300.0
_NAME: Final = "compare"
_COUNTS: Final = ("lived", "ideal", "same", "explained", "unexplained")


class DailyCompare:
    """The job of all venues; at most one worker at a time. Called by the bot's loop only."""

    def __init__(
        self,
        venues: Sequence[str],
        command: Sequence[str],
        data_dir: Path,
        clock: Clock,
        diary: Diary,
        notices: Notices,
        lang: Callable[[], str],
    ) -> None:
        """command: what starts a worker; the venue and the date are added to it. Empty: nothing is ever compared.

        lang: asked each time, since it may be changed while running.
        """
        self._command = tuple(command)
        self._data_dir = data_dir
        self._clock = clock
        self._lang = lang
        self._notices = notices
        self._diary = diary
        self._past = {venue: diary.past(_NAME, venue) for venue in venues} if command else {}
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
            why = str(answer.get(self._lang(), ""))
            self._failed(venue, date, answer["refused"].rpartition(".")[2], why)
        elif not all(isinstance(answer.get(name), int) for name in _COUNTS):
            self._failed(venue, date, "unreadable", str(dict(answer))[:200])
        else:
            self._done(venue, date, {name: answer[name] for name in _COUNTS})

    def _done(self, venue: str, date: str, counts: Mapping[str, int]) -> None:
        past = self._past[venue] = Past(date, self._clock.market_ms(), pairs(date=date, **counts))
        unexplained = bool(counts["unexplained"])
        self._diary.say("job.compared", "warning" if unexplained else "info", venue=venue, date=date, **counts)
        if unexplained:
            self._notices.send("notice.unexplained", venue=venue, date=date, count=counts["unexplained"])
        self._diary.keep(_NAME, past, venue)

    def _failed(self, venue: str, date: str, code: str, why: str) -> None:
        """Named, and left for the next day; a start in between tries it once more."""
        self._past[venue] = Past(date, self._clock.market_ms(), pairs(date=date, failed=code))
        self._diary.say("job.not_compared", "warning", venue=venue, date=date, code=code, why=why)


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
