"""What a portfolio backtest needs beside its inputs: `python -m tests.bench.portfolio_memory SYMBOLS CANDLES` prints
one line of JSON."""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.bench.child import result_of
from tests.bench.figures import Figure
from tests.bench.jobs import loaded, outcome, shipped
from tests.bench.markets import SHARED, candles
from trading.core.candles import Candles

MB = 1e6
LIMIT_MB = 100.0
SYMBOLS, NUMBER = 50, 100_000
_STATUS = Path("/proc/self/status")


def measure(symbols: int, number: int) -> dict[str, Any]:
    """MB of the inputs; resident before the run and at most until its end, curve and trades included."""
    shipped(loaded([candles(1_000, 0)], SHARED), SHARED)  # the program and its compiled code are there
    inputs = loaded([candles(number, seed) for seed in range(symbols)], SHARED)
    gc.collect()
    before = psutil.Process().memory_info().rss
    result = shipped(inputs, SHARED)
    final, trades = outcome(result)
    return {
        "inputs": sum(_bytes(one.candles) for one in inputs) / MB,
        "before": before / MB,
        "peak": _peak() / MB,
        "trades": trades,
        "final": final,
    }


def figures(quick: bool) -> list[Figure]:
    """The whole job, whether quick or not."""
    del quick
    found = result_of("tests.bench.portfolio_memory", SYMBOLS, NUMBER)
    adds = found["peak"] - found["before"]
    note = f"{SYMBOLS} x {NUMBER:,} candles, {found['inputs']:.0f} MB; whole process {found['peak']:.0f} MB at most"
    return [Figure("(c) memory over its inputs", adds, "MB", LIMIT_MB, note=note)]


def _bytes(of: Candles) -> int:
    columns = (getattr(of, field.name) for field in fields(of))
    return sum(column.nbytes for column in columns if isinstance(column, np.ndarray))


def _peak() -> int:
    """Most bytes that were ever resident; making the inputs stays far under what the run adds."""
    if not _STATUS.exists():
        return int(psutil.Process().memory_info().rss)
    line = next(line for line in _STATUS.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:3]))))  # noqa: T201 - the program's output
