"""<venue>_portfolio.json: what the bot owns on one venue, its orders, its last 500 fills; written after each change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from trading.core.calendar import KST_MS
from trading.ipc.document import Encoded, Json, encode
from trading.ipc.files import SCHEMA, Killpoint, Read, no_kill, read_json
from trading.ipc.projection import Projection
from trading.ipc.shapes import OPTIONAL, fields_to_json, from_json
from trading.ipc.vocabulary import VENUES

TRADES_KEPT: Final = 500

Guard = Literal["bot", "oco", "venue_stop", "none"]


def file_name(venue: str) -> str:
    """Name of a venue's portfolio file. Raises KeyError for an unknown venue."""
    if venue not in VENUES:
        raise KeyError(venue)
    return f"{venue}_portfolio.json"


def kst_text(time_ms: int) -> str:
    """`2025-11-20 10:00:00`: a UTC time in ms as Koreans read it."""
    moment = datetime.fromtimestamp(time_ms // 1000, UTC) + timedelta(milliseconds=KST_MS)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One holding of the bot. quantity in base, prices and pnl in the venue's currency, pnl_percent in percent.

    entry_ms: market clock. last_price, pnl: None before the first price. guarded_by none: an alarm stands.
    """

    market: str
    book: str = "main"
    side: Literal["long", "short"] = "long"
    quantity: Decimal
    entry_price: Decimal
    entry_ms: int
    last_price: Decimal | None
    high_water: Decimal | None
    stop: Decimal | None
    stop_reason: str | None
    take_profit: Decimal | None
    guarded_by: Guard
    pnl: Decimal | None
    pnl_percent: float | None
    strategy: str
    dust: bool = False
    leverage: int = 1
    liquidation_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order of the bot that is not ended. id: client id; price None at market, quantity None if by amount."""

    id: str
    venue_id: str | None
    symbol: str
    side: Literal["buy", "sell"]
    type: str
    price: Decimal | None
    quantity: Decimal | None
    filled: Decimal
    state: str
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A holding that is not the bot's. average_price: the venue's own, None where it has none."""

    quantity: Decimal
    average_price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One fill of the bot. fee: this fill's; pnl (rows that close): after the fees of both sides; *_percent in percent.

    timestamp is KST text of time_ms; `trade()` makes both from one time.
    """

    timestamp: str
    time_ms: int
    symbol: str
    type: Literal["BUY", "SELL"]
    quantity: Decimal
    price: Decimal
    fee: Decimal
    pnl: Decimal | None = field(default=None, metadata=OPTIONAL)
    pnl_percent: float | None = field(default=None, metadata=OPTIONAL)
    reason: str
    strategy: str
    slippage_percent: float = 0.0


def trade(
    *,
    time_ms: int,
    symbol: str,
    type: Literal["BUY", "SELL"],
    quantity: Decimal,
    price: Decimal,
    fee: Decimal,
    reason: str,
    strategy: str,
    slippage_percent: float = 0.0,
    pnl: Decimal | None = None,
    pnl_percent: float | None = None,
) -> Trade:
    """A row of trade_history from its time in ms (market clock)."""
    return Trade(
        timestamp=kst_text(time_ms),
        time_ms=time_ms,
        symbol=symbol,
        type=type,
        quantity=quantity,
        price=price,
        fee=fee,
        pnl=pnl,
        pnl_percent=pnl_percent,
        reason=reason,
        strategy=strategy,
        slippage_percent=slippage_percent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the venue trades with."""

    strategy: str
    preset: str
    timeframe: str
    selected_symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """The whole file, money in `currency`. current_capital: cash without holdings. seq, written_at_ms: by the writer.

    `positions` and `entry_prices` repeat `details` for simple readers; `portfolio()` makes all three from one.
    """

    schema: Literal[1] = SCHEMA
    seq: int = 0
    written_at_ms: int = 0
    venue: str
    currency: str
    initial_capital: Decimal
    current_capital: Decimal
    equity: Decimal
    realized_pnl: Decimal
    unrealized_pnl: Decimal
    positions: Mapping[str, Decimal]
    entry_prices: Mapping[str, Decimal]
    details: Mapping[str, Position]
    open_orders: tuple[OpenOrder, ...] = ()
    foreign: Mapping[str, Foreign]
    trade_history: tuple[Trade, ...] = ()
    metadata: Metadata

    def to_json(self) -> Json:
        """The file's JSON, the last 500 trades, their text taken from a cache (they never change)."""
        whole = fields_to_json(replace(self, trade_history=()))
        whole["trade_history"] = [_row(one) for one in self.trade_history[-TRADES_KEPT:]]
        return whole


@lru_cache(maxsize=8 * TRADES_KEPT)
def _row(one: Trade) -> Encoded:
    return Encoded(encode(fields_to_json(one)))


def portfolio(
    *,
    venue: str,
    currency: str,
    initial_capital: Decimal,
    current_capital: Decimal,
    equity: Decimal,
    realized_pnl: Decimal,
    unrealized_pnl: Decimal,
    details: Mapping[str, Position],
    foreign: Mapping[str, Foreign],
    metadata: Metadata,
    open_orders: tuple[OpenOrder, ...] = (),
    trade_history: tuple[Trade, ...] = (),
) -> Portfolio:
    """A portfolio whose positions and entry prices follow from `details`."""
    return Portfolio(
        venue=venue,
        currency=currency,
        initial_capital=initial_capital,
        current_capital=current_capital,
        equity=equity,
        realized_pnl=realized_pnl,
        unrealized_pnl=unrealized_pnl,
        positions={symbol: one.quantity for symbol, one in details.items()},
        entry_prices={symbol: one.entry_price for symbol, one in details.items()},
        details=details,
        open_orders=open_orders,
        foreign=foreign,
        trade_history=trade_history[-TRADES_KEPT:],
        metadata=metadata,
    )


class PortfolioFile:
    """Writes one venue's portfolio file."""

    def __init__(self, data_dir: Path, venue: str, killpoint: Killpoint = no_kill) -> None:
        self._file: Projection[Portfolio] = Projection(data_dir / file_name(venue), killpoint)

    def publish(self, content: Portfolio, now_ms: int) -> bool:
        """Writes after a change, or when the file is gone or was touched. Returns whether. Raises OSError."""
        return self._file.publish(content, now_ms)


def shape_portfolio(value: Json) -> Portfolio:
    """The typed portfolio. Raises ValueError naming the field."""
    return from_json(Portfolio, value)


def read_portfolio(data_dir: Path, venue: str) -> Read[Portfolio]:
    """Reads a venue's portfolio; never raises for its content."""
    return read_json(data_dir / file_name(venue)).turn(shape_portfolio)
