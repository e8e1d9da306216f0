"""Sizes: by hand, and never over cash, cap or lot whatever goes in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.values import Knobs
from trading.core.sizing import Wish, bought_for, kelly_fraction, quantity

KNOBS = Knobs()
WISH = Wish(price=100.0, stop=97.0, equity=1_000.0, cash=1_000.0, fee=0.0, lot_step=0.0, atr=1.0, close=100.0)


def sized(sizing: str, wish: Wish = WISH, **knobs: float) -> float:
    return quantity(wish, replace(KNOBS, sizing=sizing, **knobs))  # type: ignore[arg-type]


def test_turtle_risks_its_share_down_to_the_stop() -> None:
    assert sized("turtle", max_position_size=1.0) == pytest.approx(1_000 * 0.01 / 3)
    assert sized("turtle", max_position_size=0.2) == pytest.approx(2.0)  # capped
    assert sized("turtle", replace(WISH, stop=100.0), max_position_size=1.0) == 0.0


def test_fixed_and_all_in() -> None:
    assert sized("fixed", max_position_size=0.5) == pytest.approx(5.0)
    assert sized("all_in", replace(WISH, fee=0.0005), max_position_size=0.1) == pytest.approx(1000 / 100.05)
    assert sized("fixed", replace(WISH, cash=100.0), max_position_size=0.5) == pytest.approx(1.0)
    assert sized("all_in", replace(WISH, lot_step=3.0)) == 9.0


def test_kelly_by_hand() -> None:
    # 12 wins of 20 and 8 losses of 10: p 0.6, b 2, (1.2 - 0.4) / 2 = 0.4, a quarter of it 0.1.
    results = [20.0] * 12 + [-10.0] * 8
    assert kelly_fraction(results, 0.0, 1.0) == pytest.approx(0.1)
    assert kelly_fraction(results, 0.0, 0.05) == 0.05
    assert kelly_fraction(results, 0.2, 0.5) == 0.2
    assert kelly_fraction(results[:19], 0.0, 0.1) == 0.02
    assert kelly_fraction([-10.0] * 500 + results * 5, 0.0, 1.0) == pytest.approx(0.1)  # the last 100 only
    assert kelly_fraction([-1.0] * 30, 0.0, 0.1) == 0.0
    assert kelly_fraction([1.0] * 30, 0.0, 1.0) == pytest.approx(0.25)


def test_kelly_shrinks_with_noise_and_losses() -> None:
    assert sized("kelly", max_position_size=1.0) == pytest.approx(0.2)
    assert sized("kelly", replace(WISH, atr=4.0), max_position_size=1.0) == pytest.approx(0.1)
    assert sized("kelly", replace(WISH, losses=5), max_position_size=1.0) == pytest.approx(0.1)
    assert sized("kelly", max_position_size=0.01) == pytest.approx(0.1)


def test_the_market_factor_never_lifts_a_size_over_its_cap() -> None:
    assert sized("fixed", replace(WISH, factor=0.7), max_position_size=0.5) == pytest.approx(3.5)
    assert sized("fixed", replace(WISH, factor=1.1), max_position_size=0.5) == pytest.approx(5.0)
    assert sized("kelly", replace(WISH, factor=1.1), max_position_size=1.0) == pytest.approx(0.22)


def test_leverage_multiplies_notional_not_margin() -> None:
    assert sized("fixed", replace(WISH, leverage=5.0), max_position_size=0.5) == pytest.approx(25.0)


wishes = st.builds(
    Wish,
    price=st.floats(0.001, 2e8),
    stop=st.floats(0.001, 2e8),
    equity=st.floats(-1e6, 1e9),
    cash=st.floats(0, 1e9),
    fee=st.floats(0, 0.01),
    lot_step=st.sampled_from([0.0, 1e-8, 1e-3, 1.0]),
    atr=st.floats(0, 1e7) | st.just(float("nan")),
    close=st.floats(0, 2e8) | st.just(float("nan")),
    results=st.lists(st.floats(-1e6, 1e6), max_size=120),
    losses=st.integers(0, 50),
    factor=st.sampled_from([0.7, 1.0, 1.1]),
    leverage=st.sampled_from([1.0, 3.0, 10.0]),
)


@given(
    wish=wishes,
    sizing=st.sampled_from(["turtle", "kelly", "fixed", "all_in"]),
    share=st.floats(0.01, 1.0),
    risk=st.floats(0.001, 0.1),
)
def test_a_size_never_goes_over_cash_cap_or_lot(wish: Wish, sizing: str, share: float, risk: float) -> None:
    knobs = replace(KNOBS, sizing=sizing, max_position_size=share, risk_per_trade=risk)
    size = quantity(wish, knobs)
    assert size == size
    cost = size * wish.price * (1 / wish.leverage + wish.fee)
    slack = 1e-8 * wish.lot_step * wish.price
    assert cost <= wish.cash * (1 + 1e-9) + slack
    if sizing != "all_in":
        assert size * wish.price <= max(0.0, share * wish.equity * wish.leverage) * (1 + 1e-9) + slack
    if wish.lot_step:
        assert size / wish.lot_step == pytest.approx(round(size / wish.lot_step), rel=1e-9, abs=1e-6)


@given(wish=wishes, amount=st.just(0.0) | st.floats(1e-6, 1e12))
def test_a_persons_amount_is_met_in_whole_lots(wish: Wish, amount: float) -> None:
    size = bought_for(amount, wish)
    slack = 1e-8 * wish.lot_step * wish.price
    assert size * wish.price <= amount * wish.leverage * (1 + 1e-9) + slack
    assert size * wish.price >= amount * wish.leverage * (1 - 1e-9) - wish.lot_step * wish.price
