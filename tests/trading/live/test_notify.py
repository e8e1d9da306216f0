"""Telegram notices against a local stand-in of its API: they arrive, wait, give up, and never hold a step up."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Formatter
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.secrets import Secret, Secrets
from config.texts.notice import TEXTS
from trading.live.clock import SystemClock
from trading.live.notify import LONGEST_VALUE, TRIES, Notices, Silent, Telegram, _retry_after, notices

TOKEN = "7123456789:AAH-s3cr3t_t0ken"
CHAT = "-100987654321"
DEADLINE_S = 10.0
OK = (200, {"ok": True, "result": {}})


@dataclass
class Stub:
    """Telegram's API: answers from a list, then ok. Keeps what came. `held`: answers wait until it is set."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    came: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)

    def texts(self) -> list[str]:
        return [body["text"] for body in self.came]


def handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            stub.paths.append(self.path)
            stub.came.append(body)
            status, answer = stub.answers.pop(0) if stub.answers else OK
            if status == 0:  # never answered while the test runs
                stub.held.wait(DEADLINE_S)
                return
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def stub() -> Iterator[Stub]:
    stub = Stub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(stub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield stub
    stub.held.set()
    server.shutdown()
    server.server_close()
    thread.join(5.0)


@dataclass
class HandClock:
    """Time that passes only by waiting; keeps the waits."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def wall_ms(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def market_ms(self) -> int:
        return self.wall_ms()

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.seconds += seconds
        return False


@dataclass
class Bench:
    telegram: Telegram
    clock: HandClock
    heard: list[str]


Make = Callable[..., Bench]


@pytest.fixture
def make(stub: Stub) -> Iterator[Make]:
    made: list[Telegram] = []

    def build(lang: str = "ko", queue: int = 100, base: str | None = None, timeout_s: float = 5.0) -> Bench:
        clock, heard = HandClock(), []
        telegram = Telegram(
            Secret(TOKEN),
            Secret(CHAT),
            lang,
            httpx.Client(trust_env=False),
            clock,
            lambda words: words.replace("upbit-key-1", "***"),
            stub.url + "/" if base is None else base,
            heard.append,
            clock.wait,
            queue,
            timeout_s,
        )
        made.append(telegram)
        return Bench(telegram, clock, heard)

    yield build
    stub.held.set()
    for telegram in made:
        telegram.close(DEADLINE_S)
        assert not telegram._thread.is_alive()


def until(condition: Callable[[], bool]) -> bool:
    clock, pause = SystemClock(), threading.Event()
    deadline = clock.monotonic() + DEADLINE_S
    while not (held := condition()) and clock.monotonic() < deadline:
        pause.wait(0.005)
    return held


def test_a_notice_arrives_in_words_and_escaped(stub: Stub, make: Make) -> None:
    bench = make()
    bench.telegram.send("notice.error", where="<b>feed</b> & co", why="a < b, key upbit-key-1")
    bench.telegram.close(DEADLINE_S)
    assert stub.paths == [f"/bot{TOKEN}/sendMessage"]
    (body,) = stub.came
    assert body["chat_id"] == CHAT and body["parse_mode"] == "HTML"
    assert body["text"] == "<b>오류</b> &lt;b&gt;feed&lt;/b&gt; &amp; co\na &lt; b, key ***"
    assert bench.heard == [] and bench.clock.waits == []


def test_every_notice_of_the_catalogue_in_both_languages(stub: Stub, make: Make) -> None:
    for column, lang in enumerate(("ko", "en")):
        bench = make(lang)
        for key, words in TEXTS.items():
            names = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in words]
            assert names[0] == names[1]
            bench.telegram.send(key, **dict.fromkeys(names[0], "7"))
        bench.telegram.close(DEADLINE_S)
        wanted = [re.sub(r"\{\w+\}", "7", words[column]) for words in TEXTS.values()]
        assert stub.texts()[-len(TEXTS) :] == wanted


def test_429_is_waited_out_as_asked(stub: Stub, make: Make) -> None:
    stub.answers = [(429, {"ok": False, "parameters": {"retry_after": 17}}), OK]
    bench = make()
    bench.telegram.send("notice.stop", why="one")
    assert until(lambda: len(stub.came) == 2)
    assert bench.clock.waits == [17.0]
    bench.telegram.close(DEADLINE_S)
    assert bench.telegram.lost == 0 and bench.heard == []


def test_429_holds_the_next_notice_back_too(stub: Stub, make: Make) -> None:
    stub.answers = [(429, {"parameters": {"retry_after": 30}})] * TRIES
    bench = make()
    bench.telegram.send("notice.stop", why="lost")
    bench.telegram.send("notice.stop", why="next")
    bench.telegram.close(DEADLINE_S)
    assert bench.clock.waits == [30.0] * TRIES  # the last one before the next notice
    assert stub.texts()[-1] == "<b>해태 종료</b>\nnext\n(보내지 못한 알림 1건을 건너뛰었습니다)"
    assert bench.heard == ["HTTP 429", ""]


def test_500_is_tried_three_times_with_growing_pauses(stub: Stub, make: Make) -> None:
    stub.answers = [(500, b"<html>"), (502, b""), (503, {"description": "later"})]
    bench = make()
    bench.telegram.send("notice.stop", why="x")
    bench.telegram.close(DEADLINE_S)
    assert len(stub.came) == TRIES == 3
    assert bench.clock.waits == [1.0, 2.0]
    assert bench.heard == ["HTTP 503 later"] and bench.telegram.lost == 1


def test_a_timeout_is_tried_again(stub: Stub, make: Make) -> None:
    stub.answers = [(0, None), OK]
    bench = make(timeout_s=0.2)
    bench.telegram.send("notice.stop", why="x")
    assert until(lambda: len(stub.came) == 2)
    bench.telegram.close(DEADLINE_S)
    assert bench.clock.waits == [1.0] and bench.heard == []


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_is_wrong_for_good_is_not_tried_again(stub: Stub, make: Make, status: int) -> None:
    stub.answers = [(status, {"ok": False, "description": f"chat not found, bot{TOKEN}"})]
    bench = make()
    bench.telegram.send("notice.stop", why="x")
    bench.telegram.close(DEADLINE_S)
    assert len(stub.came) == 1 and bench.clock.waits == []
    (why,) = bench.heard
    assert str(status) in why and "chat not found" in why and TOKEN not in why


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "nonsense", "http://[bad", "http://127.0.0.1:99999"])
def test_no_way_there_is_said_without_the_token(make: Make, base: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        bench = make(base=base)
        bench.telegram.send("notice.stop", why="x")
        bench.telegram.send("notice.stop", why="y")
        bench.telegram.close(DEADLINE_S)
    assert len(bench.heard) == 1 and bench.heard[0]
    assert TOKEN not in bench.heard[0] + caplog.text + repr(bench.telegram)
    assert bench.telegram.lost == 2


def test_a_full_queue_loses_its_oldest_and_holds_nobody_up(stub: Stub, make: Make) -> None:
    stub.answers = [(0, None)]
    bench = make(queue=3)
    bench.telegram.send("notice.stop", why="first")
    assert until(lambda: len(stub.came) == 1)
    for number in range(1000):  # returns although nothing is answered
        bench.telegram.send("notice.stop", why=number)
    assert len(stub.came) == 1
    assert bench.telegram.lost == 997
    stub.held.set()  # the first one's connection ends without an answer: it is tried again
    bench.telegram.close(DEADLINE_S)
    assert [one.split("\n")[1] for one in stub.texts()] == ["first", "first", "997", "998", "999"]
    assert "(보내지 못한 알림 997건을 건너뛰었습니다)" in stub.texts()[2]
    assert bench.telegram.lost == 0


def test_closing_does_not_wait_for_a_hanging_server(stub: Stub) -> None:
    stub.answers = [(0, None)]
    telegram = Telegram(
        Secret(TOKEN), Secret(CHAT), "ko", httpx.Client(trust_env=False), SystemClock(), str, stub.url, timeout_s=60.0
    )
    telegram.send("notice.stop", why="x")
    assert until(lambda: len(stub.came) == 1)
    telegram.close(0.05)
    assert telegram._thread.is_alive()
    telegram.send("notice.stop", why="after the end")
    stub.held.set()
    telegram._thread.join(DEADLINE_S)
    assert not telegram._thread.is_alive()
    assert len(stub.came) == 1


def test_closing_ends_a_long_pause(stub: Stub) -> None:
    stub.answers = [(429, {"parameters": {"retry_after": 3000}})]
    telegram = Telegram(Secret(TOKEN), Secret(CHAT), "ko", httpx.Client(trust_env=False), SystemClock(), str, stub.url)
    telegram.send("notice.stop", why="x")
    assert until(lambda: telegram._not_before > 0)
    telegram.close(0.01)
    telegram._thread.join(DEADLINE_S)
    assert not telegram._thread.is_alive()
    assert len(stub.came) == 1


def test_a_long_value_is_cut_and_stays_whole_html(stub: Stub, make: Make) -> None:
    bench = make()
    bench.telegram.send("notice.error", where="&" * 9000, why="<" * 9000)
    bench.telegram.close(DEADLINE_S)
    (words,) = stub.texts()
    assert words.count("&amp;") == words.count("&lt;") == LONGEST_VALUE - 1
    assert words.count("…") == 2


def test_a_key_that_is_not_there_is_the_callers_fault(make: Make) -> None:
    bench = make()
    with pytest.raises(KeyError):
        bench.telegram.send("notice.no_such")


def secrets(**values: str) -> Secrets:
    return Secrets(MappingProxyType({name: Secret(value) for name, value in values.items()}))


@pytest.mark.parametrize("missing", ["TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"])
def test_silent_when_unset(missing: str) -> None:
    known = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_CHAT_ID": CHAT}
    del known[missing]
    quiet: Notices = notices(secrets(**known), "ko", SystemClock())
    assert isinstance(quiet, Silent)
    quiet.send("notice.stop", why="x")
    quiet.close()


def test_made_from_the_settings(stub: Stub) -> None:
    made = notices(
        secrets(TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_CHAT_ID=CHAT, TELEGRAM_API_BASE=stub.url), "en", SystemClock()
    )
    made.send("notice.stop", why=f"the token {TOKEN}")
    made.close(DEADLINE_S)
    assert stub.texts() == ["<b>Haetae stopped</b>\nthe token ***"]


@given(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.lists(st.integers())), st.text("0123456789-.ae "))
def test_any_retry_after_gives_a_pause_that_can_be_waited(body: Any, header: str) -> None:
    response = httpx.Response(
        429, content=json.dumps({"parameters": {"retry_after": body}}), headers={"Retry-After": header}
    )
    assert 0.0 <= _retry_after(response) <= 3600.0
