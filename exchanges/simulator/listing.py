"""The coins of the simulated market: names, where their prices start and how they move."""

from __future__ import annotations

from typing import NamedTuple


class Coin(NamedTuple):
    """One coin: names, start price in KRW, volatility per minute (fraction), share of the common factor (0..1),
    turnover in KRW per minute, prints per minute, and the share of minutes without any trade."""

    korean_name: str
    english_name: str
    price: float
    volatility: float
    beta: float
    turnover: float
    prints: float
    silent: float


COINS: dict[str, Coin] = {
    "BTC": Coin("비트코인", "Bitcoin", 155_000_000, 0.0011, 0.80, 2.4e9, 12, 0.0),
    "ETH": Coin("이더리움", "Ethereum", 6_100_000, 0.0014, 0.72, 1.2e9, 11, 0.0),
    "SOL": Coin("솔라나", "Solana", 290_000, 0.0017, 0.60, 5.0e8, 10, 0.002),
    "XRP": Coin("엑스알피(리플)", "XRP", 4_100, 0.0016, 0.55, 9.0e8, 11, 0.0),
    "DOGE": Coin("도지코인", "Dogecoin", 339, 0.0020, 0.55, 2.5e8, 8, 0.006),
    "ADA": Coin("에이다", "Cardano", 1_150, 0.0018, 0.50, 1.2e8, 7, 0.015),
    "AVAX": Coin("아발란체", "Avalanche", 41_000, 0.0019, 0.50, 6.0e7, 6, 0.04),
    "LINK": Coin("체인링크", "Chainlink", 31_500, 0.0019, 0.50, 5.0e7, 6, 0.05),
    "TRX": Coin("트론", "TRON", 472, 0.0013, 0.30, 4.0e7, 5, 0.07),
    "DOT": Coin("폴카닷", "Polkadot", 5_700, 0.0018, 0.50, 4.0e7, 5, 0.08),
    "USDT": Coin("테더", "Tether", 1_394, 0.00025, 0.05, 6.0e8, 9, 0.0),
    "SHIB": Coin("시바이누", "Shiba Inu", 0.0187, 0.0022, 0.50, 6.0e7, 6, 0.05),
}


def coin_named(symbol: str) -> Coin:
    """The listed coin, or for a coin that only a replay knows a middling one (its feed brings its own prices)."""
    return COINS.get(symbol, Coin(symbol, symbol, 1_000.0, 0.0015, 0.5, 1e8, 6, 0.0))
