"""A simulator per test, on loopback, with wall clocks that the test moves by hand."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

import aiohttp
import pytest

from exchanges.simulator.dialects.upbit.auth import DEMO_SECRET
from exchanges.simulator.server import Setup, Simulator

HISTORY = 120


class HandClock:
    """A wall clock that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def monotonic(self) -> float:
        return self.seconds

    def wall_ms(self) -> int:
        return 1_790_000_000_000 + int(self.seconds * 1000)


def jwt(
    query: str = "", *, access: str = "demo-access", secret: str = DEMO_SECRET, alg: str = "HS512", **claims: Any
) -> str:
    """A token as Upbit documents it, made without any library."""
    payload: dict[str, Any] = {"access_key": access, "nonce": str(uuid.uuid4())}
    if query:
        payload |= {"query_hash": hashlib.sha512(query.encode()).hexdigest(), "query_hash_alg": "SHA512"}
    payload |= claims

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    head = part(json.dumps({"alg": alg, "typ": "JWT"}).encode()) + "." + part(json.dumps(payload).encode())
    digest = hashlib.sha256 if alg == "HS256" else hashlib.sha512
    return head + "." + part(hmac.new(secret.encode(), head.encode(), digest).digest())


@dataclass
class Reply:
    """Status, parsed body and headers of one reply."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def error(self) -> Any:
        """The error's name."""
        return self.body["error"]["name"]


@dataclass
class Bench:
    """A running simulator and a client of its wire protocol."""

    simulator: Simulator
    clock: HandClock
    ready: dict[str, Any]
    session: aiohttp.ClientSession
    access: str = "demo-access"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def rest(self) -> str:
        return str(self.ready["upbit"]["rest"])

    async def get(self, path: str, **params: Any) -> Reply:
        """An unsigned GET."""
        async with self.session.get(self.rest + path, params=params, headers=self.headers) as reply:
            return await _reply(reply)

    async def signed(
        self, method: str, path: str, params: dict[str, Any] | list[tuple[str, Any]] | None = None
    ) -> Reply:
        """A signed request: parameters in the query, for POST as a JSON body."""
        if method == "POST":
            body = dict(params or {})
            query = "&".join(f"{name}={value}" for name, value in body.items())
            sent: dict[str, Any] = {"json": body}
            url = self.rest + path
        else:
            encoded = urlencode(params or {})
            query, sent = unquote(encoded), {}
            url = self.rest + path + (f"?{encoded}" if encoded else "")
        token = jwt(query, access=self.access)
        headers = {"Authorization": f"Bearer {token}", **self.headers}
        async with self.session.request(method, url, headers=headers, **sent) as reply:
            return await _reply(reply)

    async def order(self, **body: Any) -> Reply:
        """POST /v1/orders on KRW-BTC unless told otherwise."""
        return await self.signed("POST", "/v1/orders", {"market": "KRW-BTC", **body})

    async def read(self, order_id: str) -> dict[str, Any]:
        """GET /v1/order."""
        reply = await self.signed("GET", "/v1/order", {"uuid": order_id})
        assert reply.status == 200, reply.body
        assert isinstance(reply.body, dict)
        return reply.body

    async def admin(self, path: str, **body: Any) -> dict[str, Any]:
        """POST to the admin."""
        async with self.session.post(self.ready["admin"] + path, json=body) as reply:
            result = await reply.json()
            assert reply.status == 200, result
            assert isinstance(result, dict)
            return result

    async def truth(self, since: int = 0) -> dict[str, Any]:
        """GET /truth."""
        async with self.session.get(f"{self.ready['admin']}/truth?since={since}") as reply:
            result = await reply.json()
            assert isinstance(result, dict)
            return result


async def _reply(reply: aiohttp.ClientResponse) -> Reply:
    text = await reply.text()
    body = json.loads(text) if reply.content_type == "application/json" else text
    return Reply(reply.status, body, dict(reply.headers))


@contextlib.asynccontextmanager
async def running(setup: Setup, clock: HandClock | None = None) -> AsyncIterator[Bench]:
    """A simulator that serves until the block ends."""
    clock = clock or HandClock()
    simulator = Simulator(setup, clock.monotonic, clock.wall_ms)
    stop = asyncio.Event()
    ready = await simulator.start()
    serving = asyncio.create_task(simulator.serve(stop))
    async with aiohttp.ClientSession() as session:
        yield Bench(simulator, clock, ready, session)
    stop.set()
    await serving
    await simulator.stop()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A simulator with a generated market whose clock is paused; no rate limits."""
    async with running(Setup(history=HISTORY)) as one:
        one.simulator.world.clock.pause()
        await one.admin("/options", limits=False)
        yield one
