"""Upbit's price steps in the KRW market (table valid since 2025-07-31) and the limits of an order."""

from __future__ import annotations

from decimal import Decimal

from exchanges.simulator.grid import PriceGrid

QUOTE = "KRW"
FEE = Decimal("0.0005")
MIN_TOTAL = Decimal(5_000)
MAX_TOTAL = Decimal(1_000_000_000)

GRID = PriceGrid(
    tuple(
        (Decimal(lowest), Decimal(step))
        for lowest, step in (
            ("1000000", "1000"),
            ("500000", "500"),
            ("100000", "100"),
            ("50000", "50"),
            ("10000", "10"),
            ("5000", "5"),
            ("1000", "1"),
            ("100", "1"),
            ("10", "0.1"),
            ("1", "0.01"),
            ("0.1", "0.001"),
            ("0.01", "0.0001"),
            ("0.001", "0.00001"),
            ("0.0001", "0.000001"),
            ("0.00001", "0.0000001"),
            ("0", "0.00000001"),
        )
    )
)


def supported_levels(tick: Decimal) -> list[Decimal]:
    """The steps by which the order book can be grouped: 0 (not at all), then tenfold ticks."""
    return [Decimal(0), *(tick * 10**power for power in range(1, 6))]
