"""The wire to Upbit: one thread, one event loop, one ccxt object that signs and sends. Nothing is ever sent twice.

ccxt's unified calls lose fields this adapter needs (trades of an order, `Remaining-Req`, the error's name and status),
so its raw endpoints are used: `request(path, api, method, params)` with our own reading of the answer.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar

import aiohttp

from exchanges.ccxt_class import exchange_class
from exchanges.upbit.answers import away, classify, failure
from exchanges.upbit.budget import Budget, remaining
from exchanges.upbit.tables import HOSTS, LIMITS, SIGNED
from trading.core.errors import OutcomeUnknown, StopTrading, TryLater
from trading.core.ports import Clock

Method = Literal["GET", "POST", "DELETE"]
Params = Mapping[str, str | int | list[str]]
T = TypeVar("T")

PATIENCE_S: Final = 3.0
"""Longest wait for a place in the budget; then the caller's next step asks again."""

_GROUP: Final[ContextVar[str]] = ContextVar("group", default="default")
"""Group of the request that this task is sending, so that its answer's `Remaining-Req` is booked there."""


def _pass(_label: str) -> None:
    """The kill point of a process that nobody wants dead."""


class Unanswered(Exception):
    """An HTTP answer that is not a readable success. body is text, at most what the venue sent."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach one account. hosts: roles of `tables.HOSTS` that differ from the real ones.

    blocked: group -> wall ms until which an earlier run was told to stay away; on_block keeps the next such word (it is
    called on the client's thread and must be quick).
    timeout_s: longest time from sending to the last byte of an answer. killpoint: told "J4" on the client's thread when
    a POST has reached the venue and nothing of its answer is read yet.
    """

    clock: Clock
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    hosts: Mapping[str, str] | None = None
    lang: str = "ko"
    timeout_s: float = 10.0
    blocked: Mapping[str, int] | None = None
    on_block: Callable[[str, int], None] | None = None
    killpoint: Callable[[str], None] = _pass

    def host(self, role: str) -> str:
        """Base address of `role` ("rest", "ws", "ws_private"), without a slash at the end."""
        return (self.hosts or {}).get(role, HOSTS[role]).rstrip("/")


def _library(seen: Callable[[Mapping[str, str]], None]) -> type[Any]:
    """ccxt's Upbit class with two changes: arrays in queries, and the plain answer instead of ccxt's reading of it."""
    parent = exchange_class("upbit")

    class Wire(parent):  # type: ignore[misc, valid-type]
        def urlencode(self, params: Any = None, doseq: bool = True, sort: bool = False) -> str:
            return str(parent.urlencode(dict(params or {}), True))

        def rawencode(self, params: Any = None, sort: bool = False) -> str:
            # The hash covers the query as the venue reads it: decoded, `states[]=wait&states[]=watch`.
            return "&".join(
                f"{key}={one}"
                for key, value in dict(params or {}).items()
                for one in (value if isinstance(value, list) else [value])
            )

        def handle_errors(
            self, status: int, _reason: str, _url: str, _method: str, headers: Any, body: Any, answer: Any, *_sent: Any
        ) -> bool:
            seen(headers)
            if not 200 <= status < 300 or answer is None:
                raise Unanswered(status, headers, str(body or ""))
            return True

    return Wire


class Client:
    """Requests to Upbit, from any thread. Raises the errors of `trading.core.errors`."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._clock = access.clock
        self._budget = Budget(LIMITS, access.clock.monotonic(), access.clock.wall_ms(), access.blocked)
        self._closed = False
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="upbit", daemon=True)
        self._thread.start()
        self.wire = self._on_loop(self._open(), 30.0)

    def get(self, path: str, params: Params | None = None, *, group: str = "default", urgent: bool = False) -> Any:
        """Decoded JSON of a read. group "default" is signed, the quotation groups are public."""
        return self._ask("GET", path, params or {}, group, urgent)

    def post(self, path: str, params: Params, *, group: str = "order", urgent: bool = False) -> Any:
        """One POST, never repeated; see `answers.classify` for what its failures prove."""
        return self._ask("POST", path, params, group, urgent)

    def delete(self, path: str, params: Params) -> Any:
        """One DELETE, query only; always urgent."""
        return self._ask("DELETE", path, params, "default", True)

    def start(self, work: Coroutine[Any, Any, None]) -> concurrent.futures.Future[None]:
        """Runs `work` on the loop, beside the requests (streams)."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def token(self) -> str:
        """A fresh signed token for a private WebSocket (each nonce is good once)."""
        claims = {"access_key": self.access.key, "nonce": self.wire.uuid()}
        return str(self.wire.jwt(claims, self.access.secret.encode(), "sha256"))

    @property
    def has_key(self) -> bool:
        """True when there is a key to sign with."""
        return bool(self.access.key and self.access.secret)

    def requests_per_minute(self) -> int:
        """REST requests of the last 60 s."""
        return self._budget.per_minute(self._clock.monotonic())

    def close(self) -> None:
        """Ends connections, loop and thread; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        self._on_loop(self._shut(), 10.0)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10.0)

    def _ask(self, method: Method, path: str, params: Params, group: str, urgent: bool) -> Any:
        if group in SIGNED and not self.has_key:
            raise failure(StopTrading, "no_key", self.access.lang)
        if self._closed:
            raise failure(TryLater, "closed", self.access.lang)
        unknown = TryLater if method == "GET" else OutcomeUnknown
        work = self._request(method, path, params, group, urgent)
        try:
            return self._on_loop(work, PATIENCE_S + 2.0 * self.access.timeout_s)
        except (concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            raise failure(unknown, "timeout", self.access.lang) from None

    async def _request(self, method: Method, path: str, params: Params, group: str, urgent: bool) -> Any:
        await self._place(group, urgent)
        unknown = TryLater if method == "GET" else OutcomeUnknown
        api = ["private" if group in SIGNED else "public"]
        _GROUP.set(group)
        lang = self.access.lang
        try:
            return await self.wire.request(path, api, method, dict(params), {})
        except Unanswered as answer:
            raise self._verdict(answer, group, method) from None
        except Exception as broken:  # noqa: BLE001
            # The boundary of the library: whatever it raised after the bytes may have left, nothing is proven.
            cause = broken.__cause__
            if isinstance(cause, aiohttp.ClientConnectorError):
                # No connection was ever made, so no byte of the request reached the venue.
                raise failure(TryLater, "unreachable", lang) from None
            late = isinstance(cause, TimeoutError)
            raise failure(unknown, "timeout" if late else "reset", lang) from None
        finally:
            self._budget.answered(group, self._clock.monotonic())

    def _verdict(self, answer: Unanswered, group: str, method: Method) -> Exception:
        if 200 <= answer.status < 300:
            return failure(TryLater if method == "GET" else OutcomeUnknown, "unreadable", self.access.lang)
        error = classify(
            answer.status,
            answer.headers,
            answer.body,
            changes=method != "GET",
            lang=self.access.lang,
            hide=(self.access.key, self.access.secret),
        )
        if answer.status in (418, 429) and isinstance(error, TryLater):
            now, wall = self._clock.monotonic(), self._clock.wall_ms()
            where, until = self._budget.refused(group, answer.status, error.retry_after, now, wall)
            if self.access.on_block is not None:
                self.access.on_block(where, until)
            return away(error.code, self.access.lang, (until - wall) / 1000.0)
        return error

    async def _place(self, group: str, urgent: bool) -> None:
        waited = 0.0
        while True:
            now = self._clock.monotonic()
            if (blocked := self._budget.blocked_for(group, now)) > 0.0:
                raise away("banned", self.access.lang, blocked)
            pause = self._budget.wait(group, now, urgent)
            if pause <= 0.0:
                self._budget.take(group, now)
                return
            if waited + pause > PATIENCE_S:
                raise away("busy", self.access.lang, pause)
            waited += pause
            await asyncio.sleep(pause)

    def _saw(self, headers: Mapping[str, str]) -> None:
        left = remaining(next((value for key, value in headers.items() if key.lower() == "remaining-req"), None))
        if left is not None:
            self._budget.told(_GROUP.get(), left, self._clock.monotonic())

    async def _open(self) -> Any:
        rest = self.access.host("rest")
        wire = _library(self._saw)(
            {
                "apiKey": self.access.key,
                "secret": self.access.secret,
                "timeout": int(self.access.timeout_s * 1000),
                "enableRateLimit": False,  # its one bucket knows neither groups nor a reserve for exits
                "asyncio_loop": self.loop,
                "enableLastHttpResponse": False,
                "enableLastJsonResponse": False,
            }
        )
        wire.urls["api"] = {"public": rest, "private": rest}
        # At DEBUG the library logs headers, and with them the signed token.
        wire.logger.setLevel(logging.WARNING)
        if rest.startswith("http://"):
            # ccxt waits a quarter of a second for TLS to say goodbye; here there is none.
            wire.timeout_on_exit = 0
        wire.open()
        wire.session.trace_configs.append(self._traced())
        return wire

    def _traced(self) -> aiohttp.TraceConfig:
        """Comes to the kill point when the head of a POST's answer is here: the venue has done what was asked."""

        async def answered(
            _session: aiohttp.ClientSession, _context: object, request: aiohttp.TraceRequestEndParams
        ) -> None:
            if request.method == "POST":
                self.access.killpoint("J4")

        traced = aiohttp.TraceConfig()
        traced.on_request_end.append(answered)
        traced.freeze()
        return traced

    async def _shut(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.wire.close()

    def _on_loop(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise

    def _live(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()
