"""Requests per minute of the real bot with 100 symbols, counted by the simulator, against the venue's limits."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from exchanges.simulator.dialects.upbit.limits import GROUPS
from tests.bench.child import ROOT
from tests.bench.demo import Demo
from tests.bench.figures import Figure
from tests.bench.local_venue import symbols
from tests.bench.speed import RECORDED, _made_up

SYMBOLS = 100
CANDLES = 1_800
"""1,500 of history and five hours to come."""
QUOTATION = {"candles", "ticker", "orderbook", "trades", "market"}


def group_of(method: str, path: str) -> str:
    """The Remaining-Req group of one request."""
    parts = path.strip("/").split("/")[1:]
    if parts[0] in QUOTATION:
        return "orderbook" if parts[0] == "orderbook" else parts[0]
    if method == "POST" and parts[0] == "orders":
        return "order-test" if parts[1:] == ["test"] else "order"
    return "default"


def _recorded(folder: Path) -> Path:
    """One short file of candles that all markets replay."""
    path = folder / "candles.csv"
    if RECORDED.exists():
        with RECORDED.open(encoding="utf-8") as source:
            path.write_text("".join(line for line, _ in zip(source, range(CANDLES + 1), strict=False)))
        return path
    candles = _made_up(CANDLES)
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("timestamp_ms", "open", "high", "low", "close", "volume"))
        rows.writerows(zip(*(column.tolist() for column in columns), strict=True))
    return path


def per_minute(requests: list[Mapping[str, Any]], began_ms: int, minutes: int) -> list[Counter[str]]:
    """Requests by group of each whole minute of wall clock since `began_ms`."""
    counts: list[Counter[str]] = [Counter() for _ in range(minutes)]
    for request in requests:
        minute = (request["wall_ms"] - began_ms) // 60_000
        if 0 <= minute < minutes:
            counts[minute][group_of(request["method"], request["path"])] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Counted:
    """warm_s: until every symbol was decided on. start, after: requests by group of each minute before and after it.

    refused: answers 429 and 418.
    """

    warm_s: float
    start: list[Counter[str]]
    after: list[Counter[str]]
    refused: int


def measure(minutes: int) -> Counted:
    """Lets the bot start and then trade for so many minutes."""
    with tempfile.TemporaryDirectory() as name:
        path = _recorded(Path(name))
        command = [sys.executable, "-m", "exchanges.simulator", "--speed", "1"]
        for symbol in symbols(SYMBOLS):
            command += ["--replay", str(path), "--symbol", f"KRW-{symbol.partition('/')[0]}"]
        simulator = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            assert simulator.stdout is not None
            admin = json.loads(simulator.stdout.readline())["admin"]
            with Demo(["--simulator", admin], HAETAE_UNIVERSE_SIZE=str(SYMBOLS), HAETAE_PRESET="demo") as demo:
                warm = demo.wait_for(demo.decided_all, 900.0)
                warm_ms = httpx.get(f"{admin}/clock", timeout=30.0).json()["wall_ms"]
                time.sleep(60.0 * minutes + 1.0)
                truth = httpx.get(f"{admin}/truth", timeout=30.0).json()
        finally:
            simulator.terminate()
            simulator.wait()
    requests = truth["requests"]
    began = requests[0]["wall_ms"]
    first = per_minute(requests, began, (warm_ms - began) // 60_000 + 1)
    refused = sum(request["status"] in (418, 429) for request in requests)
    return Counted(warm, first, per_minute(requests, warm_ms, minutes), refused)


def figures(quick: bool) -> list[Figure]:
    """The busiest minute of each group: while histories are read, and while it trades."""
    minutes = 1 if quick else 3
    counted = measure(minutes)
    found = [Figure(f"Refused for too many requests, {SYMBOLS} symbols", counted.refused, "", 1.0)]
    for title, some in (("while starting", counted.start), ("trading", counted.after)):
        for group in sorted({group for count in some for group in count}):
            limit = GROUPS[group].requests * 60 / GROUPS[group].seconds
            most = max(count[group] for count in some)
            name = f"Requests in the busiest minute, {SYMBOLS} symbols, {group}, {title}"
            found.append(Figure(name, most, "/min", limit / 2, note=f"limit {limit:.0f}; {len(some)} minutes"))
    found.append(Figure(f"All {SYMBOLS} symbols decided on after", counted.warm_s, "s", note="market at speed 1"))
    return found
