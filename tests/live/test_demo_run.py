"""The demo bot over HTTP against the simulator: what its ledger and files say is what happened."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.live.agreement import check_all, net, ours
from tests.live.bots import BUSY, DEMO_SECRET, QUIET, Home, Simulator, simulator, until
from tests.shared_data import shared
from tests.trading.ipc.schemas import check_folder

NewHome = Callable[..., Home]
FILES = {"bot_status.json", "decisions.json", "outcomes.json", "upbit_portfolio.json"}


def private(home: Home) -> None:
    """Files are for the user alone, and no key is in any of them."""
    known = {"simulator.log"}  # its mode is the umask's: a defect that is known
    for path in [home.data, home.logs, *home.data.rglob("*"), *home.logs.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert path.name in known or mode == (0o700 if path.is_dir() else 0o600), f"{path}: {mode:o}"
        if path.is_file():
            assert DEMO_SECRET.encode() not in path.read_bytes(), path


def exit_reasons(home: Home) -> set[str]:
    return {row[0] for row in home.rows("select exit_reason from trades")}


@pytest.mark.slow
def test_replayed_candles_are_traded_and_booked(new_home: NewHome) -> None:
    candles = shared("upbit/KRW-BTC_1m.csv")
    home = new_home(**BUSY, max_position_size=0.3)
    with simulator("--replay", str(candles), "--symbol", "KRW-BTC", "--speed", "600") as exchange:
        bot = home.start("run", "--simulator", exchange.admin, "--ticks", "110")
        bot.wait()
        truth = exchange.truth()
    assert len(ours(truth)) >= 4
    assert {order["market"] for order in truth["orders"]} == {"KRW-BTC"}
    check_all(home, truth)
    assert home.status()["status"] == "stopped"
    assert check_folder(home.data) >= FILES


def test_own_simulator_replays_a_file_and_is_gone_after_the_last_tick(new_home: NewHome) -> None:
    home = new_home(**BUSY)
    candles = shared("upbit/KRW-BTC_1m.csv")
    done = home.call("run", "--mode", "demo", "--replay", str(candles), "--speed", "300", "--ticks", "12")
    assert (done.returncode, done.stderr) == (0, "")
    pid = int((home.data / "simulator.pid").read_text())
    assert not Path(f"/proc/{pid}").exists()
    status = home.status()
    assert (status["status"], status["mode"]) == ("stopped", "demo")
    assert status["venues"]["upbit"]["symbols"] == ["BTC/KRW"]
    assert json.loads((home.data / "simulator.json").read_text("utf-8"))
    private(home)


@pytest.mark.slow
def test_seeded_market_is_traded_and_everything_agrees(exchange: Simulator, new_home: NewHome) -> None:
    since = exchange.calm_down(300)
    home = new_home(**BUSY)
    bot = home.start("run", "--simulator", exchange.admin, "--ticks", "90").ready()
    seen = 0
    while bot.process.poll() is None:
        seq = home.status()["seq"]
        until(lambda seq=seq: bot.process.poll() is not None or home.status()["seq"] >= seq + 10, "steps")
        assert check_folder(home.data) >= FILES
        seen += 1
    bot.wait()
    truth = exchange.truth(since)
    assert seen >= 5
    assert len(ours(truth)) >= 20
    check_all(home, truth)
    portfolio = home.portfolio()
    assert all(one["guarded_by"] == "bot" and one["stop"] > 0 for one in portfolio["details"].values())
    assert exit_reasons(home) & {"stop_loss", "take_profit", "time_cut"}
    for line in ("매수 완료: upbit ", "매도 완료: upbit ", "시작: 모드 demo", "종료: ticks"):
        assert line in home.log(), line
    lines = [json.loads(line) for line in (home.logs / "trading_bot.jsonl").read_text("utf-8").splitlines()]
    assert {"log.bought", "log.sold"} <= {line["event"] for line in lines}
    private(home)
    assert len(home.rows("select 1 from trades")) == len(_history(home, "trades"))
    assert {line["cause"] for line in _history(home, "equity")} >= {"fill", "minute"}
    assert {line["action"] for line in _history(home, "evaluations")} >= {"BUY", "SELL", "HOLD"}


def _history(home: Home, kind: str) -> list[dict[str, object]]:
    found = []
    for path in sorted((home.data / "history" / "upbit").glob(f"{kind}-*.jsonl")):
        found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return found


def test_a_gate_that_says_no_is_logged_with_its_numbers(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(300)
    home = new_home(**BUSY | {"max_positions": 1, "max_hold_minutes": 0, "stop_loss_percent": 0.5})
    bot = home.start("run", "--simulator", exchange.admin).ready()
    line = "[HOLD] 진입 보류: max_positions positions=1 limit=1"
    until(lambda: line in home.log() or None, line)
    decisions = until(
        lambda: [one for one in home.read("decisions.json")["venues"]["upbit"].values() if one["gate"]],  # type: ignore[index]
        "a decision with its gate",
    )
    assert decisions[0]["gate"] == "max_positions"
    assert decisions[0]["numbers"]["limit"] == 1
    bot.end()


def test_too_few_candles_are_said(new_home: NewHome) -> None:
    home = new_home()
    short = home.folder / "short.csv"
    short.write_text("\n".join(shared("upbit/KRW-BTC_1m.csv").read_text().splitlines()[:81]) + "\n")
    bot = home.start("run", "--replay", str(short), "--symbol", "KRW-BTC", "--speed", "60")
    until(lambda: "upbit BTC/KRW [WAIT] 데이터 부족: 캔들 " in home.log(), "the line of [WAIT]")
    decision = until(lambda: (home.read("decisions.json") or {}).get("venues", {}).get("upbit"), "decisions.json")
    assert decision["BTC/KRW"]["action"] == "WAIT"
    assert bot.process.poll() is None
    bot.end()


def test_starts_and_commands_become_events_of_the_history(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(60)
    home = new_home(**QUIET)
    bot = home.start("run", "--simulator", exchange.admin).ready()
    home.order("pause", "p1")
    bot.end()
    events = [json.loads(line) for path in home.data.rglob("events-*.jsonl") for line in path.read_text().splitlines()]
    assert {"start", "command"} <= {event["kind"] for event in events}


@pytest.mark.slow
def test_signals_only_sends_nothing(exchange: Simulator, new_home: NewHome) -> None:
    since = exchange.calm_down(300)
    home = new_home(**BUSY)
    home.start("run", "--simulator", exchange.admin, "--signals-only", "--ticks", "40").wait()
    truth = exchange.truth(since)
    assert not truth["orders"]
    assert not [one for one in truth["requests"] if one["method"] in ("POST", "DELETE")]
    assert net(home) == {}
    assert "[HOLD] 진입 보류: mode" in home.log()


def test_a_second_demo_goes_on_from_the_saved_market(new_home: NewHome) -> None:
    home = new_home(**BUSY)
    first = home.start("run", "--speed", "300").ready()
    until(lambda: home.portfolio()["positions"], "a position")
    first.kill()
    before = {row[0] for row in home.rows("select trade_id from fills")}
    time_ms = home.status()["market_time_ms"]
    second = home.start("run", "--speed", "300").ready()
    assert home.status()["market_time_ms"] >= time_ms
    assert not home.portfolio()["foreign"]
    second.end()
    after = {row[0] for row in home.rows("select trade_id from fills")}
    assert before and before <= after
    saved = json.loads((home.data / "simulator.json").read_text("utf-8"))
    assert saved
    shown = {symbol: Decimal(quantity) for symbol, quantity in home.portfolio()["positions"].items()}
    assert shown == net(home)
    assert not (home.data / "archive").exists()


def test_a_second_demo_needs_no_seed_to_go_on(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    assert home.call("run", "--seed", "3", "--speed", "300", "--ticks", "2").returncode == 0
    assert home.call("run", "--speed", "300", "--ticks", "2").returncode == 0
    assert not (home.data / "archive").exists()


def test_another_market_archives_the_demo_and_begins_anew(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    assert home.call("run", "--seed", "3", "--speed", "300", "--ticks", "2").returncode == 0
    assert home.call("run", "--seed", "4", "--speed", "300", "--ticks", "2").returncode == 0
    assert list((home.data / "archive").glob("demo-*"))
