"""The bot's ledger backup over a real ledger that is written meanwhile, and over disks that misbehave."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.texts import text
from tests.live.bots import until
from tests.trading.live.ledger_fixtures import DEMO, NOW_MS
from tests.trading.live.test_daily_compare import Phone
from tests.trading.live.test_ledger import a_fill, an_order
from tests.trading.lossy_venue import FakeClock
from trading.core.calendar import DAY_MS
from trading.live import ledger_backup
from trading.live.chores import Diary
from trading.live.events import Events
from trading.live.ledger import open_ledger
from trading.live.ledger_backup import (
    BACK_UP_AFTER_MS,
    HUNG_S,
    KEPT,
    LIMIT_S,
    REST_S,
    SPARE_BYTES,
    BackupFailed,
    LedgerBackup,
    back_up,
    backup_path,
    backups,
    check,
    due_date,
)
from trading.live.ledger_history import EventRow
from trading.live.log import Log

#: 00:20 KST of the day in the name of the copy.
DUE_MS = 1_772_463_600_000 + BACK_UP_AFTER_MS
DATE = "2026-03-03"
NEVER: Callable[[], bool] = lambda: False  # noqa: E731
PLENTY: Callable[[Path], int] = lambda folder: 10**12  # noqa: E731


class Bench:
    """A data folder with its ledger, and the job over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "backups"
        self.data = folder
        self.clock = FakeClock(DUE_MS / 1000)
        self.ledger = open_ledger(folder, DEMO, NOW_MS).ledger
        self.ledger.intend(an_order("a"))
        self.phone = Phone()
        self.log = Log("ko", lambda words: words)
        self.made: list[LedgerBackup] = []

    def job(self, free: Callable[[Path], int] = PLENTY, server: bool = False) -> LedgerBackup:
        """As after a start."""
        diary = Diary(self.ledger, self.clock, self.log, Events(self.data, self.ledger, self.clock, self.log))
        file = None if server else self.ledger.file
        one = LedgerBackup(file, self.data, self.clock, diary, self.phone, free)
        self.made.append(one)
        return one

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*"))

    def events(self) -> list[dict[str, object]]:
        return [dict(row.detail) for row in self.ledger.events() if row.kind == "job"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    yield one
    for job in one.made:
        job.close()
    one.ledger.close()


def finish(job: LedgerBackup, seen: str | None = None) -> dict[str, str]:
    """Looks until there is a result other than `seen`; its pairs."""

    def result() -> str | None:
        job.look()
        said = job.jobs()[0].last_result
        return said if said != seen else None

    return dict(pair.split("=") for pair in until(result, "a result", 20.0).split())


def test_a_copy_is_due_after_midnight_in_korea() -> None:
    assert due_date(DUE_MS) == DATE
    assert due_date(DUE_MS - 1) == "2026-03-02"
    assert due_date(DUE_MS + DAY_MS - 1) == DATE


# -- the copy ----------------------------------------------------------------------------------------------------------


def test_the_copy_is_a_ledger_one_can_start_from(bench: Bench, tmp_path: Path) -> None:
    bench.ledger.book(a_fill("t1"))
    job = bench.job()
    result = finish(job)
    assert (result["date"], result["kept"]) == (DATE, "1")
    assert bench.names() == [f"ledger-{DATE}.db"], "nothing of the work is left beside it"
    copy = backup_path(bench.folder, DATE)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.read_bytes()[18:20] == b"\x01\x01", "it needs no write-ahead log to be read"
    bench.ledger.intend(an_order("b"))
    home = tmp_path / "restored"
    home.mkdir()
    (home / "ledger.db").write_bytes(copy.read_bytes())
    restored = open_ledger(home, DEMO, NOW_MS).ledger
    assert [order.id for order in restored.unfinished("upbit")] == ["a"]
    restored.close()
    (event,) = bench.events()
    assert (event["level"], event["date"]) == ("info", DATE)
    assert bench.phone.sent == []
    assert job.jobs()[0].next_ms == DUE_MS + DAY_MS


def test_the_copy_is_of_one_moment_while_others_write(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(200):
        bench.ledger.add_event(EventRow(number, "before", "", {"text": "x" * 2000}))
    monkeypatch.setattr(ledger_backup, "PAGES", 5)
    looks = 0

    def write_meanwhile() -> bool:
        nonlocal looks
        looks += 1
        bench.ledger.add_event(EventRow(NOW_MS, "meanwhile", "", {}))
        return False

    assert bench.ledger.file is not None
    back_up(bench.ledger.file, bench.folder, DATE, write_meanwhile, PLENTY)
    assert looks > 20, "it did not begin anew, and it did look"
    with sqlite3.connect(f"file:{backup_path(bench.folder, DATE)}?mode=ro", uri=True) as copy:
        assert copy.execute("SELECT kind, count(*) FROM events GROUP BY kind").fetchall() == [("before", 200)]
    copy.close()


def test_one_copy_a_day_and_the_last_ones_are_kept(bench: Bench) -> None:
    bench.folder.mkdir()
    (bench.folder / "ledger-2025-12-24-mine.db").write_text("a person's own")
    job, last = bench.job(), None
    for number in range(KEPT + 2):
        finish(job, seen=last)
        last = job.jobs()[0].last_result
        job.look()
        assert not [one for one in threading.enumerate() if one.name == "ledger_backup"], "once a day"
        if number == 0:
            assert bench.job().jobs() == job.jobs(), "remembered over a restart"
        bench.clock.now += DAY_MS / 1000
    names = [path.name for path in backups(bench.folder)]
    assert (len(names), names[0], names[-1]) == (KEPT, "ledger-2026-03-05.db", "ledger-2026-03-18.db")
    assert (bench.folder / "ledger-2025-12-24-mine.db").exists()


def test_what_a_killed_process_left_is_taken_away(bench: Bench) -> None:
    bench.folder.mkdir()
    for name in (".ledger-2026-03-01.db.partial", ".ledger-2026-03-01.db.partial-wal", f".ledger-{DATE}.db.partial"):
        (bench.folder / name).write_text("half")
    finish(bench.job())
    assert bench.names() == [f"ledger-{DATE}.db"]


def test_a_ledger_on_a_server_is_the_servers(bench: Bench) -> None:
    job = bench.job(server=True)
    job.look()
    assert bench.names() == []
    (row,) = job.jobs()
    assert (row.name, row.last_result, row.next_ms) == ("ledger_backup", "failed=server", None)


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_disk_that_is_short_is_left_to_trading(bench: Bench) -> None:
    left = SPARE_BYTES
    job = bench.job(lambda folder: left)
    assert finish(job) == {"date": DATE, "failed": "disk_short"}
    job.look()
    assert bench.names() == []
    (event,) = bench.events()
    assert (event["level"], event["code"]) == ("warning", "disk_short")
    ((key, fields),) = bench.phone.sent
    for lang in ("ko", "en"):
        assert "200 MB" in text(key, lang, **fields)
    seen = job.jobs()[0].last_result
    bench.clock.mono += REST_S - 1
    job.look()
    assert len(bench.events()) == 1
    bench.clock.mono += 1
    until(lambda: job.look() or len(bench.events()) == 2, "the next try")
    assert len(bench.phone.sent) == 1, "a phone hears of it once a day"
    left = 10**12
    bench.clock.mono += REST_S
    assert finish(job, seen=seen)["kept"] == "1"


def test_a_folder_that_cannot_be_written_is_named(bench: Bench) -> None:
    bench.folder.write_text("in the way")
    assert finish(bench.job())["failed"] == "not_written"


def test_a_ledger_that_is_no_database_is_named(bench: Bench, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(b"no database at all " * 500)
    with pytest.raises(sqlite3.DatabaseError):
        back_up(wrong, bench.folder, DATE, NEVER, PLENTY)
    assert bench.names() == []


def test_a_copy_that_is_not_sound_is_thrown_away(bench: Bench, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    with sqlite3.connect(damaged) as database:
        database.execute("CREATE TABLE t (a, b)")
        database.execute("CREATE INDEX i ON t (a)")
        database.executemany("INSERT INTO t VALUES (?, ?)", [(f"a{number}", "x" * 50) for number in range(500)])
        database.execute("PRAGMA writable_schema=ON")
        database.execute("DELETE FROM sqlite_master WHERE name = 'i'")  # its pages belong to nothing now
    database.close()
    with pytest.raises(BackupFailed) as failed:
        back_up(damaged, bench.folder, DATE, NEVER, PLENTY)
    assert failed.value.code == "damaged"
    assert bench.names() == []


@pytest.mark.parametrize("looks", [0, 3, 40])
def test_a_copy_over_its_time_is_ended_and_thrown_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    """At its first page, on the way, while it is checked."""
    for number in range(100):
        bench.ledger.add_event(EventRow(number, "before", "", {"text": "x" * 2000}))
    monkeypatch.setattr(ledger_backup, "PAGES", 10)
    monkeypatch.setattr(ledger_backup, "INSTRUCTIONS", 10)
    asked = 0

    def over() -> bool:
        nonlocal asked
        asked += 1
        return asked > looks

    assert bench.ledger.file is not None
    with pytest.raises(BackupFailed) as failed:
        back_up(bench.ledger.file, bench.folder, DATE, over, PLENTY)
    assert failed.value.code == "overran"
    assert bench.names() == []


def test_a_copy_that_hangs_is_named_and_no_other_one_is_started(bench: Bench) -> None:
    gate, entered = threading.Event(), []

    def stuck(folder: Path) -> int:
        entered.append(folder)
        gate.wait(30.0)
        return 10**12

    job = bench.job(stuck)
    job.look()
    until(lambda: entered, "the copy's start")
    bench.clock.mono += LIMIT_S + HUNG_S - 1
    job.look()
    assert bench.events() == []
    bench.clock.mono += REST_S
    for _ in range(3):
        job.look()
    assert job.jobs()[0].last_result == f"date={DATE} failed=overran"
    assert (len(bench.events()), len(bench.phone.sent), len(entered)) == (1, 1, 1)
    gate.set()


def test_the_end_of_the_bot_ends_a_copy(bench: Bench) -> None:
    gate = threading.Event()

    def slow(folder: Path) -> int:
        gate.wait(30.0)
        return 10**12

    job = bench.job(slow)
    job.look()
    (thread,) = [one for one in threading.enumerate() if one.name == "ledger_backup"]
    closing = threading.Thread(target=job.close)
    closing.start()
    until(job._stop.is_set, "the word to end")
    gate.set()
    closing.join(10.0)
    thread.join(10.0)
    assert not thread.is_alive()
    assert bench.names() == [], "it was told to end before it had copied"


def test_a_check_reads_the_whole_file(bench: Bench) -> None:
    finish(bench.job())
    copy = backup_path(bench.folder, DATE)
    whole = copy.read_bytes()
    copy.write_bytes(whole[:4096] + b"\xff" * 4096 + whole[8192:])
    with pytest.raises((BackupFailed, sqlite3.DatabaseError)):
        check(copy, NEVER)
