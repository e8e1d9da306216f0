"""Examines exit settings: which exits can never act, and which never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np

from config.values import Knobs
from trading.backtest.doctor_finding import Finding, found, percent
from trading.backtest.series import Prepared, Result, Series
from trading.core.calendar import MINUTE_MS
from trading.core.instrument import tick_at

ENOUGH: Final = 30
"""After so many trades an exit that never came is worth a word."""
_TIGHTEST: Final = 0.7
"""What is left of a tightening stop in the end."""


def examine_exits(prepared: Prepared, knobs: Knobs, result: Result) -> Iterator[Finding]:
    """What the settings say, then what the trades show."""
    faults = [*_holds(prepared, knobs), *_stops(prepared, knobs), *_takes(prepared, knobs)]
    yield from faults
    yield from _never_came(prepared, knobs, result)
    if not faults:
        yield found("ok", "exits.possible", names=", ".join(_enabled(prepared, knobs)))


def _holds(prepared: Prepared, knobs: Knobs) -> Iterator[Finding]:
    longest = knobs.max_hold_minutes
    candle_minutes = prepared.series[0].candles.timeframe_ms / MINUTE_MS
    least = max(knobs.min_hold_minutes, knobs.min_hold_candles * candle_minutes)
    if 0 < longest <= least:
        yield found("fault", "exits.hold", least=f"{least:g}", longest=longest)


def _stops(prepared: Prepared, knobs: Knobs) -> Iterator[Finding]:
    emergency, stop = knobs.emergency_stop_percent, knobs.stop_loss_percent
    if stop > emergency and not (knobs.tighten_stop and stop * _TIGHTEST <= emergency):
        yield found("warning", "exits.stop", stop=percent(stop), emergency=percent(emergency))
    elif not stop and knobs.atr_multiplier > 0.0:
        nearest = _nearest_atr(prepared, knobs.atr_multiplier)
        if nearest > emergency:
            values = {"nearest": percent(nearest), "emergency": percent(emergency)}
            yield found("warning", "exits.atr", multiplier=f"{knobs.atr_multiplier:g}", **values)


def _nearest_atr(prepared: Prepared, multiplier: float) -> float:
    """Distance of the nearest ATR stop of any row, as a fraction of the price; 0.0 where no row has an ATR."""
    nearest = []
    for rows in prepared.rows:
        shares = multiplier * rows.atr / rows.close
        known = shares[np.isfinite(shares)]
        if len(known):
            nearest.append(float(known.min()))
    return min(nearest, default=0.0)


def _takes(prepared: Prepared, knobs: Knobs) -> Iterator[Finding]:
    take, trailing = knobs.take_profit_percent, knobs.trailing_stop_percent
    if trailing > 0.0 and 0.0 < take <= knobs.trailing_arm and not (knobs.min_hold_minutes or knobs.min_hold_candles):
        yield found("warning", "exits.trailing", arm=percent(knobs.trailing_arm), take=percent(take))
    if take > 0.0:
        cost, symbol = max((_round_trip_cost(series, knobs), series.instrument.symbol) for series in prepared.series)
        if take <= cost:
            yield found("fault", "exits.take", symbol=symbol, take=percent(take), cost=percent(cost))


def _round_trip_cost(series: Series, knobs: Knobs) -> float:
    """Fees and slippage of both sides as a fraction of a middling price."""
    price = float(np.median(series.candles.close))
    slip = knobs.slippage_ticks * tick_at(price, series.instrument.ticks) / price + knobs.slippage_bps / 10_000.0
    return 2.0 * (series.instrument.fee_rate + slip)


def _enabled(prepared: Prepared, knobs: Knobs) -> tuple[str, ...]:
    """Reasons for which these settings may leave, the emergency stop apart."""
    signal = any(bool(rows.exit_long.any() or rows.exit_short.any()) for rows in prepared.rows)
    stop = knobs.stop_loss_percent > 0.0
    chosen = {
        "take_profit": knobs.take_profit_percent > 0.0,
        "stop_loss": stop,
        "atr_stop": not stop and knobs.atr_multiplier > 0.0,
        "trailing_stop": knobs.trailing_stop_percent > 0.0,
        "time_cut": knobs.max_hold_minutes > 0,
        "exit_signal": signal,
    }
    return tuple(name for name, on in chosen.items() if on)


def _never_came(prepared: Prepared, knobs: Knobs, result: Result) -> Iterator[Finding]:
    if len(result.trades) < ENOUGH:
        return
    came = Counter(trade.exit_reason for trade in result.trades)
    never = [name for name in _enabled(prepared, knobs) if not came[name]]
    shares = ", ".join(f"{name} {percent(count / len(result.trades))}" for name, count in came.most_common())
    if never:
        yield found("warning", "exits.never", names=", ".join(never), trades=len(result.trades), shares=shares)
