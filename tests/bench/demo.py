"""The real bot as a process: `main.py run --mode demo` in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import psutil

from tests.bench.child import ROOT
from trading.ipc.decisions import read_decisions
from trading.ipc.status import read_status

POLL_S = 0.01


class Demo:
    """Starts at construction; `with` ends it in order and removes its folder. Times are seconds since the start."""

    def __init__(self, arguments: Sequence[str] = (), **environ: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.data = Path(self._folder.name)
        command = [sys.executable, "main.py", "run", "--mode", "demo", "--data-dir", self._folder.name, *arguments]
        self._said = (self.data / "said.txt").open("wb")
        self._began = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environ}, stdout=self._said, stderr=subprocess.STDOUT
        )

    def wait_for(self, happened: Callable[[], bool], limit_s: float) -> float:
        """Seconds from exec to the moment `happened` says so. Raises RuntimeError when it ends before, or never."""
        while True:
            now = time.perf_counter() - self._began
            if happened():
                return now
            if self.process.poll() is not None or now > limit_s:
                said = (self.data / "said.txt").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"the bot did not come so far in {now:.1f} s: {said[-2000:]}")
            time.sleep(POLL_S)

    def stepped(self) -> bool:
        """The first step is over: there is a status."""
        return read_status(self.data).value is not None

    def decided(self) -> bool:
        """A step has had candles enough to decide on."""
        decisions = read_decisions(self.data).value
        told = decisions.venues.get("upbit", {}) if decisions else {}
        return any(one.action != "WAIT" for one in told.values())

    def decided_all(self) -> bool:
        """Every symbol has had candles enough."""
        decisions = read_decisions(self.data).value
        told = decisions.venues.get("upbit", {}) if decisions else {}
        return bool(told) and all(one.action != "WAIT" for one in told.values())

    def memory_mb(self) -> tuple[float, float]:
        """Resident MB of the bot, and of the processes it started."""
        process = psutil.Process(self.process.pid)
        others = sum(child.memory_info().rss for child in process.children(recursive=True))
        return process.memory_info().rss / 1e6, others / 1e6

    def __enter__(self) -> Demo:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._said.close()
        self._folder.cleanup()
