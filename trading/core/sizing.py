"""How much: pure functions from what an entry would risk to a quantity. Caps shrink; they never refuse.

Arithmetic on scalars, compiled as it stands by the kernel; there the knobs are a record with the same names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from config.values import Knobs
from trading.core.instrument import floor_step

KELLY_TRADES: Final = 100
KELLY_LEAST: Final = 20
KELLY_START: Final = 0.02
KELLY_SHARE: Final = 0.25
CALM_ATR: Final = 0.02

TURTLE: Final = 0
KELLY: Final = 1
FIXED: Final = 2
ALL_IN: Final = 3
KINDS: Final = {"turtle": TURTLE, "kelly": KELLY, "fixed": FIXED, "all_in": ALL_IN}


class SizingKnobs(Protocol):
    """The knobs of sizes; shares are fractions."""

    @property
    def max_position_size(self) -> float: ...
    @property
    def risk_per_trade(self) -> float: ...
    @property
    def kelly_min(self) -> float: ...
    @property
    def kelly_max(self) -> float: ...
    @property
    def leverage(self) -> int: ...
    @property
    def max_leverage(self) -> int: ...
    @property
    def target_volatility(self) -> float: ...
    @property
    def max_volume_share(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry before its size. price: expected fill; stop: the rounded stop in force at entry; all in quote.

    equity, cash: quote. fee: fraction. atr, close, volume: of the last closed candle. results: pnl of the last trades,
    oldest first. losses: in a row. factor: of the market condition. most_notional: what the leverage allows, quote.
    """

    price: float
    stop: float
    equity: float
    cash: float
    fee: float
    lot_step: float
    atr: float
    close: float
    results: Sequence[float] = ()
    losses: int = 0
    factor: float = 1.0
    leverage: float = 1.0
    volume: float = math.nan
    most_notional: float = math.inf


def leverage(atr: float, close: float, most: float, knobs: SizingKnobs) -> float:
    """Of a futures position: as set, or by volatility where `leverage` is 0; at most `max_leverage` and `most`."""
    return min(_leverage(atr, close, knobs), most)


def _leverage(atr: float, close: float, knobs: SizingKnobs) -> float:
    if knobs.leverage:
        return float(min(knobs.leverage, knobs.max_leverage) if knobs.max_leverage else knobs.leverage)
    noise = atr / close if close > 0.0 else math.nan
    wanted = knobs.target_volatility / noise if noise > 0.0 else 1.0
    return float(max(1, math.floor(min(wanted, knobs.max_leverage))))


def kelly_fraction(results: Sequence[float], low: float, high: float) -> float:
    """Quarter Kelly over the last 100 trades' pnl, clamped to low..high; 0.02 under 20 trades."""
    start = max(0, len(results) - KELLY_TRADES)
    trades = len(results) - start
    if trades < KELLY_LEAST:
        return KELLY_START
    wins = 0
    won = lost = 0.0
    for at in range(start, len(results)):
        if results[at] > 0.0:
            wins += 1
            won += results[at]
        else:
            lost -= results[at]
    p = wins / trades
    if wins == 0:
        share = 0.0
    elif lost <= 0.0:
        share = p
    else:
        b = won / wins / (lost / (trades - wins))
        share = max(0.0, (p * b - (1.0 - p)) / b)
    return min(max(share * KELLY_SHARE, low), high)


def _kelly(
    results: Sequence[float],
    losses: int,
    atr: float,
    close: float,
    equity: float,
    leverage: float,
    price: float,
    knobs: SizingKnobs,
) -> float:
    share = kelly_fraction(results, knobs.kelly_min, knobs.kelly_max)
    noise = atr / close if close > 0.0 else 0.0
    if noise > 0.0:
        share *= min(1.0, CALM_ATR / noise)
    return share / (1.0 + 0.2 * losses) * equity * leverage / price


def _turtle(price: float, stop: float, equity: float, knobs: SizingKnobs) -> float:
    distance = abs(price - stop)
    return equity * knobs.risk_per_trade / distance if distance > 0.0 else 0.0


def sized(
    kind: int,
    price: float,
    stop: float,
    equity: float,
    cash: float,
    fee: float,
    lot_step: float,
    atr: float,
    close: float,
    results: Sequence[float],
    losses: int,
    factor: float,
    leverage: float,
    volume: float,
    most_notional: float,
    knobs: SizingKnobs,
) -> float:
    """Base quantity in whole lots of sizing `kind` (see `Wish`); 0 or less where nothing can be bought."""
    most = min(cash / (price * (1.0 / leverage + fee)), most_notional / price)
    if knobs.max_volume_share > 0.0 and volume == volume:
        most = min(most, knobs.max_volume_share * volume)
    if kind == ALL_IN:
        return floor_step(most, lot_step)
    cap = knobs.max_position_size * equity * leverage / price
    wanted = cap
    if kind == KELLY:
        wanted = min(_kelly(results, losses, atr, close, equity, leverage, price, knobs), cap)
    elif kind == TURTLE:
        wanted = min(_turtle(price, stop, equity, knobs), cap)
    wanted = min(wanted * factor, cap, most)
    return floor_step(wanted, lot_step) if math.isfinite(wanted) and wanted > 0.0 else 0.0


def quantity(wish: Wish, knobs: Knobs) -> float:
    """Base quantity in whole lots; 0 or less where nothing can be bought."""
    return sized(
        KINDS[knobs.sizing],
        wish.price,
        wish.stop,
        wish.equity,
        wish.cash,
        wish.fee,
        wish.lot_step,
        wish.atr,
        wish.close,
        wish.results,
        wish.losses,
        wish.factor,
        wish.leverage,
        wish.volume,
        wish.most_notional,
        knobs,
    )


def bought_for(amount: float, wish: Wish) -> float:
    """Base quantity for `amount` of quote, a person's wish: in whole lots, not cut to what there is (gates say no)."""
    return floor_step(amount * wish.leverage / wish.price, wish.lot_step)
