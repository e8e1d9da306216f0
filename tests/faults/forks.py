"""Lives of the real bot at the price of a fork: a server that has imported everything and opened nothing.

    python -m tests.faults.forks

reads JSON lines {"home", "env", "args", "bug", "later_s"}, forks a child per line that runs `main.main(args)` in that
home, and answers {"pid"} at once and {"ended": pid, "code"} when the child is gone (code negative: the signal). What a
child opens, locks and writes is what a real start opens, locks and writes: nothing of it exists before the fork. With
one such request as its argument it runs that life itself: a cold start.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

REPO = Path(__file__).resolve().parents[2]
OWN = ("HAETAE_", "UPBIT_", "LIVE_", "BOT_", "DATABASE_")


def plain_environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """This process' environment without what a developer's shell sets for the bot."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    return kept | {"PYTHONPATH": str(REPO), "COLUMNS": "160", "BOT_HOME": str(home)} | dict(more)


class Life:
    """One run of the bot: its process id, and its exit code once it has ended."""

    def __init__(self, pid: int, cold: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self.code: int | None = None
        self._over = threading.Event()
        self._cold = cold

    def alive(self) -> bool:
        """It still runs."""
        return not self.wait(0.0)

    def wait(self, timeout_s: float) -> bool:
        """Waits for its end; False when it still runs."""
        if self._cold is None:
            return self._over.wait(timeout_s)
        try:
            self.code = self._cold.wait(max(timeout_s, 0.001))
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """kill -9, and waits until the kernel has it."""
        self.tell(signal.SIGKILL)
        assert self.wait(30.0), f"{self.pid} does not die"

    def tell(self, number: signal.Signals) -> None:
        """Sends a signal; a process that has ended gets none."""
        if self.alive():
            os.kill(self.pid, number)

    def ended(self, code: int) -> None:
        """Told by the server's reader."""
        self.code = code
        self._over.set()


class Nursery:
    """The server and its children; a context manager that leaves no process behind."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forks"],
            cwd=REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=plain_environment(REPO, {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}),
        )
        self._born: list[int] = []
        self._lives: dict[int, Life] = {}
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def fork(self, home: Path, args: tuple[str, ...], bug: str = "", later_s: float = 0.0, **env: str) -> Life:
        """A life of `main.py <args>` in `home`; out.txt and err.txt there get what it says.

        later_s: its wall clock is so far ahead, as if nobody had started the bot for that long.
        """
        line = json.dumps({"home": str(home), "env": env, "args": args, "bug": bug, "later_s": later_s})
        assert self._server.stdin is not None
        with self._news:
            self._server.stdin.write(line.encode() + b"\n")
            self._server.stdin.flush()
            assert self._news.wait_for(lambda: bool(self._born), 60.0), "the fork server does not answer"
            return self._lives[self._born.pop()]

    def cold(self, home: Path, args: tuple[str, ...], later_s: float = 0.0, **env: str) -> Life:
        """The same in a fresh interpreter that has imported nothing, as `python main.py` is."""
        request = json.dumps({"home": str(home), "env": env, "args": args, "bug": "", "later_s": later_s})
        command = [sys.executable, "-m", "tests.faults.forks", request]
        process = subprocess.Popen(command, cwd=REPO, env=plain_environment(home, env))
        life = Life(process.pid, process)
        self._lives[process.pid] = life
        return life

    def clear(self) -> None:
        """Kills every life."""
        for life in list(self._lives.values()):
            if life.alive():
                life.kill()

    def close(self) -> None:
        """Kills every life and ends the server."""
        self.clear()
        assert self._server.stdin is not None
        self._server.stdin.close()
        try:
            self._server.wait(10.0)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._reader.join(5.0)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def _read(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            said: dict[str, Any] = json.loads(line)
            with self._news:
                if "pid" in said:
                    self._lives[said["pid"]] = Life(said["pid"])
                    self._born.append(said["pid"])
                else:
                    self._lives.pop(said["ended"]).ended(said["code"])
                self._news.notify_all()


# -- the server's side -------------------------------------------------------------------------------------------------


def _import_everything() -> None:
    """What a start imports, so that a child has it already. Opens no file, socket, database or thread of ours."""
    import exchanges.upbit.venue
    import main
    import tests.faults.bugs  # noqa: F401
    from exchanges.ccxt_class import exchange_class

    exchange_class("upbit")
    assert main.main
    assert exchanges.upbit.venue.open_venue


def _live(request: dict[str, Any]) -> int:
    """The child: from here on it is a start of the bot like any other."""
    home = Path(request["home"])
    os.chdir(home)
    for number, name in ((1, "out.txt"), (2, "err.txt")):
        file = os.open(home / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(file, number)
        os.close(file)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    environment = plain_environment(home, request["env"])
    os.environ.clear()
    os.environ.update(environment)
    import main
    from tests.faults import bugs

    main.ROOT = home  # type: ignore[misc]
    sys.argv = ["main.py", *request["args"]]
    if request["bug"]:
        bugs.plant(request["bug"])
    if request["later_s"]:
        _come_later(int(1000 * request["later_s"]))
    return main.main(request["args"])


def _come_later(ms: int) -> None:
    """The machine's wall clock as the bot reads it, `ms` ahead."""
    from trading.live.clock import SystemClock

    now = SystemClock.wall_ms
    SystemClock.wall_ms = lambda self: now(self) + ms  # type: ignore[method-assign]


def _child(request: dict[str, Any]) -> None:
    code = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        code = _live(request)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - a child must not run on into its parent's loop
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _say(fields: dict[str, int]) -> None:
    os.write(1, json.dumps(fields).encode() + b"\n")


def serve() -> None:
    """Forks and reaps until its input ends."""
    _import_everything()
    wake, woken = os.pipe()
    for end in (wake, woken):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    pending = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            while True:
                try:
                    pid, status = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    break
                if pid == 0:
                    break
                _say({"ended": pid, "code": os.waitstatus_to_exitcode(status)})
        if 0 not in ready:
            continue
        got = os.read(0, 65536)
        if not got:
            return
        *lines, pending = (pending + got).split(b"\n")
        for line in lines:
            pid = os.fork()
            if pid == 0:
                _child(json.loads(line))
            _say({"pid": pid})


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _child(json.loads(sys.argv[1]))
    serve()
