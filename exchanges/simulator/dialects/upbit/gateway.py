"""The HTTP side of the dialect: reads a request, lets limits, keys and handler judge it, logs and answers it."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from exchanges.simulator.dialects.upbit import ordering, quotation, reading
from exchanges.simulator.dialects.upbit.auth import Key, Signed
from exchanges.simulator.dialects.upbit.desk import Desk, Request, Route
from exchanges.simulator.dialects.upbit.errors import UpbitError, refusal
from exchanges.simulator.hooks import Answer, Call

log = logging.getLogger(__name__)
ROUTES: tuple[Route, ...] = (*quotation.ROUTES, *reading.ROUTES, *ordering.ROUTES)


class Gateway:
    """Serves the REST routes on an aiohttp application."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_routes(self, app: web.Application) -> None:
        """Registers every endpoint, and an answer for paths that do not exist."""
        for route in ROUTES:
            app.router.add_route(route.method, route.path, self._handler(route))
        app.router.add_route("*", "/v1/{rest:.*}", self._unknown)

    def _handler(self, route: Route) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._serve(route, request)

        return handle

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        missing = refusal("not_found")
        return web.json_response(missing.body, status=missing.status)

    async def _serve(self, route: Route, request: web.Request) -> web.StreamResponse:
        desk = self._desk
        now = desk.world.advance()
        raw_body = await request.text()
        params, signed, fault = _read(request, raw_body)
        flat = {name: values[0] if len(values) == 1 else values for name, values in params.items()}
        path = request.path
        entry = desk.world.requests.begin(
            desk.exchange.rules.name, request.method, path, flat, desk.world.wall_ms(), now
        )
        call = Call(desk.exchange.rules.name, request.method, path, flat)
        answer = await desk.world.hooks.before(call)
        if answer is None:
            asked = Request(params, desk.world.advance(), dict(request.match_info))
            answer = self._carry_out(
                route, request, asked, signed, fault or _body_fault(route, request, raw_body, desk)
            )
            answer = await desk.world.hooks.after(call, answer)
        entry.status = None if answer.reset else answer.status
        if answer.status >= 400:
            entry.error = answer.body[:200].decode("utf-8", "replace")
        return _response(request, answer, route)

    def _carry_out(
        self, route: Route, request: web.Request, asked: Request, signed: Signed, fault: UpbitError | None
    ) -> Answer:
        headers: dict[str, str] = {}
        try:
            headers["Remaining-Req"] = self._admit(route, request, asked, signed)
            if fault is not None:
                raise fault
            status, payload = route.handler(self._desk, asked)
            return _answer(status, payload, headers)
        except UpbitError as error:
            if error.status == 429 and self._desk.limits.plain_text:
                return Answer(429, error.message.encode(), content_type="text/plain")
            return _answer(error.status, error.body, {})
        except Exception:
            # The isolation boundary of one request: a defect here must look like the venue's own failure, not
            # take the server down with every other client.
            log.exception("a request could not be carried out: %s %s", request.method, request.path)
            broken = refusal("internal_server_error")
            return _answer(broken.status, broken.body, {})

    def _admit(self, route: Route, request: web.Request, asked: Request, signed: Signed) -> str:
        """Key, limits and opening hours; returns the Remaining-Req header."""
        desk = self._desk
        address = request.remote or ""
        if route.scope is None:
            if "Origin" in request.headers:
                desk.limits.spend(address, "origin")
            return desk.limits.spend(address, route.group)
        asked.key = authorized(desk, request, signed)
        header = desk.limits.spend(f"key:{asked.key.access_key}", route.group)
        if route.scope not in asked.key.scopes:
            raise refusal("out_of_scope", desk.switches.out_of_scope_status)
        if desk.exchange.offline:
            raise refusal("market_offline")
        return header


def authorized(desk: Desk, request: web.Request, signed: Signed) -> Key:
    """The key that signed the request. Raises UpbitError 401."""
    return desk.keyring.verify(request.headers.get("Authorization"), signed, request.remote or "", desk.world.wall_ms())


def _read(request: web.Request, raw_body: str) -> tuple[dict[str, list[Any]], Signed, UpbitError | None]:
    """All parameters by name, what the signature must cover, and what is wrong with the body, if anything."""
    params: dict[str, list[Any]] = {}
    raw_query = request.rel_url.raw_query_string
    for name, value in parse_qsl(raw_query, keep_blank_values=True):
        params.setdefault(name.removesuffix("[]"), []).append(value)
    if not raw_body:
        return params, Signed(raw_query), None
    if request.content_type == "application/json" or raw_body.lstrip()[:1] in ("{", "["):
        try:
            body = json.loads(raw_body)
        except ValueError:
            return params, Signed(raw_query or raw_body), refusal("bad_request")
        if not isinstance(body, dict):
            return params, Signed(raw_query or raw_body), refusal("bad_request")
        for name, value in body.items():
            params.setdefault(name.removesuffix("[]"), []).extend(value if isinstance(value, list) else [value])
        return params, Signed(raw_query, body), None
    for name, value in parse_qsl(raw_body, keep_blank_values=True):
        params.setdefault(name.removesuffix("[]"), []).append(value)
    return params, Signed(raw_query or raw_body), None


def _body_fault(route: Route, request: web.Request, raw_body: str, desk: Desk) -> UpbitError | None:
    """Where a body is not allowed or of the wrong kind."""
    if route.query_only and raw_body and desk.switches.strict_query:
        return refusal("QUERY_PARAMETER_NOT_SUPPORTED")
    if request.method == "POST" and request.content_type != "application/json":
        return refusal("bad_request")
    return None


def _answer(status: int, payload: Any, headers: dict[str, str]) -> Answer:
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body, headers)


def _response(request: web.Request, answer: Answer, route: Route) -> web.StreamResponse:
    if answer.reset and request.transport is not None:
        request.transport.abort()
    response = web.Response(
        status=answer.status,
        body=answer.body,
        headers=answer.headers,
        content_type=answer.content_type,
        charset="utf-8",
    )
    if route.scope is None:
        response.enable_compression()
    return response
