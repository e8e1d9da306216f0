"""Liquidation prices by hand, and what holds for every bracket table."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core.brackets import BRACKETS, OTHERS
from trading.core.margin import bankruptcy_price, leverage_limit, liquidation_price, notional_limit

BTC = BRACKETS["BTC"]
tables = pytest.mark.parametrize("brackets", [*BRACKETS.values(), OTHERS])


def test_by_hand() -> None:
    # 1 BTC at 60,000, 10x: (6,000 + 50 - 60,000) / (0.005 - 1); 54,221 lies in the second bracket (from 50,000).
    assert liquidation_price(1.0, 60_000.0, 1.0, 10.0, BTC) == pytest.approx(53_950.0 / 0.995)
    assert liquidation_price(-1.0, 60_000.0, 1.0, 10.0, BTC) == pytest.approx(66_050.0 / 1.005)
    # 0.1 BTC: 5,400 stays in the first bracket.
    assert liquidation_price(1.0, 60_000.0, 0.1, 10.0, BTC) == pytest.approx((600 - 6_000) / (0.1 * 0.004 - 0.1))


def test_without_leverage_or_brackets_there_is_none() -> None:
    assert math.isnan(liquidation_price(1.0, 60_000.0, 0.1, 1.0, BTC))
    assert math.isnan(liquidation_price(1.0, 60_000.0, 0.1, 10.0, ()))
    assert leverage_limit(()) == notional_limit(50.0, ()) == math.inf


def test_leverage_limits_the_notional() -> None:
    assert leverage_limit(BTC) == 125.0
    assert notional_limit(125.0, BTC) == 50_000.0
    assert notional_limit(100.0, BTC) == 600_000.0
    assert notional_limit(1.0, BTC) == math.inf


@tables
def test_the_cumulative_amounts_join_the_brackets(brackets: tuple[tuple[float, float, float, float], ...]) -> None:
    """At each border both brackets ask the same maintenance margin."""
    for before, after in pairwise(brackets):
        border = after[0]
        assert border * before[1] - before[2] == pytest.approx(border * after[1] - after[2])
        assert after[3] < before[3] and after[1] > before[1]


@tables
@given(
    side=st.sampled_from([1.0, -1.0]),
    entry=st.floats(0.01, 1e5),
    notional=st.floats(10.0, 1e6),
    leverage=st.sampled_from([2.0, 5.0, 10.0, 15.0, 20.0]),
)
def test_it_lies_between_entry_and_bankruptcy_and_its_margin_is_used_up(
    brackets: tuple[tuple[float, float, float, float], ...], side: float, entry: float, notional: float, leverage: float
) -> None:
    quantity = min(notional, 0.9 * notional_limit(leverage, brackets)) / entry
    price = liquidation_price(side, entry, quantity, leverage, brackets)
    broke = bankruptcy_price(side, entry, leverage)
    assert side * broke <= side * price * (1 + side * 1e-9) < side * entry
    worth = price * quantity
    held = next(row for row in reversed(brackets) if worth >= row[0] * (1 - 1e-9))
    left = entry * quantity / leverage + side * (price - entry) * quantity
    assert left == pytest.approx(worth * held[1] - held[2], rel=1e-6, abs=1e-6 * notional)
