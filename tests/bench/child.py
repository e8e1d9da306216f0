"""Programs of the bench that run in a process of their own, so that one figure does not weigh on the next."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHM = Path("/dev/shm")


def result_of(module: str, *arguments: object) -> Any:
    """The last line that `python -m module arguments` prints, as JSON. Raises RuntimeError with what it said."""
    command = [sys.executable, "-m", module, *(str(one) for one in arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return json.loads(lines[-1])


def fast_folder() -> str | None:
    """A folder in memory for files that are not what is measured; None: the usual one."""
    return str(SHM) if SHM.is_dir() else None
