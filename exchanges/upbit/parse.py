"""Upbit's JSON -> the types of the port. Pure; money from strings to Decimal, never through float.

Every parser raises `fields.Unreadable` when a field is absent, of another type or out of range: nothing is known then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import numpy as np

from exchanges.upbit import fields
from exchanges.upbit.tables import CURRENCY, FEE_RATE, LOT_STEP, MIN_TOTAL, NAME, PLACES, TICKS
from trading.core.candles import Candles, empty
from trading.core.instrument import Instrument, Ticks
from trading.core.orders import Fill, State
from trading.core.ports import Balance, OrderBook, Tick, VenueOrder

Json = Any
ZERO: Final = Decimal(0)


# -- markets -----------------------------------------------------------------------------------------------------------


def symbol_of(market: str) -> str:
    """ "KRW-BTC" -> "BTC/KRW"."""
    quote, dash, base = market.partition("-")
    if not (quote and dash and base):
        raise fields.Unreadable("market")
    return f"{base}/{quote}"


def market_of(symbol: str) -> str:
    """ "BTC/KRW" -> "KRW-BTC"."""
    base, slash, quote = symbol.partition("/")
    if not (base and slash and quote):
        raise fields.Unreadable("symbol")
    return f"{quote}-{base}"


def listed(answer: Json) -> dict[str, Instrument]:
    """KRW markets by our symbol, with notices but the default ticks, minimum and fee.

    [{"market": "KRW-BTC", "korean_name": "비트코인", "english_name": "Bitcoin",
      "market_event": {"warning": false, "caution": {"PRICE_FLUCTUATIONS": false, ...}}}, ...]
    """
    found: dict[str, Instrument] = {}
    for row in fields.rows(answer):
        market = fields.text(row, "market")
        symbol = symbol_of(market)
        base, quote = symbol.split("/", 1)
        if quote != CURRENCY:
            continue
        event = row.get("market_event")
        event = event if isinstance(event, Mapping) else {}
        caution = event.get("caution")
        found[symbol] = Instrument(
            venue=NAME,
            symbol=symbol,
            market=market,
            base=base,
            quote=quote,
            ticks=TICKS,
            lot_step=LOT_STEP,
            min_notional=float(MIN_TOTAL),
            fee_rate=float(FEE_RATE),
            warned=event.get("warning") is True,
            caution=tuple(sorted(k for k, on in caution.items() if on is True)) if isinstance(caution, Mapping) else (),
            korean_name=str(row.get("korean_name") or ""),
        )
    if not found:
        raise fields.Unreadable("no KRW market")
    return found


def tick_sizes(answer: Json) -> dict[str, float]:
    """Tick at the present price, by our symbol.

    [{"market": "KRW-BTC", "quote_currency": "KRW", "tick_size": "1000", "supported_levels": ["0", "10000", ...]}, ...]
    """
    return {
        symbol_of(fields.text(row, "market")): float(fields.money(row, "tick_size", least=PLACES))
        for row in fields.rows(answer)
    }


def ticks_at(price: float | None, tick: float) -> Ticks:
    """Upbit's table, corrected in the band of `price` where this market has a rule of its own.

    Without a price the band is not known: then `tick` holds everywhere.
    """
    if price is None:
        return ((0.0, tick),)
    bounds = [bound for bound, _ in TICKS]
    place = next((i for i, bound in enumerate(bounds) if price >= bound), len(bounds) - 1)
    return tuple((bound, tick if i == place else usual) for i, (bound, usual) in enumerate(TICKS))


def chance(answer: Json) -> tuple[float, float, bool]:
    """(fee rate of a taker, minimum of an order in quote, whether the market trades).

    {"bid_fee": "0.0005", "ask_fee": "0.0005", "market": {"id": "KRW-BTC", "bid": {"currency": "KRW", "min_total":
     "5000"}, "ask": {..., "min_total": "5000"}, "max_total": "1000000000", "state": "active"}, ...}
    """
    row = fields.row(answer)
    market = fields.row(row.get("market"))
    fee = max(fields.money(row, "bid_fee"), fields.money(row, "ask_fee"))
    least = max(fields.money(fields.row(market.get(side)), "min_total") for side in ("bid", "ask"))
    if fee >= 1:
        raise fields.Unreadable("bid_fee")
    return float(fee), float(least), market.get("state") == "active"


# -- prices ------------------------------------------------------------------------------------------------------------


def tickers(answer: Json) -> dict[str, Tick]:
    """Last trade by our symbol; a price that is none is left out.

    [{"market": "KRW-BTC", "trade_timestamp": 1751327999833, "trade_price": 145759000.0, "trade_volume": 0.0023, ...}]
    """
    found = {}
    for row in fields.rows(answer):
        symbol = symbol_of(fields.text(row, "market"))
        price = fields.number_or(row, "trade_price", 0.0)
        if price > 0.0:
            quantity = fields.number_or(row, "trade_volume", 0.0)
            found[symbol] = Tick(symbol, fields.whole(row, "trade_timestamp"), price, quantity)
    return found


def trade(message: Json) -> tuple[Tick, int]:
    """A public trade of the stream and its number, by which a repeated one is known.

    {"type": "trade", "code": "KRW-BTC", "trade_timestamp": 1751327999833, "trade_price": 145759000.0, "trade_volume":
     0.0023, "ask_bid": "BID", "sequential_id": 17513279998330000, "stream_type": "REALTIME", ...}
    """
    row = fields.row(message)
    price = fields.number(row, "trade_price")
    if price <= 0.0:
        raise fields.Unreadable("trade_price")
    symbol = symbol_of(fields.text(row, "code"))
    tick = Tick(symbol, fields.whole(row, "trade_timestamp"), price, fields.number(row, "trade_volume"))
    return tick, fields.whole(row, "sequential_id")


def order_book(answer: Json) -> OrderBook:
    """Levels, best first; a side that is empty has size 0.

    [{"market": "KRW-BTC", "timestamp": 1751327999833, "orderbook_units": [{"ask_price": 145759000.0, "bid_price": ...,
      "ask_size": 0.02, "bid_size": ...}, ...]}]
    """
    rows = fields.rows(answer)
    if len(rows) != 1:
        raise fields.Unreadable("orderbook")
    row, units = rows[0], fields.rows(rows[0].get("orderbook_units"))
    sides = tuple(
        tuple(
            (fields.number(unit, f"{side}_price"), fields.number(unit, f"{side}_size"))
            for unit in units
            if unit.get(f"{side}_size")
        )
        for side in ("bid", "ask")
    )
    return OrderBook(symbol_of(fields.text(row, "market")), fields.whole(row, "timestamp"), sides[0], sides[1])


def candle_rows(answer: Json) -> list[tuple[int, float, float, float, float, float]]:
    """(open time, open, high, low, close, volume) as the venue sent them, newest first.

    [{"market": "KRW-BTC", "candle_date_time_utc": "2025-07-01T12:00:00", "opening_price": 145831000, "high_price": ...,
      "low_price": ..., "trade_price": 145759000, "candle_acc_trade_volume": 27.58904602, "unit": 1}, ...]
    """
    rows = []
    for row in fields.rows(answer):
        open_, high, low, close = (fields.number(row, f"{name}_price") for name in ("opening", "high", "low", "trade"))
        if not 0.0 < low <= min(open_, close) <= max(open_, close) <= high:
            raise fields.Unreadable("a candle whose prices contradict each other")
        time = fields.moment(fields.text(row, "candle_date_time_utc") + "+00:00")
        rows.append((time, open_, high, low, close, fields.number(row, "candle_acc_trade_volume")))
    return rows


def candles(rows: Sequence[tuple[int, float, float, float, float, float]], length_ms: int) -> Candles:
    """Rows of `candle_rows` in any order -> oldest first, one per open time (the first seen is the latest state)."""
    if not rows:
        return empty(length_ms)
    once = {row[0]: row for row in reversed(rows)}
    table = [once[time] for time in sorted(once)]
    open_, high, low, close, volume = np.array([row[1:] for row in table], np.float64).T.copy()
    return Candles(np.array([row[0] for row in table], np.int64), open_, high, low, close, volume, length_ms)


# -- the account -------------------------------------------------------------------------------------------------------


def balances(answer: Json) -> dict[str, Balance]:
    """By asset; an empty list is no knowledge.

    [{"currency": "KRW", "balance": "1000000.0", "locked": "0.0", "avg_buy_price": "0", "avg_buy_price_modified": true,
      "unit_currency": "KRW"}, ...]; `balance` excludes `locked`.
    """
    found: dict[str, Balance] = {}
    for row in fields.rows(answer):
        asset = fields.text(row, "currency")
        if asset in found:
            raise fields.Unreadable("an asset listed twice")
        average = fields.money(row, "avg_buy_price") if row.get("unit_currency") == CURRENCY else ZERO
        found[asset] = Balance(asset, fields.money(row, "balance"), fields.money(row, "locked"), average)
    if not found:
        raise fields.Unreadable("no balance")
    return found


def usual_fee(_symbol: str) -> Decimal:
    """The fee rate of the KRW market."""
    return FEE_RATE


def order(answer: Json, client_id: str | None = None, fee_rate: Callable[[str], Decimal] = usual_fee) -> VenueOrder:
    """An order; `client_id` where the answer carries no identifier although we asked by it. fee_rate: by symbol.

    {"market": "KRW-BTC", "uuid": "...", "side": "bid", "ord_type": "limit", "price": "155772000", "state": "wait",
     "created_at": "2025-08-09T16:52:49+09:00", "volume": "0.0001", "executed_volume": "0", "paid_fee": "0",
     "trades_count": 0, "identifier": "...", "trades": [...]}; only a look-up of one order carries `trades`.

    The state follows what was executed, not its name: a market buy ends as `cancel` because change is left over. It is
    terminal only when the trades shown add up to the executed volume, so that a late trade list is asked for again.
    """
    row = fields.row(answer)
    symbol = symbol_of(fields.text(row, "market"))
    side = fields.side_of(row)
    executed = fields.money(row, "executed_volume")
    name = row.get("identifier")
    name = name if isinstance(name, str) and name else client_id
    state, shown = fields.text(row, "state"), row.get("trades")
    trades = fields.rows(shown) if shown is not None else []
    whole = shown is not None and sum((fields.money(t, "volume") for t in trades), ZERO) == executed
    return VenueOrder(
        venue_id=fields.text(row, "uuid"),
        client_id=name,
        symbol=symbol,
        side=side,
        type=fields.text(row, "ord_type"),
        state=_state(row, executed, trusted=whole or shown is None),
        price=fields.maybe(row, "price"),
        quantity=fields.maybe(row, "volume"),
        filled=executed,
        created_ms=fields.moment(fields.text(row, "created_at")),
        fills=_fills(row, trades, name, fee_rate(symbol), final=whole and state in ("done", "cancel")),
        fills_complete=whole,
    )


def orders(answer: Json) -> list[VenueOrder]:
    """A list of orders without trades (`orders/open`, `orders/closed`)."""
    return [order(row) for row in fields.rows(answer)]


def split_fee(paid: Decimal | None, funds: Sequence[Decimal], rate: Decimal = FEE_RATE) -> list[Decimal]:
    """The fee of each trade, of which Upbit tells only the sum: funds x rate.

    A fill is booked once, perhaps while the order still rests, so a trade's fee must not depend on later trades. When
    the order is done (`paid` given) what rounding left goes to the last trade, so that the fees add up to `paid`; where
    the venue charged another rate (`paid` is off by more than a millionth of the funds), the parts follow that rate.
    """
    if not funds:
        return []
    total = sum(funds, ZERO)
    if paid is not None and total:
        left = paid - sum(funds[:-1], ZERO) * rate
        if left < 0 or abs(paid - total * rate) > total / 1_000_000:
            rate = paid / total
    fees = [part * rate for part in funds]
    if paid is not None:
        fees[-1] = max(ZERO, paid - sum(fees[:-1], ZERO))
    return fees


def _state(row: Mapping[str, Any], executed: Decimal, trusted: bool) -> State:
    state = fields.text(row, "state")
    if state not in ("wait", "watch", "done", "cancel"):
        raise fields.Unreadable("state")
    if state in ("wait", "watch") or not trusted:
        return State.PARTIAL if executed else State.OPEN
    volume = fields.maybe(row, "volume")
    if executed and (volume is None or executed >= volume):
        return State.FILLED
    return State.CANCELLED


def _fills(
    row: Mapping[str, Any], trades: list[Mapping[str, Any]], name: str | None, fee_rate: Decimal, final: bool
) -> tuple[Fill, ...]:
    """Trades, oldest first; those of a foreign order carry the venue's id of it.

    final: the order has ended and all its trades are here, so `paid_fee` is their sum.

    {"market": "KRW-USDT", "uuid": "...", "price": "1375", "volume": "5.377594", "funds": "7394.19175", "trend": "down",
     "created_at": "2025-08-09T16:44:00.597751+09:00", "side": "ask"}
    """
    ordered = sorted(
        ((fields.moment(fields.text(t, "created_at")), fields.text(t, "uuid"), t) for t in trades), key=lambda t: t[:2]
    )
    if any(a[1] == b[1] for a, b in pairwise(sorted(ordered, key=lambda t: t[1]))):
        raise fields.Unreadable("a trade listed twice")
    funds = [fields.money(t, "funds") for _, _, t in ordered]
    fees = split_fee(fields.money(row, "paid_fee") if final else None, funds, fee_rate)
    symbol, side = symbol_of(fields.text(row, "market")), fields.side_of(row)
    quote = symbol.split("/", 1)[1]
    return tuple(
        Fill(
            venue=NAME,
            order_id=name or fields.text(row, "uuid"),
            trade_id=uuid,
            symbol=symbol,
            side=side,
            price=fields.money(trade, "price"),
            quantity=fields.money(trade, "volume"),
            fee=fee,
            fee_asset=quote,
            time_ms=time,
        )
        for (time, uuid, trade), fee in zip(ordered, fees, strict=True)
    )
