"""Records of spans and targets, from round trips and equity worked out by hand; the verb that prints them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings, load
from tests.trading.live.ledger_fixtures import DEMO, NOW_MS
from tests.trading.live.test_ledger import a_trade
from trading.core.calendar import DAY_MS, HOUR_MS, KST_MS
from trading.core.portfolio import Trade
from trading.live.ledger import FILE, Ledger, look, open_ledger
from trading.live.ledger_history import EquityPoint
from trading.live.record import SHOWN, Goal, Period, Span, goals, record_of, spans
from trading.live.report_command import report

ALL = Span(0, 2**62)


def trip(number: int, pnl: str, exit_ms: int, fee: str = "10") -> Trade:
    return replace(a_trade(f"t{number}", exit_ms), pnl=Decimal(pnl), fee=Decimal(fee))


def point(time_ms: int, equity: str) -> EquityPoint:
    return EquityPoint("upbit", time_ms, Decimal(equity), Decimal(equity), Decimal(0), Decimal(0))


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1000


def test_a_record_worked_out_by_hand() -> None:
    trades = [trip(1, "300", 10), trip(2, "100", 20), trip(3, "-50", 30), trip(4, "-150", 40), trip(5, "0", 50)]
    equity = [
        point(time, value) for time, value in ((5, "1000"), (15, "1300"), (25, "1170"), (35, "1400"), (45, "1330"))
    ]
    seen = record_of(trades, equity, ALL)
    assert (seen.trades, seen.pnl, seen.fees) == (5, Decimal(200), Decimal(50))
    assert seen.win_rate == pytest.approx(0.4), "a trade that brought nothing is not won"
    assert seen.payoff == pytest.approx(200 / 100)
    assert seen.drawdown == pytest.approx(1 - 1170 / 1300)


def test_a_span_has_its_first_moment_and_not_its_last() -> None:
    trades = [trip(number, "1", exit_ms) for number, exit_ms in enumerate((99, 100, 199, 200))]
    equity = [point(time, value) for time, value in ((50, "2000"), (100, "1000"), (199, "900"), (200, "1"))]
    seen = record_of(trades, equity, Span(100, 200))
    assert seen.trades == 2
    assert seen.drawdown == pytest.approx(0.1), "neither the peak before nor the fall after"


def test_what_is_not_known_is_said_to_be_so() -> None:
    nothing = record_of([], [], ALL)
    assert (nothing.win_rate, nothing.payoff, nothing.drawdown, nothing.pnl) == (None, None, None, Decimal(0))
    assert record_of([trip(1, "5", 10)], [], ALL).payoff is None, "without a loss there is no ratio"


class Aims:
    target_win_rate = 0.5
    target_payoff = 2.0
    target_drawdown = 0.10


def test_targets_over_seven_and_thirty_days() -> None:
    old, late = NOW_MS - 20 * DAY_MS, NOW_MS - 2 * DAY_MS
    trades = [trip(1, "-100", old), trip(2, "-100", old), trip(3, "200", late), trip(4, "-100", late)]
    equity = [point(old, "1000"), point(old + 1, "800"), point(late, "1000"), point(NOW_MS, "900")]
    week, month = (goals(trades, equity, NOW_MS, Aims())[part] for part in (slice(0, 3), slice(3, 6)))
    assert week == (
        Goal("target_win_rate", 7, 0.5, 0.5, True),
        Goal("target_payoff", 7, 2.0, 2.0, True),
        Goal("target_drawdown", 7, 0.10, pytest.approx(0.1), True),
    ), "what is reached exactly is met"
    assert [(goal.reached, goal.met) for goal in month] == [(0.25, False), (2.0, True), (pytest.approx(0.2), False)]
    assert {goal.met for goal in goals([], [], NOW_MS, Aims())} == {None}
    assert goals(trades, equity, late + 7 * DAY_MS, Aims())[0].reached is None, (
        "the seven days end with the moment asked for"
    )


def test_periods_are_those_of_the_calendar() -> None:
    wednesday = ms(2026, 1, 14, 20)
    assert [(span.start_ms, span.end_ms) for span in spans("daily", wednesday, 0)[:2]] == [
        (ms(2026, 1, 14), ms(2026, 1, 15)),
        (ms(2026, 1, 13), ms(2026, 1, 14)),
    ]
    assert spans("daily", wednesday, -KST_MS)[0].start_ms == ms(2026, 1, 14, 15), "in Korea it is the 15th"
    assert [span.start_ms for span in spans("weekly", wednesday, 0)[:2]] == [ms(2026, 1, 12), ms(2026, 1, 5)]
    months = spans("monthly", wednesday, 0)
    assert [span.start_ms for span in months[:3]] == [ms(2026, 1, 1), ms(2025, 12, 1), ms(2025, 11, 1)]
    assert months[1].end_ms == ms(2026, 1, 1)


@given(
    period=st.sampled_from(list(SHOWN)),
    now_ms=st.integers(ms(2020, 1, 1), ms(2040, 1, 1)),
    offset=st.sampled_from([0, -KST_MS, HOUR_MS]),
)
def test_periods_follow_each_other_without_a_gap(period: Period, now_ms: int, offset: int) -> None:
    found = spans(period, now_ms, offset)
    assert len(found) == SHOWN[period]
    assert found[0].start_ms <= now_ms < found[0].end_ms
    assert all(newer.start_ms == older.end_ms for newer, older in pairwise(found))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(tmp_path / "data folder", DEMO, NOW_MS).ledger
    yield opened
    opened.close()


def settings(tmp_path: Path, **environ: str) -> Settings:
    names = {f"HAETAE_{name}": value for name, value in environ.items()}
    return load(tmp_path / "no.env", tmp_path / "no.tuned", {"HAETAE_LANGUAGE": "en", **names})


def folder(tmp_path: Path) -> Path:
    return tmp_path / "data folder"


def test_the_report_reads_beside_a_bot_that_writes(
    ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert report(folder(tmp_path), "daily", settings(tmp_path)) == 0
    assert "no closed trade" in capsys.readouterr().out
    with ledger.step():
        ledger.add_trade(trip(1, "30000", NOW_MS - DAY_MS))
        ledger.add_trade(trip(2, "-10000", NOW_MS - 10 * DAY_MS))
        for days, equity in ((9, "1000000"), (8, "850000"), (1, "900000")):
            ledger.add_equity(point(NOW_MS - days * DAY_MS, equity))
    assert report(folder(tmp_path), "weekly", settings(tmp_path, TARGET_DRAWDOWN="0.2")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("targets up to 2025-11-19 09:53 KST" in line for line in lines), "the last thing the ledger knows"
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    newest = next(row for row in rows if row[0].startswith("2025-"))
    assert newest[:6] == ["2025-11-17 – 2025-11-19", "1", "100.00%", "-", "+30,000", "10"]
    assert ["win rate", "7 days", "≥ 55.00%", "100.00%", "met"] in rows
    assert ["win rate", "30 days", "≥ 55.00%", "50.00%", "missed"] in rows
    assert ["payoff (average gain / average loss)", "30 days", "≥ 1.50", "3.00", "met"] in rows
    assert ["max drawdown", "30 days", "≤ 20.00%", "15.00%", "met"] in rows
    assert report(folder(tmp_path), "monthly", settings(tmp_path)) == 0
    assert "by month" in capsys.readouterr().out


def test_looking_writes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    seen = look(folder(tmp_path))
    try:
        with pytest.raises(Exception, match="readonly"):
            seen.add_trade(trip(1, "1", NOW_MS))
        assert seen.latest_ms("upbit") is None
        ledger.add_trade(trip(1, "1", NOW_MS))
        assert seen.latest_ms("upbit") == NOW_MS
    finally:
        seen.close()


def test_a_ledger_that_is_absent_or_unreadable_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = folder(tmp_path)
    data.mkdir()
    assert report(data, "daily", settings(tmp_path)) == 3
    with sqlite3.connect(data / FILE) as other:
        other.execute("CREATE TABLE other (a)")
    assert report(data, "daily", settings(tmp_path)) == 1
    said = capsys.readouterr().err
    assert "trades" in said and "Traceback" not in said
