"""Jobs of the bot and figures of its process, as rows of text."""

from __future__ import annotations

from dataclasses import dataclass

from config.texts import text
from trading.ipc.readers import Snapshot
from trading.ipc.status import Job
from ui.figures import NONE, kst_brief
from ui.voice import Voice


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job: when it ran, what came out, when it runs next (in words until then)."""

    name: str
    last: str
    result: str
    next: str


def jobs(snapshot: Snapshot, voice: Voice) -> tuple[JobRow, ...]:
    """Jobs, the next one first."""
    status = snapshot.status.value
    if status is None:
        return ()
    ordered = sorted(status.jobs, key=lambda one: (one.next_ms is None, one.next_ms or 0, one.name))
    return tuple(
        JobRow(_name(one.name, voice), kst_brief(one.last_ms), _result(one, voice), kst_brief(one.next_ms))
        for one in ordered
    )


def _name(name: str, voice: Voice) -> str:
    """A job's name; `reconcile:upbit` is one job of one venue."""
    job, _, venue = name.partition(":")
    return " · ".join([voice.term("job", job), *([voice.term("venue", venue)] if venue else [])])


def _result(job: Job, voice: Voice) -> str:
    """What came out of a job, in words where it has some: the bot writes `name=value` pairs, of no language."""
    said = job.last_result or NONE
    pairs = dict(word.split("=", 1) for word in said.split() if "=" in word)
    name = job.name.partition(":")[0]
    what = "failed" if "failed" in pairs else "result"
    try:
        return text(f"job.{name}_{what}", voice.lang, **pairs, why=voice.term("job.failed", pairs.get("failed", "")))
    except (KeyError, TypeError):  # a job without words of its own, or a file of another version
        return said


def process(snapshot: Snapshot, voice: Voice) -> tuple[tuple[str, str], ...]:
    """(name, value) of the bot's process and of each venue's connection."""
    status = snapshot.status.value
    if status is None:
        return ()
    rows = [
        (voice.say("process.version"), status.version),
        (voice.say("process.uptime"), voice.span((snapshot.now_ms - status.started_ms) / 1000)),
        (voice.say("process.cpu"), f"{status.cpu:.1f}%"),
        (voice.say("process.memory"), f"{status.memory:,.0f} MB"),
        (voice.say("process.loop"), f"{status.loop_seconds:g}{'초' if voice.lang == 'ko' else ' s'}"),
        (voice.say("process.pid"), str(status.pid)),
    ]
    for name, venue in status.venues.items():
        title = voice.term("venue", name)
        age = "" if venue.stream_age_s is None else voice.span(venue.stream_age_s)
        figures = voice.say("process.stream", age=age or NONE, requests=venue.requests_per_minute)
        rows.append((title, figures))
    return tuple(rows)
