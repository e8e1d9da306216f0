"""The bot's log: words for people, JSON for programs, rotated, private, and without a secret in it."""

from __future__ import annotations

import json
import logging
import os
import stat
import string
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.secrets import HIDDEN_NAMES, Secret, Secrets
from config.texts import catalogue
from config.texts.log import TEXTS
from trading.live import log as live_log
from trading.live.log import HUMAN_FILE, KEPT, LOGGER, MACHINE_FILE, Log, kst, one_record, setup, shown, shutdown

CANDLE = 1_763_600_400_000  # 2025-11-20 10:00:00 KST


def plain(text: str) -> str:
    return text


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def log(folder: Path) -> Log:
    return setup(folder, "ko", plain)


def human(folder: Path) -> list[str]:
    return (folder / HUMAN_FILE).read_text(encoding="utf-8").splitlines()


def machine(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / MACHINE_FILE).read_bytes().decode().split("\n") if line]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- the words -----------------------------------------------------------------------------------------------------


def test_hold_in_the_words_that_are_fixed(log: Log, folder: Path) -> None:
    log.hold("upbit", "BTC/KRW", CANDLE, "max_positions", {"positions": 3, "limit": 3})
    assert human(folder)[0].endswith("upbit BTC/KRW [HOLD] 진입 보류: max_positions positions=3 limit=3")
    (row,) = machine(folder)
    assert row["event"] == "log.hold" and row["level"] == "info"
    assert row["fields"] == {
        "venue": "upbit",
        "symbol": "BTC/KRW",
        "candle_ms": CANDLE,
        "gate": "max_positions",
        "numbers": {"positions": 3, "limit": 3},
    }


def test_wait_bought_and_sold_in_the_words_that_are_fixed(log: Log, folder: Path) -> None:
    log.wait("upbit", "ETH/KRW", CANDLE, 12, 60)
    trade = {
        "venue": "upbit",
        "symbol": "BTC/KRW",
        "quantity": Decimal("0.00150000"),
        "price": Decimal("153265000"),
        "amount": Decimal("229897.5"),
        "currency": "KRW",
        "strategy": "macd",
    }
    log.say("log.bought", **trade)
    log.say("log.sold", **trade, reason="take_profit", pnl=Decimal("3169.3"), pnl_percent=Decimal("1.39876"))
    lines = human(folder)
    assert "[WAIT] 데이터 부족" in lines[0]
    assert "매수 완료: upbit BTC/KRW, 수량 0.0015, 가격 153,265,000, 금액 229,897.5 KRW" in lines[1]
    assert "매도 완료: upbit BTC/KRW, 수량 0.0015, 가격 153,265,000" in lines[2]
    assert "사유 익절(take_profit), 손익 3,169.3 KRW (1.4 %)" in lines[2]
    raw = (folder / MACHINE_FILE).read_text(encoding="utf-8")
    assert '"quantity": 0.0015,' in raw and '"price": 153265000' in raw


def test_english_by_switch_while_running(log: Log, folder: Path) -> None:
    log.language = "en"
    log.say("log.pause", venue=None, by="dashboard:alice")
    assert "Paused: all, by dashboard:alice" in human(folder)[0]


def test_the_time_is_korean(log: Log, folder: Path) -> None:
    record = logging.LogRecord(LOGGER, logging.WARNING, "", 0, "x", (), None)
    record.created = CANDLE / 1000
    logging.getLogger(LOGGER).handle(record)
    assert human(folder)[0] == "2025-11-20 10:00:00 KST WARNING x"
    assert machine(folder)[0]["time_ms"] == CANDLE


def test_a_repeated_line_is_written_once_per_symbol_and_candle(log: Log, folder: Path) -> None:
    for _ in range(3):
        for symbol in ("BTC/KRW", "ETH/KRW"):
            for candle in (CANDLE,):
                log.hold("upbit", symbol, candle, "cooldown", {"minutes_left": 3.2})
                log.hold("upbit", symbol, candle, "max_positions", {})
                log.wait("upbit", symbol, candle, 1, 60)
    assert len(human(folder)) == 6
    assert log.hold("upbit", "BTC/KRW", CANDLE + 60_000, "cooldown", {})
    assert not log.hold("upbit", "BTC/KRW", CANDLE + 60_000, "cooldown", {})
    assert log.hold("bithumb", "BTC/KRW", CANDLE + 60_000, "cooldown", {})
    for number in range(1000):
        log._first("upbit", "BTC/KRW", number, ("hold", "x"))
    assert len(log._said) == 3  # bounded by symbols, not by time


def test_a_wrong_call_is_written_and_ends_nothing(log: Log, folder: Path) -> None:
    log.say("log.bought", symbol="BTC/KRW")
    log.say("log.no_such_line", a=1)
    log.say("log.stop", why="x", lang="y")
    rows = machine(folder)
    assert [row["level"] for row in rows] == ["error"] * 3
    assert "log.bought symbol=BTC/KRW" in human(folder)[0]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("price", Decimal("1E+8"), "100,000,000"),
        ("quantity", Decimal("0.00000001"), "0.00000001"),
        ("quantity", Decimal("1234.56789012"), "1,234.56789012"),
        ("amount", Decimal("1234.56789012"), "1,234.57"),
        ("amount", Decimal("-0.000000001"), "0"),
        ("amount", Decimal("1E+400"), "1e+400"),
        ("x", float("nan"), "-"),
        ("x", float("inf"), "Infinity"),
        ("x", 0.1 + 0.2, "0.3"),
        ("pid", 47110, "47110"),
        ("x", True, "예"),
        ("x", None, "-"),
        ("since_ms", CANDLE, "2025-11-20 10:00:00"),
        ("since_ms", 10**30, str(10**30)),
        ("venues", ("upbit", "stock"), "upbit, stock"),
        ("venues", (), "-"),
        ("reason", "kill_switch", "비상 정지(kill_switch)"),
        ("reason", "something_new", "something_new"),
    ],
)
def test_values_as_people_read_them(name: str, value: object, words: str) -> None:
    assert shown(name, value, "ko") == words


def test_every_exit_reason_has_words() -> None:
    from trading.core.levels import REASONS

    for reason in [*REASONS.values(), "liquidation", "command", "kill_switch", "manual"]:
        assert f"log.reason.{reason}" in catalogue()


def test_both_languages_take_the_same_fields() -> None:
    for key, (ko, en) in TEXTS.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in (ko, en)]
        assert names[0] == names[1], key


# -- the files -----------------------------------------------------------------------------------------------------


def test_private_from_the_first_byte(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    (folder / HUMAN_FILE).write_text("")
    (folder / HUMAN_FILE).chmod(0o644)
    before = os.umask(0)
    try:
        setup(folder, "ko", plain).say("log.restart")
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert mode(folder / HUMAN_FILE) == mode(folder / MACHINE_FILE) == 0o600


def test_rotation_by_size_keeps_five_private_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_log, "MAX_BYTES", 2_000)
    log = setup(folder, "ko", plain)
    before = os.umask(0)
    try:
        for number in range(300):
            log.say("log.job", name="n", result=number)
    finally:
        os.umask(before)
    names = {path.name for path in folder.iterdir()}
    for name in (HUMAN_FILE, MACHINE_FILE):
        assert {one for one in names if one.startswith(name + ".") and one[len(name) + 1 :].isdigit()} == {
            f"{name}.{number}" for number in range(1, KEPT + 1)
        }
    assert all(mode(path) == 0o600 and path.stat().st_size <= 2_000 for path in folder.iterdir())
    assert machine(folder)[-1]["fields"] == {"name": "n", "result": 299}


def test_a_line_cut_off_by_a_crash_spoils_no_other(folder: Path) -> None:
    folder.mkdir()
    (folder / MACHINE_FILE).write_text('{"time_ms": 1')
    setup(folder, "ko", plain).say("log.restart")
    torn, whole = (folder / MACHINE_FILE).read_text(encoding="utf-8").splitlines()
    assert torn == '{"time_ms": 1' and json.loads(whole)["event"] == "log.restart"


def test_a_removed_file_comes_back(log: Log, folder: Path) -> None:
    log.say("log.restart")
    (folder / HUMAN_FILE).unlink()
    log.say("log.ledger_back")
    assert "장부에 다시" in human(folder)[0]
    assert mode(folder / HUMAN_FILE) == 0o600


def test_a_log_that_cannot_be_written_is_said_once_and_hides_the_message(
    log: Log, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (HUMAN_FILE, MACHINE_FILE):
        (folder / name).unlink()
        (folder / name).mkdir()
    for _ in range(3):
        log.say("log.stop", why="SECRETWORD")
    said = capsys.readouterr().err
    assert said.count("로그를") == 2 and "SECRETWORD" not in said and "Traceback" not in said
    for name in (HUMAN_FILE, MACHINE_FILE):
        (folder / name).rmdir()
    log.say("log.restart")
    assert len(human(folder)) == len(machine(folder)) == 1
    assert capsys.readouterr().err == ""
    (folder / HUMAN_FILE).unlink()
    (folder / HUMAN_FILE).mkdir()
    log.say("log.restart")
    assert capsys.readouterr().err.count("로그를") == 1  # the next outage is said again


def test_setting_up_again_writes_each_line_once(folder: Path) -> None:
    setup(folder, "ko", plain)
    log = setup(folder, "en", plain)
    log.say("log.restart")
    assert len(human(folder)) == 1
    shutdown()
    log.say("log.restart")
    assert len(human(folder)) == 1


def test_console(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    setup(folder, "ko", plain, console=True).say("log.restart")
    assert capsys.readouterr().err.strip() == human(folder)[0]


# -- lines from elsewhere ------------------------------------------------------------------------------------------


def test_no_text_can_pass_for_a_line_of_its_own(log: Log, folder: Path) -> None:
    forged = "x\r\n2025-11-20 10:00:00 KST INFO    매수 완료\x1b[2K\ry\u2028z"
    log.say("log.stop", why=forged)
    lines = (folder / HUMAN_FILE).read_bytes().decode().split("\n")
    assert len([line for line in lines if line and not line.startswith("    ")]) == 1
    assert "\x1b" not in "".join(lines) and "\r" not in "".join(lines)
    assert machine(folder)[0]["fields"]["why"] == forged


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_a_record_is_one_line_and_its_indented_rest(words: str) -> None:
    first, *rest = one_record(words).splitlines() or [""]
    assert all(line.startswith("    ") for line in rest)
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for line in (first, *rest) for sign in line)


def test_warnings_of_libraries_are_kept_and_their_talk_is_not(log: Log, folder: Path) -> None:
    logging.getLogger("ccxt.exchange").warning("careful %d", 5)
    noisy = logging.getLogger("some.library")
    noisy.setLevel(logging.DEBUG)
    noisy.info("chatter")
    logging.getLogger("httpx").info("POST https://host/botTOKEN/x")
    misfit = logging.LogRecord("odd", logging.ERROR, "", 0, "%d and %d", ("x",), None)
    for handler in logging.getLogger(LOGGER).handlers:
        if isinstance(handler, live_log._Quiet):
            handler.handle(misfit)
    rows = machine(folder)
    assert [row["event"] for row in rows] == ["ccxt.exchange", "odd"]
    assert human(folder)[0].endswith("ccxt.exchange: careful 5")


def test_an_exception_is_a_sentence_here_and_a_traceback_there(log: Log, folder: Path) -> None:
    try:
        raise ValueError("what\nhappened")
    except ValueError as error:
        log.say("log.error", "error", exception=error, where="feed", why="bad row")
    assert len([line for line in human(folder) if "Traceback" in line]) == 0
    assert "(ValueError: what" in human(folder)[0]
    assert "Traceback" in machine(folder)[0]["exception"]


def test_strange_values_are_written_as_text(log: Log, folder: Path) -> None:
    loop: list[Any] = []
    loop.append(loop)
    log.say("log.stop", why=Path("/x"), a=float("nan"), b=10**500, c={1: {2}}, d="\ud800", e=loop, f=Decimal("1E+9999"))
    fields = machine(folder)[0]["fields"]
    assert fields["why"] == "/x" and fields["a"] == "nan" and fields["c"] == {"1": [2]} and fields["d"] == "\ud800"
    assert isinstance(fields["b"], str) and isinstance(fields["f"], str)


def test_times_that_no_calendar_reaches() -> None:
    assert kst(1e300) == "1e+300"


# -- secrets -------------------------------------------------------------------------------------------------------

SECRET = st.text(
    alphabet=st.one_of(
        st.sampled_from(string.ascii_letters + string.digits + string.punctuation), st.characters(categories=["L"])
    ),
    min_size=8,
    max_size=40,
).filter(lambda word: any(sign.isalpha() for sign in word) and word == word.strip())
NAMES = st.sampled_from(sorted(HIDDEN_NAMES - {"DATABASE_URL"}))
AROUND = st.text(max_size=12)


def leak(secret: str, before: str, after: str, digits: int, log: Log) -> None:
    """Puts the secret everywhere a line can carry one."""
    said = f"{before}{secret}{after}"
    log.say("log.stop", why=said)
    log.say("log.stop", "error", why=[{"deep": (said,)}, {said: 1}], other=secret, number=digits)
    log.say("log.stop", why=Decimal(digits), price=float(digits), amount=digits)
    log.say(said, why=said)
    log.hold("upbit", said, 1, said, {said: digits})
    try:
        try:
            raise KeyError(said)
        except KeyError as cause:
            raise RuntimeError(said) from cause
    except RuntimeError as error:
        log.say("log.error", "error", exception=error, where=said, why=str(error))
        logging.getLogger("library").exception("failed with %r and %s", said, {"x": said})
    logging.getLogger(LOGGER).info("%(a)s", {"a": said})
    logging.getLogger(said.replace(".", "") or "x").error(said)


@given(st.dictionaries(NAMES, SECRET, min_size=1, max_size=3), AROUND, AROUND)
def test_no_secret_ever_reaches_a_file(values: dict[str, str], before: str, after: str) -> None:
    account = 8_264_019_357_112_233
    known = {**values, "KIS_ACCOUNT": str(account)}
    secrets = Secrets({name: Secret(value) for name, value in known.items()})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = setup(folder, "en", secrets.mask)
        for value in known.values():
            leak(value, before, after, account, log)
        shutdown()
        written = (folder / HUMAN_FILE).read_text(encoding="utf-8")
        raw = (folder / MACHINE_FILE).read_text(encoding="utf-8")
        decoded = "\n".join(strings(json.loads(line)) for line in raw.split("\n") if line)
    for value in known.values():
        for text in (written, raw, decoded):
            assert value not in text
    assert "***" in written and "***" in decoded
    assert f"{account:,}" not in written


def strings(value: Any) -> str:
    """Every key and value of a JSON document, each on a line."""
    if isinstance(value, dict):
        return "\n".join(f"{key}\n{strings(member)}" for key, member in value.items())
    if isinstance(value, list):
        return "\n".join(strings(member) for member in value)
    return str(value)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("-----KEY\nabcdef", "-----KEY\nabcdef"),  # of several lines: hidden before lines are indented
        ("two words!", "two\twords!"),  # made only when control characters are shown
    ],
)
def test_a_secret_is_hidden_before_and_after_lines_are_made_safe(folder: Path, secret: str, said: str) -> None:
    log = setup(folder, "en", Secrets({"GEMINI_API_KEY": Secret(secret)}).mask)
    log.say("log.stop", why=f"<{said}>")
    logging.getLogger(LOGGER).info("<%s>", said)
    written = (folder / HUMAN_FILE).read_text(encoding="utf-8")
    assert written.count("<***>") == 2 and "abcdef" not in written and "words!" not in written


def test_fields_that_pass_by_say_are_masked_too(folder: Path) -> None:
    setup(folder, "en", Secrets({"GEMINI_API_KEY": Secret("s3cr3t-w0rd")}).mask)
    logging.getLogger(LOGGER).info("x", extra={"event": "own", "fields": {"a": ["s3cr3t-w0rd"]}})
    assert machine(folder)[0]["fields"] == {"a": ["***"]}


def test_the_test_of_secrets_can_fail(folder: Path) -> None:
    log = setup(folder, "en", plain)
    leak("s3cr3t-w0rd", "<", ">", 12345678, log)
    assert "s3cr3t-w0rd" in (folder / HUMAN_FILE).read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files the Linux way")
def test_nothing_stays_open(folder: Path) -> None:
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    setup(folder, "ko", plain)
    shutdown()
    before = opened()
    for _ in range(20):
        setup(folder, "ko", plain).say("log.restart")
    shutdown()
    assert opened() <= before
