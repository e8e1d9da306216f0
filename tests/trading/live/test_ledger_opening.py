"""Which folder a start may use, what is moved aside, and what a broken ledger does: never a silent new beginning."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from config.texts import text
from tests.trading.live.ledger_fixtures import DEMO, LIVE, NOW_MS, postgres
from tests.trading.live.test_ledger import a_fill
from tests.trading.lossy_venue import an_order
from trading.core.errors import LedgerUnavailable
from trading.live import database
from trading.live.database import LedgerBroken, StartRefused
from trading.live.killpoint import killpoint
from trading.live.ledger import Ledger, Opened, Stamp, open_ledger
from trading.live.ledger_history import EventRow
from trading.live.lock import DataFolderLock

__all__ = ["postgres"]


def lived_in(folder: Path, stamp: Stamp) -> None:
    """A folder after a run: a ledger with one filled order and some files."""
    opened = open_ledger(folder, stamp, NOW_MS)
    opened.ledger.intend(an_order("a"))
    opened.ledger.book(a_fill("t1"))
    opened.ledger.close()
    (folder / "upbit_portfolio.json").write_text("{}")
    (folder / "history").mkdir()
    (folder / "history" / "events.jsonl").write_text("{}\n")
    (folder / "command.json").write_text("{}")


def shown(refused: StartRefused) -> str:
    return text(refused.key, "ko", **refused.values) + text(refused.key, "en", **refused.values)


def test_the_same_stamp_goes_on(tmp_path: Path) -> None:
    lived_in(tmp_path, LIVE)
    opened = open_ledger(tmp_path, LIVE, NOW_MS)
    assert opened.archived is None
    assert opened.ledger.order("a") is not None
    assert (tmp_path / "ledger.db").stat().st_mode & 0o777 == 0o600


def test_a_new_venue_is_no_other_stamp_and_is_remembered(tmp_path: Path) -> None:
    lived_in(tmp_path, LIVE)
    both = Stamp("live", {**LIVE.hosts, "bithumb": "api.bithumb.com"}, {**LIVE.keys, "bithumb": "ff"})
    open_ledger(tmp_path, both, NOW_MS).ledger.close()
    open_ledger(tmp_path, LIVE, NOW_MS).ledger.close()
    with pytest.raises(StartRefused):
        open_ledger(tmp_path, replace(both, keys={**both.keys, "bithumb": "00"}), NOW_MS)


@pytest.mark.parametrize(
    "now",
    [
        DEMO,
        replace(LIVE, keys={"upbit": "otherkey"}),
        replace(LIVE, hosts={"upbit": "127.0.0.1"}),
        replace(LIVE, mode="testnet"),
    ],
)
def test_files_of_live_are_never_moved(tmp_path: Path, now: Stamp) -> None:
    folder = tmp_path / "data"
    lived_in(folder, LIVE)
    with pytest.raises(StartRefused) as refused:
        open_ledger(folder, now, NOW_MS)
    assert refused.value.key == "ledger.other_stamp"
    assert f"--data-dir {folder}-{now.mode}" in shown(refused.value)
    assert "otherkey" not in shown(refused.value)
    assert not (folder / "archive").exists()
    ledger = open_ledger(folder, LIVE, NOW_MS).ledger
    assert ledger.order("a") is not None


def test_files_of_a_demo_are_moved_whole(tmp_path: Path) -> None:
    lived_in(tmp_path, DEMO)
    lock = DataFolderLock(tmp_path, NOW_MS)
    opened = open_ledger(tmp_path, LIVE, NOW_MS)
    assert opened.was == DEMO
    archive = tmp_path / "archive" / "demo-20251120-095320"
    assert opened.archived == str(archive)
    assert sorted(entry.name for entry in archive.iterdir()) == ["history", "ledger.db", "upbit_portfolio.json"]
    assert sorted(entry.name for entry in tmp_path.iterdir() if "ledger.db-" not in entry.name) == [
        "archive",
        "bot.lock",
        "command.json",
        "ledger.db",
    ]
    assert opened.ledger.order("a") is None
    old = open_ledger(archive, DEMO, NOW_MS).ledger
    assert old.order("a") is not None
    lock.release()


def test_a_move_cut_short_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived_in(tmp_path, DEMO)
    move, moved = shutil.move, []

    def die_after_one(source: Path, to: Path) -> None:
        if moved:
            raise KeyboardInterrupt
        moved.append(source)
        move(source, to)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "move", die_after_one)
        with pytest.raises(KeyboardInterrupt):
            open_ledger(tmp_path, LIVE, NOW_MS)
    opened = open_ledger(tmp_path, LIVE, NOW_MS + 60_000)
    (archive,) = (tmp_path / "archive").iterdir()
    assert {"history", "ledger.db", "upbit_portfolio.json"} == {entry.name for entry in archive.iterdir()}
    assert opened.ledger.settings("stamp")


def test_a_second_archive_of_the_same_second_has_its_own_folder(tmp_path: Path) -> None:
    for stamp in (DEMO, replace(DEMO, mode="paper"), DEMO, replace(DEMO, mode="paper"), DEMO):
        open_ledger(tmp_path, stamp, NOW_MS).ledger.close()
    assert sorted(folder.name for folder in (tmp_path / "archive").iterdir()) == [
        "demo-20251120-095320",
        "demo-20251120-095320-2",
        "paper-20251120-095320",
        "paper-20251120-095320-2",
    ]


@pytest.mark.postgres
def test_stamps_hold_in_postgres_too(tmp_path: Path, postgres: str) -> None:
    def start(stamp: Stamp) -> Opened:
        return open_ledger(tmp_path, stamp, NOW_MS, postgres, "stamps")

    first = start(DEMO).ledger
    first.intend(an_order("a"))
    first.close()
    opened = start(LIVE)
    assert opened.archived == "stamps_demo_20251120_095320"
    assert opened.ledger.order("a") is None
    opened.ledger.intend(an_order("b"))
    opened.ledger.close()
    with pytest.raises(StartRefused, match="other_stamp"):
        start(DEMO)
    again = start(LIVE).ledger
    assert again.order("b") is not None
    again.close()


@pytest.mark.parametrize("url", ["postgresql://bot:s3cret@127.0.0.1:1/x", "mysql://u:s3cret@h/x", "nonsense s3cret"])
def test_a_database_out_of_reach_is_a_sentence_without_the_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(StartRefused) as refused:
        open_ledger(tmp_path, DEMO, NOW_MS, url)
    assert refused.value.key == "ledger.no_database"
    assert "s3cret" not in shown(refused.value)


@pytest.mark.parametrize("schema", ["", "a; drop schema public", "Ü", "1a"])
def test_a_schema_name_is_checked(tmp_path: Path, schema: str) -> None:
    with pytest.raises(StartRefused, match="schema_name"):
        open_ledger(tmp_path, DEMO, NOW_MS, "postgresql://127.0.0.1:1/x", schema)


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, LIVE, NOW_MS).ledger
    ledger.put_setting("stamp", "schema", 99, "start", NOW_MS)
    ledger.close()
    with pytest.raises(LedgerBroken, match="newer"):
        open_ledger(tmp_path, LIVE, NOW_MS)


def test_an_emptied_ledger_is_no_new_beginning(tmp_path: Path) -> None:
    lived_in(tmp_path, DEMO)
    (tmp_path / "ledger.db").write_bytes(b"")
    with pytest.raises(LedgerBroken) as broken:
        open_ledger(tmp_path, DEMO, NOW_MS)
    assert str(tmp_path / "ledger.db") in shown(broken.value)


def test_a_missing_ledger_beside_files_of_trading_is_refused_in_live(tmp_path: Path) -> None:
    lived_in(tmp_path, LIVE)
    (tmp_path / "ledger.db").unlink()
    with pytest.raises(LedgerBroken, match="missing"):
        open_ledger(tmp_path, LIVE, NOW_MS)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger after a clean end."""
    folder = tmp_path_factory.mktemp("whole")
    lived_in(folder, DEMO)
    return folder / "ledger.db"


@pytest.mark.parametrize("left", [0, 1, 16, 99, 100, 4095])
def test_a_ledger_cut_short_is_no_new_beginning(tmp_path: Path, lived: Path, left: int) -> None:
    (tmp_path / "upbit_portfolio.json").write_text("{}")
    (tmp_path / "ledger.db").write_bytes(lived.read_bytes()[:left])
    with pytest.raises(LedgerBroken):
        open_ledger(tmp_path, DEMO, NOW_MS)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 1), flip=st.integers(0, 7) | st.none())
def test_a_cut_or_flipped_ledger_is_believed_whole_or_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, lived: Path, part: float, flip: int | None
) -> None:
    whole = lived.read_bytes()
    folder = tmp_path_factory.mktemp("torn")
    (folder / "upbit_portfolio.json").write_text("{}")
    file = folder / "ledger.db"
    written = [number for number, byte in enumerate(whole) if byte]
    at = written[int(part * (len(written) - 1))]
    torn = whole[:at] if flip is None else whole[:at] + bytes([whole[at] ^ (1 << flip)]) + whole[at + 1 :]
    file.write_bytes(torn)
    try:
        ledger = open_ledger(folder, DEMO, NOW_MS).ledger
        orders = ledger.unfinished("upbit")
        fills = [event.fill for event in ledger.booked("upbit")]
    except StartRefused as broken:
        assert str(file) in shown(broken)
        assert file.exists()
        return
    assert ledger.settings("stamp")
    assert orders == [an_order("a")]
    assert fills == [a_fill("t1")]
    ledger.close()


def test_a_ledger_held_by_another_program_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lived_in(tmp_path, DEMO)
    monkeypatch.setattr(database, "BUSY_MS", 1)
    blocker = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StartRefused) as refused:
        open_ledger(tmp_path, DEMO, NOW_MS)
    assert "locked" in shown(refused.value)
    blocker.close()


def test_a_row_no_table_takes_is_told_once_and_holds_no_other_up(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, DEMO, NOW_MS).ledger
    with pytest.raises(IntegrityError), ledger.step():
        ledger.add_event(EventRow(NOW_MS, "before", "", {}))
        ledger.add_event(EventRow(NOW_MS, None, "", {}))  # type: ignore[arg-type]
        ledger.add_event(EventRow(NOW_MS, "after", "", {}))
    with ledger.step():
        ledger.add_event(EventRow(NOW_MS, "next", "", {}))
    assert [event.kind for event in ledger.events()] == ["before", "after", "next"]


def on_its_connection(ledger: Ledger, pragma: str) -> None:
    """The ledger of one thread uses one pooled connection."""
    connection = ledger.engine.raw_connection()
    connection.cursor().execute(pragma)
    connection.close()


def test_a_locked_ledger_says_so_and_keeps_the_steps_rows(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, DEMO, NOW_MS).ledger
    on_its_connection(ledger, "PRAGMA busy_timeout=1")
    blocker = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnavailable):
        ledger.intend(an_order("a"))
    with pytest.raises(LedgerUnavailable), ledger.step():
        ledger.add_event(EventRow(NOW_MS, "alarm", "", {}))
    blocker.execute("ROLLBACK")
    blocker.close()
    assert ledger.intend(an_order("a"))
    with ledger.step():
        ledger.add_event(EventRow(NOW_MS, "again", "", {}))
    assert [event.kind for event in ledger.events()] == ["alarm", "again"]


def test_a_full_disk_is_unavailable_and_passes(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, DEMO, NOW_MS).ledger
    on_its_connection(ledger, "PRAGMA max_page_count=1")
    big = an_order("a", detail="x" * 20_000)
    with pytest.raises(LedgerUnavailable, match="full"):
        ledger.intend(big)
    assert ledger.order("a") is None
    on_its_connection(ledger, "PRAGMA max_page_count=100000")
    assert ledger.intend(big)
    assert ledger.order("a") == big


def test_one_bot_per_folder_and_the_second_is_told_who_holds_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\nfrom pathlib import Path\nfrom trading.live.lock import DataFolderLock\n"
            f"lock = DataFolderLock(Path(sys.argv[1]), {NOW_MS})\nprint('held', flush=True)\nsys.stdin.read()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    for _ in range(2):
        with pytest.raises(StartRefused) as refused:
            DataFolderLock(tmp_path, NOW_MS)
        assert str(holder.pid) in shown(refused.value)
        assert "2025-11-20 09:53:20" in shown(refused.value)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    # The kernel let go with the process: the file that is left behind holds nobody up.
    lock = DataFolderLock(tmp_path, NOW_MS)
    assert json.loads((tmp_path / "bot.lock").read_text())["pid"] == os.getpid()
    lock.release()
    lock.release()
    DataFolderLock(tmp_path, NOW_MS).release()
    holder.stdout.close()
    assert holder.stdin is not None
    holder.stdin.close()


def test_a_lock_that_cannot_be_taken_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bot.lock").mkdir()
    with pytest.raises(StartRefused) as refused:
        DataFolderLock(tmp_path, NOW_MS)
    assert str(tmp_path) in shown(refused.value)


@pytest.mark.parametrize("value", ["J1", "J1:0", ":1", "J1:x"])
def test_a_kill_point_must_be_named_and_numbered(value: str) -> None:
    with pytest.raises(ValueError, match="BOT_KILL_AT"):
        killpoint({"BOT_KILL_AT": value})


def test_without_a_kill_point_nothing_dies() -> None:
    at = killpoint({})
    before = time.monotonic()
    for _ in range(1000):
        at("J1")
    assert time.monotonic() - before < 1
