"""Plain Python functions, compiled: `trading/core` is written once, called as it is by the bot, compiled by the kernel.

What was compiled is kept on disk, in a folder named after the sources: a changed rule is never run from an old binary.
"""

from __future__ import annotations

import dis
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import numba

_ROOT: Final = Path(__file__).resolve().parents[3]
_SOURCES: Final = (*sorted((_ROOT / "trading" / "core").glob("*.py")), *sorted(Path(__file__).parent.glob("*.py")))

#: Sources whose compiled code is kept, the present ones included.
KEPT: Final = 3


@cache
def fingerprint() -> str:
    """Changes with every source that the kernel is made of."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: `data/kernel/<fingerprint>`, or a temporary folder where that is read-only."""
    for parent in (_ROOT / "data" / "kernel", Path(tempfile.gettempdir()) / f"haetae-kernel-{os.getuid()}"):
        folder = parent / fingerprint()
        try:
            if not folder.is_dir():
                _forget(parent)
                folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="haetae-kernel-"))


def _forget(parent: Path) -> None:
    """Leaves what belongs to the last sources beside the new ones."""
    folders = sorted(parent.glob("*/"), key=lambda folder: folder.stat().st_mtime)
    for old in folders[: -KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)


def is_cached(function: Callable[..., Any]) -> bool:
    """`function` was compiled before, from these sources."""
    return any(cache_folder().rglob(f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-*.nbc"))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with everything of ours that it calls, compiled at its first call (or loaded from disk)."""
    numba.config.CACHE_DIR = str(cache_folder())
    return _compiled(function, {}, True)


def _compiled(function: Any, done: dict[FunctionType, Any], kept: bool = False) -> Any:
    if function not in done:
        scope = dict(function.__globals__)
        for step in dis.get_instructions(function):
            name = step.argval
            called = scope.get(name) if step.opname == "LOAD_GLOBAL" else None
            if isinstance(called, FunctionType) and called.__module__.startswith("trading."):
                scope[name] = _compiled(called, done)
        own = FunctionType(function.__code__, scope, function.__name__, function.__defaults__, function.__closure__)
        own.__qualname__ = function.__qualname__
        own.__module__ = function.__module__
        done[function] = numba.njit(own, cache=kept, nogil=True, error_model="numpy")
    return done[function]
