"""What is wrong right now, in sentences: a dead bot, files that cannot be believed, shut gates, edits refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from config.advice import beside_holding
from trading.ipc import status as status_file
from trading.ipc.files import SCHEMA, Read, read_json
from trading.ipc.readers import Snapshot
from trading.ipc.status import BotStatus, Latch, RejectedSetting
from ui.figures import kst_brief
from ui.voice import Voice

AHEAD_S: Final = 60.0  # a heartbeat so far in the future means that a clock is wrong

Level = Literal["bad", "warn", "info"]


@dataclass(frozen=True, slots=True)
class Banner:
    """One message: a short head and a sentence that says why and what to do."""

    level: Level
    head: str
    body: str


def banners(snapshot: Snapshot, voice: Voice) -> tuple[Banner, ...]:
    """All messages that hold now, the worst first."""
    found = [*_life(snapshot, voice), *_files(snapshot, voice)]
    status = snapshot.status.value
    if status is not None:
        found += [_latch(one, voice) for one in status.latches]
        found += _unguarded(snapshot, voice)
        found += [_rejected(one, voice) for one in status.settings.rejected[-3:]]
        found += _unproved(status, voice)
    return tuple(sorted(found, key=lambda one: ("bad", "warn", "info").index(one.level)))


def _life(snapshot: Snapshot, voice: Voice) -> list[Banner]:
    seen = snapshot.status
    if snapshot.life == "dead":
        age = voice.span(snapshot.age_s)
        return [Banner("bad", voice.say("banner.dead", age=age), voice.say("banner.dead.do"))]
    if snapshot.life == "stopped":
        return [Banner("info", voice.say("banner.stopped"), voice.say("banner.stopped.do"))]
    if snapshot.life == "absent" and snapshot.portfolios:
        body = voice.say("banner.missing.do", file=status_file.FILE)
        return [Banner("bad", voice.say("banner.missing", file=status_file.FILE), body)]
    if seen.value is not None and seen.value.timestamp - snapshot.now_ms / 1000 > AHEAD_S:
        ahead = voice.span(seen.value.timestamp - snapshot.now_ms / 1000)
        return [Banner("warn", voice.say("banner.clock", age=ahead), voice.say("banner.clock.do"))]
    return []


def _files(snapshot: Snapshot, voice: Voice) -> list[Banner]:
    found = []
    for name, problem in sorted(snapshot.problems.items()):
        kind: str = "older" if problem == "torn" and _older(snapshot, name) else problem
        found.append(Banner("bad", voice.say(f"banner.{kind}", file=name), voice.say(f"banner.{kind}.do", file=name)))
    gone = [name for name, look in _expected(snapshot).items() if look.problem == "missing"]
    found += [
        Banner("warn", voice.say("banner.missing", file=name), voice.say("banner.missing.do", file=name))
        for name in gone
    ]
    return found


def _older(snapshot: Snapshot, name: str) -> bool:
    """Whether a file that does not fit is whole and says itself that an earlier version wrote it."""
    value = read_json(snapshot.data_dir / name).value
    version = value.get("schema", 0) if isinstance(value, dict) else SCHEMA
    return type(version) is int and version < SCHEMA


def _expected(snapshot: Snapshot) -> dict[str, Read[object]]:
    """Files that a bot which runs since a while must have written: the portfolio of each venue it names."""
    status = snapshot.status.value
    if status is None or not snapshot.alive or status.status == "warming_up":
        return {}
    absent: Read[object] = Read(None, "missing")
    return {
        f"{venue}_portfolio.json": absent
        for venue, one in status.venues.items()
        if venue not in snapshot.portfolios and one.state in ("ready", "degraded")
    }


def _latch(latch: Latch, voice: Voice) -> Banner:
    where = voice.term("venue", latch.venue) if latch.venue else voice.say("all_venues")
    head = voice.say("banner.latch", gate=voice.term("gate", latch.gate), venue=where)
    body = voice.say("banner.latch.do", detail=latch.detail or "-", since=kst_brief(latch.since_ms))
    return Banner("bad", head, body)


def _unguarded(snapshot: Snapshot, voice: Voice) -> list[Banner]:
    found = []
    for look in snapshot.portfolios.values():
        for symbol, position in look.value.details.items() if look.value else ():
            if position.guarded_by == "none" and not position.dust:
                head = voice.say("banner.unguarded", symbol=symbol)
                found.append(Banner("bad", head, voice.say("banner.unguarded.do")))
    return found


def _rejected(edit: RejectedSetting, voice: Voice) -> Banner:
    line = f":{edit.line}" if edit.line else ""
    head = voice.say("banner.rejected", name=edit.name, place=f"{edit.source}{line}")
    return Banner("warn", head, voice.either(edit.reason_ko, edit.reason_en))


def _unproved(status: BotStatus, voice: Voice) -> list[Banner]:
    """What trades did not beat buy and hold out of sample; not said on the practice market, where nothing is lost."""
    if status.mode == "demo":
        return []
    found = []
    for name, venue in status.venues.items():
        if notice := beside_holding(venue.preset, venue.strategy):
            head = voice.say("banner.unproved", venue=voice.term("venue", name))
            found.append(Banner("warn", head, notice.text(voice.lang)))
    return found
