"""What really happened on a venue: orders, fills, balances, requests. The oracle that tests compare with."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from exchanges.simulator.exchange import Exchange
from exchanges.simulator.orders import Fill, Order
from exchanges.simulator.world import World


def _text(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _fill(venue: str, fill: Fill) -> dict[str, Any]:
    return {"venue": venue} | {name: _text(value) for name, value in asdict(fill).items()}


def _order(venue: str, order: Order, seq: int) -> dict[str, Any]:
    parts = {name: _text(value) for name, value in asdict(order).items() if name not in ("fills", "said_self_trade")}
    parts["identifier"] = order.client_id
    parts["remaining"] = _text(order.remaining)
    parts["trade_ids"] = [fill.trade_id for fill in order.fills]
    return {"venue": venue, "seq": seq} | parts


def _balances(exchange: Exchange) -> dict[str, dict[str, str]]:
    return {
        asset: {
            "free": f"{balance.free:f}",
            "locked": f"{balance.locked:f}",
            "average_price": f"{balance.average_price:f}",
        }
        for asset, balance in exchange.account.balances.items()
    }


def truth(world: World, since: int) -> dict[str, Any]:
    """Everything after the cursor `since` (0: all); "seq" is the cursor for the next call.

    Orders that changed, fills and requests that came after it; balances always whole, by venue and asset. Amounts are
    decimal text, times ms UTC (`*_ms` market time except `wall_ms`).
    """
    # One cursor for all: the low part counts requests, the high part what changed on the exchanges.
    request_seq, change_seq = since % CURSOR, since // CURSOR
    orders, fills = [], []
    top = 0
    for name, exchange in world.exchanges.items():
        changed = [key for key, seq in exchange.changed.items() if seq > change_seq]
        orders += [_order(name, exchange.orders[key], exchange.changed[key]) for key in changed]
        pairs = zip(exchange.fills, exchange.fill_seq, strict=True)
        fills += [_fill(name, fill) for fill, seq in pairs if seq > change_seq]
        top = max(top, exchange.seq)
    return {
        "seq": top * CURSOR + world.requests.seq,
        "market_ms": world.seen_ms,
        "wall_ms": world.wall_ms(),
        "orders": orders,
        "fills": fills,
        "balances": {name: _balances(exchange) for name, exchange in world.exchanges.items()},
        "prices": {
            name: {code: f"{market.last:f}" for code, market in exchange.markets.items()}
            for name, exchange in world.exchanges.items()
        },
        "requests": world.requests.since(request_seq),
    }


CURSOR = 2**32
