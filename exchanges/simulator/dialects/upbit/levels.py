"""The order book as Upbit lists it: units that pair the n-th ask with the n-th bid, on request grouped by a step."""

from __future__ import annotations

from decimal import Decimal

from exchanges.simulator.accounts import ZERO
from exchanges.simulator.book import Book, Level, ceil_to, floor_to


def grouped_units(book: Book, step: Decimal, count: int) -> tuple[list[dict[str, Decimal]], float, float]:
    """Units of the first `count` levels (asks rounded up, bids down to `step`; 0 = ungrouped), and the total sizes."""
    asks = _group(book.asks, step, True)
    bids = _group(book.bids, step, False)
    units = [
        {"ask_price": ask.price, "bid_price": bid.price, "ask_size": ask.quantity, "bid_size": bid.quantity}
        for ask, bid in list(zip(asks, bids, strict=False))[:count]
    ]
    return units, _total(units, "ask_size"), _total(units, "bid_size")


def _total(units: list[dict[str, Decimal]], name: str) -> float:
    return float(sum((unit[name] for unit in units), ZERO))


def _group(levels: list[Level], step: Decimal, upward: bool) -> list[Level]:
    if step == 0:
        return levels
    grouped: list[Level] = []
    for level in levels:
        price = ceil_to(level.price, step) if upward else floor_to(level.price, step)
        if grouped and grouped[-1].price == price:
            grouped[-1].quantity += level.quantity
        else:
            grouped.append(Level(price, level.quantity))
    return [level for level in grouped if level.price > 0]
