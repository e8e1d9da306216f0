"""The contents of Upbit's WebSocket messages, and their short field names."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from exchanges.simulator.accounts import Balance
from exchanges.simulator.candles import Candle, fixed_grid
from exchanges.simulator.dialects.upbit.figures import figures_of, previous_close
from exchanges.simulator.dialects.upbit.formats import kst_text, moment, ord_type, rounded, utc_text
from exchanges.simulator.dialects.upbit.levels import grouped_units
from exchanges.simulator.dialects.upbit.quotation import second_candles
from exchanges.simulator.market import Market, Trade
from exchanges.simulator.orders import Event
from exchanges.simulator.tape import MINUTE_MS

if TYPE_CHECKING:
    from exchanges.simulator.dialects.upbit.subscriptions import Channel

PUBLIC_TYPES = ("ticker", "trade", "orderbook")
PRIVATE_TYPES = ("myOrder", "myAsset")
CANDLE_UNITS = {"1s": 0, "1m": 1, "3m": 3, "5m": 5, "10m": 10, "15m": 15, "30m": 30, "60m": 60, "240m": 240}

SHORT = {
    "type": "ty",
    "code": "cd",
    "opening_price": "op",
    "high_price": "hp",
    "low_price": "lp",
    "trade_price": "tp",
    "prev_closing_price": "pcp",
    "change": "c",
    "change_price": "cp",
    "signed_change_price": "scp",
    "change_rate": "cr",
    "signed_change_rate": "scr",
    "trade_volume": "tv",
    "acc_trade_volume": "atv",
    "acc_trade_volume_24h": "atv24h",
    "acc_trade_price": "atp",
    "acc_trade_price_24h": "atp24h",
    "trade_date": "tdt",
    "trade_time": "ttm",
    "trade_timestamp": "ttms",
    "ask_bid": "ab",
    "acc_ask_volume": "aav",
    "acc_bid_volume": "abv",
    "highest_52_week_price": "h52wp",
    "highest_52_week_date": "h52wdt",
    "lowest_52_week_price": "l52wp",
    "lowest_52_week_date": "l52wdt",
    "market_state": "ms",
    "is_trading_suspended": "its",
    "delisting_date": "dd",
    "market_warning": "mw",
    "timestamp": "tms",
    "stream_type": "st",
    "total_ask_size": "tas",
    "total_bid_size": "tbs",
    "orderbook_units": "obu",
    "ask_price": "ap",
    "bid_price": "bp",
    "ask_size": "as",
    "bid_size": "bs",
    "level": "lv",
    "candle_date_time_utc": "cdttmu",
    "candle_date_time_kst": "cdttmk",
    "candle_acc_trade_volume": "catv",
    "candle_acc_trade_price": "catp",
    "sequential_id": "sid",
    "uuid": "uid",
    "order_type": "ot",
    "state": "s",
    "trade_uuid": "tuid",
    "price": "p",
    "avg_price": "ap",
    "volume": "v",
    "remaining_volume": "rv",
    "executed_volume": "ev",
    "trades_count": "tc",
    "reserved_fee": "rsf",
    "remaining_fee": "rmf",
    "paid_fee": "pf",
    "locked": "l",
    "executed_funds": "ef",
    "time_in_force": "tif",
    "trade_fee": "tf",
    "is_maker": "im",
    "identifier": "id",
    "smp_type": "smpt",
    "prevented_volume": "pv",
    "prevented_locked": "pl",
    "order_timestamp": "otms",
    "asset_uuid": "astuid",
    "assets": "ast",
    "currency": "cu",
    "balance": "b",
    "asset_timestamp": "asttms",
}
EVENT_STATES = {"accepted": "wait", "trade": "trade", "done": "done", "cancelled": "cancel", "prevented": "prevented"}


def shortened(message: dict[str, Any]) -> dict[str, Any]:
    """A message with its short field names (SIMPLE). A trade says its date with "td" and its market twice, as the
    published sample ("mk") and the field list ("cd") do."""
    short: dict[str, Any] = {}
    for name, value in message.items():
        if isinstance(value, list):
            value = [shortened(part) if isinstance(part, dict) else part for part in value]
        short["td" if name == "trade_date" and message["type"] == "trade" else SHORT.get(name, name)] = value
    if message.get("type") == "trade":
        short["mk"] = message["code"]
    return short


def state(channel: Channel, market: Market, now_ms: int, stream_type: str) -> dict[str, Any] | None:
    """The newest state of a ticker, an order book or a candle; None where there is none yet."""
    if channel.type == "ticker":
        return ticker(market, now_ms, stream_type)
    if channel.type == "orderbook":
        return orderbook(market, now_ms, channel.units.get(market.code, 15), channel.level, stream_type)
    return candle(market, channel.type, now_ms, stream_type)


def ticker(market: Market, now_ms: int, stream_type: str) -> dict[str, Any]:
    """type ticker"""
    figures = figures_of(market, now_ms)
    marks = market.marks
    bought = rounded(min(market.bought_since(now_ms), figures.day_volume))
    return {
        "type": "ticker",
        "code": market.code,
        "opening_price": float(figures.opening),
        "high_price": float(figures.high),
        "low_price": float(figures.low),
        "trade_price": float(figures.price),
        "prev_closing_price": float(figures.previous_close),
        "acc_trade_price": rounded(figures.day_value),
        "change": figures.change,
        "change_price": abs(figures.signed_change),
        "signed_change_price": figures.signed_change,
        "change_rate": abs(figures.signed_rate),
        "signed_change_rate": figures.signed_rate,
        "ask_bid": "BID" if figures.taker == "buy" else "ASK",
        "trade_volume": float(figures.trade_volume),
        "acc_trade_volume": rounded(figures.day_volume),
        "trade_date": f"{moment(figures.trade_ms):%Y%m%d}",
        "trade_time": f"{moment(figures.trade_ms):%H%M%S}",
        "trade_timestamp": figures.trade_ms,
        "acc_ask_volume": rounded(figures.day_volume - bought),
        "acc_bid_volume": bought,
        "highest_52_week_price": float(figures.year_high),
        "highest_52_week_date": utc_text(figures.year_high_ms)[:10],
        "lowest_52_week_price": float(figures.year_low),
        "lowest_52_week_date": utc_text(figures.year_low_ms)[:10],
        "market_state": "DELISTED" if marks.delisted else "ACTIVE",
        "is_trading_suspended": market.fixed,
        "delisting_date": marks.delisting_date,
        "market_warning": "CAUTION" if marks.warning else "NONE",
        "timestamp": now_ms,
        "acc_trade_price_24h": rounded(figures.value_24h),
        "acc_trade_volume_24h": rounded(figures.volume_24h),
        "stream_type": stream_type,
    }


def trade(market: Market, one: Trade, now_ms: int, stream_type: str) -> dict[str, Any]:
    """type trade"""
    before = previous_close(market, now_ms)
    change = round(float(one.price) - before, 8)
    return {
        "type": "trade",
        "code": market.code,
        "timestamp": one.at_ms,
        "trade_date": utc_text(one.at_ms)[:10],
        "trade_time": utc_text(one.at_ms)[11:],
        "trade_timestamp": one.at_ms,
        "trade_price": float(one.price),
        "trade_volume": float(one.quantity),
        "ask_bid": "BID" if one.taker == "buy" else "ASK",
        "prev_closing_price": before,
        "change": "RISE" if change > 0 else "FALL" if change < 0 else "EVEN",
        "change_price": abs(change),
        "sequential_id": one.number,
        "stream_type": stream_type,
    }


def orderbook(market: Market, now_ms: int, count: int, level: float, stream_type: str) -> dict[str, Any]:
    """type orderbook"""
    units, asks, bids = grouped_units(market.book(), Decimal(repr(level)), count)
    return {
        "type": "orderbook",
        "code": market.code,
        "timestamp": now_ms,
        "total_ask_size": asks,
        "total_bid_size": bids,
        "orderbook_units": [{name: float(value) for name, value in unit.items()} for unit in units],
        "level": level,
        "stream_type": stream_type,
    }


def candle(market: Market, kind: str, now_ms: int, stream_type: str) -> dict[str, Any] | None:
    """type candle.{unit}: the newest candle that has a trade"""
    minutes = CANDLE_UNITS[kind.removeprefix("candle.")]
    newest: list[Candle]
    if minutes:
        unit_ms = minutes * MINUTE_MS
        newest = market.candles.latest(fixed_grid(unit_ms), unit_ms, now_ms + 1, 1)
    else:
        newest = second_candles(market, now_ms + 1, 1)
    if not newest:
        return None
    one = newest[0]
    return {
        "type": kind,
        "code": market.code,
        "candle_date_time_utc": utc_text(one.open_ms),
        "candle_date_time_kst": kst_text(one.open_ms),
        "opening_price": float(one.open),
        "high_price": float(one.high),
        "low_price": float(one.low),
        "trade_price": float(one.close),
        "candle_acc_trade_volume": rounded(one.volume),
        "candle_acc_trade_price": rounded(one.value),
        "timestamp": one.last_ms,
        "stream_type": stream_type,
    }


def my_order(event: Event, now_ms: int, always_smp: bool) -> dict[str, Any]:
    """type myOrder: for a trade, price and volume are those of the fill"""
    order, fill = event.order, event.fill
    price = fill.price if fill else order.price if order.price is not None else order.amount
    average = order.executed_funds / order.executed if order.executed else None
    return {
        "type": "myOrder",
        "code": order.market,
        "uuid": order.order_id,
        "ask_bid": "BID" if order.side == "buy" else "ASK",
        "order_type": ord_type(order),
        "state": EVENT_STATES[event.kind],
        "trade_uuid": fill.trade_id if fill else None,
        "price": _float(price),
        "avg_price": _float(average) if average is not None else 0.0,
        "volume": _float(fill.quantity if fill else order.quantity),
        "remaining_volume": _float(order.remaining),
        "executed_volume": float(order.executed),
        "trades_count": len(order.fills),
        "reserved_fee": float(order.reserved_fee),
        "remaining_fee": float(order.remaining_fee),
        "paid_fee": float(order.paid_fee),
        "locked": float(order.locked),
        "executed_funds": float(order.executed_funds),
        "time_in_force": order.time_in_force,
        "trade_fee": _float(fill.fee if fill else None),
        "is_maker": fill.maker if fill else None,
        "identifier": order.client_id,
        "smp_type": order.self_trade if order.said_self_trade or always_smp else None,
        "prevented_volume": float(order.prevented),
        "prevented_locked": float(order.prevented_locked),
        "trade_timestamp": fill.at_ms if fill else None,
        "order_timestamp": order.created_ms,
        "timestamp": max(now_ms, order.created_ms),
        "stream_type": "REALTIME",
    }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def my_asset(changed: dict[str, Balance], event_id: str, now_ms: int) -> dict[str, Any]:
    """type myAsset: the assets that changed"""
    return {
        "type": "myAsset",
        "asset_uuid": event_id,
        "assets": [
            {"currency": asset, "balance": float(balance.free), "locked": float(balance.locked)}
            for asset, balance in changed.items()
        ],
        "asset_timestamp": now_ms,
        "timestamp": now_ms,
        "stream_type": "REALTIME",
    }
