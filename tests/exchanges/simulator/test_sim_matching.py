"""Properties of the matching core: nothing is created or lost, nothing goes below zero, locks add up."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges.simulator import matching
from exchanges.simulator.accounts import ZERO, Account, NotEnough
from exchanges.simulator.book import Book, Level, floor_to, make_book
from exchanges.simulator.dialects.upbit.ticks import GRID
from exchanges.simulator.orders import Event, Kind, Order, SelfTrade, Side, TimeInForce

FEE = Decimal("0.0005")
CASH, COINS = Decimal(1_000_000), Decimal("5")


def order(
    side: str,
    kind: str,
    price: str | None = None,
    quantity: str | None = None,
    amount: str | None = None,
    tif: str | None = None,
    smp: str = "cancel_maker",
    number: int = 0,
) -> Order:
    def decimal(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return Order(
        f"o{number}",
        None,
        "KRW-XYZ",
        cast(Side, side),
        cast(Kind, kind),
        decimal(price),
        decimal(quantity),
        decimal(amount),
        cast(TimeInForce, tif),
        cast(SelfTrade, smp),
        0,
        FEE,
    )


def flat_book(size: str = "1") -> Book:
    """Bids 100, 99, 98; asks 101, 102, 103."""
    return Book(
        [Level(Decimal(p), Decimal(size)) for p in (100, 99, 98)],
        [Level(Decimal(p), Decimal(size)) for p in (101, 102, 103)],
    )


class Desk:
    """An account with its orders, driven step by step; knows what the outside world paid and received."""

    def __init__(self) -> None:
        self.account = Account()
        self.account.deposit("KRW", CASH)
        self.account.deposit("XYZ", COINS)
        self.orders: list[Order] = []
        self.events: list[Event] = []
        self.ids = (f"t{number}" for number in itertools.count())

    def place(self, one: Order, book: Book) -> None:
        self.events.append(matching.accept(one, self.account))
        resting = [own for own in self.orders if own.state == "open" and own.side != one.side]
        self.orders.append(one)
        self.events += matching.take(one, book, self.account, resting, True, 1, lambda: next(self.ids))

    def print(self, price: Decimal, quantity: Decimal) -> None:
        for own in self.orders:
            if own.state == "open":
                self.events += matching.touch(own, price, quantity, self.account, True, 2, lambda: next(self.ids))

    def check(self) -> None:
        fills = [fill for own in self.orders for fill in own.fills]
        krw, xyz = self.account.of("KRW"), self.account.of("XYZ")
        assert min(krw.free, krw.locked, xyz.free, xyz.locked) >= 0
        spent = sum((fill.funds + fill.fee for fill in fills if fill.side == "buy"), ZERO)
        earned = sum((fill.funds - fill.fee for fill in fills if fill.side == "sell"), ZERO)
        assert krw.total == CASH - spent + earned
        moved = sum((fill.quantity if fill.side == "buy" else -fill.quantity for fill in fills), ZERO)
        assert xyz.total == COINS + moved
        for side, balance in (("buy", krw), ("sell", xyz)):
            assert balance.locked == sum((own.locked for own in self.orders if own.side == side), ZERO)
        for own in self.orders:
            self.check_order(own)

    def check_order(self, own: Order) -> None:
        assert own.executed == sum((fill.quantity for fill in own.fills), ZERO)
        assert own.executed_funds == sum((fill.funds for fill in own.fills), ZERO)
        assert own.paid_fee == sum((fill.fee for fill in own.fills), ZERO) == own.executed_funds * FEE
        if own.state != "open":
            assert own.locked == 0
        if own.quantity is not None:
            assert own.remaining is not None and 0 <= own.remaining <= own.quantity
        if own.amount is not None:
            assert own.unspent >= 0 and own.paid_fee <= own.reserved_fee
        for fill in own.fills:
            if own.price is not None:
                assert fill.price <= own.price if own.side == "buy" else fill.price >= own.price


prices = st.integers(90, 110).map(str)
quantities = st.decimals(Decimal("0.00000001"), Decimal(3), places=8).map(str)
tickets = st.one_of(
    st.tuples(
        st.just("limit"), st.sampled_from(["buy", "sell"]), prices, quantities,
        st.sampled_from([None, "ioc", "fok", "post_only"]),
    ),
    st.tuples(
        st.sampled_from(["market", "best"]), st.sampled_from(["buy", "sell"]),
        st.decimals(Decimal(1), Decimal(400), places=2).map(str), quantities, st.sampled_from(["ioc", "fok"]),
    ),
)  # fmt: skip
steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), tickets, st.sampled_from(["cancel_maker", "cancel_taker", "reduce", "none"])),
        st.tuples(st.just("print"), st.integers(90, 110), quantities),
        st.tuples(st.just("cancel"), st.integers(0, 20), st.none()),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(steps, st.sampled_from(["0.01", "1", "50"]))
def test_sessions_conserve_money_and_coins(session: list[tuple[str, object, object]], size: str) -> None:
    desk = Desk()
    for number, (what, first, second) in enumerate(session):
        if what == "place":
            kind, side, price_or_amount, quantity, tif = cast(tuple[str, str, str, str, str | None], first)
            if kind == "limit":
                one = order(side, kind, price_or_amount, quantity, None, tif, str(second), number)
            elif side == "buy":
                one = order(
                    side, kind, None, None, price_or_amount, tif if kind == "best" else None, str(second), number
                )
            else:
                one = order(side, kind, None, quantity, None, tif if kind == "best" else None, str(second), number)
            try:
                desk.place(one, flat_book(size))
            except NotEnough:
                continue
        elif what == "print":
            desk.print(Decimal(cast(int, first)), Decimal(str(second)))
        else:
            index = cast(int, first)
            if index < len(desk.orders) and desk.orders[index].state == "open":
                desk.events.append(matching.finish(desk.orders[index], desk.account, 3))
        desk.check()
    ends = [event for event in desk.events if event.kind in ("done", "cancelled")]
    assert len({event.order.order_id for event in ends}) == len(ends), "an order ends once"


def placed(one: Order, size: str = "1") -> tuple[Desk, Order]:
    desk = Desk()
    desk.place(one, flat_book(size))
    desk.check()
    return desk, one


def test_market_buy_ends_cancelled_with_a_remainder_and_done_when_it_comes_out_even() -> None:
    _, odd = placed(order("buy", "market", amount="100"))
    assert odd.state == "cancelled"
    assert odd.executed == Decimal("0.99009900")
    _, even = placed(order("buy", "market", amount="101"))
    assert (even.state, even.executed) == ("filled", Decimal(1))


def test_market_buy_walks_the_levels_and_locks_the_fee_too() -> None:
    desk, one = placed(order("buy", "market", amount="203"))
    assert [fill.price for fill in one.fills] == [101, 102]
    assert one.state == "filled"
    assert desk.account.of("KRW").free == CASH - 203 * (1 + FEE)


def test_limit_above_the_best_ask_pays_the_book_price_and_rests_with_the_rest() -> None:
    desk, one = placed(order("buy", "limit", "102", "5"))
    assert [(fill.price, fill.quantity) for fill in one.fills] == [(101, 1), (102, 1)]
    assert one.state == "open"
    assert one.locked == 3 * Decimal(102) + one.remaining_fee == desk.account.of("KRW").locked


def test_ioc_keeps_what_it_got_and_fok_takes_all_or_nothing() -> None:
    _, ioc = placed(order("buy", "limit", "101", "2", tif="ioc"))
    assert (ioc.state, ioc.executed) == ("cancelled", 1)
    _, whole = placed(order("buy", "limit", "102", "2", tif="ioc"))
    assert whole.state == "filled"
    _, fok = placed(order("buy", "limit", "101", "2", tif="fok"))
    assert (fok.state, fok.executed) == ("cancelled", 0)
    _, full = placed(order("sell", "limit", "98", "3", tif="fok"))
    assert (full.state, full.executed) == ("filled", 3)


def test_post_only_never_takes() -> None:
    _, crossing = placed(order("sell", "limit", "100", "1", tif="post_only"))
    assert (crossing.state, crossing.executed) == ("cancelled", 0)
    _, resting = placed(order("sell", "limit", "101", "1", tif="post_only"))
    assert resting.state == "open"


def test_best_takes_the_best_level_only() -> None:
    _, one = placed(order("sell", "best", quantity="2", tif="ioc"))
    assert [(fill.price, fill.quantity) for fill in one.fills] == [(100, 1)]
    _, fok = placed(order("buy", "best", amount="150", tif="fok"))
    assert (fok.state, fok.executed) == ("cancelled", 0)


def test_a_trade_at_the_price_fills_in_part_and_through_it_in_full() -> None:
    desk, one = placed(order("buy", "limit", "95", "2"))
    desk.print(Decimal(96), Decimal(9))
    assert one.executed == 0
    desk.print(Decimal(95), Decimal("0.5"))
    assert (one.executed, one.state) == (Decimal("0.5"), "open")
    desk.print(Decimal(94), Decimal("0.01"))
    assert (one.state, {fill.price for fill in one.fills}, one.fills[0].maker) == ("filled", {Decimal(95)}, True)
    desk.check()


@pytest.mark.parametrize(
    ("rule", "maker", "taker"),
    [
        ("cancel_maker", "cancelled", "open"),
        ("cancel_taker", "open", "cancelled"),
        ("reduce", "cancelled", "cancelled"),
    ],
)
def test_own_orders_do_not_trade_with_each_other(rule: str, maker: str, taker: str) -> None:
    desk = Desk()
    resting = order("sell", "limit", "105", "2", number=1)
    desk.place(resting, flat_book())
    coming = order("buy", "limit", "106", "5", smp=rule, number=2)
    desk.place(coming, flat_book())
    desk.check()
    assert (resting.state, coming.state) == (maker, taker) if rule != "reduce" else True
    assert resting.executed == 0
    if rule == "reduce":
        assert (resting.prevented, coming.prevented) == (2, 2)


def test_not_enough_money_changes_nothing() -> None:
    desk = Desk()
    with pytest.raises(NotEnough):
        matching.accept(order("buy", "market", amount="1000000"), desk.account)
    assert (desk.account.of("KRW").free, desk.account.of("KRW").locked) == (CASH, 0)


@settings(max_examples=200, deadline=None)
@given(
    st.decimals(Decimal("0.0001"), Decimal(200_000_000), places=4).filter(lambda p: p > Decimal("0.01")), st.booleans()
)
def test_books_stand_on_the_grid_around_the_last_price(raw: Decimal, half: bool) -> None:
    last = floor_to(raw, GRID(raw))
    book = make_book(last, GRID, half, Decimal(1), "seed")
    bids, asks = [level.price for level in book.bids], [level.price for level in book.asks]
    assert bids == sorted(bids, reverse=True) and asks == sorted(asks) and bids[0] < asks[0]
    assert asks[0] == last + GRID(last)
    assert bids[0] == last if half else bids[0] < last
    assert all(price % GRID(price) == 0 for price in bids + asks)
    assert book.asks[0].quantity * asks[0] > 1_000_000
    assert make_book(last, GRID, half, Decimal(1), "seed") == book


def test_average_price_is_without_fees_and_starts_again_after_all_was_sold() -> None:
    account = Account()
    account.receive_bought("XYZ", Decimal(1), Decimal(100))
    account.receive_bought("XYZ", Decimal(3), Decimal(200))
    assert account.of("XYZ").average_price == 175
    account.lock("XYZ", Decimal(4))
    account.spend("XYZ", Decimal(4))
    account.receive_bought("XYZ", Decimal(1), Decimal(50))
    assert account.of("XYZ").average_price == 50
