"""The one place that knows where real candles and recorded venue replies lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("SHARED_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared(name: str = "") -> Path:
    """Path of recorded data `name` (e.g. "upbit/KRW-BTC_1m.csv"); skips the calling test where it is missing."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"recorded market data is not here: {name or ROOT}")
    return path
