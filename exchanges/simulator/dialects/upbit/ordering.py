"""Upbit's private REST endpoints that act: new orders, tests, cancels, amends."""

from __future__ import annotations

from typing import Any

from exchanges.simulator.dialects.upbit.desk import Desk, Reply, Request, Route
from exchanges.simulator.dialects.upbit.errors import UpbitError, refusal
from exchanges.simulator.dialects.upbit.formats import SIDES, order_view
from exchanges.simulator.dialects.upbit.reading import named_order
from exchanges.simulator.dialects.upbit.tickets import burn_identifier, check_identifier, read_ticket
from exchanges.simulator.dialects.upbit.ticks import QUOTE
from exchanges.simulator.orders import Order


def _body(request: Request) -> dict[str, Any]:
    return {name: values[0] for name, values in request.params.items()}


def new_order(desk: Desk, request: Request) -> Reply:
    """POST /v1/orders: the reply shows the order as accepted, before any fill"""
    body = _body(request)
    burn_identifier(desk, body.get("identifier"))
    order = read_ticket(desk, body, request.now_ms)
    return 201, order_view(_submit(desk, order, request.now_ms), "created", desk.switches.always_smp)


def _submit(desk: Desk, order: Order, now_ms: int) -> Order:
    _check_funds(desk, order)
    order.order_id = desk.exchange.next_id()
    return desk.exchange.submit(order, now_ms)


def _check_funds(desk: Desk, order: Order) -> None:
    """Raises UpbitError insufficient_funds_* when the account cannot set aside what the order may cost."""
    account = desk.exchange.account
    if order.side == "sell":
        asset, needed = order.base, order.quantity
    else:
        asset = order.quote
        cost = order.amount if order.amount is not None else (order.price or 0) * (order.quantity or 0)
        needed = cost * (1 + order.fee_rate)
    held = account.balances.get(asset)
    if needed is None or held is None or held.free < needed:
        raise refusal(f"insufficient_funds_{SIDES[order.side]}", asset=asset)


def test_order(desk: Desk, request: Request) -> Reply:
    """POST /v1/orders/test: the same checks, no order, and the identifier stays unused"""
    body = _body(request)
    check_identifier(desk, body.get("identifier"))
    order = read_ticket(desk, body, request.now_ms)
    _check_funds(desk, order)
    order.order_id = desk.exchange.next_id()
    if order.side == "buy":
        cost = order.amount if order.amount is not None else (order.price or 0) * (order.quantity or 0)
        order.reserved_fee = cost * order.fee_rate
        order.locked = cost + order.reserved_fee
    return 201, order_view(order, "created", desk.switches.always_smp)


def cancel_one(desk: Desk, request: Request) -> Reply:
    """DELETE /v1/order: accepted, carried out a little later; the reply still shows the order waiting"""
    order = named_order(desk, request.first("uuid"), request.first("identifier"))
    if order.state != "open":
        raise refusal("order_not_found")
    _cancel_later(desk, order)
    return 200, order_view(order, "read", desk.switches.always_smp)


def _cancel_later(desk: Desk, order: Order) -> None:
    desk.exchange.cancel_at(order.order_id, desk.world.monotonic() + desk.switches.cancel_delay)


def cancel_by_ids(desk: Desk, request: Request) -> Reply:
    """DELETE /v1/orders/uuids: up to 20"""
    uuids, identifiers = request.split("uuids"), request.split("identifiers")
    names = uuids or identifiers
    if bool(uuids) == bool(identifiers) or len(names) > 20:
        raise refusal("invalid_parameter")
    done: list[Order] = []
    failed: list[dict[str, Any]] = []
    for name in names:
        try:
            order = named_order(desk, name if uuids else None, name if identifiers else None)
        except UpbitError:
            failed.append({"uuid" if uuids else "identifier": name})
            continue
        if order.state == "open":
            done.append(order)
        else:
            failed.append(_short(order))
    return _cancelled(desk, done, failed)


def cancel_open(desk: Desk, request: Request) -> Reply:
    """DELETE /v1/orders/open: all that fit, up to 300"""
    side = request.first("cancel_side") or "all"
    count_text = request.first("count") or "20"
    if (
        side not in ("all", "bid", "ask")
        or not count_text.isdecimal()
        or len(count_text) > 3
        or not 1 <= int(count_text) <= 300
    ):
        raise refusal("invalid_parameter")
    pairs, excluded = request.split("pairs"), request.split("excluded_pairs")
    quotes = request.split("quote_currencies")
    chosen = [
        order
        for order in desk.exchange.open_orders()
        if (side == "all" or SIDES[order.side] == side)
        and (not pairs or order.market in pairs)
        and order.market not in excluded
        and (not quotes or QUOTE in quotes)
    ]
    if (request.first("order_by") or "desc") == "desc":
        chosen.reverse()
    return _cancelled(desk, chosen[: int(count_text)], [])


def _cancelled(desk: Desk, done: list[Order], failed: list[dict[str, Any]]) -> Reply:
    for order in done:
        _cancel_later(desk, order)
    return 200, {
        "success": {"count": len(done), "orders": [_short(order) for order in done]},
        "failed": {"count": len(failed), "orders": failed},
    }


def _short(order: Order) -> dict[str, Any]:
    view = {"uuid": order.order_id, "market": order.market}
    return view if order.client_id is None else view | {"identifier": order.client_id}


def cancel_and_new(desk: Desk, request: Request) -> Reply:
    """POST /v1/orders/cancel_and_new: ends an open order and places its successor on the same side and market"""
    body = _body(request)
    burn_identifier(desk, body.get("new_identifier"))
    old = named_order(desk, body.get("prev_order_uuid"), body.get("prev_order_identifier"))
    if old.state != "open":
        raise refusal("order_not_found")
    volume = body.get("new_volume")
    if volume == "remain_only":
        volume = str(old.remaining)
    wanted = {
        "market": old.market,
        "side": SIDES[old.side],
        "ord_type": body.get("new_ord_type"),
        "price": body.get("new_price"),
        "volume": volume,
        "time_in_force": body.get("new_time_in_force"),
        "smp_type": body.get("new_smp_type"),
        "identifier": body.get("new_identifier"),
    }
    successor = read_ticket(desk, wanted, request.now_ms)
    view = order_view(old, "amended", desk.switches.always_smp)
    desk.exchange.cancel_now(old.order_id, request.now_ms)
    accepted = _submit(desk, successor, request.now_ms)
    view["new_order_uuid"] = accepted.order_id
    if accepted.client_id is not None:
        view["new_order_identifier"] = accepted.client_id
    return 201, view


ROUTES = (
    Route("POST", "/v1/orders", "order", new_order, "make_orders"),
    Route("POST", "/v1/orders/test", "order-test", test_order, "make_orders"),
    Route("POST", "/v1/orders/cancel_and_new", "order", cancel_and_new, "make_orders"),
    Route("DELETE", "/v1/order", "default", cancel_one, "make_orders", query_only=True),
    Route("DELETE", "/v1/orders/uuids", "default", cancel_by_ids, "make_orders", query_only=True),
    Route("DELETE", "/v1/orders/open", "order-cancel-all", cancel_open, "make_orders", query_only=True),
)
