"""Files replaced whole and files that grow by lines."""

from __future__ import annotations

import errno
import os
import signal
import stat
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trading.ipc.samples import a_status
from trading.ipc import files
from trading.ipc.document import encode
from trading.ipc.files import (
    append_line,
    clean_temporaries,
    ensure_folder,
    read_json,
    read_lines,
    replace,
    signature_of,
    write_json,
    write_lines,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_written_for_its_owner_only_in_folders_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.json"
    written = write_json(path, {"schema": 1, "amount": Decimal("0.10")})
    assert path.read_text() == '{"schema": 1, "amount": 0.1}\n'
    assert mode(path) == 0o600
    assert mode(path.parent) == mode(path.parent.parent) == 0o700
    assert written == signature_of(path)
    assert list(path.parent.iterdir()) == [path]


def test_order_of_effects_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    sync = os.fsync

    def fsync(handle: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    path = tmp_path / "file.json"
    path.write_text("old")

    def killpoint(label: str) -> None:
        seen.append(f"{label} {path.read_text().strip()}")

    write_json(path, [1], killpoint)
    assert seen == ["file", "J7 old", "J8 [1]", "folder"]


@pytest.mark.parametrize("label", ["J7", "J8"])
def test_killed_while_writing_the_file_is_the_old_or_the_new_one(tmp_path: Path, label: str) -> None:
    path = tmp_path / "file.json"
    write_json(path, "old")
    child = os.fork()
    if child == 0:
        write_json(path, "new", lambda at: os.kill(os.getpid(), signal.SIGKILL) if at == label else None)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert read_json(path).value == ("old" if label == "J7" else "new")
    assert clean_temporaries(tmp_path) == (1 if label == "J7" else 0)
    assert list(tmp_path.iterdir()) == [path]


def test_temporaries_of_the_living_and_files_of_others_stay(tmp_path: Path) -> None:
    for name in (".a.json.17-x.tmp", ".a.json.18-x.tmp", f".a.json.{os.getpid()}-y.tmp", ".note.tmp", "a.json"):
        (tmp_path / name).write_text("")
    (tmp_path / "history" / "upbit").mkdir(parents=True)
    (tmp_path / "history" / "upbit" / ".a.jsonl.17-x.tmp").write_text("")
    assert clean_temporaries(tmp_path, alive=lambda pid: pid == 18) == 3
    (tmp_path / "history" / "upbit").rmdir()
    (tmp_path / "history").rmdir()
    assert {path.name for path in tmp_path.iterdir()} == {".a.json.18-x.tmp", ".note.tmp", "a.json"}


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO])
def test_a_full_or_broken_disk_leaves_the_old_file_and_no_stray_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    path = tmp_path / "file.json"
    write_json(path, "old")

    def fsync(handle: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=os.strerror(fault)):
        write_json(path, "new")
    assert read_json(path).value == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_windows_tries_the_replace_for_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, naps = [100.0], []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        now[0] += seconds

    source, target = tmp_path / "new", tmp_path / "file.json"
    source.write_text("new")
    rename = Path.replace

    def busy(self: Path, to: Path) -> Path:
        if now[0] < 100.5:
            raise PermissionError("held open by a reader")
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", busy)
    replace(source, target, windows=True, sleep=sleep, monotonic=lambda: now[0])
    assert target.read_text() == "new"
    assert 0.45 < sum(naps) < 0.6
    now[0] = 0.0
    with pytest.raises(PermissionError):
        replace(target, source, windows=True, sleep=sleep, monotonic=lambda: now[0])
    assert 0.9 < now[0] < 1.1
    naps.clear()
    with pytest.raises(PermissionError):
        replace(target, source, windows=False, sleep=sleep, monotonic=lambda: 0.0)
    assert not naps


def test_windows_syncs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WINDOWS", True)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("a folder was opened"))
    files.sync_folder(tmp_path)


def test_a_folder_in_the_place_of_the_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    (path / "inside").mkdir(parents=True)
    write_json(path, 1)
    assert read_json(path).value == 1
    assert (tmp_path / "file.json.aside-1" / "inside").is_dir()


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        ensure_folder(tmp_path / "file" / "deeper")


def test_every_problem_of_a_look_has_its_name(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    assert read_json(path).problem == "missing"
    assert read_json(tmp_path / "none" / "file.json").problem == "missing"
    path.write_text('{"schema": 2}')
    assert (read_json(path).problem, read_json(path).detail) == ("newer", "schema 2")
    path.write_text('{"schema": 1')
    assert read_json(path).problem == "torn"
    path.write_bytes(b'"\xff"')
    assert read_json(path).problem == "torn"
    path.write_text("[1, 2]")
    assert read_json(path, max_bytes=3).problem == "unreadable"
    assert read_json(path).value == [1, 2]
    assert read_json(path).mtime_ns == path.stat().st_mtime_ns
    (tmp_path / "link.json").symlink_to(path)
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    for name in ("link.json", "pipe.json", "folder.json"):
        assert read_json(tmp_path / name).problem == "unreadable"
    (path / "x").exists()
    assert read_json(path / "x").problem == "missing"


def test_a_faulty_look_is_repeated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    path.write_text("{")
    opened = files.open_plain

    def mended_after(which: Path) -> int:
        handle = opened(which)
        write_json(path, {"whole": True})
        return handle

    monkeypatch.setattr(files, "open_plain", mended_after)
    assert read_json(path).value == {"whole": True}


def test_cut_at_every_byte_it_is_torn_and_never_raises(tmp_path: Path) -> None:
    path = tmp_path / "bot_status.json"
    whole = (encode(a_status().to_json()) + "\n").encode()
    for length in range(len(whole) - 1):  # without its line end it is still whole
        path.write_bytes(whole[:length])
        assert read_json(path).problem == "torn", length
    path.write_bytes(whole)
    assert read_json(path).problem is None


def test_readers_never_see_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, [0] * 2_000)
    done = threading.Event()
    seen: list[files.Problem | None] = []

    def look() -> None:
        while not done.is_set():
            read = read_json(path)
            seen.append(read.problem if read.value and len(set(read.value)) == 1 else "torn")

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(60):
        write_json(path, [number] * 2_000)
    done.set()
    reader.join()
    assert len(seen) > 5
    assert set(seen) == {None}


def test_lines_grow_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "history" / "upbit" / "trades.jsonl"
    for number in range(3):
        append_line(path, {"n": number, "amount": Decimal("1.50")})
    assert [row["n"] for row in read_lines(path).rows] == [0, 1, 2]
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700
    assert path.read_text().count("\n") == 3
    assert read_lines(tmp_path / "none.jsonl").problem == "missing"


@given(rows=st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text(), max_size=3), max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_cut_at_every_byte_keep_the_whole_ones_and_grow_on(tmp_path: Path, rows: list[dict[str, object]]) -> None:
    path = tmp_path / "lines.jsonl"
    write_lines(path, rows)
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        complete = whole[:length].count(b"\n")
        tail_is_whole = (
            length < len(whole) and whole[length : length + 1] == b"\n" and not whole[:length].endswith(b"\n")
        )
        kept = rows[: complete + (tail_is_whole and length > 0)]
        assert list(read_lines(path).rows) == kept
        append_line(path, {"new": True})
        after = read_lines(path)
        assert list(after.rows) == [*kept, {"new": True}]
        assert after.faulty == 0


def test_a_line_that_is_no_object_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"a": 1}\n[1]\n\xff\n\n{"b": NaN}\n{"c": 2}\n{"d"')
    assert read_lines(path).rows == ({"a": 1}, {"c": 2})
    assert read_lines(path).faulty == 4


def test_lines_do_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("")
    (tmp_path / "lines.jsonl").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match=r"."):
        append_line(tmp_path / "lines.jsonl", {})
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(OSError, match=r"."):
        append_line(tmp_path / "pipe.jsonl", {})
    assert read_lines(tmp_path / "pipe.jsonl").problem == "unreadable"
