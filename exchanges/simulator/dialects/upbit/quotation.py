"""Upbit's public REST endpoints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from exchanges.simulator.candles import Candle, fixed_grid, month_grid, sum_up, week_grid, year_grid
from exchanges.simulator.dialects.upbit.desk import Desk, Reply, Request, Route
from exchanges.simulator.dialects.upbit.errors import (
    INVALID_VALUE,
    MISSING_PARAMETER,
    TYPE_MISMATCH,
    quotation_error,
)
from exchanges.simulator.dialects.upbit.figures import Figures, figures_of, previous_close
from exchanges.simulator.dialects.upbit.formats import kst_text, moment, number, rounded, trimmed, utc_text
from exchanges.simulator.dialects.upbit.levels import grouped_units
from exchanges.simulator.dialects.upbit.ticks import QUOTE, supported_levels
from exchanges.simulator.market import Market, Trade
from exchanges.simulator.tape import DAY_MS, MINUTE_MS

CAUTIONS = (
    "PRICE_FLUCTUATIONS",
    "TRADING_VOLUME_SOARING",
    "DEPOSIT_AMOUNT_SOARING",
    "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
)
MINUTE_UNITS = (1, 3, 5, 10, 15, 30, 60, 240)
MAX_CANDLES = 200


def whole_number(text: str | None, default: int, lowest: int, highest: int) -> int:
    """A count in bounds. Raises UpbitError 400 for text that is no whole number or lies outside."""
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise quotation_error(TYPE_MISMATCH) from None
    if not lowest <= value <= highest:
        raise quotation_error(INVALID_VALUE)
    return value


def parse_end(text: str | None, now_ms: int) -> int:
    """The exclusive end `to` in ms: 2025-06-24T04:56:53Z, 2025-06-24 04:56:53 (UTC), or with an offset."""
    if text is None or not text:
        return now_ms + 1
    try:
        parsed = datetime.fromisoformat(text.strip().replace(" 09:00", "+09:00"))
    except ValueError:
        raise quotation_error(INVALID_VALUE) from None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return min(max(int(aware.timestamp() * 1000), 1), now_ms + 1)


def required_market(desk: Desk, request: Request) -> Market:
    """The market named by `market`. Raises UpbitError 400 without one, 404 for an unknown one."""
    code = request.first("market")
    if not code:
        raise quotation_error(MISSING_PARAMETER)
    return desk.quoted_market(code)


def required_markets(desk: Desk, request: Request) -> list[Market]:
    """The markets named by `markets` (comma separated or repeated)."""
    codes = request.split("markets")
    if not codes:
        raise quotation_error(MISSING_PARAMETER)
    return [desk.quoted_market(code) for code in codes]


def market_all(desk: Desk, request: Request) -> Reply:
    """GET /v1/market/all"""
    wanted = request.first("is_details") or request.first("isDetails") or "false"
    details = wanted.lower() == "true"
    return 200, [_listing(market, details) for market in desk.exchange.markets.values() if not market.marks.delisted]


def _listing(market: Market, details: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "market": market.code,
        "korean_name": market.coin.korean_name,
        "english_name": market.coin.english_name,
    }
    if details:
        cautions = {name: name in market.marks.cautions for name in CAUTIONS}
        entry["market_event"] = {"warning": market.marks.warning, "caution": cautions}
    return entry


def ticker(desk: Desk, request: Request) -> Reply:
    """GET /v1/ticker"""
    return 200, [ticker_view(market, request.now_ms) for market in required_markets(desk, request)]


def ticker_all(desk: Desk, request: Request) -> Reply:
    """GET /v1/ticker/all"""
    quotes = request.split("quote_currencies")
    if not quotes:
        raise quotation_error(MISSING_PARAMETER)
    markets = desk.exchange.markets.values() if QUOTE in quotes else ()
    return 200, [ticker_view(market, request.now_ms) for market in markets if not market.marks.delisted]


def ticker_view(market: Market, now_ms: int) -> dict[str, Any]:
    """One ticker of the REST API."""
    figures = figures_of(market, now_ms)
    at = figures.trade_ms
    return {
        "market": market.code,
        "trade_date": f"{moment(at):%Y%m%d}",
        "trade_time": f"{moment(at):%H%M%S}",
        "trade_date_kst": kst_text(at)[:10].replace("-", ""),
        "trade_time_kst": kst_text(at)[11:].replace(":", ""),
        "trade_timestamp": at,
        "opening_price": number(figures.opening),
        "high_price": number(figures.high),
        "low_price": number(figures.low),
        "trade_price": number(figures.price),
        "prev_closing_price": number(figures.previous_close),
        **_change(figures),
        "trade_volume": float(figures.trade_volume),
        "acc_trade_price": rounded(figures.day_value),
        "acc_trade_price_24h": rounded(figures.value_24h),
        "acc_trade_volume": rounded(figures.day_volume),
        "acc_trade_volume_24h": rounded(figures.volume_24h),
        "highest_52_week_price": number(figures.year_high),
        "highest_52_week_date": utc_text(figures.year_high_ms)[:10],
        "lowest_52_week_price": number(figures.year_low),
        "lowest_52_week_date": utc_text(figures.year_low_ms)[:10],
        "timestamp": at,
    }


def _change(figures: Figures) -> dict[str, Any]:
    signed, rate = figures.signed_change, figures.signed_rate
    return {
        "change": figures.change,
        "change_price": number(abs(signed)),
        "change_rate": abs(rate),
        "signed_change_price": number(signed),
        "signed_change_rate": rate,
    }


def candle_minutes(desk: Desk, request: Request) -> Reply:
    """GET /v1/candles/minutes/{unit}"""
    unit = whole_number(request.path.get("unit"), 1, 1, 240)
    if unit not in MINUTE_UNITS:
        raise quotation_error(INVALID_VALUE)
    market, candles = _candles(desk, request, fixed_grid(unit * MINUTE_MS), unit * MINUTE_MS)
    return 200, [candle_view(market, candle) | {"unit": unit} for candle in candles]


def candle_days(desk: Desk, request: Request) -> Reply:
    """GET /v1/candles/days"""
    market, candles = _candles(desk, request, fixed_grid(DAY_MS), DAY_MS, extra=1)
    count = whole_number(request.first("count"), 1, 1, MAX_CANDLES)
    convert = request.first("converting_price_unit") == "KRW"
    views = []
    for at, candle in enumerate(candles[:count]):
        before = candles[at + 1].close if at + 1 < len(candles) else candle.open
        change = round(candle.close - before, 8)
        view = candle_view(market, candle) | {
            "prev_closing_price": number(before),
            "change_price": number(change),
            "change_rate": round(change / before, 10),
        }
        if convert:
            view["converted_trade_price"] = number(candle.close)
        views.append(view)
    return 200, views


def _periods(grid: Callable[[int], int], unit_ms: int) -> Callable[[Desk, Request], Reply]:
    def handler(desk: Desk, request: Request) -> Reply:
        """GET /v1/candles/weeks, months and years"""
        market, candles = _candles(desk, request, grid, unit_ms)
        return 200, [
            candle_view(market, candle) | {"first_day_of_period": utc_text(candle.open_ms)[:10]} for candle in candles
        ]

    return handler


def candle_seconds(desk: Desk, request: Request) -> Reply:
    """GET /v1/candles/seconds (as far back as the kept trades reach)"""
    market = required_market(desk, request)
    count = whole_number(request.first("count"), 1, 1, MAX_CANDLES)
    end = parse_end(request.first("to"), request.now_ms)
    candles = second_candles(market, end, count)
    return 200, [candle_view(market, candle) for candle in candles]


def second_candles(market: Market, end_ms: int, count: int) -> list[Candle]:
    """The newest `count` one-second candles that open before `end_ms`, newest first."""
    grid = fixed_grid(1_000)
    singles = (_of_trade(trade) for trade in reversed(market.trades) if grid(trade.at_ms) < end_ms)
    return sum_up(singles, grid, count)


def _of_trade(trade: Trade) -> Candle:
    price = float(trade.price)
    quantity = float(trade.quantity)
    return Candle(trade.at_ms, price, price, price, price, quantity, price * quantity, trade.at_ms)


def _candles(
    desk: Desk, request: Request, grid: Callable[[int], int], unit_ms: int, extra: int = 0
) -> tuple[Market, list[Candle]]:
    market = required_market(desk, request)
    count = whole_number(request.first("count"), 1, 1, MAX_CANDLES)
    end = parse_end(request.first("to"), request.now_ms)
    return market, market.candles.latest(grid, unit_ms, end, count + extra)


def candle_view(market: Market, candle: Candle) -> dict[str, Any]:
    """The fields that candles of every unit share."""
    return {
        "market": market.code,
        "candle_date_time_utc": utc_text(candle.open_ms),
        "candle_date_time_kst": kst_text(candle.open_ms),
        "opening_price": number(candle.open),
        "high_price": number(candle.high),
        "low_price": number(candle.low),
        "trade_price": number(candle.close),
        "timestamp": candle.last_ms,
        "candle_acc_trade_price": rounded(candle.value),
        "candle_acc_trade_volume": rounded(candle.volume),
    }


def orderbook(desk: Desk, request: Request) -> Reply:
    """GET /v1/orderbook"""
    level = _level(request.first("level"))
    count = whole_number(request.first("count"), 30, 1, 30)
    return 200, [_book_view(market, request.now_ms, level, count) for market in required_markets(desk, request)]


def _level(text: str | None) -> Decimal:
    try:
        level = Decimal(text or "0")
    except ArithmeticError:
        raise quotation_error(TYPE_MISMATCH) from None
    if not level.is_finite() or level < 0:
        raise quotation_error(INVALID_VALUE)
    return level


def _book_view(market: Market, now_ms: int, level: Decimal, count: int) -> dict[str, Any]:
    if level and level not in supported_levels(market.tick(market.last)):
        raise quotation_error(INVALID_VALUE)
    units, ask_total, bid_total = grouped_units(market.book(), level, count)
    return {
        "market": market.code,
        "timestamp": market.trades[-1].at_ms if market.trades else now_ms,
        "total_ask_size": ask_total,
        "total_bid_size": bid_total,
        "orderbook_units": [{name: number(value) for name, value in unit.items()} for unit in units],
        "level": number(level),
    }


def instruments(desk: Desk, request: Request) -> Reply:
    """GET /v1/orderbook/instruments"""
    views = []
    for market in required_markets(desk, request):
        tick = market.tick(market.last)
        views.append(
            {
                "market": market.code,
                "quote_currency": QUOTE,
                "tick_size": trimmed(tick),
                "supported_levels": [trimmed(level) for level in supported_levels(tick)],
            }
        )
    return 200, views


def trades(desk: Desk, request: Request) -> Reply:
    """GET /v1/trades/ticks (as far back as the kept trades reach)"""
    market = required_market(desk, request)
    count = whole_number(request.first("count"), 1, 1, 500)
    days_ago = whole_number(request.first("days_ago"), 0, 0, 7)
    cursor = request.first("cursor")
    end = _trades_end(request, days_ago)
    chosen = [
        trade
        for trade in reversed(market.trades)
        if trade.at_ms <= end and (cursor is None or trade.number < whole_number(cursor, 0, 0, 10**18))
    ]
    return 200, [_trade_view(market, trade, request.now_ms) for trade in chosen[:count]]


def _trades_end(request: Request, days_ago: int) -> int:
    """The last ms of the wanted trades: `to` is a time of day (UTC), HHmmss or HH:mm:ss, of `days_ago`."""
    midnight = request.now_ms - request.now_ms % DAY_MS - days_ago * DAY_MS
    text = (request.first("to") or "").replace(":", "")
    if not text:
        return request.now_ms if days_ago == 0 else midnight + DAY_MS - 1
    if len(text) != 6 or not text.isdecimal():
        raise quotation_error(INVALID_VALUE)
    return midnight + (int(text[:2]) * 3600 + int(text[2:4]) * 60 + int(text[4:])) * 1000


def _trade_view(market: Market, trade: Trade, now_ms: int) -> dict[str, Any]:
    before = previous_close(market, now_ms)
    return {
        "market": market.code,
        "trade_date_utc": utc_text(trade.at_ms)[:10],
        "trade_time_utc": utc_text(trade.at_ms)[11:],
        "timestamp": trade.at_ms,
        "trade_price": number(trade.price),
        "trade_volume": float(trade.quantity),
        "prev_closing_price": number(before),
        "change_price": number(round(float(trade.price) - before, 8)),
        "ask_bid": "BID" if trade.taker == "buy" else "ASK",
        "sequential_id": trade.number,
    }


ROUTES = (
    Route("GET", "/v1/market/all", "market", market_all),
    Route("GET", "/v1/ticker", "ticker", ticker),
    Route("GET", "/v1/ticker/all", "ticker", ticker_all),
    Route("GET", "/v1/candles/seconds", "candles", candle_seconds),
    Route("GET", "/v1/candles/minutes/{unit}", "candles", candle_minutes),
    Route("GET", "/v1/candles/minutes", "candles", candle_minutes),
    Route("GET", "/v1/candles/days", "candles", candle_days),
    Route("GET", "/v1/candles/weeks", "candles", _periods(week_grid, 7 * DAY_MS)),
    Route("GET", "/v1/candles/months", "candles", _periods(month_grid, 31 * DAY_MS)),
    Route("GET", "/v1/candles/years", "candles", _periods(year_grid, 366 * DAY_MS)),
    Route("GET", "/v1/orderbook", "orderbook", orderbook),
    Route("GET", "/v1/orderbook/instruments", "orderbook", instruments),
    Route("GET", "/v1/trades/ticks", "trades", trades),
)
