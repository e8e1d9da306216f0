"""How Upbit prints numbers, times and orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

from exchanges.simulator.accounts import ZERO
from exchanges.simulator.orders import Fill, Order

KST = timezone(timedelta(hours=9))
ORD_STATES = {"open": "wait", "filled": "done", "cancelled": "cancel"}
SIDES = {"buy": "bid", "sell": "ask"}

Style = Literal["created", "read", "listed", "amended"]


def trimmed(amount: Decimal) -> str:
    """Plain decimal without trailing zeros: "0", "5.377594", "140000000"."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def padded(amount: Decimal) -> str:
    """Plain decimal with at least one digit after the point: "0.0", "1.0", "70000.0"."""
    text = trimmed(amount)
    return text if "." in text else text + ".0"


def number(value: Decimal | float) -> int | float:
    """A JSON number as the REST quotation prints it: whole numbers without a point."""
    return int(value) if value == int(value) else float(value)


def rounded(value: float, places: int = 8) -> float:
    """A JSON number of sums, without the noise of binary fractions."""
    return round(value, places)


def moment(at_ms: int, zone: timezone = UTC) -> datetime:
    """A time in ms as a datetime of the given zone (default UTC)."""
    return datetime.fromtimestamp(at_ms // 1000, zone).replace(microsecond=at_ms % 1000 * 1000)


def utc_text(at_ms: int) -> str:
    """2025-07-01T12:00:00"""
    return f"{moment(at_ms):%Y-%m-%dT%H:%M:%S}"


def kst_text(at_ms: int) -> str:
    """2025-07-01T21:00:00 (the same moment in Seoul, without its offset)"""
    return f"{moment(at_ms, KST):%Y-%m-%dT%H:%M:%S}"


def created_text(at_ms: int) -> str:
    """2025-07-04T15:00:00+09:00"""
    return f"{kst_text(at_ms)}+09:00"


def trade_text(at_ms: int) -> str:
    """2025-08-09T16:44:00.597000+09:00"""
    return f"{moment(at_ms, KST):%Y-%m-%dT%H:%M:%S.%f}+09:00"


def ord_type(order: Order) -> str:
    """limit, price (market buy by amount), market (market sell by quantity) or best."""
    if order.kind == "market":
        return "price" if order.amount is not None else "market"
    return order.kind


def fill_view(fill: Fill) -> dict[str, Any]:
    """One entry of "trades" in GET /v1/order."""
    return {
        "market": fill.market,
        "uuid": fill.trade_id,
        "price": trimmed(fill.price),
        "volume": trimmed(fill.quantity),
        "funds": trimmed(fill.funds),
        "trend": "up" if fill.rose else "down",
        "created_at": trade_text(fill.at_ms),
        "side": SIDES[fill.side],
    }


def _head(order: Order, style: Style) -> dict[str, Any]:
    view: dict[str, Any] = {} if style == "amended" else {"market": order.market}
    view |= {"uuid": order.order_id, "side": SIDES[order.side], "ord_type": ord_type(order)}
    price = order.price if order.price is not None else order.amount
    if price is not None:
        view["price"] = trimmed(price)
    view["state"] = ORD_STATES[order.state]
    if style == "amended":
        view["market"] = order.market
    view["created_at"] = created_text(order.created_ms)
    return view


def _volumes(order: Order, style: Style) -> dict[str, Any]:
    if order.quantity is None:
        return {}
    show = padded if style == "created" else trimmed
    return {"volume": show(order.quantity), "remaining_volume": show(order.remaining or ZERO)}


def _money(order: Order, style: Style) -> dict[str, Any]:
    """Fees and locked. The reply to a new sell names the fee it expects and no lock, as documented; reads of it then
    show the coins it locks and no reserved fee, because the fee comes out of what it receives."""
    reserved, remaining, locked = order.reserved_fee, order.remaining_fee, order.locked
    if style == "created" and order.side == "sell":
        reserved = remaining = (order.price or ZERO) * (order.quantity or ZERO) * order.fee_rate
        locked = ZERO
    show = trimmed if style in ("read", "listed") else padded
    return {
        "reserved_fee": show(reserved),
        "remaining_fee": show(remaining),
        "paid_fee": show(order.paid_fee),
        "locked": show(locked),
    }


def order_view(order: Order, style: Style, always_smp: bool = False) -> dict[str, Any]:
    """An order as Upbit shows it.

    created: the 201 reply; read: a single order (without its trades, see `fill_view`); listed: with executed_funds;
    amended: the old order in the reply of cancel_and_new. Fields that do not apply are absent.
    """
    view = _head(order, style) | _volumes(order, style)
    executed = padded(order.executed) if style in ("created", "amended") else trimmed(order.executed)
    if style == "created":
        view |= _money(order, style) | {"executed_volume": executed}
    else:
        view["executed_volume"] = executed
        if style == "listed":
            view["executed_funds"] = trimmed(order.executed_funds)
        view |= _money(order, style)
    if order.time_in_force is not None:
        view["time_in_force"] = order.time_in_force
    if order.client_id is not None:
        view["identifier"] = order.client_id
    if order.said_self_trade or always_smp:
        view["smp_type"] = order.self_trade
    view["prevented_volume"] = trimmed(order.prevented)
    view["prevented_locked"] = trimmed(order.prevented_locked)
    view["trades_count"] = len(order.fills)
    return view
