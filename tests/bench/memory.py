"""Memory of the bot over many steps, in this process, and of the real one after a minute of demo.

`python -m tests.bench.memory SYMBOLS STEPS` prints one line of JSON: resident MB at every thousandth step.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.bench.bot_in_process import bot_in_process
from tests.bench.child import fast_folder, result_of
from tests.bench.demo import Demo
from tests.bench.figures import Figure

MB = 1e6
EVERY = 1_000
LIMIT_MB = 200.0
GROWTH_MB = 10.0
"""What a life of 100,000 steps may add after its first tenth."""


def measure(symbols: int, steps: int, every: int) -> dict[str, Any]:
    """Resident memory at every `every`-th step, after a collection; and what was traded meanwhile."""
    process = psutil.Process()
    seen = []
    with (
        tempfile.TemporaryDirectory(dir=fast_folder()) as folder,
        bot_in_process(Path(folder), symbols, "macd") as setting,
    ):
        setting.warm()
        for number in range(1, steps + 1):
            setting.move()
            setting.step()
            if number % every == 0:
                gc.collect()
                seen.append((number, process.memory_info().rss / MB))
        assert setting.desk.trader is not None
        if setting.desk.state != "ready":
            raise RuntimeError(f"the bot came to harm: {setting.desk.state} {setting.desk.detail}")
        trades = len(setting.ledger_trades())
        return {"seen": seen, "orders": setting.venue.submitted, "trades": trades}


def slope(seen: list[list[float]]) -> float:
    """MB per 100,000 steps by least squares, the first tenth left out: tables and caches fill up there."""
    late = seen[len(seen) // 10 :]
    steps, values = np.array(late).T
    return float(np.polyfit(steps, values, 1)[0]) * 100_000


def _over_steps(quick: bool) -> list[Figure]:
    steps = 10_000 if quick else 100_000
    measured = result_of("tests.bench.memory", 10, steps, EVERY // 10 if quick else EVERY)
    seen = measured["seen"]
    at = dict(map(tuple, seen))
    note = f"10 symbols; {measured['orders']} orders, {measured['trades']} trades on the way"
    shown = [number for number in (1_000, 10_000, 50_000, 100_000) if number in at]
    found = [Figure(f"Memory after {number:,} steps", at[number], "MB", LIMIT_MB, note=note) for number in shown]
    # A short run shows caches that fill, not what a long life adds.
    limit = None if quick else GROWTH_MB
    found.append(Figure("Growth per 100,000 steps (slope)", slope(seen), "MB", limit, note=note))
    many = result_of("tests.bench.memory", 100, 400 if quick else 2_000, 100)
    found.append(
        Figure("Memory with 100 symbols", many["seen"][-1][1], "MB", LIMIT_MB, note="without the venue's libraries")
    )
    return found


def figures(quick: bool) -> list[Figure]:
    """Flatness in process, then the real bot in demo on Upbit."""
    found = _over_steps(quick)
    seconds = 20 if quick else 60
    with Demo() as demo:
        demo.wait_for(demo.decided, 60.0)
        time.sleep(seconds)
        bot, simulator = demo.memory_mb()
    note = f"its simulator, another process: {simulator:.0f} MB"
    found.append(Figure(f"Memory of `main.py run` on Upbit after {seconds} s", bot, "MB", LIMIT_MB, note=note))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:4]))))  # noqa: T201 - the program's output
