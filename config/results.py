"""Strategies and presets beside buy and hold on recorded candles, out of sample, after costs.

Made by `python -m deploy.results`; not to be edited. docs/results.md tells the rest.
"""

from __future__ import annotations

from typing import Final

#: (kind, name) -> recorded series tried, of which it beat holding, of which it earned money at that.
BESIDE_HOLDING: Final[dict[tuple[str, str], tuple[int, int, int]]] = {
    ("strategy", "bb_breakout"): (9, 0, 0),
    ("strategy", "breakout"): (9, 0, 0),
    ("strategy", "combined"): (9, 0, 0),
    ("strategy", "dynamic_breakout"): (9, 2, 2),
    ("strategy", "macd"): (9, 1, 1),
    ("strategy", "mean_reversion"): (9, 0, 0),
    ("strategy", "momentum_breakout"): (9, 0, 0),
    ("strategy", "pullback"): (9, 0, 0),
    ("strategy", "rsi_bollinger"): (9, 0, 0),
    ("strategy", "survival"): (9, 1, 1),
    ("strategy", "trend_following"): (9, 1, 1),
    ("preset", "day_breakout"): (9, 0, 0),
    ("preset", "demo"): (3, 0, 0),
    ("preset", "macd_classic"): (3, 0, 0),
    ("preset", "macd_tuned"): (3, 1, 1),
    ("preset", "mid_term"): (5, 0, 0),
    ("preset", "scalping"): (3, 0, 0),
    ("preset", "survival"): (1, 0, 0),
    ("preset", "swing"): (5, 0, 0),
}
