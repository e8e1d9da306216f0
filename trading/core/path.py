"""The price path inside an execution candle: which event it brings, at which price (section 3 of the semantics).

A live tick is a candle with open = high = low = close. `side` is +1 (long) or -1 (short): the mirror is a sign. Levels
arrive rounded to the tick. The kernel compiles these functions as they are.
"""

from __future__ import annotations

import math
from typing import Final

NOTHING: Final = 0
STOP: Final = 1
TAKE: Final = 2
TIME: Final = 3
SIGNAL: Final = 4

AT_OPEN: Final = 1
AT_LEVEL: Final = 2


def held(
    side: float,
    open_: float,
    high: float,
    low: float,
    stop: float,
    take: float,
    time_cut: bool,
    leave: bool,
) -> tuple[int, float, bool, bool]:
    """Steps 1 to 4 for a position held at the open: (event, price, at the open?, ambiguous?). take NaN = none.

    leave: the exit signal (or a remembered one) is due at this open.
    """
    best, worst = (high, low) if side > 0.0 else (low, high)
    if side * open_ <= side * stop:
        return STOP, open_, True, False
    if side * open_ >= side * take:
        return TAKE, open_, True, False
    if time_cut:
        return TIME, open_, True, False
    if leave:
        return SIGNAL, open_, True, False
    if side * worst <= side * stop:
        return STOP, stop, False, side * best >= side * take
    if side * best >= side * take:
        return TAKE, take, False, False
    return NOTHING, math.nan, False, False


def entry(
    side: float, open_: float, high: float, low: float, level: float, first: bool, reopen: bool
) -> tuple[int, float]:
    """Steps 6 and 7: (AT_OPEN | AT_LEVEL | NOTHING, price). level NaN = none, 0 (long) or +inf (short) = at once.

    first: first execution candle of its signal candle. reopen: entering at the open is allowed (no exit row, nothing
    closed in this signal candle).
    """
    best = high if side > 0.0 else low
    if level == (0.0 if side > 0.0 else math.inf):
        return (AT_OPEN, open_) if first and reopen else (NOTHING, math.nan)
    if side * open_ >= side * level:
        return (AT_OPEN, open_) if reopen else (NOTHING, math.nan)
    if side * best >= side * level:
        return AT_LEVEL, level
    return NOTHING, math.nan


def after_open(side: float, high: float, low: float, stop: float, take: float) -> tuple[int, float, bool]:
    """Steps 3 and 4 on the rest of a candle entered at its open: (event, price, ambiguous?)."""
    best, worst = (high, low) if side > 0.0 else (low, high)
    if side * worst <= side * stop:
        return STOP, stop, side * best >= side * take
    if side * best >= side * take:
        return TAKE, take, False
    return NOTHING, math.nan, False


def after_level(
    side: float, open_: float, high: float, low: float, close: float, stop: float, take: float
) -> tuple[int, float, bool]:
    """Step 7a and 7b for an entry at its level inside the candle: (event, price, ambiguous?)."""
    best, worst = (high, low) if side > 0.0 else (low, high)
    if side * close <= side * stop:
        return STOP, stop, side * best >= side * take
    if side * open_ > side * stop and side * worst <= side * stop:
        return STOP, stop, True
    # Opened at or below the stop: its low says nothing, but it might have come after the entry.
    doubt = side * open_ <= side * stop
    if side * best >= side * take:
        return TAKE, take, doubt
    return NOTHING, math.nan, doubt


def other_price(side: float, event: int, high: float, low: float, close: float, stop: float, take: float) -> float:
    """Where an ambiguous candle would have left the position had it gone the other way: a stop taken for granted did
    not come (take-profit, or still held at the close), or one not counted did."""
    if event != STOP:
        return stop
    best = high if side > 0.0 else low
    return take if side * best >= side * take else close


def lifted_over_low(side: float, low: float, high: float, stop_before: float, stop_after: float) -> bool:
    """True where the candle's own new high lifts the trailing stop (rounded) over the candle's low."""
    worst = low if side > 0.0 else high
    return side * stop_after > side * stop_before and side * worst <= side * stop_after
