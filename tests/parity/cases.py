"""The markets that are lived twice, and what each must show at the least.

Every one begins with two quiet signal candles: the bot starts inside the first and reads it from the venue 2 s after
its close, so what it would have done there comes late (by design, and the same on a real venue).
"""

from __future__ import annotations

from tests.parity.lives import NO_LIMITS, Case

BTC, XRP, ETH = "KRW-BTC_1m.csv", "KRW-XRP_1m.csv", "KRW-ETH_1h.csv"
RISING = {"golden_cross": "false", "bullish_candle": "true"}
"""Entries after every rising candle: many trades in few steps."""
TOUCHED = {"k": "0.05", "entries_per_day": "0", "fresh_cross": "false"}
"""Entries whenever price stands over a low level."""
TRAILED = {
    "stop_loss_percent": "0",
    "atr_multiplier": "1.5",
    "take_profit_percent": "0.003",
    "trailing_stop_percent": "0.001",
    "trailing_arm_percent": "0.001",
    "adx_filter": "false",
    "higher_timeframe_filter": "false",
}

CASES = (
    Case(
        name="demo",
        files=(BTC, XRP),
        start=3_000,
        candles=2_300,
        preset="demo",
        timeframe="1m",
        trades=55,
        promised={"stop_loss": 13, "time_cut": 13, "exit_signal": 12, "take_profit": 11},
        knobs={
            **NO_LIMITS,
            "max_position_size": "0.3",
            "stop_loss_percent": "0.0015",
            "take_profit_percent": "0.0015",
            "max_hold_minutes": "15",
        },
    ),
    Case(
        name="scalping-btc",
        files=(BTC,),
        start=12_000,
        candles=2_000,
        preset="scalping",
        timeframe="1m",
        trades=40,
        promised={"atr_stop": 25, "trailing_stop": 9},
        knobs={**NO_LIMITS, **TRAILED},
        params=TOUCHED,
    ),
    Case(
        name="scalping-xrp",
        files=(XRP,),
        start=9_000,
        candles=1_900,
        preset="scalping",
        timeframe="1m",
        trades=60,
        promised={"atr_stop": 27, "trailing_stop": 28},
        knobs={**NO_LIMITS, **TRAILED},
        params=TOUCHED,
    ),
    Case(
        name="macd_classic",
        files=(BTC, XRP),
        start=605,
        candles=2_100,
        preset="macd_classic",
        timeframe="5m",
        trades=58,
        promised={"trailing_stop": 48, "take_profit": 6},
        knobs={
            **NO_LIMITS,
            "max_positions": "2",
            "max_position_size": "0.4",
            "stop_loss_percent": "0.003",
            "take_profit_percent": "0.004",
            "trailing_stop_percent": "0.002",
            "min_hold_candles": "1",
        },
        params=RISING,
    ),
    Case(
        name="macd_classic-hours",
        files=(ETH,),
        start=26_004,
        candles=2_000,
        preset="macd_classic",
        timeframe="1h",
        trades=55,
        promised={"emergency_stop": 23, "trailing_stop": 20, "take_profit": 10},
        knobs={
            **NO_LIMITS,
            "sizing": "kelly",
            "kelly_min": "0.05",
            "kelly_max": "0.5",
            "stop_loss_percent": "0",
            "atr_multiplier": "0",
            "emergency_stop_percent": "0.03",
            "take_profit_percent": "0.03",
            "trailing_stop_percent": "0.02",
            "trailing_arm_percent": "0.015",
            "min_hold_candles": "1",
        },
        params={**RISING, "macd_exit": "false"},
    ),
)

SHORT = Case(
    name="short",
    files=(XRP,),
    start=9_000,
    candles=1_700,
    preset="scalping",
    timeframe="1m",
    trades=3,
    promised={"atr_stop": 1},
    knobs={**NO_LIMITS, **TRAILED},
    params=TOUCHED,
)
"""A part of one of them, for a life that is asked what it notices."""
