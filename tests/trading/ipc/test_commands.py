"""The controllers' side: send, take back, wait; two at once; a mailbox that is locked, full or spoiled."""

from __future__ import annotations

import json
import os
import signal
import stat
from decimal import Decimal
from pathlib import Path

import pytest
from filelock import FileLock

from tests.trading.ipc.samples import NOW_MS, an_outcome
from trading.ipc import commands
from trading.ipc.commands import CommandNotSent, as_arguments, send, take_back, wait
from trading.ipc.files import read_json
from trading.ipc.inbox import Inbox
from trading.ipc.outcomes import OutcomesFile
from trading.ipc.vocabulary import check


def waiting(folder: Path) -> list[dict[str, object]]:
    return read_json(folder / "command.json").value["commands"]  # type: ignore[no-any-return]


def test_a_command_lies_in_the_mailbox_as_the_contract_shows_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    args = {"venue": "upbit", "symbol": "BTC/KRW", "amount": Decimal("50000.50")}
    first = send(folder, "enter", args, "dashboard:alice", NOW_MS)
    second = send(folder, "stop", {}, "telegram:bob", NOW_MS)
    assert waiting(folder) == [
        {
            "id": first,
            "kind": "enter",
            "args": args,
            "issued_at_ms": NOW_MS,
            "expires_at_ms": NOW_MS + 60_000,
            "issued_by": "dashboard:alice",
        },
        {"id": second, "kind": "stop", "args": {}, "issued_at_ms": NOW_MS, "issued_by": "telegram:bob"},
    ]
    assert read_json(folder / "command.json").value["schema"] == 1
    for name in ("command.json", "command.lock"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert len(first) == len(second) == 32


def test_an_id_made_earlier_adds_nothing_the_second_time(tmp_path: Path) -> None:
    for _ in range(2):
        assert send(tmp_path, "pause", {}, "x", NOW_MS, command_id="dialog-1") == "dialog-1"
    assert [one["id"] for one in waiting(tmp_path)] == ["dialog-1"]


def test_what_is_no_command_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(CommandNotSent, match="pause") as caught:
        send(tmp_path, "puase", {}, "x", NOW_MS)
    assert "pause" in caught.value.refusal.text("ko")
    with pytest.raises(CommandNotSent, match="64 kB"):
        send(tmp_path, "set_strategy", {"strategy": "macd", "params": {"x": "y" * 70_000}}, "x", NOW_MS)
    assert not (tmp_path / "command.json").exists()


@pytest.mark.parametrize(
    "spoilt", ["", "{", '{"kind": "pause"} x', '{"commands": 5}', '{"schema": 2, "commands": []}', "[]"]
)
def test_a_spoilt_mailbox_is_moved_aside_and_not_lost(tmp_path: Path, spoilt: str) -> None:
    (tmp_path / "command.json").write_text(spoilt)
    identity = send(tmp_path, "pause", {}, "x", NOW_MS)
    assert [one["id"] for one in waiting(tmp_path)] == [identity]
    kept = {path.suffixes[-2:][0]: path for path in (tmp_path / "rejected").iterdir()}
    assert kept[".json"].read_text() == spoilt
    assert set(read_json(kept[".reason"]).value) == {"reason_ko", "reason_en", "at_ms"}


@pytest.mark.parametrize("thing", ["pipe", "link", "folder"])
def test_other_things_in_its_place_are_moved_aside(tmp_path: Path, thing: str) -> None:
    path = tmp_path / "command.json"
    if thing == "pipe":
        os.mkfifo(path)
    elif thing == "link":
        path.symlink_to(tmp_path / "secret")
    else:
        path.mkdir()
    identity = send(tmp_path, "pause", {}, "x", NOW_MS)
    assert [one["id"] for one in waiting(tmp_path)] == [identity]
    assert not (tmp_path / "secret").exists()


def test_a_command_written_by_hand_keeps_its_place_and_the_id_the_bot_would_give_it(tmp_path: Path) -> None:
    (tmp_path / "command.json").write_text('{"kind": "pause"}')
    os.link(tmp_path / "command.json", tmp_path / "command.claimed-x.json")  # what the bot would claim
    send(tmp_path, "stop", {}, "x", NOW_MS)
    by_hand = waiting(tmp_path)[0]
    assert by_hand["kind"] == "pause"
    batch = Inbox(tmp_path, os.getuid(), check).take(NOW_MS)
    assert [one.kind for one in batch.commands] == ["pause", "stop"]
    assert batch.commands[0].id == by_hand["id"]


def test_a_full_mailbox_waits_for_the_bot(tmp_path: Path) -> None:
    inbox, got = Inbox(tmp_path, os.getuid(), check), 0
    naps: list[float] = []

    def bot_step(seconds: float) -> None:
        nonlocal got
        naps.append(seconds)
        batch = inbox.take(NOW_MS)
        got += len(batch.commands)
        inbox.done(batch, NOW_MS)

    note = "n" * 190
    for number in range(300):
        send(tmp_path, "rearm", {"gate": note}, "x", NOW_MS, command_id=f"c{number}", sleep=bot_step)
        assert (tmp_path / "command.json").stat().st_size <= 64 * 1024
    assert naps
    bot_step(0)
    assert got == 300
    naps.clear()
    with pytest.raises(CommandNotSent, match="Too many"):
        for number in range(300):
            send(tmp_path, "rearm", {"gate": note}, "x", NOW_MS, command_id=f"d{number}", sleep=naps.append)
    assert 4.9 < sum(naps) < 5.2


def test_an_overfull_mailbox_is_left_to_the_bot(tmp_path: Path) -> None:
    content = '{"schema": 1, "commands": []}' + " " * 70_000
    (tmp_path / "command.json").write_text(content)
    with pytest.raises(CommandNotSent, match="Too many"):
        send(tmp_path, "pause", {}, "x", NOW_MS, sleep=lambda seconds: None)
    assert (tmp_path / "command.json").read_text() == content


def test_a_locked_mailbox_refuses_all_but_the_urgent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOCK_S", 0.01)
    with FileLock(tmp_path / "command.lock"):
        with pytest.raises(CommandNotSent, match="Another program"):
            send(tmp_path, "resume", {}, "x", NOW_MS)
        assert not take_back(tmp_path, "x")
        for kind, args in (("stop", {}), ("pause", {}), ("liquidate", {"all": True})):
            send(tmp_path, kind, args, "x", NOW_MS)
    assert [one["kind"] for one in waiting(tmp_path)] == ["stop", "pause", "liquidate"]


def test_what_the_bot_has_not_seen_can_be_taken_back(tmp_path: Path) -> None:
    first, second = (send(tmp_path, kind, {}, "x", NOW_MS) for kind in ("resume", "pause"))
    assert take_back(tmp_path, first)
    assert [one["id"] for one in waiting(tmp_path)] == [second]
    assert not take_back(tmp_path, first)
    assert take_back(tmp_path, second)
    assert not (tmp_path / "command.json").exists()
    third = send(tmp_path, "pause", {}, "x", NOW_MS)
    Inbox(tmp_path, os.getuid(), check).take(NOW_MS)
    assert not take_back(tmp_path, third)


@pytest.mark.parametrize("trace", ["claim", "outcome"])
def test_a_command_that_the_bot_claimed_meanwhile_is_not_called_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trace: str
) -> None:
    identity = send(tmp_path, "pause", {}, "x", NOW_MS)
    look = commands.read_json

    def overtaken(path: Path, *more: int) -> object:
        seen = look(path, *more)
        if path.name == "command.json":  # between the look and what follows it the bot goes on without the lock
            inbox = Inbox(tmp_path, os.getuid(), check)
            monkeypatch.setattr("trading.ipc.inbox.LOCK_S", 0.0)
            batch = inbox.take(NOW_MS)
            if trace == "outcome":
                outcomes = OutcomesFile(tmp_path)
                outcomes.put(an_outcome(identity, "accepted"))
                outcomes.publish(NOW_MS)
                inbox.done(batch, NOW_MS)
        return seen

    monkeypatch.setattr(commands, "read_json", overtaken)
    assert not take_back(tmp_path, identity)


def test_waiting_ends_with_the_final_outcome_or_the_time(tmp_path: Path) -> None:
    now, outcomes = [0.0], OutcomesFile(tmp_path)
    states = {0.5: "accepted", 1.0: "done"}

    def sleep(seconds: float) -> None:
        now[0] += seconds
        for moment in [moment for moment in states if moment <= now[0]]:
            outcomes.put(an_outcome("a", states.pop(moment)))  # type: ignore[arg-type]
            outcomes.publish(NOW_MS)

    assert wait(tmp_path, "a", 0.3, lambda: now[0], sleep) is None
    accepted = wait(tmp_path, "a", 0.3, lambda: now[0], sleep)
    assert accepted is not None
    assert accepted.state == "accepted"
    final = wait(tmp_path, "a", 10, lambda: now[0], sleep)
    assert final is not None
    assert final.state == "done"
    assert now[0] < 1.3


def test_pairs_of_a_command_line_are_json_or_text() -> None:
    pairs = {"venue": "upbit", "amount": "50000.5", "symbols": '["BTC", "ETH"]', "all": "true", "symbol": "BTC/KRW"}
    assert as_arguments(pairs) == {
        "venue": "upbit",
        "amount": Decimal("50000.5"),
        "symbols": ["BTC", "ETH"],
        "all": True,
        "symbol": "BTC/KRW",
    }


def _writer(folder: Path, name: str, count: int, told: int) -> None:
    for number in range(count):
        send(folder, "rearm", {"gate": f"g{number}"}, name, NOW_MS, command_id=f"{name}-{number}")
        os.write(told, b".")


def _plain_writer(folder: Path, name: str, count: int, told: int) -> None:
    """A writer that knows only the contract: lock, read, append, replace."""
    path = folder / "command.json"
    for number in range(count):
        with FileLock(folder / "command.lock", timeout=5):
            try:  # the bot claims without the lock where it waited too long for it
                value = json.loads(path.read_text())
            except FileNotFoundError:
                value = {"schema": 1, "commands": []}
            value["commands"].append({"id": f"{name}-{number}", "kind": "rearm", "args": {}})
            temporary = folder / f".{name}.new"
            temporary.write_text(json.dumps(value))
            temporary.replace(path)
        os.write(told, b".")


def _two_writers_lose_none(folder: Path, count: int) -> None:
    hears, told = os.pipe()
    children = []
    for target, name in ((_writer, "a"), (_plain_writer, "b")):
        child = os.fork()
        if child == 0:
            try:
                os.close(hears)
                target(folder, name, count, told)
            finally:
                os._exit(0)
        children.append(child)
    os.close(told)
    seen: dict[str, str] = {}
    inbox = Inbox(folder, os.getuid(), check, seen=lambda identity: identity in seen)
    steps, more = 0, True
    while more:
        more = bool(os.read(hears, 50))  # waits until something was sent; nothing more when both have ended
        batch = inbox.take(NOW_MS)
        assert not batch.outcomes
        for command in batch.commands:
            assert command.id not in seen
            seen[command.id] = command.issued_by
        inbox.done(batch, NOW_MS)
        steps += 1
    os.close(hears)
    for child in children:
        os.waitpid(child, 0)
    assert set(seen) == {f"{name}-{number}" for name in "ab" for number in range(count)}
    for name in "ab":
        order = [int(identity.partition("-")[2]) for identity in seen if identity.startswith(name)]
        assert order == sorted(order)
    assert steps > 3
    assert not list(folder.glob("command.claimed-*"))
    assert not (folder / "rejected").exists()


def test_two_writers_lose_no_command(tmp_path: Path) -> None:
    _two_writers_lose_none(tmp_path, 100)


@pytest.mark.slow
def test_two_writers_lose_none_of_a_thousand_commands(tmp_path: Path) -> None:
    _two_writers_lose_none(tmp_path, 500)


@pytest.mark.parametrize("call", range(1, 9))
def test_a_killed_writer_leaves_a_whole_mailbox_and_a_free_lock(tmp_path: Path, call: int) -> None:
    """SIGKILL at each sync of the disk, of the file and of the folder in turn: what was sent before is whole."""
    child = os.fork()
    if child == 0:
        sync, calls = os.fsync, iter(range(1, 100))
        os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL) if next(calls) == call else sync(handle)
        for number in range(10):
            send(tmp_path, "rearm", {}, "x", NOW_MS, command_id=f"c{number}")
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    send(tmp_path, "pause", {}, "x", NOW_MS, command_id="last")
    assert [one["id"] for one in waiting(tmp_path)] == [*(f"c{number}" for number in range(call // 2)), "last"]


def test_a_suspended_writer_that_wakes_late_makes_nothing_act_twice(tmp_path: Path) -> None:
    """It holds the lock, has read, and replaces the file long after the bot has claimed what it read."""
    by_hand = '{"kind": "pause"}'
    (tmp_path / "command.json").write_text(by_hand)
    acted: list[str] = []
    inbox = Inbox(tmp_path, os.getuid(), check, seen=acted.__contains__)
    with FileLock(tmp_path / "command.lock"):
        old = commands.commands_of(read_json(tmp_path / "command.json"))
        batch = inbox.take(NOW_MS)
        acted += [command.id for command in batch.commands]
        inbox.done(batch, NOW_MS)
        assert old is not None
        commands.write_text(tmp_path / "command.json", commands._mailbox_text([*old, {"id": "b", "kind": "stop"}]))
    batch = inbox.take(NOW_MS)
    assert [command.id for command in batch.commands] == ["b"]
    assert len(acted) == 1
