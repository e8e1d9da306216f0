"""Candles per second of exact replay, indicators included, on the recorded 1m series or a made-up one.

`python -m tests.bench.speed STRATEGY` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from config.values import Knobs
from tests.bench.child import result_of
from tests.bench.figures import Figure
from tests.shared_data import ROOT
from trading import strategies
from trading.backtest.candle_file import load
from trading.backtest.replay import replay
from trading.backtest.series import Series, prepare
from trading.core.candles import Candles
from trading.core.rows import rule
from trading.core.rules import researched

RECORDED = ROOT / "upbit" / "KRW-BTC_1m.csv"
MINUTE_MS = 60_000
LEAST = 20_000.0


def _made_up(number: int = 60_000) -> Candles:
    rng = np.random.default_rng(7)
    close = 1e8 * np.exp(np.cumsum(rng.normal(0.0, 0.0008, number)))
    opens = np.append(close[0], close[:-1])
    spread = 1.0 + np.abs(rng.normal(0.0, 0.0004, number))
    time = np.arange(number, dtype=np.int64) * MINUTE_MS + 1_763_600_000_000 // MINUTE_MS * MINUTE_MS
    high, low = np.maximum(opens, close) * spread, np.minimum(opens, close) / spread
    return Candles(time, opens, high, low, close, rng.uniform(1.0, 9.0, number), MINUTE_MS)


def measure(strategy: str) -> dict[str, Any]:
    """The best of three runs: what disturbs a run only ever slows it."""
    candles = load(RECORDED, MINUTE_MS).candles if RECORDED.exists() else _made_up()
    knobs = Knobs()
    series = Series(researched("upbit", "KRW-BTC", knobs), candles)
    runs = [replay(prepare([series], rule(strategies.create(strategy), knobs)), knobs, 1_000_000.0) for _ in range(3)]
    best = min(runs, key=lambda run: run.seconds)
    source = RECORDED.name if RECORDED.exists() else "made-up candles"
    return {"bars": best.bars, "seconds": best.seconds, "trades": len(best.trades), "source": source}


def figures(quick: bool) -> list[Figure]:
    """One figure per strategy."""
    found = []
    for strategy in ("breakout", "macd"):
        run = result_of("tests.bench.speed", strategy)
        note = f"{run['bars']:,} candles of {run['source']}, {run['trades']} trades"
        title = f"Exact replay, {strategy}"
        found.append(Figure(title, run["bars"] / run["seconds"], "candles/s", LEAST, least=True, note=note))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))  # noqa: T201 - the program's output
