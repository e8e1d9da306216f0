"""The order of events inside a candle, step by step, and the short side as its mirror."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.core import path
from trading.core.path import AT_LEVEL, AT_OPEN, NOTHING, SIGNAL, STOP, TAKE, TIME

NAN = math.nan


@pytest.mark.parametrize(
    ("open_", "high", "low", "stop", "take", "cut", "leave", "wanted"),
    [
        # 1: a gap through a level leaves at the open, before anything else
        (94, 130, 90, 95, 120, True, True, (STOP, 94, True, False)),
        (95, 130, 90, 95, 120, False, False, (STOP, 95, True, False)),
        (121, 130, 90, 95, 120, True, True, (TAKE, 121, True, False)),
        (120, 120, 120, 95, 120, False, False, (TAKE, 120, True, False)),
        # a stop over the take-profit (a hold that has just ended): the stop comes first
        (118, 119, 117, 119, 115, False, False, (STOP, 118, True, False)),
        # 2: time, then the signal
        (100, 130, 90, 95, 120, True, True, (TIME, 100, True, False)),
        (100, 130, 90, 95, 120, False, True, (SIGNAL, 100, True, False)),
        # 3: stop first, even where the take-profit was reached too
        (100, 130, 90, 95, 120, False, False, (STOP, 95, False, True)),
        (100, 119, 95, 95, 120, False, False, (STOP, 95, False, False)),
        # 4
        (100, 120, 96, 95, 120, False, False, (TAKE, 120, False, False)),
        # 5: nothing
        (100, 119, 96, 95, 120, False, False, (NOTHING, NAN, False, False)),
        (100, 500, 96, 95, NAN, False, False, (NOTHING, NAN, False, False)),
    ],
)
def test_a_held_position(
    open_: float,
    high: float,
    low: float,
    stop: float,
    take: float,
    cut: bool,
    leave: bool,
    wanted: tuple[int, float, bool, bool],
) -> None:
    assert path.held(1.0, open_, high, low, stop, take, cut, leave) == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize(
    ("open_", "high", "level", "first", "reopen", "wanted"),
    [
        (100, 105, NAN, True, True, (NOTHING, NAN)),
        (100, 105, 0.0, True, True, (AT_OPEN, 100)),
        (100, 105, 0.0, False, True, (NOTHING, NAN)),
        (100, 105, 0.0, True, False, (NOTHING, NAN)),
        (100, 105, 100.0, True, True, (AT_OPEN, 100)),
        (100, 105, 100.0, False, True, (AT_OPEN, 100)),
        (100, 105, 99.0, False, False, (NOTHING, NAN)),
        (100, 105, 103.0, False, False, (AT_LEVEL, 103)),
        (100, 105, 105.0, False, True, (AT_LEVEL, 105)),
        (100, 105, 105.1, True, True, (NOTHING, NAN)),
    ],
)
def test_an_entry(
    open_: float, high: float, level: float, first: bool, reopen: bool, wanted: tuple[int, float]
) -> None:
    assert path.entry(1.0, open_, high, 95.0, level, first, reopen) == pytest.approx(wanted, nan_ok=True)


def test_at_once_belongs_to_its_own_side() -> None:
    """0 is at once for a long and no price for a short; +inf the other way round."""
    assert path.entry(-1.0, 100, 105, 95, math.inf, True, True) == (AT_OPEN, 100)
    assert path.entry(-1.0, 100, 105, 95, 0.0, True, True)[0] == NOTHING
    assert path.entry(1.0, 100, 105, 95, math.inf, True, True)[0] == NOTHING


@pytest.mark.parametrize(
    ("open_", "high", "low", "close", "stop", "take", "wanted"),
    [
        # 7a: close at or under the stop
        (100, 112, 90, 95, 95, 120, (STOP, 95, False)),
        (100, 125, 90, 94, 95, 120, (STOP, 95, True)),
        # 7a: only the low says so: the worst case, doubtful
        (100, 112, 90, 111, 95, 120, (STOP, 95, True)),
        (100, 125, 95, 111, 95, 120, (STOP, 95, True)),
        # opened at or under the stop: the low says nothing, the close decides
        (95, 112, 90, 111, 95, 120, (NOTHING, NAN, True)),
        (94, 125, 90, 111, 95, 120, (TAKE, 120, True)),
        (94, 125, 90, 95, 95, 130, (STOP, 95, False)),
        # 7b and 7c
        (100, 120, 96, 111, 95, 120, (TAKE, 120, False)),
        (100, 119, 96, 111, 95, 120, (NOTHING, NAN, False)),
        (100, 119, 96, 111, 95, NAN, (NOTHING, NAN, False)),
    ],
)
def test_the_rest_of_a_candle_after_a_crossing(
    open_: float, high: float, low: float, close: float, stop: float, take: float, wanted: tuple[int, float, bool]
) -> None:
    assert path.after_level(1.0, open_, high, low, close, stop, take) == pytest.approx(wanted, nan_ok=True)


@pytest.mark.parametrize(
    ("high", "low", "wanted"),
    [
        (125, 90, (STOP, 95, True)),
        (119, 95, (STOP, 95, False)),
        (120, 96, (TAKE, 120, False)),
        (119, 96, (NOTHING, NAN, False)),
    ],
)
def test_the_rest_of_a_candle_after_an_entry_at_its_open(
    high: float, low: float, wanted: tuple[int, float, bool]
) -> None:
    assert path.after_open(1.0, high, low, 95, 120) == pytest.approx(wanted, nan_ok=True)


def test_a_lift_over_the_low_is_noticed() -> None:
    assert path.lifted_over_low(1.0, 99, 110, 95, 100)
    assert not path.lifted_over_low(1.0, 101, 110, 95, 100)
    assert not path.lifted_over_low(1.0, 94, 110, 95, 95)  # no lift, no doubt
    assert path.lifted_over_low(-1.0, 90, 101, 105, 100)
    assert not path.lifted_over_low(-1.0, 90, 99, 105, 100)


whole = st.integers(-20, 20).map(float)  # few values: equality is as likely as an order


@st.composite
def bars(draw: st.DrawFn) -> tuple[float, float, float, float]:
    open_, close = draw(whole), draw(whole)
    return open_, max(open_, close, draw(whole)), min(open_, close, draw(whole)), close


def mirrored(outcome: tuple[float | bool, ...]) -> tuple[float | bool, ...]:
    event, price, *rest = outcome
    return (event, -price, *rest)


@given(bar=bars(), stop=whole, take=whole | st.just(NAN), cut=st.booleans(), leave=st.booleans())
def test_a_short_is_a_long_upside_down(
    bar: tuple[float, float, float, float], stop: float, take: float, cut: bool, leave: bool
) -> None:
    open_, high, low, close = bar
    up = (-open_, -low, -high, -close)
    assert path.held(-1.0, open_, high, low, stop, take, cut, leave) == pytest.approx(
        mirrored(path.held(1.0, *up[:3], -stop, -take, cut, leave)), nan_ok=True
    )
    assert path.after_open(-1.0, high, low, stop, take) == pytest.approx(
        mirrored(path.after_open(1.0, up[1], up[2], -stop, -take)), nan_ok=True
    )
    assert path.after_level(-1.0, open_, high, low, close, stop, take) == pytest.approx(
        mirrored(path.after_level(1.0, *up, -stop, -take)), nan_ok=True
    )


@given(bar=bars(), level=whole.filter(bool) | st.just(NAN), first=st.booleans(), reopen=st.booleans())
def test_a_short_enters_upside_down(
    bar: tuple[float, float, float, float], level: float, first: bool, reopen: bool
) -> None:
    open_, high, low, _ = bar
    assert path.entry(-1.0, open_, high, low, level, first, reopen) == pytest.approx(
        mirrored(path.entry(1.0, -open_, -low, -high, -level, first, reopen)), nan_ok=True
    )


@given(bar=bars(), stop=whole, take=whole)
def test_what_happens_happens_inside_the_candle(
    bar: tuple[float, float, float, float], stop: float, take: float
) -> None:
    open_, high, low, _ = bar
    event, price, at_open, _ = path.held(1.0, open_, high, low, stop, take, False, False)
    if event != NOTHING:
        assert low <= price <= high
        assert (price == open_) or not at_open


@given(price=whole, stop=whole, take=whole)
def test_a_tick_leaves_no_doubt_for_a_held_position(price: float, stop: float, take: float) -> None:
    event, at, at_open, doubt = path.held(1.0, price, price, price, stop, take, False, False)
    assert not doubt
    assert event == NOTHING or (at == price and at_open)
