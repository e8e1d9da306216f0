"""The next candle of one symbol where something happens; compiled."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from trading.backtest.kernel.data import NEVER
from trading.backtest.kernel.pointer import flags, floats, integers, table
from trading.core.calendar import DAY_MS, HOUR_MS, MINUTE_MS, day_of
from trading.core.fills import level_with
from trading.core.levels import EXIT_SIGNAL, LIQUIDATION, TAKE_PROFIT, TIME_CUT, stop_at
from trading.core.margin import bankruptcy_price
from trading.core.path import NOTHING, STOP, TAKE, TIME, entry, held, lifted_over_low, other_price

EASE: Final = 1.0 + 2e-9
"""Rounding to the tick forgives a billionth of it: a level may come to lie so much nearer."""
TIGHTENING_MS: Final = 36 * HOUR_MS // 5
"""When the tightening stop has come to its rest: 30 % of 24 h."""
BLOCK: Final = 64
"""Candles over which a tightening stop is taken to be where it will be at their end."""
WIDE: Final = 64
SAME: Final = 4096
"""Keys order candles by time, then by their number among those of one time (ticks)."""


def key(s: Any, at: int) -> int:
    """Order of candle `at` among those of all symbols; NEVER behind the last."""
    if at >= s.n:
        return NEVER
    time = integers(s.time, s.n)
    before = 0
    while before < at and time[at - before - 1] == time[at]:
        before += 1
    return time[at] * SAME + before


def first_from(times: Any, start: int, end: int, moment: int) -> int:
    """The first index in start..end whose time is not before `moment`."""
    while start < end:
        middle = (start + end) // 2
        if times[middle] < moment:
            start = middle + 1
        else:
            end = middle
    return start


def owner(s: Any, at: int) -> int:
    """The signal candle that candle `at` lies in; -1 where it lies in none."""
    if s.first == 0:
        return at
    end = integers(s.end, s.rows)
    row = first_from(end, 0, s.rows, at + 1)
    return row if row < s.rows and at >= integers(s.first, s.rows)[row] else -1


def bands(s: Any) -> Any:
    """The symbol's ticks, (bands, 2)."""
    return table(s.ticks, s.bands, 2)


def stop_now(s: Any, w: Any, k: Any, age: int, over: bool) -> Any:
    """(stop in force, reason code) of what is held, `age` ms after the entry."""
    return stop_at(w.side, w.entry, w.atr, w.high_water, age, over, w.guard, k, bands(s))


def scan(s: Any, w: Any, k: Any) -> None:
    """Moves the walk to the next candle, from `w.at` on, that brings an exit or an entry; `w.time` NEVER: none."""
    w.event = NOTHING
    if w.held:
        _scan_held(s, w, k)
    else:
        _scan_flat(s, w, k)
    w.time = key(s, w.at)


# -- flat ----------------------------------------------------------------------------------------------------------


def _scan_flat(s: Any, w: Any, k: Any) -> None:
    at = _reached(s, w.at)
    while at < s.n:
        row = owner(s, at)
        if w.entered == row or w.stopped == row:
            at = _reached(s, at + 1)
        elif _day_is_full(s, w, k, at):
            tomorrow = (w.day + 1) * DAY_MS + k.day_offset
            at = _reached(s, first_from(integers(s.time, s.n), at, s.n, tomorrow))
        elif _enters(s, w, at, row):
            break
        else:
            at = _reached(s, at + 1)
    w.at = at


def _reached(s: Any, at: int) -> int:
    """The next candle that may reach an entry level."""
    n = s.n
    if s.first != 0:
        return _reached_fine(s, at)
    if s.sell == 0 and s.buy != 0:
        top, buy = floats(s.top, n), floats(s.buy, n)
        while at + WIDE <= n and not _any_reaches(top, buy, at):
            at += WIDE
        while at < n and not top[at] * EASE >= buy[at]:
            at += 1
        return at
    while at < n and not _reaches(s, at, at):
        at += 1
    return at


def _any_reaches(top: Any, buy: Any, at: int) -> bool:
    """One of the next `WIDE` candles reaches its level: no branch inside, so the processor takes several at once."""
    start, hits = np.uint64(at), 0  # an index that cannot be negative needs no look at the other end
    for i in range(np.uint64(WIDE)):
        hits += top[start + i] * EASE >= buy[start + i]
    return hits > 0


def _any_leaves(best: Any, worst: Any, side: float, at: int, stop: float, far: float) -> bool:
    """One of the next `WIDE` candles leaves the room between `stop` and `far`."""
    start, hits = np.uint64(at), 0
    if side > 0.0:
        for i in range(np.uint64(WIDE)):
            hits += (worst[start + i] <= stop) | (best[start + i] >= far)
    else:
        for i in range(np.uint64(WIDE)):
            hits += (worst[start + i] >= stop) | (best[start + i] <= far)
    return hits > 0


def _reaches(s: Any, at: int, row: int) -> bool:
    if s.buy != 0 and floats(s.top, s.n)[at] * EASE >= floats(s.buy, s.rows)[row]:
        return True
    return s.sell != 0 and floats(s.bottom, s.n)[at] <= floats(s.sell, s.rows)[row] * EASE


def _reached_fine(s: Any, at: int) -> int:
    first, end = integers(s.first, s.rows), integers(s.end, s.rows)
    for row in range(first_from(end, 0, s.rows, at + 1), s.rows):
        buys = s.buy != 0 and not math.isnan(floats(s.buy, s.rows)[row])
        sells = s.sell != 0 and not math.isnan(floats(s.sell, s.rows)[row])
        if buys or sells:
            for fine in range(max(first[row], at), end[row]):
                if _reaches(s, fine, row):
                    return fine
    return s.n


def _day_is_full(s: Any, w: Any, k: Any, at: int) -> bool:
    if k.daily_entries == 0:
        return False
    day = day_of(integers(s.time, s.n)[at], k.day_offset)
    if day != w.day:
        w.day = day
        w.day_entries = 0
    return w.day_entries >= k.daily_entries


def _enters(s: Any, w: Any, at: int, row: int) -> bool:
    """Steps 6 and 7 at candle `at`: sets side, event and price."""
    open_, high, low = floats(s.open, s.n)[at], floats(s.high, s.n)[at], floats(s.low, s.n)[at]
    first = s.first == 0 or at == integers(s.first, s.rows)[row]
    for side in (1.0, -1.0):
        column = s.buy if side > 0.0 else s.sell
        exits = s.exit_long if side > 0.0 else s.exit_short
        if column == 0:
            continue
        level = floats(column, s.rows)[row]
        if level != level:
            continue
        if not math.isinf(level):
            level = level_with(side, level, bands(s))
        reopen = w.closed != row and not (exits != 0 and flags(exits, s.rows)[row])
        event, price = entry(side, open_, high, low, level, first, reopen)
        if event != NOTHING:
            w.side, w.event, w.price, w.row = side, event, price, row
            return True
    return False


# -- held ----------------------------------------------------------------------------------------------------------


def hold(s: Any, w: Any, k: Any) -> None:
    """After an entry at candle `w.at`: from which candles on the minimum hold, the time cut and an exit row count."""
    time = integers(s.time, s.n)
    at = w.at
    w.over_from = _after_rows(s, w.row, at, k.min_hold_candles)
    if k.min_hold_minutes > 0:
        by_time = first_from(time, at, s.n, w.entry_ms + k.min_hold_minutes * MINUTE_MS)
        w.over_from = max(w.over_from, by_time)
    w.cut_from = s.n
    if k.max_hold_minutes > 0:
        w.cut_from = first_from(time, at, s.n, w.entry_ms + k.max_hold_minutes * MINUTE_MS)
    w.leave_from = _exit_row(s, w.row, s.exit_long if w.side > 0 else s.exit_short)


def _after_rows(s: Any, row: int, at: int, candles: int) -> int:
    """The first candle of the `candles`-th signal candle after `row` that has one."""
    if candles <= 0:
        return at
    if s.first == 0:
        return min(row + candles, s.n)
    first, end = integers(s.first, s.rows), integers(s.end, s.rows)
    for later in range(row + 1, s.rows):
        if end[later] > first[later]:
            candles -= 1
            if candles == 0:
                return first[later]
    return s.n


def _exit_row(s: Any, row: int, column: int) -> int:
    """The first candle of the next signal candle whose row says to leave."""
    if column == 0:
        return s.n
    leave = flags(column, s.rows)
    row += 1
    if s.first == 0:
        while row < s.rows and not leave[row]:
            row += 1
        return row
    first, end = integers(s.first, s.rows), integers(s.end, s.rows)
    while row < s.rows and not (leave[row] and end[row] > first[row]):
        row += 1
    return first[row] if row < s.rows else s.n


def _scan_held(s: Any, w: Any, k: Any) -> None:
    time, open_, high, low = integers(s.time, s.n), floats(s.open, s.n), floats(s.high, s.n), floats(s.low, s.n)
    at = w.at
    while at < s.n:
        at = _quiet(s, w, k, at)
        if at >= s.n:
            break
        over = at >= w.over_from
        if w.side * open_[at] <= w.side * w.liquidation:
            liquidated(w, True)
            break
        stop, why = stop_now(s, w, k, time[at] - w.entry_ms, over)
        take = w.take if over else math.nan
        event, price, at_open, doubt = held(
            w.side, open_[at], high[at], low[at], stop, take, at >= w.cut_from, over and at >= w.leave_from
        )
        if (event == NOTHING or (event == TAKE and not at_open)) and _mark_beyond(s, w, at):
            liquidated(w, False)
            break
        after(s, w, k, at, event, stop, take, doubt)
        if event != NOTHING:
            w.event, w.price, w.at_open, w.reason = event, price, at_open, reason_of(event, why)
            break
        at += 1
    w.at = at


def liquidated(w: Any, at_open: bool) -> None:
    """The venue takes the whole margin."""
    w.event, w.at_open, w.reason = STOP, at_open, LIQUIDATION
    w.price = bankruptcy_price(w.side, w.entry, w.leverage)


def _mark_beyond(s: Any, w: Any, at: int) -> bool:
    """The mark price came to the liquidation price in candle `at`."""
    column = s.mark_low if w.side > 0 else s.mark_high
    return column != 0 and w.side * floats(column, s.n)[at] <= w.side * w.liquidation


def reason_of(event: int, stop: int) -> int:
    """The reason code of a path event; `stop`: that of the stop in force."""
    if event == STOP:
        return stop
    return TAKE_PROFIT if event == TAKE else TIME_CUT if event == TIME else EXIT_SIGNAL


def after(s: Any, w: Any, k: Any, at: int, event: int, stop: float, take: float, doubt: bool) -> None:
    """What a walked candle leaves behind: its doubt, and a new high-water mark where nothing happened (step 5)."""
    high, low, close = floats(s.high, s.n)[at], floats(s.low, s.n)[at], floats(s.close, s.n)[at]
    side = w.side
    if doubt and not w.doubt:
        w.doubt, w.doubt_at, w.other = True, at, other_price(side, event, high, low, close, stop, take)
    best = high if side > 0 else low
    if event != NOTHING or side * best <= side * w.high_water:
        return
    w.high_water = best
    if k.trailing_stop_percent > 0.0 and not w.doubt:
        age = integers(s.time, s.n)[at] - w.entry_ms
        lifted, _ = stop_now(s, w, k, age, at >= w.over_from)
        if lifted_over_low(side, low, high, stop, lifted):
            w.doubt, w.doubt_at, w.other = True, at, lifted


def _quiet(s: Any, w: Any, k: Any, at: int) -> int:
    """Skips candles that bring nothing: none touches the nearest stop and take-profit, none moves the trailing stop."""
    over = at >= w.over_from
    end = s.n if over else min(s.n, w.over_from)
    due = max(w.leave_from, w.over_from)
    end = min(end, w.cut_from if at < w.cut_from else at, due if at < due else at)
    if end <= at:
        return at
    time = integers(s.time, s.n)
    if k.tighten_stop and time[at] - w.entry_ms < TIGHTENING_MS:
        end = min(end, at + BLOCK)
    age = time[end - 1] - w.entry_ms
    side = w.side
    stop, _ = stop_now(s, w, k, age, over)
    if s.mark_low != 0:
        end = _marked_until(s, w, at, end)
    far = w.take if over and w.take == w.take else side * math.inf
    if k.trailing_stop_percent <= 0.0:
        return _pass(s, side, at, end, stop, far)
    arm = w.entry * (1.0 + side * k.trailing_arm) if over else side * math.inf
    if side * w.high_water >= side * arm:
        return _pass(s, side, at, end, stop, w.high_water if side * w.high_water < side * far else far)
    return _climb(s, w, at, end, stop, arm if side * arm < side * far else far)


def _marked_until(s: Any, w: Any, at: int, end: int) -> int:
    """Before the first candle of at..end in which the mark price comes to the liquidation price."""
    while at < end and not _mark_beyond(s, w, at):
        at += 1
    return at


def _pass(s: Any, side: float, at: int, end: int, stop: float, far: float) -> int:
    """Over candles that stay between `stop` and `far`."""
    best = floats(s.top, s.n) if side > 0.0 else floats(s.bottom, s.n)
    worst = floats(s.bottom, s.n) if side > 0.0 else floats(s.top, s.n)
    while at + WIDE <= end and not _any_leaves(best, worst, side, at, stop, far):
        at += WIDE
    while at < end and side * worst[at] > side * stop and side * best[at] < side * far:
        at += 1
    return at


def _climb(s: Any, w: Any, at: int, end: int, stop: float, far: float) -> int:
    """The same while the high-water mark may move without arming the trailing stop."""
    best = floats(s.high, s.n) if w.side > 0 else floats(s.low, s.n)
    past = _pass(s, w.side, at, end, stop, far)
    for passed in range(at, past):
        if w.side * best[passed] > w.side * w.high_water:
            w.high_water = best[passed]
    return past
