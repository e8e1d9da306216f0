"""What one venue lists, and which of it is traded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from config.values import Knobs
from trading.core.instrument import Instrument
from trading.core.ports import Venue
from trading.core.rules import overridden
from trading.core.universe import chosen
from trading.live.charge import Tell
from trading.live.ledger_orders import base_of


class Listing:
    """items: every instrument by symbol, as last read; symbols: those that are traded."""

    def __init__(self, venue: Venue, tell: Tell) -> None:
        self.items: Mapping[str, Instrument] = {}
        self.symbols: tuple[str, ...] = ()
        self._venue = venue
        self._tell = tell

    def read(self, knobs: Knobs) -> None:
        """Asks the venue and settles what is traded. Raises VenueError."""
        self.items = self._venue.instruments()
        self.choose(knobs)

    def choose(self, knobs: Knobs) -> None:
        """Settles which symbols are traded; what the venue does not list is said and left out."""
        name = self._venue.name
        self.symbols, unknown = chosen(name, knobs, self.items)
        if unknown:
            self._tell("log.not_listed", "warning", venue=name, symbols=", ".join(unknown))

    def of(self, symbols: Iterable[str], knobs: Knobs, known: Mapping[str, Instrument]) -> dict[str, Instrument]:
        """Instruments of `symbols` with the research knobs over them; one the venue lost is kept as not tradable."""
        return {symbol: overridden(self._one(symbol, known), knobs) for symbol in dict.fromkeys(symbols)}

    def _one(self, symbol: str, known: Mapping[str, Instrument]) -> Instrument:
        item = self.items.get(symbol)
        if item is not None:
            return item
        if symbol in known:
            return replace(known[symbol], tradable=False)
        currency = self._venue.capabilities.currency
        return Instrument(self._venue.name, symbol, symbol, base_of(symbol), currency, tradable=False)
