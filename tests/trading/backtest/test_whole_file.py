"""A result is written whole or not at all, and what stands in the way is said in one sentence."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from trading.backtest import whole_file
from trading.backtest.whole_file import check_targets, write_whole
from trading.core.errors import BadInput

ROOT = Path(whole_file.__file__).resolve().parents[2]


def test_a_file_is_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    path.write_text("old")
    write_whole(path, "새로운\n")
    assert path.read_bytes() == "새로운\n".encode()
    assert [one.name for one in tmp_path.iterdir()] == ["out.html"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.html"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput) as refused:
        write_whole(path, "new")
    assert "disk is full" in refused.value.text("en")
    assert "디스크" in refused.value.text("ko")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["out.html"]


def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    program = (
        "import sys; from pathlib import Path; from trading.backtest.whole_file import write_whole\n"
        "print('go', flush=True)\n"
        "while True:\n    for letter in 'ab': write_whole(Path(sys.argv[1]), letter * 2_000_000)\n"
    )
    for pause in (0.0, 0.01, 0.03):
        child = subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        while not path.exists():
            pass
        threading.Event().wait(pause)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        content = path.read_text()
        assert len(content) == 2_000_000
        assert len(set(content)) == 1


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_whole(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_targets([pipe])
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "through")
    reader.join(10)
    assert got == ["through"]
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["", "no/such/folder.html", "x" * 300])
def test_what_cannot_be_is_refused_before_the_run(name: str, tmp_path: Path) -> None:
    for attempt in (lambda: check_targets([tmp_path / name]), lambda: write_whole(tmp_path / name, "new")):
        with pytest.raises(BadInput) as refused:
            attempt()
        for lang in ("ko", "en"):
            said = refused.value.text(lang)
            assert said.startswith(f"{tmp_path / name}: ")
            assert "\n" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BadInput):
            check_targets([tmp_path / "out.json"])
    finally:
        tmp_path.chmod(0o700)


def test_two_results_in_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        check_targets([tmp_path / "a", tmp_path / "b" / ".." / "a"])
