"""kill -9 at every named point of the order path, then a restart: nothing lost, nothing doubled, nothing foreign sold.

J7 and J8 lie in the writer of the JSON files, J9 in the commands; they are swept with those.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trading.live.lives import Scenario, begin, check, request_of

SCENARIOS = {
    "plain": Scenario(),
    "replies_lost": Scenario(fates=("lose_after", "lose_after")),
    "posts_lost": Scenario(fates=("ok", "lose_before", "try_later")),
    "in_parts_and_cancelled": Scenario(
        fates=("acknowledge",), portion="0.4", limit=True, cancel_at=4, fee_in_base=True
    ),
}
LABELS = ("J1", "J2", "J3", "J4", "J5", "J6")


class Lives:
    """The server that has imported everything."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.trading.live.lives"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def live(self, folder: Path, scenario: Scenario, number: int, kill_at: str = "") -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(request_of(folder, scenario, number, kill_at) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def end(self) -> str:
        return self._server.communicate()[1]


@pytest.fixture
def lives() -> Iterator[Lives]:
    server = Lives()
    yield server
    said = server.end()
    assert said == "", said


def seen(lives: Lives, folder: Path, scenario: Scenario) -> dict[str, int]:
    """How often each point is passed in a life without a kill."""
    begin(folder)
    assert lives.live(folder, scenario, 0) == 0
    check(folder, scenario)
    counted: dict[str, int] = json.loads((folder / "seen.json").read_text())
    return counted


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_at_any_point_loses_and_doubles_nothing(lives: Lives, tmp_path: Path, name: str) -> None:
    scenario = SCENARIOS[name]
    counted = seen(lives, tmp_path / "whole", scenario)
    assert set(counted) == set(LABELS)
    for label in LABELS:
        for number in range(1, counted[label] + 1):
            folder = tmp_path / f"{label}-{number}"
            begin(folder)
            ended = lives.live(folder, scenario, 0, f"{label}:{number}")
            assert ended == -signal.SIGKILL, f"{label}:{number} was not reached"
            assert lives.live(folder, scenario, 1) == 0, f"{label}:{number}: the restart failed"
            try:
                check(folder, scenario)
            except AssertionError as error:
                raise AssertionError(f"{name}, killed at {label}:{number}: {error}") from error


@pytest.mark.parametrize("seed", range(4))
def test_kills_in_several_lives_lose_and_double_nothing(lives: Lives, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for run in range(4):
        name = chance.choice(sorted(SCENARIOS))
        kills = [f"{chance.choice(LABELS)}:{chance.randint(1, 6)}" for _ in range(3)]
        folder = tmp_path / str(run)
        begin(folder)
        for life, kill in enumerate([*kills, "", ""]):
            assert lives.live(folder, SCENARIOS[name], life, kill) in (0, -signal.SIGKILL), f"{name} {kills} {life}"
        try:
            check(folder, SCENARIOS[name])
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {name}, kills {kills}: {error}") from error
