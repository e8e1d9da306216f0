"""The report of `run_backtest.py` as a person gets it: in the terminal, as JSON, CSV and HTML."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

import run_backtest
from tests.shared_data import shared
from tests.test_run_backtest import NO_LIMITS, OPEN_DOORS, run, table
from trading.backtest import one_run

ROOT = Path(run_backtest.__file__).parent


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,500 generated minutes."""
    path = tmp_path_factory.mktemp("candles") / "KRW-BTC_1m.csv"
    table(1, 1500).to_csv(path, index=False)
    return path


def read(path: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads(
        path.read_text(encoding="utf-8"), parse_constant=lambda word: pytest.fail(word)
    )
    return told


def test_the_tables_of_the_json_add_up(candles: Path, tmp_path: Path) -> None:
    out, listed = tmp_path / "out.json", tmp_path / "t.csv"
    run("--data", candles, *OPEN_DOORS, "--json", out, "--trades", listed)
    told = json.loads(out.read_text(encoding="utf-8"))
    with listed.open(encoding="utf-8") as file:
        pnl = sum(float(line["pnl"]) for line in csv.DictReader(file))
    assert told["trades"] > 3
    assert told["realized_pnl"] == pytest.approx(pnl)
    for name in ("per_symbol", "per_month", "per_exit_reason"):
        assert sum(row["trades"] for row in told[name]) == told["trades"]
        assert sum(row["pnl"] for row in told[name]) == pytest.approx(pnl)
    assert math.prod(1 + row["net_return"] for row in told["per_month"]) == pytest.approx(1 + told["net_return"])
    assert len(told["ambiguous"]) == told["ambiguous_trades"]
    assert told["buy_and_hold_max_drawdown"] > 0
    assert 0 < told["exposure"] <= 1
    assert told["slippage"] > 0
    assert told["seconds"] <= told["seconds_total"]


def test_files_for_machines_alone_run_once(candles: Path, tmp_path: Path) -> None:
    """Dearer costs are three more runs: only a report that shows them makes them."""
    quick, full = tmp_path / "quick.json", tmp_path / "full.json"
    run("--data", candles, *OPEN_DOORS, "--json", quick)
    run("--data", candles, *OPEN_DOORS, "--json", full, "--html", tmp_path / "r.html")
    assert read(quick)["cost_stress"] is None
    rows = json.loads(full.read_text(encoding="utf-8"))["cost_stress"]
    assert [row["case"] for row in rows] == ["as_is", "fees", "slippage", "both"]
    out = tmp_path / "dear.json"
    run("--data", candles, *OPEN_DOORS, "--json", out, "--set", "fee_rate=0.001", "--set", "slippage_ticks=3")
    assert rows[3]["final_equity"] == pytest.approx(read(out)["final_equity"])


def test_the_page_is_that_of_the_run(candles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    html, out = tmp_path / "r.html", tmp_path / "o.json"
    run("--data", candles, "--symbol", "KRW-<i>X", *OPEN_DOORS, "--html", html, "--json", out)
    content = html.read_text(encoding="utf-8")
    assert f"{read(out)['final_equity']:,.0f} KRW" in content
    assert "KRW-&lt;i&gt;X" in content
    assert "<i>" not in content
    assert str(candles) in content
    assert "--set sizing=all_in --html" in content
    assert f"Version {one_run._version()}" in content


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_terminal_keeps_to_its_width(
    lang: str, candles: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", lang)
    monkeypatch.setenv("COLUMNS", "80")
    run("--data", candles, *NO_LIMITS)
    lines = capsys.readouterr().out.splitlines()
    assert bool(re.search("[가-힣]", "".join(lines))) == (lang == "ko")
    tables = [line for line in lines if "  " in line]
    assert len(tables) > 20
    for line in tables:
        width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
        assert width <= 80, line
    assert not any("…" in line for line in tables)


def test_a_market_in_dollars_has_cents(
    candles: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    run("--data", candles, "--venue", "binance_spot", "--symbol", "BTCUSDT", *NO_LIMITS, "--cash", "100000")
    said = capsys.readouterr().out
    assert re.search(r"Final equity +[\d,]+\.\d\d USDT", said)
    assert "so three times the slippage changes nothing" in said


def test_notes_come_after_the_latch(tmp_path: Path) -> None:
    falling = table(1, 3000)
    for name in ("open", "high", "low", "close"):
        falling[name] *= 1 - 0.0002 * falling.index
    falling["volume"] = ""
    path = tmp_path / "KRW-BTC_1m.csv"
    falling.to_csv(path, index=False)
    command = ["run", "--data", path, *OPEN_DOORS, "--set", "drawdown_limit=0.01"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "run_backtest.py"), *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "HAETAE_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"},
        text=True,
        timeout=120,
    )
    first, second, third = done.stdout.splitlines()[:3]
    assert first.startswith("The drawdown limit latched on")
    assert "volume column is empty" in second
    assert third.startswith("macd · KRW-BTC · 1m · ")


@pytest.mark.parametrize("option", ["--json", "--trades", "--html"])
def test_a_place_that_cannot_be_written_is_refused_before_the_run(
    option: str, candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in (tmp_path, tmp_path / "no" / "out"):
        run("--data", candles, *OPEN_DOORS, option, target, code=2)
        said = capsys.readouterr()
        assert said.err.startswith(f"{target}: ")
        assert len(said.err.strip().splitlines()) == 1
        assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_does_not_cost_the_result(candles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("--data", candles, *OPEN_DOORS, "--html", "/dev/full", code=2)
    said = capsys.readouterr()
    assert "macd · KRW-BTC" in said.out
    assert said.err.startswith("/dev/full: ")
    assert "Traceback" not in said.err


def test_a_reader_that_goes_away_does_not_cost_the_files(candles: Path, tmp_path: Path) -> None:
    out, html = tmp_path / "o.json", tmp_path / "r.html"
    words = ["run", "--data", candles, *OPEN_DOORS, "--json", out, "--html", html]
    child = subprocess.Popen(
        [sys.executable, str(ROOT / "run_backtest.py"), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    child.stdout.close()
    child.wait(120)
    assert read(out)["trades"]
    assert html.stat().st_size > 10_000


def test_two_real_markets(tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    data = [word for name in ("BTC", "ETH") for word in ("--data", shared(f"upbit/KRW-{name}_1h.csv"))]
    run(*data, "--strategy", "breakout", "--json", out, "--set", "drawdown_limit=0")
    told = json.loads(out.read_text(encoding="utf-8"))
    assert {row["name"] for row in told["per_symbol"]} == {"BTC/KRW", "ETH/KRW"}
    assert len(told["per_month"]) == 45
    assert told["max_drawdown_start_ms"] < told["max_drawdown_low_ms"]
