"""kill -9 from outside at random times: nothing is lost, nothing happens twice, everything stays guarded."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.live.agreement import check_all, ours
from tests.live.bots import BUSY, QUIET, Bot, Home, Simulator, until
from tests.trading.ipc.schemas import check_folder
from trading.ipc import history

NewHome = Callable[..., Home]
KILLS = 15
SEED = 20251120


class Orderer:
    """Hands in commands between the kills and remembers what each must have come to."""

    def __init__(self, home: Home, chance: random.Random) -> None:
        self._home = home
        self._chance = chance
        self.sent: list[str] = []

    def hand_in(self) -> None:
        """One command, where the mailbox is free."""
        if (self._home.data / "command.json").exists():
            return
        identity = f"k{len(self.sent)}"
        symbol = self._chance.choice(("BTC/KRW", "ETH/KRW", "SOL/KRW", "USDT/KRW"))
        kind, args = self._chance.choice(
            (
                ("enter", {"venue": "upbit", "symbol": symbol, "amount": 20_000}),
                ("enter", {"venue": "upbit", "symbol": symbol, "amount": 20_000}),
                ("set", {"knob": "max_hold_minutes", "value": self._chance.randint(2, 6)}),
                ("liquidate", {"symbols": [symbol]}),
                ("resume", {}),
            )
        )
        self._home.hand_in({"id": identity, "kind": kind, "args": args})
        self.sent.append(identity)


def no_traceback(bot: Bot) -> None:
    assert "Traceback" not in bot.complained, bot.complained


@pytest.mark.slow
def test_kills_at_random_times(exchange: Simulator, new_home: NewHome) -> None:
    since = exchange.calm_down(240)
    chance = random.Random(SEED)
    home = new_home(**BUSY)
    orderer = Orderer(home, chance)
    boots = set()
    for _ in range(KILLS):
        bot = home.start("run", "--simulator", exchange.admin)
        # Most kills hit a bot that trades, some hit one that is still starting.
        if chance.random() < 0.8:
            bot.ready()
            boots.add(home.status()["boot_id"])
            orderer.hand_in()
        time.sleep(chance.uniform(0.0, 1.6))  # the moment of the kill is what is drawn, nothing is waited for
        bot.kill()
        no_traceback(bot)
    last = home.start("run", "--simulator", exchange.admin).ready()
    wanted = set(orderer.sent)

    def over() -> bool:
        outcomes = (home.read("outcomes.json") or {"outcomes": []})["outcomes"]
        return {one["id"] for one in outcomes if one["state"] != "accepted"} >= wanted

    until(over, "an end of every command", 90.0)
    assert check_folder(home.data)
    portfolio = home.portfolio()
    assert all(one["guarded_by"] == "bot" for one in portfolio["details"].values())
    assert not portfolio["foreign"]
    last.end()
    truth = exchange.truth(since)
    assert len(ours(truth)) >= 10 and len(boots) >= 8
    check_all(home, truth)
    states = home.rows("select state, count(*) from orders group by state")
    assert {state for state, _ in states} <= {"FILLED", "CANCELLED", "REJECTED"}, states
    commands = home.rows("select id, state from commands")
    assert {row[0] for row in commands} == wanted
    assert {row[1] for row in commands} <= {"done", "failed", "refused", "expired"}
    bought = home.rows("select reason, filled from orders where leg = 'entry' and reason like 'command:%'")
    assert len({row[0] for row in bought}) == len(bought), "a command bought twice"
    states = {f"command:{row[0]}": row[1] for row in commands}
    assert all(states[reason] == "done" for reason, filled in bought if Decimal(filled)), (bought, states)
    assert not list(home.data.glob("*.tmp")) and not list(home.data.glob("command.claimed-*"))


@pytest.mark.slow
def test_killed_bot_with_its_own_simulator_goes_on(new_home: NewHome) -> None:
    home = new_home(**BUSY)
    chance = random.Random(SEED + 1)
    market_ms = 0
    for _ in range(3):
        bot = home.start("run", "--speed", "240").ready()
        assert home.status()["market_time_ms"] >= market_ms
        until(lambda: len(home.rows("select 1 from fills")) >= 2, "trades", 60.0)
        time.sleep(chance.uniform(0.0, 0.5))
        market_ms = int(home.status()["market_time_ms"])
        bot.kill()
    last = home.start("run", "--speed", "240").ready()
    assert not home.portfolio()["foreign"]
    last.end()
    check_saved(home)
    assert not (home.data / "archive").exists()


def check_saved(home: Home) -> None:
    """The account in the simulator's saved state is what the ledger says."""
    saved = json.loads((home.data / "simulator.json").read_text("utf-8"))
    venue = saved["exchanges"]["upbit"] if "exchanges" in saved else saved["venues"]["upbit"]
    coins = {
        f"{asset}/KRW": Decimal(one["free"]) + Decimal(one["locked"])
        for asset, one in venue["balances"].items()
        if asset != "KRW"
    }
    shown = {symbol: Decimal(quantity) for symbol, quantity in home.portfolio()["positions"].items()}
    assert {symbol: quantity for symbol, quantity in coins.items() if quantity} == shown


def test_a_killed_bot_recovers_the_order_whose_reply_was_lost(exchange: Simulator, new_home: NewHome) -> None:
    since = exchange.calm_down(120)
    home = new_home(**BUSY, symbols="BTC/KRW,ETH/KRW,SOL/KRW")
    bot = home.start("run", "--simulator", exchange.admin).ready()
    until(lambda: home.rows("select 1 from fills"), "a trade", 90.0)
    bot.process.send_signal(signal.SIGSTOP)
    bot.kill()
    home.start("run", "--simulator", exchange.admin).ready().end()
    check_all(home, exchange.truth(since))


@pytest.mark.parametrize("point", ["J4:1", "J5:1", "J6:1"])
def test_an_entry_by_command_is_carried_out_once_whenever_the_bot_dies(
    exchange: Simulator, new_home: NewHome, point: str
) -> None:
    since = exchange.calm_down(60)
    home = new_home(**QUIET)
    first = home.start("run", "--simulator", exchange.admin, BOT_KILL_AT=point).ready()
    home.hand_in({"id": "once", "kind": "enter", "args": {"venue": "upbit", "symbol": "BTC/KRW", "amount": 50_000}})
    until(lambda: first.process.poll() is not None or home.outcome(id="once"), "its death")
    assert first.process.poll() == -signal.SIGKILL, home.outcome(id="once")
    assert home.rows("select kind, state from commands") == [("enter", "accepted")]
    home.start("run", "--simulator", exchange.admin).ready()
    outcome = until(lambda: home.outcome(id="once"), "the end of the command")
    orders = ours(exchange.truth(since))
    assert len(orders) == 1
    until(lambda: home.portfolio()["positions"].keys() == {"BTC/KRW"}, "the position")
    assert (outcome["state"], outcome["effect"]["order"]) == ("done", orders[0]["client_id"])


@pytest.mark.parametrize("point", ["J4:1", "J6:1", "J6:2", "J6:3"])
def test_a_round_trip_stands_in_ledger_and_history_whenever_the_bot_dies(
    exchange: Simulator, new_home: NewHome, point: str
) -> None:
    since = exchange.calm_down(60)
    home = new_home(**QUIET)
    first = home.start("run", "--simulator", exchange.admin).ready()
    assert home.order("enter", "in", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    first.end()
    second = home.start("run", "--simulator", exchange.admin, BOT_KILL_AT=point).ready()
    home.hand_in({"id": "out", "kind": "liquidate", "args": {"symbols": ["BTC/KRW"]}})
    until(lambda: second.process.poll() is not None or home.outcome(id="out"), "its death")
    second.kill()
    third = home.start("run", "--simulator", exchange.admin).ready()
    until(lambda: home.outcome(id="out"), "the end of the command")
    until(lambda: home.rows("select 1 from trades"), "the round trip")
    third.end()
    home.start("run", "--simulator", exchange.admin).ready().end()  # one start more tells nothing again
    check_all(home, exchange.truth(since))
    told = history.read(home.data, history.TradeLine, "upbit").lines
    booked = home.rows("select trip, pnl from trades")
    assert [(line.trip, line.pnl) for line in told] == [(trip, Decimal(pnl)) for trip, pnl in booked]
    assert home.log().count("매도 완료") == 1
