"""One backtest, by the engine that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.values import Knobs
from trading.backtest.replay import replay
from trading.backtest.series import Prepared, Result


def backtest(prepared: Prepared, knobs: Knobs, cash: float, exact: bool = False) -> Result:
    """Runs `prepared` under `knobs` from `cash` (quote). exact: by the very objects that trade live."""
    return replay(prepared, knobs, cash)


@dataclass(frozen=True, slots=True)
class Score:
    """The figures by which runs are ranked. Ratios are fractions; None where a figure does not exist."""

    net_return: float
    trades: int
    win_rate: float | None
    profit_factor: float | None


def score(result: Result) -> Score:
    """What a run is worth."""
    pnls = [float(trade.pnl) for trade in result.trades]
    wins = [pnl for pnl in pnls if pnl > 0.0]
    lost = -sum(pnl for pnl in pnls if pnl <= 0.0)
    final = float(result.equity[-1]) if len(result.equity) else result.capital
    return Score(
        final / result.capital - 1.0,
        len(pnls),
        len(wins) / len(pnls) if pnls else None,
        sum(wins) / lost if lost > 0.0 else None,
    )


def sweep(prepared: Prepared, knobs: Sequence[Knobs], cash: float) -> list[Score]:
    """One run per element of `knobs` over the same rows. Releases the interpreter where the kernel runs."""
    return [score(backtest(prepared, one, cash)) for one in knobs]
