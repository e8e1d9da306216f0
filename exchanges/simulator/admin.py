"""The simulator's own interface (JSON over HTTP): the truth, the clock, the market, the account, the keys."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

from aiohttp import web

from exchanges.simulator.accounts import NotEnough
from exchanges.simulator.book import STEP, floor_to
from exchanges.simulator.dialect import BadCommand, Dialect
from exchanges.simulator.exchange import Exchange
from exchanges.simulator.faults import FaultPlan, read_rule
from exchanges.simulator.hooks import Calm
from exchanges.simulator.market import Market
from exchanges.simulator.orders import Order
from exchanges.simulator.truth import truth
from exchanges.simulator.world import World

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _decimal(value: object, name: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise BadCommand(f"{name} must be a number, not {value!r}") from None
    if not number.is_finite():
        raise BadCommand(f"{name} must be finite")
    return number


class Admin:
    """Serves the admin endpoints for one world and its dialects."""

    def __init__(self, world: World, dialects: dict[str, Dialect], changed: Callable[[], None]) -> None:
        """`changed` is called after every command, so that the state is saved soon."""
        self._world, self._dialects, self._changed = world, dialects, changed
        self.ready: dict[str, Any] = {}

    def application(self) -> web.Application:
        """The admin server's application."""
        app = web.Application()
        app.router.add_get("/ready", self._get_ready)
        app.router.add_get("/truth", self._get_truth)
        app.router.add_get("/clock", self._get_clock)
        app.router.add_get("/keys", self._get_keys)
        app.router.add_get("/options", self._get_options)
        for path, action in (
            ("/clock", self._set_clock),
            ("/market", self._set_market),
            ("/account", self._set_account),
            ("/keys", self._set_key),
            ("/options", self._set_options),
            ("/faults", self._set_faults),
        ):
            app.router.add_post(path, self._command(action))
        app.router.add_get("/faults", self._get_faults)
        return app

    def _command(self, action: Callable[[dict[str, Any]], dict[str, Any]]) -> Handle:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                body = json.loads(await request.text() or "{}")
                if not isinstance(body, dict):
                    raise BadCommand("the body must be a JSON object")
                self._world.advance()
                result = action(body)
            except (BadCommand, ValueError, TypeError, KeyError, NotEnough) as error:
                return web.json_response({"error": str(error)}, status=400)
            self._changed()
            return web.json_response(result)

        return handle

    async def _get_ready(self, request: web.Request) -> web.StreamResponse:
        """The ready line again, and "world": which market this is, the same over restarts that go on from a state."""
        return web.json_response(self.ready)

    async def _get_truth(self, request: web.Request) -> web.StreamResponse:
        self._world.advance()
        since = request.query.get("since", "0")
        if not since.isdecimal():
            return web.json_response({"error": "since must be a number of an earlier reply"}, status=400)
        return web.json_response(truth(self._world, int(since)))

    async def _get_clock(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(self._clock())

    def _clock(self) -> dict[str, Any]:
        clock = self._world.clock
        return {
            "market_ms": clock.now_ms(),
            "wall_ms": self._world.wall_ms(),
            "speed": clock.speed,
            "running": clock.running,
        }

    def _set_clock(self, body: dict[str, Any]) -> dict[str, Any]:
        """pause, run, speed, to_ms, by_ms, next: a step leaves the clock paused and everything up to it delivered.

        skew_ms: the venues' wall clocks are so far ahead of this machine's, or behind.
        next: to the next print of the market; the answer's "prints" counts those of that moment by market.
        """
        clock = self._world.clock
        unknown = body.keys() - {"pause", "run", "speed", "to_ms", "by_ms", "next", "skew_ms"}
        if unknown or not body:
            raise BadCommand("clock takes pause, run, speed, to_ms, by_ms, next or skew_ms")
        if "skew_ms" in body:
            self._world.skew_ms = int(body["skew_ms"])
        if "speed" in body:
            clock.set_speed(float(body["speed"]))
        if body.get("pause"):
            clock.pause()
        if "to_ms" in body:
            clock.step_to(int(body["to_ms"]))
        if "by_ms" in body:
            clock.step_to(clock.now_ms() + int(body["by_ms"]))
        prints = self._world.step() if body.get("next") else None
        if body.get("run"):
            clock.run()
        self._world.advance()
        for dialect in self._dialects.values():
            dialect.pulse()
        if prints is None:
            return self._clock()
        return {**self._clock(), "prints": {f"KRW-{coin}": count for coin, count in prints.items()}}

    def _dialect(self, body: dict[str, Any]) -> Dialect:
        """The venue a command is for; it need not be named where there is one only."""
        name = body.get("venue", next(iter(self._dialects)))
        if name not in self._dialects:
            raise BadCommand(f"there is no venue {name!r}")
        return self._dialects[name]

    def _set_market(self, body: dict[str, Any]) -> dict[str, Any]:
        """price, tick, depth, halt, warn, caution, offline, delist of a market; offline alone is the whole venue."""
        exchange = self._dialect(body).exchange
        known = {"venue", "market", "price", "tick", "depth", "halt", "warn", "caution", "offline", "delist"}
        if unknown := body.keys() - known:
            raise BadCommand(f"market does not know {sorted(unknown)}")
        code = body.get("market")
        if code is None:
            if "offline" not in body:
                raise BadCommand("name a market, or offline for the whole venue")
            exchange.offline = bool(body["offline"])
            return {"venue": exchange.rules.name, "offline": exchange.offline}
        if code not in exchange.markets:
            raise BadCommand(f"there is no market {code!r}")
        market = exchange.markets[code]
        self._mark(exchange, market, body)
        if "depth" in body:
            market.depth = max(_decimal(body["depth"], "depth"), Decimal(0))
            market.renew_book()
        if "tick" in body:
            market.own_tick = None if body["tick"] is None else _decimal(body["tick"], "tick")
            if market.own_tick is not None and market.own_tick <= 0:
                market.own_tick = None
                raise BadCommand("tick must be above 0")
            market.renew_book()
        if "price" in body:
            price = _decimal(body["price"], "price")
            exchange.trade_publicly(market, market.set_price(price, self._world.seen_ms))
        marks = asdict(market.marks) | {"cautions": sorted(market.marks.cautions)}
        return {"market": code, "last": f"{market.last:f}", **marks}

    def _mark(self, exchange: Exchange, market: Market, body: dict[str, Any]) -> None:
        marks = market.marks
        marks.halted = bool(body.get("halt", marks.halted))
        marks.warning = bool(body.get("warn", marks.warning))
        marks.offline = bool(body.get("offline", marks.offline))
        if "caution" in body:
            names = body["caution"] if isinstance(body["caution"], list) else [body["caution"]]
            marks.cautions = {str(name) for name in names if name}
        if "delist" in body:
            if isinstance(body["delist"], str):
                # A date only announces the end; trading goes on until then.
                marks.delisting_date = body["delist"]
            else:
                marks.delisted = bool(body["delist"])
                for order in exchange.open_orders(market.code) if marks.delisted else ():
                    exchange.cancel_now(order.order_id, self._world.seen_ms)

    def _set_account(self, body: dict[str, Any]) -> dict[str, Any]:
        """deposit {asset: amount}, set {asset: free amount}, average_price {asset: price}, trade {market, side,
        quantity | amount}: what the account's owner does by hand."""
        exchange = self._dialect(body).exchange
        if unknown := body.keys() - {"venue", "deposit", "set", "average_price", "trade"}:
            raise BadCommand(f"account does not know {sorted(unknown)}")
        account = exchange.account
        for asset, amount in dict(body.get("deposit", {})).items():
            account.deposit(asset, _decimal(amount, asset))
        for asset, amount in dict(body.get("set", {})).items():
            wanted = _decimal(amount, asset)
            account.deposit(asset, wanted - account.of(asset).free)
        for asset, price in dict(body.get("average_price", {})).items():
            account.of(asset).average_price = _decimal(price, asset)
        placed = self._trade_by_hand(exchange, body["trade"]) if "trade" in body else None
        self._dialect(body).balances_changed()
        balances = {asset: {"free": f"{b.free:f}", "locked": f"{b.locked:f}"} for asset, b in account.balances.items()}
        return {"balances": balances, "order_id": placed}

    def _trade_by_hand(self, exchange: Exchange, wanted: dict[str, Any]) -> str:
        code, side = wanted.get("market"), wanted.get("side")
        if code not in exchange.markets or side not in ("buy", "sell"):
            raise BadCommand("trade needs a known market and a side, buy or sell")
        amount = _decimal(wanted["amount"], "amount") if side == "buy" and "amount" in wanted else None
        quantity = None
        if amount is None:
            quantity = floor_to(_decimal(wanted.get("quantity"), "quantity"), STEP)
        if side == "buy" and amount is None:
            raise BadCommand("a buy by hand names its amount")
        order = Order(
            exchange.next_id(),
            None,
            str(code),
            side,
            "market",
            None,
            quantity,
            amount,
            None,
            "none",
            self._world.seen_ms,
            exchange.rules.fee,
        )
        exchange.submit(order, self._world.seen_ms)
        return order.order_id

    async def _get_keys(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({name: dialect.keys() for name, dialect in self._dialects.items()})

    def _set_key(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._dialect(body).set_key(body)

    async def _get_options(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({name: dialect.options() for name, dialect in self._dialects.items()})

    def _set_options(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._dialect(body).set_options({name: value for name, value in body.items() if name != "venue"})

    async def _get_faults(self, request: web.Request) -> web.StreamResponse:
        hooks = self._world.hooks
        return web.json_response(hooks.report() if isinstance(hooks, FaultPlan) else {"seed": 0, "rules": []})

    def _set_faults(self, body: dict[str, Any]) -> dict[str, Any]:
        """rules (see `faults`) and seed: replaces the plan; an empty list of rules ends it."""
        if body.keys() - {"rules", "seed"} or not isinstance(body.get("rules"), list):
            raise BadCommand("faults takes rules (a list) and seed")
        rules = [read_rule(data) for data in body["rules"]]
        plan = FaultPlan(rules, int(body.get("seed", 0)), self._world.monotonic, self._limit_fill)
        self._world.hooks = plan if rules else Calm()
        return plan.report()

    def _limit_fill(self, venue: str, fraction: float) -> None:
        self._world.exchanges[venue].next_fill = Decimal(repr(fraction))
