"""The contestants of the backtester's figures do the same work: the loop trades what the kernel trades."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.values import Knobs
from tests.bench import clock, jobs, peer_files
from tests.bench.clock import Times, Watch, clocked, in_turns
from tests.bench.jobs import COMBINATIONS, ManyLoop, OneLoop, agree, loaded, outcome, prepared, shipped, swept
from tests.bench.markets import CASH, FULL, REFERENCE, SHARED, candles
from tests.bench.peer_child import columns
from trading.backtest.engine import backtest
from trading.core.candles import Candles

SMALL = 20_000  # two weeks


def wild(number: int, seed: int) -> Candles:
    """The same market at six times its size of move, so that a day brings entries, stops and gaps."""
    made = candles(number, seed)
    rng = np.random.default_rng(seed)
    shift = np.cumsum(rng.normal(0.0, 0.003, number))
    opens, close = made.open * np.exp(shift + rng.normal(0.0, 0.004, number)), made.close * np.exp(shift)
    high = np.maximum(opens, close) * (1.0 + np.abs(rng.normal(0.0, 0.004, number)))
    low = np.minimum(opens, close) * (1.0 - np.abs(rng.normal(0.0, 0.004, number)))
    return replace(made, open=opens, high=high, low=low, close=close)


@pytest.mark.parametrize("market", [candles, wild])
@pytest.mark.parametrize("seed", range(4))
def test_the_loop_trades_what_the_kernel_trades(market: Any, seed: int) -> None:
    made = market(SMALL, seed)
    result = outcome(shipped(loaded([made], REFERENCE), REFERENCE))
    loop = OneLoop(made)
    assert result[1] > 0
    agree("one", [result] * 2, [loop.run(), loop.run(average=loop.average)])


@pytest.mark.parametrize("market", [candles, wild])
def test_a_portfolios_loop_trades_what_the_kernel_trades(market: Any) -> None:
    made = [market(SMALL, seed) for seed in range(12)]
    result = shipped(loaded(made, SHARED), SHARED)
    loop = ManyLoop(made)
    assert len({trade.symbol for trade in result.trades}) > SHARED.max_positions
    agree("many", [outcome(result)] * 2, [loop.run(), loop.run(loop.average)])


def test_cash_and_slots_both_bind_in_the_portfolio() -> None:
    made = [candles(SMALL, seed) for seed in range(30)]

    def entries(knobs: Knobs) -> list[float]:
        result = shipped(loaded(made, knobs), knobs)
        paid = [float(one.entry_price * one.quantity) for one in result.trades]
        return paid + [float(one.cost) for one in result.positions]

    shared = entries(SHARED)
    assert len(shared) < len(entries(replace(SHARED, max_positions=0, max_position_size=0.02)))
    assert min(shared) < 0.8 * SHARED.max_position_size * CASH


def test_the_sweep_is_every_combination_once() -> None:
    made = candles(SMALL, 3)
    series = loaded([made], REFERENCE)
    ours = swept(series)
    assert len(ours) == len(COMBINATIONS) == 440
    agree("sweep", ours, OneLoop(made).sweep(2))
    agree("in full", [outcome(one) for one in jobs.swept_in_full(series)], ours)


def test_a_difference_is_not_passed_over() -> None:
    for other in ((1_000_000.01, 7), (1_000_000.0, 8)):
        with pytest.raises(RuntimeError, match="one, run 0"):
            agree("one", [(1_000_000.0, 7)], [other])


def test_all_knobs_on_still_trade_to_the_end() -> None:
    made = candles(200_000, 1)
    result = backtest(prepared(loaded([made], FULL), FULL), FULL, CASH)
    assert not result.latches
    assert result.trades[-1].exit_ms > made.time[-1] - 30 * 86_400_000
    assert {"stop_loss", "trailing_stop", "time_cut"} <= {trade.exit_reason for trade in result.trades}


def test_peers_are_given_the_entries_of_all_runs(tmp_path: Path) -> None:
    made = [wild(SMALL, seed) for seed in range(12)]
    result = shipped(loaded(made, SHARED), SHARED)
    peer_files.write_many(tmp_path / "c.npz", made, result)
    job = columns(tmp_path, "c")
    assert len(job["at"]) == len(result.trades) + len(result.positions)
    assert np.all(np.diff(job["at"]) >= 0)
    rows = job["at"], job["column"]
    assert np.all((job["price"] >= np.minimum(job["low"], job["open"])[rows]) & (job["price"] <= job["high"][rows]))


def test_ratios_are_taken_within_a_round() -> None:
    assert Times((1.0, 10.0, 3.0)).over(Times((0.5, 5.0, 3.0))) == 2.0
    asked: list[str] = []
    contestants = {name: lambda name=name: float(len(asked.append(name) or asked)) for name in "ab"}
    assert in_turns(contestants, 2)["a"].rounds == (3.0, 5.0)
    assert asked == ["a", "b"] * 3


def test_the_watch_leaves_out_what_others_take(monkeypatch: pytest.MonkeyPatch) -> None:
    now = {"wall": 0.0, "processor": 0.0}
    monkeypatch.setattr(clock.time, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(clock.time, "process_time", lambda: now["processor"])

    def run(wall: float, processor: float) -> None:
        now["wall"] += wall
        now["processor"] += processor

    watch = Watch()
    run(9.0, 5.0)
    assert watch.seconds == 5.0
    assert clocked(run, 3, lambda: (2.0, 4.0))() == 2.0
