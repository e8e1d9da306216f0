"""Reading `.env`: names, values and the line each stands on. No interpolation: a `$` in a password stays a `$`."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import parse_stream

from config.errors import SettingError

MAX_BYTES = 1_000_000
_NEWLINE = re.compile(r"\r\n|\n|\r")
_LEADING = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class EnvLine:
    """One assignment: name and value as written (quotes and comment removed), line number from 1."""

    name: str
    value: str
    line: int

    def __repr__(self) -> str:  # values may be keys
        return f"EnvLine({self.name!r}, line {self.line})"


@dataclass(frozen=True, slots=True)
class EnvFile:
    """A file of assignments. `present` False: there is no such file. `blank`: nothing but white space in it."""

    file: str
    present: bool
    blank: bool
    lines: tuple[EnvLine, ...]


def read_env(path: Path) -> EnvFile:
    """The file's assignments in order; a missing file is empty. Raises SettingError naming file and line."""
    file = path.name
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return EnvFile(file, False, True, ())
    except OSError as error:
        raise SettingError("unreadable", file, file=file, hint=error.strerror or type(error).__name__) from None
    if len(data) > MAX_BYTES:
        raise SettingError("too_large", file, file=file, allowed=f"{MAX_BYTES // 1000} kB")
    text = _decoded(data, file)
    return EnvFile(file, True, not text.strip(), parse_env(text, file))


def parse_env(text: str, file: str) -> tuple[EnvLine, ...]:
    """Assignments of `text` in order. Raises SettingError for a line that is none (never showing its value)."""
    lines: list[EnvLine] = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        written = binding.original.string
        blank = _LEADING.match(written)
        line = binding.original.line + len(_NEWLINE.findall(blank.group() if blank else ""))
        if binding.error or (binding.key is not None and binding.value is None):
            raise SettingError("syntax", binding.key or file, file=file, line=line)
        if binding.key is not None and binding.value is not None:
            lines.append(EnvLine(binding.key, binding.value, line))
    return tuple(lines)


def _decoded(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingError("encoding", file, file=file, line=data[: error.start].count(b"\n") + 1) from None
    if (at := text.find("\0")) >= 0:
        raise SettingError("encoding", file, file=file, line=text[:at].count("\n") + 1)
    return text
