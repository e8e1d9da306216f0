"""What limits remember: the day's base, the peak, losses in a row, entries of the day, latches. Floats decide."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from config.values import Knobs
from trading.core.calendar import DAY_OFFSET_MS, KST_MS, day_of
from trading.core.limits import fallen
from trading.core.portfolio import Trade

LATCHING = ("drawdown_limit", "capital_stop")


def limit_day_offset(venue: str, knobs: Knobs) -> int:
    """Offset of the day that limits and summaries follow: the venue's own, or 00:00 KST."""
    return DAY_OFFSET_MS[venue] if knobs.day_starts_at == "venue" else -KST_MS


@dataclass(slots=True)
class Account:
    """One book's memory of results, all in quote. equity: at the last mark; marked_ms: when, market clock.

    day: ordinal of the limits' day; day_base: equity when it began; peak: highest mark ever. entries: of this day.
    losses: in a row, with last_loss_ms. last_exit: per symbol. results: pnl of the last 100 trades. latches: gate ->
    when it tripped; they last over restarts until a person rearms.
    """

    capital: float
    equity: float = 0.0
    peak: float = 0.0
    day: int | None = None
    day_base: float = 0.0
    entries: int = 0
    losses: int = 0
    last_loss_ms: int = 0
    last_exit: dict[str, int] = field(default_factory=dict)
    results: deque[float] = field(default_factory=lambda: deque(maxlen=100))
    latches: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.equity = self.equity or self.capital
        self.peak = max(self.peak, self.equity)
        self.day_base = self.day_base or self.equity

    def roll(self, now_ms: int, offset_ms: int) -> None:
        """Begins a new limits' day: its base is the equity at the last mark before it."""
        day = day_of(now_ms, offset_ms)
        if day != self.day:
            self.day = day
            self.day_base = self.equity
            self.entries = 0

    def mark(self, equity: float, now_ms: int, knobs: Knobs) -> bool:
        """Takes the equity of now; trips latches. True when one tripped with this mark."""
        self.equity = equity
        self.peak = max(self.peak, equity)
        before = len(self.latches)
        if fallen(equity, self.peak, knobs.drawdown_limit):
            self.latches.setdefault("drawdown_limit", now_ms)
        if fallen(equity, self.capital, knobs.capital_stop):
            self.latches.setdefault("capital_stop", now_ms)
        return len(self.latches) > before

    def rearm(self, gate: str | None) -> None:
        """Lifts latches; the drawdown is measured from here on, else it would trip again at once."""
        for name in [gate] if gate else list(self.latches):
            self.latches.pop(name, None)
        if gate in (None, "drawdown_limit"):
            self.peak = self.equity
        if gate in (None, "capital_stop"):
            self.capital = min(self.capital, self.equity)

    def over_day_limit(self, equity: float, knobs: Knobs) -> bool:
        """The day has lost its share (`daily_loss_limit`); lifts by itself at the next roll."""
        return fallen(equity, self.day_base, knobs.daily_loss_limit)

    def closed(self, trade: Trade) -> None:
        """Takes the result of a round trip."""
        pnl = float(trade.pnl)
        self.results.append(pnl)
        self.last_exit[trade.symbol] = trade.exit_ms
        if pnl < 0.0:
            self.losses += 1
            self.last_loss_ms = trade.exit_ms
        else:
            self.losses = 0
