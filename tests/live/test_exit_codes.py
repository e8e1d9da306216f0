"""How main.py ends: the code, one sentence, never a traceback."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable

import psutil
import pytest

from tests.live.bots import QUIET, Home, Simulator, until

NewHome = Callable[..., Home]
CONFIRM = {"LIVE_TRADING_CONFIRM": "I_UNDERSTAND"}


def one_sentence(said: str) -> None:
    assert "Traceback" not in said
    assert said.strip() and len(said.strip().splitlines()) == 1, said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_in_order(exchange: Simulator, new_home: NewHome, number: signal.Signals) -> None:
    exchange.calm_down(60)
    home = new_home(**QUIET)
    bot = home.start("run", "--simulator", exchange.admin).ready()
    bot.end(number)
    status = home.status()
    assert (status["status"], status["pid"]) == ("stopped", bot.process.pid)
    assert f"종료: {number.name}" in home.log()
    assert "종료했습니다" in bot.said
    assert bot.complained == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_while_starting_end_in_order(new_home: NewHome, number: signal.Signals) -> None:
    home = new_home(**QUIET)
    bot = home.start("run", "--speed", "60")
    until(lambda: (home.data / "simulator.pid").exists() and (home.data / "simulator.pid").read_text(), "the start")
    child = int((home.data / "simulator.pid").read_text())
    bot.end(number)
    assert bot.complained == ""
    until(lambda: not psutil.pid_exists(child), "the end of the simulator")


def test_second_instance_is_refused_and_the_first_goes_on(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(60)
    home = new_home(**QUIET)
    bot = home.start("run", "--simulator", exchange.admin).ready()
    seq = home.status()["seq"]
    for verb in (("run", "--simulator", exchange.admin), ("rebuild",)):
        second = home.call(*verb)
        assert second.returncode == 3, second
        one_sentence(second.stderr)
    assert str(bot.process.pid) in home.call("run", "--simulator", exchange.admin).stderr
    until(lambda: home.status()["seq"] > seq + 2, "the first goes on")
    bot.kill()
    home.start("run", "--simulator", exchange.admin).ready()  # a lock of the dead stops nobody


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("HAETAE_TAKE_PROFIT_PERCENT=7", ("7", "0.99", ".env")),
        ("HAETAE_MAX_POSITONS=7", ("HAETAE_MAX_POSITIONS",)),
        ("HAETAE_STRATEGY=nothing", ("nothing",)),
        ("HAETAE_VENUES=bithumb", ("bithumb",)),
        ("HAETAE_MODE=paper", ("paper",)),
        ("HAETAE_SIZING=all_in", ("all_in",)),
    ],
)
def test_bad_settings_are_code_3(new_home: NewHome, line: str, words: tuple[str, ...]) -> None:
    home = new_home(**QUIET)
    home.write_env(line)
    done = home.call("run", "--ticks", "1")
    assert done.returncode == 3, done
    one_sentence(done.stderr)
    assert all(word in done.stderr for word in words), done.stderr
    assert not home.data.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("fly",),
        ("run", "--ticks", "many"),
        ("run", "--mode", "dream"),
        ("run", "--simulator", "http://127.0.0.1:9", "--seed", "4"),
        ("run", "--replay", "a.csv", "--symbol", "KRW-BTC", "--symbol", "KRW-ETH"),
    ],
)
def test_wrong_use_is_code_2(new_home: NewHome, words: tuple[str, ...]) -> None:
    done = new_home().call(*words)
    assert done.returncode == 2, done
    assert done.stderr and "Traceback" not in done.stderr


def test_live_needs_the_confirmation_and_keys(new_home: NewHome) -> None:
    home = new_home()
    done = home.call("run", "--mode", "live")
    assert done.returncode == 3, done
    one_sentence(done.stderr)
    assert "LIVE_TRADING_CONFIRM" in done.stderr and "I_UNDERSTAND" in done.stderr
    done = home.call("run", "--mode", "live", **CONFIRM)
    assert done.returncode == 4, done
    one_sentence(done.stderr)
    assert "UPBIT_ACCESS_KEY" in done.stderr and "UPBIT_SECRET_KEY" in done.stderr
    done = home.call("run", "--mode", "live", "--seed", "4", **CONFIRM)
    assert done.returncode == 2, done
    assert not home.data.exists() or not list(home.data.glob("ledger.db*"))


def test_a_simulator_that_does_not_answer_is_code_5(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    for address in ("http://127.0.0.1:9", "nonsense"):
        done = home.call("run", "--simulator", address)
        assert done.returncode == 5, done
        one_sentence(done.stderr)


@pytest.mark.parametrize("content", [None, "", "a,b\n1,2\n", "timestamp_ms,open,high,low,close,volume\nx,1,1,1,1,1\n"])
def test_unreadable_replays_are_said(new_home: NewHome, content: str | None) -> None:
    home = new_home(**QUIET)
    path = home.folder / "KRW-BTC_1m.csv"
    if content is not None:
        path.write_text(content)
    done = home.call("run", "--replay", str(path))
    assert done.returncode in (2, 3, 5), done
    one_sentence(done.stderr)


def test_a_broken_ledger_is_code_3_and_stays(exchange: Simulator, new_home: NewHome) -> None:
    home = new_home(**QUIET)
    home.data.mkdir(mode=0o700)
    (home.data / "ledger.db").write_bytes(b"not a database, but somebody's memory" * 100)
    done = home.call("run", "--simulator", exchange.admin)
    assert done.returncode == 3, done
    one_sentence(done.stderr)
    assert (home.data / "ledger.db").read_bytes().startswith(b"not a database")


def test_a_vanished_simulator_does_not_end_the_bot(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    bot = home.start("run", "--speed", "60", BOT_LOOK_S="2").ready()
    child = int((home.data / "simulator.pid").read_text())
    psutil.Process(child).kill()
    until(lambda: home.status()["venues"]["upbit"]["state"] == "degraded", "degraded", 60.0)
    seq = home.status()["seq"]
    until(lambda: home.status()["seq"] > seq + 2, "the heartbeat goes on", 60.0)
    bot.end()


def test_first_run_makes_a_private_env(new_home: NewHome) -> None:
    home = new_home()
    (home.folder / ".env").unlink()
    done = home.call("run", "--ticks", "2", "--speed", "60")
    assert (done.returncode, done.stderr) == (0, "")
    assert (home.folder / ".env").stat().st_mode & 0o777 == 0o600
    assert json.loads((home.data / "bot_status.json").read_text())["status"] == "stopped"


def test_without_a_verb_it_runs(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    bot = home.start()
    bot.ready().end()
    assert "연습용 거래소" in bot.said


def test_the_data_folder_before_the_verb_counts(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    elsewhere = home.folder / "elsewhere"
    done = home.call("--data-dir", str(elsewhere), "run", "--ticks", "1", "--speed", "60")
    assert done.returncode == 0, done
    assert (elsewhere / "bot_status.json").exists()
    assert not home.data.exists()
