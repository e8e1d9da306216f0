"""The matching core. Pure: orders, books and accounts in, events out; no clock, network, file or randomness.

Locks: a buy locks price x quantity (or its amount) plus the fee on it; a sell locks its coins and pays the fee out of
what it receives. After every fill a buy keeps locked exactly what the rest of it may still cost, the difference to a
better price is free at once. Amounts are exact (no rounding of money); quantities have 8 decimals.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal, getcontext

from exchanges.simulator.accounts import ZERO, Account
from exchanges.simulator.book import STEP, Book, Level
from exchanges.simulator.orders import Event, Fill, Order

# A price of 8 decimals times a quantity of 8 times a fee of 5 on amounts of billions stays exact.
getcontext().prec = 60

NewId = Callable[[], str]


def floor_quantity(quantity: Decimal) -> Decimal:
    """A quantity cut to 8 decimals."""
    return quantity.quantize(STEP, ROUND_DOWN)


def accept(order: Order, account: Account) -> Event:
    """Sets aside what the order may cost. Raises accounts.NotEnough and changes nothing when that is not free."""
    if order.side == "sell":
        assert order.quantity is not None
        account.lock(order.base, order.quantity)
        order.locked = order.quantity
    else:
        cost = order.amount if order.amount is not None else (order.price or ZERO) * (order.quantity or ZERO)
        fee = cost * order.fee_rate
        account.lock(order.quote, cost + fee)
        order.reserved_fee = fee
        order.locked = cost + fee
    return Event("accepted", order.copy())


def take(
    order: Order, book: Book, account: Account, resting: list[Order], rose: bool, now_ms: int, new_id: NewId
) -> list[Event]:
    """Lets a fresh order take from the book; what is left rests (limit without condition) or is cancelled.

    `resting`: the account's own open orders on the other side of this market; those the order would meet follow its
    self-trade rule.
    """
    levels = book.against(order.side)
    limit = _limit_of(order, levels)
    reachable = [level for level in levels if limit is None or _within(order, level.price, limit)]
    if order.time_in_force == "post_only":
        return [finish(order, account, now_ms)] if reachable else []
    if order.time_in_force == "fok" and not _fillable(order, reachable):
        return [finish(order, account, now_ms)]
    events: list[Event] = []
    for level in reachable:
        events += _meet_own(order, level.price, account, resting, now_ms)
        if order.state != "open":
            return events
        quantity = min(_wanted(order, level.price), level.quantity)
        if quantity <= 0:
            break
        level.quantity -= quantity
        events.append(_fill(order, account, level.price, quantity, False, rose, now_ms, new_id()))
        if _complete(order):
            events.append(finish(order, account, now_ms))
            break
    levels[:] = [level for level in levels if level.quantity > 0]
    if order.state == "open" and limit is not None and order.kind == "limit":
        events += _meet_own(order, limit, account, resting, now_ms)
    if order.state == "open" and (order.kind != "limit" or order.time_in_force == "ioc"):
        events.append(finish(order, account, now_ms))
    return events


def thinned(book: Book, order: Order, fraction: Decimal) -> Book:
    """A book that holds for `order` no more than `fraction` of what it wants, at the best price."""
    best = book.against(order.side)[:1]
    level = [Level(best[0].price, floor_quantity(_wanted(order, best[0].price) * fraction))] if best else []
    return Book(book.bids, level) if order.side == "buy" else Book(level, book.asks)


def touch(
    order: Order, price: Decimal, quantity: Decimal, account: Account, rose: bool, now_ms: int, new_id: NewId
) -> list[Event]:
    """Lets a public trade meet a resting limit order.

    A trade at the order's price fills it up to the traded quantity; a trade through it fills all of it. The fill is at
    the order's own price.
    """
    assert order.price is not None
    remaining = order.remaining
    assert remaining is not None
    through = price < order.price if order.side == "buy" else price > order.price
    if not through and price != order.price:
        return []
    filled = remaining if through else min(remaining, floor_quantity(quantity))
    if filled <= 0:
        return []
    events = [_fill(order, account, order.price, filled, True, rose, now_ms, new_id())]
    if _complete(order):
        events.append(finish(order, account, now_ms))
    return events


def finish(order: Order, account: Account, now_ms: int) -> Event:
    """Ends an open order: filled when nothing is left of it, else cancelled; what is still locked becomes free."""
    if order.state != "open":
        raise ValueError(f"order {order.order_id} has already ended")
    account.unlock(order.quote if order.side == "buy" else order.base, order.locked)
    order.locked = ZERO
    order.state = "filled" if _complete(order) and order.prevented == 0 else "cancelled"
    order.finished_ms = now_ms
    return Event("done" if order.state == "filled" else "cancelled", order.copy())


def _limit_of(order: Order, levels: list[Level]) -> Decimal | None:
    """The worst price the order accepts: its own, the best of the other side for kind "best", none for market."""
    if order.kind == "best":
        return levels[0].price if levels else ZERO
    return order.price if order.kind == "limit" else None


def _within(order: Order, price: Decimal, limit: Decimal) -> bool:
    return price <= limit if order.side == "buy" else price >= limit


def _wanted(order: Order, price: Decimal) -> Decimal:
    """Coins the order would still take at `price`."""
    if order.amount is not None:
        return floor_quantity(order.unspent / price)
    assert order.remaining is not None
    return order.remaining


def _fillable(order: Order, levels: list[Level]) -> bool:
    if order.amount is not None:
        return sum((level.price * level.quantity for level in levels), ZERO) >= order.amount
    assert order.quantity is not None
    return sum((level.quantity for level in levels), ZERO) >= order.quantity


def _complete(order: Order) -> bool:
    """True when nothing is left to trade; an order by amount is complete only when it was spent to the last bit."""
    return order.unspent == 0 if order.amount is not None else order.remaining == 0


def _fill(
    order: Order, account: Account, price: Decimal, quantity: Decimal, maker: bool, rose: bool, now_ms: int, trade: str
) -> Event:
    funds = price * quantity
    fee = funds * order.fee_rate
    order.executed += quantity
    order.executed_funds += funds
    order.paid_fee += fee
    if order.side == "sell":
        account.spend(order.base, quantity)
        order.locked -= quantity
        account.of(order.quote).free += funds - fee
    else:
        account.spend(order.quote, funds + fee)
        order.locked -= funds + fee
        _keep_locked(order, account)
        account.receive_bought(order.base, quantity, price)
    fill = Fill(trade, order.order_id, order.market, order.side, price, quantity, funds, fee, maker, rose, now_ms)
    order.fills.append(fill)
    return Event("trade", order.copy(), fill)


def _keep_locked(order: Order, account: Account) -> None:
    """Frees what the rest of a buy cannot cost any more (it traded at a better price than it had set aside)."""
    if order.amount is not None:
        return
    assert order.price is not None
    needed = (order.remaining or ZERO) * order.price + order.remaining_fee
    if order.locked > needed:
        account.unlock(order.quote, order.locked - needed)
        order.locked = needed


def _meet_own(order: Order, price: Decimal, account: Account, resting: list[Order], now_ms: int) -> list[Event]:
    """Applies the self-trade rule to own resting orders that stand at `price` or better for the taker."""
    events: list[Event] = []
    for maker in resting:
        if maker.state != "open" or maker.price is None or not _within(order, maker.price, price):
            continue
        if order.self_trade == "none":
            continue
        if order.self_trade == "cancel_maker":
            events += _prevent(maker, account, maker.remaining or ZERO, now_ms)
        elif order.self_trade == "cancel_taker":
            return events + _prevent(order, account, _wanted(order, price), now_ms, end=True)
        else:
            both = min(maker.remaining or ZERO, _wanted(order, maker.price))
            events += _prevent(maker, account, both, now_ms)
            events += _prevent(order, account, both, now_ms)
        if order.state != "open":
            break
    return events


def _prevent(order: Order, account: Account, quantity: Decimal, now_ms: int, end: bool = False) -> list[Event]:
    """Takes `quantity` out of an order without a trade; ends the order when nothing is left (or `end`)."""
    if order.amount is None:
        order.prevented += quantity
    asset = order.quote if order.side == "buy" else order.base
    if order.side == "sell":
        freed = quantity
    else:
        freed = order.locked if order.amount is not None else quantity * (order.price or ZERO)
    order.prevented_locked += freed
    account.unlock(asset, freed)
    order.locked -= freed
    events = [Event("prevented", order.copy())]
    if end or _complete(order) or order.amount is not None:
        events.append(finish(order, account, now_ms))
    return events
