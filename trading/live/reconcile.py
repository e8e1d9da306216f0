"""Starting is recovering: the ledger against the account, each difference named and answered, before anything trades.

The same look is taken again every 30 to 60 s while trading (`watch_account`); there a difference must be seen twice
before it is believed. A failed, unparsed or empty answer is absence of knowledge: no entries, exits stay on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from trading.core.errors import BadInput, LedgerUnavailable, VenueError
from trading.core.orders import ZERO, Fill, Order, State
from trading.core.ports import Balance, Clock, Venue, VenueOrder
from trading.evidence import base_of
from trading.execution import LOOKBACK_MS, Execution
from trading.live.account import Difference, ForeignHolding, Kind, Reconciled, StrangeTrade, adoption, explained
from trading.live.ledger import Ledger
from trading.live.ledger_orders import Holding

#: What our client ids look like (`trading.core.orders.client_id`).
OURS: Final = re.compile(r"ht[a-z2-7]{26}")


@dataclass(slots=True)
class _Look:
    """One look at the account, and what comes of it."""

    venue: Venue
    ledger: Ledger
    execution: Execution
    totals: Mapping[str, Decimal]
    balances: Mapping[str, Balance]
    resting: Sequence[VenueOrder]
    trades: Sequence[tuple[VenueOrder, Fill]]
    outside: list[StrangeTrade] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    foreign: dict[str, ForeignHolding] = field(default_factory=dict)
    seen: dict[str, tuple[Decimal, Decimal | None]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def say(self, difference: Difference) -> None:
        self.differences.append(difference)
        if difference.action in ("entries_off", "waiting"):
            self.troubles.append(f"{difference.kind} {difference.name}")


def reconcile(
    venue: Venue, ledger: Ledger, execution: Execution, clock: Clock, lots: Mapping[str, Decimal] | None = None
) -> Reconciled:
    """Recovers unfinished orders, then compares account and ledger and books what proof there is for.

    lots: base asset -> smallest quantity that means anything (less is dust). Raises nothing a venue or a ledger can
    cause: then `ok` is False and `reason` tells.
    """
    try:
        execution.recover(ledger.unfinished(venue.name))
    except LedgerUnavailable as error:
        return Reconciled(False, reason=f"ledger: {error}")
    return watch_account(venue, ledger, execution, clock, None, lots)


def watch_account(
    venue: Venue,
    ledger: Ledger,
    execution: Execution,
    clock: Clock,
    before: Reconciled | None,
    lots: Mapping[str, Decimal] | None = None,
) -> Reconciled:
    """The look of `reconcile` without the recovery. before: the last result; None believes this look alone."""
    try:
        look = _take(venue, ledger, execution, clock)
        if look is None:
            return _unanswered(ledger, venue.name, "balances_empty")
        _orders(look)
        _trades(look, _mark(ledger, venue.name)[1])
        for order in execution.unknown:
            look.say(Difference("unresolved", order.symbol, order.quantity, "waiting", order.id))
        _assets(look, before, lots or {}, clock)
        execution.foreign = {asset: held.quantity - held.locked for asset, held in look.foreign.items()}
        if not look.troubles:
            _put_mark(look, clock)
    except VenueError as error:
        return _unanswered(ledger, venue.name, error.code)
    except LedgerUnavailable as error:
        return Reconciled(False, (), before.foreign if before else {}, f"ledger: {error}")
    ok = not look.troubles
    return Reconciled(ok, tuple(look.differences), look.foreign, ", ".join(look.troubles), look.seen)


def adopt(
    venue: Venue,
    ledger: Ledger,
    execution: Execution,
    clock: Clock,
    symbol: str,
    strategy: str,
    price: Decimal | None = None,
    book: str = "main",
) -> Order:
    """Takes the whole foreign holding of `symbol` under guard, at `price` or the venue's average price.

    Returns the entry order that stands for it. Raises BadInput when there is nothing to adopt or no price,
    LedgerUnavailable.
    """
    asset = base_of(symbol)
    held = _known_foreign(ledger, venue.name).get(asset)
    paid = price if price is not None else (held.average_price if held else ZERO)
    if held is None or held.quantity - held.locked <= ZERO:
        raise BadInput("input.nothing_to_adopt", symbol=symbol)
    if paid <= ZERO:
        raise BadInput("input.no_average_price", symbol=symbol)
    quantity = held.quantity - held.locked
    taken = adoption(venue.name, book, strategy, symbol, "buy", paid, quantity, clock.market_ms())
    execution.book_outside(taken.order, taken.fill)
    _remember(ledger, venue.name, asset, replace(held, quantity=held.locked), clock)
    execution.foreign = {**execution.foreign, asset: ZERO}
    return taken.order


def write_off(
    venue: Venue, ledger: Ledger, execution: Execution, clock: Clock, symbol: str, price: Decimal
) -> tuple[Order, ...]:
    """A person's word that what the account shows no more is gone (a withdrawal): booked as `manual` at `price`.

    Returns the exit orders that stand for it. Raises BadInput when nothing is missing or an order is under way,
    VenueError, LedgerUnavailable.
    """
    asset = base_of(symbol)
    if any(base_of(order.symbol) == asset for order in execution.live):
        raise BadInput("input.order_under_way", symbol=symbol)
    balances = venue.balances()
    if not balances:
        raise BadInput("input.no_balances", symbol=symbol)
    held = balances.get(asset)
    trips = [trip for trip in ledger.holdings(venue.name) if trip.symbol == symbol and trip.quantity > ZERO]
    ours = sum((trip.quantity for trip in trips), ZERO)
    missing = ours - (held.free + held.locked if held else ZERO)
    if missing <= ZERO:
        raise BadInput("input.nothing_missing", symbol=symbol)
    now, quote = clock.market_ms(), venue.capabilities.currency
    name = f"write-off-{now}"
    fill = Fill(venue.name, "", name, symbol, "sell", price, missing, ZERO, quote, now)
    owner = VenueOrder(name, None, symbol, "sell", "manual", State.FILLED, price, missing, missing, now)
    found = explained(missing, trips, [StrangeTrade(owner, fill)])
    for part in found:
        execution.book_outside(part.order, part.fill)
    return tuple(part.order for part in found)


# -- looking -----------------------------------------------------------------------------------------------------------


def _take(venue: Venue, ledger: Ledger, execution: Execution, clock: Clock) -> _Look | None:
    """Asks for everything; None when the venue shows no asset at all. Balances first: a trade that explains them
    is then in the list that is asked afterwards."""
    symbols = {holding.symbol for holding in ledger.holdings(venue.name)}
    symbols.update(order.symbol for order in execution.live)
    since = _mark(ledger, venue.name)[0]
    if since is None:
        last = ledger.last_fill_ms(venue.name)
        since = clock.market_ms() if last is None else last
    oldest = min((order.created_ms for order in execution.live), default=since)
    try:
        balances = venue.balances()
        positions = venue.positions() if venue.capabilities.leverage else ()
        resting = venue.open_orders()
        trades = venue.fills(min(since, oldest) - LOOKBACK_MS, sorted(symbols)) if symbols else ()
    except VenueError:
        raise
    except Exception as error:
        raise VenueError(type(error).__name__) from error
    if not balances:
        return None
    if venue.capabilities.leverage:
        totals = {base_of(position.symbol): position.quantity for position in positions}
    else:
        currency = venue.capabilities.currency
        totals = {asset: held.free + held.locked for asset, held in balances.items() if asset != currency}
    return _Look(venue, ledger, execution, totals, balances, resting, trades)


def _unanswered(ledger: Ledger, venue: str, reason: str) -> Reconciled:
    try:
        foreign = _known_foreign(ledger, venue)
    except LedgerUnavailable:
        foreign = {}
    return Reconciled(False, (), foreign, reason)


# -- orders and trades -------------------------------------------------------------------------------------------------


def _mine(look: _Look, shown: VenueOrder) -> Order | None:
    order = look.ledger.order(shown.client_id) if shown.client_id else None
    return order or look.ledger.order_by_venue_id(look.venue.name, shown.venue_id)


def _orders(look: _Look) -> None:
    """Resting orders: ours are followed, ours that should be over are cancelled, others are listed and left alone."""
    for shown in look.resting:
        left = (shown.quantity or ZERO) - shown.filled
        order = _mine(look, shown)
        if order is None:
            # A name of our making that no ledger of ours knows: another bot trades this account.
            if OURS.fullmatch(shown.client_id or ""):
                look.say(Difference("stranger", shown.symbol, left, "entries_off", shown.venue_id))
            else:
                look.say(Difference("foreign", shown.symbol, left, "listed", shown.venue_id))
        elif order.done:
            look.venue.cancel(replace(order, venue_id=shown.venue_id))
            look.say(Difference("ours", shown.symbol, left, "cancel_asked", order.id))
        else:
            look.execution.absorb(order, shown)


def _trades(look: _Look, used: frozenset[str]) -> None:
    """Trades since the last look: ours that were missed are booked, the others are kept for the balances."""
    for owner, fill in look.trades:
        order = _mine(look, owner)
        if order is None:
            if fill.trade_id not in used:
                taken = look.ledger.taken(look.venue.name, fill.symbol, fill.trade_id)
                look.outside.append(StrangeTrade(owner, fill, taken))
        elif look.ledger.fill(look.venue.name, fill.symbol, fill.trade_id) is None:
            look.execution.absorb(order, replace(owner, fills=(fill,), fills_complete=False))
            look.say(Difference("ours", fill.symbol, fill.quantity, "booked", order.id))


# -- balances ----------------------------------------------------------------------------------------------------------


def _assets(look: _Look, before: Reconciled | None, lots: Mapping[str, Decimal], clock: Clock) -> None:
    known = _known_foreign(look.ledger, look.venue.name)
    trips: dict[str, list[Holding]] = {}
    for holding in look.ledger.holdings(look.venue.name):
        trips.setdefault(base_of(holding.symbol), []).append(holding)
    moving = {base_of(order.symbol) for order in look.execution.live}
    for asset in sorted({*look.totals, *trips, *known}):
        if asset in moving:
            # An order of ours is under way: balances and ledger cannot be compared before it is over.
            if asset in known:
                look.foreign[asset] = known[asset]
            continue
        ours = sum((trip.quantity for trip in trips.get(asset, ())), ZERO)
        if ours < ZERO and not look.venue.capabilities.shorting:
            look.say(Difference("dust", asset, -ours, "ignored", "sold beyond what was bought"))
            ours = ZERO
        look.seen[asset] = (ours, look.totals.get(asset))
        if before is not None and before.seen.get(asset) != look.seen[asset]:
            if asset in known:
                look.foreign[asset] = known[asset]
            if abs(ours) > abs(look.totals.get(asset, ZERO)):
                look.say(Difference("missing", asset, abs(ours) - abs(look.totals.get(asset, ZERO)), "waiting"))
            continue
        ours = _shortage(look, asset, ours, trips.get(asset, []), lots.get(asset, ZERO))
        _foreign(look, asset, ours, known.get(asset), clock)


def _shortage(look: _Look, asset: str, ours: Decimal, trips: list[Holding], lot: Decimal) -> Decimal:
    """Books what was sold outside the bot; returns what is ours afterwards.

    An asset that a whole, successful answer does not show is zero only as far as trades say so too.
    """
    sign = -1 if ours < ZERO else 1
    shown = look.totals.get(asset, ZERO) * sign
    shortage = abs(ours) - max(ZERO, shown)
    if shortage <= ZERO:
        return ours
    # Dust of the other direction cannot have been sold.
    same_way = [trip for trip in trips if trip.quantity * sign > ZERO]
    trades = [trade for trade in look.outside if base_of(trade.fill.symbol) == asset]
    for found in explained(shortage, same_way, trades):
        look.execution.book_outside(found.order, found.fill)
        kind: Kind = "liquidation" if found.order.reason == "liquidation" else "manual"
        look.say(Difference(kind, found.fill.symbol, found.fill.quantity, "booked", found.fill.trade_id))
        shortage -= found.fill.quantity
        ours -= found.fill.quantity * sign
    if ZERO < shortage < lot:
        look.say(Difference("dust", asset, shortage, "ignored"))
    elif shortage > ZERO:
        look.say(Difference("missing", asset, shortage, "entries_off", "not shown" if asset not in look.totals else ""))
    return ours


def _foreign(look: _Look, asset: str, ours: Decimal, known: ForeignHolding | None, clock: Clock) -> None:
    """What the account holds beyond ours is not ours, however it came there."""
    balance = look.balances.get(asset)
    quantity = abs(look.totals.get(asset, ZERO)) - abs(ours)
    locked = sum(
        (
            (shown.quantity or ZERO) - shown.filled
            for shown in look.resting
            if shown.side == "sell" and base_of(shown.symbol) == asset and _mine(look, shown) is None
        ),
        ZERO,
    )
    quantity = max(ZERO, quantity)
    average = balance.average_price if balance else ZERO
    now = ForeignHolding(quantity, average, min(locked, quantity))
    had = known.quantity if known else ZERO
    if quantity > had:
        first = known is None and _mark(look.ledger, look.venue.name)[0] is None
        look.say(Difference("foreign" if first else "deposit", asset, quantity - had, "kept_foreign"))
    elif quantity < had:
        look.say(Difference("withdrawal", asset, had - quantity, "foreign_reduced"))
    if known != now and (known is not None or quantity > ZERO):
        _remember(look.ledger, look.venue.name, asset, now, clock)
    if quantity > ZERO:
        look.foreign[asset] = now


# -- what is remembered between looks ----------------------------------------------------------------------------------


def _known_foreign(ledger: Ledger, venue: str) -> dict[str, ForeignHolding]:
    return {
        row.name: ForeignHolding(*(Decimal(row.value[name]) for name in ("quantity", "average_price", "locked")))
        for row in ledger.settings("foreign", venue)
    }


def _remember(ledger: Ledger, venue: str, asset: str, held: ForeignHolding, clock: Clock) -> None:
    if held.quantity > ZERO:
        value = {"quantity": held.quantity, "average_price": held.average_price, "locked": held.locked}
        ledger.put_setting("foreign", asset, value, "reconcile", clock.wall_ms(), venue)
    else:
        ledger.drop_setting("foreign", asset, venue)


def _mark(ledger: Ledger, venue: str) -> tuple[int | None, frozenset[str]]:
    """Market time of the last clean look, and the trades of others that it had accounted for."""
    for row in ledger.settings("mark", venue):
        if row.name == "reconciled":
            value: dict[str, Any] = row.value
            return int(value["market_ms"]), frozenset(value["trades"])
    return None, frozenset()


def _put_mark(look: _Look, clock: Clock) -> None:
    now = clock.market_ms()
    trades = sorted({fill.trade_id for _, fill in look.trades if fill.time_ms >= now - 2 * LOOKBACK_MS})
    value = {"market_ms": now, "trades": trades}
    look.ledger.put_setting("mark", "reconciled", value, "reconcile", clock.wall_ms(), look.venue.name)
