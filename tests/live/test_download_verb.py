"""`main.py download` as a person uses it, the real pyupbit against the practice exchange."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.bots import LAUNCHER, QUIET, Home, Simulator, environment, simulator, until

NewHome = Callable[..., Home]
MINUTE = 60_000
CANDLES = "/v1/candles/minutes/1"


@pytest.fixture(scope="module")
def market() -> Iterator[Simulator]:
    """A practice market that stands still."""
    with simulator("--seed", "7", "--speed", "1") as one:
        one.post("/clock", pause=True)
        one.post("/options", limits=False)
        yield one


def now(market: Simulator) -> int:
    at = httpx.get(market.admin + "/clock").json()["market_ms"]
    return int(at) // MINUTE * MINUTE


def iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M")


def words(market: Simulator, back: int, until_back: int = 60, symbols: str = "KRW-BTC,KRW-ETH") -> list[str]:
    start, end = now(market) - back * MINUTE, now(market) - until_back * MINUTE
    period = ["--from", iso(start), "--to", iso(end)]
    return ["download", "--venue", "upbit", "--symbols", symbols, *period, "--simulator", market.admin]


def pages(market: Simulator, since: int) -> int:
    return sum(one["path"] == CANDLES for one in market.truth(since)["requests"])


def rows(home: Home, symbol: str) -> list[tuple[Any, ...]]:
    """Stored candles; none while there is no store yet."""
    query = "SELECT time_ms, open, high, low, close, volume FROM candles WHERE symbol = ? ORDER BY time_ms"
    try:
        with closing(sqlite3.connect(f"file:{home.data / 'candles.db'}?mode=ro", uri=True)) as database:
            return database.execute(query, (symbol,)).fetchall()
    except sqlite3.OperationalError:
        return []


def test_a_download_its_repetition_and_a_backtest_of_it(market: Simulator, new_home: NewHome) -> None:
    home, since = new_home(), int(market.truth()["seq"])
    done = home.call(*words(market, 1000), HAETAE_LANGUAGE="en")
    assert (done.returncode, done.stderr) == (0, "")
    for symbol in ("BTC/KRW", "ETH/KRW"):
        times = [row[0] for row in rows(home, symbol)]
        assert now(market) - 1200 * MINUTE < times[0] and times[-1] < now(market) - 60 * MINUTE
        told = re.search(rf"{symbol} 1m: .* ([\d,]+) candles, (none|[\d,]+) missing", done.stdout)
        assert told is not None, done.stdout
        missing = 0 if told[2] == "none" else int(told[2].replace(",", ""))
        inside = [time for time in times if time >= now(market) - 1000 * MINUTE]
        assert (int(told[1].replace(",", "")), missing) == (len(inside), 940 - len(inside))
    assert "100%" in done.stdout
    first = pages(market, since)
    assert first == 10
    again = home.call(*words(market, 1000), HAETAE_LANGUAGE="en")
    assert again.returncode == 0 and again.stdout.count("nothing to fetch") == 2
    assert pages(market, since) == first
    wider = home.call(*words(market, 1050, 20))
    assert wider.returncode == 0 and wider.stdout.count("나머지만") == 2
    assert pages(market, since) == first + 2  # whole pages were kept, so only the newer end was still missing
    tested = [sys.executable, "run_backtest.py", "run", "--data", str(home.data / "candles.db"), "--symbol", "KRW-ETH"]
    ran = subprocess.run([*tested, "--strategy", "macd", "--json", str(home.folder / "o.json")], timeout=120)
    assert ran.returncode == 0
    assert json.loads((home.folder / "o.json").read_text("utf-8"))["bars"] == len(rows(home, "ETH/KRW"))


def test_killed_midway_it_goes_on_where_it_was(market: Simulator, new_home: NewHome) -> None:
    whole, cut = new_home("whole"), new_home("cut")
    asked = words(market, 1300, symbols="KRW-BTC")
    assert whole.call(*asked).returncode == 0
    market.post("/faults", seed=0, rules=[{"on": f"GET {CANDLES}", "nth": 3, "times": 0, "delay": 30}])
    since = int(market.truth()["seq"])
    bot = cut.start(*asked)
    until(lambda: len(rows(cut, "BTC/KRW")) >= 400, "two pages")
    bot.kill()
    market.post("/faults", seed=0, rules=[])
    assert len(rows(cut, "BTC/KRW")) == 400
    done = cut.call(*asked, HAETAE_LANGUAGE="en")
    assert done.returncode == 0 and "only the rest" in done.stdout
    assert rows(cut, "BTC/KRW") == rows(whole, "BTC/KRW")
    # The page under way when it was killed is the only one asked for twice.
    assert pages(market, since) <= -(-1240 // 200) + 1


def test_interrupted_by_a_person(market: Simulator, new_home: NewHome) -> None:
    home = new_home()
    market.post("/faults", seed=0, rules=[{"on": f"GET {CANDLES}", "nth": 2, "times": 0, "delay": 30}])
    bot = home.start(*words(market, 1300, symbols="KRW-BTC"))
    until(lambda: len(rows(home, "BTC/KRW")) >= 200, "a page")
    bot.end(signal.SIGINT, code=130)
    market.post("/faults", seed=0, rules=[])
    assert "이어서" in bot.complained and len(bot.complained.strip().splitlines()) == 1
    assert len(rows(home, "BTC/KRW")) == 200


def test_beside_a_running_bot(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(60)
    home = new_home(**QUIET)
    bot = home.start("run", "--simulator", exchange.admin).ready()
    done = home.call(*words(exchange, 1400, 0, "KRW-BTC,KRW-ETH,KRW-XRP"))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rows(home, "BTC/KRW")) > 1300
    bot.end()
    real = home.call("download", "--symbols", "KRW-BTC", "--from", "2025-09-01")
    assert real.returncode == 2 and "data-research" in real.stderr and "Traceback" not in real.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"--symbols": "KRW-BTCC"}, "did you mean KRW-BTC?"),
        ({"--symbols": "KRW-BTC,,"}, "empty symbol"),
        ({"--timeframe": "1mm"}, "did you mean 1m?"),
        ({"--timeframe": "2h"}, "did you mean 1h?"),
        ({"--from": "September"}, "2025-09-01"),
        ({"--from": "2025-13-01"}, "2025-09-01"),
        ({"--to": "0001-01-01T00:00+09:00"}, "turn them round"),
        ({"--from": "2999-01-01", "--to": "3000-01-01"}, "no 1m candle has closed"),
        ({"--from": "2025-09-02", "--to": "2025-09-01"}, "turn them round"),
        ({"--venue": "bithumb"}, "upbit"),
        ({"--venue": "upbitt"}, "upbit"),
    ],
)
def test_wrong_words_are_one_sentence(
    changes: dict[str, str], said: str, market: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import main

    given = {"--symbols": "KRW-BTC", "--from": "2025-09-01", "--simulator": market.admin, **changes}
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAETAE_LANGUAGE", "en")
        patch.setattr(main, "ROOT", tmp_path)
        args = ["download", "--data-dir", str(tmp_path / "data"), *(word for pair in given.items() for word in pair)]
        try:
            assert main.main(args) == 2
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    complaint = capsys.readouterr().err
    assert said in complaint
    assert len(complaint.strip().splitlines()) == 1
    assert not (tmp_path / "data" / "candles.db").exists()


def test_no_network_keeps_what_is_there(market: Simulator, new_home: NewHome) -> None:
    home = new_home()
    market.post("/faults", seed=0, rules=[{"on": f"GET {CANDLES}", "nth": 3, "times": 0, "status": 418, "body": "x"}])
    done = home.call(*words(market, 1300, symbols="KRW-BTC"))
    market.post("/faults", seed=0, rules=[])
    assert done.returncode == 5
    assert len(done.stderr.strip().splitlines()) == 1 and "차단" in done.stderr
    assert len(rows(home, "BTC/KRW")) == 400


def test_a_folder_that_cannot_be_written(market: Simulator, new_home: NewHome) -> None:
    home = new_home()
    home.data.mkdir()
    (home.data / "candles.db").write_bytes(b"no database" * 1000)
    done = home.call(*words(market, 200))
    assert done.returncode == 1 and "candles.db" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert (home.data / "candles.db").read_bytes() == b"no database" * 1000


def test_on_a_terminal_there_is_a_bar(market: Simulator, new_home: NewHome) -> None:
    home = new_home()
    master, slave = pty.openpty()
    command = [sys.executable, str(LAUNCHER), *words(market, 800, symbols="KRW-BTC")]
    env = environment(BOT_HOME=str(home.folder), TERM="xterm-256color")
    with subprocess.Popen(command, cwd=home.folder, env=env, stdout=slave, stderr=slave) as process:
        os.close(slave)
        seen = b""
        while select.select([master], [], [], 30.0)[0]:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(master)
    assert process.returncode == 0
    shown = seen.decode()
    assert "100%" in shown and "━" in shown


def test_help_tells_of_zones(capsys: pytest.CaptureFixture[str]) -> None:
    import main

    with pytest.raises(SystemExit):
        main.main(["download", "--help"])
    assert "UTC unless it names a zone" in " ".join(capsys.readouterr().out.split())
