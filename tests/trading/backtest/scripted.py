"""Random markets and a strategy that says what a script says: for tests of the path, never for trading."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tests.trading.backtest.reference import Market
from trading.backtest.series import Series
from trading.core.candles import Candles
from trading.core.indicators import shift
from trading.core.instrument import Instrument
from trading.core.signals import Lazy, Signals
from trading.core.strategy import Inputs, Strategy

MINUTE = 60_000
START = 1_756_684_800_000  # 2025-09-01T00:00:00Z

Bars = list[tuple[int, float, float, float, float]]


@dataclass(frozen=True, eq=False)
class Scripted(Strategy):
    """Rows by base asset, as given."""

    name: ClassVar[str] = "scripted"
    period: ClassVar[int] = 0

    script: Mapping[str, list[dict[str, Any]]]
    per_day: int = 0

    @property
    def daily_entries(self) -> int:
        return self.per_day

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        rows = self.script[inputs.base]
        assert len(rows) == len(candles)

        def column(name: str, kind: Any = np.float64) -> Any:
            return np.array([row[name] for row in rows], kind)

        return Signals(
            column("buy_above"),
            column("sell_below"),
            column("exit_long", np.bool_),
            column("exit_short", np.bool_),
            column("confidence"),
            np.zeros(len(rows), np.int8),
            Lazy({"atr": column("atr"), "close": column("close"), "volume": shift(candles.volume)}),
        )


def row(**changes: Any) -> dict[str, Any]:
    """A row that says nothing, with `changes`."""
    quiet = {
        "buy_above": math.nan,
        "sell_below": math.nan,
        "exit_long": False,
        "exit_short": False,
        "confidence": 0.6,
        "atr": math.nan,
        "close": 100.0,
    }
    return quiet | changes


def candles_of(bars: Bars, timeframe: int) -> Candles:
    """The program's own form of `bars`; volume is 0 in every third candle."""
    columns = [np.array([bar[i] for bar in bars], np.float64) for i in range(1, 5)]
    times = np.array([bar[0] for bar in bars], np.int64)
    volume = np.where(np.arange(len(bars)) % 3 == 0, 0.0, 1.0)
    return Candles(times, columns[0], columns[1], columns[2], columns[3], volume, timeframe)


def walk(rng: np.random.Generator, n: int, price: float, vol: float, tick: float, length: int = MINUTE) -> Bars:
    """A nervous market: overnight gaps, candles of one price, holes in time, now and then an extreme move."""
    bars: Bars = []
    now, last = START, price
    for _ in range(n):
        now += length
        if rng.random() < 0.05:
            now += length * int(rng.integers(1, 20))
        if rng.random() < 0.02:
            last *= math.exp(rng.normal(0, 10 * vol))
        open_ = last * math.exp(rng.normal(0, vol)) if rng.random() < 0.4 else last
        close = open_ * math.exp(rng.normal(0, vol))
        if rng.random() < 0.15:
            high = low = close = open_
        else:
            high = max(open_, close) * math.exp(abs(rng.normal(0, vol)))
            low = min(open_, close) * math.exp(-abs(rng.normal(0, vol)))
        if tick:
            # The floor is one tick: a price of zero would be no market.
            open_, high, low, close = (max(1, round(p / tick)) * tick for p in (open_, high, low, close))
        bars.append((now, open_, high, low, close))
        last = close
    return bars


def grouped(bars: Bars, length: int) -> Bars:
    """Coarser candles of `bars`."""
    groups: dict[int, Bars] = {}
    for bar in bars:
        groups.setdefault(bar[0] // length * length, []).append(bar)
    return [
        (time, part[0][1], max(b[2] for b in part), min(b[3] for b in part), part[-1][4])
        for time, part in sorted(groups.items())
    ]


def script(rng: np.random.Generator, bars: Bars, vol: float, shorts: bool) -> list[dict[str, Any]]:
    """Random rows near the market: nothing, at once, or a level; exits of both sides."""
    rows = []
    for _, open_, _, _, _ in bars:
        kind = rng.random()
        side = -1 if shorts and rng.random() < 0.5 else 1
        level = math.nan
        if kind < 0.15:
            level = 0.0 if side > 0 else math.inf
        elif kind < 0.65:
            level = open_ * math.exp(side * rng.normal(0.5 * vol, vol))
        rows.append(
            row(
                **{"buy_above" if side > 0 else "sell_below": level},
                exit_long=bool(rng.random() < 0.12),
                exit_short=bool(rng.random() < 0.12),
                confidence=float(rng.choice([0.2, 0.6, 0.6, 0.9])),
                atr=math.nan if rng.random() < 0.1 else open_ * vol * float(rng.uniform(0.3, 3)),
                close=open_,
            )
        )
    return rows


@dataclass(frozen=True)
class Case:
    """The same markets for both engines."""

    series: list[Series]
    markets: list[Market]
    script: dict[str, list[dict[str, Any]]]


def case(
    seed: int,
    count: int,
    n: int,
    price: float,
    vol: float,
    instrument: Mapping[str, Any],
    detail: bool,
    shorts: bool,
    on_tick: bool,
    daily_entries: int = 0,
    length: int = MINUTE,
) -> Case:
    """Markets from a seed. instrument: fields of `Instrument` beside its names; detail: execution five times finer."""
    rng = np.random.default_rng(seed)
    venue = "binance_futures" if shorts else "upbit"
    quote = "USDT" if shorts else "KRW"
    all_series, markets, scripts = [], [], {}
    ticks = instrument["ticks"]
    tick = next((size for bound, size in ticks if price >= bound), 0.0) if on_tick else 0.0
    for index in range(count):
        base = "ABC"[index]
        item = Instrument(venue, f"{base}/{quote}", base, base, quote, **instrument)
        fine = walk(rng, n, price * float(rng.uniform(0.97, 1.03)), vol, tick, length)
        coarse = grouped(fine, 5 * length) if detail else fine
        timeframe = 5 * length if detail else length
        rows = script(rng, coarse, vol * (2 if detail else 1), shorts)
        scripts[base] = rows
        all_series.append(Series(item, candles_of(coarse, timeframe), candles_of(fine, length) if detail else None))
        markets.append(
            Market(
                item.symbol,
                coarse,
                rows,
                timeframe,
                item.ticks,
                item.lot_step,
                item.min_notional,
                item.fee_rate,
                fine if detail else None,
                daily_entries,
            )
        )
    return Case(all_series, markets, scripts)
