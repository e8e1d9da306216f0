"""The bot's search for the best k in a process: `python -m trading.backtest.best_k_worker CANDLES VENUE REQUEST`.

CANDLES: the bot's candles.db; REQUEST: JSON of `charge_values`, with `symbols`, `cash` (quote) and `until_ms`. Prints
one JSON line: `k`, `was`, and `trades` and `net_return` (fraction, after costs) of the best one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from trading import strategies
from trading.backtest import candle_db
from trading.backtest.engine import Score, sweep
from trading.backtest.leash import on_leash
from trading.backtest.series import Series, part, prepare
from trading.core.calendar import timeframe_ms
from trading.core.candles import Candles, empty
from trading.core.errors import BadInput
from trading.core.lived import knobs_of
from trading.core.rows import rule
from trading.core.rules import researched

KS: Final = tuple(round(0.30 + 0.05 * step, 2) for step in range(11))
SCORED: Final = 200
"""Candles in which entries count; what the rows need before them is loaded besides."""
LEAST_TRADES: Final = 3


def answer(file: Path, venue: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The k with the best net return over the last candles of all symbols; of equals the one in force.

    Under three round trips in all the one in force stays.
    """
    strategy, knobs = strategies.create(request["strategy"], request["params"]), knobs_of(request["knobs"])
    was = float(request["params"]["k"])
    before = rule(strategy, knobs).window(timeframe_ms(request["timeframe"]))
    all_series = [
        Series(researched(venue, symbol, knobs), candles)
        for symbol in request["symbols"]
        if len(candles := _last(file, venue, symbol, request)[-(SCORED + before) :])
    ]
    if not all_series:
        return {"k": was, "was": was, "trades": 0, "net_return": 0.0}
    start_ms = min(int(series.candles.time[-SCORED:][0]) for series in all_series)

    def scored(k: float) -> Score:
        rows = prepare(all_series, rule(replace(strategy, k=k), knobs))  # type: ignore[call-arg]
        return sweep(part(rows, start_ms, int(request["until_ms"])), [knobs], float(request["cash"]))[0]

    found = {k: scored(k) for k in (was, *(k for k in KS if k != was))}
    best = max(found, key=lambda k: found[k].net_return)  # the first of equals
    chosen = best if found[best].trades >= LEAST_TRADES else was
    return {"k": chosen, "was": was, "trades": found[best].trades, "net_return": found[chosen].net_return}


def _last(file: Path, venue: str, symbol: str, request: Mapping[str, Any]) -> Candles:
    """The candles of a symbol that were closed when the bot asked; none where there are none."""
    try:
        _, candles = candle_db.load(file, venue, symbol, request["timeframe"])
    except BadInput:
        return empty(timeframe_ms(request["timeframe"]))
    return candles[: int(candles.time.searchsorted(request["until_ms"]))]


if __name__ == "__main__":
    on_leash()
    _file, _venue, _request = sys.argv[1:]
    sys.stdout.write(json.dumps(answer(Path(_file), _venue, json.loads(_request))) + "\n")
