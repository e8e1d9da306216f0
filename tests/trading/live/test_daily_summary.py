"""The bot's daily summary over a real ledger and real files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from config.texts import text
from tests.trading.ipc.schemas import check_folder
from tests.trading.live.ledger_fixtures import DEMO
from tests.trading.live.test_daily_compare import Phone
from tests.trading.lossy_venue import FakeClock
from trading.core.calendar import DAY_MS, HOUR_MS, KST_MS
from trading.core.errors import LedgerUnavailable
from trading.core.portfolio import Trade
from trading.ipc.summary import Summary, read_summary, summary_path
from trading.live.chores import Chores, Diary
from trading.live.daily_summary import (
    REST_S,
    SUM_UP_AFTER_MS,
    TOLD_DAYS,
    DailySummary,
    date_of,
    last_whole_day,
    next_run,
)
from trading.live.events import Events
from trading.live.ledger import open_ledger
from trading.live.ledger_history import EquityPoint
from trading.live.log import Log, shown

DATE = "2026-03-03"
#: 09:00 KST of that day: Upbit's day begins.
START = 1_772_496_000_000
DAY = START // DAY_MS
DUE_MS = START + DAY_MS + SUM_UP_AFTER_MS
UPBIT, KOREA = {"upbit": 0}, {"upbit": -KST_MS}


class Bench:
    """A data folder with its ledger, and the job over it. Its clock stands where the day DATE is due."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(DUE_MS / 1000)
        self.ledger = open_ledger(folder, DEMO, START).ledger
        self.phone = Phone()
        self.log = Log("ko", lambda words: words)
        self.offsets = UPBIT

    def job(self) -> DailySummary:
        """As after a start."""
        diary = Diary(self.ledger, self.clock, self.log, Events(self.folder, self.ledger, self.clock, self.log))
        return DailySummary(lambda: self.offsets, self.folder, self.ledger, self.clock, diary, self.phone)

    def mark(self, at_ms: int, equity: str, venue: str = "upbit") -> None:
        amount = Decimal(equity)
        self.ledger.add_equity(EquityPoint(venue, at_ms, amount, amount, Decimal(0), Decimal(0)))

    def trade(self, exit_ms: int, pnl: str, fee: str = "10.5", venue: str = "upbit") -> None:
        one = Decimal(1)
        result = Trade(
            trip=f"{venue}{exit_ms}",
            venue=venue,
            book="main",
            strategy="macd",
            symbol="BTC/KRW",
            side="long",
            entry_ms=exit_ms - 1,
            entry_price=one,
            quantity=one,
            exit_ms=exit_ms,
            exit_price=one,
            exit_reason="take_profit",
            fee=Decimal(fee),
            pnl=Decimal(pnl),
            pnl_percent=one,
            funding=Decimal(0),
            ambiguous=False,
        )
        self.ledger.add_trade(result)

    def written(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "summaries").glob("*"))

    def events(self) -> list[dict[str, object]]:
        return [dict(row.detail) for row in self.ledger.events() if row.kind == "job"]

    def read(self, date: str = DATE) -> Summary:
        found = read_summary(self.folder, date)
        assert found.value is not None, found
        return found.value


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    yield one
    one.ledger.close()


# -- when --------------------------------------------------------------------------------------------------------------


def test_a_day_is_due_after_the_roll_of_the_limits() -> None:
    assert last_whole_day(UPBIT, DUE_MS) == DAY
    assert last_whole_day(UPBIT, DUE_MS - 1) == DAY - 1
    assert next_run(UPBIT, DUE_MS - 1) == DUE_MS
    assert next_run(UPBIT, DUE_MS) == DUE_MS + DAY_MS
    # day_starts_at 00:00 moves the roll to midnight in Korea.
    assert next_run(KOREA, DUE_MS - 9 * HOUR_MS - 1) == DUE_MS - 9 * HOUR_MS
    assert date_of(DAY) == DATE
    # Two venues: the day is over when it is over on both.
    assert next_run({"upbit": 0, "bithumb": -KST_MS}, DUE_MS - 9 * HOUR_MS) == DUE_MS


def test_nothing_is_summed_up_before_the_bot_has_lived(bench: Bench) -> None:
    job = bench.job()
    job.look()
    assert bench.written() == []
    (row,) = job.jobs()
    assert (row.name, row.last_ms, row.last_result, row.next_ms) == ("daily_summary", None, None, DUE_MS + DAY_MS)


# -- what --------------------------------------------------------------------------------------------------------------


def test_a_day_is_summed_up_from_the_ledger(bench: Bench) -> None:
    bench.mark(START, "1000000")
    for exit_ms, pnl in ((START, "1500.25"), (START + 5, "-700.5"), (START + 6, "0"), (START + DAY_MS - 1, "3000")):
        bench.trade(exit_ms, pnl)
    bench.trade(START - 1, "-99999")  # the day before
    bench.trade(START + DAY_MS, "99999")  # the day after
    bench.mark(START + DAY_MS - 1, "1003799.75")
    bench.mark(START + DAY_MS, "7")
    job = bench.job()
    job.look()
    day = bench.read()
    assert (day.date, day.currency, day.total_trades, day.wins, day.losses) == (DATE, "KRW", 4, 2, 1)
    money = (day.total_pnl, day.largest_win, day.largest_loss, day.fees, day.equity)
    assert money == tuple(map(Decimal, ("3799.75", "3000", "-700.5", "42", "1003799.75")))
    assert (day.venues["upbit"].from_ms, day.venues["upbit"].until_ms) == (START, START + DAY_MS)
    assert day.venues["upbit"].equity == day.equity
    assert check_folder(bench.folder) == {f"summaries/{DATE}.json", "events-2026-03.jsonl"}
    assert summary_path(bench.folder, DATE).stat().st_mode & 0o777 == 0o600
    (row,) = job.jobs()
    assert (row.last_ms, row.last_result) == (DUE_MS, f"date={DATE} trades=4 pnl=3,799.75 currency=KRW")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_it_is_told_and_its_words_are_whole(bench: Bench, lang: str) -> None:
    bench.mark(START, "1000000")
    bench.trade(START + 5, "-700.5")
    bench.job().look()
    ((key, fields),) = bench.phone.sent
    words = text(key, lang, **{name: shown(name, value, lang) for name, value in fields.items()})
    assert all(part in words for part in (DATE, "upbit", "-700.5 KRW", "1,000,000 KRW", "10.5"))
    (event,) = bench.events()
    assert (event["level"], event["venue"], event["total_trades"]) == ("info", "upbit", 1)
    assert "-700.5 KRW" in str(event[lang])


def test_a_day_without_trades_has_its_file(bench: Bench) -> None:
    bench.mark(START + 5, "1000000")
    bench.job().look()
    day = bench.read()
    assert (day.total_trades, day.wins, day.losses, day.equity) == (0, 0, 0, Decimal(1_000_000))
    assert {day.total_pnl, day.largest_win, day.largest_loss, day.fees} == {Decimal(0)}


def test_money_of_two_currencies_is_not_added(bench: Bench) -> None:
    bench.offsets = {"binance_spot": 0, "upbit": 0, "bithumb": -KST_MS}
    for venue, pnl in (("upbit", "100"), ("bithumb", "20"), ("binance_spot", "-3.5")):
        bench.mark(START, "1000", venue)
        bench.trade(START + 5, pnl, "1", venue)
    bench.trade(START - KST_MS, "1", "1", "bithumb")  # its day begins at 00:00 in Korea
    bench.job().look()
    day = bench.read()
    assert (day.currency, day.total_trades, day.total_pnl, day.equity) == ("KRW", 3, Decimal(121), Decimal(2000))
    assert day.largest_win == 100
    assert (day.venues["binance_spot"].currency, day.venues["binance_spot"].total_pnl) == ("USDT", Decimal("-3.5"))
    assert [fields["venue"] for _, fields in bench.phone.sent] == list(bench.offsets)


# -- once, and never lost ----------------------------------------------------------------------------------------------


def test_a_day_is_summed_up_once_and_remembered_over_a_restart(bench: Bench) -> None:
    bench.mark(START, "1000000")
    job = bench.job()
    job.look()
    before = bench.read()
    bench.clock.pass_s(60)
    job.look()
    again = bench.job()
    again.look()
    assert bench.read() == before
    assert again.jobs() == job.jobs()
    assert len(bench.phone.sent) == len(bench.events()) == 1
    bench.clock.now += DAY_MS / 1000
    again.look()
    assert bench.written() == [f"{DATE}.json", "2026-03-04.json"]


def test_days_on_which_the_bot_was_off_are_made_up_for(bench: Bench) -> None:
    bench.mark(START, "1000000")
    bench.trade(START + 5, "70")
    bench.clock.now += 9 * DAY_MS / 1000
    job = bench.job()
    for _ in range(12):
        job.look()
    dates = [date_of(DAY + number) for number in range(10)]
    assert bench.written() == [f"{date}.json" for date in dates]
    assert bench.read(dates[0]).total_pnl == 70
    assert (bench.read(dates[9]).total_trades, bench.read(dates[9]).equity) == (0, Decimal(1_000_000))
    assert [fields["date"] for _, fields in bench.phone.sent] == dates[-TOLD_DAYS:], "no flood of old messages"
    assert [event["date"] for event in bench.events()] == dates


@pytest.mark.parametrize("damage", ["gone", "torn", "a folder"])
def test_a_damaged_file_is_written_again_without_a_message(bench: Bench, damage: str) -> None:
    bench.mark(START, "1000000")
    bench.trade(START + 5, "70")
    bench.job().look()
    path = summary_path(bench.folder, DATE)
    path.unlink()
    if damage == "torn":
        path.write_text('{"schema": 1, "da')
    elif damage == "a folder":
        path.mkdir()
    bench.job().look()
    assert bench.read().total_pnl == 70
    assert len(bench.phone.sent) == len(bench.events()) == 1


def test_a_file_of_a_later_version_is_left_alone(bench: Bench) -> None:
    bench.mark(START, "1000000")
    path = summary_path(bench.folder, DATE)
    path.parent.mkdir()
    path.write_text('{"schema": 2}')
    bench.job().look()
    assert path.read_text() == '{"schema": 2}'


# -- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_is_named_and_tried_again(bench: Bench) -> None:
    bench.mark(START, "1000000")
    (bench.folder / "summaries").write_text("in the way")
    job = bench.job()
    for _ in range(3):
        job.look()
    (event,) = bench.events()
    assert (event["level"], event["code"], event["date"]) == ("warning", "not_written", DATE)
    assert job.jobs()[0].last_result == f"date={DATE} failed=not_written"
    (bench.folder / "summaries").unlink()
    job.look()
    assert bench.written() == []
    bench.clock.mono += REST_S
    job.look()
    assert bench.written() == [f"{DATE}.json"]
    assert job.jobs()[0].last_result == f"date={DATE} trades=0 pnl=0 currency=KRW"


def test_a_ledger_that_cannot_be_read_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.mark(START, "1000000")
    job = bench.job()

    def away(venue: str) -> int:
        raise LedgerUnavailable("away")

    monkeypatch.setattr(bench.ledger, "first_equity_ms", away)
    job.look()
    assert job.jobs()[0].last_result == f"date={DATE} failed=ledger_unreadable"
    monkeypatch.undo()
    bench.clock.mono += REST_S
    job.look()
    assert bench.written() == [f"{DATE}.json"]


def test_a_chore_with_a_defect_ends_neither_the_loop_nor_the_others(bench: Bench) -> None:
    class Defect(DailySummary):
        looks = 0

        def look(self) -> None:
            Defect.looks += 1
            raise ZeroDivisionError

    bench.mark(START, "1000000")
    good = bench.job()
    bad = bench.job()
    bad.__class__ = Defect
    chores = Chores((bad, good), bench.log)
    chores.look()
    chores.look()
    assert Defect.looks == 1
    assert bench.written() == [f"{DATE}.json"]
    assert [job.name for job in chores.jobs()] == ["daily_summary", "daily_summary"]
    chores.close()
