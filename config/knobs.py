"""Every knob, once: name, bounds, unit, default. Help texts: `config/texts/knobs.py`, key "knob.<name>".

One name everywhere: `--set name=value`, `HAETAE_<NAME>` and `HAETAE_<VENUE>_<NAME>` in `.env`, forms, commands, code.
"""

from __future__ import annotations

from config.errors import SettingError, nearest
from config.knob import UNSET, Kind, Knob, Raw, Value, format_value, parse
from config.presets import NO_PRESET, PRESETS
from config.venues import VENUES

__all__ = [
    "FILTERS",
    "KNOBS",
    "SECTIONS",
    "UNSET",
    "Kind",
    "Knob",
    "Raw",
    "Value",
    "find",
    "format_value",
    "parse",
]

TIMEFRAMES: tuple[str, ...] = ("1m", "3m", "5m", "10m", "15m", "30m", "1h", "4h", "1d")
SECTIONS: tuple[str, ...] = (
    "run",
    "universe",
    "money",
    "futures",
    "exits",
    "filters",
    "limits",
    "live",
    "loop",
    "orders",
    "tuning",
    "report",
    "research",
    "screen",
)
FILTERS: tuple[str, ...] = (
    "trend_filter",
    "adx_filter",
    "higher_timeframe_filter",
    "regime_filter",
    "market_filter",
)
_YEAR = 525_600.0  # minutes


def _fraction(name: str, default: float | None, low: float, high: float, section: str, best: str | None = None) -> Knob:
    return Knob(name, "float", default, low, high, unit="fraction", section=section, recommended=best)


def _float(name: str, default: float | None, low: float, high: float, section: str, unit: str = "") -> Knob:
    return Knob(name, "float", default, low, high, unit=unit, section=section)


def _count(name: str, default: int, low: float, high: float, section: str, unit: str = "count") -> Knob:
    return Knob(name, "int", default, low, high, unit=unit, section=section)


def _flag(name: str, default: bool | None, section: str) -> Knob:
    return Knob(name, "bool", default, section=section)


def _choice(name: str, default: str, choices: tuple[str, ...], section: str) -> Knob:
    return Knob(name, "choice", default, choices=choices, section=section)


_TABLE: tuple[Knob, ...] = (
    Knob("mode", "choice", "demo", choices=("demo", "paper", "testnet", "live"), per_venue=False, hot=False),
    Knob("venues", "list", ("upbit",), choices=VENUES, per_venue=False, hot=False),
    Knob("preset", "choice", "demo", choices=(NO_PRESET, *PRESETS)),
    Knob("strategy", "str", None),
    Knob("timeframe", "choice", None, choices=TIMEFRAMES),
    Knob("symbols", "list", (), section="universe"),
    _count("universe_size", 10, 0, 500, "universe"),
    Knob("excluded_symbols", "list", (), section="universe"),
    Knob("stable_symbols", "list", ("BTC", "ETH", "SOL"), section="universe"),
    Knob(
        "initial_capital",
        "float",
        None,
        0.01,
        1e15,
        unit="amount",
        section="money",
    ),
    _choice("sizing", "turtle", ("turtle", "kelly", "fixed", "all_in"), "money"),
    _fraction("max_position_size", 0.2, 0.0001, 1.0, "money", "0.1..0.3"),
    _fraction("risk_per_trade", 0.01, 0.0001, 0.5, "money"),
    _fraction("kelly_min", 0.0, 0.0, 1.0, "money"),
    _fraction("kelly_max", 0.10, 0.0, 1.0, "money"),
    _count("leverage", 0, 0, 125, "futures", "times"),
    _count("max_leverage", 10, 1, 125, "futures", "times"),
    _fraction("target_volatility", 0.02, 0.0001, 1.0, "futures"),
    _fraction("liquidation_guard", 0.20, 0.0, 0.9, "futures"),
    _count("max_positions", 3, 0, 500, "limits"),
    _count("max_trades_per_day", 10, 0, 100_000, "limits"),
    _fraction("take_profit_percent", 0.05, 0.0, 0.99, "exits", "scalping 0.015, swing 0.10"),
    _fraction("stop_loss_percent", 0.03, 0.0, 0.99, "exits", "0.03; 0 = ATR"),
    Knob("atr_multiplier", "float", 2.0, 0.0, 50.0, unit="times", section="exits", recommended="2..3"),
    _fraction("trailing_stop_percent", 0.0, 0.0, 0.99, "exits"),
    _fraction("trailing_arm_percent", None, 0.0, 0.99, "exits"),
    _flag("tighten_stop", False, "exits"),
    _fraction("emergency_stop_percent", 0.05, 0.03, 0.15, "exits"),
    _count("min_hold_candles", 0, 0, 100_000, "exits", "candles"),
    _count("min_hold_minutes", 0, 0, _YEAR, "exits", "minutes"),
    _count("max_hold_minutes", 0, 0, _YEAR, "exits", "minutes"),
    _fraction("confidence_threshold", 0.0, 0.0, 1.0, "filters"),
    _float("min_reward_risk", 0.0, 0.0, 100.0, "filters", "times"),
    _fraction("min_atr_percent", 0.0, 0.0, 0.5, "filters", "1h 0.003, 4h 0.008"),
    *(_flag(name, None, "filters") for name in FILTERS),
    _count("cooldown_after_losses", 2, 0, 1_000, "limits"),
    _count("cooldown_minutes", 30, 0, _YEAR, "limits", "minutes"),
    _choice("cooldown_action", "pause", ("pause", "stop"), "limits"),
    _count("symbol_cooldown_minutes", 0, 0, _YEAR, "limits", "minutes"),
    _fraction("daily_loss_limit", 0.02, 0.0, 1.0, "limits"),
    _fraction("drawdown_limit", 0.10, 0.0, 1.0, "limits"),
    _fraction("capital_stop", 0.0, 0.0, 1.0, "limits"),
    _choice("on_limit", "block", ("block", "flatten"), "limits"),
    _choice("day_starts_at", "venue", ("venue", "00:00"), "limits"),
    _choice("adopt_holdings", "never", ("never", "ask", "always"), "live"),
    _fraction("slippage_alert", 0.005, 0.0, 1.0, "live"),
    _count("approvals", 5, 0, 100_000, "live"),
    _float("approval_minutes", 5.0, 0.1, 1_440.0, "live", "minutes"),
    _count("require_rehearsal", 50, 0, 100_000, "live"),
    _choice("on_delisting", "alarm", ("alarm", "exit"), "live"),
    Knob("loop_seconds", "float", 3.0, 0.2, 5.0, unit="seconds", per_venue=False, section="loop"),
    _float("evaluate_seconds", None, 0.2, 86_400.0, "loop", "seconds"),
    Knob("warmup_total", "int", 3, 0, 1_000, unit="count", per_venue=False, section="loop"),
    _count("max_orders_per_minute", 10, 0, 10_000, "orders"),
    _float("max_notional", 0.0, 0.0, 1e15, "orders", "amount"),
    _fraction("price_band", 0.05, 0.0, 1.0, "orders"),
    _fraction("error_rate_limit", 0.5, 0.0, 1.0, "orders"),
    _choice("tune_by", "out_of_sample", ("out_of_sample", "win_rate"), "tuning"),
    _flag("tune_to_env", False, "tuning"),
    _fraction("model_min_return", 0.0, -1.0, 10.0, "tuning"),
    _fraction("rate_share", 1.0, 0.01, 1.0, "orders"),
    _fraction("target_win_rate", 0.55, 0.0, 1.0, "report"),
    _float("target_payoff", 1.5, 0.0, 100.0, "report", "times"),
    _fraction("target_drawdown", 0.10, 0.0, 1.0, "report"),
    _fraction("fee_rate", None, 0.0, 0.1, "research"),
    _count("slippage_ticks", 1, 0, 1_000, "research", "ticks"),
    _float("slippage_bps", 0.0, 0.0, 1_000.0, "research", "bps"),
    _float("tick_size", None, 0.0, 1e12, "research", "price"),
    _float("lot_step", None, 0.0, 1e12, "research", "quantity"),
    _float("min_notional", None, 0.0, 1e12, "research", "amount"),
    _fraction("max_volume_share", 0.0, 0.0, 1.0, "research"),
    Knob("language", "choice", "ko", choices=("ko", "en"), per_venue=False, section="screen"),
    Knob("palette", "choice", "korean", choices=("korean", "western", "colorblind"), per_venue=False, section="screen"),
    Knob("number_style", "choice", "full", choices=("full", "short"), per_venue=False, section="screen"),
)
KNOBS: dict[str, Knob] = {knob.name: knob for knob in _TABLE}


def find(name: str) -> Knob:
    """The knob of that name. Raises SettingError with the nearest name."""
    knob = KNOBS.get(name)
    if knob is None:
        raise SettingError("unknown", name, nearest=nearest(name, KNOBS))
    return knob
