"""Money of a run: marks, limits, round trips; compiled."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from trading.backtest.kernel.data import NEVER, TRADE
from trading.backtest.kernel.pointer import floats, integers, table
from trading.backtest.kernel.scan import SAME, bands, first_from, key, owner
from trading.core.calendar import day_of
from trading.core.fills import bounded, slipped
from trading.core.krx import sell_tax
from trading.core.levels import LIQUIDATION
from trading.core.limits import fallen
from trading.core.sizing import KELLY_TRADES

KILL_SWITCH: Final = 10
"""Reason of an exit by a limit that flattens, beside those of `levels.REASONS`."""


def roll(a: Any, k: Any, now: int) -> None:
    """A step at `now`: a new limits' day begins from the equity at the last mark."""
    day = day_of(now, k.limit_day_offset)
    if day != a.day:
        a.day = day
        a.day_base = a.equity
        a.entries = 0


def latched(a: Any) -> bool:
    """A limit has tripped for good."""
    return a.drawdown_ms >= 0 or a.capital_ms >= 0


def worth(w: Any, price: float) -> float:
    """What a position adds to equity at `price`: its margin and its gain."""
    return w.cost / w.leverage + w.side * (price * w.quantity - w.cost)


def last_bar(s: Any, w: Any, now: int) -> int:
    """The held symbol's last candle that has begun at `now`."""
    return first_from(integers(s.time, s.n), w.mark, s.n, now + 1) - 1


def equity_at(symbols: Any, walks: Any, a: Any, now: int) -> float:
    """Equity while candles open at `now`: their open, else the last close."""
    equity = a.cash
    if a.held > 0:
        for x in range(len(symbols)):
            w = walks[x]
            if w.held:
                s = symbols[x]
                w.mark = last_bar(s, w, now)
                fresh = integers(s.time, s.n)[w.mark] == now
                equity += worth(w, (floats(s.open, s.n) if fresh else floats(s.close, s.n))[w.mark])
    return equity


def _marked(symbols: Any, walks: Any, a: Any) -> float:
    """Equity at the last closes."""
    equity = a.cash
    for x in range(len(symbols)):
        w = walks[x]
        if w.held:
            equity += worth(w, floats(symbols[x].close, symbols[x].n)[w.mark])
    return equity


def _mark(a: Any, k: Any, equity: float) -> bool:
    """Takes the equity of now; True where a limit is over that flattens."""
    a.equity = equity
    a.peak = max(a.peak, equity)
    if a.drawdown_ms < 0 and fallen(equity, a.peak, k.drawdown_limit):
        a.drawdown_ms = a.now
    if a.capital_ms < 0 and fallen(equity, a.capital, k.capital_stop):
        a.capital_ms = a.now
    return k.flatten and a.held > 0 and (latched(a) or fallen(equity, a.day_base, k.daily_loss_limit))


def catch_up(symbols: Any, walks: Any, a: Any, k: Any, until: int) -> bool:
    """Marks all candles of held symbols from the last step up to key `until`; True: all must be left at `a.now`."""
    if a.held == 0:
        return _mark(a, k, a.cash)
    for x in range(len(symbols)):
        if walks[x].held:
            walks[x].mark = last_bar(symbols[x], walks[x], a.now)
    while True:
        if _mark(a, k, _marked(symbols, walks, a)):
            return True
        following = NEVER
        for x in range(len(symbols)):
            if walks[x].held:
                following = min(following, key(symbols[x], walks[x].mark + 1))
        if following >= until:
            return False
        a.now = following // SAME
        roll(a, k, a.now)
        for x in range(len(symbols)):
            if walks[x].held and key(symbols[x], walks[x].mark + 1) == following:
                walks[x].mark += 1
                if symbols[x].fundings > 0:
                    fund(symbols[x], walks[x], a)


def close_trade(
    s: Any,
    w: Any,
    k: Any,
    a: Any,
    x: int,
    exit_at: int,
    native: bool,
    late: bool,
    results: Any,
    trades: Any,
) -> Any:
    """Books the exit that the walk names at `a.now`; returns the trades, grown where they were full."""
    price = _exit_price(s, w, k, exit_at, native)
    notional = price * w.quantity
    fee = 0.0 if w.reason == LIQUIDATION else notional * s.fee
    if w.side > 0 and w.reason != LIQUIDATION:
        fee += sell_tax(notional, a.now, table(s.taxes, s.tax_steps, 2))
    gain = w.side * (notional - w.cost)
    freed = w.cost / w.leverage + gain - fee
    a.cash += freed
    if late:
        a.late += freed
    pnl = gain - (w.fee + fee) + w.funding
    if a.trades == len(trades):
        more = np.zeros(2 * len(trades), TRADE)
        more[: len(trades)] = trades
        trades = more
    t = trades[a.trades]
    t.symbol, t.side, t.reason, t.entry_at, t.exit_at = x, w.side, w.reason, w.entry_at, exit_at
    t.entry_ms, t.exit_ms, t.entry, t.quantity, t.exit = w.entry_ms, a.now, w.entry, w.quantity, price
    t.fee, t.pnl, t.funding, t.leverage, t.cost = w.fee + fee, pnl, w.funding, w.leverage, w.cost
    t.other, t.doubt = w.other, w.doubt
    a.trades += 1
    a.held -= 1
    w.held = False
    w.last_exit = a.now
    w.closed = owner(s, exit_at)
    _learn(a, pnl, results)
    return trades


def _exit_price(s: Any, w: Any, k: Any, at: int, native: bool) -> float:
    """The named price with tick and slippage, within the day's limits; a liquidation costs what it costs."""
    if native or w.reason == LIQUIDATION:
        return w.price
    price = slipped(w.price, w.side < 0, bands(s), k.slippage_bps, k.slippage_ticks)
    return bounded(price, w.side < 0, floats(s.upper, s.n)[at], floats(s.lower, s.n)[at]) if s.upper != 0 else price


def fund(s: Any, w: Any, a: Any) -> None:
    """Charges funding up to the symbol's last candle that has begun at `a.now`."""
    w.mark = last_bar(s, w, a.now)
    until = integers(s.time, s.n)[w.mark]
    times, amounts = integers(s.funding_time, s.fundings), floats(s.funding, s.fundings)
    while w.due < s.fundings and times[w.due] <= until:
        paid = -w.side * amounts[w.due] * w.quantity
        w.funding += paid
        a.cash += paid
        w.due += 1


def _learn(a: Any, pnl: float, results: Any) -> None:
    """What sizes and limits remember of a round trip."""
    if pnl > 0.0:
        a.wins += 1
        a.won += pnl
    else:
        a.lost -= pnl
    if pnl < 0.0:
        a.losses += 1
        a.last_loss = a.now
    else:
        a.losses = 0
    if a.results == KELLY_TRADES:
        results[:-1] = results[1:].copy()
        a.results -= 1
    results[a.results] = pnl
    a.results += 1
