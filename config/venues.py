"""The venues by name, with the few facts that settings need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Currency = Literal["KRW", "USDT"]


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """Currency of account and limits; whether coins are traded; starting capital when none is set, in that currency;
    usual fee per side as a fraction, for warnings about settings only (fills are charged by the venue's own table).
    """

    currency: Currency
    crypto: bool
    initial_capital: float
    fee_rate: float


FACTS: dict[str, VenueFacts] = {
    "upbit": VenueFacts("KRW", True, 1_000_000.0, 0.0005),
    "bithumb": VenueFacts("KRW", True, 1_000_000.0, 0.0025),
    "binance_spot": VenueFacts("USDT", True, 1_000.0, 0.001),
    "binance_futures": VenueFacts("USDT", True, 1_000.0, 0.0005),
    "stock": VenueFacts("KRW", False, 1_000_000.0, 0.001),
}
VENUES: tuple[str, ...] = tuple(FACTS)
CRYPTO_VENUES: tuple[str, ...] = tuple(name for name, facts in FACTS.items() if facts.crypto)


def currency(venue: str) -> Currency:
    """Currency of the venue's account. Raises KeyError for an unknown venue."""
    return FACTS[venue].currency
