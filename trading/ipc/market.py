"""market.json: prices and rankings for the screens, every 30 s, so that a controller asks no venue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from trading.ipc.document import Json
from trading.ipc.files import SCHEMA, Killpoint, Read, no_kill, read_json
from trading.ipc.projection import Projection
from trading.ipc.shapes import from_json

FILE: Final = "market.json"
RANKED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Last price in the venue's currency; change over 24 h in percent (None: not known); time_ms: market clock."""

    price: Decimal
    change_24h_percent: float | None
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """A row of the gainers or losers; change over 24 h in percent."""

    symbol: str
    price: Decimal
    change_24h_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicCoin:
    """A coin chosen by score."""

    symbol: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeframeView:
    """One cell of the multi-timeframe table. trend: up, down or flat; numbers: the indicators behind it."""

    trend: Literal["up", "down", "flat"]
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A model's word on a symbol. action BUY, SELL or HOLD; confidence 0..1; at_ms: market clock."""

    model: str
    action: Literal["BUY", "SELL", "HOLD"]
    confidence: float
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueMarket:
    """One venue: quotes by symbol, top 5 both ways, dynamic coins, symbol -> timeframe -> view, symbol -> forecasts."""

    currency: str
    prices: Mapping[str, Quote]
    gainers: tuple[Mover, ...] = ()
    losers: tuple[Mover, ...] = ()
    dynamic_coins: tuple[DynamicCoin, ...] = ()
    timeframes: Mapping[str, Mapping[str, TimeframeView]]
    forecasts: Mapping[str, tuple[Forecast, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The whole file by venue. seq, written_at_ms: by the writer."""

    schema: Literal[1] = SCHEMA
    seq: int = 0
    written_at_ms: int = 0
    venues: Mapping[str, VenueMarket]


def movers(prices: Mapping[str, Quote]) -> tuple[tuple[Mover, ...], tuple[Mover, ...]]:
    """(gainers, losers): at most 5 each, strongest first; only rises are gains, only falls are losses."""
    known = [
        Mover(symbol=symbol, price=quote.price, change_24h_percent=quote.change_24h_percent)
        for symbol, quote in prices.items()
        if quote.change_24h_percent is not None
    ]
    rising = sorted(known, key=lambda one: (-one.change_24h_percent, one.symbol))
    falling = sorted(known, key=lambda one: (one.change_24h_percent, one.symbol))
    return (
        tuple(one for one in rising[:RANKED] if one.change_24h_percent > 0),
        tuple(one for one in falling[:RANKED] if one.change_24h_percent < 0),
    )


class MarketFile:
    """Writes market.json."""

    def __init__(self, data_dir: Path, killpoint: Killpoint = no_kill) -> None:
        self._file: Projection[Market] = Projection(data_dir / FILE, killpoint)

    def publish(self, content: Market, now_ms: int) -> bool:
        """Writes after a change, or when the file is gone or was touched. Returns whether. Raises OSError."""
        return self._file.publish(content, now_ms)


def shape_market(value: Json) -> Market:
    """The typed market view. Raises ValueError naming the field."""
    return from_json(Market, value)


def read_market(data_dir: Path) -> Read[Market]:
    """Reads market.json; never raises for its content."""
    return read_json(data_dir / FILE).turn(shape_market)
