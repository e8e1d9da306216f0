"""The fast kernel against the exact replay: the same trades, whatever the market, the knobs and the symbols."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.values import Knobs
from tests.trading.backtest.scripted import MINUTE, Case, Scripted, case
from tests.trading.backtest.test_reference import AS_FOUND, PLAIN, costs, gates, levels, markets, priced, sizes
from tests.trading.backtest.test_reference import items as free_items
from trading.backtest import fast
from trading.backtest.perpetual import Funding
from trading.backtest.replay import replay
from trading.backtest.series import Prepared, Result, prepare
from trading.core.candles import Candles
from trading.core.rows import Rule

#: Without any fee an all-in entry at the price of the last exit buys whole lots to the last digit, and there the float
#: of a sum and the sum of floats may lie on two sides of a lot.
items = free_items.map(lambda item: item | {"fee_rate": item["fee_rate"] or 0.0001})
limits = st.fixed_dictionaries(
    {
        "on_limit": st.sampled_from(["block", "flatten"]),
        "leverage": st.sampled_from([0, 1, 5]),
        "max_volume_share": st.sampled_from([0.0, 0.0, 50.0, 2000.0]),
    }
)


def prepared(example: Case, daily_entries: int) -> Prepared:
    return prepare(example.series, Rule(Scripted(example.script, daily_entries), ()))


def same(kernel: Result, exact: Result) -> None:
    """The lists of trades in the order they closed; what is still open; latches; the curve of equity."""
    for index, (one, two) in enumerate(zip(kernel.trades, exact.trades, strict=False)):
        for name in ("symbol", "side", "entry_ms", "exit_ms", "exit_reason", "ambiguous"):
            assert getattr(one, name) == getattr(two, name), (index, name, one, two)
        for name in ("entry_price", "quantity", "exit_price", "fee", "funding", "pnl_percent"):
            near = pytest.approx(float(getattr(two, name)), rel=1e-9, abs=1e-9)
            assert float(getattr(one, name)) == near, (index, name, one, two)
        assert float(one.pnl) == pytest.approx(
            float(two.pnl), rel=1e-9, abs=1e-9 * float(two.entry_price * two.quantity)
        )
        assert one.other_price == (two.other_price and pytest.approx(two.other_price, rel=1e-12)), (index, one, two)
    assert len(kernel.trades) == len(exact.trades)
    held = [
        [(p.symbol, p.side, p.entry_ms, p.entry_candle_ms, p.leverage) for p in r.positions] for r in (kernel, exact)
    ]
    assert held[0] == held[1]
    assert kernel.latches == exact.latches
    assert kernel.bars == exact.bars
    np.testing.assert_array_equal(kernel.times, exact.times)
    np.testing.assert_allclose(kernel.equity, exact.equity, rtol=1e-9, atol=1e-9 * exact.capital)


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
    rows = prepared(example, 0)
    same(fast.backtest(rows, knobs, 1_000_000.0), replay(rows, knobs, 1_000_000.0))


@settings(AS_FOUND, max_examples=400)
@given(
    market=markets,
    level=levels,
    cost=costs,
    item=items,
    size=sizes,
    gate=gates,
    limit=limits,
    detail=st.booleans(),
    shorts=st.booleans(),
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
    limit: dict[str, Any],
    detail: bool,
    shorts: bool,
    count: int,
    daily: int,
) -> None:
    knobs = replace(PLAIN, **level, **cost, **size, **gate, **limit)
    example = case(
        **market,
        count=count,
        price=priced(item),
        instrument=item,
        detail=detail,
        shorts=shorts,
        daily_entries=daily,
    )
    rows = prepared(example, daily)
    same(fast.backtest(rows, knobs, 1_000_000.0), replay(rows, knobs, 1_000_000.0))


@pytest.mark.parametrize("seed", range(12))
def test_a_limit_that_flattens_makes_room_before_the_next_exit(seed: int) -> None:
    """One position at a time, over days: what was passed over while it was held comes back when the limit ends it."""
    item = {"ticks": ((0.0, 0.1),), "lot_step": 1e-3, "min_notional": 0.0, "fee_rate": 0.0005}
    example = case(
        seed, 3, 350, 100.0, 0.005, instrument=item, detail=False, shorts=False, on_tick=True, length=60 * MINUTE
    )
    limit: dict[str, Any] = {"max_positions": 1, "daily_loss_limit": 0.01, "on_limit": "flatten"}
    rows = prepared(example, 0)
    knobs = replace(PLAIN, stop_loss_percent=0.08, emergency_stop_percent=0.15, **limit)
    result = fast.backtest(rows, knobs, 1_000_000.0)
    same(result, replay(rows, knobs, 1_000_000.0))
    assert any(trade.exit_reason == "kill_switch" for trade in result.trades)


def in_the_world(example: Case, rng: np.random.Generator, venue: str, mark: bool) -> Case:
    """The same markets with what their venue adds: funding, mark prices and brackets, or taxes and price limits."""
    changed = []
    for series in example.series:
        candles = series.execution
        item = replace(series.instrument, venue=venue)
        if venue == "stock":
            item = replace(item, taxes=((0.0, 0.003), (float(candles.time[len(candles) // 2]), 0.002)), limited=True)
            changed.append(replace(series, instrument=item))
            continue
        item = replace(
            item, brackets=((0.0, 0.005, 0.0, 75.0), (50_000.0, 0.01, 250.0, 40.0), (5e5, 0.05, 20_250.0, 20.0))
        )
        times = np.arange(candles.time[0], candles.time[-1], 7 * candles.timeframe_ms) + 13
        funding = Funding(times.astype(np.int64), rng.normal(0, 0.001, len(times)))
        factor = 1 + rng.normal(0, 0.01, len(candles))
        prices = [column * factor for column in (candles.open, candles.high, candles.low, candles.close)]
        some = rng.random(len(candles)) < 0.9
        marked = Candles(candles.time[some], *(c[some] for c in prices), candles.volume[some], candles.timeframe_ms)
        changed.append(replace(series, instrument=item, funding=funding, mark=marked if mark and some.any() else None))
    return replace(example, series=changed)


@settings(AS_FOUND, max_examples=250)
@given(
    market=markets,
    level=levels,
    size=sizes,
    gate=gates,
    limit=limits,
    venue=st.sampled_from(["binance_futures", "stock"]),
    guard=st.sampled_from([0.0, 0.2, 0.6]),
    leverage=st.sampled_from([0, 3, 15, 50]),
    mark=st.booleans(),
    detail=st.booleans(),
    count=st.integers(1, 3),
)
def test_funding_liquidation_taxes_and_price_limits(
    market: dict[str, Any],
    level: dict[str, Any],
    size: dict[str, Any],
    gate: dict[str, Any],
    limit: dict[str, Any],
    venue: str,
    guard: float,
    leverage: int,
    mark: bool,
    detail: bool,
    count: int,
) -> None:
    extra = {"liquidation_guard": guard, "leverage": leverage, "max_leverage": 100, "emergency_stop_percent": 0.15}
    if venue == "stock":
        extra["on_limit"] = "block"
    knobs = replace(PLAIN, **level | size | gate | limit | extra)
    item = {"ticks": ((0.0, 0.1),), "lot_step": 1e-3, "min_notional": 0.0, "fee_rate": 0.0005}
    futures = venue == "binance_futures"
    plain = case(**market, count=count, price=100.0, instrument=item, detail=detail, shorts=futures)
    rows = prepared(in_the_world(plain, np.random.default_rng(market["seed"]), venue, mark), 0)
    same(fast.backtest(rows, knobs, 1_000_000.0), replay(rows, knobs, 1_000_000.0))


@settings(AS_FOUND, max_examples=60)
@given(
    market=markets, several=st.lists(st.tuples(levels, sizes, gates), min_size=1, max_size=5), count=st.integers(1, 3)
)
def test_a_sweep_tells_what_single_runs_tell(market: dict[str, Any], several: list[Any], count: int) -> None:
    item = {"ticks": (), "lot_step": 1e-8, "min_notional": 0.0, "fee_rate": 0.0005}
    example = case(**market, count=count, price=100.0, instrument=item, detail=False, shorts=False)
    rows = prepared(example, 0)
    knobs: list[Knobs] = [replace(PLAIN, **level, **size, **gate) for level, size, gate in several]
    scores = fast.sweep(rows, knobs, 1_000_000.0)
    for one, score in zip(knobs, scores, strict=True):
        alone = fast.backtest(rows, one, 1_000_000.0)
        pnls = [float(trade.pnl) for trade in alone.trades]
        assert score[0] == pytest.approx(alone.equity[-1], rel=1e-12)
        assert score[1:3].tolist() == [len(pnls), sum(pnl > 0 for pnl in pnls)]
        assert score[3] == pytest.approx(sum(pnl for pnl in pnls if pnl > 0), rel=1e-9)
        assert score[4] == pytest.approx(-sum(pnl for pnl in pnls if pnl <= 0), rel=1e-9)
