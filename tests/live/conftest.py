"""One practice exchange per worker, and a home folder per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live.bots import Home, Simulator, simulator


@pytest.fixture(scope="session")
def exchange() -> Iterator[Simulator]:
    """The worker's simulator: a seeded market. Tests call `calm_down` first."""
    with simulator("--seed", "7", "--speed", "60") as one:
        yield one


@pytest.fixture
def new_home(tmp_path: Path) -> Iterator[Callable[..., Home]]:
    """Makes homes; their bots are killed in the end."""
    made: list[Home] = []

    def make(name: str = "home", **knobs: object) -> Home:
        one = Home(tmp_path / name, **knobs)
        made.append(one)
        return one

    yield make
    for one in made:
        one.clean()
