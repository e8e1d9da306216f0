"""Upbit's WebSocket: connections, subscriptions, formats. What the messages say is in `messages`."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from exchanges.simulator.dialects.upbit import messages
from exchanges.simulator.dialects.upbit.auth import Signed
from exchanges.simulator.dialects.upbit.desk import Desk
from exchanges.simulator.dialects.upbit.errors import UpbitError
from exchanges.simulator.dialects.upbit.gateway import authorized
from exchanges.simulator.dialects.upbit.subscriptions import Channel, Subscriptions, WrongRequest, read_request
from exchanges.simulator.market import Market, Trade
from exchanges.simulator.orders import Event

IDLE_SECONDS = 120.0
STATUS_SECONDS = 10.0
CLOSE_SECONDS = 1.0
"""How long a client may take to agree to a close."""
QUEUE = 10_000
"""Messages a slow client may lag behind before it is cut off."""


@dataclass(slots=True, eq=False)
class Connection:
    """One client: its socket, what it subscribed to, and what waits to be sent."""

    socket: web.WebSocketResponse
    private: bool
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    asked: deque[float] = field(default_factory=deque)
    last_seen: float = 0.0
    next_status: float | None = None
    dirty: set[tuple[str, str]] = field(default_factory=set)
    """(type, market) of the state messages to send at the next pulse: only their newest state matters."""
    candle_seconds: dict[tuple[str, str], int] = field(default_factory=dict)
    """(type, market) -> market second of the last candle message: a candle is sent at most once a second."""


class Streams:
    """All connections of the dialect; listens to the exchange and tells each what it subscribed to."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._connections: set[Connection] = set()
        desk.exchange.on_trade.append(self._on_trade)
        desk.exchange.on_event.append(self._on_event)
        self._assets_before: dict[str, tuple[str, str]] = {}
        self._closing: set[asyncio.Future[bool]] = set()

    def add_routes(self, app: web.Application) -> None:
        """Registers both paths."""
        app.router.add_get("/websocket/v1", self._public)
        app.router.add_get("/websocket/v1/private", self._private)

    async def _public(self, request: web.Request) -> web.StreamResponse:
        return await self._open(request, private=False)

    async def _private(self, request: web.Request) -> web.StreamResponse:
        return await self._open(request, private=True)

    async def _open(self, request: web.Request, private: bool) -> web.StreamResponse:
        desk = self._desk
        desk.world.advance()
        try:
            desk.limits.spend(request.remote or "", "websocket-connect")
            if "Origin" in request.headers:
                desk.limits.spend(request.remote or "", "origin")
            if private:
                authorized(desk, request, Signed())
        except UpbitError as error:
            return web.json_response(error.body, status=error.status)
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS, autoping=False, compress=True, max_msg_size=100_000)
        await socket.prepare(request)
        connection = Connection(socket, private, last_seen=desk.world.monotonic())
        self._connections.add(connection)
        sender = asyncio.create_task(self._send_all(connection))
        try:
            await self._listen(connection)
        finally:
            self._connections.discard(connection)
            sender.cancel()
        return socket

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            connection.last_seen = self._desk.world.monotonic()
            if message.type is WSMsgType.PING:
                await connection.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._on_request(connection, str(message.data))
            elif message.type is WSMsgType.BINARY:
                self._on_request(connection, bytes(message.data).decode("utf-8", "replace"))

    async def _send_all(self, connection: Connection) -> None:
        while True:
            frame = await connection.queue.get()
            try:
                await connection.socket.send_bytes(frame)
                # Data in either direction keeps a connection from being idle.
                connection.last_seen = self._desk.world.monotonic()
            except (ConnectionError, RuntimeError):
                # The client has gone; its reader ends the connection.
                return

    def _put(self, connection: Connection, payload: object) -> None:
        frame = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            connection.queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        """Ends a connection from our side."""
        self._connections.discard(connection)
        closing = asyncio.ensure_future(connection.socket.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _on_request(self, connection: Connection, text: str) -> None:
        now = self._desk.world.monotonic()
        if text.strip() == "PING":
            connection.next_status = now + STATUS_SECONDS
            self._put(connection, {"status": "UP"})
            return
        try:
            self._count(connection, now)
            wanted = read_request(text, connection.private, self._desk.exchange)
        except WrongRequest as wrong:
            self._put(connection, {"error": {"name": wrong.name, "message": wrong.message}})
            return
        if wanted is None:
            self._put(connection, connection.subscriptions.listing())
            return
        connection.subscriptions = wanted
        connection.dirty.clear()
        self._send_snapshots(connection)

    def _count(self, connection: Connection, now: float) -> None:
        """At most 5 requests a second and 100 a minute on one connection."""
        asked = connection.asked
        while asked and asked[0] <= now - 60:
            asked.popleft()
        if not self._desk.limits.off and (len(asked) >= 100 or sum(1 for at in asked if at > now - 1) >= 5):
            raise WrongRequest("TOO_MANY_REQUEST", "요청 수 제한을 초과했습니다.")
        asked.append(now)

    def _send_snapshots(self, connection: Connection) -> None:
        now = self._desk.world.advance()
        for channel in connection.subscriptions.channels:
            if channel.only_realtime or channel.type in messages.PRIVATE_TYPES:
                continue
            for code in channel.codes:
                self._send(connection, channel, self._state(channel, code, now, "SNAPSHOT"))

    def _state(self, channel: Channel, code: str, now_ms: int, stream_type: str) -> dict[str, Any] | None:
        market = self._desk.exchange.markets[code]
        if channel.type == "trade":
            return messages.trade(market, market.trades[-1], now_ms, stream_type) if market.trades else None
        return messages.state(channel, market, now_ms, stream_type)

    def _send(self, connection: Connection, channel: Channel, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        for shown in self._desk.world.hooks.stream(id(connection), channel.type, message):
            self._put(connection, connection.subscriptions.render(shown))

    def _on_trade(self, market: Market, trade: Trade) -> None:
        for connection in list(self._connections):
            for channel in connection.subscriptions.live(market.code):
                if channel.type == "trade":
                    self._send(connection, channel, messages.trade(market, trade, trade.at_ms, "REALTIME"))
                else:
                    connection.dirty.add((channel.type, market.code))

    def _on_event(self, event: Event) -> None:
        order_message = messages.my_order(event, self._desk.world.seen_ms, self._desk.switches.always_smp)
        asset_message = self._changed_assets()
        for connection in list(self._connections):
            if not connection.private:
                continue
            for channel in connection.subscriptions.channels:
                if channel.type == "myOrder" and (not channel.codes or event.order.market in channel.codes):
                    self._send(connection, channel, order_message)
                elif channel.type == "myAsset":
                    self._send(connection, channel, asset_message)

    def assets_changed(self) -> None:
        """Tells who listens to myAsset that balances changed other than by an order (a deposit)."""
        message = self._changed_assets()
        for connection in list(self._connections):
            for channel in connection.subscriptions.channels:
                if channel.type == "myAsset":
                    self._send(connection, channel, message)

    def _changed_assets(self) -> dict[str, Any] | None:
        balances = self._desk.exchange.account.balances
        changed = {
            asset: balance
            for asset, balance in balances.items()
            if self._assets_before.get(asset) != (str(balance.free), str(balance.locked))
        }
        for asset, balance in changed.items():
            self._assets_before[asset] = (str(balance.free), str(balance.locked))
        if not changed:
            return None
        return messages.my_asset(changed, self._desk.exchange.next_id(), self._desk.world.seen_ms)

    def pulse(self) -> None:
        """Sends the newest state of what changed, the status a text PING asked for, and closes idle connections."""
        now = self._desk.world.monotonic()
        now_ms = self._desk.world.seen_ms
        for connection in list(self._connections):
            self._flush(connection, now_ms)
            if connection.next_status is not None and connection.next_status <= now:
                connection.next_status = now + STATUS_SECONDS
                self._put(connection, {"status": "UP"})
            if now - connection.last_seen > IDLE_SECONDS:
                self._drop(connection)

    def _flush(self, connection: Connection, now_ms: int) -> None:
        dirty, connection.dirty = connection.dirty, set()
        for channel in connection.subscriptions.channels:
            for code in channel.codes:
                key = (channel.type, code)
                if key not in dirty:
                    continue
                if channel.type.startswith("candle"):
                    if connection.candle_seconds.get(key) == now_ms // 1000:
                        connection.dirty.add(key)
                        continue
                    connection.candle_seconds[key] = now_ms // 1000
                self._send(connection, channel, self._state(channel, code, now_ms, "REALTIME"))

    async def close(self) -> None:
        """Closes every connection in order."""
        await asyncio.gather(*(connection.socket.close() for connection in list(self._connections)))
