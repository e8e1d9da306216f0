"""A market made of recorded candles: each is walked through as four prints, missing minutes stay missing."""

from __future__ import annotations

import csv
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

from exchanges.simulator.feed import HISTORY_MINUTES
from exchanges.simulator.tape import MINUTE_MS, Bar, Print

COLUMNS = ("timestamp_ms", "open", "high", "low", "close", "volume")


class UnreadableCandles(Exception):
    """A candle file that cannot be replayed. `reason` says why in a few words, `line` where (1 = the header)."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


def read_candles(path: Path) -> list[Bar]:
    """Candles of a CSV file with the columns timestamp_ms, open, high, low, close, volume, in ascending order.

    Raises UnreadableCandles for anything else, OSError where the file cannot be opened.
    """
    bars: list[Bar] = []
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        header = tuple(next(rows, ()))
        if header[:6] != COLUMNS:
            raise UnreadableCandles(path, 1, f"columns must be {','.join(COLUMNS)}")
        for line, row in enumerate(rows, start=2):
            try:
                bar = Bar(int(row[0]), *(float(cell) for cell in row[1:6]))
            except (ValueError, IndexError, TypeError):
                raise UnreadableCandles(path, line, "not six numbers") from None
            if bars and bar.open_ms <= bars[-1].open_ms:
                raise UnreadableCandles(path, line, "times must ascend")
            if not 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high < float("inf"):
                raise UnreadableCandles(path, line, "prices must be positive, low the lowest, high the highest")
            bars.append(bar)
    if len(bars) <= 1:
        raise UnreadableCandles(path, 1, "two candles at least")
    return bars


class ReplayFeed:
    """Implements `tape.Feed` with recorded candles of one or more coins (any equal spacing from one minute up).

    The first 1,500 candles (all but the last tenth of a shorter file) are history; the market opens with the next one.
    Of several files the latest such time counts for all. A candle of one minute gives prints at its seconds 0, 20, 40
    and 59: open, low and high in an order drawn from the seed, close. Prices are passed on as recorded, off the tick
    grid too.
    """

    half_spread = False

    def __init__(self, series: dict[str, list[Bar]], seed: int) -> None:
        """`series`: coin -> candles in ascending order."""
        self.coins = tuple(series)
        self._seed = seed
        self._prints: dict[int, list[tuple[str, Print]]] = {}
        self.first_ms = min(bars[0].open_ms for bars in series.values())
        self.start_ms = max(bars[min(HISTORY_MINUTES, len(bars) * 9 // 10)].open_ms for bars in series.values())
        self.end_ms = max(bars[-1].open_ms for bars in series.values())
        self._series = series
        self._spacing = {coin: min(b.open_ms - a.open_ms for a, b in pairwise(bars)) for coin, bars in series.items()}
        self._next = dict.fromkeys(series, 0)

    def older(self, coin: str) -> tuple[list[Bar], list[Bar]]:
        """Nothing: a replay knows only what its files hold."""
        return [], []

    def minute(self, open_ms: int) -> list[tuple[str, Print]]:
        """The prints of one minute over all coins, in time order."""
        for coin, bars in self._series.items():
            at = self._next[coin]
            while at < len(bars) and bars[at].open_ms < open_ms + MINUTE_MS:
                self._lay_out(coin, bars[at])
                at += 1
            self._next[coin] = at
        return sorted(self._prints.pop(open_ms, ()), key=lambda pair: pair[1].at_ms)

    def _lay_out(self, coin: str, bar: Bar) -> None:
        """Puts a candle's four prints into their minutes."""
        spacing = self._spacing[coin]
        low_first = random.Random(f"{self._seed}:{coin}:{bar.open_ms}").random() < 0.5
        inner = (bar.low, bar.high) if low_first else (bar.high, bar.low)
        previous = bar.open
        for part, price in zip((0, 20, 40, 59), (bar.open, *inner, bar.close), strict=True):
            at = bar.open_ms + spacing * part // 60
            one = Print(at, price, bar.volume / 4, price >= previous)
            self._prints.setdefault(at - at % MINUTE_MS, []).append((coin, one))
            previous = price

    def snapshot(self) -> dict[str, Any]:
        """JSON value from which `restore` goes on (the candles themselves stay in their files)."""
        return {"seed": self._seed, "first_ms": self.first_ms, "start_ms": self.start_ms, "next": self._next}

    def restore(self, saved: dict[str, Any]) -> None:
        """Continues after the minute at which `saved` was taken. Raises ValueError when the files are others."""
        if (saved["seed"], saved["first_ms"], set(saved["next"])) != (self._seed, self.first_ms, set(self.coins)):
            raise ValueError("the saved market was made from other candles or another seed")
        for coin in self.coins:
            self._next[coin] = max(0, int(saved["next"][coin]) - 1)
            if self._next[coin] < len(self._series[coin]):
                self._lay_out(coin, self._series[coin][self._next[coin]])
            self._next[coin] = int(saved["next"][coin])
