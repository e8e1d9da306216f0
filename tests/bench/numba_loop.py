"""What a trader would write by hand: `breakout` with take-profit and stop as one plain compiled loop over the candles.

The rules are those of the backtester with the reference knobs, to the same trades and the same money: day range level,
EMA(50) floor, fresh crossings, one entry a day, warm-up, gaps, stop first, fees, the venue's minimum. Nothing else can
be set, so nothing else is asked.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numba
import numpy as np

PERIOD: Final = 50
WARMUP: Final = 250
EQUAL: Final = 1e-9
DAY_MS: Final = 86_400_000
ALPHA: Final = 2.0 / (PERIOD + 1)


@numba.njit
def _passed(close: float, level: float) -> bool:
    return close - level > EQUAL * max(abs(close), abs(level))


@numba.njit
def _held(open_: float, high: float, low: float, stop: float, take: float) -> float:
    """Where a position held at the open is left; NaN: not in this candle."""
    if open_ <= stop or open_ >= take:
        return open_
    if low <= stop:
        return stop
    return take if high >= take else math.nan


@numba.njit
def _rest(price: float, open_: float, high: float, low: float, close: float, stop: float, take: float) -> float:
    """The same for one entered at `price` in this candle."""
    if low <= stop if price == open_ else close <= stop or (open_ > stop and low <= stop):
        return stop
    return take if high >= take else math.nan


@numba.njit
def _worth(quantity: Any, prices: Any) -> float:
    worth = 0.0
    for x in range(len(quantity)):
        worth += quantity[x] * prices[x]
    return worth


@numba.njit(nogil=True, error_model="numpy")
def one(
    time: Any,
    open_: Any,
    high: Any,
    low: Any,
    close: Any,
    k: float,
    gain: float,
    loss: float,
    cash: float,
    fee: float,
    least: float,
    average: Any,
) -> tuple[float, int]:
    """(equity at the end, closed trades) of one symbol on the whole account.

    columns (n,), times ms UTC; gain, loss: fractions; least: smallest order in quote; average (n,): EMA(50) of the
    closes, None: computed here.
    """
    n, trades, today, quantity = len(close), 0, time[0] // DAY_MS - 1, 0.0
    level = top = bottom = stop = take = math.nan
    mean = 0.0
    entered = False
    for i in range(n):
        day = time[i] // DAY_MS
        fresh = day != today
        if fresh:
            level = open_[i] + k * (top - bottom)
            top, bottom, entered, today = high[i], low[i], False, day
        else:
            top, bottom = max(top, high[i]), min(bottom, low[i])
        if quantity > 0.0:
            price = _held(open_[i], high[i], low[i], stop, take)
            if price == price:
                cash += price * quantity * (1.0 - fee)
                quantity = 0.0
                trades += 1
        elif not entered and i >= WARMUP:
            floor = mean if average is None else average[i - 1]
            buy = floor if floor > level else level
            if high[i] >= buy and (fresh or not _passed(close[i - 1], buy)):
                price = max(open_[i], buy)
                wanted = cash / (price * (1.0 + fee))
                if price * wanted >= least:
                    entered = True
                    quantity = wanted
                    cash -= price * quantity * (1.0 + fee)
                    stop, take = price * (1.0 - loss), price * (1.0 + gain)
                    price = _rest(price, open_[i], high[i], low[i], close[i], stop, take)
                    if price == price:
                        cash += price * quantity * (1.0 - fee)
                        quantity = 0.0
                        trades += 1
        if average is None:
            if i < PERIOD:
                mean += close[i] / PERIOD
            else:
                mean += ALPHA * (close[i] - mean)
    return cash + quantity * close[n - 1], trades


@numba.njit(nogil=True, error_model="numpy")
def many(
    time: Any,
    open_: Any,
    high: Any,
    low: Any,
    close: Any,
    k: float,
    gain: float,
    loss: float,
    cash: float,
    fee: float,
    least: float,
    share: float,
    slots: int,
    average: Any,
) -> tuple[float, int]:
    """The same for m symbols with the same n candles on one account: columns (n, m), so that a moment lies together.

    share: of the equity, bought at each entry as far as the cash goes; slots: most positions at once.
    """
    n, m = close.shape
    level, top, bottom = np.full(m, math.nan), np.full(m, math.nan), np.full(m, math.nan)
    stop, take, quantity, mean = np.zeros(m), np.zeros(m), np.zeros(m), np.zeros(m)
    entered, left, bought = np.zeros(m, np.bool_), np.full(m, -1), np.full(m, math.nan)
    trades, held, today = 0, 0, time[0] // DAY_MS - 1
    for i in range(n):
        day = time[i] // DAY_MS
        fresh = day != today
        today = day
        late = 0.0
        for x in range(m):
            if fresh:
                level[x] = open_[i, x] + k * (top[x] - bottom[x])
                top[x], bottom[x], entered[x] = high[i, x], low[i, x], False
            else:
                top[x], bottom[x] = max(top[x], high[i, x]), min(bottom[x], low[i, x])
            if quantity[x] > 0.0:
                price = _held(open_[i, x], high[i, x], low[i, x], stop[x], take[x])
                if price == price:
                    freed = price * quantity[x] * (1.0 - fee)
                    cash += freed
                    late += 0.0 if price == open_[i, x] else freed  # not there yet when this candle's entries pay
                    quantity[x], left[x] = 0.0, i
                    trades += 1
                    held -= 1
        if held < slots and i >= WARMUP:
            before, equity = held, math.nan
            for x in range(m):
                floor = mean[x] if average is None else average[i - 1, x]
                buy = floor if floor > level[x] else level[x]
                if held == slots or entered[x] or quantity[x] > 0.0 or left[x] == i or not high[i, x] >= buy:
                    continue
                if not fresh and _passed(close[i - 1, x], buy):
                    continue
                if equity != equity:
                    equity = cash + _worth(quantity, open_[i])
                price = max(open_[i, x], buy)
                wanted = min(share * equity / price, (cash - late) / (price * (1.0 + fee)))
                if price * wanted >= least:
                    cash -= price * wanted * (1.0 + fee)
                    stop[x], take[x] = price * (1.0 - loss), price * (1.0 + gain)
                    quantity[x], bought[x], entered[x] = wanted, price, True
                    held += 1
            for x in range(m if held > before else 0):
                if bought[x] == bought[x]:
                    price = _rest(bought[x], open_[i, x], high[i, x], low[i, x], close[i, x], stop[x], take[x])
                    bought[x] = math.nan
                    if price == price:
                        cash += price * quantity[x] * (1.0 - fee)
                        quantity[x] = 0.0
                        trades += 1
                        held -= 1
        if average is None:
            for x in range(m):
                mean[x] += close[i, x] / PERIOD if i < PERIOD else ALPHA * (close[i, x] - mean[x])
    return cash + _worth(quantity, close[n - 1]), trades
