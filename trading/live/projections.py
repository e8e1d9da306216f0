"""From a desk to the files other processes read: portfolio and status of one venue. Pure reading, no effects."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from trading.core import levels
from trading.core.orders import Order, OrderEvent
from trading.core.portfolio import Position, Trade
from trading.core.sizing import kelly_fraction
from trading.core.walk import stop_of, take_of
from trading.ipc import portfolio as files
from trading.ipc.history import TradeLine
from trading.ipc.status import VenueStatus
from trading.live.desk import Desk
from trading.trader import Trader

HUNDRED: Final = Decimal(100)


def decimal_of(value: float) -> Decimal | None:
    """A float of the deciding side for a file; None where it is not a number."""
    return Decimal(repr(value)) if math.isfinite(value) else None


def last_price(desk: Desk, symbol: str) -> Decimal | None:
    """The last trade seen, quote."""
    price = desk.feed.last_price(symbol)
    return None if price is None else Decimal(repr(price))


def slippage_percent(order: Order, price: Decimal) -> float:
    """How much worse than the price the path named a fill was, in percent; negative = better."""
    if not order.price:
        return 0.0
    against = price - order.price if order.side == "buy" else order.price - price
    return round(float(HUNDRED * against / order.price), 4)


def fill_row(event: OrderEvent, trade: Trade | None) -> files.Trade:
    """One fill for trade_history; `trade`: the round trip it closed."""
    order, fill = event.order, event.fill
    assert fill is not None
    return files.trade(
        time_ms=fill.time_ms,
        symbol=fill.symbol,
        type="BUY" if fill.side == "buy" else "SELL",
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        reason=order.reason,
        strategy=order.strategy,
        slippage_percent=slippage_percent(order, fill.price),
        pnl=None if trade is None else trade.pnl,
        pnl_percent=None if trade is None else round(float(trade.pnl_percent), 4),
    )


def _position(desk: Desk, trader: Trader, position: Position, now_ms: int) -> files.Position:
    walk = trader.walks[position.symbol]
    stop, reason = stop_of(position, now_ms, trader.knobs, walk.instrument)
    price = last_price(desk, position.symbol)
    pnl = None if price is None else position.unrealized(price)
    return files.Position(
        market=walk.instrument.market,
        book=position.book,
        side="long" if position.side > 0 else "short",
        quantity=position.quantity,
        entry_price=position.entry_price,
        entry_ms=position.entry_ms,
        last_price=price,
        high_water=decimal_of(position.high_water),
        stop=decimal_of(stop),
        stop_reason=levels.REASONS[reason],
        take_profit=decimal_of(take_of(position, now_ms, trader.knobs, walk.instrument)),
        guarded_by="none" if desk.guard.alarm or desk.state == "halted" else "bot",
        pnl=pnl,
        pnl_percent=None if pnl is None else round(float(HUNDRED * pnl / position.open_cost), 4),
        strategy=position.strategy,
        leverage=position.leverage,
    )


def _open_order(order: Order) -> files.OpenOrder:
    return files.OpenOrder(
        id=order.id,
        venue_id=order.venue_id,
        symbol=order.symbol,
        side=order.side,
        type="market" if order.limit is None else "limit",
        price=order.limit,
        quantity=order.quantity,
        filled=order.filled,
        state=order.state.value,
        created_ms=order.created_ms,
    )


def portfolio_of(desk: Desk, trader: Trader, history: Iterable[files.Trade], now_ms: int) -> files.Portfolio:
    """<venue>_portfolio.json of `desk`."""
    book = trader.portfolio
    prices = {symbol: price for symbol in book.positions if (price := last_price(desk, symbol)) is not None}
    equity = book.equity(prices)
    capital = Decimal(repr(trader.account.capital))
    unrealized = sum((book.positions[symbol].unrealized(price) for symbol, price in prices.items()), Decimal(0))
    currency = desk.venue.capabilities.currency
    foreign = {
        f"{asset}/{currency}": files.Foreign(quantity=held.quantity, average_price=held.average_price or None)
        for asset, held in desk.reconciled.foreign.items()
        if asset != currency
    }
    return files.portfolio(
        venue=desk.name,
        currency=currency,
        initial_capital=capital,
        current_capital=book.cash,
        equity=equity,
        realized_pnl=book.realized,
        unrealized_pnl=unrealized,
        details={symbol: _position(desk, trader, held, now_ms) for symbol, held in book.positions.items()},
        foreign=foreign,
        metadata=files.Metadata(
            strategy=trader.rule.strategy.name,
            preset=desk.charge.preset,
            timeframe=desk.charge.timeframe,
            selected_symbols=desk.listing.symbols,
        ),
        open_orders=tuple(_open_order(order) for order in desk.execution.live),
        trade_history=tuple(history),
    )


def beside_prices(desk: Desk, trader: Trader) -> object:
    """All that the portfolio file shows and that no price moves: equal for two looks between which only prices did."""
    book = trader.portfolio
    held = tuple((symbol, position.quantity) for symbol, position in book.positions.items())
    shown = (desk.charge, desk.listing.symbols, desk.state, desk.reconciled.foreign, desk.execution.live)
    return (*shown, book.cash, book.realized, trader.account.capital, held)


def status_of(desk: Desk, regime: str | None, condition: str | None) -> VenueStatus:
    """One venue's part of bot_status.json."""
    trader, knobs = desk.trader, desk.charge.knobs
    results = list(trader.account.results) if trader else []
    wins = sum(pnl > 0 for pnl in results)
    return VenueStatus(
        state=desk.state,  # type: ignore[arg-type]
        detail=desk.detail,
        reconciled_ms=desk.reconciled_ms,
        stream_age_s=None if desk.age_s is None else round(desk.age_s, 1),
        requests_per_minute=desk.venue.requests_per_minute(),
        strategy=desk.charge.rule.strategy.name,
        preset=desk.charge.preset,
        timeframe=desk.charge.timeframe,
        symbols=desk.listing.symbols,
        regime=regime,
        market_condition=condition,
        trades_today=trader.account.entries if trader else 0,
        max_trades_per_day=knobs.max_trades_per_day,
        positions=len(trader.portfolio.positions) if trader else 0,
        max_positions=knobs.max_positions,
        win_rate_percent=round(100 * wins / len(results), 2) if results else None,
        kelly_fraction=round(kelly_fraction(results, knobs.kelly_min, knobs.kelly_max), 4),
    )


def trade_line(trade: Trade, market: str, currency: str) -> TradeLine:
    """A closed round trip for the history."""
    return TradeLine(
        trip=trade.trip,
        venue=trade.venue,
        book=trade.book,
        strategy=trade.strategy,
        symbol=trade.symbol,
        market=market,
        currency=currency,
        side="long" if trade.side == "long" else "short",
        quantity=trade.quantity,
        entry_ms=trade.entry_ms,
        entry_price=trade.entry_price,
        exit_ms=trade.exit_ms,
        exit_price=trade.exit_price,
        reason=trade.exit_reason,
        fees=trade.fee,
        funding=trade.funding,
        pnl=trade.pnl,
        pnl_percent=round(float(trade.pnl_percent), 4),
    )
