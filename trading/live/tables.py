"""The ledger's tables, and the way of an order and a fill into a row and back.

Amounts are decimal text without exponent; times are ms UTC. `crc` covers the other values of an order, fill or setting,
so that a flipped byte inside a value is noticed as surely as SQLite notices one between them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text, UniqueConstraint

from trading.core.orders import Fill, Leg, Moment, Order, Side, State

metadata: Final = MetaData()


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=null, primary_key=key)


def _whole(name: str, *, null: bool = False, key: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=null, primary_key=key, autoincrement=False)


def _seq() -> Column[Any]:
    """A rising number in the order of writing (SQLite numbers only INTEGER keys by itself)."""
    return Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


orders = Table(
    "orders",
    metadata,
    _seq(),
    Column("id", Text, nullable=False, unique=True),
    *(_text(name) for name in ("venue", "book", "strategy", "symbol", "side", "leg", "quantity", "price", "reason")),
    *(_whole(name) for name in ("candle_ms", "created_ms")),
    _text("trip"),
    _text("funds", null=True),
    _text("limit", null=True),
    _text("moment"),
    Column("native", Boolean, nullable=False),
    Column("reduce_only", Boolean, nullable=False),
    Column("leverage", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    _text("state"),
    _text("venue_id", null=True),
    _text("filled"),
    _whole("sent_wall_ms", null=True),
    _text("detail"),
    _whole("crc"),
    Index("orders_by_state", "venue", "state"),
    Index("orders_by_trip", "trip"),
)

fills = Table(
    "fills",
    metadata,
    _seq(),
    *(_text(name) for name in ("venue", "symbol", "trade_id", "order_id", "book", "strategy", "side")),
    *(_text(name) for name in ("price", "quantity", "fee", "fee_asset")),
    _whole("time_ms"),
    Column("maker", Boolean, nullable=False),
    _whole("crc"),
    UniqueConstraint("venue", "symbol", "trade_id", name="fill_once"),
    Index("fills_by_order", "order_id"),
)

positions = Table(
    "positions",
    metadata,
    _text("trip", key=True),
    *(_text(name) for name in ("venue", "book", "strategy", "symbol", "quantity", "entry_price", "path")),
    Column("side", Integer, nullable=False),
    *(_whole(name) for name in ("entry_ms", "updated_ms")),
)

position_history = Table(
    "position_history",
    metadata,
    _seq(),
    *(_text(name) for name in ("trip", "venue", "book", "strategy", "symbol", "quantity", "entry_price", "path")),
    Column("side", Integer, nullable=False),
    *(_whole(name) for name in ("entry_ms", "updated_ms")),
)

trades = Table(
    "trades",
    metadata,
    _seq(),
    Column("trip", Text, nullable=False, unique=True),
    *(_text(name) for name in ("venue", "book", "strategy", "symbol", "side")),
    _whole("entry_ms"),
    _text("entry_price"),
    _text("quantity"),
    _whole("exit_ms"),
    *(_text(name) for name in ("exit_price", "exit_reason", "fee", "pnl", "pnl_percent", "funding")),
    Column("ambiguous", Boolean, nullable=False),
    Index("trades_by_time", "venue", "exit_ms"),
)

account_history = Table(
    "account_history",
    metadata,
    _seq(),
    _text("venue"),
    _whole("time_ms"),
    *(_text(name) for name in ("equity", "cash", "realized", "unrealized")),
    Index("account_by_time", "venue", "time_ms"),
)

funding = Table(
    "funding",
    metadata,
    _text("venue", key=True),
    _text("income_id", key=True),
    *(_text(name) for name in ("trip", "book", "strategy", "symbol", "amount", "asset")),
    _whole("time_ms"),
)

signals = Table(
    "signals",
    metadata,
    _seq(),
    *(_text(name) for name in ("venue", "book", "strategy", "symbol")),
    _whole("candle_ms"),
    _text("kind"),
    Column("confidence", Float, nullable=False),
    _text("numbers"),
)

decisions = Table(
    "decisions",
    metadata,
    _seq(),
    *(_text(name) for name in ("venue", "book", "strategy", "symbol")),
    _whole("candle_ms"),
    _whole("time_ms"),
    _text("action"),
    Column("confidence", Float, nullable=False),
    _text("gate", null=True),
    _text("body"),
    Index("decisions_by_candle", "venue", "symbol", "candle_ms"),
)

#: scope: override (knobs), latch (gates that stay shut), foreign (holdings that are not ours), stamp, mark.
settings = Table(
    "settings",
    metadata,
    _text("scope", key=True),
    _text("venue", key=True),
    _text("name", key=True),
    _text("value"),
    _text("by"),
    _whole("at_ms"),
    _whole("crc"),
)

commands = Table(
    "commands",
    metadata,
    _seq(),
    Column("id", Text, nullable=False, unique=True),
    *(_text(name) for name in ("kind", "args", "issued_by")),
    _whole("issued_at_ms"),
    _whole("expires_at_ms", null=True),
    _whole("at_ms"),
    *(_text(name) for name in ("state", "detail_ko", "detail_en", "effect")),
)

audit = Table(
    "audit", metadata, _seq(), _whole("time_ms"), *(_text(name) for name in ("who", "what", "venue", "detail"))
)

events = Table(
    "events",
    metadata,
    _seq(),
    _whole("time_ms"),
    *(_text(name) for name in ("kind", "venue", "detail")),
    Index("events_by_time", "time_ms"),
)

indicators = Table(
    "indicators",
    metadata,
    *(_text(name, key=True) for name in ("venue", "book", "strategy", "symbol")),
    _whole("candle_ms", key=True),
    _text("numbers"),
)


def plain(amount: Decimal) -> str:
    """`amount` as decimal text without exponent."""
    return format(amount, "f")


def packed(value: object) -> str:
    """JSON text; Decimals become decimal text, NaN is refused (ValueError)."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_json)


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"{type(value).__name__} has no place in the ledger")


def checksum(row: Mapping[str, Any]) -> int:
    """CRC-32 of a row's values but `seq` and `crc`."""
    kept = [(name, row[name]) for name in sorted(row) if name not in ("seq", "crc")]
    return zlib.crc32(repr(kept).encode())


def order_row(order: Order) -> dict[str, Any]:
    """An order as a row of `orders`."""
    row = {name: getattr(order, name) for name in Order.__dataclass_fields__}
    for name in ("quantity", "price", "funds", "limit", "filled"):
        row[name] = None if row[name] is None else plain(row[name])
    row["state"] = order.state.value
    for name in ("candle_ms", "created_ms", "leverage", "attempt"):
        row[name] = int(row[name])  # a numpy integer would be bound as bytes
    row["crc"] = checksum(row)
    return row


def order_of(row: Mapping[str, Any]) -> Order:
    """The order of a row. Raises ValueError when the row is not what was written."""
    verify("orders", row, str(row["id"]))
    return Order(
        id=row["id"],
        venue=row["venue"],
        book=row["book"],
        strategy=row["strategy"],
        symbol=row["symbol"],
        side=cast("Side", row["side"]),
        leg=cast("Leg", row["leg"]),
        quantity=Decimal(row["quantity"]),
        price=Decimal(row["price"]),
        reason=row["reason"],
        leverage=row["leverage"],
        candle_ms=row["candle_ms"],
        created_ms=row["created_ms"],
        trip=row["trip"],
        funds=None if row["funds"] is None else Decimal(row["funds"]),
        limit=None if row["limit"] is None else Decimal(row["limit"]),
        moment=cast("Moment", row["moment"]),
        native=bool(row["native"]),
        reduce_only=bool(row["reduce_only"]),
        attempt=row["attempt"],
        state=State(row["state"]),
        venue_id=row["venue_id"],
        filled=Decimal(row["filled"]),
        sent_wall_ms=row["sent_wall_ms"],
        detail=row["detail"],
    )


def fill_row(fill: Fill, book: str, strategy: str) -> dict[str, Any]:
    """A fill as a row of `fills`."""
    row: dict[str, Any] = {name: getattr(fill, name) for name in Fill.__dataclass_fields__}
    for name in ("price", "quantity", "fee"):
        row[name] = plain(row[name])
    row["time_ms"] = int(fill.time_ms)
    row["book"], row["strategy"] = book, strategy
    row["crc"] = checksum(row)
    return row


def fill_of(row: Mapping[str, Any]) -> Fill:
    """The fill of a row. Raises ValueError when the row is not what was written."""
    verify("fills", row, str(row["trade_id"]))
    return Fill(
        venue=row["venue"],
        order_id=row["order_id"],
        trade_id=row["trade_id"],
        symbol=row["symbol"],
        side=cast("Side", row["side"]),
        price=Decimal(row["price"]),
        quantity=Decimal(row["quantity"]),
        fee=Decimal(row["fee"]),
        fee_asset=row["fee_asset"],
        time_ms=row["time_ms"],
        maker=bool(row["maker"]),
    )


def verify(table: str, row: Mapping[str, Any], name: str) -> None:
    """Raises ValueError when a row is not what was written."""
    if checksum(row) != row["crc"]:
        raise ValueError(f"{table} {name}: checksum does not match")
