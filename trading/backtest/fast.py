"""Runs of the compiled kernel, and what they leave behind in the words of the rest of the program."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from config.values import Knobs
from trading.backtest.kernel.data import ACCOUNT, NEVER, TRADE, WALK, Board
from trading.backtest.series import Curve, Prepared, Result
from trading.core.levels import REASONS
from trading.core.portfolio import Position, Trade
from trading.core.sizing import KELLY_TRADES

_LATCHES: Final = (("drawdown_limit", "drawdown_ms"), ("capital_stop", "capital_ms"))


@cache
def _compiled(name: str) -> Callable[..., Any]:
    from trading.backtest.kernel import curve, run
    from trading.backtest.kernel.compile import compiled

    function: Callable[..., Any] = getattr(curve if name.startswith("curve") else run, name)
    return compiled(function)


def backtest(prepared: Prepared, knobs: Knobs, cash: float) -> Result:
    """One run from `cash` quote."""
    run = _compiled("run")
    started = time.perf_counter()
    board = Board(prepared, [knobs])
    account, walks = np.zeros(1, ACCOUNT), np.zeros(len(board.symbols), WALK)
    trades = np.zeros(256, TRADE)
    trades = run(board.symbols, board.ticks, board.terms[0], cash, account, walks, np.zeros(KELLY_TRADES), trades)
    seconds = prepared.seconds + time.perf_counter() - started
    a = account[0]
    booked = trades[: a["trades"]]
    return Result(
        lambda: _trades(prepared, booked),
        lambda: _positions(prepared, walks),
        lambda: _curve(prepared, board, np.concatenate((booked, _still_held(board, walks))), cash),
        sum(len(series.walked) for series in prepared.series),
        seconds,
        cash,
        {name: int(a[field]) for name, field in _LATCHES if a[field] >= 0},
        prepared.closed_filters,
    )


def sweep(prepared: Prepared, knobs: Sequence[Knobs], cash: float) -> NDArray[np.float64]:
    """One run per element of `knobs` over the same rows: (m, 5) final equity, trades, wins, won, lost (quote).

    The interpreter is released while it runs, so threads run side by side.
    """
    run = _compiled("sweep")
    board = Board(prepared, knobs)
    scores = np.zeros((len(knobs), 5))
    run(board.symbols, board.ticks, board.terms, cash, scores)
    return scores


def _amount(value: Any) -> Decimal:
    return Decimal(repr(float(value)))


def _reason(code: int) -> str:
    return REASONS.get(code, "kill_switch")


def _trades(prepared: Prepared, booked: NDArray[Any]) -> tuple[Trade, ...]:
    strategy, venue = prepared.rule.strategy.name, prepared.venue
    symbols = [series.instrument.symbol for series in prepared.series]
    return tuple(
        Trade(
            f"{at}",
            venue,
            "main",
            strategy,
            symbols[int(t["symbol"])],
            "long" if t["side"] > 0 else "short",
            int(t["entry_ms"]),
            _amount(t["entry"]),
            _amount(t["quantity"]),
            int(t["exit_ms"]),
            _amount(t["exit"]),
            _reason(int(t["reason"])),
            _amount(t["fee"]),
            _amount(t["pnl"]),
            _amount(100.0 * t["pnl"] / t["cost"]),
            ambiguous=bool(t["doubt"]),
            other_price=float(t["other"]) if t["doubt"] else None,
        )
        for at, t in enumerate(booked)
    )


def _positions(prepared: Prepared, walks: NDArray[Any]) -> tuple[Position, ...]:
    held = sorted((int(w["entered_as"]), x) for x, w in enumerate(walks) if w["held"])
    found = []
    for _, x in held:
        w, series = walks[x], prepared.series[x]
        found.append(
            Position(
                "",
                prepared.venue,
                "main",
                prepared.rule.strategy.name,
                series.instrument.symbol,
                int(w["side"]),
                int(w["entry_ms"]),
                int(series.candles.time[w["row"]]),
                int(w["leverage"]),
                _amount(w["quantity"]),
                _amount(w["quantity"]),
                _amount(w["cost"]),
                fee=_amount(w["fee"]),
                atr=float(w["atr"]),
                high_water=float(w["high_water"]),
                entry=float(w["entry"]),
            )
        )
    return tuple(found)


def _still_held(board: Board, walks: NDArray[Any]) -> NDArray[Any]:
    """Open positions as round trips that end behind the last candle."""
    open_ = np.zeros(int(walks["held"].sum()), TRADE)
    for t, x in zip(open_, np.flatnonzero(walks["held"]), strict=True):
        t["symbol"], t["exit_at"], t["exit_ms"] = x, board.symbols[x]["n"], NEVER
        for name in ("side", "entry_at", "entry_ms", "quantity", "cost"):
            t[name] = walks[x][name]
    return open_


def _curve(prepared: Prepared, board: Board, trips: NDArray[Any], cash: float) -> Curve:
    if len(board.symbols) == 1:
        return Curve(prepared.series[0].walked.time, _compiled("curve_of_one")(board.symbols[0], trips, cash))
    times = np.unique(np.concatenate([series.walked.time for series in prepared.series]))
    return Curve(times, _compiled("curve_of_many")(board.symbols, trips, cash, times))
