"""The exact replay against a second engine that was written from the rules alone, on markets nobody has seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from config.values import Knobs
from tests.trading.backtest.reference import Engine, Outcome
from tests.trading.backtest.scripted import MINUTE, Case, Scripted, case
from trading.backtest.replay import replay
from trading.backtest.series import Result, prepare
from trading.core.rows import Rule

PLAIN = Knobs(
    sizing="all_in",
    slippage_ticks=0,
    cooldown_after_losses=0,
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    max_positions=0,
    leverage=1,
)
#: A market is a seed, and a smaller seed is no simpler market: a difference is told at once, not shrunk for minutes.
AS_FOUND = settings(phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
COARSE = ((100.0, 1.0), (10.0, 0.5), (0.0, 0.1))
BANDS = ((1_000_000.0, 1000.0), (500_000.0, 500.0), (100_000.0, 100.0), (0.0, 50.0))


def played(example: Case, knobs: Knobs, cash: float, daily_entries: int) -> tuple[Result, Outcome]:
    """Both engines on the same example."""
    strategy = Scripted(example.script, daily_entries)
    ours = replay(prepare(example.series, Rule(strategy, ())), knobs, cash)
    return ours, Engine(example.markets, knobs, cash).run()


def same(ours: Result, theirs: Outcome) -> None:
    """Trades one by one, times and reasons exactly, numbers to 1e-9; then the equity curve."""
    mine = sorted(ours.trades, key=lambda trade: (trade.exit_ms, trade.entry_ms, trade.symbol))
    other = sorted(theirs.trades, key=lambda trade: (trade.exit_ms, trade.entry_ms, trade.symbol))
    for index, (one, two) in enumerate(zip(mine, other, strict=False)):
        assert (one.symbol, one.side, one.entry_ms, one.exit_ms, one.exit_reason, one.ambiguous) == (
            two.symbol,
            two.side,
            two.entry_ms,
            two.exit_ms,
            two.exit_reason,
            two.ambiguous,
        ), (index, one, two)
        for name in ("entry_price", "quantity", "exit_price", "fee"):
            assert float(getattr(one, name)) == pytest.approx(getattr(two, name), rel=1e-9, abs=1e-12), (name, one, two)
        assert float(one.pnl) == pytest.approx(two.pnl, rel=1e-9, abs=1e-7 * abs(float(one.entry_price)))
    assert len(ours.trades) == len(theirs.trades)
    assert ours.times.tolist() == [time for time, _ in theirs.equity]
    assert ours.equity.tolist() == pytest.approx([equity for _, equity in theirs.equity], rel=1e-9)


percent = st.sampled_from([0.002, 0.005, 0.01, 0.03, 0.08])
levels = st.fixed_dictionaries(
    {
        "take_profit_percent": st.just(0.0) | percent,
        "stop_loss_percent": st.just(0.0) | percent,
        "atr_multiplier": st.sampled_from([1.0, 2.0, 3.0]),
        "trailing_stop_percent": st.just(0.0) | percent,
        "trailing_arm_percent": st.none() | st.just(0.0) | percent,
        "tighten_stop": st.booleans(),
        "emergency_stop_percent": st.sampled_from([0.03, 0.05, 0.15]),
        "min_hold_candles": st.sampled_from([0, 0, 1, 3]),
        "min_hold_minutes": st.sampled_from([0, 0, 2, 45]),
        "max_hold_minutes": st.sampled_from([0, 0, 7, 600]),
    }
)
costs = st.fixed_dictionaries(
    {"slippage_ticks": st.integers(0, 3), "slippage_bps": st.sampled_from([0.0, 0.0, 3.0, 20.0])}
)
sizes = st.fixed_dictionaries(
    {
        "sizing": st.sampled_from(["all_in", "fixed", "turtle", "kelly"]),
        "max_position_size": st.sampled_from([0.1, 0.3, 0.5, 1.0]),
        "risk_per_trade": st.sampled_from([0.005, 0.01, 0.05]),
        "kelly_min": st.sampled_from([0.0, 0.03]),
        "kelly_max": st.sampled_from([0.05, 0.10]),
    }
)
gates = st.fixed_dictionaries(
    {
        "cooldown_after_losses": st.sampled_from([0, 1, 2]),
        "cooldown_minutes": st.sampled_from([5, 30, 300]),
        "cooldown_action": st.sampled_from(["pause", "stop"]),
        "symbol_cooldown_minutes": st.sampled_from([0, 0, 10, 100]),
        "max_trades_per_day": st.sampled_from([0, 0, 1, 3]),
        "daily_loss_limit": st.sampled_from([0.0, 0.005, 0.02]),
        "drawdown_limit": st.sampled_from([0.0, 0.02, 0.2]),
        "capital_stop": st.sampled_from([0.0, 0.01, 0.1]),
        "max_positions": st.sampled_from([0, 1, 2]),
        "confidence_threshold": st.sampled_from([0.0, 0.6, 0.7]),
        "min_reward_risk": st.sampled_from([0.0, 0.0, 1.0]),
        "day_starts_at": st.sampled_from(["venue", "00:00"]),
    }
)
items = st.fixed_dictionaries(
    {
        "ticks": st.sampled_from([(), COARSE, BANDS, ((0.0, 0.01),)]),
        "lot_step": st.sampled_from([1e-8, 1e-3]),
        "min_notional": st.sampled_from([0.0, 5_000.0, 90_000.0]),
        "fee_rate": st.sampled_from([0.0, 0.0005, 0.0025]),
    }
)
markets = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "n": st.integers(2, 400),
        "vol": st.sampled_from([0.001, 0.005, 0.02]),
        "on_tick": st.booleans(),
        "length": st.sampled_from([MINUTE, 15 * MINUTE]),
    }
)


def priced(item: dict[str, Any]) -> float:
    """A price at which the ticks matter, bands included."""
    return 500_000.0 if item["ticks"] == BANDS else 100.0


@settings(AS_FOUND, max_examples=300)
@given(market=markets, level=levels, cost=costs, item=items, shorts=st.booleans(), detail=st.booleans())
def test_path_and_levels_of_one_symbol(
    market: dict[str, Any],
    level: dict[str, Any],
    cost: dict[str, Any],
    item: dict[str, Any],
    shorts: bool,
    detail: bool,
) -> None:
    knobs = replace(PLAIN, **level, **cost)
    example = case(**market, count=1, price=priced(item), instrument=item, detail=detail, shorts=shorts)
    same(*played(example, knobs, 1_000_000.0, 0))


@settings(AS_FOUND, max_examples=250)
@given(
    market=markets,
    level=levels,
    cost=costs,
    item=items,
    size=sizes,
    gate=gates,
    detail=st.booleans(),
    count=st.integers(1, 3),
    daily=st.sampled_from([0, 0, 1, 2]),
)
def test_portfolios_sizes_and_gates(
    market: dict[str, Any],
    level: dict[str, Any],
    cost: dict[str, Any],
    item: dict[str, Any],
    size: dict[str, Any],
    gate: dict[str, Any],
    detail: bool,
    count: int,
    daily: int,
) -> None:
    knobs = replace(PLAIN, **level, **cost, **size, **gate)
    example = case(
        **market,
        count=count,
        price=priced(item),
        instrument=item,
        detail=detail,
        shorts=False,
        daily_entries=daily,
    )
    same(*played(example, knobs, 1_000_000.0, daily))


@settings(AS_FOUND, max_examples=200)
@given(
    market=markets,
    level=levels,
    cost=costs,
    sizing=st.sampled_from(["all_in", "fixed"]),
    share=st.sampled_from([0.4, 0.6, 1.0]),
    detail=st.booleans(),
)
def test_a_shared_account_that_is_short_of_cash(
    market: dict[str, Any], level: dict[str, Any], cost: dict[str, Any], sizing: str, share: float, detail: bool
) -> None:
    """No gate but cash: what is sold inside a candle buys nothing in it."""
    knobs = replace(PLAIN, **level, **cost, sizing=sizing, max_position_size=share)
    item = {"ticks": COARSE, "lot_step": 1e-8, "min_notional": 5_000.0, "fee_rate": 0.0005}
    crowded = market | {"n": 100 + market["n"]}
    example = case(**crowded, count=3, price=100.0, instrument=item, detail=detail, shorts=False)
    same(*played(example, knobs, 1_000_000.0, 0))
