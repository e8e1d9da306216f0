"""The ledger and every file cut and flipped, locks held and left behind: never believed wrongly, and steps go on."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import ValidationError

from tests.faults import invariants
from tests.faults.arena import Arena, Epoch
from tests.faults.forks import REPO, Life, plain_environment
from tests.live.bots import until
from tests.trading.ipc.schemas import validator
from trading.ipc.document import parse

pytestmark = pytest.mark.slow

SWEPT = ("bot_status.json", "decisions.json", "outcomes.json", "upbit_portfolio.json")
"""market.json is written every 30 s; the others with the next step."""
SAMPLES = 24


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as one:
        yield one


@pytest.fixture
def epoch(arena: Arena, tmp_path: Path) -> Iterator[Epoch]:
    yield Epoch(arena, tmp_path / "home", 1)
    arena.nursery.clear()  # what a failure left running would trade on in the next test's account


def traded(epoch: Epoch) -> None:
    """A life with some trades, still running when this returns."""
    epoch.order_something()
    until(lambda: epoch.rows("select 1 from fills limit 1 offset 3"), f"trades: {epoch.complaint()}", 90.0)


def steps_on(epoch: Epoch, steps: int = 3) -> None:
    """The heartbeat advances."""

    def seq() -> int:
        try:
            return int(epoch.status().get("seq", 0))
        except invariants.Broken:
            return 0  # it is one of the files that a test cuts

    now = until(seq, "a heartbeat", 60.0)
    until(lambda: seq() > now + steps, "the heartbeat goes on", 60.0)


def whole(epoch: Epoch) -> bool:
    """The files of every step are there, whole and of their shape; the slower ones and history come with their time."""
    try:
        for name in SWEPT:
            kind = "portfolio" if name.endswith("_portfolio.json") else name.partition(".")[0]
            validator(kind).validate(parse((epoch.data / name).read_text("utf-8")))
    except (OSError, ValueError, ValidationError):
        return False
    return True


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut at some byte, or with one byte flipped."""
    place = chance.randrange(len(content))
    if chance.random() < 0.5:
        return content[:place]
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def test_every_file_cut_or_flipped_while_the_bot_runs_is_written_again(epoch: Epoch) -> None:
    chance = random.Random(11)
    life = epoch.start()
    assert epoch.ready(life)
    traded(epoch)
    until(lambda: whole(epoch), "all files", 60.0)
    for sample in range(SAMPLES):
        marks = {}
        for name in SWEPT:
            path = epoch.data / name
            path.write_bytes(damaged(path.read_bytes() or b"{}", chance))
            marks[name] = path.stat().st_ino
        until(
            lambda marks=marks: all((epoch.data / name).stat().st_ino != ino for name, ino in marks.items()),
            f"all files written again after sample {sample}",
            60.0,
        )
        until(lambda: whole(epoch), f"all files whole after sample {sample}", 60.0)
    steps_on(epoch)
    assert life.alive()
    life.kill()
    epoch.settle()


def test_files_cut_between_two_lives_are_written_again(epoch: Epoch) -> None:
    chance = random.Random(12)
    life = epoch.start()
    assert epoch.ready(life)
    traded(epoch)
    for _ in range(4):
        epoch.killed(life)
        for path in sorted(epoch.data.glob("*.json")):
            if content := path.read_bytes():
                path.write_bytes(damaged(content, chance))
        for path in sorted(epoch.data.rglob("*.jsonl")):
            content = path.read_bytes()
            path.write_bytes(content[: chance.randrange(len(content) + 1)])
        life = epoch.start()
        files_again(epoch, life)
    life.kill()
    (epoch.data / "market.json").unlink(missing_ok=True)  # it has its own beat of half a minute
    epoch.settle()


def ended_or_stepped(epoch: Epoch, life: Life) -> bool:
    """The life was refused, or its first step is done."""
    until(lambda: not life.alive() or epoch.status().get("pid") == life.pid, "an end or a start", 60.0)
    return life.alive()


def files_again(epoch: Epoch, life: Life) -> None:
    """Waits for a whole set of files, the status by this life."""
    until(lambda: whole_by(epoch, life.pid), f"all files again: {epoch.complaint()}", 60.0)


def whole_by(epoch: Epoch, pid: int) -> bool:
    """All files are whole, the status by this process."""
    return whole(epoch) and epoch.status().get("pid") == pid


def test_a_damaged_ledger_is_refused_or_believed_whole(epoch: Epoch) -> None:
    chance = random.Random(13)
    life = epoch.start()
    assert epoch.ready(life)
    traded(epoch)
    epoch.tell_end(life)
    ledger = epoch.data / "ledger.db"
    good = ledger.read_bytes()
    rows = dump(epoch)
    refused = 0
    for number in range(10):
        bad = good[: chance.randrange(len(good))] if number < 4 else damaged(good, chance)
        ledger.write_bytes(bad)
        for suffix in ("-wal", "-shm"):
            (epoch.data / f"ledger.db{suffix}").unlink(missing_ok=True)
        before = len(epoch.complaint())
        life = epoch.start()
        if ended_or_stepped(epoch, life):
            life.kill()
            now = dump(epoch)
            assert now["orders"][: len(rows["orders"])] == rows["orders"], "a wrong ledger was believed"
            assert now["fills"][: len(rows["fills"])] == rows["fills"], "a wrong ledger was believed"
        else:
            refused += 1
            said = epoch.complaint()[before:]
            assert life.code == 3, (life.code, said)
            assert "ledger.db" in said and "Traceback" not in said
            assert ledger.read_bytes() == bad, "what was refused was changed"
    assert refused >= 5
    ledger.write_bytes(good)
    for suffix in ("-wal", "-shm"):
        (epoch.data / f"ledger.db{suffix}").unlink(missing_ok=True)


def dump(epoch: Epoch) -> dict[str, list[dict[str, object]]]:
    kept = invariants.books(epoch.data)
    assert kept is not None
    return {"orders": list(kept.orders.values()), "fills": kept.fills}


@pytest.mark.parametrize("what", ["candles.db", "exits.journal", "facts"])
def test_a_damaged_cache_or_journal_holds_nothing_up(epoch: Epoch, what: str) -> None:
    chance = random.Random(14)
    life = epoch.start()
    assert epoch.ready(life)
    traded(epoch)
    for _ in range(4):
        epoch.killed(life)
        paths = [epoch.data / what] if (epoch.data / what).is_file() else list((epoch.data / what).rglob("*"))
        for path in paths:
            if path.is_file() and path.stat().st_size:
                path.write_bytes(damaged(path.read_bytes(), chance))
        if what == "candles.db":
            for suffix in ("-wal", "-shm"):
                (epoch.data / f"candles.db{suffix}").unlink(missing_ok=True)
        life = epoch.start()
        assert epoch.ready(life), f"ended with {life.code}: {epoch.complaint()}"
    life.kill()
    epoch.settle()


def test_a_second_bot_on_the_folder_leaves_at_once_and_the_first_goes_on(epoch: Epoch) -> None:
    first = epoch.start()
    assert epoch.ready(first)
    for second in (epoch.start(), epoch.start(cold=True)):
        assert second.wait(60.0)
        assert second.code == 3
    assert str(first.pid) in epoch.complaint() and "Traceback" not in epoch.complaint()
    assert invariants.holders(epoch.data) == {first.pid}
    steps_on(epoch)
    epoch.killed(first)
    epoch.settle()


def test_of_many_starts_at_once_one_lives(epoch: Epoch) -> None:
    lives = [epoch.start() for _ in range(8)]
    until(lambda: sum(life.alive() for life in lives) == 1, "one left", 60.0)
    (winner,) = [life for life in lives if life.alive()]
    assert {life.code for life in lives if life is not winner} == {3}
    assert epoch.ready(winner)
    assert invariants.holders(epoch.data) == {winner.pid}
    epoch.killed(winner)
    epoch.settle()


@pytest.mark.parametrize("left", [b"", b'{"pid": 1, "host": "x", "started_ms": 0}', b"\x00" * 99, b"99999999"])
def test_a_lock_file_left_behind_holds_nobody_up(epoch: Epoch, left: bytes) -> None:
    (epoch.data / "bot.lock").write_bytes(left)
    life = epoch.start()
    assert epoch.ready(life)
    assert invariants.holders(epoch.data) == {life.pid}
    epoch.killed(life)


HOLDER = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1], mode=0o600):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_suspended_process_that_holds_the_mailbox_holds_no_step_up(epoch: Epoch) -> None:
    life = epoch.start()
    assert epoch.ready(life)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(epoch.data / "command.lock")],
        stdout=subprocess.PIPE,
        env=plain_environment(REPO, {}),
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"held\n"
        holder.send_signal(signal.SIGSTOP)
        steps_on(epoch, 10)
        part = epoch.home / "part"
        part.write_text(json.dumps({"id": "by-hand", "kind": "pause"}))
        part.replace(epoch.data / "command.json")
        until(lambda: epoch.status()["status"] == "paused", "the command in spite of the lock", 60.0)
        steps_on(epoch, 10)
    finally:
        holder.kill()
        holder.wait()
        assert holder.stdout is not None
        holder.stdout.close()
    epoch.killed(life)
    epoch.settle()


def test_a_ledger_whose_newest_commits_are_lost_starts_or_says_why_not(epoch: Epoch) -> None:
    """As after a disk that did not keep its word."""
    life = epoch.start()
    assert epoch.ready(life)
    traded(epoch)
    epoch.killed(life)
    wal = epoch.data / "ledger.db-wal"
    content = wal.read_bytes()
    spare = epoch.home / "spare"
    shutil.copytree(epoch.data, spare)
    for share in (0.9, 0.5):
        for path in spare.glob("ledger.db*"):
            shutil.copy(path, epoch.data / path.name)
        wal.write_bytes(content[: int(len(content) * share)])
        (epoch.data / "ledger.db-shm").unlink(missing_ok=True)
        life = epoch.start()
        if ended_or_stepped(epoch, life):
            life.kill()
        else:
            assert life.code == 3
        assert "Traceback" not in epoch.complaint()
