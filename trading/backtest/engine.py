"""One backtest, by the engine that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from config.values import Knobs
from trading.backtest import fast
from trading.backtest.replay import replay
from trading.backtest.series import Prepared, Result


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


def sweep(prepared: Prepared, knobs: Sequence[Knobs], cash: float) -> list[Score]:
    """One run per element of `knobs` over the same rows; releases the interpreter while the kernel runs."""
    return [
        Score(final / cash - 1.0, int(trades), wins / trades if trades else None, won / lost if lost > 0.0 else None)
        for final, trades, wins, won, lost in fast.sweep(prepared, knobs, cash).tolist()
    ]
