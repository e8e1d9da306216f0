"""backtesting.py: `python -m tests.bench.peer_backtesting FOLDER` with lines "a" or "b STEP" (every STEP-th run).

It has stop orders, so an entry is an order at its level for the next candle; it is given the entries that the rules
come to. What differs: whole units only (so it gets a large account), and an order is refused rather than left in the
candle that filled it where its stop would be touched there. It has no portfolio.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

from tests.bench.peer_child import columns, serve

FOLDER = Path(sys.argv[1])
FEE = 0.0005
CASH = 1e15
START_CASH = 1e6  # of the others
ALL_IN = 1.0 - 1e-9


def _frame(job: dict[str, Any]) -> pd.DataFrame:
    names = ("open", "high", "low", "close")
    index = pd.date_range("2025-09-01", periods=len(job["close"]), freq="1min")
    return pd.DataFrame({name.capitalize(): job[name] for name in names}, index)


def _strategy(at: Any, price: Any, gain: float, loss: float) -> type[Strategy]:
    wanted = dict(zip(at.tolist(), price.tolist(), strict=True))

    class Entries(Strategy):  # type: ignore[misc]
        def init(self) -> None:
            self.following = 1  # the first call sees two candles

        def next(self) -> None:
            self.following += 1
            level = wanted.get(self.following)
            if level is not None:
                self.buy(size=ALL_IN, stop=level, sl=level * (1.0 - loss), tp=level * (1.0 + gain))

    return Entries


def _tests(job: dict[str, Any], step: int) -> list[Backtest]:
    data = _frame(job)
    found = []
    for run in range(0, len(job["gain"]), step):
        mine = job["column"] == run
        strategy = _strategy(job["at"][mine], job["price"][mine], job["gain"][run], job["loss"][run])
        found.append(Backtest(data, strategy, cash=CASH, commission=FEE))
    return found


def _run(tests: list[Backtest]) -> list[Any]:
    return [test.run() for test in tests]


def _told(results: list[Any]) -> dict[str, float]:
    return {
        "trades": int(sum(result["# Trades"] for result in results)),
        "final": float(np.sum([result["Equity Final [$]"] for result in results])) * START_CASH / CASH,
    }


def runs(name: str) -> Any:
    """The job of that name: every `step`-th of its combinations."""

    def job(step: str = "1") -> Any:
        tests = _tests(columns(FOLDER, name), int(step))
        return lambda: _run(tests), _told

    return job


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    serve({"a": runs("a"), "b": runs("b")}, "backtesting")
