"""A venue in the same process that can lose replies, hide orders, fill in parts and answer with nothing.

Its truth can live in a file, so that it survives a killed process. Time is the clock's; nothing happens by itself
but what a plan or `work` says.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading.core.candles import Candles
from trading.core.errors import NotSupported, OutcomeUnknown, Refused, StopTrading, TryLater
from trading.core.instrument import Instrument
from trading.core.orders import TERMINAL, ZERO, Fill, Order, State
from trading.core.ports import Balance, Capabilities, OrderBook, StreamNews, Tick, VenueOrder, VenuePosition

FEE = Decimal("0.0005")

#: What may happen to one POST. accepted or not, and what the caller gets to see.
ACCEPTED = ("ok", "lose_after", "broken_after", "acknowledge", "late", "hidden")
NOT_ACCEPTED = ("lose_before", "refuse", "try_later", "stop", "unable")


@dataclass
class FakeClock:
    """Two clocks that move when told."""

    now: float = 1_763_600_000.0
    mono: float = 100.0

    def wall_ms(self) -> int:
        return int(self.now * 1000)

    def monotonic(self) -> float:
        return self.mono

    def market_ms(self) -> int:
        return int(self.now * 1000)

    def pass_s(self, seconds: float) -> None:
        self.now += seconds
        self.mono += seconds


@dataclass
class Truth:
    """What the venue knows. Amounts as decimal text, so that it goes through JSON unchanged."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=lambda: {"KRW": "10000000"})
    posts: list[str] = field(default_factory=list)
    serial: int = 0


class LossyVenue:
    """Implements `trading.core.ports.Venue`. plan: fates of the next POSTs (then "ok"); portion: share filled at once.

    broken: names of methods that raise now; blind: those that deny everything.
    fee_in_base: fees are taken from the bought coin.
    """

    def __init__(
        self,
        clock: FakeClock,
        file: Path | None = None,
        killpoint: Callable[[str], None] = lambda _label: None,
        price: Decimal = Decimal(1000),
        name: str = "upbit",
        capabilities: Capabilities | None = None,
    ) -> None:
        self.clock = clock
        self.file = file
        self.killpoint = killpoint
        self.price = price
        self._name = name
        self._capabilities = capabilities or Capabilities("KRW", fee_rate=0.0005)
        self.plan: deque[str] = deque()
        self.portion = Decimal(1)
        self.fee_in_base = False
        self.twice = False
        self.broken: set[str] = set()
        self.blind: set[str] = set()
        self.empty_balances = False
        self.hide_assets: set[str] = set()
        self.futures: list[VenuePosition] = []
        self.asked: list[str] = []
        self.truth = Truth(**json.loads(file.read_text())) if file and file.exists() else Truth()

    # -- truth -----------------------------------------------------------------------------------------------------

    def _save(self) -> None:
        if self.file:
            partial = self.file.with_suffix(".part")
            partial.write_text(json.dumps(self.truth.__dict__))
            partial.replace(self.file)

    def _move(self, asset: str, change: Decimal) -> None:
        self.truth.held[asset] = format(Decimal(self.truth.held.get(asset, "0")) + change, "f")

    def held(self, asset: str) -> Decimal:
        return Decimal(self.truth.held.get(asset, "0"))

    def give(self, asset: str, quantity: str) -> None:
        """A deposit."""
        self._move(asset, Decimal(quantity))
        self._save()

    def trade_by_hand(self, symbol: str, side: str, quantity: str, client: str | None = None, kind: str = "") -> str:
        """Somebody trades on the account without the bot; returns the trade id."""
        self.truth.serial += 1
        entry = self._entry(f"hand-{self.truth.serial}", client, symbol, side, Decimal(quantity))
        entry["type"] = kind or "market"
        self.truth.orders.append(entry)
        self._fill(entry, Decimal(quantity))
        self._save()
        return str(entry["fills"][0]["trade_id"])

    def _entry(self, venue_id: str, client: str | None, symbol: str, side: str, quantity: Decimal) -> dict[str, Any]:
        return {
            "venue_id": venue_id,
            "client_id": client,
            "symbol": symbol,
            "side": side,
            "type": "market",
            "quantity": format(quantity, "f"),
            "filled": "0",
            "state": "OPEN",
            "created_ms": self.clock.market_ms(),
            "seen_from": self.clock.mono,
            "fills": [],
        }

    def _fill(self, entry: dict[str, Any], quantity: Decimal) -> None:
        base, _, quote = entry["symbol"].partition("/")
        notional, buys = quantity * self.price, entry["side"] == "buy"
        in_base = self.fee_in_base and buys
        fee = (quantity if in_base else notional) * FEE
        self._move(base, quantity - (fee if in_base else ZERO) if buys else -quantity)
        self._move(quote, -notional - (ZERO if in_base else fee) if buys else notional - fee)
        entry["fills"].append(
            {
                "trade_id": f"{entry['venue_id']}-{len(entry['fills'])}",
                "price": format(self.price, "f"),
                "quantity": format(quantity, "f"),
                "fee": format(fee, "f"),
                "fee_asset": base if in_base else quote,
                "time_ms": self.clock.market_ms(),
            }
        )
        filled = Decimal(entry["filled"]) + quantity
        entry["filled"] = format(filled, "f")
        entry["state"] = "FILLED" if filled >= Decimal(entry["quantity"]) else "PARTIAL"

    def work(self, portion: Decimal = Decimal(1)) -> None:
        """Resting orders fill by `portion` of what is left of them."""
        for entry in self.truth.orders:
            if State(entry["state"]) not in TERMINAL:
                left = Decimal(entry["quantity"]) - Decimal(entry["filled"])
                self._fill(entry, left if portion >= 1 else (left * portion).quantize(Decimal("1e-8")))
        self._save()

    def orders_named(self, client_id: str) -> list[dict[str, Any]]:
        return [entry for entry in self.truth.orders if entry["client_id"] == client_id]

    def net(self, asset: str, client_ids: Iterable[str]) -> Decimal:
        """What the fills of these orders left of `asset`."""
        total, wanted = ZERO, set(client_ids)
        for entry in self.truth.orders:
            if entry["client_id"] in wanted and entry["symbol"].partition("/")[0] == asset:
                for fill in entry["fills"]:
                    sign = 1 if entry["side"] == "buy" else -1
                    total += sign * Decimal(fill["quantity"])
                    if fill["fee_asset"] == asset:
                        total -= Decimal(fill["fee"])
        return total

    # -- the port --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def submit(self, order: Order) -> VenueOrder:
        self.truth.posts.append(order.id)
        fate = self.plan.popleft() if self.plan else "ok"
        if fate in NOT_ACCEPTED:
            self._save()
            raise {
                "lose_before": OutcomeUnknown("timeout"),
                "refuse": Refused("insufficient_funds_bid"),
                "try_later": TryLater("too_many_requests", retry_after=1.0),
                "stop": StopTrading("invalid_access_key"),
                "unable": NotSupported("market_buy"),
            }[fate]
        self.truth.serial += 1
        entry = self._entry(f"v-{self.truth.serial}", order.id, order.symbol, order.side, order.quantity)
        entry["type"] = "market" if order.limit is None else "limit"
        entry["seen_from"] += {"late": 8.0, "hidden": 30.0}.get(fate, 0.0)
        self.truth.orders.append(entry)
        at_once = (order.quantity * self.portion).quantize(Decimal("1e-8"))
        if at_once > ZERO:
            self._fill(entry, at_once)
        self._save()
        self.killpoint("J4")
        if fate in ("lose_after", "late", "hidden"):
            raise OutcomeUnknown("connection_reset")
        if fate == "broken_after":
            raise KeyError("uuid")
        return self._acknowledged(entry) if fate == "acknowledge" else self._shown(entry)

    def _acknowledged(self, entry: dict[str, Any]) -> VenueOrder:
        return replace(self._shown(entry), state=State.OPEN, filled=ZERO, fills=(), fills_complete=False)

    def _shown(self, entry: dict[str, Any]) -> VenueOrder:
        fills = tuple(self._fill_of(entry, fill) for fill in entry["fills"])
        return VenueOrder(
            entry["venue_id"],
            entry["client_id"],
            entry["symbol"],
            entry["side"],
            entry["type"],
            State(entry["state"]),
            None,
            Decimal(entry["quantity"]),
            Decimal(entry["filled"]),
            entry["created_ms"],
            fills * 2 if self.twice else fills,
            True,
        )

    def _fill_of(self, entry: dict[str, Any], fill: dict[str, Any]) -> Fill:
        return Fill(
            self._name,
            entry["client_id"] or "",
            fill["trade_id"],
            entry["symbol"],
            entry["side"],
            Decimal(fill["price"]),
            Decimal(fill["quantity"]),
            Decimal(fill["fee"]),
            fill["fee_asset"],
            fill["time_ms"],
        )

    def _ask(self, method: str) -> None:
        self.asked.append(method)
        if method in self.broken:
            raise OutcomeUnknown("http_502", method)

    def _visible(self) -> list[dict[str, Any]]:
        return [entry for entry in self.truth.orders if entry["seen_from"] <= self.clock.mono]

    def find(self, order: Order) -> VenueOrder | None:
        self._ask("find")
        for entry in () if "find" in self.blind else self._visible():
            if entry["client_id"] == order.id:
                return self._shown(entry)
        return None

    def open_orders(self, symbols: Iterable[str] | None = None) -> Sequence[VenueOrder]:
        self._ask("open_orders")
        wanted = None if symbols is None else set(symbols)
        return [
            replace(self._shown(entry), fills=(), fills_complete=False)
            for entry in self._visible()
            if State(entry["state"]) not in TERMINAL
            and (wanted is None or entry["symbol"] in wanted)
            and "open_orders" not in self.blind
        ]

    def fills(self, since_ms: int, symbols: Iterable[str]) -> Sequence[tuple[VenueOrder, Fill]]:
        self._ask("fills")
        wanted = set(symbols)
        return [
            (replace(self._shown(entry), fills=(), fills_complete=False), replace(self._fill_of(entry, fill)))
            for entry in self._visible()
            for fill in entry["fills"]
            if entry["symbol"] in wanted and fill["time_ms"] >= since_ms
        ]

    def cancel(self, order: Order) -> None:
        self._ask("cancel")
        for entry in self.truth.orders:
            if entry["client_id"] == order.id and State(entry["state"]) not in TERMINAL:
                entry["state"] = "CANCELLED"
        self._save()

    def balances(self) -> Mapping[str, Balance]:
        self._ask("balances")
        if self.empty_balances:
            return {}
        locked: dict[str, Decimal] = {}
        for entry in self.truth.orders:
            if entry["side"] == "sell" and State(entry["state"]) not in TERMINAL:
                asset = entry["symbol"].partition("/")[0]
                left = Decimal(entry["quantity"]) - Decimal(entry["filled"])
                locked[asset] = locked.get(asset, ZERO) + left
        return {
            asset: Balance(asset, Decimal(held) - locked.get(asset, ZERO), locked.get(asset, ZERO), Decimal(900))
            for asset, held in self.truth.held.items()
            if asset not in self.hide_assets and (Decimal(held) or asset == "KRW")
        }

    def positions(self) -> Sequence[VenuePosition]:
        self._ask("positions")
        return tuple(self.futures)

    def instruments(self) -> Mapping[str, Instrument]:
        return {"BTC/KRW": Instrument("upbit", "BTC/KRW", "KRW-BTC", "BTC", "KRW")}

    def candles(self, symbol: str, timeframe: str, count: int, end_ms: int | None = None) -> Candles:
        raise NotSupported("candles")

    def prices(self, symbols: Iterable[str]) -> Mapping[str, Tick]:
        return {symbol: Tick(symbol, self.clock.market_ms(), float(self.price)) for symbol in symbols}

    def order_book(self, symbol: str) -> OrderBook:
        raise NotSupported("order_book")

    def watch(self, symbols: Sequence[str]) -> None:
        pass

    def drain(self) -> StreamNews:
        return StreamNews()

    def requests_per_minute(self) -> int:
        return 0

    def close(self) -> None:
        pass


def an_order(order_id: str, leg: str = "entry", quantity: str = "2", trip: str = "", **changes: Any) -> Order:
    """An order of BTC/KRW at market, as a trader would make it."""
    side = "buy" if leg == "entry" else "sell"
    values: dict[str, Any] = {
        "id": order_id,
        "venue": "upbit",
        "book": "main",
        "strategy": "breakout",
        "symbol": "BTC/KRW",
        "side": side,
        "leg": leg,
        "quantity": Decimal(quantity),
        "price": Decimal(1000),
        "reason": "signal" if leg == "entry" else "stop_loss",
        "candle_ms": 1_763_599_980_000,
        "created_ms": 1_763_600_000_000,
        "trip": trip or order_id,
    }
    return Order(**{**values, **changes})
