"""Figures of a result. Ratios are fractions; None where a figure does not exist (no loss, no variance)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from config.values import Knobs
from trading.backtest.series import Result, Series
from trading.core.calendar import DAY_MS, DAY_OFFSET_MS
from trading.core.candles import Floats
from trading.core.fills import slipped

DAYS_A_YEAR: Final = 365.0

Figures = dict[str, float | int | str | None]


def max_drawdown(equity: Floats) -> float:
    """Deepest fall from a peak before it, as a fraction of that peak (0.12 = 12 %)."""
    if not len(equity):
        return 0.0
    peaks = np.maximum.accumulate(equity)
    return float(np.max(1.0 - equity / peaks))


def daily_returns(result: Result, day_offset_ms: int) -> Floats:
    """Returns between the last marks of successive days that have one; the first is measured from the capital."""
    if not len(result.times):
        return np.empty(0)
    day = (result.times - day_offset_ms) // DAY_MS
    last = np.append(np.flatnonzero(np.diff(day)), len(day) - 1)
    closes = np.concatenate(([result.capital], result.equity[last]))
    return np.asarray(closes[1:] / closes[:-1] - 1.0, np.float64)


def _ratio(mean: float, spread: float) -> float | None:
    return mean / spread * math.sqrt(DAYS_A_YEAR) if spread > 0.0 else None


def buy_and_hold(all_series: Sequence[Series], knobs: Knobs) -> float:
    """Return of buying each series whole at its first open, equal shares of cash, at the same costs; no exit fee."""
    growth = []
    for series in all_series:
        candles, instrument = series.execution, series.instrument
        paid = slipped(float(candles.open[0]), True, instrument.ticks, knobs.slippage_bps, knobs.slippage_ticks)
        growth.append(float(candles.close[-1]) / (paid * (1.0 + instrument.fee_rate)))
    return sum(growth) / len(growth) - 1.0


def figures(result: Result, all_series: Sequence[Series], knobs: Knobs) -> Figures:
    """Everything `--json` holds, money in the venue's currency."""
    pnls = [float(trade.pnl) for trade in result.trades]
    wins = [pnl for pnl in pnls if pnl > 0.0]
    losses = [pnl for pnl in pnls if pnl <= 0.0]
    final = float(result.equity[-1]) if len(result.equity) else result.capital
    net = final / result.capital - 1.0
    returns = daily_returns(result, DAY_OFFSET_MS[all_series[0].instrument.venue])
    spread = float(np.std(returns, ddof=1)) if len(returns) > 1 else 0.0
    below = float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2))) if len(returns) else 0.0
    mean = float(np.mean(returns)) if len(returns) else 0.0
    days = (result.times[-1] - result.times[0]) / DAY_MS if len(result.times) else 0.0
    cagr = (final / result.capital) ** (DAYS_A_YEAR / days) - 1.0 if days >= 1.0 and final > 0.0 else None
    drawdown = max_drawdown(np.concatenate(([result.capital], result.equity)))
    held_ms = sum(trade.exit_ms - trade.entry_ms for trade in result.trades)
    gross_loss = -sum(losses)
    return {
        "bars": result.bars,
        "trades": len(pnls),
        "open_positions": len(result.positions),
        "initial_cash": result.capital,
        "final_equity": final,
        "net_return": net,
        "buy_and_hold_return": buy_and_hold(all_series, knobs),
        "cagr": cagr,
        "max_drawdown": drawdown,
        "win_rate": len(wins) / len(pnls) if pnls else None,
        "profit_factor": sum(wins) / gross_loss if gross_loss > 0.0 else None,
        "expectancy": sum(pnls) / len(pnls) if pnls else None,
        "sharpe": _ratio(mean, spread),
        "sortino": _ratio(mean, below),
        "calmar": cagr / drawdown if cagr is not None and drawdown > 0.0 else None,
        "average_hold_minutes": held_ms / 60_000 / len(pnls) if pnls else None,
        "fees": float(sum(trade.fee for trade in result.trades)),
        "ambiguous_trades": sum(trade.ambiguous for trade in result.trades),
        "seconds": result.seconds,
    }
