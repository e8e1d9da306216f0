"""The search for the best k over a real candles.db, beside one exact run per k."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from config.values import Knobs
from tests.trading.strategies.markets import generated
from trading import strategies
from trading.backtest.best_k_worker import KS, LEAST_TRADES, SCORED, answer
from trading.backtest.engine import backtest
from trading.backtest.series import Series, part, prepare
from trading.core.calendar import HOUR_MS
from trading.core.candles import Candles
from trading.core.lived import charge_values
from trading.core.rows import rule
from trading.core.rules import researched
from trading.ipc.candle_store import CandleStore
from trading.ipc.candles import FILE

CASH = 1_000_000.0
KNOBS = replace(Knobs(), take_profit_percent=0.02, stop_loss_percent=0.01)
CANDLES = generated(6, 600, HOUR_MS)
END_MS = int(CANDLES.time[-1]) + CANDLES.timeframe_ms


def request(k: float = 0.5, symbols: tuple[str, ...] = ("BTC/KRW",), **params: Any) -> dict[str, Any]:
    strategy = strategies.create("breakout", {"k": k, "ema_floor": False, "entries_per_day": 0, **params})
    values = charge_values("breakout", asdict(strategy), "1h", KNOBS)
    return {**values, "symbols": list(symbols), "cash": CASH, "until_ms": END_MS}


def stored(folder: Path, **series: Candles) -> Path:
    store = CandleStore(folder)
    for base, candles in series.items():
        store.put("upbit", f"{base}/KRW", candles, 1)
    return folder / FILE


def exact(asked: Mapping[str, Any], k: float) -> tuple[float, int]:
    """(net return, trades) of one k over the last candles, by the exact engine and with all the past there is."""
    strategy = strategies.create("breakout", {**asked["params"], "k": k})
    series = Series(researched("upbit", "BTC/KRW", KNOBS), CANDLES)
    start_ms = int(CANDLES.time[-SCORED])
    run = backtest(part(prepare([series], rule(strategy, KNOBS)), start_ms, END_MS), KNOBS, CASH, exact=True)
    return float(run.equity[-1]) / CASH - 1.0, len(run.trades)


def test_the_best_k_is_the_one_an_exact_run_finds_best(tmp_path: Path) -> None:
    asked = request()
    found = answer(stored(tmp_path, BTC=CANDLES), "upbit", asked)
    beside = {k: exact(asked, k) for k in KS}
    best = max(beside, key=lambda k: beside[k][0])
    assert len({result for result, _ in beside.values()}) > 1, "k matters here"
    assert beside[best][1] >= LEAST_TRADES
    assert found["was"] == 0.5
    assert beside[found["k"]][0] == pytest.approx(beside[best][0], abs=1e-9)
    assert (found["net_return"], found["trades"]) == (pytest.approx(beside[best][0], abs=1e-9), beside[best][1])


def test_candles_after_the_question_are_not_seen(tmp_path: Path) -> None:
    asked = {**request(), "until_ms": int(CANDLES.time[500])}
    whole = answer(stored(tmp_path / "whole", BTC=CANDLES), "upbit", asked)
    assert answer(stored(tmp_path / "cut", BTC=CANDLES[:500]), "upbit", asked) == whole


def test_too_few_trades_change_nothing(tmp_path: Path) -> None:
    quiet = replace(CANDLES, high=CANDLES.open, low=CANDLES.open, close=CANDLES.open)
    calm = replace(quiet, **dict.fromkeys(("open", "high", "low", "close"), quiet.open * 0 + 1000.0))
    found = answer(stored(tmp_path, BTC=calm), "upbit", request(0.47))
    assert (found["k"], found["was"]) == (0.47, 0.47)
    assert found["trades"] < LEAST_TRADES


def test_no_candles_change_nothing(tmp_path: Path) -> None:
    nothing = {"k": 0.5, "was": 0.5, "trades": 0, "net_return": 0.0}
    assert answer(stored(tmp_path), "upbit", request()) == nothing
    assert answer(tmp_path / "missing" / FILE, "upbit", request()) == nothing


def test_several_symbols_count_together(tmp_path: Path) -> None:
    file = stored(tmp_path, BTC=CANDLES, ETH=generated(7, 600, HOUR_MS))
    one, two = (answer(file, "upbit", request(symbols=symbols)) for symbols in (("BTC/KRW",), ("BTC/KRW", "ETH/KRW")))
    assert two["trades"] > one["trades"]
    assert answer(file, "upbit", request(symbols=("BTC/KRW", "XRP/KRW"))) == one


def test_of_equals_the_one_in_force_stays(tmp_path: Path) -> None:
    found = answer(stored(tmp_path, BTC=CANDLES), "upbit", request())
    again = answer(tmp_path / FILE, "upbit", request(found["k"]))
    assert again["k"] == again["was"] == found["k"]
