"""What the server and the admin need of a venue's dialect. A new venue implements this and is listed in `server`."""

from __future__ import annotations

from typing import Any, Protocol

from aiohttp import web

from exchanges.simulator.exchange import Exchange


class BadCommand(Exception):
    """An admin command that makes no sense; its text goes into the 400 reply."""


class Dialect(Protocol):
    """One venue's wire protocol over one exchange."""

    name: str
    exchange: Exchange

    def application(self) -> web.Application:
        """The venue's server."""
        ...

    def addresses(self, host: str, port: int) -> dict[str, Any]:
        """Its base addresses for the ready line."""
        ...

    def pulse(self) -> None:
        """Called some twenty times a second: send what streams have to say, close what is idle."""
        ...

    def balances_changed(self) -> None:
        """Tell the streams that balances changed other than by an order."""
        ...

    async def close(self) -> None:
        """Close all streams in order."""
        ...

    def keys(self) -> list[dict[str, Any]]:
        """All API keys with their secrets (they are worth nothing outside the simulator)."""
        ...

    def set_key(self, body: dict[str, Any]) -> dict[str, Any]:
        """Adds, changes or removes a key. Raises BadCommand."""
        ...

    def options(self) -> dict[str, Any]:
        """The dialect's switches."""
        ...

    def set_options(self, body: dict[str, Any]) -> dict[str, Any]:
        """Changes switches; returns all. Raises BadCommand."""
        ...
