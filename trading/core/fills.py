"""What a fill costs: rounding of levels and of fills, slippage, fee (section 5). Arithmetic on scalars."""

from __future__ import annotations

from trading.core.instrument import Ticks, round_down, round_up, tick_at


def level_against(side: float, level: float, ticks: Ticks) -> float:
    """A stop of a position (`side` +1 long): down for a long, up for a short."""
    return round_down(level, ticks) if side > 0.0 else round_up(level, ticks)


def level_with(side: float, level: float, ticks: Ticks) -> float:
    """An entry level or take-profit: up for a long, down for a short."""
    return round_up(level, ticks) if side > 0.0 else round_down(level, ticks)


def slipped(price: float, buying: bool, ticks: Ticks, bps: float, slippage_ticks: float) -> float:
    """Fill price of an order meant at `price`: rounded to the tick, then bps, then ticks, all against us."""
    sign = 1.0 if buying else -1.0
    fill = round_up(price, ticks) if buying else round_down(price, ticks)
    if bps:
        fill *= 1.0 + sign * bps / 10_000.0
    return fill + sign * slippage_ticks * tick_at(fill, ticks) if slippage_ticks and len(ticks) else fill
