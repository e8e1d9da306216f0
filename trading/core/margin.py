"""Isolated margin: where a position is liquidated. Arithmetic on scalars, compiled as it stands by the kernel."""

from __future__ import annotations

import math

from trading.core.instrument import Brackets


def liquidation_price(side: float, entry: float, quantity: float, leverage: float, brackets: Brackets) -> float:
    """Price at which `quantity` base entered at `entry` is liquidated; NaN where it cannot be, or without brackets.

    Isolated wallet = initial margin; the bracket is the one that holds the notional at the liquidation price. Source:
    Binance's own formula, (wallet + cum - side Q entry) / (Q rate - side Q).
    """
    wallet = entry * quantity / leverage
    found = math.nan
    for i in range(len(brackets)):
        bracket = brackets[i]
        price = (wallet + bracket[2] - side * quantity * entry) / (quantity * bracket[1] - side * quantity)
        if i == 0 or price * quantity >= bracket[0]:
            found = price
    return found if found > 0.0 else math.nan


def bankruptcy_price(side: float, entry: float, leverage: float) -> float:
    """Price at which the whole margin is lost: what a liquidation costs."""
    return entry * (1.0 - side / leverage)


def notional_limit(leverage: float, brackets: Brackets) -> float:
    """Most notional that may be held with `leverage`; infinite without brackets."""
    for i in range(len(brackets)):
        if brackets[i][3] < leverage:
            return brackets[i][0]
    return math.inf


def leverage_limit(brackets: Brackets) -> float:
    """Most leverage of the smallest bracket; infinite without brackets."""
    return brackets[0][3] if len(brackets) else math.inf
