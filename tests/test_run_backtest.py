"""`run_backtest.py` as a person uses it: what it writes, and what it says to a file or a word it does not like."""

from __future__ import annotations

import csv
import json
import math
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import run_backtest
from tests.shared_data import shared
from tests.trading.backtest.scripted import grouped, walk

ROOT = Path(__file__).resolve().parents[1]
MINUTE = 60_000
HEADER = "timestamp_ms,open,high,low,close,volume"
COLUMNS = [
    "symbol",
    "side",
    "entry_time_ms",
    "entry_price",
    "quantity",
    "exit_time_ms",
    "exit_price",
    "exit_reason",
    "fee",
    "pnl",
    "pnl_percent",
]
LEAST = {
    "bars",
    "trades",
    "final_equity",
    "net_return",
    "buy_and_hold_return",
    "max_drawdown",
    "win_rate",
    "profit_factor",
    "sharpe",
    "ambiguous_trades",
    "seconds",
    "seconds_total",
}
NO_LIMITS = ["--strategy", "macd", "--set", "daily_loss_limit=0", "--set", "drawdown_limit=0"]
OPEN_DOORS = [*NO_LIMITS, "--set", "sizing=all_in"]


def table(seed: int, n: int, length: int = MINUTE) -> pd.DataFrame:
    """A generated series in the plainest form."""
    bars = walk(np.random.default_rng(seed), n, 50_000.0, 0.003, 0.0, length)
    frame = pd.DataFrame(bars, columns=HEADER.split(",")[:5])
    frame["volume"] = 1.5
    return frame


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,500 generated minutes."""
    path = tmp_path_factory.mktemp("candles") / "KRW-BTC_1m.csv"
    table(1, 1500).to_csv(path, index=False)
    return path


def run(*words: object, code: int = 0) -> None:
    assert run_backtest.main(["run", *map(str, words)]) == code


def trades_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# -- what it writes --------------------------------------------------------------------------------------------------


def test_a_run_as_a_user_types_it(series: Path, tmp_path: Path) -> None:
    out, listed = tmp_path / "out.json", tmp_path / "trades.csv"
    words = ["run", "--data", series, "--venue", "upbit", "--symbol", "KRW-BTC", "--timeframe", "1m", *OPEN_DOORS]
    words += ["--set", "slippage_ticks=0", "--cash", "1000000", "--exact", "--json", out, "--trades", listed]
    done = _command(words, tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures.keys() >= LEAST
    assert figures["bars"] == 1500
    trades = trades_of(listed)
    assert list(trades[0]) == COLUMNS
    assert len(trades) == figures["trades"] > 3
    assert {trade["symbol"] for trade in trades} == {"KRW-BTC"}
    assert figures["final_equity"] == pytest.approx(1_000_000 * (1 + figures["net_return"]))
    assert str(len(trades)) in done.stdout


def _command(words: Sequence[object], cwd: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(ROOT / "run_backtest.py"), *map(str, words)]
    return subprocess.run(program, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_every_line_of_the_trades_adds_up(series: Path, tmp_path: Path) -> None:
    listed = tmp_path / "trades.csv"
    run("--data", series, *OPEN_DOORS, "--trades", listed, "--json", tmp_path / "out.json")
    trades = trades_of(listed)
    assert trades
    for line in trades:
        entry, leave, size = float(line["entry_price"]), float(line["exit_price"]), float(line["quantity"])
        fee, pnl = float(line["fee"]), float(line["pnl"])
        assert fee == pytest.approx(0.0005 * size * (entry + leave))
        assert pnl == pytest.approx((leave - entry) * size - fee, abs=1e-6)
        assert float(line["pnl_percent"]) == pytest.approx(100 * pnl / (entry * size), abs=1e-9)
        assert int(line["exit_time_ms"]) >= int(line["entry_time_ms"])
        assert line["side"] == "long"
        assert entry % 50 == leave % 50 == 0 or entry < 50_000 or leave < 50_000
    figures = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    wins = [float(line["pnl"]) for line in trades if float(line["pnl"]) > 0]
    losses = [float(line["pnl"]) for line in trades if float(line["pnl"]) <= 0]
    assert figures["win_rate"] == pytest.approx(len(wins) / len(trades))
    assert figures["profit_factor"] == pytest.approx(sum(wins) / -sum(losses))
    assert 0 <= figures["max_drawdown"] < 1
    assert figures["fees"] == pytest.approx(sum(float(line["fee"]) for line in trades))


def test_no_trade_is_no_crash_and_no_nan(tmp_path: Path) -> None:
    short = tmp_path / "KRW-BTC_1m.csv"
    table(2, 20).to_csv(short, index=False)
    out = tmp_path / "out.json"
    run("--data", short, "--strategy", "breakout", "--json", out, "--trades", tmp_path / "t.csv")
    figures = json.loads(out.read_text(encoding="utf-8"), parse_constant=lambda word: pytest.fail(word))
    assert figures["trades"] == 0
    assert figures["net_return"] == 0
    assert figures["win_rate"] is None
    assert trades_of(tmp_path / "t.csv") == []
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").strip() == ",".join(COLUMNS)


def test_buying_and_holding_pays_the_same_costs(series: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    run("--data", series, *OPEN_DOORS, "--json", out, "--set", "slippage_ticks=2")
    frame = pd.read_csv(series)
    first, last = frame["open"].iloc[0], frame["close"].iloc[-1]
    tick = 50 if first >= 50_000 else 10
    paid = math.ceil(first / tick - 1e-9) * tick
    paid += 2 * (50 if paid >= 50_000 else 10)
    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["buy_and_hold_return"] == pytest.approx(last / (paid * 1.0005) - 1)


def test_detail_moves_execution_to_the_finer_candles(tmp_path: Path) -> None:
    fine = walk(np.random.default_rng(4), 6000, 50_000.0, 0.002, 0.0)
    names = HEADER.split(",")[:5]
    for name, bars in (("1m", fine), ("15m", grouped(fine, 15 * MINUTE))):
        pd.DataFrame(bars, columns=names).assign(volume=1.0).to_csv(tmp_path / f"KRW-BTC_{name}.csv", index=False)
    results = {}
    for name, more in (("coarse", []), ("fine", ["--detail", tmp_path / "KRW-BTC_1m.csv"])):
        run(
            "--data",
            tmp_path / "KRW-BTC_15m.csv",
            *OPEN_DOORS,
            *more,
            "--json",
            tmp_path / name,
            "--trades",
            tmp_path / "t",
        )
        results[name] = (json.loads((tmp_path / name).read_text(encoding="utf-8")), trades_of(tmp_path / "t"))
    assert results["coarse"][0]["bars"] == len(grouped(fine, 15 * MINUTE))
    assert results["fine"][0]["bars"] == len(fine)
    assert any(int(trade["exit_time_ms"]) % (15 * MINUTE) for trade in results["fine"][1])
    assert not any(int(trade["exit_time_ms"]) % (15 * MINUTE) for trade in results["coarse"][1])
    assert results["fine"][0]["ambiguous_trades"] <= results["coarse"][0]["ambiguous_trades"]


def test_a_portfolio_shares_one_account(series: Path, tmp_path: Path) -> None:
    second = tmp_path / "KRW-ETH_1m.csv"
    table(9, 1500).to_csv(second, index=False)
    listed = tmp_path / "t.csv"
    words = [*NO_LIMITS, "--set", "sizing=fixed", "--trades", listed, "--set", "max_position_size=0.4"]
    run("--data", series, "--symbol", "KRW-BTC", "--data", second, "--symbol", "KRW-ETH", *words)
    assert {trade["symbol"] for trade in trades_of(listed)} == {"KRW-BTC", "KRW-ETH"}


def test_parameters_and_knobs_reach_the_run(series: Path, tmp_path: Path) -> None:
    counts = []
    for words in ([], ["--param", "golden_cross=false"], ["--set", "take_profit_percent=0.001"]):
        run("--data", series, *OPEN_DOORS, *words, "--json", tmp_path / "o.json")
        counts.append(json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["trades"])
    assert counts[1] == 0  # every option off: no entry
    assert counts[2] != counts[0]


def test_a_preset_brings_its_values(series: Path, tmp_path: Path) -> None:
    run("--data", series, "--preset", "macd_classic", "--timeframe", "1m", "--json", tmp_path / "o.json")
    assert json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["strategy"] == "macd"


def test_a_drawdown_latch_is_the_first_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    falling = table(1, 3000)
    factor = np.linspace(1, 0.3, len(falling))
    for name in ("open", "high", "low", "close"):
        falling[name] *= factor
    path = tmp_path / "KRW-BTC_1m.csv"
    falling.to_csv(path, index=False)
    run("--data", path, *OPEN_DOORS, "--set", "drawdown_limit=0.01")
    first = capsys.readouterr().out.strip().splitlines()[0]
    assert re.search(r"20\d\d-\d\d-\d\d", first)
    assert "─" not in first


def test_a_filter_that_never_passes_is_named(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--data", series, *OPEN_DOORS, "--set", "min_atr_percent=0.05")
    assert "min_atr_percent" in capsys.readouterr().err


def test_the_same_run_gives_the_same_bytes(series: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("--data", series, *OPEN_DOORS, "--trades", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# -- words it does not know --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "take_profit_percnt=0.05"], "take_profit_percent"),
        (["--set", "take_profit_percent=much"], "take_profit_percent"),
        (["--set", "emergency_stop_percent=0.9"], "emergency_stop_percent"),
        (["--set", "take_profit_percent"], "take_profit_percent"),
        (["--set", "mode=live"], "mode"),
        (["--param", "golden_crss=true"], "golden_cross"),
        (["--param", "golden_cross=perhaps"], "golden_cross"),
        (["--param", "golden_cross"], "golden_cross"),
        (["--strategy", "mcad"], "macd"),
        (["--preset", "scalpin"], "scalping"),
        (["--cash", "-5"], "-5"),
        (["--cash", "much"], "much"),
        (["--symbol", "KRW-BTC", "--symbol", "KRW-ETH"], "2"),
        (["--detail", "a", "--detail", "b"], "2"),
        (["--json", "/nowhere/at/all/out.json"], "/nowhere/at/all"),
    ],
)
def test_what_is_wrong_is_named_with_the_nearest_name(
    words: list[str], said: str, series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = [] if "--strategy" in words or "--preset" in words else ["--strategy", "macd"]
    run("--data", series, *base, *words, code=2)
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert len(captured.err.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [["--timeframe", "7m"], ["--venue", "upbitt"], ["--nonsense"]])
def test_options_out_of_their_choices_exit_2(words: list[str], series: Path) -> None:
    with pytest.raises(SystemExit) as left:
        run_backtest.main(["run", "--data", str(series), *words])
    assert left.value.code == 2


@pytest.mark.parametrize(("lang", "said"), [("ko", "혹시 'macd'인가요?"), ("en", "did you mean macd?")])
def test_a_hint_comes_in_the_language_of_the_user(
    lang: str, said: str, series: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", lang)
    run("--data", series, "--strategy", "mcad", code=2)
    assert said in capsys.readouterr().err


def test_a_wrong_word_in_a_shell_is_one_sentence(series: Path, tmp_path: Path) -> None:
    done = _command(["run", "--data", series, "--strategy", "breakout", "--param", "kk=0.5"], tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert re.search(r"\bk\b", done.stderr)
    assert done.stdout == ""


def test_two_files_for_one_symbol_are_refused(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--data", series, "--data", series, "--symbol", "KRW-BTC", "--symbol", "BTC", "--strategy", "macd", code=2)
    assert "BTC" in capsys.readouterr().err


def test_detail_must_be_finer(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--data", series, "--detail", series, "--strategy", "macd", code=2)
    assert "1m" in capsys.readouterr().err


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says is said in English."""
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")


GOOD = [
    "1756684800000,100,101,99,100,1",
    "1756684860000,100,102,99,101,1",
    "1756684920000,101,103,100,102,1",
    "1756684980000,102,104,101,103,1",
]


def changed(line: int, text: str) -> list[str]:
    """A good file with its `line` (the header is 1) replaced."""
    lines = [HEADER, *GOOD]
    lines[line - 1] = text
    return lines


@pytest.mark.parametrize(
    ("lines", "row", "reason"),
    [
        (changed(4, "1756684860000,101,103,100,102,1"), 4, "time"),
        (changed(4, "1756684800000,101,103,100,102,1"), 4, "time"),
        (changed(3, "1756684860000,100,99,102,101,1"), 3, "high"),
        (changed(5, "1756684980000,102,104,101,,1"), 5, "close"),
        (changed(5, "1756684980000,102,nan,101,103,1"), 5, "high"),
        (changed(5, "1756684980000,inf,104,101,103,1"), 5, "open"),
        (changed(5, "1756684980000,x,104,101,103,1"), 5, "open"),
        (changed(2, "1756684800000,0,101,99,100,1"), 2, "open"),
        (changed(2, "1756684800000,100,101,-1,100,1"), 2, "low"),
        (changed(3, "1756684860000,100,102,99,101,-1"), 3, "volume"),
        (changed(3, "1756684860000,100,102,99,101,"), 3, "volume"),
        (changed(3, "soon,100,102,99,101,1"), 3, "soon"),
        (changed(3, ",100,102,99,101,1"), 3, "time"),
    ],
)
def test_a_bad_row_is_named(
    lines: list[str],
    row: int,
    reason: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "KRW-BTC_1m.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for lang, where, why in (("en", rf"row {row}\b", reason), ("ko", rf"행 {row}\b", reason.replace("time", "시간"))):
        monkeypatch.setenv("HAETAE_LANGUAGE", lang)
        run("--data", path, "--strategy", "macd", code=2)
        said = capsys.readouterr().err
        assert said.startswith(f"{path}: ")
        assert re.search(where, said), said
        assert why in said
        assert bool(re.search("[가-힣]", said)) == (lang == "ko")
        assert len(said.strip().splitlines()) == 1


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", ""),
        (HEADER + "\n", ""),
        ("timestamp_ms,open,high,low,close,volume,magic\n" + GOOD[0] + ",7\n", "magic"),
        ("when,open,high,low,close,volume\n" + GOOD[0] + "\n", "when"),
        ("timestamp_ms,open,high,low,volume\n1756684800000,1,1,1,1\n", "close"),
        ("timestamp_ms,open,open,high,low,close,volume\n1756684800000,1,1,1,1,1,1\n", "open"),
        ("\n".join(GOOD), "header"),
        ("\x00\x01\x02", ""),
        ("timestamp_ms;open;high;low;close;volume\n1756684800000;1;1;1;1;1\n", ""),
    ],
)
def test_a_file_that_is_no_candles_is_refused(
    content: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "KRW-BTC_1m.csv"
    path.write_text(content, encoding="utf-8")
    run("--data", path, "--strategy", "macd", code=2)
    said = capsys.readouterr().err
    assert str(path) in said
    assert reason in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet", ""])
def test_a_missing_file_is_named(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--data", tmp_path / name, "--strategy", "macd", code=2)
    said = capsys.readouterr().err
    assert str(tmp_path / name) in said
    assert "Traceback" not in said


def test_bytes_that_are_no_text_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.csv", "a.parquet"):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00PAR1\x80\x81")
        run("--data", tmp_path / name, "--strategy", "macd", code=2)
        assert name in capsys.readouterr().err


KLINE = ["open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count"]
KLINE += ["taker_buy_volume", "taker_buy_quote_volume", "ignore"]


def kline(frame: pd.DataFrame, scale: int = 1) -> pd.DataFrame:
    """The same candles as Binance publishes them."""
    wide = frame.rename(columns={"timestamp_ms": "open_time"})
    wide["open_time"] *= scale
    wide["close_time"] = wide["open_time"] + MINUTE * scale - 1
    for name in KLINE[7:]:
        wide[name] = 0
    return wide[KLINE]


def test_every_form_of_the_same_candles_gives_the_same_trades(series: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(series)
    dates = pd.to_datetime(frame["timestamp_ms"], unit="ms", utc=True)
    iso = frame.drop(columns="timestamp_ms")
    kline(frame).to_csv(tmp_path / "header.csv", index=False)
    kline(frame).to_csv(tmp_path / "headless.csv", index=False, header=False)
    kline(frame, 1000).to_csv(tmp_path / "micro.csv", index=False, header=False)
    frame.assign(timestamp_ms=frame["timestamp_ms"] * 1000).to_csv(tmp_path / "micro_plain.csv", index=False)
    iso.assign(date=dates.dt.strftime("%Y-%m-%d %H:%M:%S"))[["date", *iso]].to_csv(tmp_path / "naive.csv", index=False)
    iso.assign(Date=dates.dt.strftime("%Y-%m-%dT%H:%M:%SZ"))[["Date", *iso]].to_csv(tmp_path / "zulu.csv", index=False)
    seoul = dates.dt.tz_convert("Asia/Seoul").map(lambda moment: moment.isoformat())
    iso.assign(DateTime=seoul)[["DateTime", *iso]].to_csv(tmp_path / "seoul.csv", index=False)
    frame.to_parquet(tmp_path / "plain.parquet", index=False)
    iso.assign(date=dates)[["date", *iso]].to_parquet(tmp_path / "dates.parquet", index=False)
    frame.rename(columns=str.title).to_csv(
        tmp_path / "crlf.csv", index=False, lineterminator="\r\n", encoding="utf-8-sig"
    )
    (tmp_path / "crlf.csv").write_bytes((tmp_path / "crlf.csv").read_bytes().replace(b"Timestamp_Ms", b"timestamp_ms"))
    run("--data", series, *OPEN_DOORS, "--trades", tmp_path / "wanted")
    wanted = (tmp_path / "wanted").read_bytes()
    assert len(wanted.splitlines()) > 4
    names = ["header", "headless", "micro", "micro_plain", "naive", "zulu", "seoul", "crlf"]
    for path in [tmp_path / f"{name}.csv" for name in names] + sorted(tmp_path.glob("*.parquet")):
        run("--data", path, "--symbol", "KRW-BTC", *OPEN_DOORS, "--trades", tmp_path / "got")
        assert (tmp_path / "got").read_bytes() == wanted, path.name


@pytest.mark.usefixtures("english")
def test_a_bad_row_of_a_file_without_header_is_named_by_its_line(
    series: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = kline(pd.read_csv(series))
    frame.loc[2, "low"] = 1e9
    path = tmp_path / "KRW-BTC_1m.csv"
    frame.to_csv(path, index=False, header=False)
    run("--data", path, "--strategy", "macd", code=2)
    assert re.search(r"row 3\b", capsys.readouterr().err)


def test_an_empty_volume_column_is_said(series: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "KRW-BTC_1m.csv"
    pd.read_csv(series).assign(volume=np.nan).to_csv(path, index=False)
    run("--data", path, *OPEN_DOORS)
    said = capsys.readouterr().err
    assert str(path) in said
    assert len(said.strip().splitlines()) == 1  # once


@pytest.mark.parametrize(
    ("file", "venue", "symbol"),
    [
        ("binance/AVAXUSDT-1m-2026-02.csv", "binance_spot", "AVAXUSDT"),
        ("binance/BTCUSDT-1h-2022-01_2023-12.csv", "binance_spot", "BTCUSDT"),
        ("binance/XRP_USDT_USDT-1h-futures.csv", "binance_spot", "XRP/USDT"),
        ("krx/005930_1d.csv", "stock", "005930"),
        ("bithumb/BTC_KRW_3m.csv", "bithumb", "BTC"),
    ],
)
def test_recorded_files_of_every_venue_load(file: str, venue: str, symbol: str, tmp_path: Path) -> None:
    folder, _, name = file.partition("/")
    found = sorted(shared(folder).glob(f"{name.split('_')[0]}*.csv")) if folder != "binance" else [shared(file)]
    run("--data", found[0], "--venue", venue, "--symbol", symbol, "--strategy", "macd", "--json", tmp_path / "o.json")
    assert json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))["bars"] > 30
