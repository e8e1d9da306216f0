"""One market lived twice: by the bot against the simulator in lock-step, and by the exact replay of the same ticks.

Each of the programs is a process of its own: the bot (which starts the simulator as its child), the writer of the tick
files, the replay. What they share is the candle files and the seed.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from trading.core.rules import names_of

REPO = Path(__file__).resolve().parents[2]
SEED = 7
CASH = 1_000_000
HISTORY = 1_500
"""Candles before the market opens: what the simulator keeps of a replayed file as the past (less of a short one)."""
PATIENCE_S = 600.0
SLOW = "0.001"
"""Speed of the market between its start and the bot's first step: so little that not even one print passes."""
PENNY = 1e-9
SECRETS = ("HAETAE_", "UPBIT_", "BITHUMB_", "BINANCE_", "KIS_", "LIVE_", "DATABASE_", "DB_", "TELEGRAM_", "DISCORD_")

NO_LIMITS = {
    "max_orders_per_minute": "0",
    "max_trades_per_day": "0",
    "cooldown_after_losses": "0",
    "daily_loss_limit": "0",
    "drawdown_limit": "0",
}


@dataclass(frozen=True)
class Case:
    """A market and what it is traded with. files: recorded candles; start, candles: which rows of them.

    The first `HISTORY` of the candles are the past. timeframe: of the signals. promised: the least number of trades by
    exit reason; trades: the least in all.
    """

    name: str
    files: tuple[str, ...]
    start: int
    candles: int
    preset: str
    timeframe: str
    trades: int
    promised: Mapping[str, int]
    knobs: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def symbols(self) -> list[str]:
        """As the venue writes them: KRW-BTC."""
        return [Path(name).stem.split("_")[0] for name in self.files]


@dataclass(frozen=True)
class Trip:
    """A closed round trip, as either side tells it. Times ms UTC, prices and money KRW."""

    symbol: str
    side: str
    entry_ms: int
    entry_price: float
    quantity: float
    exit_ms: int
    exit_price: float
    reason: str
    fee: float
    pnl: float

    @property
    def exact(self) -> tuple[object, ...]:
        """What must be equal to the last bit."""
        prices = (self.entry_price, self.quantity, self.exit_price)
        return (self.symbol, self.side, self.entry_ms, self.exit_ms, self.reason, *prices)


def environment(**more: str) -> dict[str, str]:
    """The environment without anything a developer's shell sets for the bot."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    return kept | {"PYTHONPATH": str(REPO), "COLUMNS": "160"} | more


def call(words: Iterable[object], folder: Path, **more: str) -> str:
    """Runs a Python program to its end and gives what it said; it must end well."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, f"{list(map(str, words))}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def cut(case: Case, sources: Iterable[Path], folder: Path) -> list[Path]:
    """The case's rows of the recorded series, as files of their own."""
    assert case.candles * 9 // 10 >= HISTORY, "the simulator would open earlier"
    slices = []
    for source in sources:
        header, *rows = source.read_text("utf-8").splitlines()
        chosen = rows[case.start : case.start + case.candles]
        assert len(chosen) == case.candles, f"{source.name} is too short"
        path = folder / source.name
        path.write_text("\n".join([header, *chosen]) + "\n", encoding="utf-8")
        slices.append(path)
    return slices


def market_files(case: Case, slices: Iterable[Path], folder: Path) -> None:
    """Ticks and signal candles of the replayed market."""
    words: list[object] = ["-m", "tests.parity.market_files", "--seed", SEED, "--timeframe", case.timeframe]
    words += ["--out", folder]
    for path, symbol in zip(slices, case.symbols, strict=True):
        words += ["--replay", path, "--symbol", symbol]
    call(words, folder)


def ticks_file(folder: Path, symbol: str) -> Path:
    """Where `market_files` writes the ticks of a symbol."""
    return folder / f"{symbol}_ticks.csv"


def live(case: Case, slices: Iterable[Path], home: Path) -> list[Trip]:
    """Lets the bot trade the market to its end and reads its ledger."""
    home.mkdir()
    symbols = [names_of("upbit", symbol)[0] for symbol in case.symbols]
    knobs = {"preset": case.preset, "timeframe": case.timeframe, "symbols": ",".join(symbols), **case.knobs}
    knobs |= {"initial_capital": str(CASH), **{f"param_{name}": value for name, value in case.params.items()}}
    env = home / ".env"
    env.write_text("".join(f"HAETAE_{name.upper()}={value}\n" for name, value in knobs.items()), encoding="utf-8")
    env.chmod(0o600)
    words: list[object] = [REPO / "tests/parity/bot.py", "run", "--mode", "demo", "--lockstep", "--speed", SLOW]
    words += ["--seed", SEED, "--data-dir", home / "data"]
    for path, symbol in zip(slices, case.symbols, strict=True):
        words += ["--replay", path, "--symbol", symbol]
    call(words, home, BOT_HOME=str(home))
    return lived(home / "data" / "ledger.db")


def lived(ledger: Path) -> list[Trip]:
    """Closed trades of a ledger, in the order in which they closed."""
    query = (
        "select symbol, side, entry_ms, entry_price, quantity, exit_ms, exit_price, exit_reason, fee, pnl "
        "from trades order by seq"
    )
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as database:
        rows = database.execute(query).fetchall()
    return [
        Trip(row[0], row[1], row[2], float(row[3]), float(row[4]), row[5], float(row[6]), row[7], *map(float, row[8:]))
        for row in rows
    ]


def replayed(case: Case, folder: Path, ticks: Mapping[str, Path] | None = None) -> list[Trip]:
    """The same market through `run_backtest.py`. ticks: other tick files by symbol."""
    out = folder / "trades.csv"
    words: list[object] = [REPO / "run_backtest.py", "run", "--exact", "--venue", "upbit", "--cash", CASH]
    words += ["--preset", case.preset, "--timeframe", case.timeframe, "--trades", out]
    for symbol in case.symbols:
        words += ["--symbol", symbol, "--data", folder / f"{symbol}_{case.timeframe}.csv"]
        words += ["--detail", (ticks or {}).get(symbol, ticks_file(folder, symbol))]
    for option, pairs in (("--set", case.knobs), ("--param", case.params)):
        for name, value in pairs.items():
            words += [option, f"{name}={value}"]
    call(words, folder)
    with out.open(encoding="utf-8") as file:
        return [_trip(row) for row in csv.DictReader(file)]


def _trip(row: Mapping[str, str]) -> Trip:
    return Trip(
        names_of("upbit", row["symbol"])[0],
        row["side"],
        int(row["entry_time_ms"]),
        float(row["entry_price"]),
        float(row["quantity"]),
        int(row["exit_time_ms"]),
        float(row["exit_price"]),
        row["exit_reason"],
        float(row["fee"]),
        float(row["pnl"]),
    )


def differences(bot: Iterable[Trip], replay: Iterable[Trip]) -> list[str]:
    """What is not the same, trade by trade, in words; nothing where the two lives are one."""
    found = []
    for number, (one, other) in enumerate(zip_longest(bot, replay), start=1):
        if one is None or other is None:
            found.append(f"trade {number}: bot {one}, replay {other}")
        elif one.exact != other.exact or abs(one.fee - other.fee) > PENNY or abs(one.pnl - other.pnl) > PENNY:
            found.append(f"trade {number}:\n  bot    {one}\n  replay {other}")
    return found


def missing(case: Case, trips: Iterable[Trip]) -> list[str]:
    """What of the promised trades did not occur."""
    reasons = Counter(trip.reason for trip in trips)
    lacking = [
        f"{reason}: {reasons[reason]} instead of {least}"
        for reason, least in case.promised.items()
        if reasons[reason] < least
    ]
    if reasons.total() < case.trades:
        lacking.append(f"trades: {reasons.total()} instead of {case.trades}")
    return lacking
