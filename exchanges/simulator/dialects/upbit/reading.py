"""Upbit's private REST endpoints that only read: balances, order conditions, orders, keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from exchanges.simulator.accounts import Balance
from exchanges.simulator.dialects.upbit.desk import Desk, Reply, Request, Route
from exchanges.simulator.dialects.upbit.errors import refusal
from exchanges.simulator.dialects.upbit.formats import (
    KST,
    ORD_STATES,
    created_text,
    fill_view,
    order_view,
    padded,
    trimmed,
)
from exchanges.simulator.dialects.upbit.ticks import MAX_TOTAL, MIN_TOTAL, QUOTE
from exchanges.simulator.orders import Order

WEEK_MS = 7 * 86_400_000
BID_TYPES = ["best_fok", "best_ioc", "limit", "limit_fok", "limit_ioc", "price"]
ASK_TYPES = ["best_fok", "best_ioc", "limit", "limit_fok", "limit_ioc", "market"]
MAIN_POCKET = "main"


def accounts(desk: Desk, request: Request) -> Reply:
    """GET /v1/accounts (assets without any balance are absent)"""
    return 200, [
        {
            "currency": asset,
            "balance": padded(balance.free),
            "locked": padded(balance.locked),
            "avg_buy_price": trimmed(balance.average_price),
            "avg_buy_price_modified": asset == QUOTE,
            "unit_currency": QUOTE,
        }
        for asset, balance in desk.exchange.account.balances.items()
        if balance.total > 0
    ]


def chance(desk: Desk, request: Request) -> Reply:
    """GET /v1/orders/chance"""
    code = request.first("market")
    if not code:
        raise refusal("validation_error")
    market = desk.exchange.markets.get(code)
    if market is None or market.marks.delisted:
        raise refusal("notfoundmarket", market=code)
    coin = code.split("-", 1)[1]
    fee = trimmed(desk.exchange.rules.fee)
    account = desk.exchange.account
    return 200, {
        "bid_fee": fee,
        "ask_fee": fee,
        "maker_bid_fee": fee,
        "maker_ask_fee": fee,
        "market": {
            "id": code,
            "name": f"{coin}/{QUOTE}",
            "order_types": ["limit"],
            "order_sides": ["ask", "bid"],
            "bid_types": BID_TYPES,
            "ask_types": ASK_TYPES,
            "bid": {"currency": QUOTE, "min_total": trimmed(MIN_TOTAL)},
            "ask": {"currency": coin, "min_total": trimmed(MIN_TOTAL)},
            "max_total": trimmed(MAX_TOTAL),
            "state": "active" if not market.fixed else "suspended",
        },
        "bid_account": _account_view(QUOTE, account.balances.get(QUOTE, Balance())),
        "ask_account": _account_view(coin, account.balances.get(coin, Balance())),
    }


def _account_view(asset: str, balance: Balance) -> dict[str, Any]:
    return {
        "currency": asset,
        "balance": trimmed(balance.free),
        "locked": trimmed(balance.locked),
        "avg_buy_price": trimmed(balance.average_price),
        "avg_buy_price_modified": asset == QUOTE,
        "unit_currency": QUOTE,
    }


def named_order(desk: Desk, uuid: str | None, identifier: str | None) -> Order:
    """The order by its uuid or identifier. Raises UpbitError: 400 without either, 404 for an unknown one."""
    if not uuid and not identifier:
        raise refusal("invalid_parameter")
    order_id = uuid or desk.exchange.by_client_id.get(identifier or "")
    order = desk.exchange.orders.get(order_id or "")
    if order is None:
        raise refusal("order_not_found")
    return order


def one_order(desk: Desk, request: Request) -> Reply:
    """GET /v1/order"""
    order = named_order(desk, request.first("uuid"), request.first("identifier"))
    trades = [fill_view(fill) for fill in order.fills]
    return 200, order_view(order, "read", desk.switches.always_smp) | {"trades": trades}


def orders_open(desk: Desk, request: Request) -> Reply:
    """GET /v1/orders/open"""
    states = _states(request, ("wait", "watch"), ("wait", "watch"))
    return 200, _page(desk, request, _chosen(desk, request, states), 100)


def orders_closed(desk: Desk, request: Request) -> Reply:
    """GET /v1/orders/closed: at most seven days, the last seven where no time is given"""
    states = _states(request, ("done", "cancel"), ("done", "cancel"))
    start, end = _time(request.first("start_time")), _time(request.first("end_time"))
    if end is None:
        end = request.now_ms if start is None else start + WEEK_MS
    if start is None:
        start = end - WEEK_MS
    if not 0 <= end - start <= WEEK_MS:
        raise refusal("invalid_parameter")
    chosen = [order for order in _chosen(desk, request, states) if start <= order.created_ms <= end]
    return 200, _page(desk, request, chosen, 1000, 100)


def orders_by_ids(desk: Desk, request: Request) -> Reply:
    """GET /v1/orders/uuids"""
    uuids, identifiers = request.split("uuids"), request.split("identifiers")
    if bool(uuids) == bool(identifiers) or len(uuids or identifiers) > 100:
        raise refusal("invalid_parameter")
    ids = uuids or [desk.exchange.by_client_id.get(one, "") for one in identifiers]
    wanted = set(ids)
    chosen = [order for order in _chosen(desk, request, None) if order.order_id in wanted]
    return 200, _page(desk, request, chosen, 100)


def orders_legacy(desk: Desk, request: Request) -> Reply:
    """GET /v1/orders, the old list of all states"""
    states = _states(request, ("wait", "watch", "done", "cancel"), ("wait",))
    return 200, _page(desk, request, _chosen(desk, request, states), 100)


def _states(request: Request, allowed: tuple[str, ...], default: tuple[str, ...]) -> set[str]:
    given = request.split("states") or request.split("state")
    if not set(given) <= set(allowed):
        raise refusal("invalid_parameter")
    return set(given or default)


def _chosen(desk: Desk, request: Request, states: set[str] | None) -> list[Order]:
    """Orders of the wanted market and states, oldest first."""
    market = request.first("market")
    if market and market not in desk.exchange.markets:
        raise refusal("notfoundmarket", market=market)
    orders = desk.exchange.orders.values() if states is None or states & {"done", "cancel"} else None
    source = desk.exchange.open_orders() if orders is None else list(orders)
    return [
        order
        for order in source
        if (not market or order.market == market) and (states is None or ORD_STATES[order.state] in states)
    ]


def _page(desk: Desk, request: Request, orders: list[Order], most: int, default: int = 100) -> list[dict[str, Any]]:
    """One page, newest first unless order_by=asc."""
    order_by = request.first("order_by") or "desc"
    if order_by not in ("asc", "desc"):
        raise refusal("invalid_parameter")
    limit, page = _count(request.first("limit"), default), _count(request.first("page"), 1)
    if not 1 <= limit <= most or page < 1:
        raise refusal("invalid_parameter")
    if order_by == "desc":
        orders = orders[::-1]
    shown = orders[(page - 1) * limit : page * limit]
    return [order_view(order, "listed", desk.switches.always_smp) for order in shown]


def _count(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise refusal("invalid_parameter") from None


def _time(text: str | None) -> int | None:
    """A time in ms or ISO 8601 (Seoul time where no offset is given). Raises UpbitError invalid_parameter."""
    if not text:
        return None
    if text.isdecimal() and len(text) <= 20:
        return int(text)
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise refusal("invalid_parameter") from None
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=KST)).timestamp() * 1000)


def api_keys(desk: Desk, request: Request) -> Reply:
    """GET /v1/api_keys"""
    return 200, [
        {"access_key": key.access_key, "expire_at": created_text(key.expires_ms)}
        for key in desk.keyring.keys.values()
        if request.key is not None and key.access_key == request.key.access_key
    ]


def wallet_status(desk: Desk, request: Request) -> Reply:
    """GET /v1/status/wallet"""
    coins = [code.split("-", 1)[1] for code in desk.exchange.markets]
    return 200, [
        {
            "currency": coin,
            "wallet_state": "working",
            "block_state": "normal",
            "block_height": None,
            "block_updated_at": created_text(request.now_ms),
            "block_elapsed_minutes": 0,
            "net_type": coin,
            "network_name": coin,
        }
        for coin in coins
    ]


def pockets(desk: Desk, request: Request) -> Reply:
    """GET /v1/pockets: there is one"""
    return 200, [{"uuid": MAIN_POCKET, "name": MAIN_POCKET}]


def one_pocket(desk: Desk, request: Request) -> Reply:
    """GET /v1/pockets/{uuid}"""
    if request.path["uuid"] != MAIN_POCKET:
        raise refusal("pocket_not_found")
    return 200, {"uuid": MAIN_POCKET, "name": MAIN_POCKET}


def deposit_chance(desk: Desk, request: Request) -> Reply:
    """GET /v1/deposits/chance/coin: only tells known coins from unknown ones"""
    currency = request.first("currency")
    if not currency:
        raise refusal("validation_error")
    if f"{QUOTE}-{currency}" not in desk.exchange.markets:
        raise refusal("currency_not_found")
    return 200, {"currency": currency, "net_type": currency, "is_deposit_possible": True}


def withdraw(desk: Desk, request: Request) -> Reply:
    """POST /v1/withdraws/coin: no address is registered here, so it is always refused"""
    raise refusal("open_api_withdraw_locked" if desk.switches.withdraw_locked else "withdraw_address_not_registered")


ROUTES = (
    Route("GET", "/v1/accounts", "default", accounts, "view_account"),
    Route("GET", "/v1/orders/chance", "default", chance, "view_orders"),
    Route("GET", "/v1/order", "default", one_order, "view_orders"),
    Route("GET", "/v1/orders/open", "default", orders_open, "view_orders"),
    Route("GET", "/v1/orders/closed", "default", orders_closed, "view_orders"),
    Route("GET", "/v1/orders/uuids", "default", orders_by_ids, "view_orders"),
    Route("GET", "/v1/orders", "default", orders_legacy, "view_orders"),
    Route("GET", "/v1/api_keys", "default", api_keys, "view_account"),
    Route("GET", "/v1/status/wallet", "default", wallet_status, "view_account"),
    Route("GET", "/v1/pockets", "default", pockets, "view_account"),
    Route("GET", "/v1/pockets/{uuid}", "default", one_pocket, "view_account"),
    Route("GET", "/v1/deposits/chance/coin", "default", deposit_chance, "deposit"),
    Route("POST", "/v1/withdraws/coin", "default", withdraw, "withdraw"),
)
