"""One strategy or preset on one recorded series, in sample and out of sample, beside buy and hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """Recorded candles: file is its place in the data folder. untaxed: an ETF of the KRX."""

    venue: str
    symbol: str
    timeframe: str
    file: str
    untaxed: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What one span brought after costs. Times ms UTC, returns and drawdowns fractions, fees in the venue's currency.

    trades: closed round trips and what is still open; fees: of the closed ones. held_*: of buy and hold.
    stopped_ms: when a limit of the account ended trading for good. closed: entry filters that let no candle pass.
    """

    start_ms: int
    end_ms: int
    trades: int
    net: float
    held: float
    drawdown: float
    held_drawdown: float
    fees: float
    stopped_ms: int | None = None
    closed: tuple[str, ...] = ()

    @property
    def beat(self) -> bool:
        """It traded and ended with more than buy and hold: who never traded has beaten nothing."""
        return self.trades > 0 and self.net > self.held

    @property
    def earned(self) -> bool:
        """It beat holding and ended with more than it began with, instead of only losing less."""
        return self.beat and self.net > 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """kind: "strategy" (by its defaults) or "preset". timeframe_ms: of the signals."""

    kind: str
    name: str
    source: Source
    timeframe_ms: int
    past: Part
    ahead: Part


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `tried` series, on how many it traded, beat holding out of sample, and earned money at that."""

    tried: int
    traded: int
    beat: int
    earned: int


def tally(runs: Sequence[Run]) -> Tally:
    """The count over `runs`."""
    parts = [run.ahead for run in runs]
    return Tally(len(parts), sum(p.trades > 0 for p in parts), sum(p.beat for p in parts), sum(p.earned for p in parts))


def tallies(runs: Sequence[Run]) -> dict[tuple[str, str], Tally]:
    """(kind, name) -> count; strategies before presets, each by name."""
    keys = sorted({(run.kind, run.name) for run in runs}, key=lambda key: (key[0] != "strategy", key[1]))
    return {key: tally([run for run in runs if (run.kind, run.name) == key]) for key in keys}
