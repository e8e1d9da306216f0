"""Ledgers for tests, in SQLite and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trading.live.postgres_server import server
from trading.live.ledger import Ledger, Stamp, open_ledger

NOW_MS = 1_763_600_000_000
DEMO = Stamp("demo", {"upbit": "simulator"}, {"upbit": ""})
LIVE = Stamp("live", {"upbit": "api.upbit.com"}, {"upbit": "0123abcd"})


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a private PostgreSQL server."""
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger; each test has its own file or schema."""
    url, schema = None, "public"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
        schema = "t" + tmp_path.name.lower().replace("-", "_")[:30].rstrip("_")
    opened = open_ledger(tmp_path, DEMO, NOW_MS, url, schema).ledger
    yield opened
    opened.close()
