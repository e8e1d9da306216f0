"""When a limit says no: arithmetic on scalars, compiled as it stands by the kernel. A limit of 0 is none."""

from __future__ import annotations

from typing import Final

from trading.core.calendar import MINUTE_MS, day_of

EXIT_MARGIN: Final = 1.2
"""A later exit must still meet the venue's minimum after a fall: 20 % over it at entry."""


def cooling(losses: int, last_loss_ms: int, now_ms: int, after: int, minutes: int, all_day: bool, offset: int) -> bool:
    """After `after` losses in a row: no entry for `minutes`, or (all_day) for the rest of the limits' day."""
    if not after or losses < after:
        return False
    if all_day:
        return day_of(last_loss_ms, offset) == day_of(now_ms, offset)
    return now_ms < last_loss_ms + minutes * MINUTE_MS


def resting(last_exit_ms: int, now_ms: int, minutes: int) -> bool:
    """The symbol was left less than `minutes` ago."""
    return minutes > 0 and now_ms < last_exit_ms + minutes * MINUTE_MS


def full(count: int, limit: int) -> bool:
    """There are `limit` already."""
    return limit > 0 and count >= limit


def fallen(equity: float, base: float, share: float) -> bool:
    """`equity` has lost its share (fraction) of `base`."""
    return share > 0.0 and equity <= base * (1.0 - share)


def reward_risk(side: float, price: float, stop: float, take: float) -> float:
    """(take-profit - price) / (price - stop); 0 where nothing is at risk."""
    risk = side * (price - stop)
    return side * (take - price) / risk if risk > 0.0 else 0.0


def unrewarding(side: float, price: float, stop: float, take: float, least: float) -> bool:
    """The ratio is under `least`; not tested without a take-profit (NaN)."""
    return least > 0.0 and take == take and reward_risk(side, price, stop, take) < least


def too_small(price: float, quantity: float, min_notional: float) -> bool:
    """Under the venue's minimum, the later exit's margin included."""
    return quantity <= 0.0 or price * quantity < min_notional * EXIT_MARGIN


def need(price: float, quantity: float, leverage: float, fee: float) -> float:
    """Quote that an entry binds: margin and fee."""
    return price * quantity * (1.0 / leverage + fee)


def unaffordable(price: float, quantity: float, leverage: float, fee: float, cash: float) -> bool:
    """An entry needs more than `cash` (1e-9 of it is forgiven)."""
    return need(price, quantity, leverage, fee) > cash * (1.0 + 1e-9)
