"""The checker itself: a run that held, falsified in one thing, must be found out by the invariant that speaks of it."""

from __future__ import annotations

import copy
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.faults import invariants
from tests.faults.arena import CASH, FOREIGN, SECRETS, Arena, Epoch
from tests.faults.witness import Truth
from tests.live.bots import until
from trading.live.lock import DataFolderLock

pytestmark = pytest.mark.slow


@dataclass
class Run:
    """A settled run: its data folder, what really happened, and the commands that were handed in."""

    data: Path
    truth: Truth
    handed_in: list[str]

    def check(self) -> None:
        invariants.settled(
            self.data, self.truth, start_cash=CASH, foreign=FOREIGN, handed_in=self.handed_in, secrets=SECRETS
        )

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.data / "ledger.db", isolation_level=None)) as database:
            assert database.execute(statement).rowcount, statement

    def edit(self, name: str, change: Callable[[dict[str, Any]], object]) -> None:
        path = self.data / name
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with Arena() as arena:
        epoch = Epoch(arena, tmp_path_factory.mktemp("settled") / "home", 1)
        life = epoch.start()
        assert epoch.ready(life)
        epoch.hand_in("enter", {"venue": "upbit", "symbol": "BTC/KRW", "amount": 50_000})
        epoch.hand_in("enter", {"venue": "upbit", "symbol": "ETH/KRW", "amount": 50_000})
        until(lambda: epoch.rows("select 1 from fills limit 1 offset 3"), "trades", 90.0)
        epoch.killed(life)
        epoch.settle()
        yield Run(epoch.data, copy.deepcopy(arena.witness.look()), list(epoch.handed_in))


@pytest.fixture
def run(settled: Run, tmp_path: Path) -> Run:
    shutil.copytree(settled.data.parent, tmp_path / "home")
    return Run(tmp_path / "home" / "data", copy.deepcopy(settled.truth), list(settled.handed_in))


def _first(run: Run) -> str:
    return next(name for name in run.truth.named() if invariants.OURS.fullmatch(name))


def _twin(run: Run) -> None:
    row = run.truth.named()[_first(run)][0]
    run.truth.orders["twin"] = row | {"order_id": "twin"}


FALSE: dict[str, tuple[str, Callable[[Run], object]]] = {
    "posted twice": ("I1", lambda run: run.truth.posts.update([_first(run)])),
    "two orders of a name": ("I1", _twin),
    "a fill lost": ("I2", lambda run: run.sql("delete from fills where seq = 1")),
    "a fill booked twice": (
        "I2",
        lambda run: run.sql(
            "insert into fills select 9999, venue, 'ANY/KRW', trade_id, order_id, book, strategy, side, price,"
            " quantity, fee, fee_asset, time_ms, maker, crc from fills where seq = 1"
        ),
    ),
    "a fill of other size": ("I2", lambda run: run.sql("update fills set quantity = '1' where seq = 1")),
    "a fee not booked": ("I2", lambda run: run.sql("update fills set fee = '0' where seq = 1")),
    "coins gone": ("I2", lambda run: run.truth.balances.update(BTC=Decimal(0))),
    "won gone": ("I2", lambda run: run.truth.balances.update(KRW=Decimal(1))),
    "an order unknown": (
        "I3",
        lambda run: run.sql(f"update orders set id = 'htaaaaaaaaaaaaaaaaaaaaaaaaaa' where id = '{_first(run)}'"),
    ),
    "an order denied": ("I3", lambda run: run.sql(f"update orders set state = 'REJECTED' where id = '{_first(run)}'")),
    "an order left open": (
        "I3",
        lambda run: run.sql(f"update orders set state = 'UNKNOWN' where id = '{_first(run)}'"),
    ),
    "a torn file": ("I4", lambda run: (run.data / "decisions.json").write_text('{"schema": 1')),
    "a file of other shape": ("I4", lambda run: run.edit("bot_status.json", lambda row: row.pop("seq"))),
    "cash of the portfolio": (
        "I4",
        lambda run: run.edit("upbit_portfolio.json", lambda row: row.update(current_capital=1)),
    ),
    "a trade not shown": ("I4", lambda run: run.edit("upbit_portfolio.json", lambda row: row["trade_history"].pop())),
    "foreign coins as ours": ("I4", lambda run: run.edit("upbit_portfolio.json", lambda row: row["foreign"].clear())),
    "a stray temporary file": ("I4", lambda run: (run.data / ".x.json.1-a.tmp").write_text("")),
    "a command not over": ("I6", lambda run: run.sql("update commands set state = 'accepted' where seq = 1")),
    "a command lost": ("I6", lambda run: run.handed_in.append("never-seen")),
    "an outcome lost": ("I6", lambda run: run.edit("outcomes.json", lambda row: row["outcomes"].pop())),
    "two outcomes": (
        "I6",
        lambda run: run.edit("outcomes.json", lambda row: row["outcomes"].append(row["outcomes"][0])),
    ),
    "a command acted twice": ("I6", lambda run: run.sql("update orders set reason = 'command:e1-0'")),
    "a secret in a log": ("I7", lambda run: (run.data / "x.log").write_text(f"key {SECRETS[1]}")),
    "a token in a log": (
        "I7",
        lambda run: (run.data / "x.log").write_text("eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + ".c"),
    ),
}


def test_the_run_itself_holds(run: Run) -> None:
    run.check()


@pytest.mark.parametrize("what", FALSE)
def test_what_is_falsified_is_found(run: Run, what: str) -> None:
    name, falsify = FALSE[what]
    falsify(run)
    with pytest.raises(invariants.Broken, match=f"(?m)^{name}: "):
        run.check()


def test_a_position_without_a_stop_is_found(run: Run) -> None:
    bare = {"quantity": 1, "stop": None, "guarded_by": "bot"}

    def change(row: dict[str, Any]) -> None:
        row["details"] = {"SOL/KRW": bare}

    kept = invariants.books(run.data)
    assert kept is not None
    run.edit("upbit_portfolio.json", change)
    assert invariants.unguarded(run.data, kept)
    bare["guarded_by"] = "none"
    run.edit("upbit_portfolio.json", change)
    assert not invariants.unguarded(run.data, kept)


def test_the_kernel_tells_who_holds_the_lock(tmp_path: Path) -> None:
    assert invariants.holders(tmp_path) == set()
    lock = DataFolderLock(tmp_path, 0)
    assert invariants.holders(tmp_path) == {os.getpid()}
    lock.release()
    assert invariants.holders(tmp_path) == set()
