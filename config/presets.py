"""Presets: named sets of values, differences from the knobs' defaults only.

Fractions are fractions (0.05 is 5 %). `params` belong to the preset's strategy and fall away with it. Each preset's
description with its risk stands in the text catalogue under "preset.<name>".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_PRESET = "none"  # the knobs' defaults alone


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset. `venues`: the venues it is made for, empty = any. `detail`: finer candles for backtests."""

    name: str
    knobs: MappingProxyType[str, Any]
    params: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    venues: tuple[str, ...] = ()
    detail: str | None = None

    @property
    def text_key(self) -> str:
        """Key of its description in the text catalogue."""
        return f"preset.{self.name}"


def _triple_signal(name: str, threshold: float, mtf: float, ml: float, positions: int, stop: float) -> Preset:
    knobs = {
        "strategy": "triple_signal",
        "timeframe": "1h",
        "universe_size": 0,  # BTC, ETH, SOL are the stable symbols; two dynamic ones come on top
        "evaluate_seconds": 60.0,
        "max_positions": positions,
        "stop_loss_percent": stop,
        "tighten_stop": True,
        "take_profit_percent": 0.01,
        "trailing_stop_percent": 0.01,
        "trailing_arm_percent": 0.02,
        "min_hold_minutes": 60,
        "sizing": "kelly",
        "max_position_size": 0.25,
        "market_filter": True,
        "max_trades_per_day": 10,
        "cooldown_after_losses": 2,
        "cooldown_minutes": 30,
        "symbol_cooldown_minutes": 30,
        "daily_loss_limit": 0.02,
        "capital_stop": 0.05,
    }
    params = {"threshold": threshold, "mtf_min_score": mtf, "ml_min_probability": ml, "entry_mode": "all"}
    return _preset(name, knobs, params)


def _preset(
    name: str,
    knobs: dict[str, Any],
    params: dict[str, Any] | None = None,
    venues: tuple[str, ...] = (),
    detail: str | None = None,
) -> Preset:
    return Preset(name, MappingProxyType(knobs), MappingProxyType(params or {}), venues, detail)


_ALL: tuple[Preset, ...] = (
    _preset(
        "demo",
        {
            "strategy": "macd",
            "timeframe": "1m",
            "universe_size": 10,
            "sizing": "fixed",
            "max_position_size": 0.1,
            "max_positions": 5,
            "take_profit_percent": 0.015,
            "stop_loss_percent": 0.01,
            "max_trades_per_day": 0,
            "cooldown_after_losses": 0,
            "daily_loss_limit": 0.0,
            "drawdown_limit": 0.0,
        },
    ),
    _preset(
        "scalping",
        {
            "strategy": "breakout",
            "timeframe": "1m",
            "take_profit_percent": 0.015,
            "stop_loss_percent": 0.01,
            "trailing_stop_percent": 0.005,
            "trailing_arm_percent": 0.008,
        },
        {"k": 0.5, "sell_at_day_end": True},
    ),
    _preset(
        "day_breakout",
        {
            "strategy": "breakout",
            "timeframe": "1d",
            "take_profit_percent": 0.0,
            "stop_loss_percent": 0.03,
            "trend_filter": False,
            "adx_filter": False,
            "higher_timeframe_filter": False,
        },
        {"k": 0.5, "sell_at_day_end": True, "ema_floor": False},
        detail="1m",
    ),
    _preset(
        "mid_term",
        {
            "strategy": "combined",
            "timeframe": "1h",
            "take_profit_percent": 0.07,
            "stop_loss_percent": 0.0,
            "atr_multiplier": 2.5,
            "trailing_stop_percent": 0.025,
            "trailing_arm_percent": 0.04,
            "emergency_stop_percent": 0.08,
            "min_atr_percent": 0.003,
        },
    ),
    _preset(
        "swing",
        {
            "strategy": "dynamic_breakout",
            "timeframe": "4h",
            "take_profit_percent": 0.10,
            "stop_loss_percent": 0.0,
            "atr_multiplier": 3.0,
            "trailing_stop_percent": 0.04,
            "trailing_arm_percent": 0.06,
            "emergency_stop_percent": 0.12,
            "min_atr_percent": 0.008,
        },
    ),
    _triple_signal("conservative", 6.5, 7.0, 0.70, 2, 0.010),
    _triple_signal("balanced", 5.5, 6.0, 0.65, 3, 0.012),
    _triple_signal("aggressive", 5.0, 5.5, 0.60, 4, 0.015),
    _preset(
        "macd_classic",
        {
            "strategy": "macd",
            "timeframe": "5m",
            "take_profit_percent": 0.03,
            "stop_loss_percent": 0.01,
            "trailing_stop_percent": 0.10,
            "trailing_arm_percent": 0.0,
            "min_hold_candles": 5,
            "sizing": "fixed",
            "max_position_size": 0.95,
            "max_positions": 1,
            "evaluate_seconds": 5.0,
        },
    ),
    _preset(
        "macd_tuned",
        {"strategy": "macd", "timeframe": "5m", "take_profit_percent": 0.05, "stop_loss_percent": 0.015},
        {"macd_positive": True, "above_ma20": True, "above_ma60": True},
    ),
    _preset(
        "hundred_coins",
        {
            "strategy": "ensemble",
            "timeframe": "15m",
            "universe_size": 100,
            "take_profit_percent": 0.05,
            "stop_loss_percent": 0.02,
            "max_positions": 10,
            "max_position_size": 0.1,
            "sizing": "kelly",
            "confidence_threshold": 0.60,
            "min_reward_risk": 1.2,
            "max_trades_per_day": 0,
            "cooldown_after_losses": 0,
            "symbol_cooldown_minutes": 0,
            "daily_loss_limit": 0.05,
            "evaluate_seconds": 60.0,
        },
        venues=("bithumb",),
    ),
    _preset(
        "survival",
        {
            "strategy": "survival",
            "timeframe": "5m",
            "symbols": ("BTC/USDT",),
            "leverage": 15,
            "sizing": "fixed",
            "max_position_size": 0.05,
            "take_profit_percent": 0.004,
            "stop_loss_percent": 0.004,
            "max_hold_minutes": 120,
            "daily_loss_limit": 0.05,
            "cooldown_after_losses": 3,
            "cooldown_minutes": 30,
            "drawdown_limit": 0.10,
            "evaluate_seconds": 300.0,
        },
        venues=("binance_futures",),
    ),
)
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}
