"""The demo as a person has it: one command starts all, it trades, one signal ends all, the next start goes on."""

from __future__ import annotations

import os
import queue
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import httpx
import psutil
import pytest

from config.texts import catalogue, text
from config.texts.demo import TEXTS
from deploy.demo import ROOT, TOLD, exit_code, free_port, parser, told

#: Far beyond what a busy machine needs; reaching it is a failure.
PATIENCE_S = 120.0


class Terminal:
    """A running demo and its lines, as they come."""

    def __init__(self, data: Path, *options: str) -> None:
        environ = {**os.environ, "HAETAE_LANGUAGE": "en", "HAETAE_PRESET": "demo", "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "deploy.demo", "--data-dir", str(data), "--speed", "60", *options]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def until(self, wanted: str) -> str:
        """The first coming line with `wanted` in it."""
        while (line := self._lines.get(timeout=PATIENCE_S)) is not None:
            self.said.append(line)
            if wanted in line:
                return line
        pytest.fail(f"never said {wanted!r}:\n" + "\n".join(self.said))

    def rest(self) -> list[str]:
        """All lines from here to the end of the process."""
        lines: list[str] = []
        while (line := self._lines.get(timeout=PATIENCE_S)) is not None:
            lines.append(line)
        return lines

    def children(self) -> dict[str, psutil.Process]:
        """Its processes by what they run."""
        found = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            for name in ("main.py", "dashboard.py", "exchanges.simulator"):
                if any(part.endswith(name) for part in child.cmdline()):
                    found[name] = child
        return found


@pytest.fixture
def start() -> Iterator[Callable[..., Terminal]]:
    """Starts demos and leaves none behind."""
    started: list[Terminal] = []

    def one(data: Path, *options: str) -> Terminal:
        started.append(Terminal(data, *options))
        return started[-1]

    yield one
    for terminal in started:
        left = list(terminal.children().values()) if terminal.process.poll() is None else []
        for process in (terminal.process, *left):
            process.kill()
        terminal.process.wait()


def a_port() -> int:
    """A free port below those that connections going out take, so that nobody takes it before the dashboard does."""
    port = free_port(random.randrange(20_000, 30_000), 100)
    assert port is not None
    return port


@pytest.mark.slow
def test_it_trades_ends_in_order_and_goes_on(tmp_path: Path, start: Callable[..., Terminal]) -> None:
    data = tmp_path / "data"
    for life, number in enumerate((signal.SIGINT, signal.SIGTERM)):
        demo = start(data, "--port", str(a_port()))
        address = re.search(r"http://\S+", demo.until("http://"))
        assert address
        assert httpx.get(address[0], trust_env=False).status_code == 200
        demo.until("Bought")
        children = demo.children()
        assert set(children) == {"main.py", "dashboard.py", "exchanges.simulator"}
        assert any("goes on" in line for line in demo.said) == bool(life)
        demo.process.send_signal(number)
        last = demo.rest()
        assert demo.process.wait(PATIENCE_S) == 0
        assert last[-1] == text("demo.ended", "en")
        assert not any(child.is_running() for child in children.values())
        assert "stopped" in (data / "bot_status.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_child_that_dies_is_named_and_all_end(tmp_path: Path, start: Callable[..., Terminal]) -> None:
    data = tmp_path / "data"
    with socket.socket() as busy:
        port = a_port()
        busy.bind(("127.0.0.1", port))
        busy.listen()
        demo = start(data, "--port", str(port))
        demo.until(f"Port {port} is taken")
        assert str(port) not in demo.until("Open this")
    children = demo.children()

    second = start(data, "--port", str(a_port()))
    assert second.process.wait(PATIENCE_S) == 3, "one bot per folder"
    assert text("demo.bot_ended", "en", code=3) in second.rest()

    children["dashboard.py"].kill()
    demo.until("The dashboard ended (exit code 137)")
    assert demo.process.wait(PATIENCE_S) == 137
    demo.rest()
    assert not any(child.is_running() for child in children.values())

    third = start(data, "--port", str(a_port()))
    third.until("Open this")
    third.children()["main.py"].kill()
    third.until("The bot ended (exit code 137)")
    assert third.process.wait(PATIENCE_S) == 137


def test_ports() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        assert free_port(port, 1) is None
    assert free_port(port, 1) == port
    assert free_port(65_536, 5) is None


def test_codes_of_killed_children() -> None:
    assert [exit_code(code) for code in (0, 3, -9, -15)] == [0, 3, 137, 143]


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"event": "log.bought", "level": "info", "time_ms": 1_763_600_000_000, "text": "x"}, "09:53:20 x"),
        ({"event": "log.anything", "level": "error", "time_ms": 1_763_600_000_000, "text": "y"}, "09:53:20 y"),
        ({"event": "log.status", "level": "info", "time_ms": 1_763_600_000_000, "text": "z"}, None),
        ({"event": "log.bought", "level": "info", "time_ms": "?", "text": "x"}, None),
        ({"event": "log.bought", "level": "info", "time_ms": 1, "text": None}, None),
        ({}, None),
    ],
)
def test_what_is_told(row: dict[str, object], line: str | None) -> None:
    assert told(row) == line


def test_events_that_are_told_exist() -> None:
    assert catalogue().keys() >= TOLD


def test_every_text_is_used() -> None:
    source = (ROOT / "deploy" / "demo.py").read_text(encoding="utf-8")
    used = set(re.findall(r'_tell\(\s*"(\w+)"', source)) | {"bot", "dashboard"}
    assert used == {key.removeprefix("demo.") for key in TEXTS}
    for ko, en in TEXTS.values():
        names = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (ko, en)]
        assert names[0] == names[1]


def test_the_folder_is_the_bots_own() -> None:
    assert parser().parse_args([]).data_dir == ROOT / "data"
