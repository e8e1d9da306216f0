"""Examines the trades of a backtest: how many, what they cost, how sure they are, what was refused."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from config.values import Knobs
from trading.backtest.doctor_finding import Finding, found, graded, percent
from trading.backtest.engine import backtest
from trading.backtest.moments import kst
from trading.backtest.series import Prepared, Result
from trading.core.instrument import Instrument, tick_at
from trading.core.portfolio import Trade
from trading.core.rules import RULES

FEW: Final = 30
"""Under so many trades a mean says little, whatever its spread."""
SURE: Final = 2.0
"""A mean nearer to zero than so many standard errors may be chance."""
DEAR: Final = 0.5
"""Costs above this share of the gross profit are worth a warning."""
VAGUE: Final = 0.05
"""A larger share of ambiguous trades asks for finer candles."""
REFUSED: Final = 0.5
"""A larger share of refused entries is worth a warning."""


def examine_trades(prepared: Prepared, knobs: Knobs, cash: float, result: Result) -> Iterator[Finding]:
    """result: of the exact replay of `prepared` under `knobs` from `cash` (quote)."""
    yield from _refusals(result)
    if not result.trades:
        yield found("warning", "trades.none", open=len(result.positions))
        return
    yield _count(result.trades)
    yield from _costs(prepared, knobs, cash, result)
    yield _doubt(result.trades)


def _count(trades: Sequence[Trade]) -> Finding:
    gains = [float(trade.pnl_percent) / 100.0 for trade in trades]
    mean = statistics.fmean(gains)
    if len(gains) < 2:
        return found("warning", "trades.one", mean=percent(mean), least=FEW)
    error = statistics.stdev(gains) / math.sqrt(len(gains))
    values = {"trades": len(gains), "mean": percent(mean), "error": percent(error), "least": FEW}
    values |= {"low": percent(mean - SURE * error), "high": percent(mean + SURE * error)}
    if len(gains) < FEW:
        return found("warning", "trades.few", **values)
    if mean < -SURE * error:
        return found("warning", "trades.lose", **values)
    return graded(abs(mean) <= SURE * error, "trades.vague", "trades.sure", **values)


# -- costs -------------------------------------------------------------------------------------------------------------


def _slippage(trade: Trade, instrument: Instrument, knobs: Knobs) -> float:
    """What slippage took of both fills, quote."""
    prices = (float(trade.entry_price), float(trade.exit_price))
    ticks = sum(knobs.slippage_ticks * tick_at(price, instrument.ticks) for price in prices)
    return float(trade.quantity) * (ticks + sum(prices) * knobs.slippage_bps / 10_000.0)


def _at_costs(prepared: Prepared, knobs: Knobs, cash: float, times: int) -> float:
    """Net return (fraction) at `times` the costs; 0: free of them."""
    series = tuple(
        replace(one, instrument=replace(one.instrument, fee_rate=times * one.instrument.fee_rate))
        for one in prepared.series
    )
    dearer = replace(knobs, slippage_ticks=times * knobs.slippage_ticks, slippage_bps=times * knobs.slippage_bps)
    return _net(backtest(replace(prepared, series=series), dearer, cash))


def _net(result: Result) -> float:
    return float(result.equity[-1]) / result.capital - 1.0 if len(result.equity) else 0.0


def _costs(prepared: Prepared, knobs: Knobs, cash: float, result: Result) -> Iterator[Finding]:
    instruments = {series.instrument.symbol: series.instrument for series in prepared.series}
    fees = float(sum(trade.fee for trade in result.trades))
    slippage = sum(_slippage(trade, instruments[trade.symbol], knobs) for trade in result.trades)
    turned = float(sum(trade.entry_price * trade.quantity for trade in result.trades))
    costs = fees + slippage
    gross = float(sum(trade.pnl for trade in result.trades)) + costs
    currency = RULES[prepared.venue].currency
    amounts = {"fees": fees, "slippage": slippage, "gross": gross}
    digits = 0 if currency == "KRW" else 2
    values = {name: f"{amount:,.{digits}f} {currency}" for name, amount in amounts.items()}
    values |= {"paid": percent(costs / turned), "even": percent(gross / turned)}
    if gross <= 0.0:
        yield found("warning", "costs.no_profit", **values)
    else:
        share = costs / gross
        much = "costs.eaten" if share >= 1.0 else "costs.dear"
        yield graded(share > DEAR, much, "costs.fair", share=percent(share), **values)
    free, doubled = _at_costs(prepared, knobs, cash, 0), _at_costs(prepared, knobs, cash, 2)
    net = _net(result)
    returns = {"free": percent(free), "net": percent(net), "doubled": percent(doubled)}
    yield graded(net > 0.0 >= doubled, "stress.breaks", "stress.result", **returns)


# -- doubt and refusals ------------------------------------------------------------------------------------------------


def _doubt(trades: Sequence[Trade]) -> Finding:
    doubtful = sum(trade.ambiguous for trade in trades)
    share = doubtful / len(trades)
    values = {"doubtful": doubtful, "trades": len(trades), "share": percent(share)}
    return graded(share > VAGUE, "ambiguous.many", "ambiguous.few", **values)


def _refusals(result: Result) -> Iterator[Finding]:
    for limit, since in result.latches.items():
        yield found("warning", "gates.latched", gate=limit, date=kst(since))
    refused = sum(result.refused.values())
    entered = len(result.trades) + len(result.positions)
    if not refused:
        yield found("ok", "gates.none", entered=entered)
        return
    gates = sorted(result.refused.items(), key=lambda one: -one[1])
    counts = ", ".join(f"{name} {count}" for name, count in gates)
    if refused > REFUSED * (refused + entered):
        yield found("warning", "gates.many", entered=entered, refused=refused, gates=counts, first=gates[0][0])
    else:
        yield found("ok", "gates.some", entered=entered, refused=refused, gates=counts)
