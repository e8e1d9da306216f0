"""Backtests on candles.db: which series, and what is said where there is none."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import run_backtest
from tests.trading.backtest.scripted import grouped, walk
from trading.backtest import candle_db
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.ipc.candle_store import CandleStore

MINUTE = 60_000
BARS = walk(np.random.default_rng(5), 900, 50_000.0, 0.003, 0.0)


def candles(bars: Sequence[Sequence[float]], length: int = MINUTE) -> Candles:
    columns = np.asarray(bars, np.float64).T.copy()
    volume = np.full(len(bars), 1.5)
    return Candles(columns[0].astype(np.int64), columns[1], columns[2], columns[3], columns[4], volume, length)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two symbols, one in two timeframes, and another venue."""
    with closing(CandleStore(tmp_path)) as one:
        one.put("upbit", "BTC/KRW", candles(BARS), 1)
        one.put("upbit", "BTC/KRW", candles(grouped(BARS, 15 * MINUTE), 15 * MINUTE), 1)
        one.put("upbit", "ETH/KRW", candles(BARS[::2]), 1)
        one.put("bithumb", "BTC/KRW", candles(BARS[:50]), 1)
    return tmp_path / "candles.db"


def run(tmp_path: Path, *words: object, code: int = 0) -> dict[str, float]:
    out = tmp_path / "out.json"
    assert run_backtest.main(["run", *map(str, words), "--strategy", "macd", "--json", str(out)]) == code
    return json.loads(out.read_text("utf-8")) if code == 0 else {}


def test_the_store_gives_what_a_file_gives(store: Path, tmp_path: Path) -> None:
    rows = ["timestamp_ms,open,high,low,close,volume", *(",".join(map(repr, [*bar, 1.5])) for bar in BARS)]
    (tmp_path / "c.csv").write_text("\n".join(rows), encoding="utf-8")
    results = []
    for data in (store, tmp_path / "c.csv"):
        words = ["--data", data, "--venue", "upbit", "--symbol", "KRW-BTC", "--timeframe", "1m"]
        run(tmp_path, *words, "--trades", tmp_path / "t")
        results.append((tmp_path / "t").read_text("utf-8"))
    assert results[0] == results[1]
    assert len(results[0].splitlines()) > 3


def test_what_is_not_named_is_found_where_there_is_one_only(store: Path, tmp_path: Path) -> None:
    assert run(tmp_path, "--data", store, "--symbol", "KRW-ETH")["bars"] == 450
    assert run(tmp_path, "--data", store, "--timeframe", "15m")["bars"] == len(grouped(BARS, 15 * MINUTE))
    assert run(tmp_path, "--data", store, "--venue", "bithumb")["bars"] == 50


def test_detail_is_the_finest_there_is(store: Path, tmp_path: Path) -> None:
    words = ["--data", store, "--symbol", "KRW-BTC", "--timeframe", "15m", "--detail", store]
    assert run(tmp_path, *words)["bars"] == 900


def test_a_portfolio_out_of_one_store(store: Path, tmp_path: Path) -> None:
    words = ["--data", store, "--symbol", "KRW-BTC", "--data", store, "--symbol", "KRW-ETH", "--timeframe", "1m"]
    assert run(tmp_path, *words)["bars"] == 900 + 450


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--symbol", "KRW-XRP"], "no KRW-XRP of upbit; there is: KRW-BTC 1m, KRW-BTC 15m, KRW-ETH 1m"),
        (["--symbol", "KRW-ETH", "--timeframe", "1h"], "no KRW-ETH 1h of upbit"),
        (["--venue", "stock"], "there is: -"),
        (["--symbol", "KRW-BTC"], "choose one with --symbol and --timeframe: KRW-BTC 1m, KRW-BTC 15m"),
        (["--timeframe", "1m"], "KRW-BTC 1m, KRW-ETH 1m"),
    ],
)
def test_a_missing_series_is_said_with_what_there_is(
    words: list[str],
    said: str,
    store: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    run(tmp_path, "--data", store, *words, code=2)
    complaint = capsys.readouterr().err
    assert said in complaint and str(store) in complaint
    assert len(complaint.strip().splitlines()) == 1


def test_what_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "rubbish.db").write_bytes(b"no database" * 1000)
    (tmp_path / "empty.db").write_bytes(b"")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE candles (venue TEXT)")
    for name in ("missing.db", "folder.db", "rubbish.db", "empty.db", "other.db"):
        with pytest.raises(BadInput) as caught:
            candle_db.load(tmp_path / name, "upbit", "KRW-BTC", "1m")
        assert str(caught.value).startswith(f"{tmp_path / name}: "), name


@pytest.mark.parametrize("change", ["open = 0", "high = low - 1", "close = 'x'", "low = -1", "volume = -1"])
def test_a_spoilt_row_is_refused(change: str, store: Path) -> None:
    with closing(sqlite3.connect(store)) as database:
        database.execute(f"UPDATE candles SET {change} WHERE symbol = 'ETH/KRW' AND time_ms = ?", (int(BARS[4][0]),))
        database.commit()
    with pytest.raises(BadInput, match=r"candles\.db: "):
        candle_db.load(store, "upbit", "KRW-ETH", "1m")


def test_reading_while_the_bot_writes_leaves_its_file_alone(store: Path) -> None:
    with closing(CandleStore(store.parent)) as bot:
        bot.put("upbit", "BTC/KRW", candles([[BARS[-1][0] + MINUTE, *BARS[-1][1:]]]), 1)
        before = store.read_bytes()
        symbol, read = candle_db.load(store, "upbit", "BTC", "1m")
        assert (symbol, len(read)) == ("BTC", 901)  # what still lies in the journal too
        assert store.read_bytes() == before
