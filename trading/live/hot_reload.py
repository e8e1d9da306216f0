"""Settings files while the bot runs: noticing that one was saved, and taking over what it says, or nothing of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from config.errors import SettingError
from config.layers import Entry
from config.names import PARAM
from config.settings import Override, Settings
from trading.core.ports import Clock

QUIET_S: Final = 0.1
#: watchdog holds the events of a rename back for half a second, to pair them.
ECHO_S: Final = 1.0
_READS: Final = frozenset({"opened", "closed_no_write"})

Signature = tuple[int, int, int] | None  # time of change in ns, size, inode; None: no such file


def _signature(path: Path) -> Signature:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class _Listener(FileSystemEventHandler):
    """Keeps the time of the last event that touched one of the files. Runs in watchdog's thread."""

    def __init__(self, paths: Sequence[Path], clock: Clock) -> None:
        # Some systems name a file by its real folder, whatever way leads there.
        real = [path.parent.resolve() / path.name for path in paths]
        self._paths = frozenset(os.fspath(path) for path in (*paths, *real))
        self._clock = clock
        self._lock = threading.Lock()
        self._last: float | None = None

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _READS:
            return
        touched = {os.fsdecode(event.src_path), os.fsdecode(event.dest_path)}
        if touched & self._paths:
            with self._lock:
                self._last = self._clock.monotonic()

    def take(self) -> float | None:
        """The time (monotonic s) of the last event since the last call, None without one."""
        with self._lock:
            last, self._last = self._last, None
            return last


class EnvWatch:
    """Says once per save that one of `paths` changed, when it has been still for 100 ms of `clock`'s monotonic time.

    Events of the file system come from watchdog; time of change, size and inode are compared at each call besides, for
    file systems without events. A file that appears or vanishes has changed too. Close it, or use `with`.
    """

    def __init__(self, paths: Sequence[Path], clock: Clock, events: bool = True) -> None:
        """events False: compare only (or where the system gives no watch: then by itself)."""
        self._paths = tuple(path.absolute() for path in paths)
        self._clock = clock
        self._seen = self._look()
        self._moved_at: float | None = None
        self._told_at: float | None = None
        self._listener = _Listener(self._paths, clock)
        self._observer = self._watch() if events else None

    @property
    def listening(self) -> bool:
        """Events come from the file system; False: only comparing."""
        return self._observer is not None and self._observer.is_alive()

    def changed(self) -> bool:
        """True once after a save that has come to rest. Never blocks, never raises; cheap enough for every step."""
        now = self._clock.monotonic()
        look = self._look()
        event = self._listener.take()
        moved = look != self._seen
        echo = self._told_at is not None and event is not None and event - self._told_at < ECHO_S
        if event is not None and (moved or not echo):
            self._moved_at = event
        elif moved:
            self._moved_at = now
        self._seen = look
        if self._moved_at is None or now - self._moved_at < QUIET_S:
            return False
        self._moved_at, self._told_at = None, now
        return True

    def close(self) -> None:
        """Ends the watching thread; a second call does nothing."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(timeout=2.0)

    def __enter__(self) -> EnvWatch:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _look(self) -> tuple[Signature, ...]:
        return tuple(_signature(path) for path in self._paths)

    def _watch(self) -> BaseObserver | None:
        observer = Observer()
        try:
            for folder in {path.parent for path in self._paths if path.parent.is_dir()}:
                observer.schedule(self._listener, os.fspath(folder), recursive=False)
            observer.start()
        except (OSError, RuntimeError):  # no watches or threads left: comparing does the work alone
            observer.unschedule_all()
            return None
        return observer


@dataclass(frozen=True, slots=True)
class Applied:
    """What an attempt to take over an edit came to.

    settings: in force now (the old ones where there is a problem). changed: name -> (old, new); a value that holds for
    one venue only is named `<venue>.<knob>`, a strategy parameter `param.<name>`. dropped: overrides that the edit of
    `.env` ended. problem: why nothing of the edit counts; its `text(lang)` names line, value and range.
    """

    settings: Settings
    changed: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    dropped: tuple[Override, ...] = ()
    problem: SettingError | None = None


def apply(old: Settings, reload: Callable[[Settings], Settings]) -> Applied:
    """Reads the settings again by `reload(old)`; a SettingError (NotWhileRunning too) leaves everything as it was."""
    try:
        new = reload(old)
    except SettingError as problem:
        return Applied(old, problem=problem)
    return Applied(new, differences(old, new), new.dropped)


def differences(old: Settings, new: Settings) -> dict[str, tuple[object, object]]:
    """Every value in force that differs, by name; see `Applied.changed`. An absent parameter is None."""
    everywhere = _differing(_values(old, None), _values(new, None))
    found = dict(everywhere)
    for venue in new.venues:
        for name, pair in _differing(_values(old, venue), _values(new, venue)).items():
            if everywhere.get(name) != pair:
                found[f"{venue}.{name}"] = pair
    return found


def _values(settings: Settings, venue: str | None) -> dict[str, object]:
    resolved = settings.resolved[venue]
    params = {PARAM + name: entry.value for name, entry in resolved.params.items()}
    return {**_plain(resolved.entries), **params}


def _plain(entries: Mapping[str, Entry]) -> dict[str, object]:
    return {name: entry.value for name, entry in entries.items()}


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    names = (*new, *(name for name in old if name not in new))
    return {name: (old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)}
