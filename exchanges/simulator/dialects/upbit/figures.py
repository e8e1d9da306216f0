"""The sums behind a ticker: the day so far, the last 24 hours, the last 52 weeks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from weakref import WeakKeyDictionary

from exchanges.simulator.candles import Candle, fixed_grid
from exchanges.simulator.market import Market
from exchanges.simulator.tape import DAY_MS, MINUTE_MS

YEAR_MS = 364 * DAY_MS


@dataclass(slots=True)
class Figures:
    """All that a ticker says, as floats in the quote currency and coins, times in ms UTC."""

    trade_ms: int
    price: float
    trade_volume: Decimal
    taker: str
    opening: float
    high: float
    low: float
    previous_close: float
    day_value: float
    day_volume: float
    value_24h: float
    volume_24h: float
    year_high: float
    year_high_ms: int
    year_low: float
    year_low_ms: int

    @property
    def signed_change(self) -> float:
        """Price minus the previous day's close."""
        return round(self.price - self.previous_close, 8)

    @property
    def signed_rate(self) -> float:
        """The change as a fraction of the previous day's close, 10 decimals."""
        return round(self.signed_change / self.previous_close, 10)

    @property
    def change(self) -> str:
        """RISE, EVEN or FALL against the previous day's close."""
        return "RISE" if self.signed_change > 0 else "FALL" if self.signed_change < 0 else "EVEN"


@dataclass(slots=True)
class _Base:
    """Sums over everything before the current minute."""

    minute: int
    day: Candle | None
    previous_close: float
    value_24h: float
    volume_24h: float
    high: tuple[float, int]
    low: tuple[float, int]


@dataclass(slots=True)
class _Past:
    """The days before today, newest first: they change only when the day does."""

    today: int
    days: list[Candle]


_pasts: WeakKeyDictionary[Market, _Past] = WeakKeyDictionary()
_bases: WeakKeyDictionary[Market, _Base] = WeakKeyDictionary()


def previous_close(market: Market, now_ms: int) -> float:
    """The close of the last day (00:00 UTC) with trades before today; the first price known where there is none."""
    return _base(market, now_ms).previous_close


def _base(market: Market, now_ms: int) -> _Base:
    """The sums up to the current minute, made once a minute."""
    minute = now_ms - now_ms % MINUTE_MS
    known = _bases.get(market)
    if known is not None and known.minute == minute:
        return known
    today = now_ms - now_ms % DAY_MS
    parts = list(takewhile(lambda one: one.open_ms >= today, market.candles.back_from(minute, MINUTE_MS)))
    day = _total(parts)
    earlier = _past_days(market, today)
    value = volume = 0.0
    for one in market.candles.back_from(minute, MINUTE_MS):
        if one.open_ms < minute - DAY_MS + MINUTE_MS:
            break
        value += one.value
        volume += one.volume
    spans = [one for one in [*earlier, *([day] if day else [])] if one.open_ms > now_ms - YEAR_MS]
    high = max(((one.high, one.open_ms) for one in spans), default=(float(market.last), today))
    low = min(((one.low, one.open_ms) for one in spans), default=(float(market.last), today))
    first = market.candles.minutes[0].open if market.candles.minutes else float(market.last)
    base = _Base(minute, day, earlier[0].close if earlier else first, value, volume, high, low)
    _bases[market] = base
    return base


def _past_days(market: Market, today: int) -> list[Candle]:
    known = _pasts.get(market)
    if known is None or known.today != today:
        days = market.candles.latest(fixed_grid(DAY_MS), DAY_MS, today, 366)
        known = _pasts[market] = _Past(today, [one for one in days if one.open_ms < today])
    return known.days


def _total(newest_first: list[Candle]) -> Candle | None:
    if not newest_first:
        return None
    first = newest_first[-1]
    open_ms = first.open_ms - first.open_ms % DAY_MS
    whole = Candle(open_ms, first.open, first.high, first.low, first.close, first.volume, first.value, first.last_ms)
    for later in reversed(newest_first[:-1]):
        whole.merge(later)
    return whole


def figures_of(market: Market, now_ms: int) -> Figures:
    """The figures of a market at `now_ms`."""
    base = _base(market, now_ms)
    newest = market.candles.minutes[-1] if market.candles.minutes else None
    current = newest if newest is not None and newest.open_ms >= base.minute else None
    parts = [one for one in (base.day, current) if one is not None]
    last = float(market.last)
    high = max((one.high for one in parts), default=last)
    low = min((one.low for one in parts), default=last)
    year_high = max(base.high, (high, now_ms - now_ms % DAY_MS))
    year_low = min(base.low, (low, now_ms - now_ms % DAY_MS))
    trade = market.trades[-1] if market.trades else None
    return Figures(
        trade_ms=trade.at_ms if trade else (newest.last_ms if newest else now_ms),
        price=last,
        trade_volume=trade.quantity if trade else Decimal(0),
        taker=trade.taker if trade else "buy",
        opening=parts[0].open if parts else last,
        high=high,
        low=low,
        previous_close=base.previous_close,
        day_value=sum(one.value for one in parts),
        day_volume=sum(one.volume for one in parts),
        value_24h=base.value_24h + (current.value if current else 0.0),
        volume_24h=base.volume_24h + (current.volume if current else 0.0),
        year_high=year_high[0],
        year_high_ms=year_high[1],
        year_low=year_low[0],
        year_low_ms=year_low[1],
    )
