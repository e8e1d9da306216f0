"""The bot: one loop that hears people and settings, lets every desk take its step, and writes the files.

Each desk has a thread of its own: one that is slow misses rounds, the others go on. Rounds that are late are skipped,
never stacked.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import schedule

from config.errors import SettingError
from config.layers import Override
from config.overrides import checked_override
from config.settings import Settings, noted
from trading.core.errors import BadInput, LedgerUnavailable
from trading.core.ports import Clock
from trading.ipc.envelope import Command
from trading.ipc.inbox import Inbox
from trading.ipc.outcomes import Outcome, OutcomesFile
from trading.live.bookkeeping import Books
from trading.live.chores import LOOK_S, Chores
from trading.live.desk import Desk
from trading.live.events import Events, Level
from trading.live.hot_reload import EnvWatch, apply
from trading.live.ledger import Ledger
from trading.live.ledger_state import CommandRow
from trading.live.log import Log
from trading.live.notify import Notices
from trading.live.orders_by_hand import Done
from trading.live.pace import Pace, Rounds, Stopping
from trading.live.publishing import Publisher
from trading.live.steering import Steering
from trading.live.tuned import TunedK

STATUS_BLOCK_S: Final = 300
MARKET_S: Final = 30
PATIENCE_S: Final = 1.0
"""How much longer than a round the loop waits for a desk before it goes on without it."""

Reload = Callable[[Settings, Sequence[Override] | None], Settings]


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the bot stopped. restart: start again with the same arguments; reset: archive the folder before."""

    why: str
    restart: bool = False
    reset: bool = False
    halted: bool = False


class Runner:
    """A desk's thread. What a step raises is said and the desk steps on: one venue must not end the others."""

    def __init__(self, desk: Desk, log: Log, notices: Notices) -> None:
        self.desk = desk
        self._log = log
        self._notices = notices
        self._go = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._over = False
        self._thread = threading.Thread(target=self._run, name=f"desk-{desk.name}", daemon=True)
        self._thread.start()

    def go(self) -> None:
        """Starts a step unless the last one still runs."""
        if self._idle.is_set():
            self._idle.clear()
            self._go.set()

    def rest(self, timeout_s: float) -> bool:
        """Waits until the step is over; False when it still runs."""
        return self._idle.wait(timeout_s)

    def end(self, timeout_s: float) -> None:
        """Lets the running step finish and ends the thread."""
        self._over = True
        self._go.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._go.wait()
            self._go.clear()
            if self._over:
                self._idle.set()
                return
            try:
                self.desk.step()
            except Exception as error:  # noqa: BLE001 - the isolation boundary of a venue, see the class
                self.desk.state, self.desk.detail = "degraded", type(error).__name__
                self._log.say("log.error", "error", exception=error, where=self.desk.name, why=str(error))
                self._notices.send("notice.error", where=self.desk.name, why=type(error).__name__)
            self._idle.set()


class Bot:
    """Everything of one process but its construction (see main.py)."""

    def __init__(
        self,
        settings: Settings,
        reload: Reload,
        desks: Mapping[str, tuple[Desk, Books]],
        ledger: Ledger,
        inbox: Inbox,
        outcomes: OutcomesFile,
        publisher: Publisher,
        chores: Chores,
        tuned: TunedK,
        watch: EnvWatch,
        clock: Clock,
        log: Log,
        notices: Notices,
        events: Events,
        data_dir: Path,
        round_s: float,
        pace: Pace | None = None,
    ) -> None:
        self.settings = settings
        self._reload = reload
        self._desks = {name: desk for name, (desk, _) in desks.items()}
        self._runners = {name: Runner(desk, log, notices) for name, desk in self._desks.items()}
        self._ledger = ledger
        self._inbox = inbox
        self._outcomes = outcomes
        self._publisher = publisher
        self._chores = chores
        self._tuned = tuned
        self._watch = watch
        self._clock = clock
        self._log = log
        self._notices = notices
        self._events = events
        self._data_dir = data_dir
        self._round_s = round_s
        self._pace = pace or Rounds(clock, round_s, self._late)
        self._steps = 0
        self._jobs = schedule.Scheduler()
        self._steering = Steering(self._desks, ledger, settings.mode, self._override, clock.wall_ms, clock.monotonic)
        self.stop = Stopping()
        self.why = ""

    # -- the loop --------------------------------------------------------------------------------------------------

    def run(self, ticks: int | None = None) -> Ending:
        """Steps until told to stop, or `ticks` times. Raises nothing a venue, a file or a person can cause."""
        self._steering.restore()
        self._resume_commands()
        self._events.say("start", "log.start", **self._introduction())
        self._jobs.every(STATUS_BLOCK_S).seconds.do(self._publisher.say_block)
        self._jobs.every(MARKET_S).seconds.do(self._publisher.write_market)
        self._jobs.every(LOOK_S).seconds.do(self._chores.look)
        while not self.stop.is_set():
            self._step()
            if (wish := self._steering.wish).stop or wish.restart:
                self.why = "command"
                break
            if ticks is not None and self._steps >= ticks:
                break
            self._pace.wait(self.stop, self._hear)
        return self._finish(ticks)

    def _step(self) -> None:
        """One round: settings, commands, every desk, jobs, files."""
        if self._watch.changed():
            self._apply_edit()
        self._hear()
        for runner in self._runners.values():
            runner.go()
        patience = self._clock.monotonic() + max(self._round_s, PATIENCE_S)
        for runner in self._runners.values():
            runner.rest(max(0.0, patience - self._clock.monotonic()))
        for command, done in self._steering.poll():
            self._over(command, done)
        self._jobs.run_pending()
        self._steps += 1
        self._publisher.publish(self.settings, self._steps)
        self._write_outcomes()

    def _introduction(self) -> dict[str, Any]:
        """Says on the phone, too, that the bot has started; returns what the log line wants."""
        strategies = ", ".join(desk.charge.rule.strategy.name for desk in self._desks.values())
        fields: dict[str, Any] = {"mode": self.settings.mode, "venues": ", ".join(self._desks), "strategy": strategies}
        self._notices.send("notice.start", **fields)
        return {**fields, "version": self._publisher.version, "pid": os.getpid()}

    def _late(self, seconds: float, rounds: int) -> None:
        self._log.say("log.late_rounds", "warning", seconds=round(seconds, 2), rounds=rounds)

    def _finish(self, ticks: int | None) -> Ending:
        """Lets running steps end, writes the last status, closes nothing that the caller opened."""
        why = self.why or ("ticks" if ticks is not None and self._steps >= ticks else "signal")
        self._log.say("log.stopping", why=why)
        for runner in self._runners.values():
            runner.end(10.0)
        self._chores.close()
        self._publisher.ending = "stopped"
        self._publisher.publish(self.settings, self._steps)
        self._write_outcomes()
        self._watch.close()
        self._events.say("stop", "log.stop", why=why)
        self._notices.send("notice.stop", why=why)
        self._notices.close()
        halted = bool(self._ledger.latches()) and any(desk.state == "halted" for desk in self._desks.values())
        wish = self._steering.wish
        return Ending(why, wish.restart, wish.reset, halted)

    # -- commands --------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        now_ms = self._clock.wall_ms()
        batch = self._inbox.take(now_ms)
        if not batch:
            return
        try:
            for outcome in batch.outcomes:
                self._refused(outcome)
            taken = [command for command in batch.commands if self._accept(command)]
        except LedgerUnavailable as error:
            self._log.say("log.ledger_lost", "error", why=str(error))
            return  # the claims stay and come again
        self._write_outcomes()
        self._inbox.done(batch, now_ms)
        for command in taken:
            self._begin(command)
        self._write_outcomes()

    def _accept(self, command: Command) -> bool:
        """Durable before it acts; False for an id that was seen before."""
        row = CommandRow(
            command.id,
            command.kind,
            command.args,
            command.issued_by,
            command.issued_at_ms,
            command.expires_at_ms,
            self._clock.wall_ms(),
        )
        if not self._ledger.accept(row):
            return False
        self._outcomes.put(self._outcome(command, "accepted", "", "", {}, row.at_ms))
        return True

    def _begin(self, command: Command) -> None:
        done = self._steering.begin(command)
        if done is not None:
            self._over(command, done)

    def _over(self, command: Command, done: Done) -> None:
        """The command's end: ledger, outcome, log."""
        now_ms = self._clock.wall_ms()
        try:
            self._ledger.finish(command.id, done.state, done.detail_ko, done.detail_en, now_ms, done.effect)
            detail = {"command": command.id, "kind": command.kind, "state": done.state, "by": command.issued_by}
            level: Level = "info" if done.state == "done" else "warning"
            venue = str(command.args.get("venue") or "")
            self._events.keep("command", done.detail_ko, done.detail_en, level, venue, detail)
        except LedgerUnavailable as error:
            self._log.say("log.ledger_lost", "error", why=str(error))
        self._outcomes.put(self._outcome(command, done.state, done.detail_ko, done.detail_en, done.effect, now_ms))
        self._tell(command.kind, done.state, command.issued_by, done.detail_ko, done.detail_en)

    def _refused(self, outcome: Outcome) -> None:
        row = CommandRow(
            outcome.id, outcome.kind, {}, outcome.issued_by, outcome.at_ms, None, outcome.at_ms, outcome.state
        )
        if not self._ledger.accept(row):
            return
        self._outcomes.put(outcome)
        self._tell(outcome.kind, outcome.state, outcome.issued_by, outcome.detail_ko, outcome.detail_en)

    def _tell(self, kind: str, state: str, by: str, ko: str, en: str) -> None:
        detail = ko if self._log.language == "ko" else en
        level = "info" if state == "done" else "warning"
        self._log.say(f"log.command_{state}", level, kind=kind, by=by, detail=detail)  # type: ignore[arg-type]

    @staticmethod
    def _outcome(command: Command, state: str, ko: str, en: str, effect: Mapping[str, object], at_ms: int) -> Outcome:
        return Outcome(
            id=command.id,
            kind=command.kind,
            state=state,  # type: ignore[arg-type]
            detail_ko=ko,
            detail_en=en,
            issued_by=command.issued_by,
            at_ms=at_ms,
            effect=dict(effect),
        )

    def _resume_commands(self) -> None:
        """Commands an earlier life accepted and did not finish: what ends the process is over, the rest acts now."""
        for row in self._ledger.accepted():
            command = Command(
                id=row.id,
                kind=row.kind,
                args=row.args,
                issued_at_ms=row.issued_at_ms,
                expires_at_ms=row.expires_at_ms,
                issued_by=row.issued_by,
            )
            if row.kind in ("stop", "restart", "reset"):
                self._over(command, self._steering.ended(row.kind))
            elif command.expired(self._clock.wall_ms()):
                self._over(command, self._steering.lapsed())
            else:
                self._begin(command)

    def _write_outcomes(self) -> None:
        try:
            self._outcomes.publish(self._clock.wall_ms())
        except OSError as error:
            self._log.say("log.file_failed", "error", file="outcomes.json", why=str(error))

    # -- settings --------------------------------------------------------------------------------------------------

    def _apply_edit(self) -> None:
        """A saved `.env`: applied whole at this step, or refused whole and named."""
        applied = apply(self.settings, lambda old: self._reload(old, None))
        problem = applied.problem or self._charge(applied.settings)
        if problem is not None:
            self._log.say("log.setting_rejected", "warning", problem=problem.text(self._log.language))
            self._publisher.reject(problem)
            return
        for override in applied.dropped:
            self._ledger.drop_override(override.name, override.venue or "")
            self._log.say("log.override_dropped", name=override.name, value=override.value)
        self._settings_changed(applied.changed)
        self._publisher.rejected = ()

    def _override(self, put: list[Override], dropped: list[tuple[str, str | None]]) -> None:
        """Puts and drops overrides and applies the settings that follow. Raises SettingError; then nothing changed."""
        new = [noted(self.settings, checked_override(one)) for one in put]
        gone = {(one.name, one.venue) for one in new} | set(dropped)
        kept = [one for one in self.settings.overrides if (one.name, one.venue) not in gone]
        applied = apply(self.settings, lambda old: self._reload(old, [*kept, *new]))
        if applied.problem is not None:
            raise applied.problem
        if (problem := self._charge(applied.settings)) is not None:
            raise problem
        for name, venue in gone - {(one.name, one.venue) for one in new}:
            self._ledger.drop_override(name, venue or "")
        for one in new:
            value = {"value": one.value, "env_value": one.env_value}
            self._ledger.put_override(one.name, value, one.by, one.at_ms, one.venue or "")
        self._settings_changed(applied.changed)

    def _charge(self, settings: Settings) -> SettingError | BadInput | None:
        """Gives every desk what the settings ask for; a wrong strategy or parameter changes nothing."""
        try:
            charges = self._tuned.charges(settings, self._desks)
        except (SettingError, BadInput) as problem:
            return problem
        self.settings = settings
        for name, charge in charges.items():
            if charge != self._desks[name].charge:
                self._desks[name].ask(lambda desk, charge=charge: desk.take_charge(charge))  # type: ignore[misc]
        return None

    def _settings_changed(self, changed: Mapping[str, tuple[object, object]]) -> None:
        for name, (old, new) in changed.items():
            self._events.say("setting", "log.setting_applied", name=name, old=old, new=new)
        if not changed:
            self._log.say("log.settings_same")
        self._log.language = self.settings.language
