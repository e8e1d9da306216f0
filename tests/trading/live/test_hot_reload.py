"""Settings files while the bot runs: a save is seen once and whole, a bad one changes nothing."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler

from config.errors import NotWhileRunning, SettingError
from config.settings import Override, Settings, load, reload
from trading.live.clock import SystemClock
from trading.live.hot_reload import QUIET_S, EnvWatch, apply, differences

DEADLINE_S = 10.0


@dataclass
class HandClock:
    seconds: float = 0.0

    def wall_ms(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def market_ms(self) -> int:
        return self.wall_ms()


class _Marker(FileSystemEventHandler):
    def __init__(self) -> None:
        self.seen = threading.Event()

    def on_deleted(self, event: FileSystemEvent) -> None:
        if os.fsdecode(event.src_path).endswith("marker"):
            self.seen.set()


def delivered(watch: EnvWatch) -> bool:
    """Waits until the events of everything done in the folder so far have come: they keep their order."""
    observer, folder = watch._observer, watch._paths[0].parent
    assert observer is not None
    marker = _Marker()
    observer.schedule(marker, os.fspath(folder))
    (folder / "marker").touch()
    (folder / "marker").unlink()
    return marker.seen.wait(DEADLINE_S)


def until(condition: Callable[[], bool]) -> bool:
    """Polls until the condition holds, at most ten seconds of real time."""
    clock, pause = SystemClock(), threading.Event()
    deadline = clock.monotonic() + DEADLINE_S
    while not (held := condition()) and clock.monotonic() < deadline:
        pause.wait(0.01)
    return held


@pytest.fixture
def env(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text("HAETAE_TAKE_PROFIT_PERCENT=0.05\n", encoding="utf-8")
    return path


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def compared(env: Path, clock: HandClock) -> Iterator[EnvWatch]:
    with EnvWatch([env, env.with_name("tuned.env")], clock, events=False) as watch:
        assert not watch.listening
        yield watch


def later(path: Path, text: str) -> None:
    """Writes in place, with a time of change that differs whatever the file system's grain."""
    was = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(was + 1_000_000, was + 1_000_000))


# -- comparing ---------------------------------------------------------------------------------------------------------


def test_nothing_happened(compared: EnvWatch, clock: HandClock) -> None:
    for _ in range(5):
        clock.seconds += 3.0
        assert not compared.changed()


def test_a_save_is_told_once_when_it_is_still(compared: EnvWatch, env: Path, clock: HandClock) -> None:
    later(env, "HAETAE_TAKE_PROFIT_PERCENT=0.04\n")
    assert not compared.changed()
    clock.seconds += QUIET_S / 2
    assert not compared.changed()
    clock.seconds += QUIET_S / 2 + 0.001
    assert compared.changed()
    clock.seconds += 3.0
    assert not compared.changed()


def test_a_file_being_written_is_waited_for(compared: EnvWatch, env: Path, clock: HandClock) -> None:
    for part in range(1, 6):
        later(env, "HAETAE_K"[:part])
        assert not compared.changed()
        clock.seconds += QUIET_S * 0.9
    assert not compared.changed()
    clock.seconds += QUIET_S
    assert compared.changed()


def test_same_length_same_time_but_another_file(compared: EnvWatch, env: Path, clock: HandClock) -> None:
    was = env.stat()
    other = env.with_name("new")
    other.write_text("HAETAE_TAKE_PROFIT_PERCENT=0.09\n", encoding="utf-8")
    os.utime(other, ns=(was.st_atime_ns, was.st_mtime_ns))
    other.replace(env)
    compared.changed()
    clock.seconds += 1.0
    assert compared.changed()


@pytest.mark.parametrize("name", [".env", "tuned.env"])
def test_appearing_and_vanishing_are_changes(compared: EnvWatch, env: Path, clock: HandClock, name: str) -> None:
    path = env.with_name(name)
    moves = [path.unlink, lambda: path.write_text("A=1\n")] if path.exists() else [lambda: path.write_text("A=1\n")]
    for move in moves:
        move()
        assert not compared.changed()
        clock.seconds += 1.0
        assert compared.changed()


# -- events ------------------------------------------------------------------------------------------------------------


def test_events_make_a_rested_save_known_at_the_first_look(env: Path, clock: HandClock) -> None:
    with EnvWatch([env], clock) as watch:
        assert watch.listening
        with env.open("a") as file:
            file.write("HAETAE_MAX_POSITIONS=4\n")
        assert delivered(watch)
        clock.seconds += 3.0  # the pause of the loop; no look in between
        assert watch.changed()
    watch.close()
    assert not watch.listening


def test_events_notice_what_comparing_cannot(env: Path, clock: HandClock) -> None:
    with EnvWatch([env], clock) as watch:
        was = env.stat()
        with env.open("r+") as file:  # in place, same length, and the time of change put back
            file.write("HAETAE_TAKE_PROFIT_PERCENT=0.07\n")
        os.utime(env, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert delivered(watch)
        clock.seconds += 1.0
        assert watch.changed()


def test_an_editors_rename_is_noticed_once(env: Path, clock: HandClock) -> None:
    with EnvWatch([env], clock) as watch:
        part = env.with_name(".env.swp")
        part.write_text("HAETAE_TAKE_PROFIT_PERCENT=0.04\n", encoding="utf-8")
        part.replace(env)
        told = [watch.changed()]
        clock.seconds += 0.3
        told.append(watch.changed())
        assert delivered(watch)  # the events of the rename come later than the look saw it
        clock.seconds += 0.3
        told.append(watch.changed())
        clock.seconds += 3.0
        told.append(watch.changed())
        assert told.count(True) == 1


def test_other_files_and_reading_are_no_change(env: Path, clock: HandClock) -> None:
    with EnvWatch([env], clock) as watch:
        env.read_text(encoding="utf-8")
        env.with_name("other").write_text("x")
        assert delivered(watch)
        clock.seconds += 1.0
        assert not watch.changed()


def test_a_folder_that_is_not_there_is_compared(tmp_path: Path, clock: HandClock) -> None:
    path = tmp_path / "later" / "tuned.env"
    with EnvWatch([path], clock) as watch:
        assert not watch.changed()
        path.parent.mkdir()
        path.write_text("A=1\n")
        assert not watch.changed()
        clock.seconds += 1.0
        assert watch.changed()


# -- taking over -------------------------------------------------------------------------------------------------------


@pytest.fixture
def started(env: Path) -> Settings:
    return load(env, env.with_name("tuned.env"), {})


@pytest.fixture
def again(env: Path) -> Callable[[Settings], Settings]:
    return lambda old: reload(old, env, env.with_name("tuned.env"), {})


def test_a_good_edit_is_taken_over(env: Path, started: Settings, again: Callable[[Settings], Settings]) -> None:
    env.write_text(
        "HAETAE_TAKE_PROFIT_PERCENT=0.04\nHAETAE_UPBIT_MAX_POSITIONS=2\nHAETAE_PARAM_K=0.4\n", encoding="utf-8"
    )
    applied = apply(started, again)
    assert applied.problem is None
    assert applied.settings.knobs("upbit").take_profit_percent == 0.04
    assert applied.changed == {
        "take_profit_percent": (0.05, 0.04),
        "param.k": (None, "0.4"),
        "upbit.max_positions": (started.knobs("upbit").max_positions, 2),
    }


@pytest.mark.parametrize(
    ("lines", "line", "value", "part"),
    [
        (["# mine", "HAETAE_TAKE_PROFIT_PERCENT=7"], 2, "7", "0"),
        (["HAETAE_MAX_POSITIONS=many"], 1, "many", "0"),
        (["HAETAE_TAKE_PROFIT_PERCENT=0.04", "", "HAETAE_SIZING=lucky"], 3, "lucky", "turtle"),
    ],
)
def test_a_bad_edit_changes_nothing_and_is_named(
    env: Path,
    started: Settings,
    again: Callable[[Settings], Settings],
    lines: list[str],
    line: int,
    value: str,
    part: str,
) -> None:
    env.write_text("\n".join(lines) + "\n", encoding="utf-8")
    applied = apply(started, again)
    assert applied.settings is started
    assert not applied.changed and not applied.dropped
    problem = applied.problem
    assert problem is not None
    assert (problem.line, problem.value) == (line, value)
    assert part in problem.allowed
    for lang in ("ko", "en"):
        assert str(line) in problem.text(lang) and value in problem.text(lang) and problem.allowed in problem.text(lang)


def test_a_vanished_file_keeps_the_settings_and_says_so(
    env: Path, started: Settings, again: Callable[[Settings], Settings]
) -> None:
    env.unlink()
    applied = apply(started, again)
    assert applied.settings is started
    assert isinstance(applied.problem, SettingError) and applied.problem.reason == "vanished"


def test_a_mode_cannot_change(env: Path, started: Settings, again: Callable[[Settings], Settings]) -> None:
    env.write_text("HAETAE_MODE=paper\nHAETAE_TAKE_PROFIT_PERCENT=0.04\n", encoding="utf-8")
    applied = apply(started, again)
    assert applied.settings is started and isinstance(applied.problem, NotWhileRunning)


def test_an_edit_ends_the_override_of_that_knob_only(env: Path) -> None:
    tuned = env.with_name("tuned.env")
    overrides = [Override("take_profit_percent", 0.06), Override("max_positions", 4)]
    started = load(env, tuned, {}, overrides)
    env.write_text("HAETAE_TAKE_PROFIT_PERCENT=0.04\n", encoding="utf-8")
    applied = apply(started, lambda old: reload(old, env, tuned, {}))
    assert [gone.name for gone in applied.dropped] == ["take_profit_percent"]
    assert applied.changed == {"take_profit_percent": (0.06, 0.04)}
    assert applied.settings.knobs("upbit").max_positions == 4


def test_the_same_file_is_no_difference(started: Settings, again: Callable[[Settings], Settings]) -> None:
    assert apply(started, again).changed == {}
    assert differences(started, started) == {}


def test_other_errors_are_not_swallowed(started: Settings) -> None:
    def broken(old: Settings) -> Settings:
        raise RuntimeError("a fault of the program")

    with pytest.raises(RuntimeError):
        apply(started, broken)
