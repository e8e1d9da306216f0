"""Reads an order request and refuses what Upbit refuses, in the order and with the names Upbit uses."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, cast

from exchanges.simulator.accounts import ZERO
from exchanges.simulator.dialects.upbit.desk import Desk
from exchanges.simulator.dialects.upbit.errors import refusal
from exchanges.simulator.dialects.upbit.ticks import MAX_TOTAL, MIN_TOTAL
from exchanges.simulator.market import Market
from exchanges.simulator.matching import floor_quantity
from exchanges.simulator.orders import Kind, Order, SelfTrade, TimeInForce

SELF_TRADE = ("cancel_maker", "cancel_taker", "reduce", "none")
CONDITIONS = {"limit": ("ioc", "fok", "post_only"), "best": ("ioc", "fok"), "price": (), "market": ()}
NO_ORDER = "00000000-0000-4000-8000-000000000000"


def burn_identifier(desk: Desk, identifier: object) -> None:
    """Uses up the client's id: for ever, and even if the order then fails.

    Raises UpbitError: invalid_parameter for a wrong form, duplicated_identifier for one that was used.
    """
    check_identifier(desk, identifier)
    if identifier is not None:
        desk.exchange.burnt.add(str(identifier))


def check_identifier(desk: Desk, identifier: object) -> None:
    """As `burn_identifier`, but leaves the id unused."""
    if identifier is None:
        return
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= 64:
        raise refusal("invalid_parameter")
    if identifier in desk.exchange.burnt:
        raise refusal("duplicated_identifier")


def read_ticket(desk: Desk, body: dict[str, Any], now_ms: int) -> Order:
    """The order that a body asks for, not yet accepted (its id is NO_ORDER). Raises UpbitError."""
    for name in ("market", "side", "ord_type"):
        if body.get(name) in (None, ""):
            raise refusal("validation_error")
    market = desk.traded_market(str(body["market"]))
    side, ord_type = str(body["side"]), str(body["ord_type"])
    if side not in ("bid", "ask") or ord_type not in CONDITIONS:
        raise refusal("invalid_parameter")
    condition = _condition(body, ord_type)
    self_trade = _self_trade(body, condition)
    price_text, volume_text = body.get("price"), body.get("volume")
    _check_mix(side, ord_type, price_text is not None, volume_text is not None)
    buys_amount = ord_type in ("price", "best") and side == "bid"
    order = Order(
        order_id=NO_ORDER,
        client_id=body.get("identifier"),
        market=market.code,
        side="buy" if side == "bid" else "sell",
        kind=cast(Kind, "market" if ord_type in ("price", "market") else ord_type),
        price=_price(market, price_text, side) if ord_type == "limit" else None,
        quantity=None if buys_amount else _volume(volume_text, side),
        amount=_funds(price_text) if buys_amount else None,
        time_in_force=condition,
        self_trade=self_trade,
        created_ms=now_ms,
        fee_rate=desk.exchange.rules.fee,
        said_self_trade=body.get("smp_type") is not None,
    )
    _check_total(market, order, side)
    return order


def _condition(body: dict[str, Any], ord_type: str) -> TimeInForce | None:
    given = body.get("time_in_force")
    if given is None:
        if ord_type == "best":
            raise refusal("invalid_time_in_force")
        return None
    if given not in CONDITIONS[ord_type]:
        raise refusal("invalid_time_in_force")
    return cast(TimeInForce, given)


def _self_trade(body: dict[str, Any], condition: TimeInForce | None) -> SelfTrade:
    given = body.get("smp_type")
    if given is None:
        return "cancel_maker"
    if given not in SELF_TRADE:
        raise refusal("invalid_parameter")
    if condition == "post_only" and given != "none":
        raise refusal("invalid_post_only")
    return cast(SelfTrade, given)


def _check_mix(side: str, ord_type: str, has_price: bool, has_volume: bool) -> None:
    """Which of price and volume an order type takes: anything else is create_bid_error or create_ask_error."""
    wanted = {
        ("limit", "bid"): (True, True),
        ("limit", "ask"): (True, True),
        ("price", "bid"): (True, False),
        ("market", "ask"): (False, True),
        ("best", "bid"): (True, False),
        ("best", "ask"): (False, True),
    }.get((ord_type, side))
    if wanted != (has_price, has_volume):
        raise refusal(f"create_{side}_error")


def _decimal(value: object, name: str) -> Decimal:
    """A positive decimal. Raises the error `name` for anything else."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise refusal(name) from None
    if not number.is_finite() or number <= 0 or isinstance(value, bool):
        raise refusal(name)
    return number


def _price(market: Market, value: object, side: str) -> Decimal:
    price = _decimal(value, f"invalid_price_{side}")
    if price % market.tick(price) != 0:
        raise refusal(f"invalid_price_{side}")
    return price


def _volume(value: object, side: str) -> Decimal:
    """Coins, cut to 8 decimals."""
    name = f"invalid_volume_{side}"
    quantity = _decimal(value, name)
    if quantity > Decimal(10) ** 15:
        raise refusal("volume_too_large")
    quantity = floor_quantity(quantity)
    if quantity == 0:
        raise refusal(name)
    return quantity


def _funds(value: object) -> Decimal:
    amount = _decimal(value, "invalid_funds")
    if amount != floor_quantity(min(amount, MAX_TOTAL * 10)) and amount <= MAX_TOTAL:
        raise refusal("invalid_funds")
    return amount


def _check_total(market: Market, order: Order, side: str) -> None:
    """Least and greatest worth of an order; a market sell counts at the best bid."""
    if order.amount is not None:
        total = order.amount
    else:
        bids = market.book().bids
        price = order.price or (bids[0].price if bids else market.last)
        total = price * (order.quantity or ZERO)
    if total < MIN_TOTAL:
        raise refusal(f"under_min_total_{side}", minimum=MIN_TOTAL)
    if total > MAX_TOTAL:
        raise refusal("over_krw_funds_bid" if side == "bid" else "volume_too_large", maximum=MAX_TOTAL)
