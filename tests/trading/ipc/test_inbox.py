"""The bot's side: what it believes, what it refuses and how fast, and what a crash leaves."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trading.ipc.samples import NOW_MS
from trading.ipc import inbox as inbox_module
from trading.ipc.commands import send
from trading.ipc.envelope import MAX_DEPTH, scan
from trading.ipc.files import read_json
from trading.ipc.inbox import Batch, Inbox
from trading.ipc.vocabulary import check

#: wall clock far after the time of any file of the test: nothing counts as half written
LATER_MS = 4_000_000_000_000


def inbox(folder: Path, seen: Callable[[str], bool] = lambda identity: False) -> Inbox:
    return Inbox(folder, os.getuid(), check, seen=seen)


def put(folder: Path, value: object) -> Path:
    path = folder / "command.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def mailbox(*commands: dict[str, object]) -> dict[str, object]:
    return {"schema": 1, "commands": list(commands)}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"command.lock"}


def test_nothing_there_is_nothing_done(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        batch = inbox(folder).take(NOW_MS)
        assert not batch
        inbox(folder).done(batch, NOW_MS)
    assert names(tmp_path) == set()


def test_sent_commands_come_once_and_their_file_goes(tmp_path: Path) -> None:
    identity = send(tmp_path, "enter", {"venue": "upbit", "symbol": "btc/krw", "amount": 5}, "dashboard:alice", NOW_MS)
    box = inbox(tmp_path)
    batch = box.take(NOW_MS + 1)
    (command,) = batch.commands
    assert (command.id, command.kind, command.issued_by) == (identity, "enter", "dashboard:alice")
    assert command.args == {"venue": "upbit", "symbol": "BTC/KRW", "amount": 5, "side": "buy"}
    assert (command.issued_at_ms, command.expires_at_ms) == (NOW_MS, NOW_MS + 60_000)
    assert [name.startswith("command.claimed-") for name in names(tmp_path)] == [True]
    box.done(batch, NOW_MS)
    assert names(tmp_path) == set()
    assert not box.take(NOW_MS)


def test_urgent_ones_go_first_and_the_order_stays_else(tmp_path: Path) -> None:
    kinds = ["reload", "liquidate", "rearm", "stop", "restart", "pause"]
    args = {"liquidate": {"all": True}}
    put(tmp_path, mailbox(*({"id": kind, "kind": kind, "args": args.get(kind, {})} for kind in kinds)))
    batch = inbox(tmp_path).take(NOW_MS)
    assert [command.kind for command in batch.commands] == ["liquidate", "stop", "pause", "reload", "rearm", "restart"]


def test_a_later_pause_is_not_undone_by_an_earlier_resume(tmp_path: Path) -> None:
    put(
        tmp_path,
        mailbox(
            {"id": "1", "kind": "resume"},
            {"id": "2", "kind": "resume", "args": {"venue": "bithumb"}},
            {"id": "3", "kind": "pause", "args": {"venue": "upbit"}},
            {"id": "4", "kind": "resume"},
        ),
    )
    assert [command.id for command in inbox(tmp_path).take(NOW_MS).commands] == ["1", "3", "2", "4"]


def test_a_bare_command_gets_an_id_that_stays_and_differs_from_the_next_one(tmp_path: Path) -> None:
    put(tmp_path, '{"kind": "pause"}')
    box = inbox(tmp_path)
    first, again = box.take(LATER_MS), box.take(LATER_MS)
    assert first.commands == again.commands
    assert len(first.commands) == 1
    assert first.commands[0].issued_by == "file"
    box.done(first, NOW_MS)
    path = put(tmp_path, '{"kind": "pause"}')
    os.utime(path, ns=(1, 1))
    assert box.take(LATER_MS).commands[0].id != first.commands[0].id
    put(tmp_path, mailbox({"kind": "pause"}, {"kind": "pause"}, {"id": None, "kind": "stop"}))
    fresh = [command.id for command in inbox(tmp_path).take(LATER_MS).commands]
    assert len(set(fresh)) == len(fresh) == 4  # with the claim that is still open


def test_two_bare_commands_of_one_moment_are_two(tmp_path: Path) -> None:
    ids = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        path = put(tmp_path / name, '{"kind": "pause"}')
        os.utime(path, ns=(5, 5))
        ids.add(inbox(tmp_path / name).take(LATER_MS).commands[0].id)
    assert len(ids) == 2


def test_a_claim_never_overwrites_another_one(tmp_path: Path) -> None:
    status = put(tmp_path, mailbox({"id": "b", "kind": "stop"})).stat()
    other = tmp_path / f"command.claimed-{status.st_mtime_ns:x}-{status.st_ino:x}.json"
    other.write_text('{"id": "a", "kind": "pause"}')
    assert {command.id for command in inbox(tmp_path).take(LATER_MS).commands} == {"a", "b"}


def test_one_id_acts_once(tmp_path: Path) -> None:
    put(tmp_path, mailbox({"id": "a", "kind": "pause"}, {"id": "a", "kind": "stop"}, {"id": "b", "kind": "stop"}))
    batch = inbox(tmp_path).take(NOW_MS)
    assert [(command.id, command.kind) for command in batch.commands] == [("a", "pause"), ("b", "stop")]
    assert [command.id for command in inbox(tmp_path, seen={"a"}.__contains__).take(NOW_MS).commands] == ["b"]


@pytest.mark.parametrize(
    ("command", "late_ms", "state"),
    [
        ({"kind": "enter", "args": {"venue": "upbit", "symbol": "BTC", "amount": 5}}, 60_001, "expired"),
        ({"kind": "enter", "args": {"venue": "upbit", "symbol": "BTC", "amount": 5}}, 60_000, "taken"),
        ({"kind": "resume", "expires_at_ms": NOW_MS + 5}, 6, "expired"),
        ({"kind": "resume"}, 10**9, "taken"),
        ({"kind": "approve", "args": {"order": "ht"}}, 60_001, "expired"),
        ({"kind": "stop", "expires_at_ms": NOW_MS + 5}, 10**9, "taken"),
        ({"kind": "pause", "expires_at_ms": 0}, 10**9, "taken"),
        ({"kind": "liquidate", "args": {"all": True}, "expires_at_ms": 1}, 10**9, "taken"),
    ],
)
def test_entries_lapse_and_the_urgent_never_do(
    tmp_path: Path, command: dict[str, object], late_ms: int, state: str
) -> None:
    put(tmp_path, mailbox({"id": "a", "issued_at_ms": NOW_MS, **command}))
    batch = inbox(tmp_path).take(NOW_MS + late_ms)
    if state == "taken":
        assert [one.id for one in batch.commands] == ["a"]
        return
    (outcome,) = batch.outcomes
    assert (outcome.id, outcome.kind, outcome.state, outcome.final) == ("a", command["kind"], "expired", True)
    assert not batch.commands
    inbox(tmp_path).done(batch, NOW_MS)
    assert names(tmp_path) == set()


def test_a_command_by_hand_is_as_old_as_its_file(tmp_path: Path) -> None:
    path = put(tmp_path, {"kind": "enter", "args": {"venue": "upbit", "symbol": "BTC", "amount": 5}})
    os.utime(path, (1_000, 1_000))
    assert inbox(tmp_path).take(1_060_001).outcomes[0].state == "expired"


def test_a_wrong_command_is_refused_alone(tmp_path: Path) -> None:
    put(
        tmp_path,
        mailbox({"id": "a", "kind": "puase", "issued_by": "dashboard:alice"}, {"id": "b", "kind": "pause"}),
    )
    box = inbox(tmp_path)
    batch = box.take(NOW_MS)
    assert [command.id for command in batch.commands] == ["b"]
    (outcome,) = batch.outcomes
    assert (outcome.id, outcome.kind, outcome.state, outcome.issued_by) == ("a", "puase", "refused", "dashboard:alice")
    assert "'pause'" in outcome.detail_en
    box.done(batch, NOW_MS)
    kept = {path.name.partition(".")[2]: read_json(path).value for path in (tmp_path / "rejected").iterdir()}
    assert kept["json"]["id"] == "a"
    assert kept["reason.json"]["reason_ko"] == outcome.detail_ko
    assert names(tmp_path) == {"rejected"}


BAD_ENTRIES: list[object] = [
    5,
    [],
    None,
    "pause",
    {},
    {"id": "a"},
    {"id": "../../x", "kind": "pause"},
    {"id": "..", "kind": "pause"},
    {"id": "a\nb", "kind": "pause"},
    {"id": "x" * 65, "kind": "pause"},
    {"id": 5, "kind": "pause"},
    {"id": "", "kind": "pause"},
    {"id": "a", "kind": "pause", "venue": "upbit"},
    {"id": "a", "kind": "pause", "args": []},
    {"id": "a", "kind": "pause", "args": {"venue": "mtgox"}},
    {"id": "a", "kind": "pause", "issued_at_ms": "now"},
    {"id": "a", "kind": "pause", "issued_at_ms": -1},
    {"id": "a", "kind": "pause", "expires_at_ms": True},
    {"id": "a", "kind": "pause", "issued_by": 5},
    {"id": "a", "kind": "pause", "issued_by": "x" * 500},
]


@pytest.mark.parametrize("entry", BAD_ENTRIES)
def test_a_bad_entry_is_refused_with_a_reason_and_the_next_one_goes_on(tmp_path: Path, entry: object) -> None:
    put(tmp_path, {"schema": 1, "commands": [entry, {"id": "good", "kind": "stop"}]})
    box = inbox(tmp_path)
    batch = box.take(NOW_MS)
    assert [command.id for command in batch.commands] == ["good"]
    assert [(one.state, bool(one.detail_ko), bool(one.detail_en)) for one in batch.outcomes] == [
        ("refused", True, True)
    ]
    box.done(batch, NOW_MS)
    assert len(list((tmp_path / "rejected").iterdir())) == 2
    assert names(tmp_path) == {"rejected"}
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "rejected"}


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path.name)
    finally:
        os.chdir(here)


def _link(path: Path) -> None:
    path.with_name("target.txt").write_text('{"kind": "stop"}')
    path.symlink_to(path.with_name("target.txt"))


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _folder(path: Path) -> None:
    (path / "deep" / "er").mkdir(parents=True)
    (path / "deep" / "file").write_text("x")


def _gigabyte(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**30)


def _foreign(path: Path) -> None:
    path.write_text('{"kind": "stop"}')
    if os.getuid() != 0:
        pytest.skip("only root can make a file of another user")
    os.chown(path, 12_345, -1)


def _text(content: str | bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content) and None


GARBAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_pipe, "no plain file (p)"),
    "socket": (_socket, "no plain file (s)"),
    "link": (_link, "no plain file (l)"),
    "endless": (_endless, "no plain file (l)"),
    "loop": (_loop, "no plain file (l)"),
    "folder": (_folder, "no plain file (d)"),
    "gigabyte": (_gigabyte, "1073741824 bytes"),
    "foreign": (_foreign, "uid 12345"),
    "over 64 kB": (_text('{"kind": "stop"}' + " " * 65_536), "64 kB"),
    "empty": (_text(""), "no valid JSON"),
    "blank": (_text("\n\n"), "no valid JSON"),
    "half": (_text('{"kind": "st'), "no valid JSON"),
    "words": (_text("please stop"), "no valid JSON"),
    "zeros": (_text(b"\0" * 4096), "no valid JSON"),
    "latin": (_text(b'{"kind": "\xe9"}'), "UTF-8"),
    "brackets": (_text("[" * 60_000), "8 levels"),
    "100,000 brackets": (_text("[" * 100_000), "64 kB"),
    "braces": (_text('{"a":' * 10_000), "8 levels"),
    "closed brackets": (_text("[" * 9 + "]" * 9), "8 levels"),
    "quotes": (_text('"' * 65_001), "no valid JSON"),
    "escapes": (_text('"' + '\\"' * 32_000), "no valid JSON"),
    "backslashes": (_text("\\" * 65_000), "no valid JSON"),
    "nan": (_text('{"kind": "set", "args": {"knob": "k", "value": NaN}}'), "NaN"),
    "infinity": (_text('{"kind": "set", "args": {"knob": "k", "value": -Infinity}}'), "Infinity"),
    "huge exponent": (_text('{"kind": "set", "args": {"knob": "k", "value": 1e999999999}}'), "range"),
    "huge number": (_text('{"kind": "set", "args": {"knob": "k", "value": ' + "9" * 60_000 + "}}"), "range"),
    "twice": (_text('{"kind": "pause", "kind": "stop"}'), "twice"),
    "newer": (_text('{"schema": 2, "commands": []}'), "schema 2"),
    "older": (_text('{"schema": 0, "commands": []}'), "schema 0"),
    "no schema number": (_text('{"schema": "1", "commands": []}'), "schema 1"),
    "a list": (_text('[{"kind": "stop"}]'), "no command"),
    "a number": (_text("5"), "no command"),
    "no kind": (_text('{"hello": 1}'), "no command"),
    "no list": (_text('{"commands": {"kind": "stop"}}'), "no command"),
    "strange field": (_text('{"schema": 1, "commands": [], "comands": []}'), "comands"),
    "two values": (_text('{"kind": "stop"} {"kind": "stop"}'), "no valid JSON"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_within_50_ms_and_put_aside(tmp_path: Path, name: str) -> None:
    make, said = GARBAGE[name]
    make(tmp_path / "command.json")
    box = inbox(tmp_path)
    fastest = _timed(box, tmp_path, name)
    assert fastest[0] < 0.050
    batch = fastest[1]
    assert not batch.commands
    (outcome,) = batch.outcomes
    assert outcome.state == "refused"
    assert said in outcome.detail_en
    assert names(tmp_path) - {"target.txt"} == {"rejected"}
    reasons = list((tmp_path / "rejected").glob("*.reason.json"))
    assert read_json(reasons[0]).value["reason_en"] == outcome.detail_en
    if name == "link":
        assert (tmp_path / "target.txt").read_text() == '{"kind": "stop"}'
    # and the step goes on: the next command is taken as ever
    put(tmp_path, '{"kind": "stop"}')
    assert [command.kind for command in box.take(LATER_MS).commands] == ["stop"]


def _timed(box: Inbox, folder: Path, name: str) -> tuple[float, Batch]:
    """The quicker of two goes: another process of a busy machine may sit in the middle of one."""
    goes = []
    for go in range(2):
        if go:
            GARBAGE[name][0](folder / "command.json") if name != "link" else (folder / "command.json").symlink_to("x")
        start = time.perf_counter()
        batch = box.take(LATER_MS)
        box.done(batch, LATER_MS)
        goes.append((time.perf_counter() - start, batch))
    return min(goes[0][0], goes[1][0]), goes[0][1]


def test_senders_of_a_refused_file_learn_of_it_by_their_ids(tmp_path: Path) -> None:
    put(tmp_path, '{"schema": 9, "commands": [{"id": "a", "kind": "x"}, {"id": "b", "kind": "y"}]}')
    batch = inbox(tmp_path, seen={"b"}.__contains__).take(LATER_MS)
    assert [outcome.id for outcome in batch.outcomes] == ["a"]
    assert "schema 9" in batch.outcomes[0].detail_en


def test_a_file_in_the_making_is_left_until_it_is_whole(tmp_path: Path) -> None:
    path = put(tmp_path, '{"kind": ')
    written_ms = path.stat().st_mtime_ns // 1_000_000
    box = inbox(tmp_path)
    with path.open("a") as file:  # an editor that writes in place, caught in the middle
        assert not box.take(written_ms + 100)
        file.write('"pause"}')
    assert [command.kind for command in box.take(written_ms + 200).commands] == ["pause"]
    put(tmp_path, '{"kind": ')
    written_ms = (tmp_path / "command.json").stat().st_mtime_ns // 1_000_000
    assert len(inbox(tmp_path).take(written_ms + 600).outcomes) == 1


def test_bom_of_a_windows_editor_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "command.json").write_bytes(b'\xef\xbb\xbf{"kind": "pause"}\r\n')
    assert len(inbox(tmp_path).take(LATER_MS).commands) == 1


def test_a_held_lock_holds_the_bot_up_for_50_ms_only(tmp_path: Path) -> None:
    send(tmp_path, "pause", {}, "x", NOW_MS)
    with FileLock(tmp_path / "command.lock"):
        start = time.perf_counter()
        batch = inbox(tmp_path).take(NOW_MS)
        assert time.perf_counter() - start < 0.5
    assert len(batch.commands) == 1


@pytest.mark.parametrize("thing", ["folder", "pipe"])
def test_a_spoilt_lock_does_not_stop_the_bot(tmp_path: Path, thing: str) -> None:
    lock = tmp_path / "command.lock"
    lock.mkdir() if thing == "folder" else os.mkfifo(lock)
    put(tmp_path, '{"kind": "stop"}')
    assert len(inbox(tmp_path).take(LATER_MS).commands) == 1


def test_a_claim_of_a_dead_bot_is_worked_off(tmp_path: Path) -> None:
    first = send(tmp_path, "pause", {}, "x", NOW_MS)
    inbox(tmp_path).take(NOW_MS)  # and then it dies
    second = send(tmp_path, "stop", {}, "x", NOW_MS)
    assert len(list(tmp_path.glob("command.claimed-*"))) == 1
    box = inbox(tmp_path)
    batch = box.take(NOW_MS)
    assert {command.id for command in batch.commands} == {first, second}
    box.done(batch, NOW_MS)
    assert names(tmp_path) == set()


@pytest.mark.parametrize("label", ["J7", "J8"])
def test_killed_while_putting_aside_nothing_is_lost(tmp_path: Path, label: str) -> None:
    put(tmp_path, mailbox({"id": "bad", "kind": "x"}, {"id": "good", "kind": "stop"}))

    def kill(at: str) -> None:
        if at == label:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        box = Inbox(tmp_path, os.getuid(), check, kill)
        box.done(box.take(LATER_MS), NOW_MS)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    box = inbox(tmp_path)
    batch = box.take(LATER_MS)
    assert ([one.id for one in batch.commands], [one.id for one in batch.outcomes]) == (["good"], ["bad"])
    box.done(batch, NOW_MS)
    assert not list(tmp_path.glob("command.claimed-*"))


def test_a_mailbox_that_cannot_be_moved_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, '{"kind": "stop"}')

    def busy(self: Path, to: Path) -> Path:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(Path, "rename", busy)
    box = inbox(tmp_path)
    (outcome,) = box.take(NOW_MS).outcomes
    assert "resource busy" in outcome.detail_en
    assert not box.take(NOW_MS)
    monkeypatch.undo()
    assert not box.take(LATER_MS)  # still the same file
    put(tmp_path, '{"kind": "pause"}')
    assert len(box.take(LATER_MS).commands) == 1


def test_a_disk_that_is_full_does_not_stop_the_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, mailbox({"id": "bad", "kind": "x"}))
    box = inbox(tmp_path)
    batch = box.take(LATER_MS)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        box.done(batch, NOW_MS)
    assert not box.take(LATER_MS).commands


def test_many_claims_are_worked_off_in_parts(tmp_path: Path) -> None:
    for number in range(inbox_module.CLAIMS_PER_STEP + 10):
        (tmp_path / f"command.claimed-{number}.json").write_text(json.dumps({"id": f"c{number}", "kind": "pause"}))
    box, counts = inbox(tmp_path), []
    while batch := box.take(LATER_MS):
        counts.append(len(batch.commands))
        box.done(batch, NOW_MS)
    assert counts == [inbox_module.CLAIMS_PER_STEP, 10]


@given(content=st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_raise_and_all_are_answered(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "command.json").write_bytes(content)
    box = inbox(tmp_path)
    batch = box.take(LATER_MS)
    box.done(batch, LATER_MS)
    assert batch.outcomes
    assert names(tmp_path) == {"rejected"}


def test_cut_at_every_byte_and_flipped_it_acts_only_on_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps(
        mailbox({"id": "abc", "kind": "liquidate", "args": {"all": True}}, {"id": "d", "kind": "stop"})
    ).encode()
    chance = random.Random(11)
    box = inbox(tmp_path)
    for length in range(len(whole)):
        (tmp_path / "command.json").write_bytes(whole[:length])
        batch = box.take(LATER_MS)
        assert not batch.commands
        assert batch.outcomes
        box.done(batch, LATER_MS)
        flipped = bytearray(whole)
        flipped[length] ^= 1 << chance.randrange(8)
        (tmp_path / "command.json").write_bytes(flipped)
        batch = box.take(LATER_MS)
        box.done(batch, LATER_MS)
        assert len(batch.commands) + len(batch.outcomes) >= 1
        for command in batch.commands:
            assert (command.kind, dict(command.args)) in (("liquidate", {"all": True}), ("stop", {}))


@given(
    st.binary(max_size=200) | st.lists(st.sampled_from(list('"\\[]{}a,')), max_size=200).map("".join).map(str.encode)
)
@settings(max_examples=300, deadline=None)
def test_the_scan_counts_as_a_slow_one_would(content: bytes) -> None:
    depth = deepest = 0
    inside = escaped = False
    for sign in content:
        if inside:
            if escaped:
                escaped = False
            elif sign == ord("\\"):
                escaped = True
            elif sign == ord('"'):
                inside = False
        elif sign == ord('"'):
            inside = True
        elif sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    seen = scan(content)
    assert min(seen.depth, MAX_DEPTH + 1) == min(deepest, MAX_DEPTH + 1)
    if deepest <= MAX_DEPTH:
        assert seen.open == (inside or depth > 0 or not content.strip())
