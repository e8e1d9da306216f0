"""The ports the trading side owns: a venue, a ledger, a clock. `exchanges`, `trading.live` and replay fit them.

All methods are synchronous; an adapter may run an event loop in its own thread behind them. Every method of `Venue`
may raise the errors of `trading.core.errors`; a failed, unparsed or empty answer is never turned into a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from trading.core.candles import Candles
from trading.core.instrument import Instrument
from trading.core.orders import Fill, Order, Side, State


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a venue can do, as data; the conformance suite takes its skips from here."""

    currency: str
    client_ids: bool = True
    market_buy_by_quote: bool = False
    native_take_profit: bool = False
    oco: bool = False
    shorting: bool = False
    leverage: bool = False
    dust_conversion: bool = False
    sessions: bool = False
    cancel_is_asynchronous: bool = False
    private_stream: bool = True
    fee_rate: float = 0.0
    receive_window_ms: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset of the account. free excludes locked; average_price is the venue's own, in its currency (0 = none)."""

    asset: str
    free: Decimal
    locked: Decimal
    average_price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """A futures position as the venue sees it. quantity > 0 long, < 0 short."""

    symbol: str
    quantity: Decimal
    entry_price: Decimal
    leverage: int
    liquidation_price: Decimal | None


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue shows it. client_id is None where it carries none (foreign). fills: what it tells of them.

    `fills_complete` is False where the answer carries no trades (an acknowledgement, a list): ask `find` for them.
    """

    venue_id: str
    client_id: str | None
    symbol: str
    side: Side
    type: str
    state: State
    price: Decimal | None
    quantity: Decimal | None
    filled: Decimal
    created_ms: int
    fills: tuple[Fill, ...] = ()
    fills_complete: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """One public trade, or the last price where only that is known. time_ms: market clock of the venue."""

    symbol: str
    time_ms: int
    price: float
    quantity: float = 0.0


@dataclass(frozen=True, slots=True)
class OrderBook:
    """Best levels, best first: ((price, quantity), ...)."""

    symbol: str
    time_ms: int
    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class StreamNews:
    """What the streams brought since the last `drain`. gaps: a public stream broke or was silent, candles need REST.

    orders: hints that one of our orders changed (client ids); REST remains the authority.
    age_s: seconds of wall clock since the last public message (None: never one).
    """

    ticks: tuple[Tick, ...] = ()
    orders: tuple[str, ...] = ()
    gaps: bool = False
    age_s: float | None = None


class Clock(Protocol):
    """Two clocks. Wall: the loop, protocol, commands. Market: candles, trades, sessions, day rolls."""

    def wall_ms(self) -> int:
        """Epoch ms UTC of this machine."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def market_ms(self) -> int:
        """The venue's time, ms UTC (in demo and replay: the simulated one)."""
        ...


class OrderVenue(Protocol):
    """What execution needs of a venue: where orders go, and every way to learn what became of them."""

    @property
    def name(self) -> str:
        """Venue id: upbit, bithumb, binance_spot, binance_futures, stock."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def balances(self) -> Mapping[str, Balance]:
        """Whole account by asset; an asset that is not there is absent, not zero."""
        ...

    def submit(self, order: Order) -> VenueOrder:
        """One POST, never retried. Raises OutcomeUnknown unless it is proven that nothing happened."""
        ...

    def find(self, order: Order) -> VenueOrder | None:
        """The order by our id (or venue id) with its fills; None only when the venue says there is no such order."""
        ...

    def open_orders(self, symbols: Iterable[str] | None = None) -> Sequence[VenueOrder]:
        """All resting orders of the account, foreign ones too."""
        ...

    def fills(self, since_ms: int, symbols: Iterable[str]) -> Sequence[tuple[VenueOrder, Fill]]:
        """The account's trades since `since_ms` (market clock), foreign and manual ones too, each with its order."""
        ...

    def cancel(self, order: Order) -> None:
        """Asks for cancellation; what became of the order is read by `find`. An already ended order is no error."""
        ...


class Venue(OrderVenue, Protocol):
    """One account on one venue, with its market."""

    def instruments(self) -> Mapping[str, Instrument]:
        """All markets by our symbol, with ticks, minimum, fee and notices as of now."""
        ...

    def candles(self, symbol: str, timeframe: str, count: int, end_ms: int | None = None) -> Candles:
        """Up to `count` candles with open time < end_ms (default: now), oldest first; may hold the forming one."""
        ...

    def prices(self, symbols: Iterable[str]) -> Mapping[str, Tick]:
        """Last trade of each symbol in one request."""
        ...

    def order_book(self, symbol: str) -> OrderBook:
        """Best levels now."""
        ...

    def positions(self) -> Sequence[VenuePosition]:
        """Futures positions; () on spot venues."""
        ...

    def watch(self, symbols: Sequence[str]) -> None:
        """Sets the symbols whose trades are streamed."""
        ...

    def drain(self) -> StreamNews:
        """What the streams brought since the last call; never blocks."""
        ...

    def requests_per_minute(self) -> int:
        """REST requests sent in the last 60 s."""
        ...

    def close(self) -> None:
        """Ends streams, connections and threads."""
        ...


class CandleSource(Protocol):
    """One venue's past candles for research: public data, no key. Asks politely, again where that can help.

    Its methods raise TryLater (network, rate limit; what was fetched so far stays good) and Refused.
    """

    @property
    def timeframes(self) -> tuple[str, ...]:
        """Timeframes that can be fetched."""
        ...

    @property
    def practice(self) -> bool:
        """The market is a simulator's."""
        ...

    def now_ms(self) -> int:
        """Time of the market, ms UTC."""
        ...

    def symbols(self) -> frozenset[str]:
        """Our symbols of all markets that there are."""
        ...

    def page(self, symbol: str, timeframe: str, end_ms: int) -> Candles:
        """The newest candles with open time < end_ms, oldest first, as many as one request brings.

        Empty only when the venue said more than once that there is none before; may hold the forming candle.
        """
        ...


class OrderLedger(Protocol):
    """What execution needs of the ledger. Each call is durable (fsync) when it returns. Raises LedgerUnavailable."""

    def intend(self, order: Order) -> bool:
        """Records an INTENT; False when this id is already there (the decision was made before)."""
        ...

    def record(self, order: Order) -> None:
        """Records the order's new state, venue id, filled, detail."""
        ...

    def book(self, fill: Fill) -> bool:
        """Records a fill once by (venue, symbol, trade id); False when it was there."""
        ...

    def unfinished(self, venue: str) -> Sequence[Order]:
        """Orders of this venue that are in no terminal state."""
        ...

    def order(self, order_id: str) -> Order | None:
        """The order with this client id."""
        ...

    def owned(self, venue: str) -> Mapping[str, Decimal]:
        """Base asset -> quantity that is ours by the fills booked on a venue, net of fees charged in base."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """May this venue take entries now? stopped_symbols: those without fresh data, or with an order in doubt.

    signals_only: decide and report, send nothing. approvals: entries wait for a person; `approved` holds the order ids
    that were let through.
    """

    signals_only: bool = False
    reconciled: bool = True
    fresh: bool = True
    paused: bool = False
    halted: bool = False
    stopped_symbols: frozenset[str] = field(default=frozenset())
    approvals: bool = False
    approved: frozenset[str] = field(default=frozenset())
