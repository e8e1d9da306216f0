"""The first run gives the user a `.env` to write in."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from config.template import FILE_NAME, env_template


def ensure_env(root: Path) -> bool:
    """Create `root/.env` (mode 0600) from `root/.env.example`, or from the knobs where that is missing.

    Returns True when it was created; an existing file is never touched, whatever it holds. Raises OSError when the
    folder cannot be written.
    """
    target = root / ".env"
    if target.exists() or target.is_symlink():
        return False
    try:
        content = (root / FILE_NAME).read_bytes()
    except FileNotFoundError:
        content = env_template().encode()
    # Written aside and linked into place: nobody ever sees half a file, and of two starts at once only one wins.
    part = root / f".env.{os.getpid()}.new"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        return _place(part, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def _place(part: Path, target: Path) -> bool:
    try:
        os.link(part, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if target.exists():
            return False
        part.replace(target)
    return True
