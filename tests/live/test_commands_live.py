"""Commands through `main.py cmd` and by hand-written files, carried out by a running bot."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.live.agreement import net, ours
from tests.live.bots import QUIET, Home, Simulator, until
from tests.trading.ipc.schemas import check_folder

NewHome = Callable[..., Home]


def ask(home: Home, *words: str) -> tuple[int, str]:
    """`main.py cmd <words>`: exit code, and what it said."""
    done = home.call("cmd", *words)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def since(exchange: Simulator) -> int:
    return exchange.calm_down(60)


@pytest.fixture
def house(exchange: Simulator, since: int, new_home: NewHome) -> Home:
    """A home with a bot that only people's commands let trade."""
    one = new_home(**QUIET)
    one.start("run", "--simulator", exchange.admin, BOT_LOOK_S="3").ready()
    return one


def test_exit_codes_of_cmd(house: Home) -> None:
    code, said = ask(house, "pause")
    assert code == 0 and "완료" in said
    assert until(lambda: house.status()["status"] == "paused", "paused")
    assert ask(house, "resume", "venue=upbit")[0] == 0
    code, said = ask(house, "set", "knob=take_profit_percent", "value=7")
    assert code == 1 and "take_profit_percent" in said.lower() and "7" in said and "0.99" in said
    code, said = ask(house, "cancel_order", "venue=upbit", "order=nothing")
    assert code == 1 and "거부" in said
    assert ask(house, "set", "knob")[0] == 2
    code, said = ask(house, "paus")
    assert code == 2 and "pause" in said
    assert ask(house, "enter", "venue=upbit", "symbol=BTC/KRW", "amount=-5")[0] == 2
    assert ask(house, "stop")[0] == 0
    until(lambda: house.status()["status"] == "stopped", "stopped")
    code, said = ask(house, "pause")
    assert code == 5 and "run" in said
    assert not (house.data / "command.json").exists()
    lines = house.rows("select kind, state from commands order by seq")
    assert lines == [
        ("pause", "done"),
        ("resume", "done"),
        ("set", "failed"),
        ("cancel_order", "refused"),
        ("stop", "done"),
    ]


def test_a_command_to_a_hung_bot_is_taken_back(house: Home) -> None:
    pid = house.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        code, said = ask(house, "pause", "--timeout", "0.6")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert code == 5, said
    assert not (house.data / "command.json").exists()
    assert house.order("reload", "r1")["state"] == "done"
    assert house.status()["status"] == "running"
    assert not house.rows("select 1 from commands where kind = 'pause'")


def test_pause_survives_a_restart_by_command(exchange: Simulator, since: int, house: Home) -> None:
    assert house.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    held, before = net(house), house.status()
    house.hand_in({"kind": "pause"})
    until(lambda: house.status()["status"] == "paused", "paused by a bare command")
    refused = house.order("enter", "e2", venue="upbit", symbol="ETH/KRW", amount=50_000)
    assert (refused["state"], refused["effect"]["gate"]) == ("refused", "pause")
    assert house.order("restart", "r1")["state"] == "done"
    after = until(lambda: (s := house.status())["boot_id"] != before["boot_id"] and s, "another life")
    assert after["pid"] == before["pid"]  # the process is replaced, its number stays
    until(lambda: house.status()["status"] == "paused", "still paused")
    assert net(house) == held
    until(lambda: house.portfolio()["positions"].keys() == held.keys(), "the position in the file")
    assert house.order("resume", "r2", venue="upbit")["state"] == "done"
    until(lambda: house.status()["status"] == "running", "running")
    assert len(ours(exchange.truth(since))) == 1
    assert check_folder(house.data)


def test_set_and_default_and_bad_values(house: Home) -> None:
    def overrides() -> dict[str, object]:
        return dict(house.status()["settings"]["overrides"])

    done = house.order("set", "s1", knob="take_profit_percent", value=0.04)
    assert done["state"] == "done" and done["effect"] == {"take_profit_percent": Decimal("0.04")}
    until(lambda: overrides().get("take_profit_percent", {}).get("value") == Decimal("0.04"), "the override")  # type: ignore[attr-defined]
    for identity, knob, value in (
        ("b1", "take_profit_percent", 2),
        ("b2", "take_profit_percent", "many"),
        ("b3", "mode", "live"),
        ("b4", "param.fast", 3),
    ):
        bad = house.order("set", identity, knob=knob, value=value)
        assert bad["state"] in ("failed", "refused"), bad
        assert str(value) in bad["detail_ko"] + bad["detail_en"] or knob in bad["detail_en"], bad
    assert overrides().keys() == {"take_profit_percent"}
    assert house.order("set", "s2", knob="stop_loss_percent", value=0.02, venue="upbit")["state"] == "done"
    assert house.order("set", "s3", knob="take_profit_percent", default=True)["state"] == "done"
    until(lambda: overrides().keys() == {"upbit.stop_loss_percent"}, "only the venue's override")
    assert house.order("restart", "r1")["state"] == "done"
    until(lambda: house.status()["settings"]["overrides"].keys() == {"upbit.stop_loss_percent"}, "after the restart")


def test_strategy_by_preset_by_name_and_closing(exchange: Simulator, since: int, house: Home) -> None:
    assert house.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    chosen = house.order("set_strategy", "t1", strategy="breakout")
    assert chosen["state"] == "done", chosen
    until(lambda: house.status()["venues"]["upbit"]["strategy"] == "breakout", "breakout")
    assert net(house)
    bad = house.order("set_strategy", "t2", strategy="breakout", params={"kk": 1})
    assert bad["state"] in ("failed", "refused") and "kk" in bad["detail_ko"]
    wild = house.order("set_strategy", "t3", strategy="breakout", params={"k": 1000})
    assert wild["state"] in ("failed", "refused"), wild
    assert house.order("set_strategy", "t4", preset="nothing")["state"] == "refused"
    assert house.status()["venues"]["upbit"]["strategy"] == "breakout"
    done = house.order("set_strategy", "t5", preset="macd_classic", positions="close")
    assert done["state"] == "done", done
    status = until(
        lambda: (v := house.status()["venues"]["upbit"])["preset"] == "macd_classic" and v, "the preset in force"
    )
    assert (status["strategy"], status["timeframe"]) == ("macd", "5m")
    until(lambda: not net(house), "the position closed")
    assert [row[0] for row in house.rows("select exit_reason from trades")] == ["command"]
    assert len(ours(exchange.truth(since))) == 2


def test_a_preset_ends_the_parameters_of_the_strategy_before(house: Home) -> None:
    assert house.order("set_strategy", "t1", strategy="breakout", params={"k": 0.7})["state"] == "done"
    chosen = house.order("set_strategy", "t2", preset="macd_classic")
    assert chosen["state"] == "done", chosen


def test_a_preset_by_command_goes_before_the_parameters_of_env(house: Home) -> None:
    chosen = house.order("set_strategy", "t1", preset="scalping")
    assert chosen["state"] == "done", chosen


def test_enter_done_refused_and_expired(exchange: Simulator, since: int, house: Home) -> None:
    done = house.order("enter", "e1", venue="upbit", symbol="KRW-BTC", amount="50000")
    assert done["state"] == "done", done
    order = ours(exchange.truth(since))[0]
    assert done["effect"]["order"] == order["client_id"]
    assert Decimal(done["effect"]["quantity"]) == Decimal(order["executed"])
    assert abs(Decimal(order["executed_funds"]) - 50_000) < 100
    for identity, args, words in (
        ("n1", {"symbol": "BTC/KRW", "amount": 50_000}, ("BTC/KRW",)),
        ("n2", {"symbol": "ETH/KRW", "amount": 1_000}, ("6000",)),
        ("n3", {"symbol": "NOPE/KRW", "amount": 50_000}, ("NOPE/KRW",)),
    ):
        refused = house.order("enter", identity, venue="upbit", **args)
        assert refused["state"] == "refused", refused
        said = refused["detail_ko"].replace(",", "") + refused["detail_en"].replace(",", "")
        assert all(word in said for word in words), refused
    past = int(time.time() * 1000) - 120_000
    house.hand_in(
        {
            "id": "x1",
            "kind": "enter",
            "args": {"venue": "upbit", "symbol": "XRP/KRW", "amount": 50_000},
            "issued_at_ms": past,
            "expires_at_ms": past + 60_000,
        }
    )
    assert until(lambda: house.outcome(id="x1"), "the end of x1")["state"] == "expired"
    house.hand_in({"id": "x2", "kind": "pause", "issued_at_ms": past, "expires_at_ms": past})
    assert until(lambda: house.outcome(id="x2"), "the end of x2")["state"] == "done"
    assert len(ours(exchange.truth(since))) == 1


def test_liquidated_symbols_take_no_entries_until_resume(exchange: Simulator, since: int, house: Home) -> None:
    for symbol in ("BTC/KRW", "ETH/KRW"):
        assert house.order("enter", f"e{symbol[:3]}", venue="upbit", symbol=symbol, amount=50_000)["state"] == "done"
    sold = house.order("liquidate", "l1", symbols=["KRW-BTC"])
    assert (sold["state"], sold["effect"]["sold"]) == ("done", ["BTC/KRW"])
    assert net(house).keys() == {"ETH/KRW"}
    assert house.order("enter", "e4", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "refused"
    assert house.order("enter", "e5", venue="upbit", symbol="XRP/KRW", amount=50_000)["state"] == "done"
    everything = house.order("liquidate", "l2", all=True)
    assert (everything["state"], set(everything["effect"]["sold"])) == ("done", {"ETH/KRW", "XRP/KRW"})
    assert not net(house)
    assert house.order("restart", "r1")["state"] == "done"
    until(lambda: house.outcome(id="r1"), "the restart")
    assert house.order("enter", "e6", venue="upbit", symbol="XRP/KRW", amount=50_000)["state"] == "refused"
    assert house.order("resume", "r2")["state"] == "done"
    assert house.order("enter", "e7", venue="upbit", symbol="XRP/KRW", amount=50_000)["state"] == "done"
    assert {row[0] for row in house.rows("select exit_reason from trades")} == {"command"}
    balances = exchange.truth(since)["balances"]["upbit"]
    assert Decimal(balances["BTC"]["free"]) == Decimal(balances["ETH"]["free"]) == 0


def test_foreign_coins_are_shown_and_adopted_only_by_command(exchange: Simulator, since: int, house: Home) -> None:
    exchange.post("/account", deposit={"ETH": "0.5", "XRP": "100"}, average_price={"ETH": "4100000"})
    foreign = until(lambda: (f := house.portfolio()["foreign"]).keys() == {"ETH/KRW", "XRP/KRW"} and f, "foreign coins")
    assert Decimal(foreign["ETH/KRW"]["quantity"]) == Decimal("0.5")
    assert Decimal(foreign["ETH/KRW"]["average_price"]) == 4_100_000
    assert house.order("liquidate", "l1", all=True)["effect"] == {"sold": []}
    assert house.order("resume", "r1")["state"] == "done"
    assert house.order("adopt", "a0", venue="upbit", symbol="BTC/KRW")["state"] == "refused"
    no_price = house.order("adopt", "a1", venue="upbit", symbol="XRP/KRW")
    assert no_price["state"] == "refused", no_price
    price = exchange.prices()["KRW-ETH"]
    taken = house.order("adopt", "a2", venue="upbit", symbol="ETH", price=str(price))
    assert taken["state"] == "done" and Decimal(taken["effect"]["quantity"]) == Decimal("0.5"), taken
    shown = until(lambda: house.portfolio()["details"].get("ETH/KRW"), "the adopted position")
    assert (shown["guarded_by"], Decimal(shown["entry_price"])) == ("bot", price)
    assert house.portfolio()["foreign"].keys() == {"XRP/KRW"}
    sold = house.order("liquidate", "l2", symbols=["ETH/KRW"])
    assert sold["state"] == "done", sold
    truth = exchange.truth(since)
    assert [(one["market"], one["side"], Decimal(one["executed"])) for one in ours(truth)] == [
        ("KRW-ETH", "sell", Decimal("0.5"))
    ]
    assert Decimal(truth["balances"]["upbit"]["XRP"]["free"]) == 100


def test_a_latch_holds_entries_until_rearm(exchange: Simulator, since: int, new_home: NewHome) -> None:
    home = new_home(**QUIET, drawdown_limit=0.005, max_position_size=0.5)
    home.start("run", "--simulator", exchange.admin).ready()
    assert home.order("rearm", "r0")["state"] == "refused"
    assert home.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=150_000)["state"] == "done"
    exchange.post("/market", market="KRW-BTC", price=str(exchange.prices()["KRW-BTC"] * Decimal("0.9") // 1000 * 1000))
    latches = until(lambda: home.status()["latches"], "a latch")
    assert latches[0]["gate"] == "drawdown_limit"
    assert home.order("resume", "r1")["state"] == "done"
    refused = home.order("enter", "e2", venue="upbit", symbol="ETH/KRW", amount=50_000)
    assert (refused["state"], refused["effect"]["gate"]) == ("refused", "drawdown_limit")
    assert home.order("restart", "b1")["state"] == "done"
    assert home.order("rearm", "r2", gate="drawdown_limit")["effect"] == {"gates": ["drawdown_limit"]}
    until(lambda: not home.status()["latches"], "no latch")
    assert home.order("enter", "e3", venue="upbit", symbol="ETH/KRW", amount=50_000)["state"] == "done"


def test_cancel_order_that_rests(exchange: Simulator, since: int, house: Home) -> None:
    exchange.post("/market", market="KRW-XRP", depth="0")
    try:
        house.hand_in({"id": "e1", "kind": "enter", "args": {"venue": "upbit", "symbol": "XRP/KRW", "amount": 50_000}})
        until(lambda: house.outcome(id="e1"), "the end of the entry", 30.0)
        unknown = house.order("cancel_order", "c1", venue="upbit", order="htnothing")
        assert unknown["state"] == "refused"
    finally:
        exchange.post("/market", market="KRW-XRP", depth="1")


def test_unknown_kinds_and_venues_are_refused(house: Home) -> None:
    assert house.order("explode", "k1")["state"] == "refused"
    assert house.order("pause", "k2", venue="bithumb")["state"] == "refused"
    assert house.order("pause", "k3", wrong=1)["state"] == "refused"
    assert house.order("start", "k4")["state"] == "refused"
    assert house.order("approve", "k5", order="ht123")["state"] == "refused"
    reasons = [json.loads(path.read_text()) for path in (house.data / "rejected").glob("*.reason.json")]
    assert len(reasons) == 3 and all(reason["reason_ko"] for reason in reasons)
    assert house.status()["status"] == "running"


def test_an_id_acts_once(exchange: Simulator, since: int, house: Home) -> None:
    entry = {"id": "twice", "kind": "enter", "args": {"venue": "upbit", "symbol": "BTC/KRW", "amount": 50_000}}
    house.hand_in({"schema": 1, "commands": [entry, entry]})
    assert until(lambda: house.outcome(id="twice"), "the entry")["state"] == "done"
    assert house.order("liquidate", "l1", all=True)["state"] == "done"
    assert house.order("resume", "r1")["state"] == "done"
    house.hand_in(entry)
    assert house.order("reload", "r2")["state"] == "done"
    until(lambda: not (house.data / "command.json").exists(), "the mailbox taken")
    assert len(ours(exchange.truth(since))) == 2


def test_reset_archives_and_begins_anew(exchange: Simulator, since: int, house: Home) -> None:
    assert house.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    boot = house.status()["boot_id"]
    house.hand_in({"id": "z1", "kind": "reset"})
    until(lambda: (s := house.status()) and s["boot_id"] != boot and s["status"] == "running", "a fresh start")
    archive = next((house.data / "archive").glob("demo-*"))
    assert (archive / "ledger.db").exists() and (archive / "upbit_portfolio.json").exists()
    assert net(house) == {}
    until(lambda: house.portfolio()["foreign"].keys() == {"BTC/KRW"}, "the coins left over are foreign now")
    assert not house.rows("select 1 from orders")
    assert check_folder(house.data)


def test_commands_given_while_the_bot_is_down(exchange: Simulator, since: int, new_home: NewHome) -> None:
    home = new_home(**QUIET)
    first = home.start("run", "--simulator", exchange.admin).ready()
    first.end()
    home.hand_in({"kind": "pause"})
    second = home.start("run", "--simulator", exchange.admin)
    until(lambda: home.outcome(kind="pause"), "the pause")
    second.ready()
    assert home.status()["status"] == "paused"
