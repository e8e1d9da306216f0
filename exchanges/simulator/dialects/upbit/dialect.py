"""Puts the dialect together: one exchange, one application with REST and both WebSocket paths."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aiohttp import web

from exchanges.simulator.dialects.upbit import control
from exchanges.simulator.dialects.upbit.auth import Keyring, demo_keys
from exchanges.simulator.dialects.upbit.desk import Desk
from exchanges.simulator.dialects.upbit.gateway import Gateway
from exchanges.simulator.dialects.upbit.limits import RateLimits
from exchanges.simulator.dialects.upbit.streams import Streams
from exchanges.simulator.dialects.upbit.ticks import FEE, GRID, QUOTE
from exchanges.simulator.exchange import Exchange, VenueRules
from exchanges.simulator.world import World

NAME = "upbit"


class UpbitDialect:
    """Upbit on a world: its exchange, its switches, and the application that serves it."""

    name = NAME

    def __init__(self, world: World, seed: int, cash: Decimal) -> None:
        """`cash`: KRW the account starts with."""
        self.exchange = exchange = Exchange(VenueRules(NAME, QUOTE, FEE, GRID), world.feed, seed, cash)
        world.add(exchange)
        keyring = Keyring(demo_keys(world.wall_ms()))
        self.desk = Desk(world, exchange, keyring, RateLimits(world.monotonic))
        self.streams = Streams(self.desk)

    def application(self) -> web.Application:
        """The server's application: /v1/..., /websocket/v1 and /websocket/v1/private."""
        app = web.Application(client_max_size=1_000_000)
        self.streams.add_routes(app)
        Gateway(self.desk).add_routes(app)
        return app

    def addresses(self, host: str, port: int) -> dict[str, Any]:
        """The base addresses of the ready line."""
        return {
            "rest": f"http://{host}:{port}",
            "ws": f"ws://{host}:{port}/websocket/v1",
            "ws_private": f"ws://{host}:{port}/websocket/v1/private",
        }

    def pulse(self) -> None:
        """Sends what the streams have to say."""
        self.streams.pulse()

    def balances_changed(self) -> None:
        """Tells the streams of a deposit or a change by hand."""
        self.streams.assets_changed()

    async def close(self) -> None:
        """Closes all streams."""
        await self.streams.close()

    def keys(self) -> list[dict[str, Any]]:
        """All API keys."""
        return [control.key_view(key) for key in self.desk.keyring.keys.values()]

    def set_key(self, body: dict[str, Any]) -> dict[str, Any]:
        """Adds, changes or removes a key. Raises BadCommand."""
        return control.set_key(self.desk, body)

    def options(self) -> dict[str, Any]:
        """The dialect's switches."""
        return control.options(self.desk)

    def set_options(self, body: dict[str, Any]) -> dict[str, Any]:
        """Changes switches. Raises BadCommand."""
        return control.set_options(self.desk, body)
