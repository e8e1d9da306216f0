"""What is written to a log from now on, also across its rotations."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


class Tail:
    """Follows a growing file of JSON lines that may not be there yet. Lines there at the start are left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._inode = 0
        self._torn = b""
        if (file := self._open()) is not None:
            file.seek(0, os.SEEK_END)

    def _open(self) -> IO[bytes] | None:
        try:
            self._file = self._path.open("rb")
        except OSError:
            self._file = None
        else:
            self._inode = os.fstat(self._file.fileno()).st_ino
            self._torn = b""
        return self._file

    def _replaced(self) -> bool:
        try:
            return self._path.stat().st_ino != self._inode
        except OSError:
            return False

    def new(self) -> Iterator[dict[str, object]]:
        """Whole lines written since the last call; what is no JSON object is left out."""
        file = self._file or self._open()
        if file is None:
            return
        yield from self._rest(file)
        if self._replaced():
            file.close()
            if (file := self._open()) is not None:
                yield from self._rest(file)

    def _rest(self, file: IO[bytes]) -> Iterator[dict[str, object]]:
        *whole, self._torn = (self._torn + file.read()).split(b"\n")
        for line in whole:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row

    def close(self) -> None:
        """Lets go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
