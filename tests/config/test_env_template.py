"""The `.env` template and its first copy."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from config.dotenv import parse_env
from config.first_run import ensure_env
from config.knobs import KNOBS, format_value
from config.secrets import VENUE_KEYS
from config.template import FILE_NAME, env_template
from tests.config.conftest import Folder

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_template_is_the_generated_one() -> None:
    assert (ROOT / FILE_NAME).read_text(encoding="utf-8") == env_template(), "run: python -m config.template"


def test_it_names_every_knob_and_key_and_sets_nothing(folder: Folder) -> None:
    template = env_template()
    for knob in KNOBS.values():
        assert f"\n#{knob.env_name}={format_value(knob, knob.default)}\n" in template
    for keys in VENUE_KEYS.values():
        assert all(f"\n{key}=\n" in template for key in keys)
    assert {line.value for line in parse_env(template, FILE_NAME)} == {""}
    bare = folder.load()
    folder.env.write_text(template, encoding="utf-8")
    assert folder.load().version == bare.version and folder.load().warnings == ()


def test_with_every_line_uncommented_it_is_valid(folder: Folder) -> None:
    lines = [line[1:] if line.startswith("#HAETAE_") else line for line in env_template().splitlines()]
    settings = folder.write(*lines).load()
    for name, knob in KNOBS.items():
        if name not in ("strategy", "timeframe"):  # "auto": the preset's
            assert getattr(settings.knobs("upbit"), name) == knob.default


def test_the_first_run_copies_it_for_the_owner_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("HAETAE_MODE=demo\n")
    old = os.umask(0)
    try:
        assert ensure_env(tmp_path)
    finally:
        os.umask(old)
    path = tmp_path / ".env"
    assert path.read_text() == "HAETAE_MODE=demo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".env", FILE_NAME]


def test_without_a_template_it_is_made_from_the_knobs(tmp_path: Path) -> None:
    assert ensure_env(tmp_path)
    assert (tmp_path / ".env").read_text(encoding="utf-8") == env_template()


@pytest.mark.parametrize("content", ["", "MINE=1\n"])
def test_an_existing_file_is_never_touched(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".env"
    path.write_text(content)
    assert not ensure_env(tmp_path)
    assert path.read_text() == content


def test_a_dangling_link_is_somebodys_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to(tmp_path / "elsewhere")
    assert not ensure_env(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_without_hard_links_it_is_moved_into_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert ensure_env(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]
