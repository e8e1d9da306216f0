"""From what the path brings to an order, or to the gate that refused it: size, levels, gates, order, in a row."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Final

from config.values import Knobs
from trading.core import levels, sizing
from trading.core.account import Account
from trading.core.facts import Refusal
from trading.core.fills import slipped
from trading.core.gates import Candidate, first_no
from trading.core.instrument import Instrument
from trading.core.margin import leverage_limit, notional_limit
from trading.core.orders import Moment, Order, Side, client_id
from trading.core.portfolio import Position
from trading.core.ports import Health
from trading.core.signals import Row
from trading.core.walk import Leaving

_QUOTE_STEP: Final = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Who:
    """Whose decision it is: part of every order's name. by_quote: market buys name an amount to spend."""

    bot: str
    venue: str
    book: str
    strategy: str
    by_quote: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry at `price` (what the path named). side: +1 long, -1 short. moment: "open" of the candle or "inside".

    last: last trade of the symbol; notice: why its market takes no buys; leg: "entry", or a command's own name.
    amount: quote to spend, named by a command (None: by the sizing knob). key_ms: what the order's name derives from
    instead of the candle (a command's own time).
    """

    instrument: Instrument
    row: Row
    side: int
    price: float
    moment: Moment
    candle_ms: int
    now_ms: int
    last: float
    notice: str = ""
    leg: str = "entry"
    amount: float | None = None
    key_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What there is to spend, in quote, and what else counts. positions: held or being entered.

    entries_today: of the limits' day, those under way included.
    """

    equity: float
    cash: float
    positions: int
    entries_today: int
    orders_last_minute: int
    day_offset_ms: int
    factor: float = 1.0


def whole_lots(quantity: float, step: float) -> Decimal:
    """`quantity` (already floored) as an exact multiple of `step`."""
    if step <= 0.0:
        return Decimal(repr(quantity))
    return Decimal(round(quantity / step)) * Decimal(repr(step))


def leverage_of(row: Row, knobs: Knobs, instrument: Instrument) -> float:
    """1 on spot; on futures as set, or by volatility where `leverage` is 0."""
    if instrument.venue != "binance_futures":
        return 1.0
    return sizing.leverage(row.atr, row.close, leverage_limit(instrument.brackets), knobs)


def levels_at_entry(
    side: int, fill: float, row: Row, leverage: float, knobs: Knobs, instrument: Instrument
) -> tuple[float, float]:
    """(stop, take-profit) in force right after an entry filled at `fill`, rounded; take-profit NaN where it is off.

    The liquidation guard is that of the smallest bracket, as the size is not known yet.
    """
    guard = levels.guard_at(side, fill, 0.0, leverage, knobs, instrument.brackets)
    armed = levels.hold_over(0, 0, knobs)
    stop, _ = levels.stop_at(side, fill, row.atr, fill, 0, armed, guard, knobs, instrument.ticks)
    return stop, levels.take_at(side, fill, knobs, instrument.ticks)


def expected_fill(entry: Entry, knobs: Knobs) -> float:
    """What an entry is expected to be filled at: the named price, rounded and slipped against us."""
    ticks = entry.instrument.ticks
    return slipped(entry.price, entry.side > 0, ticks, knobs.slippage_bps, knobs.slippage_ticks)


def decide(entry: Entry, who: Who, account: Account, means: Means, health: Health, knobs: Knobs) -> Order | Refusal:
    """The order for `entry`, or the first gate that said no."""
    instrument, row = entry.instrument, entry.row
    fill = expected_fill(entry, knobs)
    leverage = leverage_of(row, knobs, instrument)
    stop, take = levels_at_entry(entry.side, fill, row, leverage, knobs, instrument)
    wish = sizing.Wish(
        fill,
        stop,
        means.equity,
        means.cash,
        instrument.fee_rate,
        instrument.lot_step,
        row.atr,
        row.close,
        tuple(account.results) if knobs.sizing == "kelly" else (),
        account.losses,
        means.factor,
        leverage,
        row.volume,
        notional_limit(leverage, instrument.brackets),
    )
    size = sizing.quantity(wish, knobs) if entry.amount is None else sizing.bought_for(entry.amount, wish)
    candidate = Candidate(
        instrument.symbol,
        entry.now_ms,
        fill,
        entry.last,
        size,
        stop,
        take,
        entry.side,
        row.confidence,
        means.equity,
        means.cash,
        instrument.fee_rate,
        instrument.min_notional,
        leverage,
        means.positions,
        means.entries_today,
        means.orders_last_minute,
        means.day_offset_ms,
        health,
        entry.notice,
        entry.amount is not None,
    )
    refusal = first_no(candidate, account, knobs)
    if refusal is not None:
        return refusal
    return entry_order(entry, who, size, fill, int(leverage))


def entry_order(entry: Entry, who: Who, size: float, fill: float, leverage: int) -> Order:
    """The order that opens a round trip of `size` base; its id follows from the decision alone."""
    instrument = entry.instrument
    side = "buy" if entry.side > 0 else "sell"
    key_ms = entry.candle_ms if entry.key_ms is None else entry.key_ms
    name = client_id(who.bot, who.book, who.strategy, instrument.symbol, side, key_ms, entry.leg)
    quantity = whole_lots(size, instrument.lot_step)
    funds = None
    if who.by_quote and entry.side > 0:
        funds = (quantity * Decimal(repr(fill))).quantize(_QUOTE_STEP, ROUND_UP)
    return Order(
        id=name,
        venue=who.venue,
        book=who.book,
        strategy=who.strategy,
        symbol=instrument.symbol,
        side="buy" if entry.side > 0 else "sell",
        leg="entry",
        quantity=quantity,
        price=Decimal(repr(entry.price)),
        reason=entry.leg,
        candle_ms=entry.candle_ms,
        created_ms=entry.now_ms,
        trip=name,
        funds=funds,
        moment=entry.moment,
        leverage=leverage,
    )


def exit_order(
    position: Position, leaving: Leaving, who: Who, quantity: Decimal, candle_ms: int, attempt: int, now_ms: int
) -> Order:
    """The order that leaves `quantity` of `position`. attempt: exits of this round trip that ended before."""
    side: Side = "sell" if position.side > 0 else "buy"
    leg = f"exit:{position.trip}:{attempt}"
    return Order(
        id=client_id(who.bot, who.book, position.strategy, position.symbol, side, candle_ms, leg),
        venue=who.venue,
        book=who.book,
        strategy=position.strategy,
        symbol=position.symbol,
        side=side,
        leg="exit",
        quantity=quantity,
        price=Decimal(repr(leaving.price)),
        reason=leaving.reason,
        candle_ms=candle_ms,
        created_ms=now_ms,
        trip=position.trip,
        moment="inside" if leaving.moment == "inside" else "open",
        native=leaving.native,
        reduce_only=who.venue == "binance_futures",
        leverage=position.leverage,
        attempt=attempt,
    )
