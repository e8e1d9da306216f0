"""Regime and market condition of one venue, for people to see."""

from __future__ import annotations

from typing import Final

from trading.core.calendar import DAY_MS, DAY_OFFSET_MS, HOUR_MS, slot
from trading.core.condition import DAYS_BACK, LEADERS, condition
from trading.core.errors import VenueError
from trading.core.filters import regimes
from trading.live.desk import Desk

FRESH_MS: Final = HOUR_MS


class MarketWatch:
    """regime: up, down, sideways of the venue's first symbol; condition: bullish, neutral, bearish. None: not known."""

    def __init__(self) -> None:
        self.regime: str | None = None
        self.condition: str | None = None
        self._closes: dict[str, float] = {}
        self._read_ms = -FRESH_MS

    def update(self, desk: Desk) -> None:
        """Looks again; daily closes are read in the desk's own thread once an hour of market time."""
        now_ms = desk.clock.market_ms()
        if desk.trader is not None and now_ms - self._read_ms >= FRESH_MS:
            self._read_ms = now_ms
            desk.ask(self._read)
        self.regime = self._regime(desk)
        currency = desk.venue.capabilities.currency
        changes = []
        for base in LEADERS:
            price, close = desk.feed.last_price(f"{base}/{currency}"), self._closes.get(base)
            if price is not None and close:
                changes.append(price / close - 1.0)
        self.condition = condition(changes)

    def _regime(self, desk: Desk) -> str | None:
        track = desk.feed.tracks.get(desk.listing.symbols[0]) if desk.listing.symbols else None
        if track is None or len(track.closed) < 100 or track.forming is None:
            return None
        up, down = regimes(track.closed.with_open(track.forming.open_ms, track.forming.open))
        return "up" if up[-1] else "down" if down[-1] else "sideways"

    def _read(self, desk: Desk) -> None:
        currency = desk.venue.capabilities.currency
        today = slot(desk.clock.market_ms(), DAY_MS, DAY_OFFSET_MS[desk.name])
        for base in LEADERS:
            symbol = f"{base}/{currency}"
            if symbol not in desk.listing.items:
                continue
            try:
                days = desk.venue.candles(symbol, "1d", DAYS_BACK + 2, today)
            except VenueError:
                return  # a figure for people: the next hour tries again
            wanted = today - DAYS_BACK * DAY_MS
            for time_ms, close in zip(days.time.tolist(), days.close.tolist(), strict=True):
                if time_ms == wanted:
                    self._closes[base] = close
