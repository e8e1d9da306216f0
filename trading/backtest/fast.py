"""Runs of the compiled kernel, and what they leave behind in the words of the rest of the program."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.values import Knobs
from trading.backtest.kernel.data import ACCOUNT, NEVER, SYMBOL, TERMS, TRADE, WALK, Board
from trading.backtest.series import Curve, Prepared, Result
from trading.core.levels import REASONS
from trading.core.portfolio import Position, Trade

_LATCHES: Final = (("drawdown_limit", "drawdown_ms"), ("capital_stop", "capital_ms"))


def is_ready() -> bool:
    """The kernel lies compiled on disk; else the first run compiles it, which takes a while."""
    from trading.backtest.kernel import compile, run

    return compile.is_cached(run.run)


@cache
def _compiled(name: str) -> Callable[..., Any]:
    from trading.backtest.kernel import compile, curve, run

    if name != "run":
        return compile.compiled(getattr(curve, name))
    compiled = compile.compiled(run.run)
    # Nothing to run: what is compiled or loaded now is not counted as the time of a run.
    symbols, table, walks = (np.zeros(0, kind) for kind in (SYMBOL, TERMS, WALK))
    account, trades = np.zeros(1, ACCOUNT), np.zeros(1, TRADE)
    compiled(symbols, table, 1.0, account, walks, trades, np.zeros((0, 5)))
    return compiled


class _Left(NamedTuple):
    """What the last run left behind: records of `kernel.data`."""

    account: Any
    walks: NDArray[Any]
    trades: NDArray[Any]
    scores: NDArray[np.float64]


def _run(board: Board, cash: float) -> _Left:
    account, walks = np.zeros(1, ACCOUNT), np.zeros(len(board.symbols), WALK)
    scores = np.zeros((len(board.terms), 5))
    run = _compiled("run")
    trades = run(board.symbols, board.terms, cash, account, walks, np.zeros(256, TRADE), scores)
    return _Left(account[0], walks, trades[: account[0]["trades"]], scores)


def backtest(prepared: Prepared, knobs: Knobs, cash: float) -> Result:
    """One run from `cash` quote."""
    _compiled("run")
    started = time.perf_counter()
    board = Board(prepared, [knobs])
    left = _run(board, cash)
    seconds = prepared.seconds + time.perf_counter() - started
    return Result(
        lambda: _trades(prepared, left.trades),
        lambda: _positions(prepared, left.walks),
        lambda: _curve(prepared, board, np.concatenate((left.trades, _still_held(board, left.walks))), cash),
        sum(len(series.walked) for series in prepared.series),
        seconds,
        cash,
        {name: int(left.account[field]) for name, field in _LATCHES if left.account[field] >= 0},
        prepared.closed_filters,
    )


def sweep(prepared: Prepared, knobs: Sequence[Knobs], cash: float) -> NDArray[np.float64]:
    """One run per element of `knobs` over the same rows: (m, 5) final equity, trades, wins, won, lost (quote).

    The interpreter is released while it runs, so threads run side by side.
    """
    return _run(Board(prepared, knobs), cash).scores


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
            _amount(t["funding"]),
            bool(t["doubt"]),
            float(t["other"]) if t["doubt"] else None,
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
                funding=_amount(w["funding"]),
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
    times = prepared.series[0].walked.time
    for series in prepared.series[1:]:  # one by one, as most have the same times: all at once would take their memory
        if not np.array_equal(times, series.walked.time):
            times = np.union1d(times, series.walked.time)
    return Curve(times, _compiled("curve_of_many")(board.symbols, trips, cash, times))
