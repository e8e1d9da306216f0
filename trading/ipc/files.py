"""Files that are replaced whole or grow by lines, so that a reader never sees half of one.

A file is written beside its target under a unique name, synced, renamed over it, and the folder is synced. A reader
opens without following links and without waiting, and turns every fault of the content into a named problem.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

import psutil

from trading.ipc.document import Json, encode, parse

SCHEMA: Final = 1  #: the version of every file of the contract that this code writes and believes
WINDOWS: Final = os.name == "nt"
MAX_BYTES: Final = 256 * 1024 * 1024
REPLACE_RETRY_S: Final = 1.0
WRITTEN: Final = (
    "",
    "rejected/",
    "history/",
    "history/*/",
    "summaries/",
    "backups/",
)  #: folders of the data folder that hold files made here

Killpoint = Callable[[str], None]
Problem = Literal["missing", "torn", "newer", "unreadable"]
Signature = tuple[int, int, int]  #: inode, size, time of change in ns: equal for two looks at one unchanged file
T = TypeVar("T")
U = TypeVar("U")


def no_kill(label: str) -> None:
    """The kill point of every process that is not under test: nothing happens."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What a look at a file brought. value is None when there is a problem (or, from `readers`, the last good one).

    problem: missing (no such file), torn (its content is not a whole document of this kind), newer (written by a later
    version), unreadable (no plain file, no permission, too large). detail: the reason, for logs.
    mtime_ns: None if missing.
    """

    value: T | None
    problem: Problem | None = None
    mtime_ns: int | None = None
    detail: str = ""
    signature: Signature | None = field(default=None, compare=False)

    def turn(self, shape: Callable[[T], U]) -> Read[U]:
        """This look with its value turned by `shape`; a ValueError of `shape` becomes the problem "torn"."""
        if self.problem is not None or self.value is None:
            return Read(None, self.problem, self.mtime_ns, self.detail, self.signature)
        try:
            return Read(shape(self.value), None, self.mtime_ns, "", self.signature)
        except ValueError as error:
            return Read(None, "torn", self.mtime_ns, str(error), self.signature)


def ensure_folder(folder: Path) -> None:
    """Creates `folder` and what is missing above it, each 0700. Raises OSError."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        ensure_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise


def write_json(path: Path, value: Json, killpoint: Killpoint = no_kill) -> Signature:
    """Replaces `path` by the JSON of `value`, whole and durable, mode 0600; creates the folder (0700) if need be.

    Returns the signature of what was written. Kill points: J7 when the temporary file is written and synced, J8 when
    it has taken the name but the folder is not synced. Raises OSError (disk full, read-only, ...) with the old file
    untouched, ValueError/TypeError for what is no JSON.
    """
    return write_text(path, encode(value) + "\n", killpoint)


def write_text(path: Path, text: str, killpoint: Killpoint = no_kill) -> Signature:
    """Replaces `path` by `text` in UTF-8; see `write_json`."""
    ensure_folder(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.{os.getpid()}-", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            written = signature(os.fstat(file.fileno()))
        killpoint("J7")
        replace(temporary, path)
    except BaseException:  # whatever went wrong, no stray file stays; the cause goes on
        temporary.unlink(missing_ok=True)
        raise
    killpoint("J8")
    sync_folder(path.parent)
    return written


def replace(
    source: Path,
    target: Path,
    windows: bool = WINDOWS,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Renames `source` over `target`. On Windows a reader's open handle blocks that, so it is tried for 1 s.

    A folder that stands in the place of the file is set aside as `<name>.aside-<n>`. Raises OSError.
    """
    deadline = monotonic() + REPLACE_RETRY_S
    while True:
        try:
            source.replace(target)
            return
        except IsADirectoryError:
            target.rename(_free_name(target))
        except PermissionError:
            if not windows or monotonic() >= deadline:
                raise
            sleep(0.02)


def _free_name(target: Path) -> Path:
    number = 1
    while os.path.lexists(aside := target.with_name(f"{target.name}.aside-{number}")):
        number += 1
    return aside


def sync_folder(folder: Path) -> None:
    """Makes renames and new names in `folder` durable. Windows has no such call. Raises OSError."""
    if WINDOWS:
        return
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clean_temporaries(data_dir: Path, alive: Callable[[int], bool] = psutil.pid_exists) -> int:
    """Removes temporary files that a killed writer left in a data folder; those of other living processes stay.

    Call it once at start, before anything is written. Returns how many were removed.
    """
    removed = 0
    for path in (path for folder in WRITTEN for path in data_dir.glob(f"{folder}.*.tmp")):
        owner = path.name.removesuffix(".tmp").rpartition(".")[2].partition("-")[0]
        if not owner.isdigit() or (int(owner) != os.getpid() and alive(int(owner))):
            continue
        try:
            path.unlink()
            removed += 1
        except OSError:  # another cleaner was faster, or it is no file of ours
            continue
    return removed


def open_plain(path: Path) -> int:
    """A read handle on the plain file `path`: no link followed, no wait on a pipe. OSError EINVAL: not plain."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return handle


def signature(seen: os.stat_result) -> Signature:
    """The signature in the answer of stat."""
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


def signature_of(path: Path) -> Signature | None:
    """The signature of what lies at `path` (a link is not followed); None when nothing does or it cannot be asked."""
    try:
        return signature(path.lstat())
    except OSError:
        return None


def read_json(path: Path, max_bytes: int = MAX_BYTES) -> Read[Json]:
    """The JSON at `path`, with Decimals; never raises for what the file holds. A faulty look is repeated once."""
    first = _look(path, max_bytes)
    return _look(path, max_bytes) if first.problem in ("torn", "unreadable") else first


def _look(path: Path, max_bytes: int) -> Read[Json]:
    try:
        handle = open_plain(path)
    except FileNotFoundError:
        return Read(None, "missing")
    except NotADirectoryError:
        return Read(None, "missing")
    except OSError as error:
        return Read(None, "unreadable", None, error.strerror or str(error))
    try:
        with os.fdopen(handle, "rb") as file:
            seen = os.fstat(file.fileno())
            mark = signature(seen)
            if seen.st_size > max_bytes:
                return Read(None, "unreadable", seen.st_mtime_ns, f"{seen.st_size} bytes", mark)
            content = file.read(max_bytes)
    except OSError as error:
        return Read(None, "unreadable", None, error.strerror or str(error))
    return _judge(content, seen.st_mtime_ns, mark)


def _judge(content: bytes, mtime_ns: int, mark: Signature) -> Read[Json]:
    try:
        value = parse(content.decode())
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        return Read(None, "torn", mtime_ns, str(error), mark)
    version = value.get("schema") if isinstance(value, Mapping) else None
    if type(version) is int and version > SCHEMA:
        return Read(None, "newer", mtime_ns, f"schema {version}", mark)
    return Read(value, None, mtime_ns, "", mark)


def append_line(path: Path, value: Json) -> None:
    """Adds `value` as one line of JSON, in one write, mode 0600; creates folder and file.

    A torn last line (a write cut by power loss) is taken off first, a whole one that only lacks its end is kept.
    Not synced: the ledger is the truth, these lines can be rebuilt. Raises OSError, ValueError/TypeError for no JSON.
    """
    ensure_folder(path.parent)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    handle = os.open(path, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a plain file", str(path))
        line = _mend_tail(handle) + (encode(value) + "\n").encode()
        while line:
            line = line[os.write(handle, line) :]
    finally:
        os.close(handle)


def _mend_tail(handle: int, chunk: int = 65_536) -> bytes:
    """Takes a torn last line off; answers what must stand before the next line: nothing, or the missing line end."""
    size = os.fstat(handle).st_size
    start, tail = size, b""
    while start > 0 and b"\n" not in tail:
        step = min(chunk if tail else 1, start)  # most often the last byte is the line end
        start -= step
        os.lseek(handle, start, os.SEEK_SET)
        tail = os.read(handle, step) + tail
    torn = tail.rpartition(b"\n")[2]
    if not torn:
        return b""
    try:
        parse(torn.decode())
    except ValueError:
        os.ftruncate(handle, size - len(torn))
        return b""
    return b"\n"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a history file, oldest first. faulty: how many were not whole (a torn last one among them)."""

    rows: tuple[dict[str, Json], ...]
    faulty: int = 0
    problem: Problem | None = None


def read_lines(path: Path) -> Lines:
    """All whole lines of a JSON lines file; never raises for what it holds."""
    try:
        with os.fdopen(open_plain(path), "rb") as file:
            content = file.read(MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return Lines((), 0, "missing")
    except OSError:
        return Lines((), 0, "unreadable")
    rows: list[dict[str, Json]] = []
    faulty = 0
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        try:
            row = parse(line.decode())
        except ValueError:
            row = None
        if isinstance(row, dict):
            rows.append(row)
        else:
            faulty += 1
    return Lines(tuple(rows), faulty)


def write_lines(path: Path, values: Iterable[Json], killpoint: Killpoint = no_kill) -> None:
    """Replaces a JSON lines file whole (rebuilding history); see `write_json`."""
    write_text(path, "".join(encode(value) + "\n" for value in values), killpoint)
