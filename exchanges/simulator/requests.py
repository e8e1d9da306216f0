"""The log of requests that reached the simulated venues: part of the truth that tests compare with."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEEP = 20_000


@dataclass(slots=True)
class LoggedRequest:
    """One request: number that only grows, venue, method, path, parameters without any secret, the client's order id
    where there is one, wall and market time (ms UTC) of arrival, and the status answered (None: none was)."""

    seq: int
    venue: str
    method: str
    path: str
    params: dict[str, Any]
    identifier: str | None
    wall_ms: int
    market_ms: int
    status: int | None = None
    error: str | None = None


class RequestLog:
    """The newest 20,000 requests, oldest first."""

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=KEEP)
        self.seq = 0

    def begin(
        self, venue: str, method: str, path: str, params: dict[str, Any], wall_ms: int, market_ms: int
    ) -> LoggedRequest:
        """Notes a request on arrival; its status is filled in once it is answered."""
        self.seq += 1
        identifier = params.get("identifier") or params.get("new_identifier")
        entry = LoggedRequest(
            self.seq, venue, method, path, params, str(identifier) if identifier else None, wall_ms, market_ms
        )
        self._requests.append(entry)
        return entry

    def since(self, seq: int) -> list[dict[str, Any]]:
        """Requests with a greater number than `seq`, oldest first, as JSON values."""
        return [asdict(entry) for entry in self._requests if entry.seq > seq]
