"""Files that follow a value: written after a change, and again when somebody touched them."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.trading.ipc.samples import NOW_MS, a_portfolio, a_status, an_outcome, some_decisions
from trading.ipc.decisions import DecisionsFile, read_decisions
from trading.ipc.files import no_kill, read_json
from trading.ipc.outcomes import KEPT, OutcomesFile, find_outcome, read_outcomes
from trading.ipc.portfolio import PortfolioFile, file_name, read_portfolio
from trading.ipc.status import StatusFile, read_status


def test_a_portfolio_is_written_after_a_change_only(tmp_path: Path) -> None:
    file = PortfolioFile(tmp_path, "upbit")
    assert file.publish(a_portfolio(), NOW_MS)
    assert not file.publish(a_portfolio(), NOW_MS + 1)
    assert file.publish(a_portfolio(equity=Decimal(1)), NOW_MS + 2)
    seen = read_portfolio(tmp_path, "upbit").value
    assert seen is not None
    assert (seen.seq, seen.written_at_ms, seen.equity) == (2, NOW_MS + 2, 1)


@pytest.mark.parametrize("harm", ["delete", "truncate", "flip", "replace", "folder", "link"])
def test_a_harmed_file_is_written_again_at_the_next_step(tmp_path: Path, harm: str) -> None:
    file, path = PortfolioFile(tmp_path, "upbit"), tmp_path / file_name("upbit")
    file.publish(a_portfolio(), NOW_MS)
    content = path.read_bytes()
    if harm == "truncate":
        os.truncate(path, 100)
    elif harm == "flip":
        path.write_bytes(content.replace(b"75211", b"85211"))
    elif harm == "replace":
        other = tmp_path / "other"
        other.write_bytes(content)
        other.replace(path)
    else:
        path.unlink()
        if harm == "folder":
            path.mkdir()
        if harm == "link":
            path.symlink_to(tmp_path / "nowhere")
    assert file.publish(a_portfolio(), NOW_MS)
    seen = read_portfolio(tmp_path, "upbit").value
    assert seen is not None
    assert seen.current_capital == 775_211
    assert seen.seq == 2
    assert not file.publish(a_portfolio(), NOW_MS)


def test_the_count_goes_on_after_a_restart_and_the_file_is_no_state(tmp_path: Path) -> None:
    PortfolioFile(tmp_path, "upbit").publish(a_portfolio(), NOW_MS)
    again = PortfolioFile(tmp_path, "upbit")
    assert again.publish(a_portfolio(), NOW_MS)  # what an earlier process wrote is not taken on trust
    assert read_json(tmp_path / file_name("upbit")).value["seq"] == 2
    (tmp_path / file_name("upbit")).write_text('{"schema": 1, "seq": "x"')
    PortfolioFile(tmp_path, "upbit").publish(a_portfolio(), NOW_MS)
    assert read_json(tmp_path / file_name("upbit")).value["seq"] == 1


def test_a_failed_write_is_repeated_at_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = DecisionsFile(tmp_path)
    file.publish(some_decisions(), NOW_MS)
    changed = type(some_decisions())(venues={})

    def broken(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="No space"):
            file.publish(changed, NOW_MS)
    assert file.publish(changed, NOW_MS)
    assert read_decisions(tmp_path).value is not None


def test_the_status_is_a_heartbeat_and_written_every_time(tmp_path: Path) -> None:
    file = StatusFile(tmp_path)
    for step in range(3):
        file.publish(a_status(), NOW_MS + step * 1000)
    seen = read_status(tmp_path).value
    assert seen is not None
    assert (seen.seq, seen.timestamp, seen.written_at_ms) == (3, 1_763_600_002.123, NOW_MS + 2000)


def test_outcomes_keep_the_last_2000_and_the_latest_state(tmp_path: Path) -> None:
    labels: list[str] = []
    file = OutcomesFile(tmp_path, killpoint=labels.append)
    for number in range(KEPT + 5):
        file.put(an_outcome(f"id-{number}", "accepted"))
    file.put(an_outcome("id-100", "done"))
    assert file.publish(NOW_MS)
    assert labels == ["J9", "J7", "J8"]
    assert not file.publish(NOW_MS)
    assert labels == ["J9", "J7", "J8"]
    rows = read_outcomes(tmp_path).value
    assert rows is not None
    assert len(rows) == KEPT
    assert (rows[0].id, rows[-1].id, rows[-1].state) == ("id-5", "id-100", "done")
    assert sum(row.id == "id-100" for row in rows) == 1
    found = find_outcome(tmp_path, "id-100")
    assert found is not None
    assert found.final
    assert find_outcome(tmp_path, "id-0") is None
    assert found == an_outcome("id-100", "done")


def test_outcomes_come_from_the_ledger_after_a_restart(tmp_path: Path) -> None:
    first = OutcomesFile(tmp_path)
    first.put(an_outcome("a"))
    first.publish(NOW_MS)
    (tmp_path / "outcomes.json").write_text("torn")
    again = OutcomesFile(tmp_path, known=[an_outcome("a"), an_outcome("b")], killpoint=no_kill)
    assert again.publish(NOW_MS)
    rows = read_outcomes(tmp_path).value
    assert rows is not None
    assert [row.id for row in rows] == ["a", "b"]
    (tmp_path / "outcomes.json").unlink()
    assert again.publish(NOW_MS)
    assert find_outcome(tmp_path, "b") is not None
