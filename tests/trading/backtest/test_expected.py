"""Every trade that independent engines found on recorded candles, one by one, by both of our engines."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from config.values import Knobs
from tests.shared_data import ROOT, shared
from trading import strategies
from trading.backtest.candle_file import load
from trading.backtest.engine import backtest
from trading.backtest.series import Prepared, Series, prepare
from trading.core.calendar import timeframe_ms
from trading.core.candles import Candles
from trading.core.rows import rule
from trading.core.rules import researched

COMMON = Knobs(
    sizing="all_in",
    fee_rate=0.0005,
    slippage_ticks=0,
    tick_size=0.0,
    lot_step=1e-8,
    min_notional=0.0,
    cooldown_after_losses=0,
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    capital_stop=0.0,
    max_positions=0,
    trend_filter=False,
    adx_filter=False,
    higher_timeframe_filter=False,
    regime_filter=False,
    market_filter=False,
)
KNOBS = {
    "1": replace(COMMON, take_profit_percent=0.05, stop_loss_percent=0.03),
    "2": replace(
        COMMON,
        take_profit_percent=0.02,
        stop_loss_percent=0.0,
        trailing_stop_percent=0.01,
        trailing_arm_percent=0.005,
        min_hold_candles=3,
    ),
    "3": replace(COMMON, take_profit_percent=0.03, stop_loss_percent=0.02, tighten_stop=True, max_hold_minutes=600),
    "4": replace(
        COMMON, take_profit_percent=0.05, stop_loss_percent=0.03, trailing_stop_percent=0.02, min_hold_minutes=90
    ),
}
PARAMS: dict[tuple[str, str], dict[str, object]] = {
    ("breakout", "3"): {"sell_at_day_end": True},
    ("breakout", "4"): {"entries_per_day": 0, "fresh_cross": False},
}
NAMES = sorted(path.name for path in (ROOT / "expected").glob("*.csv") if path.name.split(".")[1] in strategies.names())


@cache
def candles(path: Path, timeframe: str) -> Candles:
    return load(path, timeframe_ms(timeframe)).candles


@cache
def prepared(series: str, strategy: str, number: str) -> Prepared:
    """The rows that both engines run."""
    symbol, timeframe = series.split("_")
    chosen = rule(strategies.create(strategy, PARAMS.get((strategy, number))), KNOBS[number])
    market = candles(shared(f"upbit/{series}.csv"), timeframe)
    return prepare([Series(researched("upbit", symbol, KNOBS[number]), market)], chosen)


def test_none_is_passed_over() -> None:
    """A file whose strategy has another name here would not be run."""
    there = sorted(path.name for path in shared("expected").glob("*.csv"))
    assert there == NAMES


@pytest.mark.parametrize("exact", [True, False], ids=["exact", "kernel"])
@pytest.mark.parametrize("name", NAMES or ["KRW-BTC_1h.breakout.1.csv"])
def test_every_trade_of_an_independent_engine(name: str, exact: bool) -> None:
    series, strategy, number, _ = name.split(".")
    with shared(f"expected/{name}").open(encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    result = backtest(prepared(series, strategy, number), KNOBS[number], 1_000_000.0, exact)
    assert expected
    assert [(str(t.entry_ms), str(t.exit_ms), t.exit_reason) for t in result.trades] == [
        (line["entry_time_ms"], line["exit_time_ms"], line["exit_reason"]) for line in expected
    ]
    for trade, line in zip(result.trades, expected, strict=True):
        for field in ("entry_price", "quantity", "exit_price", "fee"):
            assert float(getattr(trade, field)) == pytest.approx(float(line[field]), rel=1e-9, abs=1e-12), (field, line)
        # A difference of two large amounts: 1e-9 of what was moved.
        moved = float(line["exit_price"]) * float(line["quantity"])
        assert float(trade.pnl) == pytest.approx(float(line["pnl"]), rel=1e-9, abs=1e-9 * moved), line
