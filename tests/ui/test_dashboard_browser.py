"""The real page in a real browser: it follows the files, commands go out, and nothing leaves this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dashboard
from tests.ui import sample_folder
from trading.ipc import commands
from trading.ipc.outcomes import OutcomesFile
from trading.ipc.status import StatusFile
from ui.view.errands import mailbox

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(dashboard.__file__).parent
SLOW_MS = 20_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the server of this module; each test writes it anew."""
    return tmp_path_factory.mktemp("served") / "data"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The dashboard as a person starts it, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "dashboard.py"), "--data-dir", str(folder), "--port", str(port)],
        cwd=folder.parent,
        env={**os.environ, "HAETAE_LANGUAGE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if "URL:" in line:
            break
    else:
        pytest.fail(f"the dashboard ended with {child.wait()}")
    yield f"http://127.0.0.1:{port}"
    child.terminate()
    child.wait(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without its own background traffic."""
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Any, address: str, folder: Path) -> Iterator[Any]:
    """The page over a fresh folder with a living bot; at the end nothing must have left this machine."""
    shutil.rmtree(folder, ignore_errors=True)
    sample_folder.write(folder, dashboard.wall_ms())
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="ko-KR", color_scheme="light")
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("websocket", lambda stream: asked.append(stream.url))
    opened.goto(address)
    opened.wait_for_selector(".headline", timeout=SLOW_MS)
    yield opened
    context.close()
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
    assert len(asked) > 10


def beat(folder: Path, **changes: Any) -> None:
    """The bot's next step."""
    StatusFile(folder).publish(sample_folder.status(dashboard.wall_ms(), **changes), dashboard.wall_ms())


def sees(tab: Any, text: str) -> None:
    playwright.expect(tab.locator("body")).to_contain_text(text, timeout=SLOW_MS)


def open_tab(tab: Any, name: str) -> None:
    """Opens a tab. A click while the page is busy connecting is lost, so it is repeated until it took."""
    one = tab.get_by_role("tab", name=name, exact=True)
    for _ in range(4):
        playwright.expect(one).to_be_enabled(timeout=SLOW_MS)
        one.click()
        try:
            playwright.expect(one).to_have_attribute("aria-selected", "true")
            return
        except AssertionError:
            continue
    pytest.fail(f"the tab {name} does not open")


def no_exception(tab: Any) -> None:
    assert tab.locator("[data-testid=stException]").count() == 0
    body = tab.locator("body").inner_text()
    assert "Traceback" not in body
    assert "그리지 못했습니다" not in body


def test_the_header_follows_the_file(tab: Any, folder: Path) -> None:
    sees(tab, "실행중")
    beat(folder, status="paused", equity_krw=sample_folder.Decimal(1_234_567))
    sees(tab, "일시정지")
    sees(tab, "1,234,567원")
    sees(tab, "재개")  # the button turned with the state
    StatusFile(folder).publish(sample_folder.status(), dashboard.wall_ms() - 60_000)
    sees(tab, "응답 없음")
    no_exception(tab)


def test_colours_are_korean(tab: Any) -> None:
    up = tab.locator(".tone-up").first.evaluate("one => getComputedStyle(one).color")
    down = tab.locator(".tone-down").first.evaluate("one => getComputedStyle(one).color")
    assert (up, down) == ("rgb(200, 74, 49)", "rgb(18, 97, 196)")


def test_pause_and_its_outcome(tab: Any, folder: Path) -> None:
    button = tab.locator(".st-key-quick-pause button")
    button.dblclick()
    sees(tab, "⏳ 일시정지 대기 중")
    (waiting,) = mailbox(folder)
    assert (waiting.kind, waiting.by) == ("pause", "dashboard")
    (folder / commands.FILE).unlink()
    told = OutcomesFile(folder, [sample_folder.outcome(waiting.id, "accepted", dashboard.wall_ms())])
    told.publish(dashboard.wall_ms())
    sees(tab, "일시정지 접수됨")
    told.put(sample_folder.outcome(waiting.id, "done", dashboard.wall_ms()))
    told.publish(dashboard.wall_ms())
    sees(tab, "✔ 일시정지 완료")
    sees(tab, "진입을 멈췄습니다.")
    no_exception(tab)


def test_liquidation_needs_the_phrase_and_goes_once(tab: Any, folder: Path) -> None:
    tab.locator(".st-key-quick-liquidate button").click()
    dialog = tab.get_by_role("dialog")
    playwright.expect(dialog).to_contain_text("XRP/KRW", timeout=SLOW_MS)
    playwright.expect(dialog.locator(".st-key-dialog-cancel button")).to_be_focused(timeout=SLOW_MS)
    confirm = dialog.locator(".st-key-dialog-confirm button")
    playwright.expect(confirm).to_be_disabled()
    dialog.get_by_role("textbox").fill("청산")
    beat(folder)  # the page goes on polling behind the dialog
    playwright.expect(confirm).to_be_disabled()
    dialog.get_by_role("textbox").fill("긴급청산")
    playwright.expect(confirm).to_be_enabled(timeout=SLOW_MS)
    assert mailbox(folder) == ()
    confirm.dblclick()
    playwright.expect(dialog).to_be_hidden(timeout=SLOW_MS)
    sees(tab, "청산 대기 중")
    assert [(one.kind, one.args) for one in mailbox(folder)] == [("liquidate", {"all": True})]
    no_exception(tab)


def test_a_change_of_strategy_with_a_parameter(tab: Any, folder: Path) -> None:
    open_tab(tab, "제어")
    tab.locator(".st-key-control-strategy button").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("매개변수 8개").click()
    dialog.locator(".st-key-param-upbit-demo-above_ma20 label").click()
    dialog.locator(".st-key-dialog-confirm button").click()
    playwright.expect(dialog).to_be_hidden(timeout=SLOW_MS)
    sees(tab, "전략 변경 대기 중")
    (sent,) = mailbox(folder)
    assert sent.kind == "set_strategy"
    assert sent.args == {"venue": "upbit", "preset": "demo", "params": {"above_ma20": True}, "positions": "keep"}


def test_the_switch_to_english(tab: Any) -> None:
    tab.get_by_text("English", exact=True).click()
    sees(tab, "Why not buying?")
    sees(tab, "Running")
    no_exception(tab)


def test_no_exception_over_broken_files(tab: Any, folder: Path) -> None:
    kinds = {'{"schema": 1, "s': "깨져 있습니다", '{"schema": 9}': "새 버전이", '{"schema": 0}': "옛 버전이"}
    for (content, said), name in zip(kinds.items(), ("포지션·주문", "왜 안 사나요?", "제어"), strict=True):
        for path in folder.rglob("*.json*"):
            path.write_text(content)
        sees(
            tab,
            f"bot_status.json 파일은 이 대시보드보다 {said}" if "버전" in said else f"bot_status.json 파일이 {said}",
        )
        open_tab(tab, name)
        no_exception(tab)
    sample_folder.write(folder, dashboard.wall_ms())
    sees(tab, "실행중")


def test_a_first_start_that_becomes_a_running_bot(tab: Any, folder: Path, address: str) -> None:
    shutil.rmtree(folder)
    tab.goto(address)
    sees(tab, "해태가 아직 시작되지 않았습니다")
    sample_folder.write(folder, dashboard.wall_ms())
    sees(tab, "실행중")
    sees(tab, "보유 포지션")
    no_exception(tab)


def test_a_phone_needs_no_sideways_scrolling(tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    sees(tab, "보유 포지션")
    for name in ("포지션·주문", "왜 안 사나요?", "홈"):
        open_tab(tab, name)
        width = tab.locator("[data-testid=stMainBlockContainer]").evaluate("one => one.scrollWidth")
        assert width <= 390
