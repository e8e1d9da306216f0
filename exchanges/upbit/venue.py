"""Upbit behind the port `trading.core.ports.Venue`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, Final, TypeVar

from exchanges.upbit import fields, parse
from exchanges.upbit.answers import failure
from exchanges.upbit.client import Access, Client
from exchanges.upbit.listing import Listing
from exchanges.upbit.streams import Inbox, Streams
from exchanges.upbit.tables import (
    CANDLES,
    CANDLES_A_PAGE,
    CAPABILITIES,
    CLOSED_A_PAGE,
    CLOSED_WINDOW_MS,
    FOLDED,
    NAME,
    ORDERS_A_PAGE,
    STALE_AFTER,
)
from trading.core.calendar import DAY_MS, DAY_OFFSET_MS, timeframe_ms
from trading.core.candles import Candles, resample
from trading.core.errors import NotSupported, OutcomeUnknown, Refused, TryLater, VenueError
from trading.core.instrument import Instrument
from trading.core.orders import TERMINAL, Fill, Order
from trading.core.ports import (
    Balance,
    Capabilities,
    Clock,
    OrderBook,
    StreamNews,
    Tick,
    Venue,
    VenueOrder,
    VenuePosition,
)

T = TypeVar("T")

KEPT_ORDERS: Final = 4000
RESTING_MS: Final = DAY_MS
"""`orders/closed` goes by an order's birth: an order may have rested this long before a trade we look for."""


class UpbitVenue:
    """One Upbit account. Built by `connect`; all methods may be called from one thread."""

    def __init__(self, access: Access, *, silence_s: float = 30.0, seed: int = 0) -> None:
        self._access = access
        self._clock = access.clock
        self._client = Client(access)
        self._listing = Listing(self._client, self._read, self._clock)
        self._ended: OrderedDict[str, VenueOrder] = OrderedDict()
        self._inbox = Inbox(self._clock)
        self._streams = Streams(
            lambda: self._client.wire.session, lambda: self._listing.symbols, self._inbox, Random(seed), silence_s
        )
        self._client.start(self._streams.trades(access.host("ws")))
        if self._client.has_key:
            self._client.start(self._streams.orders(access.host("ws_private"), self._client.token))

    @property
    def name(self) -> str:
        """Venue id."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """What Upbit can do."""
        return CAPABILITIES

    # -- the market ----------------------------------------------------------------------------------------------------

    def instruments(self) -> Mapping[str, Instrument]:
        """KRW markets by our symbol; ticks, minimum, fee and state of watched ones as the venue tells them today."""
        return self._listing.instruments()

    def candles(self, symbol: str, timeframe: str, count: int, end_ms: int | None = None) -> Candles:
        """Up to `count` candles opened before end_ms; minutes without a trade have none. Raises NotSupported."""
        length = timeframe_ms(timeframe)
        if timeframe in FOLDED:
            part = FOLDED[timeframe]
            fine = self.candles(symbol, part, count * (length // timeframe_ms(part)), end_ms)
            return resample(fine, length, DAY_OFFSET_MS[NAME])[-count:]
        if timeframe not in CANDLES:
            raise NotSupported(timeframe)
        rows: list[tuple[int, float, float, float, float, float]] = []
        while len(rows) < count:
            asked = min(CANDLES_A_PAGE, count - len(rows))
            params: dict[str, str | int | list[str]] = {"market": self._market(symbol), "count": asked}
            if end_ms is not None:
                params["to"] = fields.iso(end_ms)
            answer = self._client.get(CANDLES[timeframe], params, group="candle")
            page = self._read(parse.candle_rows, answer)
            fresh = [row for row in page if end_ms is None or row[0] < end_ms]
            rows += fresh
            if len(page) < asked or not fresh:
                break
            end_ms = min(row[0] for row in fresh)
        return parse.candles(rows, length)[-count:]

    def prices(self, symbols: Iterable[str]) -> Mapping[str, Tick]:
        """Last trade of each symbol in one request; one that is not listed is absent."""
        markets = {self._market(symbol) for symbol in symbols}
        if not markets:
            return {}
        try:
            answer = self._ticker(markets)
        except Refused:
            # One unknown market refuses them all: ask again for those that are still listed.
            listed = {one.market for one in self._listing.refreshed().values()}
            if not (markets & listed) or markets <= listed:
                raise
            answer = self._ticker(markets & listed)
        return self._read(parse.tickers, answer)

    def order_book(self, symbol: str) -> OrderBook:
        """Best 15 levels of each side."""
        params: dict[str, str | int | list[str]] = {"markets": self._market(symbol), "count": 15}
        return self._read(parse.order_book, self._client.get("orderbook", params, group="orderbook", urgent=True))

    # -- the account ---------------------------------------------------------------------------------------------------

    def balances(self) -> Mapping[str, Balance]:
        """Whole account by asset; free excludes what orders hold."""
        return self._read(parse.balances, self._client.get("accounts", urgent=True))

    def positions(self) -> Sequence[VenuePosition]:
        """None: spot."""
        return ()

    def submit(self, order: Order) -> VenueOrder:
        """One POST with `identifier` = order.id. The name is used up for ever, whatever becomes of the order.

        Market buy: `order.funds` KRW, of which the fee must be free besides. Market sell: `order.quantity`.
        """
        body = self._body(order)
        try:
            answer = self._client.post("orders", body, urgent=order.leg == "exit")
        except VenueError as refused:
            if refused.code in STALE_AFTER:
                self._listing.forget(order.symbol)
            raise
        try:
            return parse.order(answer, order.id)
        except fields.Unreadable:
            raise failure(OutcomeUnknown, "unreadable", self._access.lang) from None

    def order_test(self, order: Order) -> None:
        """Asks Upbit whether it would take this order; nothing is placed, the name stays unused. Raises as `submit`."""
        self._client.post("orders/test", self._body(order), group="order-test")

    def find(self, order: Order) -> VenueOrder | None:
        """The order with its fills, by identifier, then by the venue's id. None: Upbit says it has no such order."""
        found = self._look_up({"identifier": order.id}, order.id)
        if found is None and order.venue_id:
            found = self._look_up({"uuid": order.venue_id}, order.id)
        return found

    def open_orders(self, symbols: Iterable[str] | None = None) -> Sequence[VenueOrder]:
        """Resting orders and the app's reserved (stop) orders, foreign ones too; all markets without `symbols`."""
        wanted = None if symbols is None else set(symbols)
        found: dict[str, VenueOrder] = {}
        page = 1
        while True:
            params: dict[str, str | int | list[str]] = {
                "states[]": ["wait", "watch"],
                "page": page,
                "limit": ORDERS_A_PAGE,
                "order_by": "asc",
            }
            rows = self._read(parse.orders, self._client.get("orders/open", params, urgent=True))
            known = len(found)
            found.update((row.venue_id, row) for row in rows)
            if len(rows) < ORDERS_A_PAGE or len(found) == known:
                return [row for row in found.values() if wanted is None or row.symbol in wanted]
            page += 1

    def fills(self, since_ms: int, symbols: Iterable[str]) -> Sequence[tuple[VenueOrder, Fill]]:
        """Trades of `symbols` since `since_ms` (market clock), oldest first, of whoever's orders.

        Found through orders born up to a day before: an order that rested longer is found while it is open.
        """
        wanted = set(symbols)
        orders = {row.venue_id: row for row in self._closed(since_ms - RESTING_MS)}
        orders.update((row.venue_id, row) for row in self.open_orders())
        found = []
        for row in orders.values():
            if row.filled and row.symbol in wanted:
                whole = self._with_fills(row)
                found += [(whole, fill) for fill in whole.fills if fill.time_ms >= since_ms]
        return sorted(found, key=lambda pair: (pair[1].time_ms, pair[1].trade_id))

    def cancel(self, order: Order) -> None:
        """Asks for cancellation; it takes effect later, `find` tells. An order that has ended is no error."""
        by = {"uuid": order.venue_id} if order.venue_id else {"identifier": order.id}
        try:
            self._client.delete("order", by)
        except Refused as refused:
            if refused.code != "order_not_found":
                raise
        except OutcomeUnknown:
            # What Upbit answers for an order that has just ended is not documented: look whether it has.
            with suppress(VenueError):
                found = self.find(order)
                if found is not None and found.state in TERMINAL:
                    return
            raise

    # -- streams and the rest ------------------------------------------------------------------------------------------

    def watch(self, symbols: Sequence[str]) -> None:
        """Streams trades of `symbols`; their minimum, fee and state are read with the next `instruments`."""
        for symbol in symbols:
            self._market(symbol)
        self._listing.watched = tuple(symbols)
        self._client.loop.call_soon_threadsafe(self._streams.watch, tuple(symbols))

    def drain(self) -> StreamNews:
        """What the streams brought since the last call."""
        return self._inbox.drain()

    def requests_per_minute(self) -> int:
        """REST requests of the last 60 s."""
        return self._client.requests_per_minute()

    def close(self) -> None:
        """Ends streams, connections and the thread."""
        self._client.close()

    # -- inside --------------------------------------------------------------------------------------------------------

    def _body(self, order: Order) -> dict[str, str]:
        body = {
            "market": self._market(order.symbol),
            "side": "bid" if order.side == "buy" else "ask",
            "identifier": order.id,
            # Without it an own order of the other side is cancelled, and that one may be the person's, not ours.
            "smp_type": "none",
        }
        try:
            if order.limit is not None:
                return body | {
                    "ord_type": "limit",
                    "price": fields.plain(order.limit),
                    "volume": fields.plain(order.quantity),
                }
            if order.side == "sell":
                return body | {"ord_type": "market", "volume": fields.plain(order.quantity)}
            if order.funds is None:
                raise failure(Refused, "no_funds", self._access.lang)
            return body | {"ord_type": "price", "price": fields.plain(order.funds)}
        except fields.Unreadable:
            raise failure(Refused, "no_funds", self._access.lang) from None

    def _look_up(self, by: dict[str, str], client_id: str | None) -> VenueOrder | None:
        try:
            answer = self._client.get("order", by, urgent=True)
        except Refused as refused:
            if refused.code == "order_not_found":
                return None
            raise
        return self._read(lambda row: parse.order(row, client_id, self._listing.fee_rate), answer)

    def _with_fills(self, row: VenueOrder) -> VenueOrder:
        """The order with its trades; those of ended orders are kept, they do not change."""
        if row.venue_id in self._ended:
            return self._ended[row.venue_id]
        whole = self._look_up({"uuid": row.venue_id}, row.client_id)
        if whole is None:
            # One list shows the order and the other denies it: leaving it out would pass for proof of its absence.
            raise failure(TryLater, "unreadable", self._access.lang)
        if whole.fills_complete and whole.state in TERMINAL:
            self._ended[row.venue_id] = whole
            if len(self._ended) > KEPT_ORDERS:
                self._ended.popitem(last=False)
        return whole

    def _closed(self, since_ms: int) -> list[VenueOrder]:
        """Ended orders born since then, window by window; a full page is followed from its newest order on."""
        now = self._clock.market_ms()
        start, found = min(since_ms, now), dict[str, VenueOrder]()
        while start <= now:
            end = min(start + CLOSED_WINDOW_MS, now + 1000)
            params: dict[str, str | int | list[str]] = {
                "states[]": ["done", "cancel"],
                "start_time": start,
                "end_time": end,
                "limit": CLOSED_A_PAGE,
                "order_by": "asc",
            }
            rows = self._read(parse.orders, self._client.get("orders/closed", params, urgent=True))
            known = len(found)
            found.update((row.venue_id, row) for row in rows)
            if len(rows) < CLOSED_A_PAGE:
                start = end + 1 if end < now else now + 1
            else:
                newest = max(row.created_ms for row in rows)
                start = newest if len(found) > known and newest > start else max(newest, start) + 1000
        return list(found.values())

    def _ticker(self, markets: Iterable[str]) -> Any:
        return self._client.get("ticker", {"markets": ",".join(sorted(markets))}, group="ticker", urgent=True)

    def _market(self, symbol: str) -> str:
        try:
            return parse.market_of(symbol)
        except fields.Unreadable:
            raise failure(Refused, "notfoundmarket", self._access.lang) from None

    def _read(self, parser: Callable[[Any], T], answer: Any) -> T:
        """A parsed read; an unreadable one is no knowledge."""
        try:
            return parser(answer)
        except fields.Unreadable:
            raise failure(TryLater, "unreadable", self._access.lang) from None


def open_venue(
    *,
    key: str,
    secret: str,
    hosts: Mapping[str, str] | None,
    clock: Clock,
    lang: str,
    timeout_s: float,
    blocked: Mapping[str, int] | None,
    on_block: Callable[[str, int], None] | None,
    killpoint: Callable[[str], None],
) -> Venue:
    """The entry point of `exchanges.connect`; see there."""
    return UpbitVenue(
        Access(
            clock=clock,
            key=key,
            secret=secret,
            hosts=hosts,
            lang=lang,
            timeout_s=timeout_s,
            blocked=blocked,
            on_block=on_block,
            killpoint=killpoint,
        )
    )
