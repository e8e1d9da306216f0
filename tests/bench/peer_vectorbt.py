"""vectorbt, both of its engines: `python -m tests.bench.peer_vectorbt FOLDER` with lines "a rust", "b numba" ...

It knows neither a level inside a candle nor one entry a day nor slots: it is given the entries that the rules come to,
with their prices (and for a portfolio their quantities), which costs it nothing here. Its own work is the account and
the exits. What still differs: a position is never left in the candle that entered it; in a portfolio, cash freed
inside a candle pays for entries of the same candle, where columns happen to come in that order. Nothing is asked of
it beyond the orders.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import vectorbt as vbt

from tests.bench.peer_child import columns, serve

FOLDER = Path(sys.argv[1])
FEE = 0.0005


def _run(job: dict[str, Any], engine: str, **more: Any) -> Any:
    return vbt.Portfolio.from_signals(
        job["close"],
        open=job["open"],
        high=job["high"],
        low=job["low"],
        exits=False,
        direction="longonly",
        fees=FEE,
        stop_entry_price="fillprice",
        stop_exit_price="stoplimit",
        freq="1min",
        engine=engine,
        **more,
    )


def _told(portfolio: Any) -> dict[str, float]:
    return {
        "trades": int(np.sum(portfolio.trades.closed.count())),
        "final": float(np.sum(portfolio.final_value())),
    }


def _spread(shape: tuple[int, int], job: dict[str, Any]) -> tuple[Any, Any]:
    """Entries and their prices, one column per run or symbol."""
    entries, price = np.zeros(shape, np.bool_), np.full(shape, np.inf)
    entries[job["at"], job["column"]] = True
    price[job["at"], job["column"]] = job["price"]
    return entries, price


def one(engine: str) -> Any:
    """One symbol."""
    job = columns(FOLDER, "a")
    entries, price = (column[:, 0] for column in _spread((len(job["close"]), 1), job))
    more = {"sl_stop": float(job["loss"][0]), "tp_stop": float(job["gain"][0]), "init_cash": float(job["cash"])}
    return lambda: _run(job, engine, entries=entries, price=price, **more), _told


def sweep(engine: str) -> Any:
    """All combinations at once, a column each."""
    job = columns(FOLDER, "b")
    entries, price = _spread((len(job["close"]), len(job["gain"])), job)
    job |= {name: job[name][:, None] for name in ("open", "high", "low", "close")}
    more = {"sl_stop": job["loss"][None], "tp_stop": job["gain"][None], "init_cash": float(job["cash"])}
    return lambda: _run(job, engine, entries=entries, price=price, **more), _told


def portfolio(engine: str) -> Any:
    """All symbols on one account."""
    job = columns(FOLDER, "c")
    entries, price = _spread(job["close"].shape, job)
    size = np.zeros(job["close"].shape)
    size[job["at"], job["column"]] = job["quantity"]
    more = {"sl_stop": float(job["loss"][0]), "tp_stop": float(job["gain"][0]), "init_cash": float(job["cash"])}
    more |= {"entries": entries, "price": price, "size": size, "cash_sharing": True, "group_by": True}
    return lambda: _run(job, engine, **more), _told


if __name__ == "__main__":
    serve({"a": one, "b": sweep, "c": portfolio}, "vectorbt")
