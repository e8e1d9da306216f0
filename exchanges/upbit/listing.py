"""Which markets there are and under which rules: read together, kept for a day, read again after a refusal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from exchanges.upbit import parse
from exchanges.upbit.client import Client
from exchanges.upbit.tables import CURRENCY, FEE_RATE, MIN_TOTAL
from trading.core.errors import Refused, VenueError
from trading.core.instrument import Instrument, Ticks
from trading.core.ports import Clock, Tick

FRESH_S: Final = 86_400.0
NOTICES_S: Final = 60.0
CHANCES_A_CALL: Final = 5
"""`orders/chance` costs a request per market: a hundred watched ones are read over some minutes, not at the start."""
USUAL: Final = (float(FEE_RATE), float(MIN_TOTAL), True)


class Listing:
    """The instruments. Notices are a minute old at most; ticks, minimum, fee and state a day.

    A market that is not active is asked again every minute, so that it comes back when the halt is over.
    """

    def __init__(self, client: Client, read: Callable[[Callable[[Any], Any], Any], Any], clock: Clock) -> None:
        self._client = client
        self._read = read
        self._clock = clock
        self._markets: dict[str, Instrument] = {}
        self._markets_at: float | None = None
        self._ticks: dict[str, Ticks] = {}
        self._ticks_at: float | None = None
        self._chances: dict[str, tuple[float, float, bool]] = {}
        self._chance_due: dict[str, float] = {}
        self.watched: tuple[str, ...] = ()

    def instruments(self) -> Mapping[str, Instrument]:
        """All KRW markets by our symbol. Raises what the venue answers when the list itself cannot be had."""
        now = self._clock.monotonic()
        if self._markets_at is None or now - self._markets_at >= NOTICES_S:
            self.refreshed()
        if self._ticks_at is None or now - self._ticks_at >= FRESH_S:
            try:
                self._read_ticks(now)
            except VenueError:
                if not self._ticks:
                    raise
        if self._client.has_key:
            self._read_chances(now)
        return {symbol: self._ruled(one) for symbol, one in self._markets.items()}

    def refreshed(self) -> Mapping[str, Instrument]:
        """The list read anew, without the rules of each market."""
        answer = self._client.get("market/all", {"is_details": "true"}, group="market")
        self._markets = self._read(parse.listed, answer)
        self._markets_at = self._clock.monotonic()
        return self._markets

    @property
    def symbols(self) -> Collection[str]:
        """What was listed when last asked; empty before."""
        return self._markets.keys()

    def fee_rate(self, symbol: str) -> Decimal:
        """What the venue charges on this market, as far as it was asked."""
        return Decimal(str(self._chances.get(symbol, USUAL)[0]))

    def forget(self, symbol: str) -> None:
        """The venue refused an order: what we know of this market may be old."""
        self._chance_due.pop(symbol, None)
        self._ticks_at = None
        self._markets_at = None

    def _ruled(self, one: Instrument) -> Instrument:
        ticks = self._ticks.get(one.symbol, one.ticks)
        if (rules := self._chances.get(one.symbol)) is None:
            return replace(one, ticks=ticks)
        fee, least, active = rules
        return replace(one, ticks=ticks, fee_rate=fee, min_notional=least, tradable=active)

    def _read_ticks(self, now: float) -> None:
        """Ticks of all markets in two requests: the tick at the present price, and the prices."""
        markets = ",".join(one.market for one in self._markets.values())
        sizes = self._read(
            parse.tick_sizes, self._client.get("orderbook/instruments", {"markets": markets}, group="orderbook")
        )
        prices: Mapping[str, Tick] = self._read(
            parse.tickers, self._client.get("ticker/all", {"quote_currencies": CURRENCY}, group="ticker")
        )
        self._ticks = {
            symbol: parse.ticks_at(prices[symbol].price if symbol in prices else None, size)
            for symbol, size in sizes.items()
        }
        self._ticks_at = now

    def _read_chances(self, now: float) -> None:
        due = [s for s in self.watched if s in self._markets and now >= self._chance_due.get(s, now)]
        for symbol in due[:CHANCES_A_CALL]:
            try:
                answer = self._client.get("orders/chance", {"market": self._markets[symbol].market})
                self._chances[symbol] = self._read(parse.chance, answer)
            except Refused:
                # Listed, but not to be traded: the order would be refused as well.
                self._chances[symbol] = (*self._chances.get(symbol, USUAL)[:2], False)
            except VenueError:
                # The rules we have are good enough to go on; the next call asks again.
                return
            active = self._chances[symbol][2]
            self._chance_due[symbol] = now + (FRESH_S if active else NOTICES_S)
