"""What an interrupted search has done, kept in a file of lines: a header that binds it, then scores."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Final

import numpy as np

from config.texts import text
from trading.backtest.engine import Score
from trading.backtest.grid import Values
from trading.backtest.inputs import ROOT
from trading.backtest.trials import Ground, Scores
from trading.core.candles import Candles
from trading.core.errors import BadInput

FOLDER: Final = ROOT / "data" / "research"
_ENGINE: Final = ("trading/core", "trading/strategies", "trading/backtest", "trading")
_FIGURES: Final = tuple(field.name for field in fields(Score))
_figures = attrgetter(*_FIGURES)

Fingerprint = Mapping[str, str]
"""What a search depends on (candles, strategy, grid, knobs, engine) -> its digest."""


def fingerprint(ground: Ground, combinations: Sequence[Values]) -> dict[str, str]:
    """Two searches with the same one have the same scores."""
    grid = ground.grid
    axes = [(axis.name, axis.values) for axis in grid.axes]
    return {
        "candles": _digest(part for series in ground.series for part in (series.instrument, *_arrays(series.candles))),
        "detail": _digest(part for s in ground.series if s.detail is not None for part in _arrays(s.detail)),
        "strategy": _digest([grid.rule]),
        "grid": _digest([axes, _digest(combinations) if len(combinations) != grid.size else ""]),
        "knobs": _digest([grid.knobs, ground.cash, ground.spans]),
        "engine": _digest(_engine_files()),
    }


def default_path(verb: str, marks: Fingerprint) -> Path:
    """Where a search keeps what it did when no file is named: each search has its own.

    In `data/research/`, or in the system's temporary folder where the program's own is read-only.
    """
    folder = FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / "haetae-research"
    return folder / f"{verb}-{_digest(sorted(marks.items()))}.jsonl"


def _arrays(candles: Candles) -> tuple[object, ...]:
    columns = (candles.time, candles.open, candles.high, candles.low, candles.close, candles.volume)
    return (candles.timeframe_ms, *columns)


def _engine_files() -> Iterable[object]:
    for folder in _ENGINE:
        for path in sorted((ROOT / folder).glob("*.py")):
            yield path.name
            yield path.read_bytes()


def _digest(parts: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(np.ascontiguousarray(part).view(np.uint8).data)
        else:
            digest.update(part if isinstance(part, bytes) else repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


class Journal:
    """Scores by the number of their combination, in memory and in a file; a line at a time."""

    def __init__(self, path: Path, marks: Fingerprint) -> None:
        """Opens or begins the file. Raises BadInput where another search wrote it, OSError."""
        self.path = path
        self.done: dict[int, Scores] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]  # a torn last line is no line
        if whole:
            self._read(whole, marks)
        elif content and not content.startswith(b'{"search"'[: len(content)]):
            raise BadInput("optimize.resume_alien", path=path)
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        os.ftruncate(self._handle, len(whole))
        if not whole:
            self._write({"search": dict(marks)})

    def _read(self, whole: bytes, marks: Fingerprint) -> None:
        try:
            header, *lines = [json.loads(line) for line in whole.splitlines()]
            found = header["search"]
            self.done = {number: _scores(row) for line in lines for number, row in line}
        except (ValueError, TypeError, KeyError):
            raise BadInput("optimize.resume_alien", path=self.path) from None
        other = [name for name, mark in marks.items() if found.get(name) != mark]
        if other:
            ko, en = (", ".join(text(f"optimize.mark_{name}", lang) for name in other) for lang in ("ko", "en"))
            raise BadInput("optimize.resume_other", path=self.path, what_ko=ko, what_en=en)

    def add(self, numbers: Sequence[int], scores: Sequence[Scores]) -> None:
        """Keeps the scores of some combinations. Raises OSError."""
        rows = [[list(_figures(score)) for score in row] for row in scores]
        self._write([list(line) for line in zip(numbers, rows, strict=True)])
        self.done.update(zip(numbers, scores, strict=True))

    def _write(self, line: object) -> None:
        rest = (json.dumps(line) + "\n").encode()
        while rest:  # a full disk takes a part, then says so
            rest = rest[os.write(self._handle, rest) :]

    def close(self, remove: bool) -> None:
        """Ends the file, which is kept or, when everything in it is done and reported, removed."""
        os.close(self._handle)
        if remove:
            self.path.unlink(missing_ok=True)


def _scores(row: Sequence[Sequence[float]]) -> Scores:
    return tuple(Score(*figures) for figures in row)  # type: ignore[arg-type]
