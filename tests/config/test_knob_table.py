"""The table of knobs, the typed values and the texts agree with each other and with the specification."""

from __future__ import annotations

import dataclasses
import typing

import pytest

from config.errors import SettingError
from config.knobs import FILTERS, KNOBS, SECTIONS, find, format_value, parse
from config.presets import PRESETS
from config.texts import text
from config.values import Knobs
from config.venues import VENUES

SPEC_DEFAULTS: dict[str, object] = {
    "mode": "demo",
    "venues": ("upbit",),
    "preset": "demo",
    "strategy": None,
    "timeframe": None,
    "symbols": (),
    "universe_size": 10,
    "excluded_symbols": (),
    "stable_symbols": ("BTC", "ETH", "SOL"),
    "initial_capital": None,
    "sizing": "turtle",
    "max_position_size": 0.2,
    "risk_per_trade": 0.01,
    "leverage": 0,
    "max_leverage": 10,
    "target_volatility": 0.02,
    "liquidation_guard": 0.20,
    "max_positions": 3,
    "max_trades_per_day": 10,
    "take_profit_percent": 0.05,
    "stop_loss_percent": 0.03,
    "atr_multiplier": 2.0,
    "trailing_stop_percent": 0.0,
    "trailing_arm_percent": None,
    "tighten_stop": False,
    "emergency_stop_percent": 0.05,
    "min_hold_candles": 0,
    "min_hold_minutes": 0,
    "max_hold_minutes": 0,
    "confidence_threshold": 0.0,
    "min_reward_risk": 0.0,
    "min_atr_percent": 0.0,
    "trend_filter": None,
    "adx_filter": None,
    "higher_timeframe_filter": None,
    "regime_filter": None,
    "market_filter": None,
    "cooldown_after_losses": 2,
    "cooldown_minutes": 30,
    "cooldown_action": "pause",
    "symbol_cooldown_minutes": 0,
    "daily_loss_limit": 0.02,
    "drawdown_limit": 0.10,
    "capital_stop": 0.0,
    "on_limit": "block",
    "day_starts_at": "venue",
    "adopt_holdings": "never",
    "slippage_alert": 0.005,
    "approvals": 5,
    "approval_minutes": 5.0,
    "loop_seconds": 3.0,
    "evaluate_seconds": None,
    "warmup_total": 3,
    "kelly_min": 0.0,
    "kelly_max": 0.10,
    "max_orders_per_minute": 10,
    "max_notional": 0.0,
    "price_band": 0.05,
    "error_rate_limit": 0.5,
    "require_rehearsal": 50,
    "on_delisting": "alarm",
    "tune_by": "out_of_sample",
    "tune_to_env": False,
    "model_min_return": 0.0,
    "rate_share": 1.0,
    "target_win_rate": 0.55,
    "target_payoff": 1.5,
    "target_drawdown": 0.10,
    "fee_rate": None,
    "slippage_ticks": 1,
    "slippage_bps": 0.0,
    "tick_size": None,
    "lot_step": None,
    "min_notional": None,
    "max_volume_share": 0.0,
    "language": "ko",
    "palette": "korean",
    "number_style": "full",
}


def test_every_knob_has_its_specified_default_in_table_and_values() -> None:
    assert {name: knob.default for name, knob in KNOBS.items()} == SPEC_DEFAULTS
    assert dataclasses.asdict(Knobs()) == SPEC_DEFAULTS


def test_types_of_the_values_are_those_of_the_table() -> None:
    kinds = {"float": float, "int": int, "bool": bool, "str": str, "choice": str, "list": tuple[str, ...]}
    for name, hint in typing.get_type_hints(Knobs).items():
        expected = kinds[KNOBS[name].kind]
        assert hint == (expected | None if KNOBS[name].optional else expected), name


@pytest.mark.parametrize("knob", KNOBS.values(), ids=lambda knob: knob.name)
def test_a_knob_is_whole(knob: typing.Any) -> None:
    assert knob.section in SECTIONS
    assert parse(knob, format_value(knob, knob.default)) == knob.default
    if knob.kind in ("float", "int"):
        assert knob.low is not None and knob.high is not None and knob.low < knob.high and knob.unit
    if knob.kind == "choice":
        assert knob.default is None or knob.default in knob.choices
    for lang in ("ko", "en"):
        assert len(text(f"knob.{knob.name}", lang)) >= 5
        if knob.unit:
            assert text(f"settings.unit_{knob.unit}", lang)


def test_only_mode_and_venues_are_fixed_at_the_start() -> None:
    assert {name for name, knob in KNOBS.items() if not knob.hot} == {"mode", "venues"}


def test_filters_are_decided_by_the_strategy_unless_set() -> None:
    assert all(KNOBS[name].default is None and KNOBS[name].kind == "bool" for name in FILTERS)


def test_bounds_that_the_specification_fixes() -> None:
    assert (KNOBS["emergency_stop_percent"].low, KNOBS["emergency_stop_percent"].high) == (0.03, 0.15)
    assert KNOBS["loop_seconds"].high == 5.0


def test_find_names_the_nearest() -> None:
    with pytest.raises(SettingError) as caught:
        find("take_profit")
    assert caught.value.nearest == "take_profit_percent"


def test_trailing_arms_at_one_and_a_half_times_its_distance() -> None:
    assert Knobs(trailing_stop_percent=0.02).trailing_arm == pytest.approx(0.03)
    assert Knobs(trailing_stop_percent=0.02, trailing_arm_percent=0.0).trailing_arm == 0.0


def test_entries_are_evaluated_at_the_loop_unless_set() -> None:
    assert Knobs().evaluate_every == 3.0
    assert Knobs(evaluate_seconds=60.0).evaluate_every == 60.0
    assert Knobs(evaluate_seconds=1.0).evaluate_every == 3.0


@pytest.mark.parametrize(
    ("venue", "capital"), [("upbit", 1e6), ("bithumb", 1e6), ("binance_spot", 1e3), ("stock", 1e6)]
)
def test_starting_capital_follows_the_currency(venue: str, capital: float) -> None:
    assert Knobs().capital(venue) == capital
    assert Knobs(initial_capital=5.0).capital(venue) == 5.0


TRIPLE = {
    "tighten_stop": True,
    "take_profit_percent": 0.01,
    "trailing_stop_percent": 0.01,
    "trailing_arm_percent": 0.02,
    "min_hold_minutes": 60,
    "sizing": "kelly",
    "max_position_size": 0.25,
    "market_filter": True,
    "symbol_cooldown_minutes": 30,
    "capital_stop": 0.05,
    "universe_size": 0,
    "evaluate_seconds": 60.0,
}
ATR = {"stop_loss_percent": 0.0}
#: preset -> timeframe, strategy, all that differs from the defaults, the strategy's parameters
SPEC_PRESETS: dict[str, tuple[str, str, dict[str, object], dict[str, object]]] = {
    "demo": (
        "1m",
        "macd",
        {"sizing": "fixed", "max_position_size": 0.1, "max_positions": 5}
        | {"take_profit_percent": 0.015, "stop_loss_percent": 0.01}
        | {"max_trades_per_day": 0, "cooldown_after_losses": 0, "daily_loss_limit": 0.0, "drawdown_limit": 0.0},
        {},
    ),
    "scalping": (
        "1m",
        "breakout",
        {"take_profit_percent": 0.015, "stop_loss_percent": 0.01}
        | {"trailing_stop_percent": 0.005, "trailing_arm_percent": 0.008},
        {"k": 0.5, "sell_at_day_end": True},
    ),
    "day_breakout": (
        "1d",
        "breakout",
        {"take_profit_percent": 0.0, "trend_filter": False, "adx_filter": False, "higher_timeframe_filter": False},
        {"k": 0.5, "sell_at_day_end": True, "ema_floor": False},
    ),
    "mid_term": (
        "1h",
        "combined",
        ATR
        | {"take_profit_percent": 0.07, "atr_multiplier": 2.5, "trailing_stop_percent": 0.025}
        | {"trailing_arm_percent": 0.04, "emergency_stop_percent": 0.08, "min_atr_percent": 0.003},
        {},
    ),
    "swing": (
        "4h",
        "dynamic_breakout",
        ATR
        | {"take_profit_percent": 0.10, "atr_multiplier": 3.0, "trailing_stop_percent": 0.04}
        | {"trailing_arm_percent": 0.06, "emergency_stop_percent": 0.12, "min_atr_percent": 0.008},
        {},
    ),
    "conservative": (
        "1h",
        "triple_signal",
        TRIPLE | {"max_positions": 2, "stop_loss_percent": 0.010},
        {"threshold": 6.5, "mtf_min_score": 7.0, "ml_min_probability": 0.70, "entry_mode": "all"},
    ),
    "balanced": (
        "1h",
        "triple_signal",
        TRIPLE | {"stop_loss_percent": 0.012},
        {"threshold": 5.5, "mtf_min_score": 6.0, "ml_min_probability": 0.65, "entry_mode": "all"},
    ),
    "aggressive": (
        "1h",
        "triple_signal",
        TRIPLE | {"max_positions": 4, "stop_loss_percent": 0.015},
        {"threshold": 5.0, "mtf_min_score": 5.5, "ml_min_probability": 0.60, "entry_mode": "all"},
    ),
    "macd_classic": (
        "5m",
        "macd",
        {"take_profit_percent": 0.03, "stop_loss_percent": 0.01, "trailing_stop_percent": 0.10}
        | {"trailing_arm_percent": 0.0, "min_hold_candles": 5, "sizing": "fixed", "max_position_size": 0.95}
        | {"max_positions": 1, "evaluate_seconds": 5.0},
        {},
    ),
    "macd_tuned": (
        "5m",
        "macd",
        {"stop_loss_percent": 0.015},
        {"macd_positive": True, "above_ma20": True, "above_ma60": True},
    ),
    "hundred_coins": (
        "15m",
        "ensemble",
        {"universe_size": 100, "stop_loss_percent": 0.02, "max_positions": 10, "max_position_size": 0.1}
        | {"sizing": "kelly", "confidence_threshold": 0.60, "min_reward_risk": 1.2, "max_trades_per_day": 0}
        | {"cooldown_after_losses": 0, "daily_loss_limit": 0.05, "evaluate_seconds": 60.0},
        {},
    ),
    "survival": (
        "5m",
        "survival",
        {"symbols": ("BTC/USDT",), "leverage": 15, "sizing": "fixed", "max_position_size": 0.05}
        | {"take_profit_percent": 0.004, "stop_loss_percent": 0.004, "max_hold_minutes": 120}
        | {"daily_loss_limit": 0.05, "cooldown_after_losses": 3, "evaluate_seconds": 300.0},
        {},
    ),
}


def test_all_presets_are_there() -> None:
    assert PRESETS.keys() == SPEC_PRESETS.keys()


@pytest.mark.parametrize("name", SPEC_PRESETS)
def test_a_preset_says_what_the_specification_says_and_nothing_else(name: str) -> None:
    timeframe, strategy, differences, params = SPEC_PRESETS[name]
    preset = PRESETS[name]
    knobs = {knob: value for knob, value in preset.knobs.items() if value != KNOBS[knob].default}
    assert knobs == differences | {"timeframe": timeframe, "strategy": strategy}
    assert dict(preset.params) == params


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_holds_valid_values_and_says_its_risk(preset: typing.Any) -> None:
    for name, value in preset.knobs.items():
        read = parse(KNOBS[name], value)
        assert read == value and type(read) is type(value), name
    assert set(preset.venues) <= set(VENUES)
    assert preset.knobs.get("sizing") != "all_in"
    for lang in ("ko", "en"):
        assert len(text(preset.text_key, lang)) > 20
