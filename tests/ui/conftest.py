"""A data folder for each test, and snapshots of it at a fixed time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui import sample_folder
from ui.voice import Voice


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole data folder, written at NOW_MS."""
    return sample_folder.write(tmp_path / "data")


@pytest.fixture
def ko() -> Voice:
    """Korean."""
    return Voice("ko")


@pytest.fixture
def en() -> Voice:
    """English."""
    return Voice("en")
