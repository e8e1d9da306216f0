"""One market of one venue: last price, public trades, candles, book and the marks a venue puts on it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from exchanges.simulator.accounts import ZERO
from exchanges.simulator.book import STEP, Book, make_book
from exchanges.simulator.candles import CandleStore
from exchanges.simulator.grid import PriceGrid
from exchanges.simulator.listing import Coin
from exchanges.simulator.tape import DAY_MS, Bar, Print

KEEP_TRADES = 3_000


class Trade(NamedTuple):
    """One public trade: time ms UTC, price in the quote currency, coins, taker side, number that only grows."""

    at_ms: int
    price: Decimal
    quantity: Decimal
    taker: str
    number: int


@dataclass(slots=True)
class Marks:
    """What a venue says about a market beside its prices."""

    halted: bool = False
    offline: bool = False
    delisted: bool = False
    warning: bool = False
    cautions: set[str] = field(default_factory=set)
    delisting_date: str | None = None


class Market:
    """A market named QUOTE-COIN. Trades of the account leave no mark here: it is too small to move the market."""

    def __init__(self, code: str, coin: Coin, grid: PriceGrid, half_spread: bool, seed: int, on_grid: bool) -> None:
        """`on_grid`: whether prices that come in are rounded to the tick (a replay's are passed on as recorded)."""
        self.code, self.coin = code, coin
        self.candles = CandleStore()
        self.trades: deque[Trade] = deque(maxlen=KEEP_TRADES)
        self.last = Decimal(repr(coin.price))
        self.before_last = self.last
        self.marks = Marks()
        self.shift = 1.0
        self.depth = Decimal(1)
        self.own_tick: Decimal | None = None
        self._grid = grid
        self._half_spread, self._on_grid, self._seed = half_spread, on_grid, seed
        self.bought = 0.0
        """Coins that takers bought since `bought_from` (00:00 UTC)."""
        self.bought_from = 0
        self._count = 0
        self._book: Book | None = None

    def tick(self, price: Decimal) -> Decimal:
        """Smallest price step at `price`: the market's own rule where it has one, else the venue's grid."""
        return self.own_tick if self.own_tick is not None else self._grid(price)

    def round_price(self, price: float) -> float:
        """A price put on the tick grid (nearest)."""
        if self.own_tick is None:
            return self._grid.nearest(price)
        tick = float(self.own_tick)
        return round(max(round(price / tick), 1) * tick, 8)

    @property
    def rose(self) -> bool:
        """Whether the last change of price was upward."""
        return self.last >= self.before_last

    @property
    def fixed(self) -> bool:
        """True while no public trade can happen here."""
        return self.marks.halted or self.marks.offline or self.marks.delisted

    def load_older(self, days: list[Bar], hours: list[Bar]) -> None:
        """Takes in the history before the first minute."""
        self.candles.load_older(days, hours, self.round_price)

    def note_history(self, one: Print) -> None:
        """A trade of before the opening: goes into the candles only (cheap, there are many)."""
        price = self.round_price(one.price * self.shift) if self._on_grid else one.price
        self.candles.add(price, round(one.quantity, 8), one.at_ms)
        self._note_taker(one)

    def _note_taker(self, one: Print) -> None:
        if one.at_ms >= self.bought_from + DAY_MS:
            self.bought, self.bought_from = 0.0, one.at_ms - one.at_ms % DAY_MS
        if one.buyer_taker:
            self.bought += one.quantity

    def bought_since(self, now_ms: int) -> float:
        """Coins that takers bought since 00:00 UTC of the day of `now_ms`."""
        return self.bought if now_ms < self.bought_from + DAY_MS else 0.0

    def open(self) -> None:
        """Ends the history: the last candle's close is the last price."""
        if self.candles.minutes:
            self.last = self.before_last = Decimal(repr(self.candles.minutes[-1].close))

    def record(self, one: Print) -> Trade:
        """Takes a public trade in: last price, trades, candle, and a new book."""
        price = self.round_price(one.price * self.shift) if self._on_grid else one.price
        exact = Decimal(repr(price)).normalize()
        quantity = max(Decimal(repr(one.quantity)).quantize(STEP, ROUND_HALF_EVEN), STEP)
        self._count += 1
        trade = Trade(one.at_ms, exact, quantity, "buy" if one.buyer_taker else "sell", self._number(one.at_ms))
        if exact != self.last:
            self.before_last = self.last
        self.last = exact
        self.trades.append(trade)
        self.candles.add(price, float(quantity), one.at_ms)
        self._note_taker(one)
        self._book = None
        return trade

    def _number(self, at_ms: int) -> int:
        """Trade numbers: time x 10,000, plus a count where several share one millisecond."""
        number = at_ms * 10_000
        return max(number, self.trades[-1].number + 1) if self.trades else number

    def book(self) -> Book:
        """The book of the moment, built when first asked for after a trade."""
        if self._book is None:
            seed = f"{self._seed}:{self.code}:{self._count}:{self.last}"
            self._book = make_book(self.last, self.tick, self._half_spread, self.depth, seed)
        return self._book

    def renew_book(self) -> None:
        """Forgets what orders took from the book (a changed depth or tick does the same)."""
        self._book = None

    def set_price(self, price: Decimal, at_ms: int) -> Print:
        """The trade to record so that the market stands at `price`.

        A generated market goes on from there; a replayed one returns to its record with the next recorded trade.
        Raises ValueError for a price that is not positive.
        """
        if price <= ZERO:
            raise ValueError("a price must be above 0")
        quantity = float(Decimal(1_000_000) / price)
        if self._on_grid:
            self.shift *= float(price / self.last)
        shown = float(price) / self.shift if self._on_grid else float(price)
        return Print(at_ms, shown, quantity, price >= self.last)
