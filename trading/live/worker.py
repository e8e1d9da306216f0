"""A child process that does one job for the bot: with low priority, a time limit, and an answer of bounded size.

It cannot outlive the bot: its stdin is a pipe that only this process holds open, and a worker leaves when that closes,
also after kill -9. Its answer is a JSON object on the last line it writes; stderr counts as output, so that the last
line of a failure says why.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import psutil

ROOT: Final = Path(__file__).resolve().parents[2]
MOST_BYTES: Final = 256_000
"""No answer is longer; a worker that writes more is ended."""
_NICE: Final = 19 if os.name == "posix" else getattr(psutil, "IDLE_PRIORITY_CLASS", 64)
_END_S: Final = 2.0

Why = Literal["", "overran", "died", "unreadable"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went. why "": answer is the worker's. overran: over its time; died: by a signal or with an exit code;

    unreadable: it ended well and said nothing that is an answer. said: its last words, for people.
    """

    why: Why
    answer: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""


class Worker:
    """One running worker. Made, polled and killed by one thread."""

    def __init__(self, command: Sequence[str], limit_s: float, monotonic: Callable[[], float]) -> None:
        """Starts `command` in the program's folder, with `limit_s` seconds of wall clock. Raises OSError."""
        self._monotonic = monotonic
        self._limit_s = limit_s
        self._due = monotonic() + limit_s
        # Its own session: Ctrl-C is for the bot, which ends its worker itself.
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with suppress(psutil.Error, OSError):  # it may be over already
            psutil.Process(self._process.pid).nice(_NICE)
        self._said = b""
        self._reader = threading.Thread(target=self._read, name="worker", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def poll(self) -> Ended | None:
        """How it ended; None while it works. Never waits for it: over its time it is killed."""
        if self._process.poll() is None:
            if self._monotonic() < self._due:
                return None
            self.kill()
            return Ended("overran", said=f"{self._limit_s:g} s")
        self.kill()
        return self._ended()

    def kill(self) -> None:
        """Ends it at once and closes its pipes; waits a moment at most."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self._reader.join(_END_S)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        if not self._reader.is_alive():  # closing it under a reader (a child of the worker holds it) would block
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._said = self._process.stdout.read(MOST_BYTES + 1)
        if len(self._said) > MOST_BYTES:
            self._process.kill()

    def _ended(self) -> Ended:
        lines = self._said.decode("utf-8", "replace").strip().splitlines()
        last = lines[-1].strip() if lines else ""
        if len(self._said) > MOST_BYTES:
            return Ended("unreadable", said=f"> {MOST_BYTES:,} bytes")
        if self._process.returncode:
            return Ended("died", said=f"{self._process.returncode}: {last[:200]}")
        try:
            answer = json.loads(last)
        except (ValueError, RecursionError):
            answer = None
        return Ended("", answer) if isinstance(answer, dict) else Ended("unreadable", said=last[:200])
