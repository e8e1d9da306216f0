"""What an emergency liquidation would sell: the list that stands over the phrase."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trading.ipc.readers import Snapshot
from ui.figures import Signed, quantity
from ui.voice import Voice

ALL: Final = ""  # the scope of every venue


@dataclass(frozen=True, slots=True)
class SaleRow:
    """One position that would be sold."""

    venue: str
    symbol: str
    quantity: str
    value: str
    pnl: Signed


@dataclass(frozen=True, slots=True)
class Selloff:
    """All of it. totals: value by currency; orders: open orders that are cancelled; blind: venues whose file fails."""

    rows: tuple[SaleRow, ...]
    totals: str
    orders: int
    blind: tuple[str, ...]


def selloff(snapshot: Snapshot, scope: str, voice: Voice) -> Selloff:
    """What would be sold on the venue `scope` (ALL: on all)."""
    rows: list[SaleRow] = []
    totals: dict[str, Decimal] = {}
    orders = 0
    blind = []
    for venue, look in snapshot.portfolios.items():
        if scope not in (ALL, venue):
            continue
        if look.problem is not None or look.value is None:
            blind.append(voice.term("venue", venue))
        if look.value is None:
            continue
        orders += len(look.value.open_orders)
        currency = look.value.currency
        for symbol, one in sorted(look.value.details.items()):
            value = (one.last_price or one.entry_price) * one.quantity
            totals[currency] = totals.get(currency, Decimal(0)) + value
            shown = (quantity(one.quantity), voice.money(value, currency), voice.gain(one.pnl, currency))
            rows.append(SaleRow(voice.term("venue", venue), symbol, *shown))
    sums = " + ".join(voice.money(value, currency) for currency, value in totals.items())
    return Selloff(tuple(rows), sums, orders, tuple(blind))


def matches(typed: str, voice: Voice) -> bool:
    """Whether the phrase that unlocks it was typed, in either language."""
    wanted = {voice.say("selloff.phrase").casefold(), "긴급청산", "liquidate"}
    return "".join(typed.split()).casefold() in wanted
