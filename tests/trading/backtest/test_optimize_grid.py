"""Grids: exact decimal steps, values that the settings allow, and as many combinations as they say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import SettingError
from tests.trading.backtest.searches import KNOBS, macd_grid
from trading import strategies
from trading.backtest.grid import MOST_TRIALS, Grid, grid
from trading.core.errors import BadInput
from trading.core.rows import rule

BREAKOUT = rule(strategies.create("breakout"), KNOBS)


def of(*given: str) -> Grid:
    return grid(given, BREAKOUT, KNOBS)


def test_the_steps_of_the_manual() -> None:
    found = of("k=0.3:0.8:0.05", "take_profit_percent=0.03:0.10:0.01", "stop_loss_percent=0.01:0.05:0.01")
    assert found.axes[0].values == (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
    assert found.axes[1].values == (0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1)
    assert found.size == 11 * 8 * 5 == len(set(found.combinations()))


@given(
    st.integers(0, 900), st.integers(0, 40), st.integers(1, 30), st.integers(0, 29), st.sampled_from([1000, 2000, 4000])
)
def test_ranges_are_exact_and_inclusive(first: int, count: int, step: int, rest: int, scale: int) -> None:
    """Every value is the float nearest to its decimal; the last one is the last that does not pass the end."""
    low, width = Decimal(first) / scale, Decimal(step) / scale
    end = low + count * width + Decimal(min(rest, step - 1)) / scale
    bounded = [low + i * width for i in range(count + 1) if low + i * width <= Decimal("0.99")]
    if end > Decimal("0.99"):
        return
    axis = of(f"take_profit_percent={low}:{end}:{width}").axes[0]
    assert axis.values == tuple(float(value) for value in bounded)


@given(st.data())
def test_combinations_are_numbered_like_a_counter(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    names = ["take_profit_percent", "stop_loss_percent", "trailing_stop_percent"]
    options = [f"{name}={','.join(f'0.{i + 1:02}' for i in range(n))}" for name, n in zip(names, lengths, strict=False)]
    found = of(*options)
    everything = found.combinations()
    assert everything == sorted(everything)
    assert [found.combination(number) for number in range(found.size)] == everything
    assert len(set(everything)) == found.size


@given(st.integers(1, 60), st.integers(0, 9))
def test_draws_are_distinct_and_follow_their_seed(trials: int, seed: int) -> None:
    found = of("k=0.3:0.8:0.1", "stop_loss_percent=0.01:0.05:0.01")
    drawn = found.combinations(trials, seed)
    assert len(set(drawn)) == len(drawn) == min(trials, found.size)
    assert set(drawn) <= set(found.combinations())
    assert drawn == found.combinations(trials, seed)


def test_other_seeds_draw_others() -> None:
    found = of("k=0.3:0.8:0.01", "stop_loss_percent=0.01:0.05:0.001")
    assert len({tuple(found.combinations(10, seed)) for seed in range(5)}) == 5


def test_a_few_draws_of_a_grid_beyond_counting() -> None:
    found = of(*(f"{name}=0.01:0.9:0.0001" for name in ("take_profit_percent", "stop_loss_percent")), "k=0.1:2:0.001")
    found = replace(found, axes=found.axes * 6)
    assert found.size > 2**64
    assert len(set(found.combinations(100))) == 100


def test_lists_of_switches_choices_and_the_unset() -> None:
    found = of("sell_at_day_end=true,false", "cooldown_action=pause,stop", "trend_filter=auto,on,off", "k=0.5,0.50")
    assert [axis.values for axis in found.axes] == [(True, False), ("pause", "stop"), (None, True, False), (0.5,)]


def test_a_fraction_may_be_written_in_percent() -> None:
    assert of("take_profit_percent=3%,5%").axes[0].values == (0.03, 0.05)


def test_equal_rules_are_one() -> None:
    """Auto is what the strategy says: the same rows as saying it."""
    found = of("trend_filter=auto,true,false", "k=0.4,0.5")
    rules = [found.rule_of(values) for values in found.combinations()]
    assert len(set(rules)) == 4
    assert {r.strategy.k for r in rules} == {0.4, 0.5}  # type: ignore[attr-defined]
    assert found.current == (False, 0.5)


def test_combinations_reach_rule_and_knobs() -> None:
    found = of("k=0.4", "stop_loss_percent=0.02", "min_atr_percent=0.003")
    (values,) = found.combinations()
    assert found.rule_of(values) == rule(strategies.create("breakout", {"k": 0.4}), found.knobs_of(values))
    assert found.rule_of(values).min_atr_percent == 0.003
    assert found.knobs_of(values) == replace(KNOBS, stop_loss_percent=0.02, min_atr_percent=0.003)
    assert found.written(values) == "k=0.4, stop_loss_percent=0.02, min_atr_percent=0.003"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("kk=0.3:0.8:0.05", "did you mean k?"),
        ("stop_los_percent=0.1,0.2", "stop_loss_percent"),
        ("zzzzzz=1,2", "entries_per_day"),
        ("k=0.3:0.8", "k=0.3:0.8"),
        ("k=0.3:0.8:0.1:2", "first:last:step"),
        ("k=a:b:c", "first:last:step"),
        ("k=0.3:NaN:0.1", "first:last:step"),
        ("k=0.3:Infinity:0.1", "first:last:step"),
        ("k=0.3:1e999999:0.1", "first:last:step"),
        ("k=0.3:0.8:1e-999999", "first:last:step"),
        ("k=0.8:0.3:0.05", "step"),
        ("k=0.3:0.8:0", "step"),
        ("k=0.3:0.8:-0.1", "step"),
        ("k=0.3,,0.5", "value,value"),
        ("k=", "value,value"),
        ("k", "--grid"),
        ("=1,2", "--grid"),
        ("k=0.1:2:0.0000001", "wider step"),
        ("k=0.3:8:1", "out of range"),
        ("entries_per_day=1:3:0.5", "entries_per_day"),
        ("sell_at_day_end=perhaps", "sell_at_day_end"),
        ("take_profit_percent=5", "take_profit_percent"),
        ("cooldown_action=sleep", "cooldown_action"),
        ("fee_rate=0.0,0.001", "--set"),
        ("language=ko,en", "--set"),
        ("mode=live,demo", "--set"),
        ("initial_capital=1,2", "--set"),
        ("kelly_min=0.05,0.5", "kelly_m"),
    ],
)
def test_what_cannot_be_tried_is_refused(option: str, said: str) -> None:
    with pytest.raises((BadInput, SettingError)) as refused:
        of(option)
    assert said in refused.value.text("en")
    assert refused.value.text("ko")


def test_one_name_twice_and_no_name_at_all() -> None:
    with pytest.raises(BadInput, match="twice"):
        of("k=0.3,0.4", "k=0.5")
    with pytest.raises(BadInput, match="--grid"):
        of()


def test_absurd_sizes_name_the_way_out() -> None:
    found = of("k=0.1:1:0.001", "take_profit_percent=0.01:0.5:0.001", "stop_loss_percent=0.01:0.1:0.01")
    assert found.size > MOST_TRIALS
    with pytest.raises(BadInput, match="--trials"):
        found.combinations()
    with pytest.raises(BadInput, match="--trials"):
        found.combinations(MOST_TRIALS + 1)
    assert len(found.combinations(1000)) == 1000


def test_the_grid_says_where_the_current_values_stand() -> None:
    found = macd_grid()
    assert found.current == (False, 0.05, 0.03)
