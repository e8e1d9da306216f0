"""A second engine, from the written rules alone: plain loops over floats, sharing no code with the program.

It exists to disagree. Times in ms, prices and money in quote, quantities in base. Leverage is always 1. Money that is
paid is Decimal, everything that decides a float.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


@dataclass
class Market:
    """One symbol. candles and detail: (open time, open, high, low, close). rows: one per signal candle, as a dict."""

    symbol: str
    candles: list[tuple[int, float, float, float, float]]
    rows: list[dict[str, Any]]
    timeframe: int
    ticks: tuple[tuple[float, float], ...] = ()
    lot: float = 1e-8
    min_notional: float = 0.0
    fee: float = 0.0
    detail: list[tuple[int, float, float, float, float]] | None = None
    daily_entries: int = 0
    # running state
    held: Held | None = None
    entered_in: int = -1
    stopped_in: int = -1
    closed_in: int = -1
    last_j: int = -1
    last_exit: int | None = None
    mark: float = math.nan
    entries_on: dict[int, int] = field(default_factory=dict)


@dataclass
class Held:
    """A position: side +1 or -1, quantity in base, best price since entry, fees paid so far."""

    side: int
    entry: float
    quantity: Decimal
    time: int
    j: int
    atr: float
    best: float
    fee: Decimal
    remembered: bool = False
    doubt: bool = False


@dataclass
class Done:
    """A closed trade."""

    symbol: str
    side: str
    entry_ms: int
    entry_price: float
    quantity: float
    exit_ms: int
    exit_price: float
    exit_reason: str
    fee: float
    pnl: float
    ambiguous: bool


@dataclass
class Outcome:
    """All that an engine says."""

    trades: list[Done]
    equity: list[tuple[int, float]]
    cash: float
    latched: str


def _tick(price: float, ticks: Sequence[tuple[float, float]]) -> float:
    for bound, tick in ticks:
        if price >= bound:
            return tick
    return 0.0


def _up(price: float, ticks: Sequence[tuple[float, float]]) -> float:
    tick = _tick(price, ticks)
    return price if tick == 0 or math.isinf(price) else math.ceil(price / tick - 1e-9) * tick


def _down(price: float, ticks: Sequence[tuple[float, float]]) -> float:
    tick = _tick(price, ticks)
    return price if tick == 0 or math.isinf(price) else math.floor(price / tick + 1e-9) * tick


class Engine:
    """Walks all symbols through time, one execution candle after the other."""

    def __init__(self, markets: list[Market], knobs: Any, cash: float, day_offset: int = 0, native_tp: bool = False):
        self.markets = sorted(markets, key=lambda market: market.symbol)
        self.knobs = knobs
        self.cash = _exact(cash)
        self.capital = cash
        self.peak = cash
        self.venue_day_offset = day_offset
        self.limit_offset = day_offset if knobs.day_starts_at == "venue" else -9 * HOUR
        self.native_tp = native_tp
        self.trades: list[Done] = []
        self.equity: list[tuple[int, float]] = []
        self.losses = 0
        self.losing_exit: int | None = None
        self.late = Decimal(0)
        self.standing = cash
        self.day = -1
        self.day_equity = cash
        self.day_entries = 0
        self.latched = ""

    # -- money -------------------------------------------------------------------------------------------------
    def worth(self) -> float:
        total = float(self.cash)
        for market in self.markets:
            held = market.held
            if held is not None:
                price = held.entry if math.isnan(market.mark) else market.mark
                quantity = float(held.quantity)
                total += held.entry * quantity + held.side * (price - held.entry) * quantity
        return total

    def fill(self, market: Market, price: float, buying: bool, slips: bool = True) -> float:
        """Rounded against us, then worsened by both slippages."""
        price = _up(price, market.ticks) if buying else _down(price, market.ticks)
        if not slips:
            return price
        sign = 1 if buying else -1
        price *= 1 + sign * float(self.knobs.slippage_bps) / 1e4
        return price + sign * int(self.knobs.slippage_ticks) * _tick(price, market.ticks)

    # -- levels ------------------------------------------------------------------------------------------------
    def holding(self, held: Held, j: int, now: int) -> bool:
        k = self.knobs
        return bool(j - held.j < k.min_hold_candles or now - held.time < k.min_hold_minutes * MINUTE)

    def trailing(self, held: Held, best: float, ticks: Sequence[tuple[float, float]]) -> float | None:
        k, s, e = self.knobs, held.side, held.entry
        if k.trailing_stop_percent <= 0:
            return None
        arm = k.trailing_arm_percent
        if arm is None:
            arm = 1.5 * float(k.trailing_stop_percent)
        armed = best >= e * (1 + arm) if s > 0 else best <= e * (1 - arm)
        return best * (1 - s * float(k.trailing_stop_percent)) if armed else None

    def stop(self, held: Held, now: int, holding: bool, ticks: Sequence[tuple[float, float]]) -> tuple[float, str]:
        k, s, e = self.knobs, held.side, held.entry
        table: list[tuple[float, str]] = []
        if k.stop_loss_percent > 0 and not k.tighten_stop:
            table.append((e * (1 - s * k.stop_loss_percent), "stop_loss"))
        if k.stop_loss_percent > 0 and k.tighten_stop:
            hours = (now - held.time) / HOUR
            table.append((e * (1 - s * k.stop_loss_percent * (1 - min(hours / 24, 0.3))), "stop_loss"))
        if k.stop_loss_percent == 0 and k.atr_multiplier > 0 and not math.isnan(held.atr):
            table.append((e - s * k.atr_multiplier * held.atr, "atr_stop"))
        trailing = None if holding else self.trailing(held, held.best, ticks)
        if trailing is not None:
            table.append((trailing, "trailing_stop"))
        table.append((e * (1 - s * k.emergency_stop_percent), "emergency_stop"))
        level, reason = table[0]
        for other, why in table[1:]:
            if s * other > s * level:
                level, reason = other, why
        return (_down(level, ticks) if s > 0 else _up(level, ticks)), reason

    def target(self, held: Held, holding: bool, ticks: Sequence[tuple[float, float]]) -> float:
        """Take-profit; +-inf = none."""
        k, s = self.knobs, held.side
        if k.take_profit_percent <= 0 or holding:
            return s * math.inf
        level = held.entry * (1 + s * k.take_profit_percent)
        return _up(level, ticks) if s > 0 else _down(level, ticks)

    # -- booking -----------------------------------------------------------------------------------------------
    def leave(self, market: Market, now: int, j: int, price: float, reason: str, at_level: bool) -> None:
        held = market.held
        assert held is not None
        native = self.native_tp and reason == "take_profit" and at_level
        out = self.fill(market, price, held.side < 0, not native)
        paid, got = _exact(held.entry) * held.quantity, _exact(out) * held.quantity
        fee = got * _exact(market.fee)
        gross = held.side * (got - paid)
        self.cash += paid + gross - fee
        pnl = float(gross - fee - held.fee)
        self.trades.append(
            Done(
                market.symbol,
                "long" if held.side > 0 else "short",
                held.time,
                held.entry,
                float(held.quantity),
                now,
                out,
                reason,
                float(held.fee + fee),
                pnl,
                held.doubt,
            )
        )
        market.held = None
        market.closed_in = j
        market.last_exit = now
        if reason not in ("time_cut", "exit_signal"):
            market.stopped_in = j
        if pnl < 0:
            self.losses += 1
            self.losing_exit = now
        else:
            self.losses = 0

    # -- one candle of one symbol --------------------------------------------------------------------------------
    def at_open(self, market: Market, bar: tuple[int, float, float, float, float], j: int, first: bool) -> None:
        """Steps 1 and 2."""
        now, price = bar[0], bar[1]
        held = market.held
        assert held is not None
        s = held.side
        holding = self.holding(held, j, now)
        stop, why = self.stop(held, now, holding, market.ticks)
        if s * price <= s * stop:
            return self.leave(market, now, j, price, why, False)
        if s * price >= s * self.target(held, holding, market.ticks):
            return self.leave(market, now, j, price, "take_profit", False)
        row = market.rows[j]
        if first and held.j < j and row["exit_long" if s > 0 else "exit_short"]:
            held.remembered = True
        k = self.knobs
        if k.max_hold_minutes > 0 and now - held.time >= k.max_hold_minutes * MINUTE:
            return self.leave(market, now, j, price, "time_cut", False)
        if held.remembered and not holding:
            return self.leave(market, now, j, price, "exit_signal", False)
        return None

    def inside(self, market: Market, bar: tuple[int, float, float, float, float], j: int, crossing: bool) -> None:
        """Steps 3 to 5, or 7a to 7c after a crossing."""
        now, open_, high, low, close = bar
        held = market.held
        assert held is not None
        s = held.side
        best, worst = (high, low) if s > 0 else (low, high)
        holding = self.holding(held, j, now)
        stop, why = self.stop(held, now, holding, market.ticks)
        target = self.target(held, holding, market.ticks)
        low_says = s * worst <= s * stop
        if crossing:
            under = s * open_ <= s * stop
            by_close = s * close <= s * stop
            stopped = by_close or (not under and low_says)
            if stopped and not by_close:
                held.doubt = True
            if under and not stopped:
                held.doubt = True
        else:
            stopped = low_says
        won = s * best >= s * target
        if stopped and won:
            held.doubt = True
        lifted = None if holding else self.trailing(held, best, market.ticks)
        if not stopped and lifted is not None and s * best > s * held.best:
            lifted = _down(lifted, market.ticks) if s > 0 else _up(lifted, market.ticks)
            if s * lifted >= s * worst and not won:
                held.doubt = True
        if stopped:
            self.leave(market, now, j, stop, why, True)
        elif won:
            self.leave(market, now, j, target, "take_profit", True)
        elif s * best > s * held.best:
            held.best = best

    # -- entries -------------------------------------------------------------------------------------------------
    def wish(
        self, market: Market, bar: tuple[int, float, float, float, float], j: int, first: bool
    ) -> tuple[int, float, bool] | None:
        """(side, price, by crossing) of the entry that steps 6 and 7 name, if any."""
        if market.entered_in == j or market.stopped_in == j:
            return None
        _, open_, high, low, _ = bar
        row = market.rows[j]
        for side, name, exit_name in ((1, "buy_above", "exit_long"), (-1, "sell_below", "exit_short")):
            level = row[name]
            if math.isnan(level):
                continue
            if (side > 0 and level == 0) or (side < 0 and level == math.inf):
                if first and not row[exit_name] and market.closed_in != j:
                    return side, open_, False
                continue
            level = _up(level, market.ticks) if side > 0 else _down(level, market.ticks)
            far = high if side > 0 else low
            if side * open_ >= side * level:
                if not row[exit_name] and market.closed_in != j:
                    return side, open_, False
            elif side * far >= side * level:
                return side, level, True
        return None

    def kelly(self, row: dict[str, Any]) -> float:
        """Share of equity."""
        k = self.knobs
        last = [trade.pnl for trade in self.trades][-100:]
        share = 0.02
        if len(last) >= 20:
            wins, losses = [pnl for pnl in last if pnl > 0], [-pnl for pnl in last if pnl <= 0]
            p = len(wins) / len(last)
            if wins and sum(losses) > 0:
                b = (sum(wins) / len(wins)) / (sum(losses) / len(losses))
                share = max(0.0, (p * b - (1 - p)) / b)
            else:
                share = p
            share = min(max(share * 0.25, k.kelly_min), k.kelly_max)
        noise = row["atr"] / row["close"]
        if noise > 0:
            share *= min(1.0, 0.02 / noise)
        return share / (1 + 0.2 * self.losses)

    def size(self, market: Market, row: dict[str, Any], side: int, price: float, now: int, j: int) -> Decimal:
        k = self.knobs
        equity = self.standing
        budget = float(self.cash - self.late)
        if k.sizing == "all_in":
            quantity = budget / (price * (1 + market.fee))
        elif k.sizing == "fixed":
            quantity = k.max_position_size * equity / price
        elif k.sizing == "kelly":
            quantity = min(self.kelly(row), k.max_position_size) * equity / price
        elif k.sizing == "turtle":
            trial = Held(side, price, Decimal(1), now, j, row["atr"], price, Decimal(0))
            stop, _ = self.stop(trial, now, self.holding(trial, j, now), market.ticks)
            distance = side * (price - stop)
            if distance <= 0:
                return Decimal(0)
            quantity = min(equity * k.risk_per_trade / distance, k.max_position_size * equity / price)
        else:
            raise AssertionError(k.sizing)
        quantity = min(quantity, budget / (price * (1 + market.fee)))
        if market.lot == 0:
            return _exact(quantity)
        return math.floor(quantity / market.lot + 1e-9) * _exact(market.lot)

    def poor_reward(self, market: Market, row: dict[str, Any], side: int, price: float, now: int, j: int) -> bool:
        k = self.knobs
        trial = Held(side, price, Decimal(1), now, j, row["atr"], price, Decimal(0))
        holding = self.holding(trial, j, now)
        if k.min_reward_risk <= 0 or k.take_profit_percent <= 0:
            return False
        target = self.target(trial, False, market.ticks)
        risk = side * (price - self.stop(trial, now, holding, market.ticks)[0])
        return risk <= 0 or side * (target - price) / risk < k.min_reward_risk

    def refused(self, market: Market, row: dict[str, Any], now: int) -> bool:
        k = self.knobs
        if self.latched:
            return True
        if k.cooldown_after_losses > 0 and self.losses >= k.cooldown_after_losses and self.losing_exit is not None:
            if k.cooldown_action == "pause" and now - self.losing_exit < k.cooldown_minutes * MINUTE:
                return True
            if k.cooldown_action == "stop" and self.limit_day(self.losing_exit) == self.limit_day(now):
                return True
        if market.last_exit is not None and now - market.last_exit < k.symbol_cooldown_minutes * MINUTE:
            return True
        if k.max_trades_per_day > 0 and self.day_entries >= k.max_trades_per_day:
            return True
        if k.daily_loss_limit > 0 and self.standing <= self.day_equity * (1 - k.daily_loss_limit):
            return True
        if k.max_positions > 0 and sum(m.held is not None for m in self.markets) >= k.max_positions:
            return True
        return bool(row["confidence"] < k.confidence_threshold)

    def limit_day(self, now: int) -> int:
        return (now - self.limit_offset) // DAY

    def enter(
        self, market: Market, bar: tuple[int, float, float, float, float], j: int, wish: tuple[int, float, bool]
    ) -> None:
        now = bar[0]
        side, price, _ = wish
        row = market.rows[j]
        day = (now - self.venue_day_offset) // DAY
        if market.daily_entries and market.entries_on.get(day, 0) >= market.daily_entries:
            return
        if self.refused(market, row, now):
            return
        paid = self.fill(market, price, side > 0)
        if self.poor_reward(market, row, side, paid, now, j):
            return
        quantity = self.size(market, row, side, paid, now, j)
        if quantity <= 0 or paid * float(quantity) < 1.2 * market.min_notional:
            return
        cost = _exact(paid) * quantity
        fee = cost * _exact(market.fee)
        self.cash -= cost + fee
        market.held = Held(side, paid, quantity, now, j, row["atr"], paid, fee)
        market.entered_in = j
        market.entries_on[day] = market.entries_on.get(day, 0) + 1
        self.day_entries += 1

    # -- the walk --------------------------------------------------------------------------------------------------
    def run(self) -> Outcome:
        bars: dict[int, list[tuple[Market, tuple[int, float, float, float, float], int, bool]]] = {}
        for market in self.markets:
            j = -1
            seen = -1
            for bar in market.detail if market.detail is not None else market.candles:
                while j + 1 < len(market.candles) and market.candles[j + 1][0] <= bar[0]:
                    j += 1
                if j < 0:
                    continue
                bars.setdefault(bar[0], []).append((market, bar, j, j != seen))
                seen = j
        for now in sorted(bars):
            self.round(now, bars[now])
        return Outcome(self.trades, self.equity, float(self.cash), self.latched)

    def round(self, now: int, together: list[tuple[Market, tuple[int, float, float, float, float], int, bool]]) -> None:
        if self.limit_day(now) != self.day:
            self.day = self.limit_day(now)
            self.day_equity = self.worth()
            self.day_entries = 0
        # Exits of all symbols first; what is sold inside the candle is no cash for its entries.
        for market, bar, j, first in together:
            if market.held is not None:
                self.at_open(market, bar, j, first)
            before = self.cash
            if market.held is not None:
                self.inside(market, bar, j, False)
            self.late += self.cash - before
        for market, bar, _, _ in together:
            market.mark = bar[1]
        self.standing = self.worth()
        wishes = []
        for market, bar, j, first in together:
            if market.held is None:
                wish = self.wish(market, bar, j, first)
                if wish is not None:
                    wishes.append((-market.rows[j]["confidence"], market.symbol, market, bar, j, wish))
        wishes.sort(key=lambda w: w[:2])
        for _, _, market, bar, j, wish in wishes:
            self.enter(market, bar, j, wish)
        for _, _, market, bar, j, wish in sorted(wishes, key=lambda w: w[1]):
            if market.held is not None:
                self.inside(market, bar, j, wish[2])
        self.late = Decimal(0)
        for market, bar, _, _ in together:
            market.mark = bar[4]
        equity = self.worth()
        self.equity.append((now, equity))
        self.peak = max(self.peak, equity)
        k = self.knobs
        if k.drawdown_limit > 0 and equity <= self.peak * (1 - k.drawdown_limit):
            self.latched = self.latched or "drawdown"
        if k.capital_stop > 0 and equity <= self.capital * (1 - k.capital_stop):
            self.latched = self.latched or "capital_stop"
