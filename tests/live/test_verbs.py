"""The other verbs of main.py beside a bot: status, check, rebuild."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.advice import beside_holding
from tests.live.agreement import net
from tests.live.bots import BUSY, QUIET, Home, Simulator, until
from tests.trading.ipc.schemas import check_folder

NewHome = Callable[..., Home]


def lines(home: Home, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((home.data / "history").rglob(f"{kind}-*.jsonl")):
        found += [json.loads(line, parse_float=Decimal) for line in path.read_text("utf-8").splitlines()]
    return found


def test_status_for_people_and_programs(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(60)
    home = new_home(**QUIET)
    absent = home.call("status")
    assert absent.returncode == 5 and "main.py run" in absent.stdout
    assert home.call("report").returncode == 3
    assert home.call("status", "--json").returncode == 5
    bot = home.start("run", "--simulator", exchange.admin).ready()
    chosen = beside_holding("demo", "macd")
    assert chosen and chosen.text("ko") in home.log(), "what did not always beat holding is told at the start"
    assert home.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    until(lambda: home.portfolio()["positions"], "the position in the file")
    korean, english = home.call("status"), home.call("status", HAETAE_LANGUAGE="en")
    assert (korean.returncode, english.returncode, korean.stderr, english.stderr) == (0, 0, "", "")
    for word in ("거래소", "평가 자산", "BTC/KRW", "macd 1m", "demo"):
        assert word in korean.stdout, korean.stdout
    for word in ("Venue", "equity", "BTC/KRW", "macd 1m"):
        assert word in english.stdout, english.stdout
    until(lambda: "목표" in home.call("report").stdout, "the first point of the equity curve in the ledger")
    for period, word in (("daily", "by day"), ("weekly", "by week"), ("monthly", "by month")):
        told = home.call("report", period, HAETAE_LANGUAGE="en")
        assert (told.returncode, told.stderr) == (0, "") and word in told.stdout and "targets" in told.stdout, told
    program = home.call("status", "--json")
    assert program.returncode == 0
    assert json.loads(program.stdout)["boot_id"] == home.status()["boot_id"]
    bot.end()
    stopped = home.call("status")
    assert stopped.returncode == 5 and "멈춰" in stopped.stdout
    (home.data / "bot_status.json").write_bytes(b"{torn")
    torn = home.call("status")
    assert torn.returncode == 1 and "bot_status.json" in torn.stdout and torn.stderr == ""


def test_check_in_demo_and_explain(new_home: NewHome) -> None:
    home = new_home(**QUIET)
    done = home.call("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[정상]" in done.stdout and "macd 1m" in done.stdout
    chosen = beside_holding("demo", "macd")
    assert chosen is not None and f"[문제] {chosen.text('ko')}" in done.stdout
    assert not home.data.exists()
    told = home.call("check", "--explain", "stop_loss_percent", HAETAE_LANGUAGE="en")
    assert told.returncode == 0 and "0.15" in told.stdout and ".env" in told.stdout, told.stdout
    wrong = home.call("check", "--explain", "stop_los_percent")
    assert wrong.returncode == 3 and "stop_loss_percent" in wrong.stderr
    home.write_env("HAETAE_STOP_LOSS_PERCENT=3")
    bad = home.call("check")
    assert bad.returncode == 3 and "Traceback" not in bad.stderr and "0.99" in bad.stderr


def test_check_of_live_without_keys_is_code_4(new_home: NewHome) -> None:
    home = new_home(mode="live")
    home.write_env("LIVE_TRADING_CONFIRM=I_UNDERSTAND")
    done = home.call("check")
    assert done.returncode == 4 and "UPBIT_ACCESS_KEY" in done.stdout + done.stderr, done


def content(home: Home) -> dict[str, list[dict[str, Any]]]:
    """What of the history follows from the ledger, in the order of time."""
    trades = lines(home, "trades")
    equity = [{name: line[name] for name in ("time_ms", "equity", "cash")} for line in lines(home, "equity")]
    evaluations = [
        {name: line[name] for name in ("time_ms", "symbol", "action", "gate", "text_ko", "conditions", "numbers")}
        for line in lines(home, "evaluations")
    ]
    outcomes = (home.read("outcomes.json") or {})["outcomes"]
    return {"trades": trades, "equity": equity, "evaluations": evaluations, "outcomes": outcomes}


@pytest.mark.slow
def test_rebuild_writes_the_same_again(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(240)
    home = new_home(**BUSY)
    bot = home.start("run", "--simulator", exchange.admin).ready()
    home.order("set", "s1", knob="max_hold_minutes", value=4)
    until(lambda: len(home.rows("select 1 from trades")) >= 3, "trades", 90.0)
    bot.end()
    before, held = content(home), net(home)
    assert all(before.values())
    for path in [*(home.data / "history").rglob("*.jsonl"), home.data / "outcomes.json"]:
        path.unlink()
    done = home.call("rebuild")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert content(home) == before
    assert check_folder(home.data)
    again = home.call("rebuild")
    assert again.returncode == 0 and content(home) == before
    assert net(home) == held
    assert home.call("rebuild", "--data-dir", str(home.folder / "nothing")).returncode == 3


def test_rebuild_without_anything_does_no_harm(new_home: NewHome) -> None:
    home = new_home()
    done = home.call("rebuild")
    assert done.returncode == 3 and "ledger.db" in done.stderr
    assert not Path(home.data / "ledger.db").exists()
