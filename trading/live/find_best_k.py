"""Every four hours the best k of a breakout strategy is looked for among the last candles, in a worker process.

It is taken over in memory: a start begins with the settings' own and looks at once. Every value taken over is an event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from trading.core.calendar import HOUR_MS, slot
from trading.core.lived import charge_values
from trading.core.ports import Clock
from trading.ipc.status import Job
from trading.live.charge import Charge
from trading.live.chores import Diary, Past, pairs
from trading.live.desk import Desk
from trading.live.tuned import TunedK
from trading.live.worker import Ended, Worker

EVERY_MS: Final = 4 * HOUR_MS
LIMIT_S: Final = 300.0
_NAME: Final = "find_best_k"
_NUMBERS: Final = ("k", "was", "trades", "net_return")


class FindBestK:
    """The job of all venues; at most one worker at a time. Called by the bot's loop only."""

    def __init__(
        self, desks: Mapping[str, Desk], command: Sequence[str], clock: Clock, diary: Diary, tuned: TunedK
    ) -> None:
        """command: what starts a worker; venue and request are added to it. Empty: k is never looked for."""
        self._desks = desks
        self._command = tuple(command)
        self._clock = clock
        self._diary = diary
        self._tuned = tuned
        self._slots: dict[str, int] = {}
        self._past: dict[str, Past] = {}
        self._running: tuple[str, Charge, Worker] | None = None

    def look(self) -> None:
        """Takes what a worker found, or starts one that is due. Never waits."""
        if self._running is not None:
            venue, charge, worker = self._running
            ended = worker.poll()
            if ended is None:
                return
            self._running = None
            self._take(venue, charge, ended)
        now = slot(self._clock.market_ms(), EVERY_MS)
        for venue in self._venues():
            if self._slots.get(venue) != now and self._desks[venue].trader is not None:
                self._slots[venue] = now
                self._start(venue)
                return

    def jobs(self) -> tuple[Job, ...]:
        """For the status file: venues whose strategy has a k that is not the user's own."""
        next_ms = slot(self._clock.market_ms(), EVERY_MS) + EVERY_MS
        rows = ((venue, self._past.get(venue, Past())) for venue in self._venues())
        return tuple(
            Job(name=f"{_NAME}:{venue}", last_ms=past.at_ms, last_result=past.result, next_ms=next_ms)
            for venue, past in rows
        )

    def close(self) -> None:
        """Ends a running worker."""
        if self._running is not None:
            self._running[2].kill()
            self._running = None

    def _venues(self) -> list[str]:
        return [name for name, desk in self._desks.items() if self._command and self._tuned.tunable(name, desk.charge)]

    def _start(self, venue: str) -> None:
        desk = self._desks[venue]
        charge, strategy = desk.charge, desk.charge.rule.strategy
        assert desk.trader is not None
        request: dict[str, Any] = charge_values(strategy.name, asdict(strategy), charge.timeframe, charge.knobs)
        request |= {
            "symbols": list(desk.listing.symbols),
            "cash": desk.trader.account.capital,
            "until_ms": self._clock.market_ms(),
        }
        try:
            worker = Worker((*self._command, venue, json.dumps(request)), LIMIT_S, self._clock.monotonic)
        except OSError as error:
            self._failed(venue, "not_started", str(error))
            return
        self._running = (venue, charge, worker)

    def _take(self, venue: str, charge: Charge, ended: Ended) -> None:
        answer = ended.answer
        if ended.why:
            self._failed(venue, ended.why, ended.said)
        elif not all(isinstance(answer.get(name), int | float) for name in _NUMBERS):
            self._failed(venue, "unreadable", str(dict(answer))[:200])
        elif self._desks[venue].charge == charge and self._tuned.tunable(venue, charge):
            self._found(venue, charge, answer)

    def _found(self, venue: str, charge: Charge, answer: Mapping[str, Any]) -> None:
        """Takes k over; what was asked for is still what is traded with."""
        k, was, trades = float(answer["k"]), float(answer["was"]), int(answer["trades"])
        self._past[venue] = Past("", self._clock.market_ms(), pairs(was=f"{was:g}", k=f"{k:g}", trades=trades))
        if k == was:
            return
        new = self._tuned.put(venue, charge, k)
        self._desks[venue].ask(lambda desk: desk.take_charge(new))
        percent = 100.0 * float(answer["net_return"])
        self._diary.say("job.k_found", "info", venue=venue, was=was, k=k, trades=trades, net_percent=percent)

    def _failed(self, venue: str, code: str, why: str) -> None:
        """Named; the next slot tries again, k stays."""
        self._past[venue] = Past("", self._clock.market_ms(), pairs(failed=code))
        self._diary.say("job.k_not_found", "warning", venue=venue, code=code, why=why)
