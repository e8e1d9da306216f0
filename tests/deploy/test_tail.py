"""Following a log: only what is new, through torn lines and rotations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.tail import Tail


def write(path: Path, *texts: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(texts)


def line(name: str) -> str:
    return json.dumps({"event": name}, ensure_ascii=False) + "\n"


def names(tail: Tail) -> list[object]:
    return [row["event"] for row in tail.new()]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "trading_bot.jsonl"


def test_old_lines_are_left_out(log: Path) -> None:
    write(log, line("old"))
    tail = Tail(log)
    assert names(tail) == []
    write(log, line("new"))
    assert names(tail) == ["new"]
    assert names(tail) == []
    tail.close()


def test_a_file_that_comes_later_is_read_from_its_start(log: Path) -> None:
    tail = Tail(log)
    assert names(tail) == []
    write(log, line("first"))
    assert names(tail) == ["first"]
    tail.close()


def test_a_torn_line_waits_for_its_rest_even_inside_a_letter(log: Path) -> None:
    whole = line("매수").encode()
    for cut in range(1, len(whole)):
        log.write_bytes(b"")
        tail = Tail(log)
        with log.open("ab", buffering=0) as file:
            file.write(whole[:cut])
            assert names(tail) == []
            file.write(whole[cut:])
        assert names(tail) == ["매수"]
        tail.close()


def test_rotation_loses_no_line(log: Path) -> None:
    write(log, line("a"))
    tail = Tail(log)
    write(log, line("b"))
    log.rename(log.with_suffix(".1"))
    assert names(tail) == ["b"]
    write(log, line("c"))
    assert names(tail) == ["c"]
    tail.close()


def test_what_is_no_object_is_left_out(log: Path) -> None:
    tail = Tail(log)
    write(log, "not json\n", "[1]\n", "\n", line("good"))
    assert names(tail) == ["good"]
    tail.close()
