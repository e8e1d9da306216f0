"""States only go along their arrows, and a decision has one name."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.orders import NEXT, TERMINAL, Order, State, client_id

ORDER = Order(
    id="x",
    venue="upbit",
    book="main",
    strategy="macd",
    symbol="BTC/KRW",
    side="buy",
    leg="entry",
    quantity=Decimal(1),
    price=Decimal(1),
    reason="entry",
    candle_ms=0,
    created_ms=0,
    trip="x",
)

#: from -> every state it may go to, written down a second time.
ARROWS = {
    "INTENT": {"SENT", "UNKNOWN", "REJECTED"},
    "SENT": {"OPEN", "PARTIAL", "FILLED", "CANCELLED", "EXPIRED", "REJECTED", "UNKNOWN"},
    "UNKNOWN": {"OPEN", "PARTIAL", "FILLED", "CANCELLED", "EXPIRED", "REJECTED"},
    "OPEN": {"PARTIAL", "FILLED", "CANCELLED", "EXPIRED", "REJECTED"},
    "PARTIAL": {"FILLED", "CANCELLED", "EXPIRED", "REJECTED"},
    "FILLED": set(),
    "CANCELLED": set(),
    "EXPIRED": set(),
    "REJECTED": set(),
}


@pytest.mark.parametrize(("start", "end"), list(itertools.product(State, State)))
def test_every_arrow_and_no_other(start: State, end: State) -> None:
    assert NEXT.keys() == set(State)
    before = replace(ORDER, state=start)
    after = before.moved(end, filled=Decimal("0.5"), detail="told")
    assert after.state == (end if end.value in ARROWS[start.value] or end is start else start)
    # A forbidden arrow still brings news: what was filled late is kept.
    assert (after.filled, after.detail) == (Decimal("0.5"), "told")


@given(steps=st.lists(st.sampled_from(list(State)), max_size=30))
def test_an_end_is_an_end(steps: list[State]) -> None:
    order = ORDER
    ended: State | None = None
    for state in steps:
        order = order.moved(state)
        if ended is not None:
            assert order.state is ended
        if order.done:
            ended = order.state
    assert order.done == (order.state in TERMINAL)


words = st.text(st.characters(codec="utf-8", exclude_characters="|"), max_size=12)
decisions = st.tuples(
    words, words, words, words, st.sampled_from(["buy", "sell"]), st.integers(0, 2**45), words, st.integers(0, 9)
)


@given(decision=decisions)
def test_a_name_fits_every_venue_and_does_not_change(decision: tuple[str, str, str, str, str, int, str, int]) -> None:
    name = client_id(*decision)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name)
    assert name == client_id(*decision)


@given(one=decisions, other=decisions)
def test_other_decisions_have_other_names(
    one: tuple[str, str, str, str, str, int, str, int], other: tuple[str, str, str, str, str, int, str, int]
) -> None:
    assert (client_id(*one) == client_id(*other)) == (one == other)


def test_the_name_is_part_of_the_ledgers_contract() -> None:
    """An upgrade must name a decision as the last version did, or it would be made twice."""
    first = client_id("bot", "main", "macd", "BTC/KRW", "buy", 1_756_684_800_000, "entry", 0)
    assert first == GOLDEN


GOLDEN = "ht4lbdj53axrpgt5xzdaf4g3eli3"
