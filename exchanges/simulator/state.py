"""Saves the whole world to one file and brings it back: market position, candles, account, orders, keys."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from exchanges.simulator.accounts import Balance
from exchanges.simulator.candles import Candle
from exchanges.simulator.exchange import Exchange
from exchanges.simulator.market import Market, Trade
from exchanges.simulator.orders import Fill, Order
from exchanges.simulator.tape import Print
from exchanges.simulator.world import World

VERSION = 1
SAVED_MINUTES = 5_000
SAVED_TRADES = 200


class UnusableState(Exception):
    """A state file that cannot be gone on from; the text says why."""


def write_json(path: Path, value: object) -> None:
    """Writes a JSON file so that a reader sees the old or the new one, never a part; mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The saved state. Raises UnusableState for anything that is not one of this version, OSError for no file."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise UnusableState("it is not JSON") from None
    if not isinstance(saved, dict) or saved.get("version") != VERSION:
        raise UnusableState("it was written by another version")
    return saved


def world_state(world: World) -> dict[str, Any]:
    """The world as a JSON value."""
    next_minute, seen_ms, due = world.saved_position()
    return {
        "version": VERSION,
        "market_ms": seen_ms,
        "next_minute": next_minute,
        "due": due,
        "feed": world.feed.snapshot(),
        "exchanges": {name: _exchange_state(exchange) for name, exchange in world.exchanges.items()},
    }


def restore_world(world: World, saved: dict[str, Any]) -> None:
    """Brings a fresh world to where it was saved. Raises UnusableState when the parts do not fit."""
    try:
        world.feed.restore(saved["feed"])
        for name, exchange in world.exchanges.items():
            _restore_exchange(exchange, saved["exchanges"][name])
        world.resume(int(saved["next_minute"]), int(saved["market_ms"]))
        world.put_back([(coin, Print(*one)) for coin, one in saved["due"]])
    except (KeyError, ValueError, TypeError, IndexError, ArithmeticError) as error:
        raise UnusableState(f"it does not fit this market ({type(error).__name__}: {error})") from None


def _plain(value: Any) -> Any:
    """Decimal as text, everything else as it is (dataclasses were turned into dicts before)."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def _exchange_state(exchange: Exchange) -> dict[str, Any]:
    return {
        "balances": {asset: _plain(asdict(balance)) for asset, balance in exchange.account.balances.items()},
        "orders": [_plain(asdict(order)) for order in exchange.orders.values()],
        "burnt": sorted(exchange.burnt),
        "ids": exchange.ids,
        "offline": exchange.offline,
        "markets": {code: _market_state(market) for code, market in exchange.markets.items()},
    }


def _restore_exchange(exchange: Exchange, saved: dict[str, Any]) -> None:
    exchange.account.balances = {
        asset: Balance(**{name: Decimal(text) for name, text in parts.items()})
        for asset, parts in saved["balances"].items()
    }
    exchange.reopen([_order(parts) for parts in saved["orders"]])
    exchange.burnt = set(saved["burnt"])
    exchange.ids = int(saved["ids"])
    exchange.offline = bool(saved["offline"])
    for code, market in exchange.markets.items():
        _restore_market(market, saved["markets"][code])


def _decimals(cls: type, parts: dict[str, Any]) -> dict[str, Any]:
    """Turns the fields that the class declares as Decimal back from text."""
    declared = {one.name: str(one.type) for one in fields(cls)}
    return {
        name: Decimal(value) if isinstance(value, str) and declared[name].startswith("Decimal") else value
        for name, value in parts.items()
    }


def _order(parts: dict[str, Any]) -> Order:
    order = Order(**_decimals(Order, parts))
    order.fills = [Fill(**_decimals(Fill, one)) for one in parts["fills"]]
    return order


def _market_state(market: Market) -> dict[str, Any]:
    candles = market.candles
    return {
        "last": str(market.last),
        "before_last": str(market.before_last),
        "shift": market.shift,
        "depth": str(market.depth),
        "own_tick": None if market.own_tick is None else str(market.own_tick),
        "marks": asdict(market.marks) | {"cautions": sorted(market.marks.cautions)},
        "bought": [market.bought, market.bought_from],
        "trades": [
            [one.at_ms, str(one.price), str(one.quantity), one.taker, one.number]
            for one in list(market.trades)[-SAVED_TRADES:]
        ],
        "minutes": [_row(one) for one in candles.minutes[-SAVED_MINUTES:]],
        "hours": [_row(one) for one in candles.hours],
        "days": [_row(one) for one in candles.days],
    }


def _row(candle: Candle) -> list[float]:
    return [
        candle.open_ms,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.value,
        candle.last_ms,
    ]


def _candle(row: list[Any]) -> Candle:
    open_ms, opening, high, low, close, volume, value, last_ms = row
    return Candle(int(open_ms), opening, high, low, close, volume, value, int(last_ms))


def _restore_market(market: Market, saved: dict[str, Any]) -> None:
    market.last, market.before_last = Decimal(saved["last"]), Decimal(saved["before_last"])
    market.shift = float(saved["shift"])
    market.depth = Decimal(saved["depth"])
    market.own_tick = None if saved["own_tick"] is None else Decimal(saved["own_tick"])
    for name, value in saved["marks"].items():
        setattr(market.marks, name, set(value) if name == "cautions" else value)
    market.bought, market.bought_from = float(saved["bought"][0]), int(saved["bought"][1])
    market.trades.extend(
        Trade(at_ms, Decimal(price), Decimal(quantity), taker, number)
        for at_ms, price, quantity, taker, number in saved["trades"]
    )
    market.candles.minutes = [_candle(row) for row in saved["minutes"]]
    market.candles.hours = [_candle(row) for row in saved["hours"]]
    market.candles.days = [_candle(row) for row in saved["days"]]
