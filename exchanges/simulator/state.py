"""Saves the whole world to one file and brings it back: market position, candles, account, orders, keys."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from exchanges.simulator.accounts import Balance
from exchanges.simulator.candles import Candle, CandleStore
from exchanges.simulator.exchange import Exchange
from exchanges.simulator.market import Market, Trade
from exchanges.simulator.orders import Fill, Order
from exchanges.simulator.tape import Print
from exchanges.simulator.world import World

VERSION = 1
SAVED_MINUTES = 5_000
SAVED_STEP = 500
SAVED_TRADES = 200


class UnusableState(Exception):
    """A state file that cannot be gone on from; the text says why."""


def write_text(path: Path, text: str) -> None:
    """Writes a file so that a reader sees the old or the new one, never a part; mode 0600."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
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


def state_text(world: World) -> str:
    """The world as JSON text."""
    head = json.dumps(_world_state(world), separators=(",", ":"))
    candles = ",".join(
        json.dumps(name)
        + ":{"
        + ",".join(f"{json.dumps(code)}:{_candles_text(market.candles)}" for code, market in exchange.markets.items())
        + "}"
        for name, exchange in world.exchanges.items()
    )
    orders = ",".join(f"{json.dumps(name)}:{_orders_text(exchange)}" for name, exchange in world.exchanges.items())
    return f'{head[:-1]},"orders":{{{orders}}},"candles":{{{candles}}}}}'


_ended: WeakKeyDictionary[Exchange, dict[str, str]] = WeakKeyDictionary()


def _orders_text(exchange: Exchange) -> str:
    """All orders of a venue as JSON; an order that has ended never changes, so its text is made once."""
    known = _ended.setdefault(exchange, {})
    texts = []
    for order_id, order in exchange.orders.items():
        text = known.get(order_id)
        if text is None:
            text = json.dumps(_plain(asdict(order)), separators=(",", ":"))
            if order.state != "open":
                known[order_id] = text
        texts.append(text)
    return f"[{','.join(texts)}]"


@dataclass(slots=True)
class _Texts:
    """What was written of a candle store before: a closed candle never changes, so its text is made once."""

    older: str
    first_ms: int
    closed: list[str]


_written: WeakKeyDictionary[CandleStore, _Texts] = WeakKeyDictionary()


def _candles_text(store: CandleStore) -> str:
    """All candles of one market as JSON. Saves come with every order, so only new candles are put into words."""
    # Cut in steps: a start that moved with every minute would make all the texts anew.
    surplus = max(len(store.minutes) - SAVED_MINUTES, 0)
    minutes = store.minutes[surplus - surplus % SAVED_STEP :]
    first_ms = minutes[0].open_ms if minutes else 0
    known = _written.get(store)
    if known is None or known.first_ms != first_ms or len(known.closed) >= len(minutes):
        older = f'"days":{_rows(store.days)},"hours":{_rows(store.hours)}'
        known = _written[store] = _Texts(older, first_ms, [])
    known.closed.extend(json.dumps(_row(one)) for one in minutes[len(known.closed) : -1])
    newest = [json.dumps(_row(minutes[-1]))] if minutes else []
    return f'{{{known.older},"minutes":[{",".join(known.closed + newest)}]}}'


def _rows(candles: list[Candle]) -> str:
    return json.dumps([_row(one) for one in candles], separators=(",", ":"))


def _world_state(world: World) -> dict[str, Any]:
    """The world without its candles as a JSON value."""
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
            exchange.reopen([_order(parts) for parts in saved["orders"][name]])
            for code, market in exchange.markets.items():
                _restore_candles(market.candles, saved["candles"][name][code])
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
        "burnt": sorted(exchange.burnt),
        "ids": exchange.ids,
        "offline": exchange.offline,
        "cancels": list(exchange.cancels),
        "markets": {code: _market_state(market) for code, market in exchange.markets.items()},
    }


def _restore_exchange(exchange: Exchange, saved: dict[str, Any]) -> None:
    exchange.account.balances = {
        asset: Balance(**{name: Decimal(text) for name, text in parts.items()})
        for asset, parts in saved["balances"].items()
    }
    exchange.burnt = set(saved["burnt"])
    exchange.ids = int(saved["ids"])
    exchange.offline = bool(saved["offline"])
    # Wall time starts anew after a restart: cancels that were accepted before it are due at once.
    exchange.cancels = dict.fromkeys(saved["cancels"], float("-inf"))
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


def _restore_candles(store: CandleStore, saved: dict[str, Any]) -> None:
    store.minutes = [_candle(row) for row in saved["minutes"]]
    store.hours = [_candle(row) for row in saved["hours"]]
    store.days = [_candle(row) for row in saved["days"]]
