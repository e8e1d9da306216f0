"""CPU of one step of the bot with 100 symbols, network excluded. A program of its own: the process is what it measures.

`python -m tests.bench.steps STRATEGY SYMBOLS STEPS` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.bot_in_process import Setting, bot_in_process
from tests.bench.child import result_of
from tests.bench.figures import Figure, share

SYMBOLS = 100
STRATEGIES = ("macd", "breakout")


def _last_candle(setting: Setting) -> int:
    track = next(iter(setting.desk.feed.tracks.values()))
    return int(track.closed.time[-1])


def measure(strategy: str, symbols: int, steps: int) -> dict[str, Any]:
    """CPU ms of the whole process per step: those with ticks only, and those in which every candle closes."""
    ordinary: list[float] = []
    closing: list[float] = []
    with tempfile.TemporaryDirectory() as folder, bot_in_process(Path(folder), symbols, strategy) as setting:
        setting.warm()
        for _ in range(steps):
            before = _last_candle(setting)
            setting.move()
            began = time.process_time()
            setting.step()
            spent = 1000.0 * (time.process_time() - began)
            (ordinary if _last_candle(setting) == before else closing).append(spent)
        if setting.desk.state != "ready":
            raise RuntimeError(f"the bot came to harm: {setting.desk.state} {setting.desk.detail}")
        return {"ordinary": ordinary, "closing": closing, "orders": setting.venue.submitted}


def figures(quick: bool) -> list[Figure]:
    """Median and 95th percentile of both kinds of step, for each strategy."""
    found = []
    for strategy in STRATEGIES:
        measured = result_of("tests.bench.steps", strategy, SYMBOLS, 200 if quick else 1200)
        note = f"{measured['orders']} orders on the way"
        for kind, name in (("ordinary", "ticks of all"), ("closing", "all candles close")):
            values = measured[kind]
            for part, label in ((0.5, "median"), (0.95, "p95")):
                title = f"CPU of a step, {SYMBOLS} symbols, {strategy}, {name}, {label}"
                found.append(Figure(title, share(values, part), "ms", 100.0, note=f"{len(values)} steps; {note}"))
    return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201 - the program's output
