"""Made-up 1m candles and the knobs that the backtester's figures are measured with."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from config.values import Knobs
from trading.backtest.series import Series
from trading.core.candles import Candles
from trading.core.rules import researched

MINUTE_MS: Final = 60_000
START_MS: Final = 1_756_684_800_000  # 2025-09-01T00:00:00Z
START_PRICE: Final = 5e7
CASH: Final = 1_000_000.0
VENUE: Final = "upbit"

#: The plain rules: take-profit and stop on the whole account; every filter, gate, limit and rounding off.
REFERENCE: Final = replace(
    Knobs(),
    sizing="all_in",
    take_profit_percent=0.05,
    stop_loss_percent=0.03,
    trend_filter=False,
    adx_filter=False,
    higher_timeframe_filter=False,
    cooldown_after_losses=0,
    max_positions=0,
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    slippage_ticks=0,
    tick_size=0.0,
    lot_step=0.0,
)
#: The same for many symbols on one account: six shares of 15 % and what is left, so that slots and cash both bind.
SHARED: Final = replace(REFERENCE, sizing="fixed", max_position_size=0.15, max_positions=7)
#: Everything at once, each so wide that the account trades on to the end.
FULL: Final = replace(
    REFERENCE,
    sizing="turtle",
    max_position_size=0.9,
    trailing_stop_percent=0.02,
    tighten_stop=True,
    min_hold_candles=3,
    min_hold_minutes=5,
    max_hold_minutes=3_000,
    min_reward_risk=0.1,
    cooldown_after_losses=3,
    symbol_cooldown_minutes=10,
    max_positions=3,
    max_trades_per_day=10,
    daily_loss_limit=0.5,
    drawdown_limit=0.95,
    capital_stop=0.95,
    slippage_ticks=1,
    slippage_bps=0.5,
    tick_size=None,
    lot_step=None,
)


def candles(number: int, seed: int) -> Candles:
    """`number` candles of 1m without gaps: a random walk with 0.05 % deviation a minute."""
    rng = np.random.default_rng(seed)
    close = START_PRICE * np.exp(np.cumsum(rng.normal(0.0, 0.0005, number)))
    opens = np.concatenate(([START_PRICE], close[:-1]))
    high, low = np.maximum(opens, close) * 1.0003, np.minimum(opens, close) * 0.9997
    times = START_MS + MINUTE_MS * np.arange(number, dtype=np.int64)
    return Candles(times, opens, high, low, close, np.ones(number), MINUTE_MS)


def series(of: Candles, knobs: Knobs, name: str = "C00") -> Series:
    """`of` as a market of the venue."""
    return Series(researched(VENUE, f"KRW-{name}", knobs), of)
