"""Gates before an entry: each may only say no, the first no is kept with its numbers. Exits pass none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from config.values import Knobs
from trading.core import limits
from trading.core.account import Account
from trading.core.calendar import MINUTE_MS
from trading.core.facts import Refusal
from trading.core.ports import Health


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry with its size, as the gates see it. price: expected fill; last: last trade; stop, take: levels.

    now_ms: market clock. positions: held or being entered. entries_today: with those under way.
    orders_last_minute: sent by this trader.
    notice: why the market takes no buys ("" = open). by_hand: a person named the amount.
    """

    symbol: str
    now_ms: int
    price: float
    last: float
    quantity: float
    stop: float
    take: float
    side: float
    confidence: float
    equity: float
    cash: float
    fee: float
    min_notional: float
    leverage: float
    positions: int
    entries_today: int
    orders_last_minute: int
    day_offset_ms: int
    health: Health
    notice: str = ""
    by_hand: bool = False


Numbers = Mapping[str, float] | None
Gate = Callable[[Candidate, Account, Knobs], Numbers]


def _mode(c: Candidate, a: Account, k: Knobs) -> Numbers:
    return {} if c.health.signals_only else None


def _reconciled(c: Candidate, a: Account, k: Knobs) -> Numbers:
    return None if c.health.reconciled else {}


def _fresh_data(c: Candidate, a: Account, k: Knobs) -> Numbers:
    return None if c.health.fresh and c.symbol not in c.health.stopped_symbols else {}


def _market_open(c: Candidate, a: Account, k: Knobs) -> Numbers:
    return {} if c.notice else None


def _pause(c: Candidate, a: Account, k: Knobs) -> Numbers:
    return {} if c.health.paused or c.health.halted else None


def _cooldown(c: Candidate, a: Account, k: Knobs) -> Numbers:
    all_day = k.cooldown_action == "stop"
    after, minutes = k.cooldown_after_losses, k.cooldown_minutes
    if not limits.cooling(a.losses, a.last_loss_ms, c.now_ms, after, minutes, all_day, c.day_offset_ms):
        return None
    left = {} if all_day else {"minutes_left": (a.last_loss_ms - c.now_ms) / MINUTE_MS + minutes}
    return {"losses": a.losses, **left}


def _symbol_cooldown(c: Candidate, a: Account, k: Knobs) -> Numbers:
    last, minutes = a.last_exit.get(c.symbol), k.symbol_cooldown_minutes
    if last is None or not limits.resting(last, c.now_ms, minutes):
        return None
    return {"minutes_left": (last - c.now_ms) / MINUTE_MS + minutes}


def _max_trades_per_day(c: Candidate, a: Account, k: Knobs) -> Numbers:
    full = limits.full(c.entries_today, k.max_trades_per_day)
    return {"trades": c.entries_today, "limit": k.max_trades_per_day} if full else None


def _daily_loss_limit(c: Candidate, a: Account, k: Knobs) -> Numbers:
    if not a.over_day_limit(c.equity, k):
        return None
    return {"day": c.equity / a.day_base - 1.0, "limit": -k.daily_loss_limit}


def _latched(name: str) -> Gate:
    def gate(c: Candidate, a: Account, k: Knobs) -> Numbers:
        since = a.latches.get(name)
        return None if since is None else {"since_ms": since, "equity": c.equity, "peak": a.peak}

    return gate


def _max_positions(c: Candidate, a: Account, k: Knobs) -> Numbers:
    full = limits.full(c.positions, k.max_positions)
    return {"positions": c.positions, "limit": k.max_positions} if full else None


def _confidence(c: Candidate, a: Account, k: Knobs) -> Numbers:
    if c.confidence >= k.confidence_threshold:
        return None
    return {"confidence": c.confidence, "least": k.confidence_threshold}


def _min_reward_risk(c: Candidate, a: Account, k: Knobs) -> Numbers:
    if not limits.unrewarding(c.side, c.price, c.stop, c.take, k.min_reward_risk):
        return None
    return {"ratio": limits.reward_risk(c.side, c.price, c.stop, c.take), "least": k.min_reward_risk}


def _order_rate(c: Candidate, a: Account, k: Knobs) -> Numbers:
    full = limits.full(c.orders_last_minute, k.max_orders_per_minute)
    return {"orders": c.orders_last_minute, "limit": k.max_orders_per_minute} if full else None


def _max_position_size(c: Candidate, a: Account, k: Knobs) -> Numbers:
    """Sizes keep to the cap by themselves; an amount that a person names may not exceed it either."""
    share = c.price * c.quantity / c.leverage / c.equity if c.equity > 0.0 else 1.0
    over = c.by_hand and share > k.max_position_size * (1.0 + 1e-9)
    return {"share": share, "limit": k.max_position_size} if over else None


def _max_notional(c: Candidate, a: Account, k: Knobs) -> Numbers:
    notional = c.price * c.quantity
    return {"notional": notional, "limit": k.max_notional} if 0.0 < k.max_notional < notional else None


def _price_band(c: Candidate, a: Account, k: Knobs) -> Numbers:
    if k.price_band <= 0.0:
        return None
    off = abs(c.price / c.last - 1.0) if c.last > 0.0 else 1.0
    return {"off": off, "limit": k.price_band} if off > k.price_band else None


def _minimum_order(c: Candidate, a: Account, k: Knobs) -> Numbers:
    if not limits.too_small(c.price, c.quantity, c.min_notional):
        return None
    return {"notional": c.price * c.quantity, "least": c.min_notional * limits.EXIT_MARGIN}


def _free_cash(c: Candidate, a: Account, k: Knobs) -> Numbers:
    if not limits.unaffordable(c.price, c.quantity, c.leverage, c.fee, c.cash):
        return None
    return {"need": limits.need(c.price, c.quantity, c.leverage, c.fee), "cash": c.cash}


GATES: Final[tuple[tuple[str, Gate], ...]] = (
    ("mode", _mode),
    ("reconciled", _reconciled),
    ("fresh_data", _fresh_data),
    ("market_open", _market_open),
    ("pause", _pause),
    ("cooldown", _cooldown),
    ("symbol_cooldown", _symbol_cooldown),
    ("max_trades_per_day", _max_trades_per_day),
    ("daily_loss_limit", _daily_loss_limit),
    ("capital_stop", _latched("capital_stop")),
    ("drawdown_limit", _latched("drawdown_limit")),
    ("error_rate", _latched("error_rate")),
    ("kill_switch", _latched("kill_switch")),
    ("max_positions", _max_positions),
    ("confidence_threshold", _confidence),
    ("min_reward_risk", _min_reward_risk),
    ("order_rate", _order_rate),
    ("max_position_size", _max_position_size),
    ("max_notional", _max_notional),
    ("price_band", _price_band),
    ("min_notional", _minimum_order),
    ("free_cash", _free_cash),
)


def first_no(candidate: Candidate, account: Account, knobs: Knobs) -> Refusal | None:
    """The first gate that refuses, in the order of `GATES`; None = all agree."""
    for name, gate in GATES:
        numbers = gate(candidate, account, knobs)
        if numbers is not None:
            return Refusal(name, numbers)
    return None
