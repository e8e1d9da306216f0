"""Figures of a result. Ratios are fractions; None where a figure does not exist (no loss, no variance)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from config.values import Knobs
from trading.backtest.breakdown import Group, Month, by_month, grouped
from trading.backtest.columns import Columns, columns
from trading.backtest.costs import slippage
from trading.backtest.doubt import Doubt, doubts, width
from trading.backtest.drawdown import deepest
from trading.backtest.holding import held
from trading.backtest.series import Result, Series
from trading.backtest.stress import Stressed
from trading.core.calendar import DAY_MS, DAY_OFFSET_MS, MINUTE_MS
from trading.core.candles import Floats, Times

DAYS_A_YEAR: Final = 365.0
A_MONTH: Final = 30.0  #: days; a growth measured over less says nothing about a year

Figures = dict[str, float | int | str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Everything a report tells. figures: one number each; holding: equity of buy and hold (quote, at result.times).

    stress: empty where it was not run.
    """

    figures: Figures
    symbols: tuple[Group, ...]
    months: tuple[Month, ...]
    reasons: tuple[Group, ...]
    doubts: tuple[Doubt, ...]
    holding: Floats
    stress: tuple[Stressed, ...] = ()

    def document(self) -> dict[str, Any]:
        """What `--json` holds: the figures, and the tables under per_*, ambiguous and cost_stress (null: not run)."""
        tables: dict[str, Sequence[Group | Doubt | Stressed]] = {
            "per_symbol": self.symbols,
            "per_month": self.months,
            "per_exit_reason": self.reasons,
            "ambiguous": self.doubts,
            "cost_stress": self.stress,
        }
        told = {name: [asdict(row) for row in rows] for name, rows in tables.items()}
        return {**self.figures, **told, "cost_stress": told["cost_stress"] or None}


def daily_returns(times: Times, equity: Floats, capital: float, day_offset_ms: int) -> Floats:
    """Returns between the last marks of successive days that have one; the first is measured from the capital.

    They end where the money is gone.
    """
    if not len(times):
        return np.empty(0)
    day = (times - day_offset_ms) // DAY_MS
    last = np.append(np.flatnonzero(np.diff(day)), len(day) - 1)
    closes = np.concatenate(([capital], equity[last]))
    broke = np.flatnonzero(closes <= 0.0)
    closes = closes[: broke[0] + 1] if len(broke) else closes
    return np.asarray(closes[1:] / closes[:-1] - 1.0, np.float64)


def examine(result: Result, all_series: Sequence[Series], knobs: Knobs) -> Findings:
    """All figures and tables of `result`, money in the venue's currency; without the cost stress, which needs runs."""
    instruments = {series.instrument.symbol: series.instrument for series in all_series}
    trades = columns(result.trades)
    holding = held(all_series, knobs, result.times, result.capital)
    unsure = doubts(result, instruments, knobs)
    offset = DAY_OFFSET_MS[all_series[0].instrument.venue]
    beside = of_curve(result.times, holding, result.capital, offset)
    figures: Figures = {
        "bars": result.bars,
        "trades": len(trades),
        "open_positions": len(result.positions),
        "initial_cash": result.capital,
        **of_curve(result.times, result.equity, result.capital, offset),
        **{f"buy_and_hold_{name.removeprefix('net_')}": beside[name] for name in _BESIDE},
        **_of_trades(trades, result.capital),
        **_in_the_market(result, trades),
        "slippage": slippage(trades, instruments, knobs),
        **_unsure(result, unsure),
        "seconds": result.seconds,
    }
    return Findings(
        figures,
        grouped(trades.symbol, trades.pnl),
        by_month(result, trades),
        grouped(trades.reason, trades.pnl),
        unsure,
        holding,
    )


#: Figures of the curve that are told of buy and hold too.
_BESIDE: Final = ("final_equity", "net_return", "cagr", "sharpe", "sortino", "calmar", "max_drawdown")


def of_curve(times: Times, equity: Floats, capital: float, day_offset_ms: int) -> Figures:
    """What an equity curve alone tells."""
    final = float(equity[-1]) if len(equity) else capital
    days = float(times[-1] - times[0]) / DAY_MS if len(times) else 0.0
    cagr = (final / capital) ** (DAYS_A_YEAR / days) - 1.0 if days >= A_MONTH and final > 0.0 else None
    fall = deepest(times, equity, capital)
    returns = daily_returns(times, equity, capital, day_offset_ms)
    spread = float(np.std(returns, ddof=1)) if len(returns) > 1 else 0.0
    below = float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2))) if len(returns) else 0.0
    mean = float(np.mean(returns)) if len(returns) else 0.0
    return {
        "final_equity": final,
        "net_return": final / capital - 1.0,
        "cagr": cagr,
        "sharpe": _a_year(mean, spread),
        "sortino": _a_year(mean, below),
        "calmar": cagr / fall.depth if cagr is not None and fall else None,
        "max_drawdown": fall.depth if fall else 0.0,
        "max_drawdown_days": fall.days if fall else 0.0,
        "max_drawdown_start_ms": fall.start_ms if fall else None,
        "max_drawdown_low_ms": fall.low_ms if fall else None,
        "max_drawdown_recovered_ms": fall.end_ms if fall and fall.recovered else None,
    }


def _a_year(mean: float, spread: float) -> float | None:
    return mean / spread * math.sqrt(DAYS_A_YEAR) if spread > 0.0 else None


def _of_trades(trades: Columns, capital: float) -> Figures:
    """turnover: value of all their fills over the starting cash; what is still open counts in none of these."""
    count = len(trades)
    won = trades.pnl > 0.0
    gained, lost = float(trades.pnl[won].sum()), -float(trades.pnl[~won].sum())
    return {
        "win_rate": float(won.mean()) if count else None,
        "profit_factor": gained / lost if lost > 0.0 else None,
        "expectancy": float(trades.pnl.mean()) if count else None,
        "average_hold_minutes": float((trades.exit_ms - trades.entry_ms).mean()) / MINUTE_MS if count else None,
        "realized_pnl": float(trades.pnl.sum()),
        "fees": float(trades.fee.sum()),
        "funding": float(trades.funding.sum()),
        "turnover": trades.traded / capital,
    }


def _in_the_market(result: Result, trades: Columns) -> Figures:
    """exposure: share of the candles at whose close something was held."""
    n = len(result.times)
    if not n:
        return {"exposure": None}
    opened = [position.entry_ms for position in result.positions]
    change = np.zeros(n + 1, np.int64)
    np.add.at(change, np.searchsorted(result.times, np.append(trades.entry_ms, opened).astype(np.int64)), 1)
    np.add.at(change, np.searchsorted(result.times, trades.exit_ms), -1)
    return {"exposure": float(np.count_nonzero(np.cumsum(change[:n]))) / n}


def _unsure(result: Result, found: tuple[Doubt, ...]) -> Figures:
    """other_way_*: the result had every ambiguous trade gone the other way; None where there is none."""
    final = (float(result.equity[-1]) if len(result.equity) else result.capital) + width(found)
    return {
        "ambiguous_trades": len(found),
        "other_way_final_equity": final if found else None,
        "other_way_net_return": final / result.capital - 1.0 if found else None,
    }
