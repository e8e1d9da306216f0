"""A simulator of one's own: demo mode starts it as a child, goes on from its saved state, and ends it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

STATE: Final = "simulator.json"
PID: Final = "simulator.pid"
READY_S: Final = 60.0
END_S: Final = 10.0


class NoSimulator(Exception):
    """It did not start, or nothing answers at its address; the text says why."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """admin: its admin address; hosts: venue -> role -> address; world: which market it plays."""

    admin: str
    hosts: Mapping[str, Mapping[str, str]]
    world: str


def addresses(admin: str) -> Addresses:
    """Asks a running simulator for its addresses. Raises NoSimulator."""
    try:
        ready = httpx.get(admin.rstrip("/") + "/ready", timeout=5.0).raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NoSimulator(f"{admin}: {error or type(error).__name__}") from None
    hosts = {name: value for name, value in ready.items() if isinstance(value, dict)}
    return Addresses(ready["admin"], hosts, ready["world"])


class PrivateSimulator:
    """The child process. `where` tells its addresses; `end` lets it save its state and waits for it."""

    def __init__(
        self,
        data_dir: Path,
        logs: Path,
        *,
        parent: int,
        seed: int | None = None,
        speed: float | None = None,
        replays: Sequence[tuple[Path, str]] = (),
    ) -> None:
        """parent: the child ends when this process is gone. Raises NoSimulator with what the child said."""
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        _wait_for_earlier(data_dir / PID)
        command = [sys.executable, "-m", "exchanges.simulator", "--parent", str(parent)]
        command += ["--state", str((data_dir / STATE).resolve())]
        if seed is not None:
            command += ["--seed", str(seed)]
        if speed is not None:
            command += ["--speed", str(speed)]
        for path, symbol in replays:
            command += ["--replay", str(path.resolve()), "--symbol", symbol]
        root = Path(__file__).resolve().parents[1]
        self._errors = logs / "simulator.log"
        with self._errors.open("wb") as errors:
            # Its own session: Ctrl-C is for the bot, which ends the simulator last.
            self._process = subprocess.Popen(
                command, cwd=root, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
        pid_file = data_dir / PID
        pid_file.touch(mode=0o600)
        pid_file.write_text(str(self._process.pid))
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            self._process.wait(READY_S)
            said = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise NoSimulator(said[-1] if said else f"exit code {self._process.returncode}")
        ready: dict[str, Any] = json.loads(line)
        self.where = addresses(ready["admin"])

    def alive(self) -> bool:
        """It still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """Asks it to end in order; it saves its state."""
        self._process.terminate()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _wait_for_earlier(pid_file: Path) -> None:
    """The simulator of a bot that was killed ends by itself and saves; two must not write one state."""
    try:
        earlier = psutil.Process(int(pid_file.read_text()))
        if "exchanges.simulator" not in " ".join(earlier.cmdline()):
            return
        earlier.wait(END_S)
    except (OSError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return
    except psutil.TimeoutExpired:
        raise NoSimulator(f"an earlier simulator (pid {pid_file.read_text()}) does not end") from None
