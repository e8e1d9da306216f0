"""One backtest, by the engine that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.values import Knobs
from trading.backtest import fast
from trading.backtest.replay import replay
from trading.backtest.series import Prepared, Result
from trading.core.portfolio import Trade


def backtest(prepared: Prepared, knobs: Knobs, cash: float, exact: bool = False) -> Result:
    """Runs `prepared` under `knobs` from `cash` (quote): compiled, or (exact) by the very objects that trade live."""
    return replay(prepared, knobs, cash) if exact else fast.backtest(prepared, knobs, cash)


@dataclass(frozen=True, slots=True)
class Score:
    """The figures by which runs are ranked. Ratios are fractions; None where a figure does not exist."""

    net_return: float
    trades: int
    win_rate: float | None
    profit_factor: float | None


def score(trades: Sequence[Trade], final: float, cash: float) -> Score:
    """What these round trips and the `final` equity (quote) are worth from `cash`."""
    pnls = [float(trade.pnl) for trade in trades]
    wins = [pnl for pnl in pnls if pnl > 0.0]
    return _scored(final, cash, len(pnls), len(wins), sum(wins), -sum(pnl for pnl in pnls if pnl <= 0.0))


def _scored(final: float, cash: float, trades: int, wins: int, won: float, lost: float) -> Score:
    rate = wins / trades if trades else None
    return Score(final / cash - 1.0, trades, rate, won / lost if lost > 0.0 else None)


def sweep(prepared: Prepared, knobs: Sequence[Knobs], cash: float) -> list[Score]:
    """One run per element of `knobs` over the same rows; releases the interpreter while the kernel runs."""
    return [
        _scored(final, cash, int(trades), int(wins), won, lost)
        for final, trades, wins, won, lost in fast.sweep(prepared, knobs, cash).tolist()
    ]
