"""The same run at dearer costs: what is left of a result when fees double and slippage triples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from config.values import Knobs
from trading.backtest.costs import slips
from trading.backtest.drawdown import deepest
from trading.backtest.engine import backtest
from trading.backtest.series import Prepared, Result, Series

FEES: Final = 2.0
SLIPPAGE: Final = 3.0

Case = Literal["as_is", "fees", "slippage", "both"]


@dataclass(frozen=True, slots=True)
class Stressed:
    """One run under costs. final_equity in quote, return and drawdown fractions.

    latched_ms: when its drawdown limit ended entries, which alone can make dearer costs look cheaper; None: it did not.
    """

    case: Case
    final_equity: float
    net_return: float
    max_drawdown: float
    trades: int
    latched_ms: int | None


def nothing_slips(prepared: Prepared, knobs: Knobs) -> bool:
    """There is no slippage to multiply."""
    return not any(slips(series.instrument, knobs) for series in prepared.series)


def stress(prepared: Prepared, knobs: Knobs, result: Result) -> tuple[Stressed, ...]:
    """`result` (of `prepared` under `knobs`), then the same rows run again at fees x2, slippage x3, and both.

    By the default engine. Where nothing slips the cases of slippage are left out.
    """
    dear, wide = _dearer(prepared), _wider(knobs)
    found = [_stressed("as_is", result), _stressed("fees", backtest(dear, knobs, result.capital))]
    if not nothing_slips(prepared, knobs):
        found.append(_stressed("slippage", backtest(prepared, wide, result.capital)))
        found.append(_stressed("both", backtest(dear, wide, result.capital)))
    return tuple(found)


def _dearer(prepared: Prepared) -> Prepared:
    def dear(series: Series) -> Series:
        instrument = series.instrument
        return replace(series, instrument=replace(instrument, fee_rate=FEES * instrument.fee_rate))

    return replace(prepared, series=tuple(dear(series) for series in prepared.series))


def _wider(knobs: Knobs) -> Knobs:
    return replace(
        knobs, slippage_ticks=int(SLIPPAGE * knobs.slippage_ticks), slippage_bps=SLIPPAGE * knobs.slippage_bps
    )


def _stressed(case: Case, result: Result) -> Stressed:
    final = float(result.equity[-1]) if len(result.equity) else result.capital
    fall = deepest(result.times, result.equity, result.capital)
    depth, latched = fall.depth if fall else 0.0, result.latches.get("drawdown_limit")
    return Stressed(case, final, final / result.capital - 1.0, depth, len(result.trades), latched)
