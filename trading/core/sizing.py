"""How much: pure functions from what an entry would risk to a quantity. Caps shrink; they never refuse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from config.values import Knobs
from trading.core.instrument import floor_step

KELLY_TRADES = 100
KELLY_LEAST = 20
KELLY_START = 0.02
KELLY_SHARE = 0.25
CALM_ATR = 0.02


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry before its size. price: expected fill; stop: the rounded stop in force at entry; all in quote.

    equity, cash: quote. fee: fraction. atr, close: of the last closed candle. results: pnl of the last trades, oldest
    first. losses: in a row. factor: of the market condition.
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


def kelly_fraction(results: Sequence[float], low: float, high: float) -> float:
    """Quarter Kelly over the last 100 trades' pnl, clamped to low..high; 0.02 under 20 trades."""
    last = results[-KELLY_TRADES:]
    if len(last) < KELLY_LEAST:
        return KELLY_START
    wins = [pnl for pnl in last if pnl > 0]
    losses = [-pnl for pnl in last if pnl <= 0]
    p = len(wins) / len(last)
    average_loss = sum(losses) / len(losses) if losses else 0.0
    if not wins:
        share = 0.0
    elif average_loss <= 0.0:
        share = p
    else:
        b = sum(wins) / len(wins) / average_loss
        share = max(0.0, (p * b - (1.0 - p)) / b)
    return min(max(share * KELLY_SHARE, low), high)


def _kelly(wish: Wish, knobs: Knobs) -> float:
    share = kelly_fraction(wish.results, knobs.kelly_min, knobs.kelly_max)
    noise = wish.atr / wish.close if wish.close > 0.0 else 0.0
    if noise > 0.0:
        share *= min(1.0, CALM_ATR / noise)
    return share / (1.0 + 0.2 * wish.losses) * wish.equity * wish.leverage / wish.price


def _turtle(wish: Wish, knobs: Knobs) -> float:
    distance = abs(wish.price - wish.stop)
    return wish.equity * knobs.risk_per_trade / distance if distance > 0.0 else 0.0


def quantity(wish: Wish, knobs: Knobs) -> float:
    """Base quantity in whole lots; 0 or less where nothing can be bought."""
    affordable = wish.cash / (wish.price * (1.0 / wish.leverage + wish.fee))
    if knobs.sizing == "all_in":
        return floor_step(affordable, wish.lot_step)
    cap = knobs.max_position_size * wish.equity * wish.leverage / wish.price
    if knobs.sizing == "fixed":
        wanted = cap
    elif knobs.sizing == "kelly":
        wanted = min(_kelly(wish, knobs), cap)
    else:
        wanted = min(_turtle(wish, knobs), cap)
    wanted = min(wanted * wish.factor, cap, affordable)
    return floor_step(wanted, wish.lot_step) if math.isfinite(wanted) and wanted > 0.0 else 0.0


def bought_for(amount: float, wish: Wish) -> float:
    """Base quantity for `amount` of quote, a person's wish: in whole lots, not cut to what there is (gates say no)."""
    return floor_step(amount * wish.leverage / wish.price, wish.lot_step)
