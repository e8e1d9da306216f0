"""The equity of a run at every candle, from its round trips; compiled like the kernel, and only when asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from trading.backtest.kernel.pointer import floats, integers
from trading.backtest.kernel.scan import first_from


def first_due(s: Any, t: Any) -> int:
    """The first funding after a round trip's entry."""
    return first_from(integers(s.funding_time, s.fundings), 0, s.fundings, t.entry_ms + 1)


def curve_of_one(s: Any, trades: Any, capital: float) -> Any:
    """Equity (n,) of a single symbol at the close of each of its candles."""
    equity = np.empty(s.n)
    time, close = integers(s.time, s.n), floats(s.close, s.n)
    times, amounts = integers(s.funding_time, s.fundings), floats(s.funding, s.fundings)
    settled, at = capital, 0
    for x in range(len(trades)):
        t = trades[x]
        while at < t.entry_at:
            equity[at] = settled
            at += 1
        paid, due = t.cost * s.fee, first_due(s, t)
        while at < t.exit_at:
            while due < s.fundings and times[due] <= time[at]:
                paid += t.side * amounts[due] * t.quantity
                due += 1
            equity[at] = settled + t.side * (close[at] * t.quantity - t.cost) - paid
            at += 1
        settled += t.pnl
    while at < s.n:
        equity[at] = settled
        at += 1
    return equity


def curve_of_many(symbols: Any, trades: Any, capital: float, times: Any) -> Any:
    """Equity (len(times),) of a portfolio; times: all moments at which one of its candles opens, rising."""
    equity = np.zeros(len(times))
    settled = np.zeros(len(times) + 1)
    for x in range(len(trades)):
        t = trades[x]
        s = symbols[t.symbol]
        time, close = integers(s.time, s.n), floats(s.close, s.n)
        funded, amounts = integers(s.funding_time, s.fundings), floats(s.funding, s.fundings)
        paid, due = t.cost * s.fee, first_due(s, t)
        at = t.entry_at
        moment = first_from(times, 0, len(times), t.entry_ms)
        while moment < len(times) and times[moment] < t.exit_ms:
            while at + 1 < s.n and time[at + 1] <= times[moment]:
                at += 1
            while due < s.fundings and funded[due] <= time[at]:
                paid += t.side * amounts[due] * t.quantity
                due += 1
            equity[moment] += t.side * (close[at] * t.quantity - t.cost) - paid
            moment += 1
        settled[moment] += t.pnl
    total = capital
    for moment in range(len(times)):
        total += settled[moment]
        equity[moment] += total
    return equity
