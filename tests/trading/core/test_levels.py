"""Exit levels: every line of the table, ties, the tightening, the mirror."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core import levels
from trading.core.levels import ATR_STOP, EMERGENCY_STOP, LIQUIDATION_GUARD, STOP_LOSS, TRAILING_STOP

NAN = math.nan


def stop(**changes: Any) -> tuple[float, int]:
    """The stop of a long from 100, everything but the emergency stop off."""
    values: dict[str, Any] = {
        "side": 1.0,
        "entry": 100.0,
        "atr": NAN,
        "high_water": 100.0,
        "hours_held": 0.0,
        "hold_over": True,
        "stop_loss_percent": 0.0,
        "tighten": False,
        "atr_multiplier": 0.0,
        "trailing_percent": 0.0,
        "trailing_arm": 0.0,
        "emergency_percent": 0.05,
        "guard": NAN,
    }
    return levels.stop_in_force(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "level", "reason"),
    [
        ({}, 95.0, EMERGENCY_STOP),
        ({"stop_loss_percent": 0.03}, 97.0, STOP_LOSS),
        ({"stop_loss_percent": 0.08}, 95.0, EMERGENCY_STOP),
        ({"stop_loss_percent": 0.05}, 95.0, STOP_LOSS),  # a tie: first in the table
        ({"atr": 1.5, "atr_multiplier": 2.0}, 97.0, ATR_STOP),
        ({"atr": 2.5, "atr_multiplier": 2.0}, 95.0, ATR_STOP),
        ({"atr": 4.0, "atr_multiplier": 2.0}, 95.0, EMERGENCY_STOP),
        ({"atr": NAN, "atr_multiplier": 2.0}, 95.0, EMERGENCY_STOP),
        ({"atr": 1.0, "atr_multiplier": 2.0, "stop_loss_percent": 0.04}, 96.0, STOP_LOSS),  # ATR only without one
        ({"trailing_percent": 0.02}, 98.0, TRAILING_STOP),
        ({"trailing_percent": 0.02, "hold_over": False}, 95.0, EMERGENCY_STOP),
        ({"trailing_percent": 0.02, "trailing_arm": 0.03, "high_water": 102.9}, 95.0, EMERGENCY_STOP),
        ({"trailing_percent": 0.02, "trailing_arm": 0.03, "high_water": 103.0}, 100.94, TRAILING_STOP),
        ({"trailing_percent": 0.03, "stop_loss_percent": 0.03}, 97.0, STOP_LOSS),
        ({"trailing_percent": 0.02, "atr": 1.0, "atr_multiplier": 2.0}, 98.0, ATR_STOP),
        ({"trailing_percent": 0.05}, 95.0, TRAILING_STOP),
        ({"guard": 96.0}, 96.0, LIQUIDATION_GUARD),
        ({"guard": 95.0}, 95.0, EMERGENCY_STOP),
        ({"guard": 97.0, "stop_loss_percent": 0.03}, 97.0, STOP_LOSS),
    ],
)
def test_the_nearest_stop_is_in_force(changes: dict[str, Any], level: float, reason: int) -> None:
    got, why = stop(**changes)
    assert got == pytest.approx(level, rel=1e-12)
    assert why == reason


@pytest.mark.parametrize(
    ("hours", "level"), [(0.0, 96.0), (2.4, 96.4), (7.2, 97.2), (7.3, 97.2), (24.0, 97.2), (1000.0, 97.2)]
)
def test_tightening_takes_back_30_percent_in_7_2_hours(hours: float, level: float) -> None:
    got, why = stop(stop_loss_percent=0.04, tighten=True, hours_held=hours)
    assert got == pytest.approx(level)
    assert why == STOP_LOSS


def test_take_profit() -> None:
    assert levels.take_profit(1.0, 100.0, 0.05) == 105.0
    assert levels.take_profit(-1.0, 100.0, 0.05) == 95.0
    assert math.isnan(levels.take_profit(1.0, 100.0, 0.0))


def test_the_guard_stands_where_four_fifths_of_the_way_are_used_up() -> None:
    assert levels.liquidation_guard(100.0, 90.0, 0.20) == pytest.approx(92.0)
    assert levels.liquidation_guard(100.0, 110.0, 0.20) == pytest.approx(108.0)
    assert math.isnan(levels.liquidation_guard(100.0, NAN, 0.20))


share = st.sampled_from([0.0, 0.005, 0.01, 0.03, 0.05, 0.1])
settings_of_a_stop = st.fixed_dictionaries(
    {
        "atr": st.just(NAN) | st.floats(0.1, 10),
        "hours_held": st.floats(0, 100),
        "hold_over": st.booleans(),
        "stop_loss_percent": share,
        "tighten": st.booleans(),
        "atr_multiplier": st.sampled_from([0.0, 1.0, 3.0]),
        "trailing_percent": share,
        "trailing_arm": share,
        "emergency_percent": st.floats(0.03, 0.15),
    }
)


@given(given_=settings_of_a_stop, rise=st.floats(0, 30))
def test_a_shorts_stop_mirrors_a_longs(given_: dict[str, Any], rise: float) -> None:
    long, why = stop(**given_, high_water=100.0 + rise)
    short, also = stop(**given_, side=-1.0, high_water=100.0 - rise)
    if why == also == TRAILING_STOP:
        assert short == pytest.approx((100.0 - rise) * (1 + given_["trailing_percent"]))
    elif TRAILING_STOP not in (why, also):
        assert short == pytest.approx(200.0 - long)
        assert also == why


@given(given_=settings_of_a_stop, rise=st.floats(0, 30), more=st.floats(0, 30), later=st.floats(0, 100))
def test_a_stop_never_moves_away(given_: dict[str, Any], rise: float, more: float, later: float) -> None:
    before, _ = stop(**given_, high_water=100.0 + rise)
    after, _ = stop(
        **(given_ | {"hours_held": given_["hours_held"] + later, "hold_over": True}), high_water=100.0 + rise + more
    )
    assert after >= before
    assert before >= 100.0 * (1 - given_["emergency_percent"])
