"""The end of the bot's log, line by line, with the level of each."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trading.ipc.files import open_plain
from ui.figures import Tone

FILE: Final = "trading_bot.log"
LINES: Final = 200
_MOST_BYTES: Final = 128 * 1024
_LEVEL: Final = re.compile(r"\b(CRITICAL|ERROR|WARNING|INFO|DEBUG)\b|\[(HOLD|WAIT|BUY|SELL)\]|(매수 완료|매도 완료)")
_TONE: Final[dict[str, Tone]] = {
    "CRITICAL": "bad",
    "ERROR": "bad",
    "WARNING": "warn",
    "DEBUG": "quiet",
    "HOLD": "quiet",
    "WAIT": "quiet",
    "매수 완료": "up",
    "매도 완료": "down",
}
_CONTROL: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line and its tone."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class LogTail:
    """The last lines, oldest first. missing: there is no file yet; problem: why it cannot be read."""

    lines: tuple[LogLine, ...]
    missing: bool = False
    problem: str = ""


def tail(path: Path, lines: int = LINES, wanted: str = "", least: str = "") -> LogTail:
    """The last `lines` of `path`, only those that hold `wanted`; least "warn": warnings and errors only."""
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = max(0, size - _MOST_BYTES)
            file.seek(start)
            content = file.read(_MOST_BYTES)
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR)
        return LogTail((), missing=gone, problem="" if gone else error.strerror or str(error))
    rows = content.decode("utf-8", "replace").splitlines()
    if start and rows:
        rows = rows[1:]  # it was cut
    read = [_line(row) for row in rows if row.strip() and wanted.casefold() in row.casefold()]
    if least == "warn":
        read = [one for one in read if one.tone in ("bad", "warn")]
    return LogTail(tuple(read[-lines:]))


def _line(row: str) -> LogLine:
    clean = _CONTROL.sub("", row)[:600]
    found = [next(filter(None, one)) for one in _LEVEL.findall(clean)]
    tones = [_TONE[name] for name in found if name in _TONE]
    for tone in ("bad", "warn", "up", "down", "quiet"):
        if tone in tones:
            return LogLine(clean, tone)
    return LogLine(clean, "flat")


def find(data_dir: Path, folder: Path | None) -> Path:
    """The log file: in `folder` if one is named, else beside or in the data folder, else ./logs."""
    if folder is not None:
        return folder / FILE
    places = (data_dir / "logs" / FILE, data_dir.parent / "logs" / FILE, Path("logs") / FILE)
    return next((path for path in places if path.is_file()), places[-1])
