"""Candles made from prints: one-minute candles are stored, every other unit is summed up from them on request."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from exchanges.simulator.tape import DAY_MS, HOUR_MS, MINUTE_MS, Bar

KEEP_MINUTES = 43_200


@dataclass(slots=True)
class Candle:
    """One candle: open time ms UTC, prices and traded value in the quote currency, volume in coins, time of the
    last trade in it."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    value: float
    last_ms: int

    def add(self, price: float, quantity: float, at_ms: int) -> None:
        """Takes one trade in."""
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += quantity
        self.value += price * quantity
        self.last_ms = at_ms

    def merge(self, later: Candle) -> None:
        """Takes a later candle in."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.value += later.value
        self.last_ms = later.last_ms


def fixed_grid(unit_ms: int) -> Callable[[int], int]:
    """Start of the unit that a time lies in, units counted from 1970-01-01 00:00 UTC."""
    return lambda at_ms: at_ms - at_ms % unit_ms


def week_grid(at_ms: int) -> int:
    """Monday 00:00 UTC of the week of a time."""
    day = at_ms - at_ms % DAY_MS
    return day - ((day // DAY_MS + 3) % 7) * DAY_MS


def month_grid(at_ms: int) -> int:
    """First day 00:00 UTC of the month of a time."""
    return _date_ms(datetime.fromtimestamp(at_ms / 1000, UTC).replace(day=1))


def year_grid(at_ms: int) -> int:
    """1 January 00:00 UTC of the year of a time."""
    return _date_ms(datetime.fromtimestamp(at_ms / 1000, UTC).replace(month=1, day=1))


def _date_ms(moment: datetime) -> int:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def sum_up(candles: Iterable[Candle], grid: Callable[[int], int], count: int) -> list[Candle]:
    """The newest `count` units, newest first, from candles given newest first. Units without a trade do not appear."""
    units: list[list[Candle]] = []
    for candle in candles:
        start = grid(candle.open_ms)
        if not units or grid(units[-1][0].open_ms) != start:
            if len(units) == count:
                break
            units.append([])
        units[-1].append(candle)
    return [_sum_one(parts, grid(parts[0].open_ms)) for parts in units]


def _sum_one(newest_first: list[Candle], open_ms: int) -> Candle:
    first = newest_first[-1]
    whole = Candle(open_ms, first.open, first.high, first.low, first.close, first.volume, first.value, first.last_ms)
    for later in reversed(newest_first[:-1]):
        whole.merge(later)
    return whole


class CandleStore:
    """All candles of one market: one-minute ones, and for the time before them hours and days."""

    def __init__(self) -> None:
        self.days: list[Candle] = []
        self.hours: list[Candle] = []
        self.minutes: list[Candle] = []

    def load_older(self, days: list[Bar], hours: list[Bar], round_price: Callable[[float], float]) -> None:
        """Takes in the bars that lie before the first minute."""
        self.days = [_from_bar(bar, DAY_MS, round_price) for bar in days]
        self.hours = [_from_bar(bar, HOUR_MS, round_price) for bar in hours]

    def add(self, price: float, quantity: float, at_ms: int) -> None:
        """Takes one trade in; trades come in ascending order of time."""
        open_ms = at_ms - at_ms % MINUTE_MS
        if self.minutes and self.minutes[-1].open_ms >= open_ms:
            self.minutes[-1].add(price, quantity, at_ms)
            return
        self.minutes.append(Candle(open_ms, price, price, price, price, quantity, price * quantity, at_ms))
        if len(self.minutes) > KEEP_MINUTES + 1_000:
            del self.minutes[:1_000]

    def back_from(self, to_ms: int, unit_ms: int) -> Iterator[Candle]:
        """Stored candles that open before `to_ms`, newest first, as coarse as units of `unit_ms` allow."""
        levels = [self.minutes]
        if unit_ms >= HOUR_MS:
            levels.append(self.hours)
        if unit_ms >= DAY_MS:
            levels.append(self.days)
        for level in levels:
            for at in range(bisect_left(level, to_ms, key=_open_ms) - 1, -1, -1):
                yield level[at]

    def latest(self, grid: Callable[[int], int], unit_ms: int, to_ms: int, count: int) -> list[Candle]:
        """The newest `count` units on `grid` that open before `to_ms`, newest first.

        A unit that is cut by `to_ms` counts in full, because what a venue serves is the candle, not a part of it.
        """
        last = grid(to_ms - 1)
        newest = self.minutes[-1].open_ms if self.minutes else 0
        end = min(newest + 1, _next_unit(grid, last, unit_ms))
        return sum_up(self.back_from(end, unit_ms), grid, count)


def _next_unit(grid: Callable[[int], int], start: int, unit_ms: int) -> int:
    """Start of the unit after the one that opens at `start` (units of a month or a year differ in length)."""
    return grid(start + unit_ms + unit_ms // 8) if unit_ms > 7 * DAY_MS else start + unit_ms


def _open_ms(candle: Candle) -> int:
    return candle.open_ms


def _from_bar(bar: Bar, unit_ms: int, round_price: Callable[[float], float]) -> Candle:
    opening, high, low, close = (round_price(price) for price in bar[1:5])
    value = bar.volume * (opening + close) / 2
    return Candle(bar.open_ms, opening, high, low, close, round(bar.volume, 8), value, bar.open_ms + unit_ms - 1_000)
