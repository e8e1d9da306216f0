"""One symbol's way through its execution candles: what is held, what may be entered, which order is under way."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from config.values import Knobs
from trading.core import levels, path
from trading.core.calendar import MINUTE_MS
from trading.core.facts import Bar, Refusal
from trading.core.fills import level_with
from trading.core.instrument import Instrument
from trading.core.portfolio import Position
from trading.core.rows import Look

NO_LEVEL: Final = math.nan
_REASON: Final = {path.TAKE: "take_profit", path.TIME: "time_cut", path.SIGNAL: "exit_signal"}


class Leaving(NamedTuple):
    """An exit the path brings: at `price` (rounded level or open), "open" or "inside" the candle, for `reason`.

    final: nothing may be entered in this signal candle any more (a stop or a take-profit closed it).
    """

    price: float
    moment: str
    reason: str
    final: bool
    native: bool = False


@dataclass(slots=True)
class Walk:
    """State of one symbol. buy, sell: this candle's entry levels, rounded, NaN = none.

    bar: the execution candle being walked, entry: how it was entered (path.AT_OPEN, path.AT_LEVEL) until its rest is
    walked. first: no execution candle of this signal candle was evaluated yet. entered, closed, stopped: in this
    signal candle. entering, leaving: the orders under way. exits_only: dropped from the selection. previous_ms: the
    signal candle walked before. price: the last one that entries may know (a candle's open until the
    step is over), last: the last one seen. day, day_entries: entries of the trading day.
    """

    instrument: Instrument
    bars: deque[Bar] = field(default_factory=deque)
    bar: Bar | None = None
    entry: int = 0
    candle_ms: int = -1
    look: Look | None = None
    buy: float = NO_LEVEL
    sell: float = NO_LEVEL
    first: bool = True
    entered: bool = False
    closed: bool = False
    stopped: bool = False
    entering: str | None = None
    leaving: str | None = None
    exits_only: bool = False
    previous_ms: int = -1
    reserved: float = 0.0
    price: float = 0.0
    last: float = 0.0
    day: int = -1
    day_entries: int = 0
    exits: int = 0
    retry_ms: int = 0
    flatten: str = ""
    refusal: Refusal | None = None

    @property
    def pending(self) -> bool:
        """An order is under way."""
        return self.entering is not None or self.leaving is not None

    def begin(self, candle_ms: int) -> None:
        """A new signal candle."""
        self.previous_ms = self.candle_ms
        self.candle_ms = candle_ms
        self.look = None
        self.buy = self.sell = NO_LEVEL
        self.first = True
        self.entered = self.closed = self.stopped = False
        self.refusal = None

    def see(self, look: Look, position: Position | None) -> None:
        """Takes the candle's row: rounds its levels, remembers an exit for a position from before this candle."""
        self.look = look
        row, ticks = look.row, self.instrument.ticks
        self.buy = level_with(1.0, row.buy_above, ticks) if row.buy_above == row.buy_above else NO_LEVEL
        sell = row.sell_below
        self.sell = level_with(-1.0, sell, ticks) if sell == sell and not math.isinf(sell) else sell
        if position is not None and position.entry_candle_ms < self.candle_ms:
            position.leave |= row.exit_long if position.side > 0 else row.exit_short
            position.leave |= look.missed_exit_long if position.side > 0 else look.missed_exit_short

    def finish(self) -> None:
        """The current execution candle is walked to its end."""
        if self.bar is not None:
            self.last = self.bar.close
            self.bar = None
            self.entry = 0
            if self.look is not None:
                self.first = False


def price_of(walk: Walk, position: Position) -> float:
    """The last price of what is held; the price paid before a first one has come (after a start)."""
    return walk.price or position.entry


def hold_over(position: Position, time_ms: int, knobs: Knobs) -> bool:
    """The minimum hold has passed."""
    return levels.hold_over(position.candles_held, time_ms - position.entry_ms, knobs)


def stop_of(position: Position, time_ms: int, knobs: Knobs, instrument: Instrument) -> tuple[float, int]:
    """(rounded stop in force, reason code) for the execution candle that opens at `time_ms`."""
    return levels.stop_at(
        position.side,
        position.entry,
        position.atr,
        position.high_water,
        time_ms - position.entry_ms,
        hold_over(position, time_ms, knobs),
        math.nan,
        knobs,
        instrument.ticks,
    )


def take_of(position: Position, time_ms: int, knobs: Knobs, instrument: Instrument) -> float:
    """Rounded take-profit; NaN where it is off or the minimum hold lasts."""
    if knobs.take_profit_percent <= 0.0 or not hold_over(position, time_ms, knobs):
        return math.nan
    return levels.take_at(position.side, position.entry, knobs, instrument.ticks)


def walk_held(walk: Walk, position: Position, bar: Bar, knobs: Knobs, native: bool) -> Leaving | None:
    """Steps 1 to 5 for a position held at the open of `bar`."""
    over = hold_over(position, bar.time_ms, knobs)
    stop, reason = stop_of(position, bar.time_ms, knobs, walk.instrument)
    take = take_of(position, bar.time_ms, knobs, walk.instrument)
    cut = knobs.max_hold_minutes
    time_cut = cut > 0 and bar.time_ms - position.entry_ms >= cut * MINUTE_MS
    event, price, at_open, doubt = path.held(
        position.side, bar.open, bar.high, bar.low, stop, take, time_cut, position.leave and over
    )
    if doubt:
        _doubt(position, path.other_price(position.side, event, bar.high, bar.low, bar.close, stop, take))
    if event == path.NOTHING:
        _lift(position, bar, stop, knobs, walk.instrument)
        return None
    final = event in (path.STOP, path.TAKE)
    name = levels.REASONS[reason] if event == path.STOP else _REASON[event]
    return Leaving(price, "open" if at_open else "inside", name, final, native and event == path.TAKE and not at_open)


def walk_rest(walk: Walk, position: Position, bar: Bar, knobs: Knobs, native: bool) -> Leaving | None:
    """Steps 3 to 5, or 7a to 7c, on the rest of the candle in which the position was entered."""
    stop, reason = stop_of(position, bar.time_ms, knobs, walk.instrument)
    take = take_of(position, bar.time_ms, knobs, walk.instrument)
    if walk.entry == path.AT_OPEN:
        event, price, doubt = path.after_open(position.side, bar.high, bar.low, stop, take)
    else:
        event, price, doubt = path.after_level(position.side, bar.open, bar.high, bar.low, bar.close, stop, take)
    if doubt:
        _doubt(position, path.other_price(position.side, event, bar.high, bar.low, bar.close, stop, take))
    if event == path.NOTHING:
        _lift(position, bar, stop, knobs, walk.instrument)
        return None
    name = levels.REASONS[reason] if event == path.STOP else _REASON[event]
    return Leaving(price, "inside", name, True, native and event == path.TAKE)


def _doubt(position: Position, other: float) -> None:
    """The first doubt counts: what came later hangs on it."""
    if not position.doubt:
        position.doubt, position.other = True, other


def _lift(position: Position, bar: Bar, stop: float, knobs: Knobs, instrument: Instrument) -> None:
    """Step 5: the high-water mark moves; notes where that would have moved the trailing stop over the candle's low."""
    side = position.side
    best = bar.high if side > 0 else bar.low
    if side * best <= side * position.high_water:
        return
    position.high_water = best
    if knobs.trailing_stop_percent > 0.0 and not position.doubt:
        after, _ = stop_of(position, bar.time_ms, knobs, instrument)
        if path.lifted_over_low(side, bar.low, bar.high, stop, after):
            _doubt(position, after)


def walk_flat(walk: Walk, bar: Bar, fresh: bool) -> tuple[int, int, float]:
    """Steps 6 and 7 without a position: (side, event, price). fresh: "at once" still holds."""
    look = walk.look
    if look is None or walk.entered or walk.stopped:
        return 0, path.NOTHING, math.nan
    row = look.row
    if walk.buy == walk.buy:
        reopen = not (row.exit_long or walk.closed)
        event, price = path.entry(1.0, bar.open, bar.high, bar.low, walk.buy, walk.first and fresh, reopen)
        if event != path.NOTHING:
            return 1, event, price
    if walk.sell == walk.sell:
        reopen = not (row.exit_short or walk.closed)
        event, price = path.entry(-1.0, bar.open, bar.high, bar.low, walk.sell, walk.first and fresh, reopen)
        if event != path.NOTHING:
            return -1, event, price
    return 0, path.NOTHING, math.nan
