"""Lines of `.env` and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.dotenv import MAX_BYTES, parse_env, read_env
from config.errors import SettingError


def test_names_values_and_lines() -> None:
    content = "# 주석\r\n\r\nA=1\n\n\nexport B = 'two words' # why\nC=\nD=a#b # c\nE=\"x\ny\"\nF=$A${B}\n"
    lines = [(line.name, line.value, line.line) for line in parse_env(content, ".env")]
    assert lines == [
        ("A", "1", 3),
        ("B", "two words", 6),
        ("C", "", 7),
        ("D", "a#b", 8),
        ("E", "x\ny", 9),
        ("F", "$A${B}", 11),
    ]


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    found = read_env(tmp_path / ".env")
    assert (found.present, found.blank, found.lines) == (False, True, ())


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfA=1\n")
    assert [line.name for line in read_env(path).lines] == ["A"]


@pytest.mark.parametrize("torn", ["A=1\nHAETAE_MODE\n", "A=1\nB='open\n", "A=1\n=x\n", "A=1\nnot an assignment\n"])
def test_a_torn_line_is_named_and_its_value_is_not_shown(torn: str) -> None:
    with pytest.raises(SettingError) as caught:
        parse_env(torn, ".env")
    assert (caught.value.reason, caught.value.line) == ("syntax", 2)
    assert ".env line 2" in caught.value.text("en") and "open" not in caught.value.text("en").replace("opened", "")


@pytest.mark.parametrize("data", [b"A=1\nB=\xff\xfe\n", "A=1\n# 한글\n".encode("cp949"), b"A=1\nB=\0\n"])
def test_bytes_that_are_no_text_are_named_by_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / ".env"
    path.write_bytes(data)
    with pytest.raises(SettingError) as caught:
        read_env(path)
    assert (caught.value.reason, caught.value.line) == ("encoding", 2)


def test_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        read_env(tmp_path)
    assert caught.value.reason == "unreadable"
    path = tmp_path / ".env"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(SettingError) as caught:
        read_env(path)
    assert caught.value.reason == "too_large"


def test_a_line_does_not_print_its_value() -> None:
    assert "hunter2" not in repr(parse_env("KEY=hunter2\n", ".env"))
