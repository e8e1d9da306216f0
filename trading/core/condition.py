"""The market's condition: bullish, neutral or bearish by leading coins against their close three days ago. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

LEADERS: Final = ("BTC", "ETH", "SOL")
DAYS_BACK: Final = 3
MOVE: Final = 0.03
AGREE: Final = 2

Condition = Literal["bullish", "neutral", "bearish"]


def condition(changes: Iterable[float]) -> Condition | None:
    """From the leaders' changes over three days (fractions); None where fewer than two are known."""
    known = list(changes)
    if len(known) < AGREE:
        return None
    if sum(change < -MOVE for change in known) >= AGREE:
        return "bearish"
    return "bullish" if sum(change > MOVE for change in known) >= AGREE else "neutral"
