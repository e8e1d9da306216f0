"""Where a plan of faults may reach in: before a request is carried out, after it was, and for each stream message.

The venues call these places and know nothing of the plans. The default does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(slots=True)
class Call:
    """A request as a plan sees it. `params`: all parameters by name, from the query and the body."""

    venue: str
    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    note: object = None
    """Room for what a plan decided before, until after."""


@dataclass(slots=True)
class Answer:
    """What goes out instead of the venue's own answer. `reset`: cut the connection, answer nothing."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    reset: bool = False


class Interference(Protocol):
    """The three places. Each may wait (`await`), which delays the request or the message."""

    async def before(self, call: Call) -> Answer | None:
        """Before the venue sees the request: an Answer means the venue never sees it."""
        ...

    async def after(self, call: Call, answer: Answer) -> Answer:
        """After the venue carried it out: the answer to send, changed or not."""
        ...

    def stream(self, client: int, channel: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        """The messages to send to this client (a number of its own) in place of this one: none, itself, several."""
        ...


class Calm:
    """No interference at all."""

    async def before(self, call: Call) -> Answer | None:
        """Lets the request through."""
        return None

    async def after(self, call: Call, answer: Answer) -> Answer:
        """Leaves the answer as it is."""
        return answer

    def stream(self, client: int, channel: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        """Leaves the message as it is."""
        return [message]
