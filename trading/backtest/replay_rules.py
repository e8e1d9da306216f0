"""What the replay venue does by itself: funding, and the price limits of the day."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from trading.backtest.replay_venue import ReplayVenue
from trading.backtest.series import Series
from trading.core.facts import Bar
from trading.core.portfolio import Portfolio

LOCKED: Final = "limit_up"
"""Why a market that stands at its upper limit takes no buys."""


class Surroundings:
    """All of it, for all symbols."""

    def __init__(self, all_series: Sequence[Series]) -> None:
        self._days = {one.instrument.symbol: Bounds(one) for one in all_series if one.limits is not None}
        self._payments = {one.instrument.symbol: Payments(one) for one in all_series if one.funding is not None}

    def move(self, bars: Sequence[Bar], portfolio: Portfolio, venue: ReplayVenue) -> dict[str, str]:
        """Goes on to `bars`, before they are traded: symbols that take no buys -> why."""
        for bar in bars:
            if bar.symbol in self._payments:
                self._payments[bar.symbol].charge(portfolio, venue, bar.time_ms)
        moved = [bar.symbol for bar in bars if bar.symbol in self._days and self._days[bar.symbol].moved(bar, venue)]
        return dict.fromkeys(moved, LOCKED)


class Payments:
    """Funding of one symbol, charged with its first candle at or after each funding time."""

    def __init__(self, series: Series) -> None:
        due = series.funding_due
        assert due is not None
        self._symbol = series.instrument.symbol
        self._due = list(zip(due.times.tolist(), due.amounts.tolist(), strict=True))
        self._next = 0

    def charge(self, portfolio: Portfolio, venue: ReplayVenue, now: int) -> None:
        """Charges what has become due by `now` to the position that was open then."""
        while self._next < len(self._due) and self._due[self._next][0] <= now:
            time_ms, amount = self._due[self._next]
            self._next += 1
            position = portfolio.positions.get(self._symbol)
            if position is not None and position.entry_ms < time_ms:
                paid = Decimal(repr(-position.side * amount * float(position.quantity)))
                portfolio.charge(self._symbol, paid)
                venue.receive(paid)


class Bounds:
    """Price limits of one symbol, candle by candle."""

    def __init__(self, series: Series) -> None:
        assert series.limits is not None
        self._limits = zip(*(column.tolist() for column in series.limits), strict=True)

    def moved(self, bar: Bar, venue: ReplayVenue) -> bool:
        """Takes the limits of the next candle; True where it stands at the upper one from open to close."""
        upper, lower = next(self._limits)
        venue.bound(bar.symbol, upper, lower, bar.high == bar.low <= lower)
        return bool(bar.low == bar.high >= upper)
