"""Runs inside the environment of the peers: answers each line "JOB WORD ..." of its input with one line of JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.clock import Watch

Job = Callable[..., tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]]
"""From the words of a line to what is measured, and what is told of its result afterwards."""


def columns(folder: Path, job: str) -> dict[str, Any]:
    """Arrays of `job`: open, high, low, close; entries in rising order by candle: at, price (and more by job)."""
    with np.load(folder / f"{job}.npz") as found:
        return {name: found[name] for name in found.files}


def serve(jobs: dict[str, Job], package: str) -> None:
    """Until the input ends. What a job prepares is kept for the next time; `package` is the peer's, for its version."""
    answers, sys.stdout = sys.stdout, sys.stderr
    ready: dict[str, Any] = {}
    for line in sys.stdin:
        name, *words = line.split()
        if line not in ready:
            ready[line] = jobs[name](*words)
        run, told = ready[line]
        watch = Watch()
        result = run()
        seconds = watch.seconds
        print(json.dumps({"seconds": seconds, "version": version(package)} | told(result)), file=answers, flush=True)
