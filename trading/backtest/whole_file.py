"""Writes a result so that no half of it is ever seen, and says in one sentence why it could not."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from config.texts import catalogue
from trading.core.errors import BadInput

_KNOWN: Final = {
    errno.EACCES: "report.no_permission",
    errno.EPERM: "report.no_permission",
    errno.EROFS: "report.read_only",
    errno.ENOSPC: "report.disk_full",
    errno.EDQUOT: "report.disk_full",
    errno.ENOENT: "report.no_folder",
    errno.ENOTDIR: "report.no_folder",
    errno.EISDIR: "report.is_folder",
    errno.ENAMETOOLONG: "report.long_name",
}


def check_targets(paths: Sequence[Path]) -> None:
    """Refuses early what cannot be written, before a long run is lost on it. Raises BadInput."""
    seen: set[Path] = set()
    for path in paths:
        try:
            target = path.resolve()
            if target in seen:
                raise BadInput("report.same_target", path=path)
            seen.add(target)
            _check(path, target)
        except OSError as error:
            raise _refused(path, error) from None


def _check(path: Path, target: Path) -> None:
    if _is_stream(path):
        return
    if target.is_dir():
        raise OSError(errno.EISDIR, "")
    if not target.parent.is_dir():
        raise OSError(errno.ENOENT, "")
    if not os.access(target.parent, os.W_OK):
        raise OSError(errno.EACCES, "")


def _is_stream(path: Path) -> bool:
    """A pipe or a device, which cannot be replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write_whole(path: Path, content: str) -> None:
    """Replaces `path` (a link's target) by `content` in UTF-8: whole and synced, or not at all. Raises BadInput.

    A pipe or a device is written to as it is.
    """
    try:
        if _is_stream(path):
            path.write_text(content, encoding="utf-8", newline="")
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise _refused(path, error) from None


def _replace(target: Path, content: str) -> None:
    beside = target.with_name(f".haetae-{os.getpid()}.tmp")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:  # whatever went wrong, no stray file stays; the cause goes on
        beside.unlink(missing_ok=True)
        raise


def _refused(path: Path, error: OSError) -> BadInput:
    key = _KNOWN.get(error.errno or 0)
    if key is None:
        return BadInput("report.unwritable", path=path, reason=error.strerror or str(error))
    reason_ko, reason_en = catalogue()[key]
    return BadInput("report.unwritable_known", path=path, reason_ko=reason_ko, reason_en=reason_en)
