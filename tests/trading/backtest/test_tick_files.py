"""Tick files: what is read, what is refused, and how the exact replay executes on them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import run_backtest
from tests.trading.backtest.scripted import walk
from trading.backtest.candle_file import TICK_MS, holds_ticks, load_ticks
from trading.backtest.moments import kst
from trading.core.errors import BadInput

MINUTE = 60_000


def written(folder: Path, *lines: str, name: str = "KRW-BTC_ticks.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_tick_is_a_candle_without_a_body(tmp_path: Path) -> None:
    path = written(tmp_path, "timestamp_ms,price,quantity", "60000,100.5,2", "60000,101,0", "60007,99,1.5")
    ticks = load_ticks(path).candles
    assert ticks.timeframe_ms == TICK_MS
    assert ticks.time.tolist() == [60_000, 60_000, 60_007]  # one time twice, in the order of the file
    for column in (ticks.open, ticks.high, ticks.low, ticks.close):
        assert column.tolist() == [100.5, 101.0, 99.0]
    assert ticks.volume.tolist() == [2.0, 0.0, 1.5]


def test_quantity_may_be_left_out(tmp_path: Path) -> None:
    ticks = load_ticks(written(tmp_path, "timestamp_ms,price", "1,100", "2,101")).candles
    assert ticks.volume.tolist() == [0.0, 0.0]


def test_times_may_be_dates(tmp_path: Path) -> None:
    ticks = load_ticks(
        written(tmp_path, "date,price", "1970-01-01T00:01:00,100", "1970-01-01T00:01:00.250Z,101")
    ).candles
    assert ticks.time.tolist() == [60_000, 60_250]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["timestamp_ms,price", "5,100", "5,101", "4,102"], "row 4: its time is before the row above"),
        (["timestamp_ms,price", "5,100", "6,0"], "row 3: price is zero or negative"),
        (["timestamp_ms,price", "5,-1"], "row 2: price is zero or negative"),
        (["timestamp_ms,price", "5,100", "6,"], "row 3: price is nan, not a number"),
        (["timestamp_ms,price", "5,100", "6,inf"], "row 3: price is inf, not a number"),
        (["timestamp_ms,price", "5,cheap"], "row 2: price is 'cheap', not a number"),
        (["timestamp_ms,price,quantity", "5,100,1", "6,100,-1"], "row 3: quantity is negative"),
        (["timestamp_ms,price,quantity", "5,100,"], "row 2: quantity is nan, not a number"),
        (["timestamp_ms,price", ",100", "5,100"], "row 2: the time is missing"),
        (["date,price", "2025-01-01,100", "soon,100"], "row 3: 'soon' is not a date"),
        (["timestamp_ms,price,side", "5,100,buy"], "unknown column 'side'"),
        (["when,price", "5,100"], "unknown column 'when'"),
        (["timestamp_ms,price"], "no ticks in this file"),
        (["5,100", "6,101"], "row 1: a header is missing"),
    ],
)
def test_what_is_wrong_is_refused_with_file_row_and_reason(tmp_path: Path, lines: list[str], said: str) -> None:
    path = written(tmp_path, *lines)
    with pytest.raises(BadInput) as caught:
        load_ticks(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).count(str(path)) == 1
    assert said in str(caught.value)


def test_candles_are_no_ticks(tmp_path: Path) -> None:
    candles = written(tmp_path, "timestamp_ms,open,high,low,close,volume", "5,1,1,1,1,1", name="c.csv")
    assert not holds_ticks(candles)
    assert holds_ticks(written(tmp_path, "timestamp_ms,price", "5,1"))
    with pytest.raises(BadInput, match="unknown column 'open'"):
        load_ticks(candles)


@given(
    steps=st.lists(st.integers(-3, 5), min_size=1, max_size=20),
    prices=st.lists(st.floats(1e-8, 1e9), min_size=21, max_size=21),
)
def test_times_rise_or_stand(tmp_path_factory: pytest.TempPathFactory, steps: list[int], prices: list[float]) -> None:
    times = np.cumsum([1_000, *steps]).tolist()
    rows = [f"{at},{price!r}" for at, price in zip(times, prices, strict=False)]
    path = written(tmp_path_factory.mktemp("ticks"), "timestamp_ms,price", *rows)
    falls = [index for index, step in enumerate(steps) if step < 0]
    if falls:
        with pytest.raises(BadInput, match=rf"row {falls[0] + 3}: its time is before"):
            load_ticks(path)
    else:
        ticks = load_ticks(path).candles
        assert ticks.time.tolist() == times
        assert ticks.close.tolist() == prices[: len(times)]


# -- on the command line -------------------------------------------------------------------------------------------


def market(folder: Path) -> tuple[Path, list[tuple[int, float]]]:
    """600 generated minutes, and their prints: open, low, high, close at seconds 0, 20, 40 and 59."""
    bars = walk(np.random.default_rng(5), 600, 50_000.0, 0.003, 0.0, MINUTE)
    rows = [f"{at},{o},{h},{low},{c},1" for at, o, h, low, c in bars]
    path = written(folder, "timestamp_ms,open,high,low,close,volume", *rows, name="KRW-BTC_1m.csv")
    seconds = (0, 20, 40, 59)
    prints = [(bar[0] + 1000 * at, bar[k]) for bar in bars for at, k in zip(seconds, (1, 3, 2, 4), strict=True)]
    return path, prints


def replayed(folder: Path, *words: object) -> tuple[list[dict[str, str]], dict[str, float]]:
    trades, figures = folder / "trades.csv", folder / "out.json"
    given_words = ["run", *map(str, words), "--preset", "demo", "--set", "max_hold_minutes=7"]
    given_words += ["--set", "stop_loss_percent=0.004", "--set", "take_profit_percent=0.004"]
    assert run_backtest.main([*given_words, "--trades", str(trades), "--json", str(figures)]) == 0
    with trades.open(encoding="utf-8") as file:
        return list(csv.DictReader(file)), json.loads(figures.read_text("utf-8"))


def test_execution_runs_on_ticks(tmp_path: Path) -> None:
    candles, prints = market(tmp_path)
    ticks = written(tmp_path, "timestamp_ms,price", *(f"{at},{price!r}" for at, price in prints))
    trades, figures = replayed(tmp_path, "--data", candles, "--detail", ticks)
    assert figures["bars"] == len(prints)
    assert figures["ambiguous_trades"] == 0  # inside a tick nothing is unknown
    at = dict(prints)
    assert len(trades) > 10
    for trade in trades:
        # Bought one tick over a print, sold one under it (10 won from 10,000 up to 50,000, 50 above).
        assert 0.0 <= float(trade["entry_price"]) - at[int(trade["entry_time_ms"])] <= 100.0
        assert 0.0 <= at[int(trade["exit_time_ms"])] - float(trade["exit_price"]) <= 100.0
    assert {int(trade["exit_time_ms"]) % MINUTE for trade in trades} >= {20_000, 40_000}  # not at opens only


def test_ticks_of_a_part_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    candles, prints = market(tmp_path)
    ticks = written(tmp_path, "timestamp_ms,price", *(f"{at},{price!r}" for at, price in prints[1200:]))
    trades, figures = replayed(tmp_path, "--data", candles, "--detail", ticks)
    assert figures["bars"] == 1200
    assert all(int(trade["entry_time_ms"]) >= prints[1200][0] for trade in trades)
    assert kst(prints[1200][0]) in capsys.readouterr().err


def test_a_bad_tick_file_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    candles, _ = market(tmp_path)
    ticks = written(tmp_path, "timestamp_ms,price", "1756684800000,100", "1756684799999,100")
    words = ["run", "--data", str(candles), "--detail", str(ticks), "--preset", "demo"]
    assert run_backtest.main(words) == 2
    assert f"{ticks}: row 3: its time is before the row above" in capsys.readouterr().err


def test_help_tells_of_ticks(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_backtest.main(["run", "--help"])
    assert "timestamp_ms,price[,quantity]" in " ".join(capsys.readouterr().out.split())
