"""What a controller sees, whatever lies in the folder."""

from __future__ import annotations

import os
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.trading.ipc.samples import NOW_MS, a_market, a_portfolio, a_status, an_outcome, some_decisions
from tests.trading.ipc.schemas import check_folder
from trading.ipc.decisions import DecisionsFile
from trading.ipc.market import MarketFile
from trading.ipc.outcomes import OutcomesFile
from trading.ipc.portfolio import PortfolioFile
from trading.ipc.readers import load
from trading.ipc.status import StatusFile

FILES = ("bot_status.json", "upbit_portfolio.json", "decisions.json", "market.json", "outcomes.json")


def fill(folder: Path) -> None:
    StatusFile(folder).publish(a_status(), NOW_MS)
    PortfolioFile(folder, "upbit").publish(a_portfolio(), NOW_MS)
    DecisionsFile(folder).publish(some_decisions(), NOW_MS)
    MarketFile(folder).publish(a_market(), NOW_MS)
    outcomes = OutcomesFile(folder)
    outcomes.put(an_outcome())
    outcomes.publish(NOW_MS)


def test_a_whole_folder(tmp_path: Path) -> None:
    fill(tmp_path)
    assert check_folder(tmp_path) == set(FILES)
    seen = load(tmp_path, NOW_MS + 4_000)
    assert (seen.life, seen.alive, seen.age_s) == ("alive", True, pytest.approx(4.0))
    assert seen.problems == {}
    assert seen.status.value is not None
    assert seen.status.value.equity_krw == Decimal(1_003_211)
    assert list(seen.portfolios) == ["upbit"]
    assert seen.outcomes.value == (an_outcome(),)


@pytest.mark.parametrize(
    ("loop_seconds", "age_s", "life"),
    [
        (3, 9.9, "alive"),
        (3, 10.1, "dead"),
        (0.2, 9.9, "alive"),
        (0.2, 10.1, "dead"),
        (5, 14.9, "alive"),
        (5, 15.1, "dead"),
    ],
)
def test_three_silent_loops_but_at_least_ten_seconds_are_death(
    tmp_path: Path, loop_seconds: float, age_s: float, life: str
) -> None:
    StatusFile(tmp_path).publish(a_status(loop_seconds=loop_seconds), NOW_MS)
    assert load(tmp_path, NOW_MS + int(age_s * 1000)).life == life


def test_a_clean_end_is_no_death(tmp_path: Path) -> None:
    StatusFile(tmp_path).publish(a_status(status="stopped"), NOW_MS)
    assert load(tmp_path, NOW_MS + 3_600_000).life == "stopped"


def test_an_empty_or_missing_folder_is_an_absent_bot(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        seen = load(folder, NOW_MS)
        assert (seen.life, seen.age_s, seen.problems, dict(seen.portfolios)) == ("absent", None, {}, {})


def test_the_last_good_value_stays_beside_the_problem(tmp_path: Path) -> None:
    fill(tmp_path)
    first = load(tmp_path, NOW_MS)
    for name in FILES:
        (tmp_path / name).write_text("{")
    second = load(tmp_path, NOW_MS + 60_000, first)
    assert second.problems == dict.fromkeys(FILES, "torn")
    assert second.status.value == first.status.value
    assert second.life == "dead"
    third = load(tmp_path, NOW_MS + 60_000, second)
    assert third.portfolios["upbit"].value == first.portfolios["upbit"].value
    assert load(tmp_path, NOW_MS).status.value is None
    assert load(tmp_path, NOW_MS).life == "unknown"
    (tmp_path / "bot_status.json").write_text('{"schema": 7}')
    assert load(tmp_path, NOW_MS, third).problems["bot_status.json"] == "newer"


def test_files_that_did_not_change_are_not_read_again(tmp_path: Path) -> None:
    fill(tmp_path)
    first = load(tmp_path, NOW_MS)
    again = load(tmp_path, NOW_MS, first)
    assert again.outcomes is first.outcomes
    StatusFile(tmp_path).publish(a_status(status="paused"), NOW_MS)
    third = load(tmp_path, NOW_MS, again)
    assert third.status.value is not None
    assert third.status.value.status == "paused"
    assert third.market is first.market


@pytest.mark.parametrize("name", FILES)
def test_cut_at_every_byte_it_is_torn_and_nothing_of_it_is_believed(tmp_path: Path, name: str) -> None:
    fill(tmp_path)
    whole = (tmp_path / name).read_bytes()
    for length in range(len(whole) - 1):
        (tmp_path / name).write_bytes(whole[:length])
        seen = load(tmp_path, NOW_MS)
        assert seen.problems == {name: "torn"}, length


@pytest.mark.parametrize("name", FILES)
def test_flipped_bytes_never_raise_and_are_seen_where_they_can_be(tmp_path: Path, name: str) -> None:
    """A flip inside a text or a digit leaves another whole document; one that hits the structure must be noticed."""
    fill(tmp_path)
    whole = (tmp_path / name).read_bytes()
    chance = random.Random(7)
    structure = {match.start() for match in re.finditer(rb'[{}\[\],:](?=(?:[^"]*"[^"]*")*[^"]*\Z)|"', whole)}
    assert len(structure) > 50
    for place in range(len(whole) - 1):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        (tmp_path / name).write_bytes(flipped)
        seen = load(tmp_path, NOW_MS)
        assert seen.problems in ({}, {name: "torn"}, {name: "newer"})
        assert seen.problems or place not in structure, (place, flipped)


def test_other_things_in_the_place_of_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "bot_status.json")
    (tmp_path / "market.json").mkdir()
    (tmp_path / "outcomes.json").symlink_to("/dev/zero")
    (tmp_path / "decisions.json").write_text("[]")
    with (tmp_path / "upbit_portfolio.json").open("wb") as file:
        file.truncate(2**30)
    seen = load(tmp_path, NOW_MS)
    assert seen.problems == {
        "bot_status.json": "unreadable",
        "market.json": "unreadable",
        "outcomes.json": "unreadable",
        "decisions.json": "torn",
        "upbit_portfolio.json": "unreadable",
    }
    assert seen.life == "unknown"
