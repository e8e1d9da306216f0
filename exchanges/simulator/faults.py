"""Fault plans: what goes wrong, on which request or stream message, how often. A plan is data and repeatable.

A rule:
  on            "POST /v1/orders", "GET /v1/candles/*" or "STREAM myOrder"; * matches anything
                of its kind (no rule on requests meets a stream's messages)
  match         {parameter: value} that the request must carry (stream: field of the message); default anything
  nth           the first matching occurrence that is hit, from 1; default 1
  times         how many from there on; default 1, 0 = all
  for_seconds   instead of times: every one within so many wall seconds after the first hit
  chance        probability of each hit (drawn from the plan's seed); default 1
  when          "before" (the venue never sees it) or "after" it was carried out; default "after"
Actions on a request, in this order:
  partial       fraction of the order that may fill at once (a POST, acts before)
  delay         wall seconds to wait
  reset         true: cut the connection without an answer
  status, body, headers, content_type   answer this instead (body: text or JSON)
  list          edits a JSON array in the answer: "empty", {"drop": [indices]} or {"repeat": [indices]}
  cut           keeps only this fraction of the answer's bytes
Actions on a stream message:
  drop          true: never sent (a muted stream: times 0 or for_seconds)
  copies        sent so many times
  hold          kept back until so many later messages of the same channel were sent (out of order)
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from exchanges.simulator.dialect import BadCommand
from exchanges.simulator.hooks import Answer, Call

SELECTORS = {"on", "match", "nth", "times", "for_seconds", "chance", "when"}
REQUEST_ACTIONS = {"partial", "delay", "reset", "status", "body", "headers", "content_type", "list", "cut"}
STREAM_ACTIONS = {"drop", "copies", "hold"}
STREAM = "STREAM "


@dataclass(slots=True)
class Rule:
    """One rule with its counters."""

    data: dict[str, Any]
    seen: int = 0
    hits: int = 0
    first_hit: float | None = None

    def fits(self, on: str, fields: dict[str, Any]) -> bool:
        """Whether a request or message is one that this rule speaks of."""
        wanted = str(self.data["on"])
        if on.startswith(STREAM) != wanted.startswith(STREAM) or not fnmatchcase(on, wanted):
            return False
        return all(str(fields.get(name)) == str(value) for name, value in self.data.get("match", {}).items())

    def strikes(self, rng: random.Random, now: float) -> bool:
        """Counts an occurrence that fits, and says whether it is hit."""
        self.seen += 1
        if self.seen < self.data.get("nth", 1):
            return False
        window, times = self.data.get("for_seconds"), self.data.get("times", 1)
        if window is not None:
            if self.first_hit is not None and now > self.first_hit + window:
                return False
        elif times and self.hits >= times:
            return False
        if rng.random() >= self.data.get("chance", 1):
            return False
        self.hits += 1
        self.first_hit = now if self.first_hit is None else self.first_hit
        return True


def read_rule(data: object) -> Rule:
    """A rule from its JSON. Raises BadCommand naming what is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("on"), str):
        raise BadCommand("a rule is an object with on: METHOD /path or STREAM channel")
    stream = data["on"].startswith(STREAM)
    actions = STREAM_ACTIONS if stream else REQUEST_ACTIONS
    if unknown := data.keys() - SELECTORS - actions:
        raise BadCommand(f"a rule on {data['on']} does not know {sorted(unknown)}")
    if not data.keys() & actions:
        raise BadCommand(f"a rule on {data['on']} needs one of {sorted(actions)}")
    if data.get("when", "after") not in ("before", "after"):
        raise BadCommand("when is before or after")
    for name in ("nth", "times", "for_seconds", "chance", "delay", "cut", "partial", "copies", "hold", "status"):
        value = data.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise BadCommand(f"{name} must be a number of 0 or more")
    if not isinstance(data.get("match", {}), dict):
        raise BadCommand("match is an object of parameters")
    return Rule(data)


@dataclass(slots=True)
class FaultPlan:
    """Implements `hooks.Interference` with rules; the first rule that strikes decides."""

    rules: list[Rule]
    seed: int
    monotonic: Callable[[], float]
    limit_fill: Callable[[str, float], None]
    """Told venue and fraction: the next order there fills at once to that fraction only."""
    _rng: random.Random = field(init=False)
    _held: dict[tuple[int, str], list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draws from the plan's own seed."""
        self._rng = random.Random(f"faults:{self.seed}")

    def _strike(self, on: str, fields: dict[str, Any]) -> Rule | None:
        """Every fitting rule counts the occurrence; the first one that is hit acts."""
        struck = [rule for rule in self.rules if rule.fits(on, fields) and rule.strikes(self._rng, self.monotonic())]
        return struck[0] if struck else None

    async def before(self, call: Call) -> Answer | None:
        """Decides what happens to a request; carries it out now if the rule says before."""
        rule = self._strike(f"{call.method} {call.path}", call.params)
        if rule is None:
            return None
        if "partial" in rule.data:
            self.limit_fill(call.venue, float(rule.data["partial"]))
        if rule.data.get("when", "after") == "after":
            call.note = rule
            return None
        await asyncio.sleep(float(rule.data.get("delay", 0)))
        return _own_answer(rule)

    async def after(self, call: Call, answer: Answer) -> Answer:
        """Spoils the answer of a request that was carried out."""
        rule = call.note
        if not isinstance(rule, Rule):
            return answer
        await asyncio.sleep(float(rule.data.get("delay", 0)))
        answer = _own_answer(rule) or answer
        if "list" in rule.data:
            answer.body = _edited(answer.body, rule.data["list"])
        if "cut" in rule.data:
            answer.body = answer.body[: int(len(answer.body) * float(rule.data["cut"]))]
        return answer

    def stream(self, client: int, channel: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        """Drops, repeats or holds back a message, and releases those held back long enough."""
        rule = self._strike(f"STREAM {channel}", message)
        copies = int(rule.data.get("copies", 1)) if rule else 1
        if rule is not None and rule.data.get("drop"):
            return []
        held = self._held.setdefault((client, channel), [])
        if rule is not None and rule.data.get("hold"):
            held.append((int(rule.data["hold"]), message))
            return []
        released = [one for left, one in held if left <= 1]
        self._held[client, channel] = [(left - 1, one) for left, one in held if left > 1]
        return [message] * copies + released

    def report(self) -> dict[str, Any]:
        """The plan and how often each rule has hit: enough to repeat the run."""
        rules = [rule.data | {"seen": rule.seen, "hits": rule.hits} for rule in self.rules]
        return {"seed": self.seed, "rules": rules}


def _own_answer(rule: Rule) -> Answer | None:
    """The answer that the rule itself gives; None when it leaves the venue's."""
    data = rule.data
    if data.get("reset"):
        return Answer(reset=True)
    if "status" not in data and "body" not in data:
        return None
    body = data.get("body", "")
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    kind = data.get("content_type") or ("text/html" if isinstance(body, str) else "application/json")
    return Answer(int(data.get("status", 200)), text.encode(), dict(data.get("headers", {})), kind)


def _edited(body: bytes, edit: object) -> bytes:
    """A JSON array with entries taken out or doubled; anything else stays as it is."""
    try:
        entries = json.loads(body)
    except ValueError:
        return body
    if not isinstance(entries, list):
        return body
    if edit == "empty":
        entries = []
    elif isinstance(edit, dict):
        dropped, repeated = set(edit.get("drop", ())), set(edit.get("repeat", ()))
        entries = [
            entry for at, entry in enumerate(entries) if at not in dropped for _ in range(2 if at in repeated else 1)
        ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
