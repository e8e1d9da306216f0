"""A seeded market: twelve coins that trend, range and storm together, with gaps and minutes without trades.

Each minute has its own random stream drawn from (seed, minute), and the only other input is the state the previous
minute left behind. So one seed gives one market, at every market time, however often and by whomever it is read.
"""

from __future__ import annotations

import math
import random
from dataclasses import asdict, dataclass
from typing import Any

from exchanges.simulator.listing import COINS
from exchanges.simulator.tape import DAY_MS, HOUR_MS, MINUTE_MS, Bar, Print

DEFAULT_START_MS = 1_772_506_800_000
"""2026-03-03 12:00 in Seoul, a Tuesday: inside a trading day of every venue."""
HISTORY_MINUTES = 1_500
OLDER_DAYS = 400
OLDER_HOURS = 24 * 45
PULL = 0.0004
"""How strongly a log price is drawn back to where it started, per minute: keeps a long run within reason."""
REGIMES = {"trending": (0.00045, 0.9), "ranging": (0.0, 0.7), "volatile": (0.0, 2.2)}
"""Regime -> (drift per minute as a fraction, factor on the volatility)."""
GAP_CHANCE = 0.0025


@dataclass
class Drift:
    """The weather of one coin (or of the whole market): regime, direction, minutes it still lasts, range anchor."""

    regime: str
    direction: int
    left: int
    anchor: float


def _next_drift(rng: random.Random, log_price: float) -> Drift:
    """Draws a new regime that lasts 8 to 45 minutes."""
    regime = rng.choices(("trending", "ranging", "volatile"), (5, 4, 2))[0]
    return Drift(regime, rng.choice((-1, 1)), rng.randint(8, 45), log_price)


class SeededFeed:
    """Implements `tape.Feed` with a generated market."""

    half_spread = True

    def __init__(self, seed: int, start_ms: int = DEFAULT_START_MS, history: int = HISTORY_MINUTES) -> None:
        """`start_ms` is cut to the hour; `history` minutes (whole hours) of prints lie before it."""
        if history <= 0 or history % 60:
            raise ValueError("the history must be whole hours")
        self.coins = tuple(COINS)
        self.start_ms = start_ms - start_ms % HOUR_MS
        self.first_ms = self.start_ms - history * MINUTE_MS
        self._seed = seed
        rng = random.Random(f"{seed}:begin")
        self._logs = {coin: math.log(COINS[coin].price) for coin in self.coins}
        self._market = _next_drift(rng, 0.0)
        self._drifts = {coin: _next_drift(rng, self._logs[coin]) for coin in self.coins}

    def older(self, coin: str) -> tuple[list[Bar], list[Bar]]:
        """Daily and hourly bars walked backwards from the first minute's price, so that the series join."""
        rng = random.Random(f"{self._seed}:older:{coin}")
        hours_from = self.first_ms - OLDER_HOURS * HOUR_MS
        hours_from -= hours_from % DAY_MS
        hours = _walk_back(rng, coin, COINS[coin].price, self.first_ms, hours_from, HOUR_MS)
        first = hours[0].open if hours else COINS[coin].price
        return _walk_back(rng, coin, first, hours_from, hours_from - OLDER_DAYS * DAY_MS, DAY_MS), hours

    def minute(self, open_ms: int) -> list[tuple[str, Print]]:
        """The prints of one minute over all coins, in time order."""
        rng = random.Random(f"{self._seed}:{open_ms}")
        self._market.left -= 1
        if self._market.left <= 0:
            self._market = _next_drift(rng, 0.0)
        drift, factor = REGIMES[self._market.regime]
        common = rng.gauss(0, 1) * factor
        lean = drift * self._market.direction
        prints: list[tuple[str, Print]] = []
        for coin in self.coins:
            prints.extend((coin, one) for one in self._coin_minute(rng, coin, open_ms, common, lean))
        prints.sort(key=lambda pair: pair[1].at_ms)
        return prints

    def _coin_minute(self, rng: random.Random, coin: str, open_ms: int, common: float, lean: float) -> list[Print]:
        listed = COINS[coin]
        begin = self._logs[coin]
        drift = self._drifts[coin]
        drift.left -= 1
        if drift.left <= 0:
            drift = self._drifts[coin] = _next_drift(rng, begin)
        push, factor = REGIMES[drift.regime]
        scale = listed.volatility / 0.0015
        step = listed.volatility * (listed.beta * common + math.sqrt(1 - listed.beta**2) * rng.gauss(0, 1) * factor)
        step += scale * (push * drift.direction + lean * listed.beta)
        step += PULL * (math.log(listed.price) - begin)
        if drift.regime == "ranging":
            step += 0.08 * (drift.anchor - begin)
        if rng.random() < GAP_CHANCE:
            step += rng.choice((-1, 1)) * rng.uniform(4, 12) * listed.volatility
        end = self._logs[coin] = begin + step
        if rng.random() < listed.silent:
            return []
        return self._path(rng, coin, open_ms, begin, end, factor)

    def _path(
        self, rng: random.Random, coin: str, open_ms: int, begin: float, end: float, factor: float
    ) -> list[Print]:
        """A noisy bridge from `begin` to `end` (log prices) as a handful of prints inside the minute."""
        listed = COINS[coin]
        count = max(1, int(rng.gauss(listed.prints, listed.prints / 4)))
        noise = listed.volatility * 0.45
        each = listed.turnover * factor / count
        prints = []
        previous = begin
        for offset in sorted(rng.randrange(200, MINUTE_MS - 200) for _ in range(count)):
            part = offset / MINUTE_MS
            at = begin + (end - begin) * part + rng.gauss(0, noise) * math.sqrt(part * (1 - part) + 0.05)
            price = math.exp(at)
            quantity = each * rng.lognormvariate(-0.3, 0.8) / price
            prints.append(Print(open_ms + offset, price, quantity, at >= previous))
            previous = at
        return prints

    def snapshot(self) -> dict[str, Any]:
        """JSON value from which `restore` goes on."""
        return {
            "seed": self._seed,
            "start_ms": self.start_ms,
            "logs": self._logs,
            "market": asdict(self._market),
            "drifts": {coin: asdict(drift) for coin, drift in self._drifts.items()},
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Continues after the minute at which `saved` was taken. Raises KeyError or ValueError for foreign data."""
        if saved["seed"] != self._seed:
            raise ValueError(f"the saved market has seed {saved['seed']}, not {self._seed}")
        self.start_ms = int(saved["start_ms"])
        self._logs = {coin: float(saved["logs"][coin]) for coin in self.coins}
        self._market = Drift(**saved["market"])
        self._drifts = {coin: Drift(**saved["drifts"][coin]) for coin in self.coins}


def _walk_back(rng: random.Random, coin: str, last: float, until_ms: int, from_ms: int, unit_ms: int) -> list[Bar]:
    """Bars of `unit_ms` over [from_ms, until_ms), oldest first, the last of which closes at `last`."""
    listed = COINS[coin]
    minutes = unit_ms / MINUTE_MS
    # Under the square root of time: a mean-reverting market moves less over days than over minutes.
    scale = listed.volatility * minutes**0.44
    bars = []
    close = last
    for open_ms in range(until_ms - unit_ms, from_ms - 1, -unit_ms):
        pull = 0.02 * (math.log(close) - math.log(listed.price))
        opening = close * math.exp(-rng.gauss(0, scale) - pull)
        high = max(opening, close) * math.exp(abs(rng.gauss(0, scale * 0.5)))
        low = min(opening, close) * math.exp(-abs(rng.gauss(0, scale * 0.5)))
        volume = listed.turnover * minutes * rng.uniform(0.4, 1.8) / close
        bars.append(Bar(open_ms, opening, high, low, close, volume))
        close = opening
    bars.reverse()
    return bars
