"""Funding and mark prices: by hand, from files, and what a run makes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import run_backtest
from config.values import Knobs
from tests.shared_data import shared
from tests.trading.backtest.scripted import Scripted, row
from trading.backtest import fast, funding_file
from trading.backtest.perpetual import Funding, dues, extremes
from trading.backtest.replay import replay
from trading.backtest.series import Series, prepare
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.instrument import Instrument
from trading.core.rows import Rule

HOUR = 3_600_000
PLAIN = Knobs(
    sizing="fixed",
    max_position_size=0.5,
    take_profit_percent=0.0,
    stop_loss_percent=0.0,
    atr_multiplier=0.0,
    slippage_ticks=0,
    leverage=2,
    emergency_stop_percent=0.15,
)


def candles(prices: list[float], start: int = 0) -> Candles:
    close = np.array(prices)
    times = start + HOUR * np.arange(len(close), dtype=np.int64)
    opens = np.concatenate((close[:1], close[:-1]))
    return Candles(times, opens, np.maximum(opens, close), np.minimum(opens, close), close, np.ones(len(close)), HOUR)


def test_a_due_is_the_rate_of_the_price_then() -> None:
    prices = candles([100.0, 110.0, 120.0, 130.0])
    rates = Funding(np.array([-5, HOUR + 17, 2 * HOUR + HOUR // 2], np.int64), np.array([0.01, 0.01, -0.02]))
    found = dues(rates, prices)
    assert found.times.tolist() == [HOUR, 2 * HOUR + HOUR // 2]  # stamped late; the first lies before all prices
    assert found.amounts.tolist() == pytest.approx([1.0, -2.4])  # the open at its time, else the last close


def test_extremes_of_a_finer_mark_price() -> None:
    mark = replace(candles([10.0, 12.0, 8.0, 9.0, 20.0]), timeframe_ms=HOUR)
    coarse = Candles(np.array([0, 4 * HOUR, 8 * HOUR], np.int64), *(np.ones(3),) * 5, 2 * HOUR)
    high, low = extremes(mark, coarse)
    assert high[:2].tolist() == [12.0, 20.0] and low[:2].tolist() == [10.0, 9.0]
    assert np.isnan([high[2], low[2]]).all()


def series(prices: list[float], **beside: object) -> Series:
    item = Instrument("binance_futures", "A/USDT", "A", "A", "USDT", lot_step=1e-3, brackets=((0.0, 0.005, 0.0, 75.0),))
    return Series(item, candles(prices), **beside)  # type: ignore[arg-type]


def held_from(first: int, count: int, side: int = 1) -> Scripted:
    column = {"buy_above": 0.0} if side > 0 else {"sell_below": float("inf")}
    return Scripted({"A": [row(**(column if j == first else {})) for j in range(count)]})


@pytest.mark.parametrize("engine", [fast.backtest, replay])
@pytest.mark.parametrize("side", [1, -1])
def test_funding_is_paid_for_every_time_held_through(engine: object, side: int) -> None:
    count = 6
    given = series([100.0] * count, funding=Funding(HOUR * np.arange(count, dtype=np.int64), np.full(count, 0.001)))
    ready = prepare([given], Rule(held_from(2, count, side), ()))
    result = engine(ready, PLAIN, 1_000.0)  # type: ignore[operator]
    (position,) = result.positions
    # Entered at the open of candle 2: the payments at 3, 4 and 5 h, none at 2 h. 500 margin x 2 = 1,000 notional.
    assert float(position.quantity) == pytest.approx(10.0)
    assert float(position.funding) == pytest.approx(-side * 3 * 1.0)
    assert result.equity[-1] == pytest.approx(1_000.0 - side * 3)


@pytest.mark.parametrize("engine", [fast.backtest, replay])
def test_a_gap_beyond_the_liquidation_price_costs_the_margin_and_no_more(engine: object) -> None:
    ready = prepare([series([100.0, 100.0, 40.0, 40.0])], Rule(held_from(1, 4), ()))
    ready = replace(ready, series=(replace(ready.series[0], candles=gapped(ready.series[0].candles)),))
    (trade,) = engine(ready, PLAIN, 1_000.0).trades  # type: ignore[operator]
    assert trade.exit_reason == "liquidation" and float(trade.exit_price) == 50.0
    assert float(trade.pnl) == pytest.approx(-500.0)


def gapped(given: Candles) -> Candles:
    opens = given.open.copy()
    opens[2] = 40.0
    return replace(given, open=opens)


@pytest.mark.parametrize("engine", [fast.backtest, replay])
def test_the_mark_price_liquidates_where_the_market_itself_does_not(engine: object) -> None:
    mark = candles([100.0, 100.0, 45.0, 100.0])
    ready = prepare([series([100.0] * 4, mark=mark)], Rule(held_from(1, 4), ()))
    (trade,) = engine(ready, PLAIN, 1_000.0).trades  # type: ignore[operator]
    assert (trade.exit_reason, trade.exit_ms) == ("liquidation", 2 * HOUR)


# -- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timestamp_ms,open\n3600000,0.0001\n0,0.0001\n", "row 3"),
        ("timestamp_ms,open\n0,5\n", "fraction"),
        ("timestamp_ms,open\n0,x\n", "row 2"),
        ("timestamp_ms,price\n0,1\n", "funding_rate"),
    ],
)
def test_a_wrong_file_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        funding_file.load(path)


def test_recorded_rates_and_marks(tmp_path: Path) -> None:
    folder = shared("binance")
    rates = funding_file.load(folder / "XRP_USDT_USDT-8h-funding_rate.csv")
    assert len(rates.times) == 91 and np.abs(rates.amounts).max() < 0.01
    words = ["run", "--venue", "binance_futures", "--data", str(folder / "XRP_USDT_USDT-1h-futures.csv")]
    words += ["--mark", str(folder / "XRP_USDT_USDT-1h-mark.csv"), "--strategy", "macd", "--set", "tick_size=0.0001"]
    words += ["--funding", str(folder / "XRP_USDT_USDT-8h-funding_rate.csv"), "--json", str(tmp_path / "o.json")]
    assert run_backtest.main(words) == 0


def test_they_belong_to_futures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_backtest.main(["run", "--data", "a.csv", "--funding", "b.csv"]) == 2
    assert "binance_futures" in capsys.readouterr().err
