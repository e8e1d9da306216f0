"""Commands on their way: done is only what the outcomes file calls so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui import sample_folder
from tests.ui.sample_folder import NOW_MS
from trading.ipc import commands
from trading.ipc.outcomes import OutcomesFile
from trading.ipc.readers import load
from ui.view.errands import Errand, Sent, args_text, errands, mailbox, newsworthy
from ui.voice import Voice


def look(folder: Path, voice: Voice, mine: list[Sent], now_ms: int = NOW_MS) -> dict[str, Errand]:
    return {one.id: one for one in errands(load(folder, now_ms), mine, mailbox(folder), voice)}


def test_from_waiting_to_done(folder: Path, ko: Voice) -> None:
    sent = [Sent("c1", "pause", {}, NOW_MS, "dashboard")]
    commands.send(folder, "pause", {}, "dashboard", NOW_MS, command_id="c1")
    waiting = look(folder, ko, sent)["c1"]
    assert (waiting.state, waiting.tone, waiting.fresh, waiting.waiting) == ("waiting", "warn", True, True)
    (folder / commands.FILE).unlink()  # the bot took it
    assert look(folder, ko, sent)["c1"].state == "waiting"
    outcomes = OutcomesFile(folder, [sample_folder.outcome("c1", "accepted")])
    outcomes.publish(NOW_MS)
    assert look(folder, ko, sent)["c1"].state_text == "접수됨"
    outcomes.put(sample_folder.outcome("c1", "done"))
    outcomes.publish(NOW_MS)
    done = look(folder, ko, sent)["c1"]
    assert (done.state_text, done.detail, done.tone) == ("완료", "진입을 멈췄습니다.", "good")
    assert not look(folder, ko, sent, NOW_MS + 60_000)["c1"].fresh, "an old end leaves the header"


@pytest.mark.parametrize("state", ["failed", "refused", "expired"])
def test_a_bad_end_is_red(folder: Path, ko: Voice, state: str) -> None:
    OutcomesFile(folder, [sample_folder.outcome("c1", state)]).publish(NOW_MS)
    assert look(folder, ko, [Sent("c1", "pause", {}, NOW_MS, "dashboard")])["c1"].tone == "bad"


def test_a_command_that_vanished_is_not_done(folder: Path, ko: Voice) -> None:
    sent = [Sent("c1", "pause", {}, NOW_MS, "dashboard")]
    assert look(folder, ko, sent, NOW_MS + 5_000)["c1"].state == "waiting"
    assert look(folder, ko, sent, NOW_MS + 20_000)["c1"].state == "lost"


def test_waiting_for_a_dead_bot_says_why(folder: Path, ko: Voice) -> None:
    commands.send(folder, "pause", {}, "dashboard", NOW_MS, command_id="c1")
    row = look(folder, ko, [], NOW_MS + 600_000)["c1"]
    assert row.state == "waiting"
    assert "봇이 응답하지 않아" in row.detail


def test_commands_of_others_are_seen(folder: Path, ko: Voice) -> None:
    (folder / commands.FILE).write_text('{"kind": "resume", "issued_by": "telegram"}')
    rows = look(folder, ko, [])
    assert {"old-1", "old-2"} < set(rows)
    hand = next(one for one in rows.values() if one.by == "telegram")
    assert hand.kind == "재개"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"commands": 3}', '{"commands": [1, {"id": 5}, {"id": "x", "args": 3}]}']
)
def test_a_mailbox_of_nonsense_breaks_nothing(folder: Path, ko: Voice, content: str) -> None:
    (folder / commands.FILE).write_text(content)
    assert look(folder, ko, []) is not None


def test_the_header_tells_what_is_on_its_way_and_one_end(folder: Path, ko: Voice) -> None:
    told = [sample_folder.outcome(name, "done", NOW_MS - 5_000 + place) for place, name in enumerate("abc")]
    OutcomesFile(folder, [*told, sample_folder.outcome("d", "accepted", NOW_MS)]).publish(NOW_MS)
    rows = errands(load(folder, NOW_MS), [], [], ko)
    assert [one.id for one in newsworthy(rows)] == ["d", "c"]


def test_arguments_in_words(ko: Voice) -> None:
    args = {"venue": "upbit", "preset": "scalping", "params": {"k": 0.4}, "positions": "keep"}
    assert args_text(args, ko) == "업비트 · scalping · k 0.4 · 포지션 유지"
    assert args_text({"all": True}, ko) == "전부"
