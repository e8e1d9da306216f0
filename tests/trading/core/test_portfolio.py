"""Positions are the sum of their fills: no money appears or is lost, whatever the pieces."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.orders import Fill, Order, OrderEvent, Side
from trading.core.portfolio import Portfolio, fee_in_quote, folded

D = Decimal


def order(leg: str, side: Side, reason: str = "x", trip: str = "t1", candle: int = 0) -> Order:
    return Order(
        id=f"{trip}-{leg}-{reason}",
        venue="upbit",
        book="main",
        strategy="macd",
        symbol="BTC/KRW",
        side=side,
        leg="entry" if leg == "entry" else "exit",
        quantity=D(1),
        price=D(1),
        reason=reason,
        candle_ms=candle,
        created_ms=0,
        trip=trip,
    )


def fill(side: Side, price: str, quantity: str, fee: str = "0", asset: str = "KRW", time_ms: int = 0) -> Fill:
    return Fill("upbit", "o", f"{time_ms}", "BTC/KRW", side, D(price), D(quantity), D(fee), asset, time_ms)


def test_a_round_trip_by_hand() -> None:
    book = Portfolio(D(1000))
    assert book.apply(order("entry", "buy"), fill("buy", "100", "4", "0.2", time_ms=5), "BTC", "KRW") is None
    assert book.cash == D("599.8")
    assert book.equity({"BTC/KRW": D(110)}) == D("1039.8")
    assert book.equity({}) == D("999.8")
    trade = book.apply(order("exit", "sell", "take_profit"), fill("sell", "110", "4", "0.22", time_ms=9), "BTC", "KRW")
    assert trade is not None
    assert (trade.side, trade.entry_ms, trade.exit_ms, trade.exit_reason) == ("long", 5, 9, "take_profit")
    assert (trade.entry_price, trade.exit_price, trade.quantity) == (D(100), D(110), D(4))
    assert (trade.fee, trade.pnl) == (D("0.42"), D("39.58"))
    assert trade.pnl_percent == D("9.895")
    assert book.cash == D("1039.58")
    assert not book.positions


def test_a_short_by_hand() -> None:
    book = Portfolio(D(1000))
    book.apply(order("entry", "sell"), fill("sell", "100", "4", "0.2"), "BTC", "KRW")
    assert book.equity({"BTC/KRW": D(90)}) == D("1039.8")
    trade = book.apply(order("exit", "buy"), fill("buy", "90", "4", "0.18"), "BTC", "KRW")
    assert trade is not None
    assert (trade.side, trade.pnl) == ("short", D("39.62"))
    assert book.cash == D("1039.62")


def test_a_fee_in_the_coin_comes_off_the_coin() -> None:
    book = Portfolio(D(1000))
    book.apply(order("entry", "buy"), fill("buy", "100", "1", "0.001", "BTC"), "BTC", "KRW")
    position = book.positions["BTC/KRW"]
    assert (position.quantity, position.fee) == (D("0.999"), D("0.1"))
    assert book.cash == D(900)
    trade = book.apply(order("exit", "sell"), fill("sell", "110", "0.999", "0.10989"), "BTC", "KRW")
    assert trade is not None
    assert book.cash == D(1000) + trade.pnl == D("1009.78011")


def test_a_fee_in_a_third_coin_needs_its_price() -> None:
    paid = fill("buy", "100", "1", "0.01", "BNB")
    assert fee_in_quote(paid, "BTC", "KRW", {"BNB": D(500)}) == D(5)
    with pytest.raises(KeyError):
        fee_in_quote(paid, "BTC", "KRW", {})
    assert fee_in_quote(fill("buy", "100", "1", "0", "BNB"), "BTC", "KRW", {}) == 0


def test_dust_ends_the_trip_and_is_kept() -> None:
    book = Portfolio(D(1000))
    book.apply(order("entry", "buy"), fill("buy", "100", "1"), "BTC", "KRW")
    assert book.apply(order("exit", "sell"), fill("sell", "110", "0.9"), "BTC", "KRW") is None
    trade = book.close("BTC/KRW")
    assert (trade.quantity, trade.pnl) == (D("0.9"), D("9.0"))
    assert book.residue == {"BTC/KRW": D("0.1")}
    assert not book.positions


pieces = st.lists(
    st.tuples(st.decimals("0.0001", "5", places=4), st.decimals("1", "1000", places=2)), min_size=1, max_size=6
)


@given(bought=pieces, exit_prices=st.lists(st.decimals("1", "1000", places=2), min_size=1, max_size=6), data=st.data())
def test_cash_and_results_agree_to_the_last_digit(
    bought: list[tuple[Decimal, Decimal]], exit_prices: list[Decimal], data: st.DataObject
) -> None:
    """Partial fills both ways: what the account gained is what the trade says, and equity never jumps at a fill."""
    short = data.draw(st.booleans())
    rate = data.draw(st.sampled_from([D(0), D("0.0005"), D("0.0025")]))
    into: Side = "sell" if short else "buy"
    out: Side = "buy" if short else "sell"
    book = Portfolio(D(10_000))
    for index, (quantity, price) in enumerate(bought):
        before = book.equity({"BTC/KRW": price})
        fee = price * quantity * rate
        book.apply(order("entry", into), fill(into, str(price), str(quantity), str(fee), time_ms=index), "BTC", "KRW")
        assert abs(book.equity({"BTC/KRW": price}) - (before - fee)) < D("1e-18")
    left = sum((quantity for quantity, _ in bought), D(0))
    trade = None
    for index, price in enumerate(exit_prices):
        last = index == len(exit_prices) - 1
        part = left if last else (left / 2).quantize(D("0.0001"))
        if not part:
            continue
        before = book.equity({"BTC/KRW": price})
        fee = price * part * rate
        trade = book.apply(
            order("exit", out), fill(out, str(price), str(part), str(fee), time_ms=100 + index), "BTC", "KRW"
        )
        left -= part
        assert abs(book.equity({"BTC/KRW": price}) - (before - fee)) < D("1e-18")
    assert trade is not None
    assert trade.quantity == sum((quantity for quantity, _ in bought), D(0))
    assert abs(book.cash - D(10_000) - trade.pnl) < D("1e-18")
    assert book.realized == trade.pnl
    assert not book.residue


@given(bought=pieces, price=st.decimals("1", "1000", places=2))
def test_a_fee_in_the_coin_loses_no_money(bought: list[tuple[Decimal, Decimal]], price: Decimal) -> None:
    book = Portfolio(D(10_000))
    for quantity, paid in bought:
        book.apply(
            order("entry", "buy"),
            fill("buy", str(paid), str(quantity), str(quantity * D("0.001")), "BTC"),
            "BTC",
            "KRW",
        )
    left = book.positions["BTC/KRW"].quantity
    assert left == sum((quantity for quantity, _ in bought), D(0)) * D("0.999")
    trade = book.apply(order("exit", "sell"), fill("sell", str(price), str(left)), "BTC", "KRW")
    assert trade is not None
    assert abs(book.cash - D(10_000) - trade.pnl) < D("1e-15")


@given(bought=pieces)
def test_folding_events_is_booking_them(bought: list[tuple[Decimal, Decimal]]) -> None:
    one = Portfolio(D(10_000))
    events = []
    for trip, (quantity, price) in enumerate(bought):
        for leg, side in (("entry", "buy"), ("exit", "sell")):
            which: Side = "buy" if side == "buy" else "sell"
            made, got = order(leg, which, trip=str(trip)), fill(which, str(price), str(quantity), "1")
            one.apply(made, got, "BTC", "KRW")
            events += [OrderEvent(made, got), OrderEvent(made)]
    other, trades = folded(D(10_000), events, {"BTC/KRW": ("BTC", "KRW")})
    assert (other.cash, other.realized, len(trades)) == (one.cash, one.realized, len(bought))
