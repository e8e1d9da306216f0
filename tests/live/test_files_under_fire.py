"""Files deleted, torn or planted while the bot runs: they are written again or refused, and the steps go on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import ValidationError

from tests.live.agreement import net
from tests.live.bots import QUIET, Home, Simulator, until
from tests.trading.ipc.schemas import check_folder

NewHome = Callable[..., Home]
FILES = ("bot_status.json", "decisions.json", "outcomes.json", "upbit_portfolio.json")


@pytest.fixture
def house(exchange: Simulator, new_home: NewHome) -> Home:
    exchange.calm_down(60)
    one = new_home(**QUIET)
    one.start("run", "--simulator", exchange.admin).ready()
    return one


def beats(home: Home) -> None:
    """The heartbeat advances."""

    def seq() -> int:
        try:
            return int(home.status().get("seq", 0))
        except ValueError:
            return 0

    now = until(seq, "a status")
    until(lambda: seq() > now + 2, "the heartbeat goes on")


def whole(home: Home) -> bool:
    try:
        return check_folder(home.data) >= set(FILES)
    except (AssertionError, OSError, ValidationError):
        return False


def test_deleted_and_torn_files_are_written_again(exchange: Simulator, house: Home) -> None:
    assert house.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    until(lambda: house.portfolio()["positions"], "the position")
    for name in FILES:
        (house.data / name).unlink()
    until(lambda: whole(house), "all files again")
    assert house.portfolio()["trade_history"]
    assert house.outcome(id="e1")
    for content in (b"", b"{", b"\x00" * 500, b'{"schema": 99}', b"[]"):
        for name in FILES:
            (house.data / name).write_bytes(content)
        until(lambda: whole(house), f"all files again after {content!r}")
    beats(house)
    assert {symbol: Decimal(quantity) for symbol, quantity in house.portfolio()["positions"].items()} == net(house)
    assert len(house.portfolio()["trade_history"]) == 1


def test_a_lost_history_is_begun_again(house: Home) -> None:
    folder = house.data / "history" / "upbit"
    until(lambda: list(folder.glob("equity-*")), "a line of equity")
    for path in folder.iterdir():
        path.write_bytes(b'{"time_ms": 17')
    assert house.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
    until(lambda: any(b'"cause": "fill"' in path.read_bytes() for path in folder.glob("equity-*")), "a new line")
    beats(house)


PLANTED: dict[str, Callable[[Path], object]] = {
    "garbage": lambda path: path.write_bytes(b"\xff\xfe nothing of sense"),
    "not_json": lambda path: path.write_text("pause please"),
    "nan": lambda path: path.write_text('{"kind": "set", "args": {"knob": "max_positions", "value": NaN}}'),
    "deep": lambda path: path.write_text('{"kind": "pause", "args": ' + "[" * 50_000 + "]" * 50_000 + "}"),
    "duplicate_keys": lambda path: path.write_text('{"kind": "pause", "kind": "stop"}'),
    "large": lambda path: path.write_bytes(b" " * 1_000_000 + b'{"kind": "stop"}'),
    "newer": lambda path: path.write_text('{"schema": 99, "commands": [{"kind": "stop"}]}'),
    "fifo": lambda path: os.mkfifo(path),
    "symlink": lambda path: (
        (path.parent / "outside.json").write_text('{"kind": "stop"}') and path.symlink_to(path.parent / "outside.json")
    ),
    "dangling": lambda path: path.symlink_to("/nowhere/at/all"),
    "folder": lambda path: path.mkdir(),
    "full_folder": lambda path: (path.mkdir(), (path / "inside.txt").write_text("x")),
    "list": lambda path: path.write_text('["stop"]'),
    "wrong_id": lambda path: path.write_text('{"id": "../../etc", "kind": "stop"}'),
}


def test_planted_mailboxes_are_refused_and_the_next_command_is_heard(house: Home) -> None:
    boot = house.status()["boot_id"]
    for place, (name, plant) in enumerate(PLANTED.items()):
        plant(house.data / "command.json")
        until(lambda: not os.path.lexists(house.data / "command.json"), f"{name} put away")
        assert house.order("reload", f"after-{place}")["state"] == "done", name
    assert (house.status()["boot_id"], house.status()["status"]) == (boot, "running")
    beats(house)
    refused = [one for one in house.read("outcomes.json")["outcomes"] if one["state"] == "refused"]  # type: ignore[index]
    assert len(refused) >= len(PLANTED)
    assert all(one["detail_ko"] and one["detail_en"] for one in refused)
    reasons = [json.loads(path.read_text()) for path in (house.data / "rejected").glob("*.reason.json")]
    assert len(reasons) >= len(PLANTED)


def test_folders_in_the_way_are_set_aside(exchange: Simulator, house: Home) -> None:
    for name in FILES:
        (house.data / name).unlink(missing_ok=True)
        (house.data / name).mkdir()
        (house.data / name / "in-the-way").write_text("somebody's")
    until(lambda: whole(house), "all files again")
    assert len(list(house.data.glob("*/in-the-way"))) == len(FILES)
    beats(house)
    assert house.order("enter", "e1", venue="upbit", symbol="BTC/KRW", amount=50_000)["state"] == "done"
