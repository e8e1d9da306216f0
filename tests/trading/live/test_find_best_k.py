"""The bot's search for the best k: with a real worker over real candles, and with workers that misbehave."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from config.layers import Override
from config.settings import Settings, load
from tests.live.bots import until
from tests.trading.backtest.test_best_k_worker import CANDLES, END_MS, request, stored
from tests.trading.live.ledger_fixtures import DEMO
from tests.trading.lossy_venue import FakeClock
from trading.backtest.best_k_worker import answer
from trading.live.charge import Charge
from trading.live.chores import Diary
from trading.live.events import Events
from trading.live.find_best_k import EVERY_MS, LIMIT_S, FindBestK
from trading.live.ledger import open_ledger
from trading.live.log import Log
from trading.live.tuned import TunedK

REAL = (sys.executable, "-m", "trading.backtest.best_k_worker")
BREAKOUT = (
    "HAETAE_STRATEGY=breakout\nHAETAE_TIMEFRAME=1h\nHAETAE_PARAM_EMA_FLOOR=false\nHAETAE_PARAM_ENTRIES_PER_DAY=0\n"
    "HAETAE_TAKE_PROFIT_PERCENT=0.02\nHAETAE_STOP_LOSS_PERCENT=0.01\n"
)


@dataclass
class Account:
    capital: float = 1_000_000.0


@dataclass
class Trader:
    account: Account = field(default_factory=Account)


@dataclass
class Listing:
    symbols: tuple[str, ...] = ("BTC/KRW",)


@dataclass
class Seat:
    """What the job knows of a desk; requests are answered at once."""

    charge: Charge
    trader: Trader | None = field(default_factory=Trader)
    listing: Listing = field(default_factory=Listing)

    def ask(self, wish: Callable[[Any], None]) -> None:
        wish(self)

    def take_charge(self, charge: Charge) -> None:
        self.charge = charge

    @property
    def k(self) -> float:
        return self.charge.rule.strategy.k  # type: ignore[attr-defined, no-any-return]


class Bench:
    """A data folder with candles and a ledger, settings in a real file, and the job over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.candles = stored(folder, BTC=CANDLES)
        self.clock = FakeClock(END_MS / 1000)
        self.ledger = open_ledger(folder, DEMO, END_MS).ledger
        self.log = Log("ko", lambda words: words)
        self.tuned = TunedK(self.settings())
        self.seat = Seat(self.tuned.charges(self.settings(), ["upbit"])["upbit"])
        self.made: list[FindBestK] = []

    def settings(self, more: str = "", overrides: tuple[Override, ...] = (), base: str = BREAKOUT) -> Settings:
        file = self.folder / ".env"
        file.write_text(base + more)
        return load(file, self.folder / "tuned.env", {}, overrides)

    def job(self, *command: str) -> FindBestK:
        diary = Diary(self.ledger, self.clock, self.log, Events(self.folder, self.ledger, self.clock, self.log))
        given = command or (*REAL, str(self.candles))
        one = FindBestK({"upbit": self.seat}, given, self.clock, diary, self.tuned)  # type: ignore[dict-item]
        self.made.append(one)
        return one

    def events(self) -> list[dict[str, object]]:
        return [dict(row.detail) for row in self.ledger.events() if row.kind == "job"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    yield one
    for job in one.made:
        job.close()
    one.ledger.close()


def finish(job: FindBestK) -> str:
    """Looks until the worker's end is taken; the result."""

    def result() -> str | None:
        job.look()
        return job.jobs()[0].last_result

    return until(result, "a result", 60.0)


def says(k: float) -> tuple[str, ...]:
    return (sys.executable, "-c", f'print(\'{{"k": {k}, "was": 0.5, "trades": 5, "net_return": 0.01}}\')')


def test_the_k_that_is_found_is_traded_with(bench: Bench) -> None:
    found = answer(bench.candles, "upbit", request())
    assert found["k"] != 0.5
    job = bench.job()
    assert finish(job) == f"was=0.5 k={found['k']:g} trades={found['trades']}"
    assert bench.seat.k == found["k"]
    (event,) = bench.events()
    assert (event["level"], event["venue"], event["was"], event["k"]) == ("info", "upbit", 0.5, found["k"])
    (row,) = job.jobs()
    assert row.name == "find_best_k:upbit"
    assert row.next_ms is not None
    assert row.next_ms % EVERY_MS == 0
    assert 0 < row.next_ms - bench.clock.market_ms() <= EVERY_MS


def test_it_is_looked_for_every_four_hours(bench: Bench) -> None:
    job = bench.job(*says(0.4))
    finish(job)
    bench.seat.charge = bench.tuned.put("upbit", bench.seat.charge, 0.5)
    bench.clock.now = (END_MS // EVERY_MS * EVERY_MS + EVERY_MS - 1) / 1000
    job.look()
    assert job._running is None
    bench.clock.now += 1
    until(lambda: job.look() or bench.seat.k == 0.4, "the next k", 20.0)
    assert len(bench.events()) == 2


def test_an_edit_of_something_else_keeps_it_and_another_strategy_does_not(bench: Bench) -> None:
    finish(bench.job(*says(0.4)))
    venues = ["upbit"]
    kept = bench.tuned.charges(bench.settings("HAETAE_MAX_POSITIONS=2\n"), venues)["upbit"]
    assert (kept.rule.strategy.k, kept.knobs.max_positions) == (0.4, 2)  # type: ignore[attr-defined]
    coarse = bench.tuned.charges(bench.settings(base=BREAKOUT.replace("=1h", "=4h")), venues)["upbit"]
    assert coarse.rule.strategy.k == 0.5  # type: ignore[attr-defined]
    other = bench.tuned.charges(bench.settings(base="HAETAE_STRATEGY=macd\n"), venues)["upbit"]
    assert not bench.tuned.tunable("upbit", other)


def test_a_k_that_the_user_set_is_never_touched(bench: Bench) -> None:
    finish(bench.job(*says(0.4)))
    mine = bench.settings("HAETAE_PARAM_K=0.5\n")
    bench.seat.charge = bench.tuned.charges(mine, ["upbit"])["upbit"]
    assert bench.seat.k == 0.5
    job = bench.job(*says(0.4))
    job.look()
    assert job.jobs() == ()
    assert job._running is None
    assert len(bench.events()) == 1


def test_an_answer_to_what_is_no_longer_traded_is_left(bench: Bench) -> None:
    job = bench.job(*says(0.4))
    job.look()
    bench.seat.charge = bench.tuned.charges(bench.settings("HAETAE_MAX_POSITIONS=2\n"), ["upbit"])["upbit"]
    until(lambda: job.look() or job._running is None, "its end", 20.0)
    assert bench.seat.k == 0.5
    assert bench.events() == []


@pytest.mark.parametrize(
    ("source", "code"),
    [("raise SystemExit(1)", "died"), ("print('{}')", "unreadable"), ("import time; time.sleep(600)", "overran")],
)
def test_a_worker_that_fails_is_named_and_k_stays(bench: Bench, source: str, code: str) -> None:
    job = bench.job(sys.executable, "-c", source)
    job.look()
    if code == "overran":
        bench.clock.mono += LIMIT_S + 1
    assert finish(job) == f"failed={code}"
    (event,) = bench.events()
    assert (event["level"], event["code"]) == ("warning", code)
    assert bench.seat.k == 0.5
    job.look()
    assert job._running is None, "until the next four hours"


def test_a_worker_that_cannot_start_is_named(bench: Bench) -> None:
    assert finish(bench.job(str(bench.folder / "no-such-program"))) == "failed=not_started"


def test_nothing_is_looked_for_before_the_desk_trades(bench: Bench) -> None:
    bench.seat.trader = None
    job = bench.job(*says(0.4))
    job.look()
    assert job._running is None
    bench.seat.trader = Trader()
    finish(job)
    assert bench.seat.k == 0.4
