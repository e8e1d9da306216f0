"""The step from event to event: exits of all symbols, then entries, then what is left of their candles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from trading.backtest.kernel.account import (
    KILL_SWITCH,
    catch_up,
    close_trade,
    equity_at,
    fund,
    latched,
    roll,
    worth,
)
from trading.backtest.kernel.data import NEVER
from trading.backtest.kernel.pointer import floats, integers, table
from trading.backtest.kernel.scan import SAME, after, bands, first_from, hold, owner, reason_of, scan, stop_now
from trading.core.fills import bounded, slipped
from trading.core.levels import guard_at, hold_over, stop_at, take_at
from trading.core.limits import cooling, fallen, full, resting, too_small, unaffordable, unrewarding
from trading.core.margin import leverage_limit, liquidation_price, notional_limit
from trading.core.path import AT_OPEN, NOTHING, STOP, TAKE, after_level, after_open
from trading.core.sizing import KELLY_TRADES, leverage, sized


def run(symbols: Any, terms: Any, cash: float, account: Any, walks: Any, trades: Any, scores: Any) -> Any:
    """One backtest from `cash` quote for each record of `terms` (m,) TERMS, over the same symbols and rows.

    symbols (n,) SYMBOL. Of the last run are left: account (1,) ACCOUNT, walks (n,) WALK, and the
    trades (any,) TRADE, which are returned (grown where they did not suffice). scores (m, 5), filled for each run:
    final equity, trades, wins, won, lost (quote).
    """
    results = np.zeros(KELLY_TRADES)
    for m in range(len(terms)):
        trades = _run(symbols, terms[m], cash, account[0], walks, results, trades)
        a = account[0]
        scores[m, 0] = _final_equity(symbols, walks, a)
        scores[m, 1], scores[m, 2], scores[m, 3], scores[m, 4] = a.trades, a.wins, a.won, a.lost
    return trades


def _run(symbols: Any, k: Any, cash: float, a: Any, walks: Any, results: Any, trades: Any) -> Any:
    _begin(a, cash)
    for x in range(len(symbols)):
        _start(walks[x])
        scan(symbols[x], walks[x], k)
    while True:
        now = _next(symbols, k, a, walks)
        if k.watched and a.day != -NEVER and catch_up(symbols, walks, a, k, now):
            trades = _flatten(symbols, k, a, walks, results, trades)
            continue
        if now == NEVER:
            return _end(symbols, a, walks, trades)
        a.now = now // SAME
        a.late = 0.0
        roll(a, k, a.now)
        for x in range(len(symbols)):
            if walks[x].held and symbols[x].fundings > 0:
                fund(symbols[x], walks[x], a)
        trades = _exits(symbols, k, a, walks, now, results, trades)
        if _entries(symbols, k, a, walks, now, results):
            trades = _rests(symbols, k, a, walks, results, trades)
        for x in range(len(symbols)):
            if walks[x].time <= now:
                _rescan(symbols[x], walks[x], k, a)


def _next(symbols: Any, k: Any, a: Any, walks: Any) -> int:
    """Key of the next candle that brings something; entries that are sure to be refused are passed over."""
    if a.held > 0 and _spent(symbols, k, a):
        left = NEVER
        for x in range(len(symbols)):
            if walks[x].held:
                left = min(left, walks[x].time)
        for x in range(len(symbols)):
            s, w = symbols[x], walks[x]
            if not w.held and w.time < left:
                w.at = first_from(integers(s.time, s.n), w.at, s.n, left // SAME)
                _rescan(s, w, k, a)
    now = NEVER
    for x in range(len(symbols)):
        now = min(now, walks[x].time)
    return now


def _spent(symbols: Any, k: Any, a: Any) -> bool:
    """There is no room or no cash for an entry until the next exit of the path (where no limit can come before it)."""
    if k.flatten and k.watched:
        return False
    if full(a.held, k.max_positions):
        return True
    least = math.inf
    for x in range(len(symbols)):
        least = min(least, symbols[x].min_notional)
    return not k.futures and too_small(1.0, max(a.cash, 0.0) * (1.0 + 1e-9), least)


def _end(symbols: Any, a: Any, walks: Any, trades: Any) -> Any:
    """What is still held has paid its funding, too."""
    for x in range(len(symbols)):
        if walks[x].held and symbols[x].fundings > 0:
            a.now = NEVER // SAME
            fund(symbols[x], walks[x], a)
    return trades


def _begin(a: Any, cash: float) -> None:
    a.capital = a.cash = a.equity = a.peak = a.day_base = cash
    a.late = a.won = a.lost = 0.0
    a.day = -NEVER
    a.entries = a.losses = a.last_loss = a.held = a.booked = a.trades = a.wins = a.results = 0
    a.now = 0
    a.drawdown_ms = a.capital_ms = -1


def _start(w: Any) -> None:
    w.at = 0
    w.held = w.fresh = w.tried = False
    w.entered = w.closed = w.stopped = -1
    w.day = w.last_exit = -NEVER
    w.day_entries = 0


def _rescan(s: Any, w: Any, k: Any, a: Any) -> None:
    w.fresh = w.tried = False
    if not w.held and latched(a):
        w.time = NEVER
    else:
        scan(s, w, k)


def _exits(symbols: Any, k: Any, a: Any, walks: Any, now: int, results: Any, trades: Any) -> Any:
    """Steps 1 to 4 of all symbols; one that was left may show an entry in the same candle."""
    for x in range(len(symbols)):
        s, w = symbols[x], walks[x]
        if w.time == now and w.held and w.side > 0 and s.lower != 0 and _stands_at(s, w.at, s.lower, -1.0):
            w.closed = owner(s, w.at)
            if w.event in (STOP, TAKE):
                w.stopped = w.closed
            w.at += 1
            _rescan(s, w, k, a)
        elif w.time == now and w.held:
            event, at = w.event, w.at
            native = k.native and event == TAKE and not w.at_open
            trades = close_trade(s, w, k, a, x, at, native, not w.at_open, results, trades)
            if event in (STOP, TAKE):
                w.stopped = w.closed
            _rescan(s, w, k, a)
    return trades


def _entries(symbols: Any, k: Any, a: Any, walks: Any, now: int, results: Any) -> bool:
    """Entries of this moment, the most confident first; True where one was made."""
    equity = math.nan
    made = False
    while True:
        best = -1
        for x in range(len(symbols)):
            w = walks[x]
            ready = w.time == now and not w.held and not w.tried and w.event != NOTHING
            if ready and (best < 0 or _before(symbols, walks, x, best)):
                best = x
        if best < 0:
            return made
        if equity != equity:
            equity = equity_at(symbols, walks, a, a.now)
        s, w = symbols[best], walks[best]
        w.tried = True
        if _enter(s, w, k, a, equity, results):
            made = True
        else:
            w.at += 1


def _confidence(s: Any, w: Any) -> float:
    return floats(s.confidence, s.rows)[w.row * s.confidence_step]


def _before(symbols: Any, walks: Any, one: int, other: int) -> bool:
    mine, theirs = _confidence(symbols[one], walks[one]), _confidence(symbols[other], walks[other])
    return mine > theirs or (mine == theirs and symbols[one].rank < symbols[other].rank)


def _known(s: Any, column: int, row: int) -> float:
    return math.nan if column == 0 else floats(column, s.rows)[row]


def _enter(s: Any, w: Any, k: Any, a: Any, equity: float, results: Any) -> bool:
    """Size, gates, fill: the entry that the walk names; False where a gate says no."""
    if not _allowed(s, w, k, a, equity):
        return False
    side = w.side
    fill = slipped(w.price, w.side > 0, bands(s), k.slippage_bps, k.slippage_ticks)
    atr, close = _known(s, s.atr_before, w.row), _known(s, s.close_before, w.row)
    margin = table(s.brackets, s.margins, 4)
    times = leverage(atr, close, leverage_limit(margin), k) if k.futures else 1.0
    guard = guard_at(side, fill, 0.0, times, k, margin)
    stop, _ = stop_at(side, fill, atr, fill, 0, hold_over(0, 0, k), guard, k, bands(s))
    take = take_at(side, fill, k, bands(s))
    cash = max(0.0, a.cash - a.late)
    size = sized(
        k.sizing,
        fill,
        stop,
        equity,
        cash,
        s.fee,
        s.lot_step,
        atr,
        close,
        results[: a.results],
        a.losses,
        1.0,
        times,
        _known(s, s.volume_before, w.row),
        notional_limit(times, margin),
        k,
    )
    if unrewarding(side, fill, stop, take, k.min_reward_risk) or too_small(fill, size, s.min_notional):
        return False
    if unaffordable(fill, size, times, s.fee, cash):
        return False
    if s.upper != 0:
        fill = bounded(fill, w.side > 0, floats(s.upper, s.n)[w.at], floats(s.lower, s.n)[w.at])
        take = take_at(side, fill, k, bands(s))
    _book(s, w, k, a, fill, take, atr, times, round(size / s.lot_step) * s.lot_step if s.lot_step > 0.0 else size)
    return True


def _stands_at(s: Any, at: int, limit: int, side: float) -> bool:
    """From open to close the candle stands at (or beyond) its upper (side 1) or lower (-1) price limit."""
    high, low = floats(s.high, s.n)[at], floats(s.low, s.n)[at]
    return high == low and side * low >= side * floats(limit, s.n)[at]


def _allowed(s: Any, w: Any, k: Any, a: Any, equity: float) -> bool:
    """The gates that need no size."""
    if s.upper != 0 and _stands_at(s, w.at, s.upper, 1.0):
        return False
    if latched(a) or fallen(equity, a.day_base, k.daily_loss_limit):
        return False
    if full(a.held, k.max_positions) or full(a.entries, k.max_trades_per_day):
        return False
    if resting(w.last_exit, a.now, k.symbol_cooldown_minutes):
        return False
    after_losses, minutes = k.cooldown_after_losses, k.cooldown_minutes
    if cooling(a.losses, a.last_loss, a.now, after_losses, minutes, k.all_day, k.limit_day_offset):
        return False
    return _confidence(s, w) >= k.confidence_threshold


def _book(s: Any, w: Any, k: Any, a: Any, fill: float, take: float, atr: float, times: float, quantity: float) -> None:
    w.cost = fill * quantity
    w.fee = w.cost * s.fee
    a.cash -= w.cost / times + w.fee
    a.held += 1
    a.entries += 1
    a.booked += 1
    w.entered_as = a.booked
    w.held = w.fresh = True
    w.entry, w.quantity, w.take, w.atr, w.leverage = fill, quantity, take, atr, times
    w.high_water, w.other, w.doubt, w.funding = fill, math.nan, False, 0.0
    margin = table(s.brackets, s.margins, 4)
    w.guard = guard_at(w.side, fill, quantity, times, k, margin)
    w.liquidation = liquidation_price(w.side, fill, quantity, times, margin)
    w.due = first_from(integers(s.funding_time, s.fundings), 0, s.fundings, a.now + 1)
    w.entry_at = w.mark = w.at
    w.entry_ms = a.now
    w.entered = w.row
    w.day_entries += 1
    hold(s, w, k)


def _rests(symbols: Any, k: Any, a: Any, walks: Any, results: Any, trades: Any) -> Any:
    """What is left of the candles in which something was entered: steps 3 to 5, or 7a to 7c."""
    for x in range(len(symbols)):
        s, w = symbols[x], walks[x]
        if not w.fresh:
            continue
        at, side = w.at, w.side
        open_, high, low = floats(s.open, s.n)[at], floats(s.high, s.n)[at], floats(s.low, s.n)[at]
        over = hold_over(0, 0, k)
        stop, why = stop_now(s, w, k, 0, over)
        take = w.take if over else math.nan
        if w.event == AT_OPEN:
            event, price, doubt = after_open(side, high, low, stop, take)
        else:
            event, price, doubt = after_level(side, open_, high, low, floats(s.close, s.n)[at], stop, take)
        after(s, w, k, at, event, stop, take, doubt)
        w.at += 1
        if event != NOTHING:
            w.price, w.reason = price, reason_of(event, why)
            trades = close_trade(s, w, k, a, x, at, k.native and event == TAKE, True, results, trades)
            w.stopped = w.closed
    return trades


def _flatten(symbols: Any, k: Any, a: Any, walks: Any, results: Any, trades: Any) -> Any:
    """A limit leaves everything at the last closes, in the order in which it was entered."""
    while a.held > 0:
        first = -1
        for x in range(len(symbols)):
            if walks[x].held and (first < 0 or walks[x].entered_as < walks[first].entered_as):
                first = x
        s, w = symbols[first], walks[first]
        w.price, w.reason = floats(s.close, s.n)[w.mark], KILL_SWITCH
        w.doubt = w.doubt and w.doubt_at <= w.mark
        trades = close_trade(s, w, k, a, first, w.mark, False, False, results, trades)
        w.stopped = w.closed
        w.at = w.mark + 1
        _rescan(s, w, k, a)
    return trades


def _final_equity(symbols: Any, walks: Any, a: Any) -> float:
    """Equity at the last closes of all."""
    equity = a.cash
    for x in range(len(symbols)):
        if walks[x].held:
            equity += worth(walks[x], floats(symbols[x].close, symbols[x].n)[symbols[x].n - 1])
    return equity
