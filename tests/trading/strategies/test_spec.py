"""What the definitions say of each strategy beside its rule: warm-up, window, filters, parameters."""

from __future__ import annotations

import pytest

from trading import strategies
from trading.core.calendar import HOUR_MS
from trading.core.strategy import parameters

TREND, ADX, HIGHER, REGIME = "trend", "adx", "higher_timeframe", "regime"
MACD = {"golden_cross": True, "macd_exit": True}
MACD |= dict.fromkeys(
    ("macd_positive", "signal_positive", "bullish_candle", "macd_rising", "above_ma20", "above_ma60"), False
)
#: name -> warm-up, window on 1h, filters on by default, parameters with their defaults
SPEC: dict[str, tuple[int, int, set[str], dict[str, object]]] = {
    "breakout": (
        250,
        1000,
        {TREND, ADX, HIGHER},
        {"k": 0.5, "sell_at_day_end": False, "entries_per_day": 1, "fresh_cross": True, "ema_floor": True},
    ),
    "combined": (130, 560, {HIGHER}, {"min_votes": 2, "threshold": 0.5}),
    "bb_breakout": (100, 560, {TREND, ADX, HIGHER}, {}),
    "pullback": (500, 2000, {HIGHER}, {}),
    "dynamic_breakout": (250, 1000, {ADX, HIGHER}, {}),
    "rsi_bollinger": (100, 560, set(), {}),
    "macd": (130, 560, set(), MACD),
    "trend_following": (1000, 4000, {ADX}, {}),
    "mean_reversion": (100, 560, set(), {}),
    "momentum_breakout": (105, 560, {TREND, ADX}, {}),
    "survival": (495, 1980, {HIGHER, REGIME}, {}),
}


@pytest.mark.parametrize("name", SPEC)
def test_a_strategy_is_what_the_definitions_say(name: str) -> None:
    strategy = strategies.create(name)
    defaults = {known: spec.default for known, spec in parameters(type(strategy)).items()}
    assert (strategy.warmup, strategy.window(HOUR_MS), set(strategy.filters), defaults) == SPEC[name]


def test_bounds_that_are_ours() -> None:
    bounds = {
        (name, known): (spec.metadata["low"], spec.metadata["high"])
        for name in SPEC
        for known, spec in parameters(strategies.find(name)).items()
        if not isinstance(spec.default, bool)
    }
    assert bounds == {
        ("breakout", "k"): (0.05, 2.0),
        ("breakout", "entries_per_day"): (0, 100),
        ("combined", "min_votes"): (1, 4),
        ("combined", "threshold"): (0.0, 1.0),
    }
