"""exits.journal: what a full disk may not stop, and what a torn journal may not invent."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trading.live.ledger_fixtures import LIVE, NOW_MS
from tests.trading.live.test_ledger import a_fill
from tests.trading.live.test_ledger_opening import on_its_connection
from tests.trading.lossy_venue import FakeClock, LossyVenue, an_order
from tests.trading.test_execution import Unwritable
from trading.core.errors import LedgerUnavailable
from trading.core.orders import State
from trading.execution import NO_LEDGER, Execution
from trading.live.journal import ExitJournal, JournaledLedger
from trading.live.ledger import Ledger, open_ledger
from trading.live.tables import order_row
from trading.memory_ledger import MemoryLedger

SIZE = 1 << 13
records = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3), max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=records)
def test_what_was_appended_is_there_after_a_restart(
    tmp_path_factory: pytest.TempPathFactory, written: list[dict[str, Any]]
) -> None:
    file = tmp_path_factory.mktemp("journal") / "exits.journal"
    journal = ExitJournal(file, SIZE)
    for record in written:
        journal.append(record)
    journal.close()
    assert file.stat().st_size == SIZE
    again = ExitJournal(file, SIZE)
    assert list(again.records()) == written
    again.clear()
    assert list(again.records()) == []
    again.append({"after": "clear"})
    again.close()
    last = ExitJournal(file, SIZE)
    assert list(last.records()) == [{"after": "clear"}]
    last.close()


def test_a_journal_torn_at_any_byte_keeps_its_whole_records_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "exits.journal"
    journal = ExitJournal(file, SIZE)
    written = [{"number": number, "text": "x" * number} for number in range(6)]
    ends = []
    for record in written:
        journal.append(record)
        ends.append(journal._end)
    journal.close()
    whole = file.read_bytes()
    for cut in range(ends[-1] + 1):
        # Power went while blocks were written: everything from `cut` on never arrived.
        file.write_bytes(whole[:cut] + bytes(SIZE - cut))
        torn = ExitJournal(file, SIZE)
        kept = sum(1 for end in ends if end <= cut)
        found = list(torn.records())
        assert found[:kept] == written[:kept]
        assert len(found) <= kept + 1  # a record that ends in zeros may be whole without its last bytes
        torn.append({"new": cut})
        torn.close()
        again = ExitJournal(file, SIZE)
        assert list(again.records()) == [*found, {"new": cut}]
        again.close()


def test_a_flipped_byte_ends_the_journal_there(tmp_path: Path) -> None:
    file = tmp_path / "exits.journal"
    journal = ExitJournal(file, SIZE)
    for number in range(3):
        journal.append({"number": number})
    second = len(journal._records[0]) + 8
    end = journal._end
    journal.close()
    whole = file.read_bytes()
    for at in range(second, end):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        torn = ExitJournal(file, SIZE)
        assert [record["number"] for record in torn.records()] in ([0], [0, 1])
        torn.close()


def test_a_full_journal_and_a_failing_disk_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = ExitJournal(tmp_path / "exits.journal", 256)
    with pytest.raises(LedgerUnavailable, match="full"):
        journal.append({"much": "x" * 300})
    journal.append({"little": 1})

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(LedgerUnavailable, match="Input/output"):
            journal.append({"lost": 2})
    assert list(journal.records()) == [{"little": 1}]
    with pytest.raises(LedgerUnavailable):
        ExitJournal(tmp_path / "no folder" / "exits.journal")


class Desk:
    """An execution over a real ledger whose disk can be full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.venue = LossyVenue(self.clock)
        self.ledger: Ledger = open_ledger(folder, LIVE, NOW_MS).ledger
        self.start()

    def start(self) -> None:
        self.guarded = JournaledLedger(self.ledger, ExitJournal(self.folder / "exits.journal", SIZE))
        self.execution = Execution(self.venue, self.guarded, self.clock)

    def disk(self, full: bool) -> None:
        on_its_connection(self.ledger, f"PRAGMA query_only={int(full)}")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.ledger.close()


def test_without_room_an_exit_goes_and_an_entry_does_not(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.disk(full=True)
    desk.execution.execute([an_order("b", symbol="ETH/KRW"), an_order("x", "exit", trip="a")])
    told = desk.execution.events()
    assert [event.order.detail for event in told if event.order.id == "b"] == [NO_LEDGER]
    assert desk.venue.truth.posts == ["a", "x"]
    assert desk.guarded.degraded
    assert [event.order.state for event in told if event.order.id == "x"][-1] is State.FILLED
    assert desk.ledger.order("x") is None
    desk.disk(full=False)
    desk.guarded.flush()
    found = desk.ledger.order("x")
    assert found is not None
    assert (found.state, found.filled, found.venue_id) == (State.FILLED, Decimal(2), "v-2")
    assert desk.ledger.owned("upbit") == {}
    assert desk.ledger.fills_of("x")[0].order_id == "x"


def test_a_journal_outlives_a_crash_and_is_replayed_once(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.disk(full=True)
    desk.execution.execute([an_order("x", "exit", trip="a")])
    desk.disk(full=False)
    desk.start()
    assert desk.ledger.unfinished("upbit") == []
    assert desk.ledger.owned("upbit") == {}
    desk.execution.execute([an_order("x", "exit", trip="a")])
    assert desk.venue.truth.posts == ["a", "x"]


def test_a_decided_exit_is_not_sent_again_while_the_disk_is_full(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.execution.execute([an_order("x", "exit", "1", trip="a")])
    desk.start()
    desk.disk(full=True)
    for _ in range(2):
        desk.execution.execute([an_order("x", "exit", "1", trip="a"), an_order("y", "exit", "1", trip="a")])
    assert desk.venue.truth.posts == ["a", "x", "y"]


def test_a_fill_known_to_an_earlier_life_is_not_told_again_while_the_disk_is_full(desk: Desk) -> None:
    desk.venue.portion = Decimal("0.4")
    desk.execution.execute([an_order("a", limit=Decimal(1000))])
    desk.start()
    desk.disk(full=True)
    desk.execution.recover(desk.ledger.unfinished("upbit"))
    assert [event for event in desk.execution.events() if event.fill] == []


def test_venues_share_one_journal(tmp_path: Path) -> None:
    journal = ExitJournal(tmp_path / "exits.journal", 1 << 18)
    ledger = Unwritable()
    ledger.down = True
    failed: list[Exception] = []

    def leave(venue: str) -> None:
        try:
            guarded = JournaledLedger(ledger, journal)
            for number in range(20):
                order = an_order(f"{venue}{number}", "exit", venue=venue)
                if number == 10:
                    start.wait(10)
                guarded.intend(order)
                guarded.book(a_fill(str(number), order.id, "sell", venue=venue))
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    start = threading.Barrier(4)
    threads = [threading.Thread(target=leave, args=(venue,)) for venue in ("upbit", "bithumb", "stock")]
    for thread in threads:
        thread.start()
    start.wait(10)
    for thread in threads:
        thread.join()
    assert failed == []
    assert not ledger.orders
    ledger.down = False
    JournaledLedger(ledger, journal)
    assert len(journal) == 0
    assert (len(ledger.orders), len(ledger.fills)) == (60, 60)


def test_without_journal_and_ledger_nothing_goes(desk: Desk) -> None:
    desk.execution.execute([an_order("a")])
    desk.guarded = JournaledLedger(desk.ledger, None)
    desk.execution = Execution(desk.venue, desk.guarded, desk.clock)
    desk.disk(full=True)
    desk.execution.execute([an_order("x", "exit", trip="a")])
    assert [event.order.detail for event in desk.execution.events()] == [NO_LEDGER]
    assert desk.venue.truth.posts == ["a"]


def test_a_replayed_journal_takes_no_state_back(tmp_path: Path) -> None:
    """The ledger moved on between the record and the replay (killed before the journal was cleared)."""
    ledger = MemoryLedger()
    journal = ExitJournal(tmp_path / "exits.journal", SIZE)
    guarded = JournaledLedger(ledger, journal)
    order = an_order("x", "exit")
    ledger.intend(order)
    partial = order.moved(State.SENT).moved(State.PARTIAL, venue_id="v-1", filled=Decimal(1))
    guarded._put({"kind": "state", "row": order_row(partial)})
    ledger.record(partial.moved(State.FILLED, filled=Decimal(2)))
    ledger.book(a_fill("t1", "x", "sell"))
    guarded.flush()
    assert ledger.orders["x"].state is State.FILLED
    assert ledger.orders["x"].filled == Decimal(2)
    assert len(journal) == 0
