"""How long `run_backtest.py run` takes in a process of its own: with the compiled kernel on disk, and before it is.

A copy of the program is run, so that its folder of compiled code is empty at first and nobody else's is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.bench.child import ROOT
from tests.bench.clock import in_turns
from tests.bench.figures import Figure
from tests.bench.markets import candles

CANDLES = 10_000
LIMIT_S = 2.0
_PARTS = ("config", "trading", "run_backtest.py", "pyproject.toml")
_COMMAND = ("run_backtest.py", "run", "--data", "candles.csv", "--timeframe", "1m", "--strategy", "breakout")


def figures(quick: bool) -> list[Figure]:
    """Warm, judged; cold, told."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _copy(folder)
        _write(folder / "candles.csv")
        cold = _seconds(folder)
        warm = in_turns({"warm": lambda: _seconds(folder)}, 3 if quick else 5)["warm"]
    note = f"start to report, {CANDLES:,} candles of a CSV file"
    return [
        Figure("Fresh process, warm cache", warm.median, "s", LIMIT_S, note=f"{note}; best {warm.least:.2f} s"),
        Figure("Fresh process, nothing compiled yet", cold, "s", note="once per version: compiles the kernel"),
    ]


def _copy(folder: Path) -> None:
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part)
        else:
            shutil.copy2(source, folder)


def _write(path: Path) -> None:
    made = candles(CANDLES, 10)
    columns = (made.time, made.open, made.high, made.low, made.close, made.volume)
    header = "timestamp_ms,open,high,low,close,volume"
    np.savetxt(path, np.stack(columns, 1), "%.17g", ",", header=header, comments="")


def _seconds(folder: Path) -> float:
    started = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, *_COMMAND], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"run_backtest.py ended with {done.returncode}: {done.stderr[-2000:]}")
    return seconds
