"""Maintenance-margin brackets of USD-M perpetuals as Binance publishes them, for research without a venue to ask.

Each row: least notional (USDT), maintenance margin rate, cumulative amount (USDT), most leverage. The live adapter asks
`leverageBracket` instead; they change, so old data is judged by today's rules.
"""

from __future__ import annotations

from typing import Final

from trading.core.instrument import Brackets

_BTC: Final[Brackets] = (
    (0.0, 0.004, 0.0, 125.0),
    (50_000.0, 0.005, 50.0, 100.0),
    (600_000.0, 0.0065, 950.0, 75.0),
    (3_000_000.0, 0.01, 11_450.0, 50.0),
    (12_000_000.0, 0.02, 131_450.0, 25.0),
    (70_000_000.0, 0.025, 481_450.0, 20.0),
    (100_000_000.0, 0.05, 2_981_450.0, 10.0),
    (230_000_000.0, 0.1, 14_481_450.0, 5.0),
)
_ETH: Final[Brackets] = (
    *_BTC[:5],
    (50_000_000.0, 0.025, 381_450.0, 20.0),
    (65_000_000.0, 0.05, 2_006_450.0, 10.0),
    (150_000_000.0, 0.1, 9_506_450.0, 5.0),
)
_SOL: Final[Brackets] = (
    (0.0, 0.005, 0.0, 100.0),
    (20_000.0, 0.0065, 30.0, 75.0),
    (100_000.0, 0.01, 380.0, 50.0),
    (800_000.0, 0.02, 8_380.0, 25.0),
    (4_000_000.0, 0.025, 28_380.0, 20.0),
    (8_000_000.0, 0.05, 228_380.0, 10.0),
    (40_000_000.0, 0.1, 2_228_380.0, 5.0),
)
_XRP: Final[Brackets] = (
    (0.0, 0.005, 0.0, 75.0),
    (10_000.0, 0.0065, 15.0, 50.0),
    (20_000.0, 0.01, 85.0, 40.0),
    (160_000.0, 0.02, 1_685.0, 25.0),
    (800_000.0, 0.025, 5_685.0, 20.0),
    (1_600_000.0, 0.05, 45_685.0, 10.0),
    (8_000_000.0, 0.1, 445_685.0, 5.0),
)
#: Of a coin without a row here: those of a middling one.
OTHERS: Final[Brackets] = (
    (0.0, 0.005, 0.0, 75.0),
    (5_000.0, 0.0065, 7.5, 50.0),
    (25_000.0, 0.01, 95.0, 40.0),
    (80_000.0, 0.02, 895.0, 25.0),
    (400_000.0, 0.025, 2_895.0, 20.0),
    (800_000.0, 0.05, 22_895.0, 10.0),
    (4_000_000.0, 0.1, 222_895.0, 5.0),
)
BRACKETS: Final[dict[str, Brackets]] = {"BTC": _BTC, "ETH": _ETH, "SOL": _SOL, "XRP": _XRP}
