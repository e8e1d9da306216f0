"""The backtester against a hand-written loop and against others: in turns, over the same candles, to the same trades.

(a) one symbol, 1,000,000 candles of 1m; (b) 440 combinations over 100,000 candles; (c) 50 symbols x 100,000 candles on
one account. `breakout` with take-profit and stop. Every contestant is timed without loading and compiling, by the wall
clock or the processor's, whichever tells less. Times are medians over the rounds, ratios medians of the ratios within
a round.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from tests.bench import fresh_run, peer_files, portfolio_memory
from tests.bench.clock import Times, clocked, in_turns
from tests.bench.figures import Figure
from tests.bench.jobs import (
    COMBINATIONS,
    ManyLoop,
    OneLoop,
    Outcome,
    agree,
    loaded,
    outcome,
    prepared,
    shipped,
    swept,
    swept_in_full,
)
from tests.bench.markets import CASH, FULL, REFERENCE, SHARED, candles
from tests.bench.peers import NoPeers, Peer, install
from trading.backtest.engine import backtest

Contestants = dict[str, Callable[[], float]]

ONE: Final = 1_000_000
SWEPT: Final = 100_000
MANY: Final = (50, 100_000)
OURS: Final = "Haetae"
LOOP: Final = "plain loop"
OVER_LOOP: Final = 3.0
ENGINE_OVER_LOOP: Final = 1.5
FULL_OVER_LOOP: Final = 4.0
#: Runs within a round of what takes milliseconds.
TIMES: Final = 5
#: Every so many-th combination that backtesting.py runs: all would take it minutes.
STEP: Final = 22


def figures(quick: bool) -> list[Figure]:
    """All of them; without the peers where they cannot be installed."""
    rounds = 3 if quick else 5
    found = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        peers = _peers(Path(name), stack)
        for job in (_one, _sweep, _many):
            found += job(rounds, peers, Path(name))
    return found + portfolio_memory.figures(quick) + fresh_run.figures(quick)


def _peers(folder: Path, stack: ExitStack) -> dict[str, Peer]:
    """By module; none, with the reason on stderr, where they cannot be installed."""
    try:
        install()
    except NoPeers as reason:
        print(f"without peers: {reason}", file=sys.stderr)  # noqa: T201 - progress for who waits
        return {}
    names = ("peer_vectorbt", "peer_backtesting")
    return {name: stack.enter_context(closing(Peer(name, folder))) for name in names}


def _one(rounds: int, peers: dict[str, Peer], folder: Path) -> list[Figure]:
    market = candles(ONE, 1)
    loop = OneLoop(market)
    plain, full = (prepared(loaded([market], knobs), knobs) for knobs in (REFERENCE, FULL))
    result = backtest(plain, REFERENCE, CASH)
    agree("(a)", [outcome(result)] * 2, [loop.run(), loop.run(average=loop.average)])
    contestants: Contestants = {
        OURS: clocked(shipped, TIMES, lambda: (loaded([market], REFERENCE), REFERENCE)),
        "engine": clocked(lambda: backtest(plain, REFERENCE, CASH), TIMES),
        "full": clocked(lambda: backtest(full, FULL, CASH), TIMES),
        LOOP: clocked(loop.run, TIMES),
        "loop alone": clocked(lambda: loop.run(average=loop.average), TIMES),
    }
    times = in_turns(contestants, rounds)
    trades = len(backtest(full, FULL, CASH).trades)
    found = [
        _time("(a) with signals", times[OURS], 10.0, _told(outcome(result))),
        _time("(a) plain loop, EMA included", times[LOOP]),
        _ratio("(a) with signals over the loop with EMA", times[OURS], times[LOOP], OVER_LOOP, "must"),
        _time("(a) engine without signals", times["engine"]),
        _time("(a) plain loop without EMA", times["loop alone"]),
        _ratio("(a) engine over the loop without EMA", times["engine"], times["loop alone"], ENGINE_OVER_LOOP),
        _time("(a) engine, all knobs on", times["full"], note=f"{trades} trades"),
        _ratio("(a) all knobs over the loop without EMA", times["full"], times["loop alone"], FULL_OVER_LOOP),
    ]
    peer_files.write_one(folder / "a.npz", market, result)
    return found + _beside("a", rounds, contestants[OURS], outcome(result), peers)


def _sweep(rounds: int, peers: dict[str, Peer], folder: Path) -> list[Figure]:
    market = candles(SWEPT, 2)
    series, loop = loaded([market], REFERENCE), OneLoop(market)
    ours = swept(series)
    agree("(b)", ours, loop.sweep(2))
    contestants: Contestants = {
        OURS: clocked(swept, given=lambda: (loaded([market], REFERENCE),)),
        "alone": clocked(swept, given=lambda: (loaded([market], REFERENCE), 1)),
        LOOP: clocked(lambda: loop.sweep(1)),
        "loop twice": clocked(lambda: loop.sweep(2)),
    }
    times = in_turns(contestants, rounds)
    total = sum(final for final, _ in ours), sum(trades for _, trades in ours)
    found = [
        _time("(b) 440 combinations, 2 threads", times[OURS], 100.0, _told(total)),
        _time("(b) 440 combinations, 1 thread", times["alone"]),
        _time("(b) plain loop, 1 thread", times[LOOP], note="its EMA in every run"),
        _time("(b) plain loop, 2 threads", times["loop twice"]),
        _ratio("(b) over the loop, 2 threads", times[OURS], times["loop twice"]),
    ]
    peer_files.write_sweep(folder / "b.npz", market, swept_in_full(series))
    return found + _beside("b", rounds, contestants[OURS], total, peers)


def _many(rounds: int, peers: dict[str, Peer], folder: Path) -> list[Figure]:
    symbols, number = MANY
    markets = [candles(number, seed) for seed in range(symbols)]
    loop, plain = ManyLoop(markets), prepared(loaded(markets, SHARED), SHARED)
    result = backtest(plain, SHARED, CASH)
    agree("(c)", [outcome(result)] * 2, [loop.run(), loop.run(loop.average)])
    contestants: Contestants = {
        OURS: clocked(shipped, TIMES, lambda: (loaded(markets, SHARED), SHARED)),
        "engine": clocked(lambda: backtest(plain, SHARED, CASH), TIMES),
        LOOP: clocked(loop.run, TIMES),
        "loop alone": clocked(lambda: loop.run(loop.average), TIMES),
    }
    times = in_turns(contestants, rounds)
    traded = len({trade.symbol for trade in result.trades})
    found = [
        _time("(c) with signals", times[OURS], 40.0, f"{_told(outcome(result))} in {traded} symbols"),
        _time("(c) plain loop, EMAs included", times[LOOP], note="its columns are stacked before"),
        _ratio("(c) with signals over the loop with EMAs", times[OURS], times[LOOP]),
        _time("(c) engine without signals", times["engine"]),
        _time("(c) plain loop without EMAs", times["loop alone"]),
        _ratio("(c) engine over the loop without EMAs", times["engine"], times["loop alone"]),
    ]
    peer_files.write_many(folder / "c.npz", markets, result)
    return found + _beside("c", rounds, contestants[OURS], outcome(result), peers)


# -- the peers ---------------------------------------------------------------------------------------------------------


def _beside(job: str, rounds: int, ours: Callable[[], float], same: Outcome, peers: dict[str, Peer]) -> list[Figure]:
    """Each peer's time, and how far ahead of the fastest one we are."""
    if not peers:
        return []
    asked = {f"vectorbt, {engine} engine": ("peer_vectorbt", f"{job} {engine}", 1) for engine in ("rust", "numba")}
    if job == "a":
        asked["backtesting.py"] = ("peer_backtesting", "a", 1)
    if job == "b":
        asked["backtesting.py"] = ("peer_backtesting", f"b {STEP}", STEP)
    contestants = {name: peers[module].contestant(question) for name, (module, question, _) in asked.items()}
    times = in_turns({OURS: ours} | contestants, rounds)
    found, shares = [], []
    for name, (module, question, step) in asked.items():
        answer, scaled = peers[module].answers[question], _scaled(times[name], step)
        said = f"{answer['version']}: {answer['trades']:,} trades, equity {answer['final']:,.0f}"
        if step > 1:
            said += f" in {len(COMBINATIONS[::step])} of {len(COMBINATIONS)} combinations, scaled"
        else:
            said += f"; ours {same[1]:,}, {same[0]:,.0f}"
        found.append(_time(f"({job}) {name}", scaled, note=said))
        shares.append(scaled.over(times[OURS]))
    return [*found, Figure(f"({job}) ahead of the fastest peer", min(shares), "x", 1.0, True, "must")]


def _scaled(times: Times, by: int) -> Times:
    return Times(tuple(by * seconds for seconds in times.rounds))


# -- rows --------------------------------------------------------------------------------------------------------------


def _time(name: str, times: Times, limit_ms: float | None = None, note: str = "") -> Figure:
    factor, unit = (1.0, "s") if limit_ms is None and times.median >= 1.0 else (1e3, "ms")
    best = f"best {factor * times.least:,.4g} {unit}"
    return Figure(name, factor * times.median, unit, limit_ms, note=f"{best}; {note}" if note else best)


def _ratio(name: str, mine: Times, theirs: Times, limit: float | None = None, note: str = "") -> Figure:
    return Figure(name, mine.over(theirs), "x", limit, note=note)


def _told(outcome: Outcome) -> str:
    return f"{outcome[1]:,} trades, equity {outcome[0]:,.0f}, the same in the loop"
