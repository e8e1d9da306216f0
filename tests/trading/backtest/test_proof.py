"""The fast kernel is the exact replay: every strategy, on recorded series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from config.knobs import FILTERS
from config.values import Knobs
from tests.shared_data import shared
from tests.trading.backtest.test_kernel import same
from trading import strategies
from trading.backtest import candle_file, fast
from trading.backtest.replay import replay
from trading.backtest.series import Series, prepare
from trading.core.calendar import timeframe_ms
from trading.core.candles import Candles
from trading.core.rows import rule
from trading.core.rules import researched

OPEN = dict.fromkeys(FILTERS, False)
FREE = Knobs(
    sizing="all_in",
    cooldown_after_losses=0,
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    max_positions=0,
    **OPEN,  # type: ignore[arg-type]
)
SETS: dict[str, Knobs] = {
    "plain": FREE,
    "trailing": replace(FREE, stop_loss_percent=0.0, trailing_stop_percent=0.01, trailing_arm_percent=0.005),
    "held": replace(FREE, tighten_stop=True, min_hold_candles=3, max_hold_minutes=600, sizing="kelly", kelly_min=0.05),
    "guarded": replace(Knobs(), on_limit="flatten", daily_loss_limit=0.004, symbol_cooldown_minutes=90, **OPEN),  # type: ignore[arg-type]
}
MARKETS: dict[str, tuple[str, tuple[str, ...], str, str | None]] = {
    "upbit 1m": ("upbit", ("upbit/KRW-BTC_1m.csv",), "1m", None),
    "upbit 1h": ("upbit", ("upbit/KRW-BTC_1h.csv", "upbit/KRW-ETH_1h.csv"), "1h", None),
    "upbit 1h, executed on 1m": ("upbit", ("upbit/KRW-BTC_1h.csv",), "1h", "upbit/KRW-BTC_1m.csv"),
    "futures 1m": ("binance_futures", ("binance/AVAXUSDT-1m-2026-02.csv",), "1m", None),
    "stocks": ("stock", ("krx/005930_1d.csv", "krx/035420_1d.csv"), "1d", None),
}


@cache
def candles(name: str, timeframe: str) -> Candles:
    return candle_file.load(shared(name), timeframe_ms(timeframe)).candles


def market(name: str, knobs: Knobs) -> list[Series]:
    venue, files, timeframe, detail = MARKETS[name]
    found = []
    for file in files:
        symbol = file.rpartition("/")[2].partition("_")[0].partition("-1m")[0]
        fine = None if detail is None else candles(detail, "1m")
        coarse = candles(file, timeframe)
        if fine is not None:
            coarse = coarse[int(coarse.time.searchsorted(fine.time[0])) - 1500 :]
        found.append(Series(researched(venue, symbol, knobs), coarse, fine))
    return found


def cases() -> Iterator[tuple[str, str, str]]:
    """Each strategy on each market: the first two under every set of knobs, the others under sets in turn."""
    for at, name in enumerate(strategies.names()):
        for turn, where in enumerate(MARKETS):
            sets = list(SETS) if name in ("breakout", "macd") else [list(SETS)[(at + turn) % len(SETS)]]
            yield from ((name, where, chosen) for chosen in sets)


@pytest.mark.parametrize(("name", "where", "chosen"), list(cases()))
def test_every_strategy_on_recorded_series(name: str, where: str, chosen: str) -> None:
    knobs = SETS[chosen]
    ready = prepare(market(where, knobs), rule(strategies.create(name), knobs))
    same(fast.backtest(ready, knobs, 1_000_000.0), replay(ready, knobs, 1_000_000.0))


def test_the_proof_has_seen_every_way_out() -> None:
    seen: Counter[str] = Counter()
    for where in MARKETS:
        for knobs in SETS.values():
            ready = prepare(market(where, knobs), rule(strategies.create("macd"), knobs))
            seen.update(trade.exit_reason for trade in fast.backtest(ready, knobs, 1_000_000.0).trades)
    usual = {"stop_loss", "atr_stop", "trailing_stop", "take_profit", "time_cut", "exit_signal", "kill_switch"}
    assert {reason for reason, times in seen.items() if times >= 5} >= usual
