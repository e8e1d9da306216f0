"""kill -9 of the real bot at every labelled point and at random times; four planted bugs that must be found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.arena import Arena, Hits
from tests.faults.bugs import BUGS
from tests.faults.invariants import Broken
from tests.faults.soak import ENOUGH_KILLS, LEAST, one_epoch, poor
from tests.faults.sweep import LABELS, sweep

pytestmark = pytest.mark.slow

CAUGHT_BY = {
    "post_before_intent": "I3: the ledger does not know",
    "retried_post": "I1: .* was posted 2 times",
    "fill_without_trade_id": "I2: ",
    "json_in_place": r"I4: .*\.json",
}


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as one:
        yield one


def test_a_kill_at_every_point_loses_and_doubles_nothing(arena: Arena, tmp_path: Path) -> None:
    epoch = sweep(arena, tmp_path / "home", seed=3)
    assert epoch.hits.kills == 2 * len(LABELS)
    assert epoch.hits.in_flight and epoch.hits.fills


def test_forty_kills_at_random_times_while_faults_run(arena: Arena, tmp_path: Path) -> None:
    hits = Hits()
    one_epoch(arena, tmp_path / "home", seed=2, lives=40, hits=hits)
    assert hits.kills == 40 and hits.cold == 2
    assert hits.in_flight and hits.fills >= 10, hits


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(arena: Arena, tmp_path: Path, bug: str) -> None:
    with pytest.raises(Broken, match=CAUGHT_BY[bug]):
        sweep(arena, tmp_path / "home", seed=4, bug=bug)


def test_a_long_run_that_met_too_little_fails() -> None:
    met = {"in_flight": LEAST, "partial": LEAST, "command": LEAST}
    assert not poor(Hits(kills=ENOUGH_KILLS, **met))
    assert not poor(Hits(kills=ENOUGH_KILLS - 1))
    for name in met:
        assert len(poor(Hits(kills=ENOUGH_KILLS, **(met | {name: LEAST - 1})))) == 1
