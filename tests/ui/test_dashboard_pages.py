"""The page as Streamlit draws it, in both languages and over every kind of folder: no exception, the right words."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from config.texts import text
from tests.ui import sample_folder
from trading import strategies
from trading.ipc import commands
from trading.ipc.status import StatusFile
from ui.view import holdings
from ui.view.errands import mailbox

PAGE = Path(dashboard.__file__)
TABS = {
    "ko": ("홈", "포지션·주문", "거래내역", "왜 안 사나요?", "제어", "로그"),
    "en": ("Home", "Positions · orders", "Trades", "Why not buying?", "Control", "Log"),
}


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose heartbeat is of this moment; the page is told of it by the environment."""
    folder = sample_folder.write(tmp_path / "data", dashboard.wall_ms())
    monkeypatch.setenv("HAETAE_DATA_DIR", str(folder))
    monkeypatch.delenv("HAETAE_LANGUAGE", raising=False)
    monkeypatch.chdir(PAGE.parent)
    return folder


def page(language: str = "", tab: str = "") -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=30)
    if language:
        at.query_params["lang"] = language
    if tab:
        at.session_state[f"tab-{language or 'ko'}"] = tab
    return at.run()


def shown(at: AppTest) -> str:
    """All text of the page."""
    assert not at.exception, [one.value for one in at.exception]
    bodies = [one.proto.body for one in at.get("html") if "<style>" not in one.proto.body]
    words = unescape(re.sub(r"<[^>]+>", " ", " ".join(bodies)))
    assert "그리지 못했습니다" not in words
    assert "could not be drawn" not in words
    return re.sub(r"\s+", " ", words)


EXPECTED = {
    "ko": {
        "홈": (
            "실행중",
            "연습",
            "1,003,211원",
            "▲ +3,211원",
            "업비트 정상",
            "자산 곡선",
            "BTC/KRW",
            "돌파 계수 k 찾기",
        ),
        "포지션·주문": ("151,230,000원", "손절 · 봇이 감시", "건드리지 않음", "ETC/KRW", "일부 체결"),
        "거래내역": ("청산 60건", "익절", "+0.02%", "매수", "매도"),
        "왜 안 사나요?": ("✔ 골든크로스", "✘ 골든크로스", text("gate.max_positions", "ko"), "데이터가 부족합니다"),
        "제어": ("실행 중인 전략", "MACD · demo · 1m", "진입을 멈췄습니다.", "take_profit_percent", "2시간 0분"),
        "로그": ("#259", "데이터 부족"),
    },
    "en": {
        "Home": ("Running", "Demo", "1,003,211 KRW", "Upbit ready", "Equity curve", "find the best k"),
        "Positions · orders": ("stop-loss · by the bot", "never touched", "partly filled"),
        "Trades": ("60 closed", "take-profit", "BUY", "SELL"),
        "Why not buying?": ("✔ golden cross", "✘ golden cross", text("gate.max_positions", "en"), "Not enough data"),
        "Control": ("What runs", "Entries are off.", "take_profit_percent"),
        "Log": ("#259",),
    },
}


@pytest.mark.parametrize(("language", "tab"), [(language, tab) for language in ("ko", "en") for tab in TABS[language]])
def test_every_tab_in_every_language(live: Path, language: str, tab: str) -> None:
    words = shown(page(language, tab))
    for expected in EXPECTED[language][tab]:
        assert expected in words


def test_korean_comes_first_and_the_environment_may_say_english(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "실행중" in shown(page())
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    assert "Running" in shown(page())


def test_the_switch_changes_the_language(live: Path) -> None:
    at = page()
    at.button_group(key="language").set_value("English").run()
    assert "Running" in shown(at)


def test_a_first_start_tells_how(live: Path) -> None:
    shutil.rmtree(live)
    words = shown(page())
    assert "해태가 아직 시작되지 않았습니다" in words
    assert "make demo" in words
    assert str(live) in words


BREAKS = {
    "torn": '{"schema": 1, "se',
    "empty": "",
    "newer": '{"schema": 99}',
    "older": '{"schema": 0}',
    "list": "[]",
    "binary": "\x00\x01\x02",
}


@pytest.mark.parametrize("how", [*BREAKS, "missing", "folder", "secret"])
def test_no_broken_folder_breaks_the_page(live: Path, how: str) -> None:
    for path in sorted(live.rglob("*.json*")):
        if how == "missing":
            path.unlink()
        elif how == "folder":
            path.unlink()
            path.mkdir()
        elif how == "secret":
            path.chmod(0)
        else:
            path.write_text(BREAKS[how])
    for tab in TABS["ko"]:
        shown(page("", tab))


def test_a_dead_bot_is_red(live: Path) -> None:
    StatusFile(live).publish(sample_folder.status(), dashboard.wall_ms() - 60_000)
    words = shown(page())
    assert "응답 없음" in words
    assert "봇이 1분 동안 응답하지 않습니다" in words


def test_pause_puts_one_command_into_the_mailbox(live: Path) -> None:
    at = page("", "제어")
    at.button(key="control-pause").click().run()
    at.button(key="control-pause").click().run()
    (waiting,) = mailbox(live)
    assert (waiting.kind, waiting.args, waiting.by) == ("pause", {}, "dashboard")
    assert "⏳ 일시정지 대기 중" in shown(at)
    at.button(key=f"back-{waiting.id}").click().run()
    assert mailbox(live) == ()


def test_a_paused_bot_is_offered_to_go_on(live: Path) -> None:
    StatusFile(live).publish(sample_folder.status(status="paused"), dashboard.wall_ms())
    at = page()
    at.button(key="quick-resume").click().run()
    assert [one.kind for one in mailbox(live)] == ["resume"]


def test_liquidation_waits_for_the_phrase(live: Path) -> None:
    at = page()
    at.button(key="quick-liquidate").click().run()
    assert at.button(key="dialog-confirm").disabled
    name = next(one.key for one in at.text_input if one.key and one.key.startswith("selloff-phrase"))
    at.text_input(key=name).set_value("아니오").run()
    assert at.button(key="dialog-confirm").disabled
    assert mailbox(live) == ()
    at.text_input(key=name).set_value("긴급청산").run()
    at.button(key="dialog-confirm").click().run()
    assert [(one.kind, one.args) for one in mailbox(live)] == [("liquidate", {"all": True})]


def test_a_stop_is_asked_for_and_cancel_sends_nothing(live: Path) -> None:
    at = page("", "제어")
    at.button(key="control-stop").click().run()
    assert "보유 포지션 3개가 남습니다" in shown(at)
    at.button(key="dialog-cancel").click().run()
    assert mailbox(live) == ()
    at.button(key="control-stop").click().run()
    at.button(key="dialog-confirm").click().run()
    assert [(one.kind, one.args) for one in mailbox(live)] == [("stop", {})]


def test_a_change_of_strategy(live: Path) -> None:
    at = page("", "제어")
    at.button(key="control-strategy").click().run()
    at.button(key="dialog-confirm").click().run()
    (waiting,) = mailbox(live)
    assert waiting.kind == "set_strategy"
    assert waiting.args == {"venue": "upbit", "preset": "demo", "positions": "keep"}


def test_a_strategy_file_that_cannot_be_used_is_named(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_done.py").write_text("def rows(:", encoding="utf-8")
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])
    at = page("", "제어")
    at.button(key="control-strategy").click().run()
    assert "half_done.py" not in shown(at), "presets first"
    at.radio(key="strategy-by").set_value("전략").run()
    assert "trading/strategies/half_done.py: 불러올 수 없습니다 (SyntaxError" in shown(at)
    (menu,) = [box for box in at.selectbox if "생존 (선물)" in box.options]
    assert "변동성 돌파" in menu.options and not any("half_done" in one for one in menu.options)
    menu.set_value(menu.options[menu.options.index("눌림목")]).run()
    at.button(key="dialog-confirm").click().run()
    (waiting,) = mailbox(live)
    assert waiting.args == {"venue": "upbit", "strategy": "pullback", "positions": "keep"}


def test_a_mailbox_that_cannot_be_written_is_said(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(commands, "send", full)
    at = page("", "제어")
    at.button(key="control-pause").click().run()
    assert "명령을 보내지 못했습니다" in shown(at)
    assert mailbox(live) == ()


def test_one_part_that_fails_leaves_the_others(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(holdings, "purse", broken)
    at = page()
    assert not at.exception
    words = " ".join(one.proto.body for one in at.get("html"))
    assert "&#x27;홈&#x27; 부분을 그리지 못했습니다" in words
    assert "secret detail" not in words
    assert "자산 곡선" in words
    assert "실행중" in words


def test_beyond_this_machine_nothing_can_be_commanded(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = dashboard.server.get_option
    everywhere = {"server.address": "0.0.0.0"}
    monkeypatch.setattr(dashboard.server, "get_option", lambda name: everywhere.get(name) or real(name))
    at = page("", "제어")
    assert all(one.disabled for one in at.button)
    assert "제어가 꺼져 있습니다" in shown(at)
