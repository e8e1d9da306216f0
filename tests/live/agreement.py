"""The ledger and the files of a bot against what really happened on the venue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tests.live.bots import Home

OPEN_STATES = {"INTENT", "SENT", "UNKNOWN", "OPEN", "PARTIAL"}
VENUE_STATES = {"filled": {"FILLED"}, "cancelled": {"CANCELLED", "FILLED"}, "open": {"OPEN", "PARTIAL", "SENT"}}
"""Ledger states that each state of the venue allows: a market buy whose last won buy nothing ends as cancelled."""


def ours(truth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The venue's orders that carry a client id of the bot."""
    return [order for order in truth["orders"] if (order["client_id"] or "").startswith("ht")]


def check_orders(home: Home, truth: Mapping[str, Any]) -> None:
    """Each venue order of ours is in the ledger once, under its client id; each sent ledger order is at the venue."""
    shown = ours(truth)
    counted = Counter(order["client_id"] for order in shown)
    assert not [name for name, count in counted.items() if count > 1], "two venue orders of one intent"
    rows = home.rows("select id, venue_id, state, filled, side, symbol from orders")
    ledger = {row[0]: row for row in rows}
    assert len(ledger) == len(rows)
    for order in shown:
        assert order["client_id"] in ledger, f"the ledger does not know {order}"
        _, venue_id, state, filled, side, symbol = ledger[order["client_id"]]
        assert (venue_id, side, symbol) == (order["order_id"], order["side"], _symbol(order["market"])), order
        assert state in VENUE_STATES[order["state"]], (state, order)
        assert Decimal(filled) == Decimal(order["executed"]), order
    by_hand = {row[0] for row in home.rows("select id from orders where reason in ('manual', 'adopt')")}
    absent = {name for name, row in ledger.items() if row[2] == "REJECTED"}
    assert set(ledger) - by_hand - absent == set(counted)


def check_fills(home: Home, truth: Mapping[str, Any]) -> None:
    """Each fill of our orders is booked once with the venue's price, quantity and fee, and no other one is."""
    names = {order["order_id"]: order["client_id"] for order in ours(truth)}
    venue = {
        fill["trade_id"]: (
            names[fill["order_id"]],
            fill["side"],
            Decimal(fill["price"]),
            Decimal(fill["quantity"]),
            Decimal(fill["fee"]),
        )
        for fill in truth["fills"]
        if fill["order_id"] in names
    }
    rows = home.rows(
        "select trade_id, order_id, side, price, quantity, fee from fills where order_id not in "
        "(select id from orders where reason in ('manual', 'adopt'))"
    )
    booked = {row[0]: (row[1], row[2], *(Decimal(value) for value in row[3:])) for row in rows}
    assert len(booked) == len(rows)
    assert booked == venue


def net(home: Home) -> dict[str, Decimal]:
    """Coins by symbol from the ledger's fills, only where there are any."""
    total: dict[str, Decimal] = {}
    for symbol, side, quantity in home.rows("select symbol, side, quantity from fills"):
        total[symbol] = total.get(symbol, Decimal(0)) + (Decimal(quantity) if side == "buy" else -Decimal(quantity))
    return {symbol: quantity for symbol, quantity in total.items() if quantity}


def flow(home: Home) -> Decimal:
    """Won that the ledger's fills brought (negative: cost), fees included; adopted coins cost nothing now."""
    total = Decimal(0)
    for side, price, quantity, fee in home.rows(
        "select side, price, quantity, fee from fills where trade_id not like 'adopt-%'"
    ):
        value = Decimal(price) * Decimal(quantity)
        total += (-value if side == "buy" else value) - Decimal(fee)
    return total


def check_money(home: Home, truth: Mapping[str, Any], start: Decimal, portfolio: bool = True) -> None:
    """Coins and won of the account, of the ledger, and of the portfolio file are the same."""
    balances = {
        f"{asset}/KRW": Decimal(one["free"]) + Decimal(one["locked"])
        for asset, one in truth["balances"]["upbit"].items()
    }
    won = balances.pop("KRW/KRW")
    mine = net(home)
    assert {symbol: quantity for symbol, quantity in balances.items() if quantity} == mine
    assert abs(won - start - flow(home)) < Decimal("0.01"), (won, start, flow(home))
    open_trips = {row[0]: Decimal(row[1]) for row in home.rows("select symbol, quantity from positions")}
    assert open_trips == mine
    if not portfolio:
        return
    shown = home.portfolio()
    assert {symbol: Decimal(quantity) for symbol, quantity in shown["positions"].items()} == mine
    capital = Decimal(shown["initial_capital"])
    assert abs(Decimal(shown["current_capital"]) - capital - flow(home)) < Decimal("0.01")


def check_trades(home: Home) -> None:
    """Each ended round trip stands in the ledger once, and its profit is what its fills brought."""
    results: dict[str, Decimal] = {}
    for trip, side, price, quantity, fee in home.rows(
        "select o.trip, f.side, f.price, f.quantity, f.fee from fills f join orders o on o.id = f.order_id"
    ):
        value = Decimal(price) * Decimal(quantity)
        results[trip] = results.get(trip, Decimal(0)) + (-value if side == "buy" else value) - Decimal(fee)
    still_open = {row[0] for row in home.rows("select trip from positions")}
    trades = home.rows("select trip, pnl from trades")
    assert len({trip for trip, _ in trades}) == len(trades)
    assert {trip for trip, _ in trades} == set(results) - still_open
    for trip, pnl in trades:
        assert abs(Decimal(pnl) - results[trip]) < Decimal("0.01"), trip


def check_all(home: Home, truth: Mapping[str, Any], start: Decimal = Decimal(10_000_000)) -> None:
    """Everything above, for an account that only the bot used."""
    check_orders(home, truth)
    check_fills(home, truth)
    check_money(home, truth, start)
    check_trades(home)


def _symbol(market: str) -> str:
    quote, _, base = market.partition("-")
    return f"{base}/{quote}"
