"""A venue in this process: no network, a seeded market of any number of symbols, fills at once at the last price.

Its own work is done in `advance`, between the steps that are measured; the calls of the port only hand over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from random import Random
from typing import Final

import numpy as np

from exchanges.simulator.listing import COINS
from trading.core.calendar import slot, timeframe_ms
from trading.core.candles import Candles
from trading.core.instrument import Instrument
from trading.core.orders import ZERO, Fill, Order, State
from trading.core.ports import (
    Balance,
    Capabilities,
    OrderBook,
    StreamNews,
    Tick,
    VenueOrder,
    VenuePosition,
)

START_MS: Final = 1_772_506_800_000
MINUTE_MS: Final = 60_000
RECENT: Final = 30
FEE: Final = Decimal("0.0005")
LOT: Final = Decimal("0.00000001")
TICKS: Final = ((1_000_000.0, 1000.0), (100_000.0, 100.0), (10_000.0, 10.0), (1_000.0, 1.0), (0.0, 0.01))


@dataclass(slots=True)
class BenchClock:
    """A clock that stands until it is moved; wall and market time move together, as in live."""

    now_ms: int = START_MS
    seconds: float = 1_000.0

    def wall_ms(self) -> int:
        """The same as the market's."""
        return self.now_ms

    def market_ms(self) -> int:
        """Market time, ms UTC."""
        return self.now_ms

    def monotonic(self) -> float:
        """Seconds."""
        return self.seconds

    def pass_s(self, seconds: float) -> None:
        """Moves on."""
        self.now_ms += round(1000 * seconds)
        self.seconds += seconds


def symbols(number: int) -> list[str]:
    """BTC/KRW, ETH/KRW and so on, then made-up coins."""
    bases = [base for base in COINS if base != "USDT"]
    bases += [f"C{index:03d}" for index in range(max(0, number - len(bases)))]
    return [f"{base}/KRW" for base in bases[:number]]


class LocalVenue:
    """Implements `trading.core.ports.Venue` for `number` symbols."""

    def __init__(self, clock: BenchClock, number: int, cash: str = "10000000", seed: int = 7) -> None:
        self._clock = clock
        self._random = np.random.default_rng(seed)
        self._seed = seed
        self._names = symbols(number)
        self._prices = 1_000.0 * np.exp(Random(seed).uniform(0.0, 3.0) * np.linspace(0.0, 1.0, number))
        self._last = dict(zip(self._names, self._prices.tolist(), strict=True))
        self._began_ms = clock.now_ms
        self._forming: dict[str, list[float]] = {}
        self._minute_ms = 0
        self._recent: dict[str, deque[tuple[float, ...]]] = {name: deque(maxlen=RECENT) for name in self._names}
        self._ticks: list[Tick] = []
        self._held: dict[str, Decimal] = {"KRW": Decimal(cash)}
        self._orders: dict[str, VenueOrder] = {}
        self._kept: deque[str] = deque(maxlen=200)
        self._serial = count(1)
        self.submitted = 0

    # -- the market ------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """One trade of every symbol at the clock's time."""
        now = self._clock.now_ms
        minute = slot(now, MINUTE_MS, 0)
        if minute != self._minute_ms:
            for name, done in self._forming.items():
                self._recent[name].append((self._minute_ms, *done))
            self._forming.clear()
            self._minute_ms = minute
        self._prices *= np.exp(self._random.normal(0.0, 0.0006, len(self._names)))
        amounts = self._random.uniform(0.1, 5.0, len(self._names)).tolist()
        for name, raw, amount in zip(self._names, self._prices.tolist(), amounts, strict=True):
            price = round(raw, 2)
            self._last[name] = price
            self._ticks.append(Tick(name, now, price, amount))
            if name not in self._forming:
                self._forming[name] = [price, price, price, price, amount]
                continue
            candle = self._forming[name]
            candle[1] = max(candle[1], price)
            candle[2] = min(candle[2], price)
            candle[3] = price
            candle[4] += amount

    def drain(self) -> StreamNews:
        """All ticks since the last call."""
        ticks, self._ticks = tuple(self._ticks), []
        return StreamNews(ticks, age_s=0.1)

    def watch(self, symbols: Sequence[str]) -> None:
        """All are streamed anyway."""

    def instruments(self) -> Mapping[str, Instrument]:
        """All of them."""
        return {
            name: Instrument("upbit", name, f"KRW-{base}", base, "KRW", TICKS, float(LOT), 5000.0, float(FEE))
            for name in self._names
            for base in (name.partition("/")[0],)
        }

    def candles(self, symbol: str, timeframe: str, count: int, end_ms: int | None = None) -> Candles:
        """Made-up candles up to the beginning, those of the market since."""
        length = timeframe_ms(timeframe)
        until = slot(min(end_ms or self._clock.now_ms, self._began_ms), length, 0)
        rng = np.random.default_rng([self._seed, self._names.index(symbol), length])
        closes = self._last[symbol] * np.exp(np.cumsum(rng.normal(0.0, 0.001, count))[::-1])
        opens = np.append(closes[0], closes[:-1])
        spread = 1.0 + rng.uniform(0.0, 0.001, count)
        time = np.arange(until - count * length, until, length, dtype=np.int64)
        columns = [opens, np.maximum(opens, closes) * spread, np.minimum(opens, closes) / spread, closes]
        columns.append(rng.uniform(1.0, 50.0, count))
        if length == MINUTE_MS and self._recent[symbol]:
            fresh = [row for row in self._recent[symbol] if end_ms is None or row[0] < end_ms]
            time = np.append(time, np.array([int(row[0]) for row in fresh], np.int64))
            columns = [np.append(old, [row[at] for row in fresh]) for at, old in enumerate(columns, start=1)]
        o, h, low, c, v = (column[-count:] for column in columns)
        return Candles(time[-count:], o, h, low, c, v, length)

    def prices(self, symbols: Iterable[str]) -> Mapping[str, Tick]:
        """The last trades."""
        return {name: Tick(name, self._clock.now_ms, self._last[name]) for name in symbols}

    def order_book(self, symbol: str) -> OrderBook:
        """One level on each side."""
        price = self._last[symbol]
        return OrderBook(symbol, self._clock.now_ms, ((price, 1e6),), ((price, 1e6),))

    # -- the account -----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """It speaks for Upbit."""
        return "upbit"

    @property
    def capabilities(self) -> Capabilities:
        """As Upbit's."""
        return Capabilities("KRW", market_buy_by_quote=True, fee_rate=float(FEE))

    def balances(self) -> Mapping[str, Balance]:
        """What fills left."""
        return {asset: Balance(asset, held, ZERO) for asset, held in self._held.items() if held or asset == "KRW"}

    def positions(self) -> Sequence[VenuePosition]:
        """None: spot."""
        return ()

    def submit(self, order: Order) -> VenueOrder:
        """Filled at once, whole, at the last price."""
        self.submitted += 1
        price = Decimal(repr(self._last[order.symbol]))
        quantity = order.quantity if order.funds is None else (order.funds / price).quantize(LOT)
        fee = (price * quantity * FEE).quantize(LOT)
        base = order.symbol.partition("/")[0]
        sign = 1 if order.side == "buy" else -1
        self._held[base] = self._held.get(base, ZERO) + sign * quantity
        self._held["KRW"] -= sign * price * quantity + fee
        number = next(self._serial)
        now = self._clock.now_ms
        fill = Fill("upbit", order.id, f"t{number}", order.symbol, order.side, price, quantity, fee, "KRW", now)
        shown = VenueOrder(
            f"v{number}",
            order.id,
            order.symbol,
            order.side,
            "market",
            State.FILLED,
            None,
            quantity,
            quantity,
            now,
            (fill,),
            True,
        )
        if len(self._kept) == self._kept.maxlen:
            self._orders.pop(self._kept[0])
        self._kept.append(order.id)
        self._orders[order.id] = shown
        return shown

    def find(self, order: Order) -> VenueOrder | None:
        """One of the last orders."""
        return self._orders.get(order.id)

    def open_orders(self, symbols: Iterable[str] | None = None) -> Sequence[VenueOrder]:
        """None rests."""
        return ()

    def fills(self, since_ms: int, symbols: Iterable[str]) -> Sequence[tuple[VenueOrder, Fill]]:
        """Fills of the last orders."""
        wanted = set(symbols)
        shown = (one for one in self._orders.values() if one.symbol in wanted)
        return [(one, fill) for one in shown for fill in one.fills if fill.time_ms >= since_ms]

    def cancel(self, order: Order) -> None:
        """Nothing rests."""

    def requests_per_minute(self) -> int:
        """None."""
        return 0

    def close(self) -> None:
        """Nothing is open."""
