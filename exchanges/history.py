"""From a venue's name to where its past candles come from."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec
from typing import cast

import httpx

import exchanges
from exchanges.private_simulator import Addresses, addresses
from trading.core.errors import BadInput, TryLater
from trading.core.ports import CandleSource, Clock


def candle_source(venue: str, simulator: str | None, clock: Clock) -> CandleSource:
    """The source of `venue`'s candles; of the practice market where the admin address of a simulator is given.

    Raises BadInput for a venue that has none, NoSimulator.
    """
    with_source = [
        folder.name
        for folder in pkgutil.iter_modules(exchanges.__path__)
        if folder.ispkg and find_spec(f"exchanges.{folder.name}.history") is not None
    ]
    if venue not in with_source:
        raise BadInput("download.no_source", venue=venue, known=", ".join(sorted(with_source)))
    open_history = import_module(f"exchanges.{venue}.history").open_history
    if simulator is None:
        return cast(CandleSource, open_history(clock))
    where = addresses(simulator)
    return cast(CandleSource, open_history(clock, where.hosts[venue]["rest"], lambda: _market_ms(where)))


def _market_ms(where: Addresses) -> int:
    try:
        told = httpx.get(where.admin + "/clock", timeout=5.0).raise_for_status().json()
        return int(told["market_ms"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError) as error:
        raise TryLater("simulator_clock", str(error)) from None
