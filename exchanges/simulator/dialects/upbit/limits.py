"""Upbit's rate limits: requests per wall second and group, 429 over it, 418 with a growing block for who goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from exchanges.simulator.dialects.upbit.errors import UpbitError


class Group(NamedTuple):
    """A limit: requests per `seconds`, and the name that the Remaining-Req header gives it."""

    name: str
    requests: int
    seconds: int = 1


GROUPS = {
    group.name: group
    for group in (
        Group("market", 10),
        Group("candles", 10),
        Group("trades", 10),
        Group("ticker", 10),
        Group("orderbook", 10),
        Group("default", 30),
        Group("order", 12),
        Group("order-test", 8),
        Group("order-cancel-all", 1, 2),
        Group("websocket-connect", 5),
        Group("origin", 1, 10),
    )
}
BLOCKS = (5, 10, 30, 60, 120, 300)
"""Seconds of the first, second, ... block."""
PATIENCE = 15
"""Refusals within PATIENCE_SECONDS after which the block comes."""
PATIENCE_SECONDS = 10


@dataclass(slots=True)
class _Client:
    """What the limiter knows of one address or key."""

    passed: dict[str, deque[float]] = field(default_factory=dict)
    refused: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0
    blocks: int = 0


class RateLimits:
    """Counts requests per client and group over a sliding window of wall time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic` returns wall seconds that never go back."""
        self._monotonic = monotonic
        self._clients: dict[str, _Client] = {}
        self.off = False
        self.plain_text = False
        """Answers 429 with plain text instead of JSON, as some clients have met it."""

    def spend(self, client: str, group_name: str) -> str:
        """Counts one request; returns the Remaining-Req header.

        Raises UpbitError 429 when the group is used up and 418 while the client is blocked.
        """
        group = GROUPS[group_name]
        now = self._monotonic()
        known = self._clients.setdefault(client, _Client())
        if self.off:
            return _header(group, group.requests - 1)
        if known.blocked_until > now:
            raise _blocked(known.blocked_until - now)
        passed = known.passed.setdefault(group_name, deque())
        while passed and passed[0] <= now - group.seconds:
            passed.popleft()
        if len(passed) >= group.requests:
            self._refuse(known, now)
        passed.append(now)
        return _header(group, group.requests - len(passed))

    def _refuse(self, known: _Client, now: float) -> None:
        known.refused.append(now)
        while known.refused[0] < now - PATIENCE_SECONDS:
            known.refused.popleft()
        if len(known.refused) >= PATIENCE:
            known.blocked_until = now + BLOCKS[min(known.blocks, len(BLOCKS) - 1)]
            known.blocks += 1
            known.refused.clear()
            raise _blocked(known.blocked_until - now)
        raise UpbitError(429, "too_many_requests", "Too many API requests.")

    def block(self, client: str, seconds: float) -> None:
        """Blocks a client for so many seconds from now."""
        self._clients.setdefault(client, _Client()).blocked_until = self._monotonic() + seconds


def _header(group: Group, left: int) -> str:
    return f"group={group.name}; min={group.requests * 60 // group.seconds}; sec={max(left, 0)}"


def _blocked(seconds: float) -> UpbitError:
    whole = int(seconds) + 1
    return UpbitError(418, "too_many_requests", f"Too many API requests. Blocked for {whole} seconds.")
