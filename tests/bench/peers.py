"""Other backtesters beside ours: their environment, and their processes, which are asked run by run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.bench.child import ROOT

_HOME: Final = ROOT / ".venv-bench"
_PYTHON: Final = _HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
_ASKED: Final = ROOT / "requirements-bench.txt"
_DONE: Final = _HOME / "installed.txt"


class NoPeers(Exception):
    """The peers cannot be measured here; says why."""


def install() -> None:
    """Makes `.venv-bench` from requirements-bench.txt where it is not there yet. Raises NoPeers."""
    asked = _ASKED.read_text(encoding="utf-8")
    if _DONE.exists() and _DONE.read_text(encoding="utf-8") == asked:
        return
    print(f"installing the peers into {_HOME.name} (once, a minute) ...", file=sys.stderr, flush=True)  # noqa: T201
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    _must(sys.executable, "-m", "venv", "--clear", str(_HOME))
    _must(str(_PYTHON), "-m", "pip", "install", *quiet, "-r", str(_ASKED))
    _DONE.write_text(asked, encoding="utf-8")


def _must(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPeers(str(error)) from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NoPeers(said[-1] if said else f"{command[0]} ended with {done.returncode}")


class Peer:
    """One of them in a process of its own. answers: the last one to each question."""

    def __init__(self, module: str, folder: Path) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self._errors = (folder / f"{module}.txt").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [_PYTHON, "-m", f"tests.bench.{module}", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def contestant(self, question: str) -> Callable[[], float]:
        """Asks it to run `question` once: the seconds it took, told by itself. Raises RuntimeError."""

        def seconds() -> float:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            if not line:
                self._errors.seek(0)
                raise RuntimeError(f"a peer ended at {question!r}: {self._errors.read()[-2000:]}")
            self.answers[question] = json.loads(line)
            return float(self.answers[question]["seconds"])

        return seconds

    def close(self) -> None:
        """Ends its process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)
        self._errors.close()
