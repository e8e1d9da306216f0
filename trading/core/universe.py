"""Which symbols are traded: those the user named, or the universe. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.values import Knobs
from trading.core.instrument import Instrument
from trading.core.rules import names_of

STABLECOINS: Final = frozenset(
    ["USDT", "USDC", "USDE", "USD1", "DAI", "TUSD", "FDUSD", "BUSD", "PYUSD", "EURC", "RLUSD"]
)


def symbol_of(venue: str, text: str) -> str:
    """Our symbol of what a person wrote (BTC, KRW-BTC, BTC/KRW). Raises BadInput for an empty one."""
    return names_of(venue, text)[0]


def chosen(venue: str, knobs: Knobs, instruments: Mapping[str, Instrument]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(symbols to trade, named ones that the venue does not list). Warned and delisting markets only when named."""
    excluded = {symbol_of(venue, name) for name in knobs.excluded_symbols}
    if knobs.symbols:
        named = dict.fromkeys(symbol_of(venue, name) for name in knobs.symbols)
        wanted = [symbol for symbol in named if symbol not in excluded]
        return tuple(s for s in wanted if s in instruments), tuple(s for s in wanted if s not in instruments)
    first = [symbol_of(venue, name) for name in knobs.stable_symbols]
    quote = next(iter(instruments.values())).quote if instruments else ""
    fit = [
        symbol
        for symbol in dict.fromkeys([*first, *instruments])
        if (item := instruments.get(symbol)) is not None
        and item.quote == quote
        and item.base not in STABLECOINS
        and symbol not in excluded
        and item.tradable
        and not (item.warned or item.delisting)
    ]
    return tuple(fit[: knobs.universe_size]), ()


def symbol_reader(text: str, venue: str | None) -> str:
    """Reads a symbol of a command; without a venue by its own form. Raises BadInput for an empty one."""
    return symbol_of(_likely_venue(text.strip().upper()) if venue is None else venue, text)


def _likely_venue(text: str) -> str:
    if text.isdigit():
        return "stock"
    return "binance_spot" if text.endswith("USDT") and "-" not in text else "upbit"
