"""Every registered strategy, and every preset whose strategy is there, brings the same trades by both engines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from config.presets import PRESETS
from config.research import for_backtest
from config.values import Knobs
from tests.shared_data import shared
from tests.trading.backtest.test_kernel import same
from tests.trading.strategies.markets import drawn, generated
from trading import strategies
from trading.backtest.candle_file import load
from trading.backtest.engine import backtest
from trading.backtest.series import Series, prepare
from trading.core.calendar import timeframe_ms
from trading.core.candles import Candles, resample
from trading.core.rows import rule
from trading.core.rules import researched

#: Strategies that a later part brings; until then their presets cannot run.
TO_COME = {"triple_signal": {"conservative", "balanced", "aggressive"}, "ensemble": {"hundred_coins"}}


@dataclass(frozen=True, slots=True)
class Market:
    """Recorded candles: venue, symbol, file and the timeframe it holds; detail: a finer file, or none."""

    venue: str
    symbol: str
    file: str
    timeframe: str
    detail: str = ""


BTC_1M = Market("upbit", "KRW-BTC", "upbit/KRW-BTC_1m.csv", "1m")
BTC_1H = Market("upbit", "KRW-BTC", "upbit/KRW-BTC_1h.csv", "1h")
ETH_1H = Market("upbit", "KRW-ETH", "upbit/KRW-ETH_1h.csv", "1h")
XRP_1M = Market("upbit", "KRW-XRP", "upbit/KRW-XRP_1m.csv", "1m")
BTC_1D = Market("upbit", "KRW-BTC", "upbit/KRW-BTC_1d.csv", "1d", "upbit/KRW-BTC_1m.csv")
AVAX_1M = Market("binance_futures", "AVAXUSDT", "binance/AVAXUSDT-1m-2026-02.csv", "1m")
MARKETS: dict[str, tuple[Market, ...]] = {
    "demo": (BTC_1M, XRP_1M),
    "scalping": (BTC_1M, XRP_1M),
    "day_breakout": (BTC_1D,),
    "mid_term": (BTC_1H, ETH_1H),
    "swing": (BTC_1H, ETH_1H),
    "macd_classic": (BTC_1M,),
    "macd_tuned": (BTC_1M, XRP_1M),
    "survival": (AVAX_1M,),
}


def candles(file: str, timeframe: str) -> Candles:
    """A recorded series."""
    return load(shared(file), timeframe_ms(timeframe)).candles


def series(market: Market, timeframe: str, knobs: object) -> Series:
    """Signals on the preset's timeframe, execution on the finest candles there are."""
    recorded, length = candles(market.file, market.timeframe), timeframe_ms(timeframe)
    fine = candles(market.detail, "1m") if market.detail else None
    signal = recorded
    if length != recorded.timeframe_ms:
        signal, fine = resample(recorded, length), recorded
    return Series(researched(market.venue, market.symbol, knobs), signal, fine)  # type: ignore[arg-type]


def test_presets_that_cannot_run_yet_wait_for_their_strategy() -> None:
    waiting = {preset.name for preset in PRESETS.values() if preset.knobs["strategy"] not in strategies.names()}
    assert waiting == {
        name for strategy, names in TO_COME.items() if strategy not in strategies.names() for name in names
    }
    assert PRESETS.keys() - waiting <= MARKETS.keys()


@pytest.mark.parametrize("name", MARKETS)
def test_it_enters_on_recorded_candles_and_both_engines_agree(name: str) -> None:
    markets = MARKETS[name]
    knobs, params = for_backtest(name, {}, markets[0].venue)
    chosen = rule(strategies.create(str(knobs.strategy), params), knobs)
    prepared = prepare([series(one, str(knobs.timeframe), knobs) for one in markets], chosen)
    kernel, exact = (backtest(prepared, knobs, knobs.capital(markets[0].venue), way) for way in (False, True))
    same(kernel, exact)
    assert len(kernel.trades) >= 1
    assert {trade.strategy for trade in kernel.trades} == {knobs.strategy}
    if name == "survival":
        assert {trade.side for trade in kernel.trades} == {"long", "short"}


#: Limits off, so that a loss does not end the comparison; stops of all kinds, so that exits by signal compete.
FREE = Knobs(
    max_trades_per_day=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    stop_loss_percent=0.0,
    take_profit_percent=0.08,
    trailing_stop_percent=0.03,
    leverage=1,
)


@pytest.mark.parametrize("name", strategies.names())
def test_both_engines_agree_on_recorded_candles(name: str) -> None:
    chosen = rule(strategies.create(name), FREE)
    prepared = prepare([series(one, "1h", FREE) for one in (BTC_1H, ETH_1H)], chosen)
    kernel = backtest(prepared, FREE, 1_000_000.0)
    same(kernel, backtest(prepared, FREE, 1_000_000.0, exact=True))
    assert kernel.trades


@pytest.mark.parametrize("name", strategies.names())
def test_both_engines_agree_on_generated_candles_whatever_the_parameters(name: str) -> None:
    rng = np.random.default_rng(len(name))
    instrument = researched("binance_futures", "ETHUSDT", FREE)
    fine = generated(31, 20_000, 60_000)
    for params in ({}, drawn(strategies.find(name), rng), drawn(strategies.find(name), rng)):
        chosen = rule(strategies.create(name, params), FREE)
        prepared = prepare([Series(instrument, resample(fine, 300_000), fine)], chosen)
        same(backtest(prepared, FREE, 10_000.0), backtest(prepared, FREE, 10_000.0, exact=True))
