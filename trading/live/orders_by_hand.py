"""What people order by hand, carried out in the desk's own thread: enter, liquidate, cancel, adopt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from config.texts import text
from trading.core.decision import Entry
from trading.core.errors import BadInput, LedgerUnavailable, VenueError
from trading.core.facts import Refusal
from trading.core.orders import Order, Side, State, client_id
from trading.core.signals import CONFIDENCE, Row
from trading.ipc.envelope import Command
from trading.live.desk import Desk
from trading.live.explain import money, named, refusal_numbers
from trading.live.ledger_orders import base_of
from trading.live.reconcile import adopt as adopt_holding
from trading.trader import Trader

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Done:
    """A command's end: state (done, failed, refused), texts, and what it changed."""

    state: str
    detail_ko: str
    detail_en: str
    effect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Waiting:
    """A part of a command that one desk carries out. answer(): None while it is under way; left: what is not done."""

    answer: Callable[[], Done | None]
    left: str


Answer = Done | list[Waiting]


def said(ending: str, key: str, effect: Mapping[str, Any] | None = None, **values: Any) -> Done:
    """An end in both languages; a (prefix, name) pair or a BadInput among the values is a text of its own."""

    def worded(lang: str) -> str:
        words = dict(values)
        for name, value in values.items():
            if isinstance(value, tuple):
                words[name] = named(value[0], value[1], lang)
            elif isinstance(value, BadInput):
                words[name] = value.text(lang)
        return text(key, lang, **words)

    return Done(ending, worded("ko"), worded("en"), dict(effect or {}))


def _in_desk(desk: Desk, left: str, act: Callable[[Desk, Trader], Callable[[], Done | None]]) -> Waiting:
    """Runs `act` in the desk's thread; what it returns is asked until it answers."""
    box: list[Callable[[], Done | None]] = []

    def request(d: Desk) -> None:
        if d.trader is None:
            box.append(lambda: said("failed", "steering.not_ready", venue=d.name))
            return
        try:
            box.append(act(d, d.trader))
        except (BadInput, VenueError, LedgerUnavailable) as error:
            done = said("failed", "steering.order_failed", why=error)
            box.append(lambda: done)

    desk.ask(request)
    return Waiting(lambda: box[0]() if box else None, left)


def enter(desk: Desk, command: Command, args: Mapping[str, Any]) -> Waiting:
    """Buys for an amount, through every gate."""
    symbol, leg = args["symbol"], f"command:{command.id}"

    def act(d: Desk, trader: Trader) -> Callable[[], Done | None]:
        item = d.listing.items.get(symbol)
        if item is None:
            return lambda: said("refused", "steering.not_listed", symbol=symbol, venue=d.name)
        d.include(symbol)
        walk = trader.walks[symbol]
        side: Side = args.get("side", "buy")
        who = trader.who
        name = client_id(who.bot, who.book, who.strategy, symbol, side, command.issued_at_ms, leg)
        if d.ledger.order(name) is not None:  # an earlier life sent it and died before it could say so
            return lambda: _bought(d, symbol, name)
        if trader.taken(symbol):
            return lambda: said("refused", "steering.held", symbol=symbol)
        price = d.feed.last_price(symbol)
        if price is None:
            tick = d.venue.prices([symbol]).get(symbol)
            price = tick.price if tick else None
        if price is None:
            return lambda: said("failed", "steering.no_price", symbol=symbol)
        row = walk.look.row if walk.look else Row(NAN, NAN, False, False, CONFIDENCE, NAN, price, 0)
        off = bool(d.switches.entries_off & {symbol, "*"})
        notice = "halted" if off or not item.tradable or item.warned or item.delisting else ""
        now_ms = d.clock.market_ms()
        candle = max(walk.candle_ms, 0)
        amount = float(args["amount"])
        entry = Entry(
            walk.instrument,
            row,
            1 if side == "buy" else -1,
            price,
            "open",
            candle,
            now_ms,
            price,
            notice,
            leg,
            amount,
            command.issued_at_ms,
        )
        trader.enter(entry)
        return lambda: _entered(d, trader, symbol, leg)

    return _in_desk(desk, symbol, act)


def _entered(desk: Desk, trader: Trader, symbol: str, leg: str) -> Done | None:
    decided = trader.answers.get(leg)
    if decided is None:
        return None
    if isinstance(decided, Refusal):
        numbers = refusal_numbers(decided)
        return said(
            "refused", "steering.gate", gate=("gate", decided.gate), numbers=numbers, effect={"gate": decided.gate}
        )
    return _bought(desk, symbol, decided.id)


def _bought(desk: Desk, symbol: str, order_id: str) -> Done | None:
    order = desk.ledger.order(order_id)
    if order is None or not order.done:
        return None
    if not order.filled:
        return said("failed", "steering.order_failed", why=order.detail or order.state.value)
    fills = desk.ledger.fills_of(order.id)
    price = sum((fill.price * fill.quantity for fill in fills), Decimal(0)) / order.filled
    bought = {"order": order.id, "quantity": str(order.filled), "price": str(price)}
    return said("done", "steering.entered", bought, symbol=symbol, quantity=order.filled, price=money(float(price)))


def liquidate(desk: Desk, symbols: tuple[str, ...] | None) -> Waiting:
    """Sells what the ledger owns of `symbols` (None: all), once resting entries are cancelled."""

    def act(d: Desk, trader: Trader) -> Callable[[], Done | None]:
        named_ones = set(trader.portfolio.positions) if symbols is None else set(symbols)
        resting = [o for o in d.execution.live if o.leg == "entry" and (symbols is None or o.symbol in named_ones)]
        if resting:
            d.execution.execute((), resting)
        wanted = [symbol for symbol in trader.portfolio.positions if symbol in named_ones]
        if not wanted:
            return lambda: said("done", "steering.nothing_held", {"sold": []})
        trader.flatten(wanted, "command")
        return lambda: _sold(trader, wanted)

    return _in_desk(desk, ", ".join(symbols or ("all",)), act)


def _sold(trader: Trader, wanted: list[str]) -> Done | None:
    if any(symbol in trader.portfolio.positions for symbol in wanted):
        return None
    return said("done", "steering.liquidated", {"sold": wanted}, count=len(wanted))


def cancel(desk: Desk, order_id: str) -> Waiting:
    """Cancels one of our orders."""

    def act(d: Desk, trader: Trader) -> Callable[[], Done | None]:
        live = {order.id: order for order in d.execution.live} | {o.venue_id: o for o in d.execution.live if o.venue_id}
        order = live.get(order_id)
        if order is None:
            return lambda: said("refused", "steering.no_order", order=order_id)
        d.execution.execute((), [order])
        return lambda: _cancelled(d, order)

    return _in_desk(desk, order_id, act)


def _cancelled(desk: Desk, order: Order) -> Done | None:
    known = desk.ledger.order(order.id)
    if known is None or not known.done:
        return None
    state = "done" if known.state is not State.REJECTED else "failed"
    return said(state, "steering.cancelled", {"filled": str(known.filled)}, state=known.state.value)


def adopt(desk: Desk, symbol: str, price: Decimal | None) -> Waiting:
    """Takes a foreign holding under guard."""

    def act(d: Desk, trader: Trader) -> Callable[[], Done | None]:
        if symbol in trader.walks and trader.taken(symbol):
            # A second round trip of one symbol would be sold under the first one's name.
            return lambda: said("refused", "steering.held", symbol=symbol)
        d.include(symbol)
        try:
            order = adopt_holding(d.venue, d.ledger, d.execution, d.clock, symbol, trader.rule.strategy.name, price)
        except BadInput as error:
            done = said("refused", "steering.not_adopted", why=error)
            return lambda: done
        _no_longer_foreign(d, symbol)
        effect = {"order": order.id, "quantity": str(order.quantity), "price": str(order.price)}
        figures = {"symbol": symbol, "quantity": order.quantity, "price": money(float(order.price))}
        return lambda: said("done", "steering.adopted", effect, **figures)

    return _in_desk(desk, symbol, act)


def _no_longer_foreign(desk: Desk, symbol: str) -> None:
    """What was adopted is ours to sell at once, not only after the next look at the account."""
    foreign = dict(desk.reconciled.foreign)
    held = foreign.pop(base_of(symbol), None)
    if held is not None and held.locked:
        foreign[base_of(symbol)] = replace(held, quantity=held.locked)
    desk.reconciled = replace(desk.reconciled, foreign=foreign)
