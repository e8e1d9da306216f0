"""Positions, orders, foreign holdings, fills, reasons, sales: files into rows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from config.texts import text
from tests.ui import sample_folder
from tests.ui.sample_folder import MINUTE_MS, NOW_MS
from trading.ipc.readers import load
from trading.ipc.status import Job, StatusFile
from ui.view import holdings, schedule
from ui.view.reasons import reasons
from ui.view.selloff import ALL, matches, selloff
from ui.voice import Voice


def test_a_position_in_words(ko: Voice) -> None:
    rows = {one.symbol: one for one in holdings.positions(sample_folder.upbit(), NOW_MS, ko)}
    btc, eth = rows["BTC/KRW"], rows["ETH/KRW"]
    assert btc.quantity == "0.0006612"
    assert btc.entry == "150,100,000원"
    assert btc.last == "151,230,000원"
    assert btc.value == "99,993원"
    assert btc.pnl == ("▲ +747원", "up")
    assert btc.percent == ("▲ +0.65%", "up")
    assert (btc.stop, btc.stop_reason) == ("148,599,000원", "손절")
    assert btc.age == "42분"
    assert btc.guard == ("봇이 감시", "quiet")
    assert eth.pnl.tone == "down"


def test_a_position_before_its_first_price(ko: Voice) -> None:
    book = sample_folder.upbit()
    bare = replace(
        book.details["BTC/KRW"],
        last_price=None,
        pnl=None,
        pnl_percent=None,
        stop=None,
        stop_reason=None,
        take_profit=None,
    )
    row = holdings.positions(replace(book, details={"BTC/KRW": bare}), None, ko)[0]
    assert (row.last, row.value, row.pnl.text, row.stop, row.age) == ("–", "–", "–", "–", "–")


def test_a_short_with_leverage_says_so_and_warns_without_a_guard(ko: Voice) -> None:
    book = sample_folder.upbit()
    one = replace(book.details["BTC/KRW"], side="short", leverage=15, liquidation_price=Decimal(1), guarded_by="none")
    row = holdings.positions(replace(book, details={"BTC/KRW": one}), NOW_MS, ko)[0]
    assert row.note == "공매도 · 15x · 청산가 1원"
    assert row.guard == ("감시 없음!", "bad")


def test_largest_position_first(ko: Voice) -> None:
    book = sample_folder.upbit()
    sizes = {symbol: one.quantity * (one.last_price or 0) for symbol, one in book.details.items()}
    shown = [one.symbol for one in holdings.positions(book, NOW_MS, ko)]
    assert shown == sorted(sizes, key=lambda symbol: -sizes[symbol])


def test_foreign_holdings_use_a_known_price(ko: Voice) -> None:
    plain = holdings.foreign(sample_folder.upbit(), ko, {})[0]
    assert (plain.symbol, plain.quantity, plain.average, plain.value) == ("ETC/KRW", "12.5", "31,250원", "390,625원")
    assert holdings.foreign(sample_folder.upbit(), ko, {"ETC/KRW": Decimal(40_000)})[0].value == "500,000원"


def test_an_open_order(ko: Voice) -> None:
    row = holdings.orders(sample_folder.upbit(), ko)[0]
    assert (row.symbol, row.side.text, row.kind, row.price, row.filled) == (
        "SOL/KRW",
        "매수",
        "지정가",
        "286,900원",
        "0.1",
    )
    assert row.state == "일부 체결"


def test_fills_newest_first_and_by_symbol(ko: Voice, en: Voice) -> None:
    book = sample_folder.upbit()
    rows = holdings.trades(book, ko, 20)
    assert len(rows) == 20
    assert rows[0].time > rows[-1].time
    assert rows[0].side == ("매도", "down")
    assert rows[1].side == ("매수", "up")
    assert rows[1].pnl.text == "–", "a buy has no result"
    assert rows[0].reason in ("익절", "손절", "매도 신호")
    only = holdings.trades(book, en, 500, "BTC/KRW")
    assert {one.symbol for one in only} == {"BTC/KRW"}
    assert {one.slippage for one in rows if one.side.text == "매도"} == {"+0.02%"}


def test_the_tally_counts_closed_fills(ko: Voice) -> None:
    book = sample_folder.upbit()
    results = [one.pnl for one in book.trade_history if one.pnl is not None]
    tally = holdings.tally(book, ko)
    assert (tally.sells, tally.wins) == (60, sum(one > 0 for one in results))
    assert tally.pnl == ko.gain(sum(results, Decimal(0)), "KRW")
    assert holdings.tally(replace(book, trade_history=()), ko).rate == "–"


def test_the_purse(ko: Voice) -> None:
    purse = holdings.purse(sample_folder.upbit(), ko)
    assert purse.since_start == ("▲ +3,211원", "up")
    assert purse.since_start_rate == ("▲ +0.32%", "up")
    assert purse.invested == "299,339원"
    nothing = holdings.purse(sample_folder.upbit(initial_capital=Decimal(0)), ko)
    assert nothing.since_start_rate.text == "–"


def test_reasons_what_acts_first_then_what_a_gate_stopped(ko: Voice) -> None:
    rows = reasons(sample_folder.decisions(), "upbit", ko)
    assert [one.symbol for one in rows[:2]] == ["DOGE/KRW", "SOL/KRW"]
    assert rows[0].action == ("매수", "up")
    stopped = rows[1]
    assert stopped.gate == text("gate.max_positions", "ko")
    assert ("포지션 수", "5") in stopped.numbers
    assert [(one.name, one.holds) for one in rows[2].conditions] == [("골든크로스", False), ("추세 필터", True)]
    assert rows[2].sentence == "골든크로스가 아직 아닙니다."
    assert reasons(None, "upbit", ko) == ()
    assert reasons(sample_folder.decisions(), "stock", ko) == ()


def test_an_unknown_condition_keeps_its_name(en: Voice) -> None:
    decided = sample_folder.decisions()
    one = replace(decided.venues["upbit"]["BTC/KRW"], conditions={"moon": True}, gate="tide")
    row = reasons(replace(decided, venues={"upbit": {"BTC/KRW": one}}), "upbit", en)[0]
    assert (row.conditions[0].name, row.gate) == ("moon", "tide")


def test_a_sale_lists_what_the_bot_owns_and_nothing_else(folder: Path, ko: Voice) -> None:
    sale = selloff(load(folder, NOW_MS), ALL, ko)
    assert [one.symbol for one in sale.rows] == ["BTC/KRW", "ETH/KRW", "XRP/KRW"]
    assert "ETC/KRW" not in str(sale)
    assert (sale.orders, sale.totals, sale.blind) == (1, "299,333원", ())
    assert selloff(load(folder, NOW_MS), "bithumb", ko).rows == ()


def test_a_sale_from_a_torn_file_says_so(folder: Path, ko: Voice) -> None:
    before = load(folder, NOW_MS)
    (folder / "upbit_portfolio.json").write_text("{")
    sale = selloff(load(folder, NOW_MS, before), ALL, ko)
    assert len(sale.rows) == 3
    assert sale.blind == ("업비트",)


def test_the_phrase(ko: Voice, en: Voice) -> None:
    for voice in (ko, en):
        assert matches("긴급청산", voice)
        assert matches(" 긴급 청산 ", voice)
        assert matches("liquidate", voice)
        for wrong in ("", "청산", "긴급", "LIQUIDAT", "yes"):
            assert not matches(wrong, voice)


@pytest.mark.parametrize(
    ("result", "ko", "en"),
    [
        (
            "date=2026-03-03 lived=12 ideal=11 same=9 explained=3 unexplained=1",
            "2026-03-03: 거래 12건 비교, 원인을 아는 차이 3건, 모르는 차이 1건",
            "2026-03-03: 12 trades compared, 3 differences explained, 1 not",
        ),
        (
            "date=2026-03-03 failed=overran",
            "2026-03-03: 비교하지 못함 (시간 초과)",
            "2026-03-03: not compared (took too long)",
        ),
        ("lang=ko", "lang=ko", "lang=ko"),
        ("a word", "a word", "a word"),
    ],
)
def test_a_comparison_is_told_in_words(folder: Path, result: str, ko: str, en: str) -> None:
    job = Job(name="compare:upbit", last_ms=1, last_result=result, next_ms=2)
    StatusFile(folder).publish(sample_folder.status(NOW_MS, jobs=(job,)), NOW_MS)
    for lang, words in (("ko", ko), ("en", en)):
        (row,) = schedule.jobs(load(folder, NOW_MS), Voice(lang))  # type: ignore[arg-type]
        assert row.result == words
    assert row.name.startswith("daily comparison")


@pytest.mark.parametrize(
    ("name", "result", "ko", "en"),
    [
        (
            "daily_summary",
            "date=2026-03-03 trades=4 pnl=3,799.75 currency=KRW",
            "2026-03-03: 거래 4건, 손익 3,799.75 KRW",
            "2026-03-03: 4 trades, profit 3,799.75 KRW",
        ),
        (
            "daily_summary",
            "date=2026-03-03 failed=not_written",
            "2026-03-03: 결산하지 못함 (파일을 쓰지 못함)",
            "2026-03-03: not summed up (file could not be written)",
        ),
        (
            "ledger_backup",
            "date=2026-03-03 megabytes=1.2 kept=14",
            "2026-03-03: 1.2 MB, 보관 14개",
            "2026-03-03: 1.2 MB, 14 kept",
        ),
        (
            "ledger_backup",
            "failed=server",
            "백업 없음: PostgreSQL 백업은 데이터베이스 서버의 몫",
            "no backup: PostgreSQL is backed up by its server",
        ),
        (
            "find_best_k:upbit",
            "was=0.5 k=0.45 trades=7",
            "k 0.5 -> 0.45 (거래 7건)",
            "k 0.5 -> 0.45 (7 trades)",
        ),
    ],
)
def test_a_daily_job_is_told_in_words(folder: Path, name: str, result: str, ko: str, en: str) -> None:
    StatusFile(folder).publish(sample_folder.status(NOW_MS, jobs=(Job(name=name, last_result=result),)), NOW_MS)
    for lang, words in (("ko", ko), ("en", en)):
        (row,) = schedule.jobs(load(folder, NOW_MS), Voice(lang))  # type: ignore[arg-type]
        assert row.result == words
        assert row.name != name


def test_jobs_next_first(folder: Path, ko: Voice) -> None:
    rows = schedule.jobs(load(folder, NOW_MS), ko)
    assert [one.name for one in rows] == ["돌파 계수 k 찾기", "하루 결산"]
    assert rows[0].next == "11-20 10:10:00"
    assert rows[1].last == "–"
    shown = dict(schedule.process(load(folder, NOW_MS + MINUTE_MS), ko))
    assert shown["가동 시간"] == "2시간 1분"
    assert shown["메모리"] == "148 MB"
