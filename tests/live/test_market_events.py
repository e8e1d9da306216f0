"""Halts, warnings, jumps, hand trades and coins of others while the bot trades."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.live.agreement import check_trades, net, ours
from tests.live.bots import BUSY, QUIET, Home, Simulator, until

NewHome = Callable[..., Home]
LOOK_S = {"BOT_LOOK_S": "2"}
"""Looks at the account every 2 s: a difference must be seen twice."""


def house(exchange: Simulator, new_home: NewHome, speed: float, **knobs: object) -> tuple[Home, int]:
    since = exchange.calm_down(speed)
    home = new_home(**knobs)
    home.start("run", "--simulator", exchange.admin, **LOOK_S).ready()
    return home, since


def enter(home: Home, symbol: str, amount: int = 50_000) -> dict[str, Any]:
    return home.order("enter", f"e-{symbol[:3]}-{amount}", venue="upbit", symbol=symbol, amount=amount)


def jump(exchange: Simulator, market: str, factor: str) -> Decimal:
    """Moves the price; returns the new one."""
    price = (exchange.prices()[market] * Decimal(factor)).quantize(Decimal(1))
    price -= price % 1000 if price > 500_000 else price % 50 if price > 10_000 else price % 1
    exchange.post("/market", market=market, price=str(price))
    return price


def events(home: Home) -> list[dict[str, Any]]:
    return [json.loads(row[0]) for row in home.rows("select detail from events where kind = 'alarm'")]


def test_price_jumps_bring_the_exits_they_must(exchange: Simulator, new_home: NewHome) -> None:
    home, since = house(exchange, new_home, 20, **QUIET | {"stop_loss_percent": 0.02})
    assert enter(home, "BTC/KRW")["state"] == "done"
    assert enter(home, "ETH/KRW")["state"] == "done"
    jump(exchange, "KRW-ETH", "1.6")
    jump(exchange, "KRW-BTC", "0.9")
    until(lambda: len(home.rows("select 1 from trades")) == 2, "both out")
    trades = dict(home.rows("select symbol, exit_reason from trades"))
    assert not net(home)
    assert trades == {"BTC/KRW": "stop_loss", "ETH/KRW": "take_profit"}
    rows = until(lambda: len(rows := home.portfolio()["trade_history"]) == 4 and rows, "four rows")
    assert [row["type"] for row in rows] == ["BUY", "BUY", "SELL", "SELL"]
    assert len(ours(exchange.truth(since))) == 4


def test_a_sale_into_a_thin_book_is_alarmed(exchange: Simulator, new_home: NewHome) -> None:
    home, _ = house(exchange, new_home, 20, **QUIET | {"slippage_alert": 0.0005, "max_position_size": 0.5})
    assert enter(home, "XRP/KRW", 190_000)["state"] == "done"
    exchange.post("/market", market="KRW-XRP", depth="0.0003")
    try:
        assert home.order("liquidate", "l1", all=True)["state"] == "done"
    finally:
        exchange.post("/market", market="KRW-XRP", depth="1")
    assert "슬리피지 경고: upbit XRP/KRW" in home.log()
    slips = [one for one in events(home) if "slippage_percent" in one]
    assert slips and {one["symbol"] for one in slips} == {"XRP/KRW"}
    assert all(one["slippage_percent"] > 0.05 for one in slips)
    sells = [row for row in home.portfolio()["trade_history"] if row["type"] == "SELL"]
    assert max(row["slippage_percent"] for row in sells) > 0.05


def test_a_warned_symbol_takes_no_entry_but_its_exit(exchange: Simulator, new_home: NewHome) -> None:
    home, since = house(exchange, new_home, 20, **QUIET)
    assert enter(home, "BTC/KRW")["state"] == "done"
    home.order("stop", "s1")
    exchange.post("/market", market="KRW-BTC", warn=True)
    exchange.post("/market", market="KRW-ETH", warn=True)
    home.start("run", "--simulator", exchange.admin).ready()
    refused = enter(home, "ETH/KRW")
    assert (refused["state"], refused["effect"].get("gate")) == ("refused", "market_open"), refused
    jump(exchange, "KRW-BTC", "1.8")
    until(lambda: not net(home), "the exit of a warned symbol")
    assert [order["side"] for order in ours(exchange.truth(since))] == ["buy", "sell"]


@pytest.mark.slow
def test_a_halted_symbol_waits_and_leaves_when_it_may(exchange: Simulator, new_home: NewHome) -> None:
    home, since = house(exchange, new_home, 20, **QUIET | {"stop_loss_percent": 0.02})
    assert enter(home, "BTC/KRW")["state"] == "done"
    jump(exchange, "KRW-BTC", "0.985")
    exchange.post("/market", market="KRW-BTC", halt=True)
    home.hand_in({"id": "liq", "kind": "liquidate", "args": {"symbols": ["BTC/KRW"]}})
    seq = home.status()["seq"]
    until(lambda: home.status()["seq"] > seq + 10, "steps with a halted market")
    assert net(home)
    tried = len([one for one in ours(exchange.truth(since)) if one["side"] == "sell" and Decimal(one["executed"])])
    assert tried == 0
    sells = [one for one in exchange.truth(since)["requests"] if one["method"] == "POST"]
    assert len(sells) < 30, "a refused exit is not hammered"
    exchange.post("/market", market="KRW-BTC", halt=False)
    until(lambda: not net(home), "sold once the market is open again", 60.0)
    assert until(lambda: home.outcome(id="liq"), "the outcome", 70.0)["state"] in ("done", "failed")
    check_trades(home)


@pytest.mark.slow
def test_coins_of_others_are_never_sold(exchange: Simulator, new_home: NewHome) -> None:
    since = exchange.calm_down(240)
    coins = {"BTC": Decimal("0.01"), "ETH": Decimal("0.3"), "DOGE": Decimal(1000)}
    exchange.post("/account", deposit={name: str(amount) for name, amount in coins.items()})
    home = new_home(**BUSY)
    bot = home.start("run", "--simulator", exchange.admin, **LOOK_S).ready()
    assert home.portfolio()["foreign"].keys() == {"BTC/KRW", "ETH/KRW", "DOGE/KRW"}
    until(lambda: home.rows("select 1 from trades where symbol in ('BTC/KRW', 'ETH/KRW', 'DOGE/KRW')"), "trades", 120.0)
    exchange.post("/account", deposit={"DOGE": "500"})
    coins["DOGE"] += 500
    until(
        lambda: Decimal(home.portfolio()["foreign"]["DOGE/KRW"]["quantity"]) == coins["DOGE"],
        "the deposit shown",
    )
    assert home.order("liquidate", "l1", all=True)["state"] == "done"
    bot.end()
    truth = exchange.truth(since)
    assert not net(home)
    balances = truth["balances"]["upbit"]
    assert {name: Decimal(balances[name]["free"]) for name in coins} == coins
    equity = Decimal(home.status()["equity_krw"])
    assert abs(equity - Decimal(home.portfolio()["initial_capital"])) < 100_000


@pytest.mark.slow
def test_a_sale_by_hand_is_booked_as_manual(exchange: Simulator, new_home: NewHome) -> None:
    home, since = house(exchange, new_home, 20, **QUIET)
    assert enter(home, "BTC/KRW")["state"] == "done"
    quantity = net(home)["BTC/KRW"]
    exchange.post("/account", trade={"market": "KRW-BTC", "side": "sell", "quantity": str(quantity)})
    until(lambda: home.rows("select 1 from trades"), "the sale booked")
    assert home.rows("select exit_reason, symbol from trades") == [("manual", "BTC/KRW")]
    assert not net(home)
    until(lambda: not home.portfolio()["positions"], "no position in the file")
    truth = exchange.truth(since)
    by_hand = [fill for fill in truth["fills"] if fill["side"] == "sell"]
    funds = sum(Decimal(fill["price"]) * Decimal(fill["quantity"]) for fill in by_hand)
    price = Decimal(home.rows("select exit_price from trades")[0][0])
    assert abs(price - funds / quantity) < 1
    assert len(ours(truth)) == 1
    assert home.portfolio()["trade_history"][-1]["reason"] == "manual"
    assert enter(home, "ETH/KRW")["state"] == "done"
