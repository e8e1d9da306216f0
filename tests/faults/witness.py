"""What really happened on the simulated venue since a moment, collected piece by piece from its /truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

Row = dict[str, Any]


@dataclass
class Truth:
    """orders and fills by the venue's ids; posts: how often an order of this client id was asked for by POST.

    balances: asset -> free and locked together. Amounts stay decimal text in the rows.
    """

    orders: dict[str, Row] = field(default_factory=dict)
    fills: dict[str, Row] = field(default_factory=dict)
    posts: Counter[str] = field(default_factory=Counter)
    balances: dict[str, Decimal] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=dict)

    def take(self, told: Row, venue: str = "upbit") -> None:
        """One more answer of /truth."""
        self.orders.update((row["order_id"], row) for row in told["orders"] if row["venue"] == venue)
        self.fills.update((row["trade_id"], row) for row in told["fills"] if row["venue"] == venue)
        for request in told["requests"]:
            if request["method"] == "POST" and request["path"].endswith("/orders") and request["identifier"]:
                self.posts[request["identifier"]] += 1
        self.balances = {
            asset: Decimal(one["free"]) + Decimal(one["locked"]) for asset, one in told["balances"][venue].items()
        }
        self.prices = {market: Decimal(price) for market, price in told["prices"][venue].items()}

    def named(self) -> dict[str, list[Row]]:
        """Client id -> the venue's orders that carry it."""
        found: dict[str, list[Row]] = {}
        for row in self.orders.values():
            if row["client_id"]:
                found.setdefault(row["client_id"], []).append(row)
        return found


class Witness:
    """Asks a simulator; what was before `begin` does not count."""

    def __init__(self, admin: str) -> None:
        self._client = httpx.Client(base_url=admin, timeout=30.0, trust_env=False)
        self._cursor = 0
        self._truth = Truth()

    def begin(self) -> None:
        """From here on."""
        self._cursor = int(self._ask(1 << 62)["seq"])
        self._truth = Truth()

    def look(self) -> Truth:
        """Everything since `begin`."""
        told = self._ask(self._cursor)
        self._truth.take(told)
        self._cursor = int(told["seq"])
        return self._truth

    def close(self) -> None:
        """Ends the connection."""
        self._client.close()

    def _ask(self, since: int) -> Row:
        reply: Row = self._client.get("/truth", params={"since": since}).raise_for_status().json()
        return reply
