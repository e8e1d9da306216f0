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
WORLD: Final = "simulator.world"
PREVIOUS: Final = "simulator.previous.json"
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
        """parent: the child ends when this process is gone. Raises NoSimulator with what the child said.

        Without seed and replays the saved market goes on. Another market than the saved one begins anew; the state of
        the old one is kept beside it, for whoever archives the folder.
        """
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        _wait_for_earlier(data_dir / PID)
        world = self._world = _world(data_dir, seed, replays)
        self._data_dir = data_dir
        command = [sys.executable, "-m", "exchanges.simulator", "--parent", str(parent), *world]
        command += ["--state", str((data_dir / STATE).resolve())]
        if speed is not None:
            command += ["--speed", str(speed)]
        root = Path(__file__).resolve().parents[1]
        self._errors = logs / "simulator.log"
        with self._errors.open("wb") as errors:
            # Its own session: Ctrl-C is for the bot, which ends the simulator last.
            self._process = subprocess.Popen(
                command, cwd=root, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
        self._note_pid()
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            self._process.wait(READY_S)
            said = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise NoSimulator(said[-1] if said else f"exit code {self._process.returncode}")
        ready: dict[str, Any] = json.loads(line)
        self.where = addresses(ready["admin"])

    def _note_pid(self) -> None:
        pid_file = self._data_dir / PID
        pid_file.touch(mode=0o600)
        pid_file.write_text(str(self._process.pid))

    def remember(self) -> None:
        """Keeps which market this is, once the data folder is this run's own: the next start goes on with it."""
        note = self._data_dir / WORLD
        part = note.with_name(f"{WORLD}.{self._process.pid}")
        part.write_text(json.dumps(self._world), encoding="utf-8")
        part.chmod(0o600)
        part.replace(note)
        self._note_pid()

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


def _world(data_dir: Path, seed: int | None, replays: Sequence[tuple[Path, str]]) -> list[str]:
    """The arguments that name the market; where they are not those of the saved one, its state is put aside."""
    try:
        saved = json.loads((data_dir / WORLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        saved = None
    known = [str(word) for word in saved] if isinstance(saved, list) else None
    asked: list[str] = []
    if seed is not None:
        asked += ["--seed", str(seed)]
    for path, symbol in replays:
        asked += ["--replay", str(path.resolve()), "--symbol", symbol]
    if not asked:
        return known or []
    state = data_dir / STATE
    if known is not None and known != asked and state.exists():
        state.replace(data_dir / PREVIOUS)
    return asked


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
