"""The bot's daily comparison with a real worker process on a recorded day, and with workers that misbehave."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from tests.live.bots import REPO, environment, until
from tests.trading.backtest.test_compare import END, START, STEPS, beginning, step
from tests.trading.live.ledger_fixtures import DEMO
from tests.trading.lossy_venue import FakeClock
from trading.core.calendar import HOUR_MS
from trading.core.lived import LivedStep, step_values
from trading.live.chores import Diary
from trading.live.daily_compare import COMPARE_AFTER_MS, LIMIT_S, DailyCompare, last_whole_day, next_run
from trading.live.events import Events
from trading.live.ledger import Ledger, open_ledger
from trading.live.log import Log
from trading.live.worker import MOST_BYTES, Ended, Worker

DATE = "2026-03-03"
#: 09:10 KST of the day after: Upbit's day has rolled ten minutes ago.
DUE_MS = END + 9 * HOUR_MS + COMPARE_AFTER_MS
REAL = (sys.executable, "-m", "trading.backtest.compare_worker")
LEASHED = "from trading.backtest.leash import on_leash; on_leash(); import time; time.sleep(600)"


def python(source: str) -> tuple[str, ...]:
    return (sys.executable, "-c", source)


class Phone:
    """Keeps the notices."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, object]]] = []

    def send(self, key: str, **fields: object) -> None:
        self.sent.append((key, fields))

    def close(self, timeout_s: float = 3.0) -> None:
        pass


class Bench:
    """A data folder with its ledger, and the job over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(DUE_MS / 1000)
        self.ledger: Ledger = open_ledger(folder, DEMO, START).ledger
        self.phone = Phone()
        self.log = Log("ko", lambda text: text)
        self.made: list[DailyCompare] = []

    def diary(self) -> Diary:
        return Diary(self.ledger, self.clock, self.log, Events(self.folder, self.ledger, self.clock, self.log))

    def job(self, command: Sequence[str] = (), venues: Sequence[str] = ("upbit",)) -> DailyCompare:
        given = tuple(command) or (*REAL, str(self.folder / "ledger.db"))
        one = DailyCompare(venues, given, self.folder, self.clock, self.diary(), self.phone, lambda: "ko")
        self.made.append(one)
        return one

    def record(self, steps: Sequence[LivedStep], venue: str = "upbit") -> None:
        """The day's facts as the bot writes them, in the file of the UTC day in which they fall."""
        facts = self.folder / "facts"
        facts.mkdir(exist_ok=True)
        for one in steps:
            day = "2026-03-02" if one.now_ms < START + 9 * HOUR_MS else DATE
            with (facts / f"{venue}-{day}.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(step_values(one)) + "\n")

    def events(self) -> list[dict[str, object]]:
        return [dict(row.detail) for row in self.ledger.events() if row.kind == "job"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    yield one
    for job in one.made:
        job.close()
    one.ledger.close()


def finish(job: DailyCompare) -> dict[str, str]:
    """Looks until the worker's end is taken; the pairs of the result."""

    def result() -> str | None:
        job.look()
        return job.jobs()[0].last_result

    return dict(pair.split("=") for pair in until(result, "a result", 60.0).split())


@pytest.fixture(autouse=True)
def _others() -> None:
    """What other tests of this process have left running (a pool's resource tracker) is none of ours."""
    BEFORE.clear()
    BEFORE.update(one.pid for one in psutil.Process().children())


BEFORE: set[int] = set()


def children() -> list[psutil.Process]:
    """Workers of this test that run."""
    found = psutil.Process().children()
    return [one for one in found if one.pid not in BEFORE and one.status() != psutil.STATUS_ZOMBIE]


def failed(bench: Bench, command: Sequence[str]) -> tuple[str, dict[str, object]]:
    """What the job says of a worker that brings nothing, and the event's detail."""
    bench.record(STEPS)
    result = finish(bench.job(command))
    (event,) = bench.events()
    assert result["date"] == event["date"] == DATE
    assert event["level"] == "warning"
    assert bench.phone.sent == []
    assert str(event["ko"]).startswith("하루 비교를 하지 못했습니다: 2026-03-03 upbit")
    return result["failed"], event


# -- when --------------------------------------------------------------------------------------------------------------


def test_the_last_whole_day_is_due_after_the_venues_roll() -> None:
    assert last_whole_day("upbit", DUE_MS) == DATE
    assert last_whole_day("upbit", DUE_MS - 1) == "2026-03-02"
    assert next_run("upbit", DUE_MS - 1) == DUE_MS
    assert next_run("upbit", DUE_MS) == DUE_MS + 24 * HOUR_MS
    # Bithumb's day rolls with Korea's.
    assert last_whole_day("bithumb", END + COMPARE_AFTER_MS) == DATE
    assert last_whole_day("bithumb", END + COMPARE_AFTER_MS - 1) == "2026-03-02"


def test_without_a_record_nothing_is_started(bench: Bench) -> None:
    job = bench.job(python("raise SystemExit(1)"))
    job.look()
    assert children() == []
    (only,) = job.jobs()
    assert (only.name, only.last_ms, only.last_result) == ("compare:upbit", None, None)
    assert only.next_ms == DUE_MS + 24 * HOUR_MS
    assert bench.events() == []


def test_a_bot_without_a_worker_has_no_such_job(bench: Bench) -> None:
    job = DailyCompare(("upbit",), (), bench.folder, bench.clock, bench.diary(), bench.phone, lambda: "ko")
    job.look()
    assert job.jobs() == ()


# -- what comes of it --------------------------------------------------------------------------------------------------


def test_a_day_is_compared_once_and_remembered_over_a_restart(bench: Bench) -> None:
    bench.record((beginning(), step(1, 100_000_000.0)))
    job = bench.job()
    assert finish(job) == dict(
        pair.split("=") for pair in f"date={DATE} lived=0 ideal=0 same=0 explained=0 unexplained=0".split()
    )
    (event,) = bench.events()
    assert (event["level"], event["venue"], event["unexplained"]) == ("info", "upbit", 0)
    assert bench.phone.sent == []
    job.look()
    assert children() == []
    again = bench.job(python("raise SystemExit(1)"))
    again.look()
    assert children() == []
    assert again.jobs() == job.jobs()
    assert again.jobs()[0].last_ms == DUE_MS


def test_an_unexplained_difference_goes_to_the_phone(bench: Bench) -> None:
    bench.record(STEPS)
    assert finish(bench.job())["unexplained"] == "1"
    (event,) = bench.events()
    assert event["level"] == "warning"
    assert bench.phone.sent == [("notice.unexplained", {"venue": "upbit", "date": DATE, "count": 1})]


def test_the_first_hours_of_a_day_go_on_from_the_start_before_it(bench: Bench) -> None:
    # The bot runs on: its books stand in the file of the UTC day, which began nine hours into the KST day before.
    bench.record((beginning(-15 * 60), *STEPS[1:]))
    assert finish(bench.job())["ideal"] == "1"


def test_a_day_of_which_nothing_is_recorded_is_named(bench: Bench) -> None:
    bench.record((beginning(-60), step(-50, 100_000_000.0)))
    assert finish(bench.job())["failed"] == "nothing_recorded"


# -- workers that misbehave --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "code", "why"),
    [
        ("raise SystemExit('no memory')", "died", "1: no memory"),
        ("import os; os.kill(os.getpid(), 9)", "died", "-9"),
        ("print('hello')", "unreadable", "hello"),
        ("print('[1, 2]')", "unreadable", "[1, 2]"),
        ('print(\'{"lived": "many"}\')', "unreadable", "many"),
        ("print('[' * 100000)", "unreadable", "["),
        ("pass", "unreadable", ""),
        (f"print('x' * {MOST_BYTES + 10}, flush=True); import time; time.sleep(600)", "unreadable", "bytes"),
    ],
)
def test_a_worker_that_fails_is_named(bench: Bench, source: str, code: str, why: str) -> None:
    said, event = failed(bench, python(source))
    assert said == event["code"] == code
    assert why in str(event["why"])


def test_a_worker_that_cannot_start_is_named(bench: Bench) -> None:
    assert failed(bench, (str(bench.folder / "no-such-program"),))[0] == "not_started"


def test_a_worker_over_its_time_is_ended(bench: Bench) -> None:
    bench.record(STEPS)
    job = bench.job(python("import time; time.sleep(600)"))
    job.look()
    (worker,) = children()
    bench.clock.mono += LIMIT_S - 1
    job.look()
    assert worker.is_running()
    bench.clock.mono += 2
    job.look()
    assert not worker.is_running()
    assert bench.events()[0]["code"] == "overran"
    job.look()
    assert children() == [], "the day is left alone until the next start"
    bench.clock.now += 86_400
    bench.record([step(1500, 100_000_000.0)])
    job.look()
    assert len(children()) == 1


def test_a_failure_is_tried_again_after_the_next_start(bench: Bench) -> None:
    failed(bench, python("raise SystemExit(1)"))
    assert finish(bench.job())["unexplained"] == "1"


def test_one_worker_at_a_time_with_low_priority(bench: Bench) -> None:
    for venue in ("upbit", "bithumb"):
        bench.record(STEPS, venue)
    job = bench.job(python("import time; time.sleep(600)"), ("upbit", "bithumb"))
    for _ in range(3):
        job.look()
        (worker,) = children()
    assert worker.nice() == 19
    bench.clock.mono += LIMIT_S + 1
    job.look()
    (second,) = children()
    assert second.pid != worker.pid
    job.close()
    assert children() == []


def test_nothing_is_left_behind_at_the_end(bench: Bench) -> None:
    bench.record(STEPS)
    job = bench.job(python("import time; time.sleep(600)"))
    job.look()
    (worker,) = children()
    job.close()
    assert not worker.is_running()
    job.close()


def test_a_worker_ends_when_its_bot_is_killed(tmp_path: Path) -> None:
    bot = f"""
import sys, time
from trading.live.worker import Worker
worker = Worker((sys.executable, "-c", {LEASHED!r}), 600.0, time.monotonic)
print(worker.pid, flush=True)
time.sleep(600)
"""
    process = subprocess.Popen(
        python(bot), cwd=tmp_path, stdout=subprocess.PIPE, env=environment(PYTHONPATH=str(REPO)), text=True
    )
    try:
        assert process.stdout is not None
        worker = psutil.Process(int(process.stdout.readline()))
        assert worker.is_running()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, "the end of the orphan", 10.0)


def test_a_worker_that_is_done_leaves_in_peace() -> None:
    """The leash is read in a thread of its own: it must not disturb the end of the interpreter."""
    clock = FakeClock()
    source = "from trading.backtest.leash import on_leash; on_leash(); print('{\"a\": 1}')"
    for _ in range(3):
        worker = Worker(python(source), 60.0, clock.monotonic)
        assert until(worker.poll, "its answer") == Ended("", {"a": 1})


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_no_pipe_is_left_open(bench: Bench) -> None:
    clock = FakeClock()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        until(Worker(python("print(1)"), 60.0, clock.monotonic).poll, "its end")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
