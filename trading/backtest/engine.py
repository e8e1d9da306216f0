"""One backtest, by the engine that was asked for."""

from __future__ import annotations

from config.values import Knobs
from trading.backtest.replay import replay
from trading.backtest.series import Prepared, Result


def backtest(prepared: Prepared, knobs: Knobs, cash: float, exact: bool = False) -> Result:
    """Runs `prepared` under `knobs` from `cash` (quote). exact: by the very objects that trade live."""
    return replay(prepared, knobs, cash)
