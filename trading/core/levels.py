"""Exit levels of a position: section 4 of the backtest semantics as arithmetic on scalars.

`side` is +1 (long) or -1 (short); prices in quote; percents are fractions. The kernel compiles these
functions as they are; there the knobs are a record with the same names.
"""

from __future__ import annotations

import math
from typing import Final, Protocol

from trading.core.calendar import HOUR_MS, MINUTE_MS
from trading.core.fills import level_against, level_with
from trading.core.instrument import Brackets, Ticks
from trading.core.margin import liquidation_price

NO_REASON: Final = 0
STOP_LOSS: Final = 1
ATR_STOP: Final = 2
TRAILING_STOP: Final = 3
EMERGENCY_STOP: Final = 4
LIQUIDATION_GUARD: Final = 5
TAKE_PROFIT: Final = 6
TIME_CUT: Final = 7
EXIT_SIGNAL: Final = 8
LIQUIDATION: Final = 9

REASONS: Final[dict[int, str]] = {
    STOP_LOSS: "stop_loss",
    ATR_STOP: "atr_stop",
    TRAILING_STOP: "trailing_stop",
    EMERGENCY_STOP: "emergency_stop",
    LIQUIDATION_GUARD: "liquidation_guard",
    TAKE_PROFIT: "take_profit",
    TIME_CUT: "time_cut",
    EXIT_SIGNAL: "exit_signal",
    LIQUIDATION: "liquidation",
}

_LEAST: Final = 1e-9


class ExitKnobs(Protocol):
    """The knobs of section 4."""

    @property
    def stop_loss_percent(self) -> float: ...
    @property
    def tighten_stop(self) -> bool: ...
    @property
    def atr_multiplier(self) -> float: ...
    @property
    def trailing_stop_percent(self) -> float: ...
    @property
    def trailing_arm(self) -> float: ...
    @property
    def emergency_stop_percent(self) -> float: ...
    @property
    def take_profit_percent(self) -> float: ...
    @property
    def min_hold_candles(self) -> int: ...
    @property
    def min_hold_minutes(self) -> int: ...
    @property
    def liquidation_guard(self) -> float: ...


def stop_in_force(
    side: float,
    entry: float,
    atr: float,
    high_water: float,
    hours_held: float,
    hold_over: bool,
    stop_loss_percent: float,
    tighten: bool,
    atr_multiplier: float,
    trailing_percent: float,
    trailing_arm: float,
    emergency_percent: float,
    guard: float,
) -> tuple[float, int]:
    """(unrounded level, reason code) of the nearest enabled stop; on a tie the first of the table.

    atr: ATR at entry (NaN: no ATR stop). high_water: best price since entry (lowest for a short).
    hold_over: the minimum hold has passed (trailing acts only then). guard: liquidation guard level, NaN = none.
    """
    level = entry * (1.0 - side * emergency_percent)
    reason = EMERGENCY_STOP
    if trailing_percent > 0.0 and hold_over and side * high_water >= side * (entry * (1.0 + side * trailing_arm)):
        trail = high_water * (1.0 - side * trailing_percent)
        if side * trail >= side * level:
            level, reason = trail, TRAILING_STOP
    if stop_loss_percent > 0.0:
        share = 1.0 - min(hours_held / 24.0, 0.3) if tighten else 1.0
        fixed = entry * (1.0 - side * (stop_loss_percent * share))
        if side * fixed >= side * level:
            level, reason = fixed, STOP_LOSS
    elif atr_multiplier > 0.0:
        distant = entry - side * (atr_multiplier * atr)
        if side * distant >= side * level:
            level, reason = distant, ATR_STOP
    if side * guard > side * level:
        level, reason = guard, LIQUIDATION_GUARD
    return level, reason


def take_profit(side: float, entry: float, take_profit_percent: float) -> float:
    """Unrounded take-profit; NaN where it is off."""
    return entry * (1.0 + side * take_profit_percent) if take_profit_percent > 0.0 else math.nan


def liquidation_guard(entry: float, liquidation: float, share: float) -> float:
    """Where four fifths (share 0.20) of the way to liquidation are used up; NaN without a liquidation price."""
    return liquidation + share * (entry - liquidation)


def hold_over(candles_held: int, age_ms: int, knobs: ExitKnobs) -> bool:
    """The minimum hold has passed. candles_held: signal candles since the entry's."""
    return candles_held >= knobs.min_hold_candles and age_ms >= knobs.min_hold_minutes * MINUTE_MS


def stop_at(
    side: float,
    entry: float,
    atr: float,
    high_water: float,
    age_ms: int,
    over: bool,
    guard: float,
    knobs: ExitKnobs,
    ticks: Ticks,
) -> tuple[float, int]:
    """(rounded stop in force, reason code) at `age_ms` after the entry. over: the minimum hold has passed."""
    level, reason = stop_in_force(
        side,
        entry,
        atr,
        high_water,
        age_ms / HOUR_MS,
        over,
        knobs.stop_loss_percent,
        knobs.tighten_stop,
        knobs.atr_multiplier,
        knobs.trailing_stop_percent,
        knobs.trailing_arm,
        knobs.emergency_stop_percent,
        guard,
    )
    return level_against(side, level, ticks), reason


def take_at(side: float, entry: float, knobs: ExitKnobs, ticks: Ticks) -> float:
    """Rounded take-profit; NaN where it is off."""
    level = take_profit(side, entry, knobs.take_profit_percent)
    return level_with(side, level, ticks) if level == level else level


def guard_at(
    side: float, entry: float, quantity: float, leverage: float, knobs: ExitKnobs, brackets: Brackets
) -> float:
    """Liquidation guard of a position; NaN without brackets. quantity 0: as in the smallest bracket."""
    if not len(brackets):
        return math.nan
    liquidation = liquidation_price(side, entry, quantity if quantity > 0.0 else _LEAST, leverage, brackets)
    return liquidation_guard(entry, liquidation, knobs.liquidation_guard)
