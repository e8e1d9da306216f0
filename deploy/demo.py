"""`python -m deploy.demo`: practice exchange, bot and dashboard from one command, and ended by one Ctrl-C.

It starts `main.py run --mode demo` (which starts its own exchange) and `dashboard.py` as children, waits until both
answer, then prints what the bot does. Exit codes: 0 after Ctrl-C, SIGTERM or the command stop; otherwise that of the
child that ended.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import httpx

from config.errors import SettingError
from config.settings import load as load_settings
from config.texts import text
from deploy.tail import Tail
from trading.core.ports import Clock
from trading.ipc.readers import Snapshot, load
from trading.live.clock import SystemClock

ROOT: Final = Path(__file__).resolve().parents[1]
KST: Final = timezone(timedelta(hours=9), "KST")
FIRST_PORT: Final = 8501
PORTS: Final = 20
READY_S: Final = 120.0
END_S: Final = 30.0
ROUND_S: Final = 0.2
SUMMARY_S: Final = 60.0
WINDOWS: Final = os.name == "nt"

TOLD: Final = frozenset(
    {
        "log.bought",
        "log.sold",
        "log.order_rejected",
        "log.slippage",
        "log.latch",
        "log.rearm",
        "log.venue_lost",
        "log.venue_back",
        "log.setting_applied",
        "log.setting_rejected",
        "log.command_done",
        "log.command_refused",
        "log.command_failed",
    }
)
"""Log events a person watching the demo wants to see; errors are shown whatever they are."""


def told(row: dict[str, object]) -> str | None:
    """The line for the terminal of one log row, time in KST; None where it is of no interest here."""
    if row.get("event") not in TOLD and row.get("level") not in ("error", "critical"):
        return None
    stamp, said = row.get("time_ms"), row.get("text")
    if not isinstance(stamp, int) or not isinstance(said, str):
        return None
    moment = datetime.fromtimestamp(stamp / 1000, UTC).astimezone(KST)
    return f"{moment:%H:%M:%S} {said}"


def free_port(first: int, count: int) -> int | None:
    """The first of `count` ports from `first` on which nobody listens on this machine."""
    for port in range(first, min(first + count, 65_536)):
        with socket.socket() as probe:
            if not WINDOWS:  # a port still cooling down from the last demo is free; on Windows this would share it
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return None


def exit_code(returned: int) -> int:
    """A child's return code as one of our own: ended by signal N is 128 + N."""
    return returned if returned >= 0 else 128 - returned


class Demo:
    """Bot and dashboard of one data folder, from start to end."""

    def __init__(self, args: argparse.Namespace, lang: str, clock: Clock) -> None:
        self._args, self._lang, self._clock = args, lang, clock
        self._data: Path = args.data_dir
        self._logs = ROOT / "logs" if self._data.resolve() == ROOT / "data" else self._data / "logs"
        self._bot: subprocess.Popen[bytes] | None = None
        self._dashboard: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._stop = False
        self._began_ms = clock.wall_ms()
        self._tail = Tail(self._logs / "trading_bot.jsonl")

    def end(self, number: int = 0, frame: object = None) -> None:
        """Asks for the end; also a signal handler."""
        self._stop = True

    def _say(self, line: str) -> None:
        try:
            print(line, flush=True)  # noqa: T201 - the terminal is where the user reads
        except OSError:  # nobody reads any more: `make demo | head`
            self._stop = True
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the process ends

    def _tell(self, key: str, **values: object) -> None:
        self._say(text(f"demo.{key}", self._lang, **values))

    def run(self) -> int:
        """The whole demo. Returns the exit code."""
        self._tell("starting")
        if (self._data / "ledger.db").exists():
            self._tell("goes_on", data=self._data)
        wanted: int = self._args.port
        port = free_port(wanted, PORTS)
        if port is None:
            self._tell("no_port", first=wanted, last=wanted + PORTS - 1)
            return 1
        if port != wanted:
            self._tell("port_busy", busy=wanted, port=port)
        self._port = port
        try:
            self._start()
            code = self._wait_until_ready()
            return self._watch() if code is None else code
        finally:
            self._end_all()

    def _start(self) -> None:
        data = ["--data-dir", str(self._data)]
        bot = [str(ROOT / "main.py"), "run", "--mode", "demo", *data]
        for name in ("seed", "speed"):
            if (value := getattr(self._args, name)) is not None:
                bot += [f"--{name}", str(value)]
        self._bot = self._child(bot, None)
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        page = [str(ROOT / "dashboard.py"), *data, "--logs-dir", str(self._logs), "--port", str(self._port)]
        page += ["--language", self._lang]
        said = os.open(self._logs / "dashboard.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self._dashboard = self._child(page, said)
        finally:
            os.close(said)

    def _child(self, command: Sequence[str], output: int | None) -> subprocess.Popen[bytes]:
        """In a group of its own: Ctrl-C reaches this process only, which ends the children in order."""
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=not WINDOWS,
            creationflags=flags,
        )

    # -- while it runs --------------------------------------------------------------------------------------------

    def _gone(self) -> int | None:
        """The exit code of the demo when a child has ended, after saying which; None while both live."""
        assert self._bot is not None
        assert self._dashboard is not None
        if (returned := self._bot.poll()) is not None:
            self._tell("bot_ended", code=exit_code(returned))
            return exit_code(returned)
        if (returned := self._dashboard.poll()) is not None:
            said = (self._logs / "dashboard.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
            self._tell("dashboard_ended", code=exit_code(returned), said=said[-1] if said else "-")
            return exit_code(returned) or 1
        return None

    def _answers(self) -> bool:
        """The dashboard's server says that it is well."""
        try:
            return httpx.get(f"http://127.0.0.1:{self._port}/_stcore/health", timeout=2.0, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _trades(self, seen: Snapshot) -> bool:
        """This life of the bot, not the last one, has a venue that is ready."""
        now = seen.status.value
        if not seen.alive or now is None or now.started_ms < self._began_ms:
            return False
        return any(venue.state == "ready" for venue in now.venues.values())

    def _wait_until_ready(self) -> int | None:
        """None when both answer or the end was asked for; an exit code when it will not come to that."""
        deadline = self._clock.monotonic() + READY_S
        while not self._stop:
            if (code := self._gone()) is not None:
                return code
            seen = load(self._data, self._clock.wall_ms())
            if self._trades(seen) and self._answers():
                self._introduce(seen)
                return None
            if self._clock.monotonic() > deadline:
                self._tell("not_ready", seconds=round(READY_S), logs=self._logs)
                return 1
            time.sleep(ROUND_S)
        return None

    def _introduce(self, seen: Snapshot) -> None:
        assert seen.status.value is not None
        self._say("")
        self._tell("ready", address=f"http://127.0.0.1:{self._port}")
        for venue in seen.status.value.venues.values():
            self._tell("doing", strategy=venue.strategy, timeframe=venue.timeframe, count=len(venue.symbols))
            if venue.preset == "demo":  # the presets for real money may wait for days
                self._tell("soon")
        self._say("")

    def _watch(self) -> int:
        """Prints what happens until a child ends or the end is asked for."""
        next_summary = self._clock.monotonic() + SUMMARY_S
        while not self._stop:
            self._follow()
            if (code := self._gone()) is not None:
                return code
            if self._clock.monotonic() >= next_summary:
                next_summary = self._clock.monotonic() + SUMMARY_S
                self._summarize()
            time.sleep(ROUND_S)
        return 0

    def _follow(self) -> None:
        for row in self._tail.new():
            if (line := told(row)) is not None:
                self._say(line)

    def _summarize(self) -> None:
        now = load(self._data, self._clock.wall_ms()).status.value
        if now is None or now.equity_krw is None or now.day_pnl_krw is None:
            return
        venues = now.venues.values()
        self._tell(
            "summary",
            equity=f"{now.equity_krw:,.0f}",
            day=f"{now.day_pnl_krw:+,.0f}",
            positions=sum(venue.positions for venue in venues),
            trades=sum(venue.trades_today for venue in venues),
        )

    # -- the end --------------------------------------------------------------------------------------------------

    def _end_all(self) -> None:
        """The bot first, which finishes its step and ends its exchange; then the dashboard."""
        running = [child for child in (self._bot, self._dashboard) if child is not None and child.poll() is None]
        if self._bot in running:
            self._tell("ending")
        for name, child in (("bot", self._bot), ("dashboard", self._dashboard)):
            if child is None or child.poll() is not None:
                continue
            self._ask_to_end(name, child)
            try:
                child.wait(END_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                self._tell("killed", name=text(f"demo.{name}", self._lang), seconds=round(END_S))
        self._follow()
        self._tail.close()
        if self._bot is not None and running and (self._stop or self._bot.returncode == 0):
            self._tell("ended")

    def _ask_to_end(self, name: str, child: subprocess.Popen[bytes]) -> None:
        if WINDOWS and name == "bot":  # terminating it there would not let it finish its step
            stop = [sys.executable, str(ROOT / "main.py"), "cmd", "stop", "--data-dir", str(self._data)]
            subprocess.run(stop, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        else:
            child.terminate()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    top.add_argument("--data-dir", type=Path, default=ROOT / "data", metavar="DIR", help="default: data/")
    top.add_argument("--port", type=int, default=FIRST_PORT, metavar="N", help=f"of the dashboard ({FIRST_PORT})")
    top.add_argument("--seed", type=int, metavar="N", help="seed of the practice market")
    top.add_argument("--speed", type=float, metavar="S", help="speed of the practice market (10)")
    return top


def language(data_dir: Path) -> str:
    """The language of the settings; Korean where they are wrong, which the bot will say itself."""
    try:
        return load_settings(ROOT / ".env", data_dir / "tuned.env", os.environ, (), {"mode": "demo"}).language
    except SettingError:
        return "ko"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the demo until it is told to end."""
    args = parser().parse_args(argv)
    args.data_dir = args.data_dir.absolute()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no Hangul must not end the demo
    demo = Demo(args, language(args.data_dir), SystemClock())
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if (number := getattr(signal, name, None)) is not None:
            signal.signal(number, demo.end)
    return demo.run()


if __name__ == "__main__":
    sys.exit(main())
