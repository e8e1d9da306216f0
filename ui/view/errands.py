"""Commands and what became of them: waiting, accepted, done, failed. Done is only what outcomes.json calls so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from trading.ipc import commands
from trading.ipc.files import read_json
from trading.ipc.outcomes import Outcome
from trading.ipc.readers import Snapshot
from ui.figures import Tone, kst_brief
from ui.voice import Voice

SHOWN: Final = 30
FRESH_MS: Final = 20_000  # how long the end of a command stays in the header
SLOW_MS: Final = 15_000  # a living bot takes a command within a step or two

State = Literal["waiting", "accepted", "done", "failed", "refused", "expired", "lost"]
_TONE: Final[dict[str, Tone]] = {
    "waiting": "warn",
    "accepted": "warn",
    "done": "good",
    "failed": "bad",
    "refused": "bad",
    "expired": "bad",
    "lost": "bad",
}
_MARK: Final = {"waiting": "⏳", "accepted": "⚙", "done": "✔"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A command as it was sent from here or lies in the mailbox. at_ms: wall clock."""

    id: str
    kind: str
    args: Mapping[str, Any]
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Errand:
    """One command in words. fresh: it waits, or ended a moment ago, and belongs in the header."""

    id: str
    kind: str
    args: str
    state: State
    state_text: str
    tone: Tone
    mark: str
    detail: str
    time: str
    at_ms: int
    by: str
    fresh: bool
    waiting: bool


def mailbox(data_dir: Path) -> tuple[Sent, ...]:
    """Commands that the bot has not taken yet; what is no command is left to the bot to refuse."""
    waiting = commands.commands_of(read_json(data_dir / commands.FILE)) or []
    return tuple(_waiting(one) for one in waiting if isinstance(one, dict) and isinstance(one.get("id"), str))


def _waiting(one: dict[str, Any]) -> Sent:
    args, issued = one.get("args"), one.get("issued_at_ms")
    return Sent(
        id=one["id"],
        kind=str(one.get("kind", "")),
        args=args if isinstance(args, dict) else {},
        at_ms=issued if type(issued) is int else 0,
        by=str(one.get("issued_by", "")),
    )


def errands(snapshot: Snapshot, mine: Iterable[Sent], waiting: Iterable[Sent], voice: Voice) -> tuple[Errand, ...]:
    """Commands newest first: of this page (mine), of the mailbox, of the outcomes file."""
    ended = {one.id: one for one in snapshot.outcomes.value or ()}
    lying = {one.id: one for one in waiting}
    sent = {one.id: one for one in (*lying.values(), *mine)}
    rows = [_of_sent(one, ended.get(one.id), one.id in lying, snapshot, voice) for one in sent.values()]
    others = [one for one in reversed(snapshot.outcomes.value or ()) if one.id not in sent]
    rows += [_of_outcome(one, None, snapshot.now_ms, voice) for one in others[:SHOWN]]
    return tuple(sorted(rows, key=lambda one: -one.at_ms)[:SHOWN])


def newsworthy(rows: Iterable[Errand]) -> tuple[Errand, ...]:
    """What belongs under the header: all that is on its way, and of those that ended a moment ago the newest."""
    fresh = [one for one in rows if one.fresh]
    ended = [one for one in fresh if one.state not in ("waiting", "accepted")][:1]
    return tuple(one for one in fresh if one in ended or one.state in ("waiting", "accepted"))


def _of_sent(sent: Sent, outcome: Outcome | None, lying: bool, snapshot: Snapshot, voice: Voice) -> Errand:
    if outcome is not None:
        return _of_outcome(outcome, sent, snapshot.now_ms, voice)
    age_ms = snapshot.now_ms - sent.at_ms
    lost = not lying and age_ms > SLOW_MS
    state: State = "lost" if lost else "waiting"
    if lost:
        detail = voice.say("errand.lost")
    elif not snapshot.alive:
        detail = voice.say("errand.no_bot")
    else:
        detail = voice.say("errand.waiting", age=voice.span(age_ms / 1000))
    return Errand(
        id=sent.id,
        kind=kind_text(sent.kind, voice),
        args=args_text(sent.args, voice),
        state=state,
        state_text=voice.say(f"errand.state.{state}"),
        tone=_TONE[state],
        mark=_MARK.get(state, "✖"),
        detail=detail,
        time=kst_brief(sent.at_ms or None),
        at_ms=sent.at_ms,
        by=sent.by,
        fresh=not lost or age_ms < SLOW_MS + FRESH_MS,
        waiting=lying,
    )


def _of_outcome(outcome: Outcome, sent: Sent | None, now_ms: int, voice: Voice) -> Errand:
    return Errand(
        id=outcome.id,
        kind=kind_text(outcome.kind or (sent.kind if sent else ""), voice),
        args=args_text(sent.args, voice) if sent else "",
        state=outcome.state,
        state_text=voice.of(f"commands.state.{outcome.state}", outcome.state),
        tone=_TONE[outcome.state],
        mark=_MARK.get(outcome.state, "✖"),
        detail=voice.either(outcome.detail_ko, outcome.detail_en),
        time=kst_brief(outcome.at_ms),
        at_ms=outcome.at_ms,
        by=outcome.issued_by,
        fresh=now_ms - outcome.at_ms < FRESH_MS or not outcome.final,
        waiting=False,
    )


def kind_text(kind: str, voice: Voice) -> str:
    """The name of a kind on screens."""
    return voice.of(f"commands.kind.{kind}", kind or voice.say("errand.unreadable"))


def args_text(args: Mapping[str, Any], voice: Voice) -> str:
    """Arguments on one short line."""
    shown = []
    for name, value in args.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{key} {one}" for key, one in value.items())
        elif isinstance(value, list | tuple):
            value = ", ".join(str(one) for one in value)
        elif name == "venue":
            value = voice.term("venue", str(value))
        shown.append(voice.term("argument", f"{name}.{value}") if name in ("positions", "all") else str(value))
    return " · ".join(one for one in shown if one)[:120]
