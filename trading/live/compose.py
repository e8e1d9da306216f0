"""Puts one life of the bot together: venues, desks, files, loop. The venues come from the caller's `connect`."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.advice import beside_holding
from config.knobs import KNOBS
from config.layers import Override
from config.presets import PRESETS
from config.settings import Settings
from trading import strategies
from trading.core.account import limit_day_offset
from trading.core.errors import LedgerUnavailable
from trading.core.gates import GATES
from trading.core.ports import Clock, Venue
from trading.core.universe import symbol_reader
from trading.execution import Execution
from trading.ipc.candle_store import CandleStore
from trading.ipc.document import Json
from trading.ipc.files import clean_temporaries
from trading.ipc.inbox import Inbox
from trading.ipc.outcomes import Outcome, OutcomesFile
from trading.ipc.status import BotStatus
from trading.ipc.status import Settings as NoSettings
from trading.ipc.vocabulary import Checked, Refusal, check
from trading.live.bookkeeping import Books
from trading.live.bot import Bot, Reload
from trading.live.charge import Charge, charge_of
from trading.live.chores import Chores, Diary
from trading.live.conditions import MarketWatch
from trading.live.daily_compare import DailyCompare
from trading.live.daily_summary import DailySummary
from trading.live.desk import Desk
from trading.live.events import Events, Level
from trading.live.find_best_k import FindBestK
from trading.live.hot_reload import EnvWatch
from trading.live.journal import ExitJournal, JournaledLedger
from trading.live.ledger import Ledger
from trading.live.ledger_backup import LedgerBackup
from trading.live.ledger_state import CommandRow
from trading.live.log import Log
from trading.live.notify import Notices, notices
from trading.live.pace import Pace
from trading.live.publishing import Publisher
from trading.live.tuned import TunedK

BANS: Final = "ban"
JOURNAL: Final = "exits.journal"


@dataclass(frozen=True, slots=True)
class Life:
    """What one run is made of, beyond the settings. watched: files whose saving is applied; round_s: wall seconds.

    pace: what the loop waits for between rounds (None: the wall clock). comparing: command of the worker that compares
    a day, to which venue and date are added; tuning: of the one that looks for k, to which venue and request are.
    """

    data_dir: Path
    watched: tuple[Path, ...]
    clock: Clock
    ledger: Ledger
    log: Log
    killpoint: Callable[[str], None]
    round_s: float
    version: str
    signals_only: bool
    pace: Pace | None = None
    comparing: Sequence[str] = ()
    tuning: Sequence[str] = ()


Connect = Callable[[str, Mapping[str, int], Callable[[str, int], None]], Venue]
"""(venue, bans known, keeper of new bans) -> an open venue."""


def overrides_of(ledger: Ledger) -> list[Override]:
    """The overrides that commands left in the ledger."""
    found = []
    for row in ledger.overrides():
        value: Mapping[str, Any] = row.value
        venue = row.venue or None
        found.append(Override(row.name, value["value"], venue, row.by, row.at_ms, value.get("env_value")))
    return found


def _notices(settings: Settings, clock: Clock, log: Log) -> Notices:
    def heard(why: str) -> None:
        if why:
            log.say("log.notice_failed", "warning", why=why)
        else:
            log.say("log.notice_back")

    return notices(settings.secrets, settings.language, clock, heard)


def _say_beside_holding(charge: Charge, log: Log) -> None:
    if notice := beside_holding(charge.preset, charge.rule.strategy.name):
        log.say("log.setting_notice", "warning", notice=notice.text(log.language))


def compose(life: Life, settings: Settings, reload: Reload, connect: Connect) -> Bot:
    """Everything wired, nothing started. Raises BadInput or SettingError for a strategy that is wrong."""
    clean_temporaries(life.data_dir)
    said = _notices(settings, life.clock, life.log)
    events = Events(life.data_dir, life.ledger, life.clock, life.log)
    for problem in strategies.refused().values():
        events.say("alarm", problem.key, "warning", **problem.values)
    archive = CandleStore(life.data_dir)
    journal = _journal(life)
    desks: dict[str, tuple[Desk, Books]] = {}
    for name in settings.venues:
        charge = charge_of(settings, name)
        venue = connect(name, _bans(life.ledger, name), _ban_keeper(life, name))
        books = Books(life.data_dir, name, life.log, said, events, life.killpoint)
        journaled = JournaledLedger(life.ledger, journal)
        execution = Execution(venue, journaled, life.clock, life.killpoint)
        tell = _teller(life.log, said, events)
        desk = Desk(venue, life.ledger, execution, life.clock, archive, charge, books, tell, journaled.flush)
        desk.switches.signals_only = life.signals_only
        if settings.mode == "live":
            entries = sum(event.order.leg == "entry" for event in life.ledger.booked(name))
            desk.switches.approvals_left = max(0, charge.knobs.approvals - entries)
        desks[name] = (desk, books)
        _say_beside_holding(charge, life.log)
    watched = {name: (desk, books, MarketWatch()) for name, (desk, books) in desks.items()}
    tuned = TunedK(settings)
    chores = _chores(life, settings, {name: desk for name, (desk, _) in desks.items()}, said, events, tuned)
    identity = _identity(life, settings)
    publisher = Publisher(
        life.data_dir, watched, life.ledger, life.clock, life.log, identity, chores.jobs, life.killpoint
    )
    return Bot(
        settings,
        reload,
        desks,
        life.ledger,
        _inbox(life, settings.venues),
        OutcomesFile(life.data_dir, [outcome_of(row) for row in life.ledger.outcomes()], life.killpoint),
        publisher,
        chores,
        tuned,
        EnvWatch(life.watched, life.clock),
        life.clock,
        life.log,
        said,
        events,
        life.data_dir,
        life.round_s,
        life.pace,
    )


def _chores(
    life: Life, settings: Settings, desks: Mapping[str, Desk], said: Notices, events: Events, tuned: TunedK
) -> Chores:
    diary = Diary(life.ledger, life.clock, life.log, events)

    def offsets() -> dict[str, int]:
        return {name: limit_day_offset(name, desk.charge.knobs) for name, desk in desks.items()}

    return Chores(
        (
            DailyCompare(
                settings.venues, life.comparing, life.data_dir, life.clock, diary, said, lambda: life.log.language
            ),
            DailySummary(offsets, life.data_dir, life.ledger, life.clock, diary, said, life.killpoint),
            LedgerBackup(life.ledger.file, life.data_dir, life.clock, diary, said),
            FindBestK(desks, life.tuning, life.clock, diary, tuned),
        ),
        life.log,
    )


def _journal(life: Life) -> ExitJournal | None:
    """The journal of exits; without it (no space even for that) an unwritable ledger stops exits too, which is said."""
    try:
        return ExitJournal(life.data_dir / JOURNAL)
    except LedgerUnavailable as error:
        life.log.say("log.ledger_lost", "error", why=str(error))
        return None


def _identity(life: Life, settings: Settings) -> BotStatus:
    return BotStatus(
        status="warming_up",
        loop_seconds=life.round_s,
        market_time_ms=life.clock.market_ms(),
        mode=settings.mode,  # type: ignore[arg-type]
        version=life.version,
        pid=os.getpid(),
        boot_id=uuid.uuid4().hex[:8],
        started_ms=life.clock.wall_ms(),
        cpu=0.0,
        memory=0.0,
        warmup_current=0,
        warmup_total=settings.knobs().warmup_total,
        venues={},
        settings=NoSettings(overrides={}),
    )


def _inbox(life: Life, venues: Sequence[str]) -> Inbox:
    known = {
        "preset": tuple(PRESETS),
        "strategy": strategies.names(),
        "knob": tuple(KNOBS),
        "gate": tuple(name for name, _ in GATES),
        "venue": tuple(venues),
    }

    def accept(kind: Json, args: Json) -> Checked | Refusal:
        return check(kind, args, symbol_reader, known)

    uid = os.getuid() if hasattr(os, "getuid") else None
    return Inbox(life.data_dir, uid, accept, life.killpoint, lambda name: life.ledger.command(name) is not None)


def outcome_of(row: CommandRow) -> Outcome:
    """A command of the ledger as outcomes.json shows it."""
    return Outcome(
        id=row.id,
        kind=row.kind,
        state=row.state,  # type: ignore[arg-type]
        detail_ko=row.detail_ko,
        detail_en=row.detail_en,
        issued_by=row.issued_by,
        at_ms=row.at_ms,
        effect=dict(row.effect or {}),
    )


def _teller(log: Log, notices: Notices, events: Events) -> Callable[..., None]:
    """What a desk says: the log; an alarm on the dashboard where it is no mere information; a phone where an error."""

    def tell(key: str, level: Level = "info", /, **fields: Any) -> None:
        if level == "info":
            log.say(key, level, **fields)
        else:
            with suppress(LedgerUnavailable):
                events.say("alarm", key, level, **fields)
        if level == "error":
            notices.send("notice.error", where=fields.get("venue", ""), why=fields.get("why", key))

    return tell


def _bans(ledger: Ledger, venue: str) -> dict[str, int]:
    return {row.name: int(row.value) for row in ledger.settings(BANS, venue)}


def _ban_keeper(life: Life, venue: str) -> Callable[[str, int], None]:
    def keep(group: str, until_ms: int) -> None:
        life.ledger.put_setting(BANS, group, until_ms, "venue", life.clock.wall_ms(), venue)

    return keep
