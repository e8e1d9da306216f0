"""Orders and fills in the ledger: the account's safety rests on it. Each call is durable when it returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Table, func, or_, select, update

from trading.core.orders import TERMINAL, ZERO, Fill, Order, OrderEvent
from trading.evidence import base_of as base_of
from trading.evidence import change_of as change_of
from trading.live.database import Database
from trading.live.tables import fill_of, fill_row, fills, order_of, order_row, orders


@dataclass(frozen=True, slots=True)
class Holding:
    """What the fills of one round trip leave: `quantity` of base, > 0 long, < 0 short, net of fees charged in base."""

    trip: str
    book: str
    strategy: str
    symbol: str
    quantity: Decimal


def _add(held: dict[str, Holding], change: Holding) -> None:
    before = held.get(change.trip)
    held[change.trip] = change if before is None else replace(before, quantity=before.quantity + change.quantity)


def _part(row: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """One table's columns out of a joined row."""
    return {column.name: row[f"{table.name}_{column.name}"] for column in table.columns}


class OrderRows(Database):
    """The `OrderLedger` port over the tables orders and fills."""

    _held: dict[str, dict[str, Holding]]

    def intend(self, order: Order) -> bool:
        """Records an INTENT; False when this id is already there (the decision was made before)."""
        with self.durable() as connection:
            return self.is_new(connection, orders, order_row(order))

    def record(self, order: Order) -> None:
        """Records the order's new state, venue id, filled, detail."""
        row = order_row(order)
        changed = {name: row[name] for name in ("state", "venue_id", "filled", "sent_wall_ms", "detail", "crc")}
        with self.durable() as connection:
            connection.execute(update(orders).where(orders.c.id == order.id).values(changed))

    def book(self, fill: Fill) -> bool:
        """Records a fill once by (venue, symbol, trade id); False when it was there.

        Raises ValueError for a fill of no order of ours.
        """
        with self.durable() as connection:
            owner = connection.execute(
                select(orders.c.book, orders.c.strategy, orders.c.trip).where(orders.c.id == fill.order_id)
            ).one_or_none()
            if owner is None:
                raise ValueError(f"fill {fill.trade_id} belongs to no order in the ledger")
            row = fill_row(fill, owner.book, owner.strategy)
            new = self.is_new(connection, fills, row)
        if new and (held := self._holdings().get(fill.venue)) is not None:
            _add(held, Holding(owner.trip, owner.book, owner.strategy, fill.symbol, change_of(fill)))
        return new

    def unfinished(self, venue: str) -> Sequence[Order]:
        """Orders of this venue that are in no terminal state, oldest first."""
        ended = [state.value for state in TERMINAL]
        query = select(orders).where(orders.c.venue == venue, orders.c.state.not_in(ended)).order_by(orders.c.seq)
        return [self._order(row) for row in self.rows(query)]

    def order(self, order_id: str) -> Order | None:
        """The order with this client id."""
        rows = self.rows(select(orders).where(orders.c.id == order_id))
        return self._order(rows[0]) if rows else None

    def order_by_venue_id(self, venue: str, venue_id: str) -> Order | None:
        """The order to which the venue gave this id."""
        rows = self.rows(select(orders).where(orders.c.venue == venue, orders.c.venue_id == venue_id))
        return self._order(rows[0]) if rows else None

    def orders_of(self, venue: str, trip: str) -> Sequence[Order]:
        """All orders of one round trip, oldest first."""
        query = select(orders).where(orders.c.venue == venue, orders.c.trip == trip).order_by(orders.c.seq)
        return [self._order(row) for row in self.rows(query)]

    def fills_of(self, order_id: str) -> Sequence[Fill]:
        """The fills booked on one order, in booking order."""
        return [
            self._fill(row)
            for row in self.rows(select(fills).order_by(fills.c.seq).where(fills.c.order_id == order_id))
        ]

    def fill(self, venue: str, symbol: str, trade_id: str) -> Fill | None:
        """The fill with this trade id of the venue."""
        same = (fills.c.venue == venue, fills.c.symbol == symbol, fills.c.trade_id == trade_id)
        rows = self.rows(select(fills).order_by(fills.c.seq).where(*same))
        return self._fill(rows[0]) if rows else None

    def taken(self, venue: str, symbol: str, trade_id: str) -> Decimal:
        """Base quantity booked of one trade of the venue, in one piece or in parts named "<trade id>/..."."""
        parts = fills.c.trade_id.startswith(f"{trade_id}/", autoescape=True)
        mine = (fills.c.venue == venue, fills.c.symbol == symbol, or_(fills.c.trade_id == trade_id, parts))
        return sum((self._fill(row).quantity for row in self.rows(select(fills).where(*mine))), ZERO)

    def booked(self, venue: str, after: int = 0) -> Iterator[OrderEvent]:
        """Every fill of a venue with its order as it stands now, in booking order; `after`: only beyond that many."""
        query = (
            select(fills, orders)
            .join_from(fills, orders, fills.c.order_id == orders.c.id)
            .where(fills.c.venue == venue)
            .order_by(fills.c.seq)
            .offset(after)
            .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
        )
        for row in self.each(query):
            yield OrderEvent(self._order(_part(row, orders)), self._fill(_part(row, fills)))

    def last_fill_ms(self, venue: str) -> int | None:
        """Market time of the latest fill booked on a venue."""
        row = self.rows(select(func.max(fills.c.time_ms).label("last")).where(fills.c.venue == venue))[0]
        return None if row["last"] is None else int(row["last"])

    def holdings(self, venue: str) -> tuple[Holding, ...]:
        """What the ledger says is ours, per round trip, oldest first; trips that left nothing are not in it."""
        known = self._holdings()
        if venue not in known:
            held: dict[str, Holding] = {}
            for event in self.booked(venue):
                order, fill = event.order, event.fill
                if fill is not None:
                    _add(held, Holding(order.trip, order.book, order.strategy, fill.symbol, change_of(fill)))
            known[venue] = held
        return tuple(holding for holding in known[venue].values() if holding.quantity)

    def owned(self, venue: str) -> dict[str, Decimal]:
        """Base asset -> quantity that is ours, over all round trips and residues."""
        sums: dict[str, Decimal] = {}
        for holding in self.holdings(venue):
            asset = base_of(holding.symbol)
            sums[asset] = sums.get(asset, ZERO) + holding.quantity
        return sums

    def _holdings(self) -> dict[str, dict[str, Holding]]:
        # A venue's entry is read and written by that venue's thread alone.
        if not hasattr(self, "_held"):
            self._held = {}
        return self._held

    def _order(self, row: Mapping[str, Any]) -> Order:
        try:
            return order_of(row)
        except (ValueError, ArithmeticError) as error:
            raise self.broken(str(error)) from error

    def _fill(self, row: Mapping[str, Any]) -> Fill:
        try:
            return fill_of(row)
        except (ValueError, ArithmeticError) as error:
            raise self.broken(str(error)) from error
