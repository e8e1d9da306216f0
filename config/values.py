"""The knobs' values, typed: what the rest of the program reads."""

from __future__ import annotations

from dataclasses import dataclass

from config.venues import FACTS


@dataclass(frozen=True, slots=True)
class Knobs:
    """One value per knob, resolved for one venue; fields, order of meaning and defaults are those of `KNOBS`.

    Fractions are fractions (0.05 is 5 %), amounts in the venue's currency. None: by strategy (filters, strategy,
    timeframe), by venue (capital, fee, tick, lot, minimum), from another knob (trailing arm, evaluation).
    """

    mode: str = "demo"
    venues: tuple[str, ...] = ("upbit",)
    preset: str = "demo"
    strategy: str | None = None
    timeframe: str | None = None
    symbols: tuple[str, ...] = ()
    universe_size: int = 10
    excluded_symbols: tuple[str, ...] = ()
    stable_symbols: tuple[str, ...] = ("BTC", "ETH", "SOL")
    initial_capital: float | None = None
    sizing: str = "turtle"
    max_position_size: float = 0.2
    risk_per_trade: float = 0.01
    kelly_min: float = 0.0
    kelly_max: float = 0.10
    leverage: int = 0
    max_leverage: int = 10
    target_volatility: float = 0.02
    liquidation_guard: float = 0.20
    max_positions: int = 3
    max_trades_per_day: int = 10
    take_profit_percent: float = 0.05
    stop_loss_percent: float = 0.03
    atr_multiplier: float = 2.0
    trailing_stop_percent: float = 0.0
    trailing_arm_percent: float | None = None
    tighten_stop: bool = False
    emergency_stop_percent: float = 0.05
    min_hold_candles: int = 0
    min_hold_minutes: int = 0
    max_hold_minutes: int = 0
    confidence_threshold: float = 0.0
    min_reward_risk: float = 0.0
    min_atr_percent: float = 0.0
    trend_filter: bool | None = None
    adx_filter: bool | None = None
    higher_timeframe_filter: bool | None = None
    regime_filter: bool | None = None
    market_filter: bool | None = None
    cooldown_after_losses: int = 2
    cooldown_minutes: int = 30
    cooldown_action: str = "pause"
    symbol_cooldown_minutes: int = 0
    daily_loss_limit: float = 0.02
    drawdown_limit: float = 0.10
    capital_stop: float = 0.0
    on_limit: str = "block"
    day_starts_at: str = "venue"
    adopt_holdings: str = "never"
    slippage_alert: float = 0.005
    approvals: int = 5
    approval_minutes: float = 5.0
    require_rehearsal: int = 50
    on_delisting: str = "alarm"
    loop_seconds: float = 3.0
    evaluate_seconds: float | None = None
    warmup_total: int = 3
    max_orders_per_minute: int = 10
    max_notional: float = 0.0
    price_band: float = 0.05
    error_rate_limit: float = 0.5
    tune_by: str = "out_of_sample"
    tune_to_env: bool = False
    model_min_return: float = 0.0
    rate_share: float = 1.0
    target_win_rate: float = 0.55
    target_payoff: float = 1.5
    target_drawdown: float = 0.10
    fee_rate: float | None = None
    slippage_ticks: int = 1
    slippage_bps: float = 0.0
    tick_size: float | None = None
    lot_step: float | None = None
    min_notional: float | None = None
    max_volume_share: float = 0.0
    language: str = "ko"
    palette: str = "korean"
    number_style: str = "full"

    @property
    def trailing_arm(self) -> float:
        """The rise over entry, as a fraction, that arms the trailing stop: 1.5 x its distance when not set."""
        unset = self.trailing_arm_percent is None
        return 1.5 * self.trailing_stop_percent if unset else float(self.trailing_arm_percent or 0.0)

    @property
    def evaluate_every(self) -> float:
        """Seconds between evaluations of entries: the loop's when not set, never shorter than the loop."""
        return max(self.loop_seconds, self.evaluate_seconds or 0.0)

    def capital(self, venue: str) -> float:
        """Starting capital in the venue's currency: as set, else 1,000,000 KRW or 1,000 USDT."""
        return FACTS[venue].initial_capital if self.initial_capital is None else self.initial_capital
