"""The header and the messages, of a living bot, a dead one and folders that are broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.advice import beside_holding
from config.texts import text
from tests.ui import sample_folder
from tests.ui.sample_folder import NOW_MS
from trading.ipc.portfolio import PortfolioFile
from trading.ipc.readers import Snapshot, load
from trading.ipc.status import StatusFile
from ui.view.banners import Banner, banners
from ui.view.header import header
from ui.voice import Voice


def heads(snapshot: Snapshot, voice: Voice) -> list[tuple[str, str]]:
    return [(one.level, one.head) for one in banners(snapshot, voice)]


def test_a_running_bot(folder: Path, ko: Voice, en: Voice) -> None:
    snapshot = load(folder, NOW_MS + 2_000)
    seen = header(snapshot, ko)
    assert (seen.state, seen.tone, seen.mode) == ("실행중", "good", "연습")
    assert seen.heartbeat == "하트비트 2초 전"
    assert seen.equity == "1,003,211원"
    assert seen.today == ("▲ +3,211원", "up")
    assert seen.today_rate == ("▲ +0.32%", "up")
    assert [(one.name, one.state, one.tone, one.plan) for one in seen.venues] == [
        ("업비트", "정상", "good", "MACD · demo · 1m")
    ]
    assert header(snapshot, en).state == "Running"
    assert banners(snapshot, ko) == ()


def test_with_money_at_stake_what_did_not_beat_holding_is_told(folder: Path, ko: Voice, en: Voice) -> None:
    assert not banners(load(folder, NOW_MS), en), "on the practice market nothing is lost"
    StatusFile(folder).publish(sample_folder.status(mode="live"), NOW_MS)
    notice = beside_holding("demo", "macd")
    assert notice
    for voice, venue in ((ko, "업비트"), (en, "Upbit")):
        (said,) = banners(load(folder, NOW_MS), voice)
        assert said.level == "warn" and venue in said.head and said.body == notice.text(voice.lang)


@pytest.mark.parametrize(
    ("state", "shown"),
    [("paused", "일시정지"), ("halted", "긴급 중단"), ("stopping", "중지하는 중"), ("warming_up", "준비중 3/3")],
)
def test_states_in_words(folder: Path, ko: Voice, state: str, shown: str) -> None:
    StatusFile(folder).publish(sample_folder.status(status=state), NOW_MS)
    assert header(load(folder, NOW_MS), ko).state == shown


def test_a_market_with_its_own_clock_shows_it(folder: Path, ko: Voice) -> None:
    assert header(load(folder, NOW_MS + 3_000), ko).clock == ""
    StatusFile(folder).publish(sample_folder.status(market_time_ms=NOW_MS - 86_400_000), NOW_MS)
    assert header(load(folder, NOW_MS), ko).clock == "시장 시각 2026-11-19 10:00:00"


def test_a_dead_bot(folder: Path, ko: Voice) -> None:
    snapshot = load(folder, NOW_MS + 18_000)
    seen = header(snapshot, ko)
    assert (seen.state, seen.tone) == ("응답 없음", "bad")
    assert seen.venues[0].tone == "quiet", "a dead bot's venues are not shown as well"
    assert heads(snapshot, ko)[0] == ("bad", "봇이 18초 동안 응답하지 않습니다")


def test_dead_follows_the_loop(folder: Path, ko: Voice) -> None:
    StatusFile(folder).publish(sample_folder.status(loop_seconds=20.0), NOW_MS)
    assert header(load(folder, NOW_MS + 59_000), ko).state == "실행중"
    assert header(load(folder, NOW_MS + 61_000), ko).state == "응답 없음"


def test_a_bot_that_ended_in_order(folder: Path, ko: Voice) -> None:
    StatusFile(folder).publish(sample_folder.status(status="stopped"), NOW_MS)
    snapshot = load(folder, NOW_MS + 900_000)
    assert header(snapshot, ko).state == "중지"
    assert heads(snapshot, ko) == [("info", "봇이 중지되어 있습니다")]


def test_nothing_there(tmp_path: Path, ko: Voice) -> None:
    snapshot = load(tmp_path / "nowhere", NOW_MS)
    assert header(snapshot, ko).state == "시작 전"
    assert banners(snapshot, ko) == ()


def test_no_status_but_portfolios(folder: Path, ko: Voice) -> None:
    (folder / "bot_status.json").unlink()
    snapshot = load(folder, NOW_MS)
    assert heads(snapshot, ko) == [("bad", "bot_status.json 파일이 없습니다")]
    assert header(snapshot, ko).equity == "1,003,211원", "the sum of what can be read"


@pytest.mark.parametrize(
    "name", ["bot_status.json", "upbit_portfolio.json", "decisions.json", "market.json", "outcomes.json"]
)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"schema": 1, "seq"', "깨져 있습니다"),
        ("", "깨져 있습니다"),
        ("[1, 2]", "깨져 있습니다"),
        ('{"schema": 1}', "깨져 있습니다"),
        ('{"schema": 2}', "새 버전이 썼습니다"),
        ('{"schema": 0, "seq": 3}', "옛 버전이 썼습니다"),
    ],
)
def test_a_broken_file_is_named(folder: Path, ko: Voice, name: str, content: str, said: str) -> None:
    (folder / name).write_text(content)
    found = [one for one in banners(load(folder, NOW_MS), ko) if name in one.head]
    assert [one.level for one in found] == ["bad"]
    assert said in found[0].head
    assert found[0].body


def test_a_file_that_breaks_keeps_its_last_values(folder: Path, ko: Voice) -> None:
    before = load(folder, NOW_MS)
    (folder / "bot_status.json").write_text("{")
    after = load(folder, NOW_MS, before)
    assert header(after, ko).equity == "1,003,211원"
    assert "bot_status.json 파일이 깨져 있습니다" in [one.head for one in banners(after, ko)]


def test_a_status_that_cannot_be_read_is_no_living_bot(folder: Path, ko: Voice) -> None:
    (folder / "bot_status.json").write_text("{")
    assert header(load(folder, NOW_MS), ko).tone == "bad"


def test_a_portfolio_that_a_ready_venue_lacks(folder: Path, ko: Voice) -> None:
    (folder / "upbit_portfolio.json").unlink()
    assert heads(load(folder, NOW_MS), ko) == [("warn", "upbit_portfolio.json 파일이 없습니다")]


def test_a_clock_that_runs_ahead(folder: Path, ko: Voice) -> None:
    assert heads(load(folder, NOW_MS - 3_600_000), ko) == [("warn", "봇의 시각이 1시간 0분 앞서 있습니다")]


def test_latches_and_positions_that_nobody_guards(folder: Path, ko: Voice, en: Voice) -> None:
    StatusFile(folder).publish(sample_folder.status(latches=(sample_folder.LATCH,)), NOW_MS)
    raw = json.loads((folder / "upbit_portfolio.json").read_text())
    raw["details"]["BTC/KRW"]["guarded_by"] = "none"
    (folder / "upbit_portfolio.json").write_text(json.dumps(raw))
    snapshot = load(folder, NOW_MS)
    assert heads(snapshot, ko) == [
        ("bad", f"진입 차단: {text('gate.drawdown_limit', 'ko')} (업비트)"),
        ("bad", "BTC/KRW의 손절이 지켜지지 않고 있습니다"),
    ]
    latch: Banner = banners(snapshot, en)[0]
    assert "-10.2 % from peak" in latch.body
    assert "11-20 09:50:00" in latch.body


def test_more_venues_are_more_chips(folder: Path, ko: Voice) -> None:
    both = {"upbit": sample_folder.venue_status(), "bithumb": sample_folder.venue_status(state="degraded")}
    StatusFile(folder).publish(sample_folder.status(venues=both), NOW_MS)
    PortfolioFile(folder, "bithumb").publish(sample_folder.upbit(venue="bithumb"), NOW_MS)
    seen = header(load(folder, NOW_MS), ko)
    assert [(one.name, one.tone) for one in seen.venues] == [("업비트", "good"), ("빗썸", "warn")]
