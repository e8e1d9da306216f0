"""The figures of a report, against small cases reckoned by hand and against slow, plain definitions."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.values import Knobs
from tests.trading.backtest.made_up import DAY, HOUR, PLAIN, START, position, result, series, trade
from tests.trading.backtest.scripted import Scripted, case
from trading.backtest.breakdown import by_month, grouped
from trading.backtest.columns import columns
from trading.backtest.costs import slippage
from trading.backtest.drawdown import deepest, falls
from trading.backtest.engine import backtest
from trading.backtest.holding import held
from trading.backtest.metrics import examine
from trading.backtest.replay import replay
from trading.backtest.series import Prepared, prepare
from trading.backtest.stress import nothing_slips, stress
from trading.core.rows import Rule
from trading.core.rules import researched

FLAT = series([100.0] * 4)
curves = st.lists(st.floats(1.0, 1e7), min_size=1, max_size=60)


# -- the curve ---------------------------------------------------------------------------------------------------------


def test_a_curve_reckoned_by_hand() -> None:
    told = examine(result([1100.0, 990.0, 1045.0, 1210.0], step=DAY), [FLAT], PLAIN).figures
    assert told["final_equity"] == 1210.0
    assert told["net_return"] == pytest.approx(0.21)
    assert told["cagr"] is told["calmar"] is None  # three days say nothing about a year
    assert told["max_drawdown"] == pytest.approx(0.1)
    returns = [0.1, -0.1, 1045 / 990 - 1, 1210 / 1045 - 1]
    mean = sum(returns) / 4
    spread = math.sqrt(sum((one - mean) ** 2 for one in returns) / 3)
    assert told["sharpe"] == pytest.approx(mean / spread * math.sqrt(365))
    assert told["sortino"] == pytest.approx(mean / math.sqrt(0.1**2 / 4) * math.sqrt(365))


def test_growth_a_year_needs_a_month() -> None:
    told = examine(result([1100.0, 990.0, 1045.0, 1210.0], step=10 * DAY), [FLAT], PLAIN).figures
    assert told["cagr"] == pytest.approx(1.21 ** (365 / 30) - 1)
    assert told["calmar"] == pytest.approx(told["cagr"] / 0.1)


def test_the_deepest_fall_and_when() -> None:
    fall = deepest(*_curve([1000.0, 1200.0, 1200.0, 900.0, 960.0, 1199.0, 1200.0, 1300.0, 1250.0]), 1000.0)
    assert fall is not None
    assert fall.depth == pytest.approx(0.25)
    assert (fall.start_ms, fall.low_ms, fall.end_ms) == (START + 2 * HOUR, START + 3 * HOUR, START + 6 * HOUR)
    assert fall.recovered
    assert fall.days == pytest.approx(4 / 24)


def test_a_fall_that_lasts_ends_with_the_curve() -> None:
    fall = deepest(*_curve([900.0, 950.0, 800.0, 850.0]), 1000.0)
    assert fall is not None
    assert fall.depth == pytest.approx(0.2)  # from the capital, before the first mark
    assert (fall.start_ms, fall.end_ms, fall.recovered) == (START, START + 3 * HOUR, False)


def _curve(equity: list[float]) -> tuple[np.ndarray, np.ndarray]:
    told = result(equity)
    return told.times, told.equity


@given(curves)
def test_drawdown_is_the_worst_pair_of_a_peak_and_a_later_mark(equity: list[float]) -> None:
    whole = [1000.0, *equity]
    worst = max(1.0 - low / high for i, high in enumerate(whole) for low in whole[i:])
    fall = deepest(*_curve(equity), 1000.0)
    assert (fall.depth if fall else 0.0) == pytest.approx(worst, abs=1e-12)
    if fall:
        told = dict(zip(*_curve(equity), strict=True))
        peak = max(whole[: 1 + (fall.low_ms - START) // HOUR])
        assert told[fall.low_ms] == pytest.approx(peak * (1 - fall.depth))
        inside = [told[time] for time in told if fall.start_ms < time < fall.end_ms]
        assert all(mark < peak for mark in inside)
        assert fall.recovered == any(told[time] >= peak for time in told if time > fall.low_ms)


@given(curves)
def test_falls_are_never_over_the_peak(equity: list[float]) -> None:
    below = falls(np.array(equity), 1000.0)
    assert (below >= 0.0).all()
    assert (below < 1.0).all()


def test_money_that_is_gone_ends_the_returns_and_breaks_nothing() -> None:
    told = examine(result([500.0, -20.0, -30.0, -10.0], step=DAY), [FLAT], PLAIN)
    assert told.figures["net_return"] == pytest.approx(-1.01)
    assert told.figures["cagr"] is None
    assert told.figures["sharpe"] == pytest.approx((-0.5 - 1.04) / 2 / (0.54 / math.sqrt(2)) * math.sqrt(365))
    json.dumps(told.document(), allow_nan=False)
    json.dumps(examine(result([500.0, 0.0, 100.0], step=DAY), [FLAT], PLAIN).document(), allow_nan=False)


def test_nothing_at_all_is_told_without_a_crash() -> None:
    told = examine(result([]), [FLAT], PLAIN)
    assert told.figures["net_return"] == 0.0
    assert {told.figures[name] for name in ("sharpe", "win_rate", "profit_factor", "exposure", "cagr")} == {None}
    json.dumps(told.document(), allow_nan=False)


# -- trades ------------------------------------------------------------------------------------------------------------


def test_trades_reckoned_by_hand() -> None:
    trades = [
        trade(100.0, 110.0, 0, 2, 2.0, fee=Decimal(1)),  # +19
        trade(100.0, 95.0, 3, 4, 1.0, fee=Decimal(1)),  # -6
        trade(100.0, 101.0, 5, 8, 1.0, fee=Decimal(1)),  # 0, which is no win
    ]
    told = examine(result([1000.0] * 10, trades), [FLAT], PLAIN).figures
    assert told["trades"] == 3
    assert told["win_rate"] == pytest.approx(1 / 3)
    assert told["profit_factor"] == pytest.approx(19 / 6)
    assert told["expectancy"] == pytest.approx(13 / 3)
    assert told["realized_pnl"] == pytest.approx(13)
    assert told["average_hold_minutes"] == pytest.approx(60 * (2 + 1 + 3) / 3)
    assert told["fees"] == pytest.approx(3)
    assert told["turnover"] == pytest.approx((420 + 195 + 201) / 1000)


def test_exposure_counts_the_candles_that_end_with_something_held() -> None:
    overlapping = [trade(100.0, 101.0, 1, 4), trade(100.0, 101.0, 3, 5), trade(100.0, 101.0, 7, 7)]
    told = examine(result([1000.0] * 10, overlapping, [position(8)]), [FLAT], PLAIN).figures
    assert told["exposure"] == pytest.approx(6 / 10)  # 1 to 4, then 8 and 9
    assert told["open_positions"] == 1


def test_groups_hold_every_trade_once() -> None:
    trades = [trade(100.0, 110.0), trade(100.0, 90.0), trade(100.0, 90.0, symbol="ETH/KRW", exit_reason="time_cut")]
    table = columns(trades)
    by_symbol = grouped(table.symbol, table.pnl)
    assert [(one.name, one.trades, one.win_rate) for one in by_symbol] == [("BTC/KRW", 2, 0.5), ("ETH/KRW", 1, 0.0)]
    reasons = grouped(table.reason, table.pnl)
    assert sum(one.trades for one in reasons) == 3
    assert sum(one.pnl for one in reasons) == pytest.approx(float(sum(one.pnl for one in trades)))


def test_months_turn_at_midnight_in_korea() -> None:
    hours = 24 * 30
    turn = 24 * 30 - 9  # 2025-10-01 00:00 KST, from 2025-09-01T00:00Z
    equity = [1000.0] * (turn - 1) + [1100.0] + [1210.0] * (hours - turn + 5)
    trades = [trade(100.0, 110.0, 1, turn - 1), trade(100.0, 90.0, 2, turn)]
    months = by_month(result(equity, trades), columns(trades))
    assert [month.name for month in months] == ["2025-09", "2025-10"]
    assert [month.net_return for month in months] == [pytest.approx(0.1), pytest.approx(0.1)]
    assert [month.trades for month in months] == [1, 1]
    assert [month.win_rate for month in months] == [1.0, 0.0]


@given(st.lists(st.floats(500.0, 2000.0), min_size=1, max_size=80), st.integers(1, 20))
def test_months_compound_to_the_whole(equity: list[float], days: int) -> None:
    told = result(equity, step=days * DAY)
    whole = math.prod(1.0 + month.net_return for month in by_month(told, columns(())))
    assert whole == pytest.approx(equity[-1] / 1000.0)


# -- costs -------------------------------------------------------------------------------------------------------------


def test_slippage_is_read_off_the_fills() -> None:
    knobs = Knobs(slippage_ticks=2)
    told = [trade(50_100.0, 49_900.0, quantity=3.0)]  # ticks of 50 over 50,000 and of 10 under it
    paid = slippage(columns(told), {"BTC/KRW": FLAT.instrument}, knobs)
    assert paid == pytest.approx((100 + 100) * 3)  # 50,000 - 2 x 50 gives the sale too: the dearer of two answers
    assert slippage(columns(told), {"BTC/KRW": FLAT.instrument}, PLAIN) == 0.0


def test_a_take_profit_that_the_venue_holds_slips_nothing() -> None:
    knobs = Knobs(slippage_ticks=1, tick_size=0.01, take_profit_percent=0.05)
    spot = researched("binance_spot", "BTCUSDT", knobs)
    at_level = trade(100.0, 105.0, symbol=spot.symbol, exit_reason="take_profit")
    behind = replace(at_level, exit_price=Decimal("105.5"))
    assert slippage(columns([at_level]), {spot.symbol: spot}, knobs) == pytest.approx(0.01)
    assert slippage(columns([behind]), {spot.symbol: spot}, knobs) == pytest.approx(0.02)
    upbit = researched("upbit", "KRW-BTC", knobs)
    assert slippage(columns([replace(at_level, symbol="BTC/KRW")]), {"BTC/KRW": upbit}, knobs) == pytest.approx(0.02)


def test_a_short_pays_slippage_the_other_way_round() -> None:
    knobs = Knobs(slippage_bps=10.0, slippage_ticks=0)
    futures = researched("binance_futures", "BTCUSDT", knobs)
    short = trade(100.0 * 0.999, 90.0 * 1.001, symbol=futures.symbol, side="short")
    assert slippage(columns([short]), {futures.symbol: futures}, knobs) == pytest.approx(0.1 + 0.09)


def test_holding_pays_the_same_costs_in_equal_shares() -> None:
    knobs = Knobs(slippage_ticks=1)
    one, two = series([10_000.0, 12_000.0, 15_000.0]), series([500.0, 250.0], "KRW-ETH")
    times = one.candles.time
    curve = held([one, two], knobs, times, 1000.0)
    first = 500.0 / (10_010.0 * 1.0005)
    second = 500.0 / (501.0 * 1.0005)
    assert curve.tolist() == pytest.approx(
        [first * 10_000 + second * 500, first * 12_000 + second * 250, first * 15_000 + second * 250]
    )


# -- doubt -------------------------------------------------------------------------------------------------------------


def test_the_other_way_is_reckoned_with_its_own_costs() -> None:
    knobs = Knobs(slippage_ticks=1)
    stopped = trade(100_000.0, 96_900.0, quantity=2.0, ambiguous=True, other_price=105_000.0)
    unknown = trade(100_000.0, 96_900.0, ambiguous=True)
    told = examine(result([1000.0, 990.0], [stopped, trade(100.0, 110.0), unknown]), [FLAT], knobs)
    first, second = told.doubts
    assert (first.number, second.number) == (1, 3)
    assert first.other_price == 104_900.0  # a tick of 100 under the take-profit
    assert first.other_pnl == pytest.approx(4_900 * 2 - 0.0005 * 2 * (100_000 + 104_900))
    assert second.other_pnl is None
    assert told.figures["ambiguous_trades"] == 2
    moved = first.other_pnl - float(stopped.pnl)
    assert told.figures["other_way_final_equity"] == pytest.approx(990 + moved)
    assert told.figures["other_way_net_return"] == pytest.approx((990 + moved) / 1000 - 1)


def test_a_short_the_other_way() -> None:
    knobs = Knobs(slippage_ticks=0)
    futures = researched("binance_futures", "BTCUSDT", knobs)
    short = trade(100.0, 97.0, side="short", symbol=futures.symbol, ambiguous=True, other_price=103.0)
    market = replace(FLAT, instrument=futures)
    (doubt,) = examine(result([1000.0], [short]), [market], knobs).doubts
    assert doubt.other_pnl == pytest.approx(float(short.pnl) - 6.0 - 0.0005 * 6.0)


def test_without_doubt_there_is_no_width() -> None:
    told = examine(result([1000.0], [trade(100.0, 110.0)]), [FLAT], PLAIN).figures
    assert told["ambiguous_trades"] == 0
    assert told["other_way_final_equity"] is None


# -- whole runs --------------------------------------------------------------------------------------------------------

FREE = replace(PLAIN, cooldown_after_losses=0, max_trades_per_day=0, daily_loss_limit=0.0, drawdown_limit=0.0)


def _prepared(seed: int, slips: bool = False) -> tuple[Prepared, Knobs]:
    rules = {"ticks": ((0.0, 0.5),), "lot_step": 1e-8, "min_notional": 0.0, "fee_rate": 0.001}
    example = case(seed, 2, 300, 100.0, 0.01, rules, False, False, True)
    knobs = replace(FREE, max_positions=0, slippage_ticks=2 if slips else 0, take_profit_percent=0.02)
    return prepare(example.series, Rule(Scripted(example.script), ())), knobs


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_equity_is_cash_and_results_and_what_is_open(seed: int, slips: bool) -> None:
    prepared, knobs = _prepared(seed, slips)
    told = replay(prepared, knobs, 10_000.0)
    figures = examine(told, prepared.series, knobs).figures
    closes = {one.instrument.symbol: float(one.candles.close[-1]) for one in prepared.series}
    still = sum(float(one.unrealized(Decimal(repr(closes[one.symbol])))) - float(one.fee) for one in told.positions)
    assert figures["final_equity"] == pytest.approx(10_000.0 + figures["realized_pnl"] + still)
    if slips and told.trades:
        assert figures["slippage"] == pytest.approx(sum(2 * 2 * 0.5 * float(one.quantity) for one in told.trades))


def test_dearer_costs_are_the_same_run_with_those_costs() -> None:
    prepared, knobs = _prepared(3, slips=True)
    told = backtest(prepared, knobs, 10_000.0)
    found = {one.case: one for one in stress(prepared, knobs, told)}
    assert list(found) == ["as_is", "fees", "slippage", "both"]
    dear = [replace(one, instrument=replace(one.instrument, fee_rate=0.002)) for one in prepared.series]
    again = backtest(prepare(dear, prepared.rule), replace(knobs, slippage_ticks=6), 10_000.0)
    assert found["both"].final_equity == pytest.approx(float(again.equity[-1]))
    assert found["both"].trades == len(again.trades)
    assert found["as_is"].final_equity == pytest.approx(float(told.equity[-1]))
    finals = [found[case].final_equity for case in ("as_is", "fees", "both")]
    assert finals == sorted(finals, reverse=True)
    assert prepared.series[0].instrument.fee_rate == 0.001  # the run itself is as it was


def test_slippage_of_nothing_is_not_run_again() -> None:
    prepared, knobs = _prepared(3)
    assert nothing_slips(prepared, knobs)
    assert [one.case for one in stress(prepared, knobs, backtest(prepared, knobs, 10_000.0))] == ["as_is", "fees"]


def test_a_million_candles_take_well_under_a_fifth_of_a_second() -> None:
    n = 1_000_000
    walk = np.exp(np.cumsum(np.random.default_rng(1).normal(0.0, 1e-4, n)))
    market = series(50_000_000.0 * walk, step=60_000)
    trades = [
        trade(50_000_000.0, 50_100_000.0, hour, hour + 1, ambiguous=hour % 7 == 0) for hour in range(0, 15_000, 2)
    ]
    told = result(1000.0 * walk, trades, step=60_000)
    started = time.process_time()
    examine(told, [market], Knobs())
    assert time.process_time() - started < 0.2
