"""history/: append-only JSON lines for curves and tables. Days and months are those of UTC on the market clock.

`history/<venue>/trades-YYYY-MM.jsonl`, `equity-YYYY-MM-DD.jsonl`, `evaluations-YYYY-MM-DD.jsonl`,
`events-YYYY-MM.jsonl`; events that concern no venue lie in `history/` itself. The ledger is the truth: `rewrite` makes
any of them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

from trading.ipc.files import Killpoint, append_line, no_kill, read_lines, write_lines
from trading.ipc.shapes import OPTIONAL, from_json, to_json
from trading.ipc.vocabulary import VENUES

FOLDER: Final = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """A closed round trip. trip: id of the entry order; times: market clock; prices: averages over the fills.

    fees: both sides; funding: received is positive; pnl: after fees and funding; money in `currency`; *_percent in
    percent.
    """

    trip: str
    venue: str
    book: str
    strategy: str
    symbol: str
    market: str
    currency: str
    side: Literal["long", "short"]
    quantity: Decimal
    entry_ms: int
    entry_price: Decimal
    exit_ms: int
    exit_price: Decimal
    reason: str
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    pnl_percent: float
    slippage_percent: float = 0.0

    @property
    def time_ms(self) -> int:
        """The moment that names its file: the exit."""
        return self.exit_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityLine:
    """A point of the equity curve, one a minute and one per fill. Money in `currency`; time_ms: market clock."""

    time_ms: int
    venue: str
    currency: str
    equity: Decimal
    cash: Decimal
    cause: Literal["minute", "fill", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationLine:
    """A buy or sell evaluation that differs from the one before; fields as in decisions.json. time_ms: market clock."""

    time_ms: int
    venue: str
    symbol: str
    side: Literal["buy", "sell"]
    candle_ms: int
    action: Literal["BUY", "SELL", "HOLD", "WAIT"]
    strategy: str
    confidence: float
    conditions: Mapping[str, bool]
    gate: str | None
    numbers: Mapping[str, Any]
    text_ko: str
    text_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """Something a person may ask about later. time_ms: market clock, wall_ms: this machine's. detail: free form."""

    time_ms: int
    wall_ms: int
    kind: Literal["setting", "command", "latch", "alarm", "start", "stop", "job"]
    level: Literal["info", "warning", "error"] = "info"
    venue: str | None = None
    text_ko: str
    text_en: str
    detail: Mapping[str, Any] | None = field(default=None, metadata=OPTIONAL)


Line = TradeLine | EquityLine | EvaluationLine | EventLine
L = TypeVar("L", TradeLine, EquityLine, EvaluationLine, EventLine)

#: kind of line -> (name of its files, pattern of their time)
_FILES: Final[dict[type, tuple[str, str]]] = {
    TradeLine: ("trades", "%Y-%m"),
    EquityLine: ("equity", "%Y-%m-%d"),
    EvaluationLine: ("evaluations", "%Y-%m-%d"),
    EventLine: ("events", "%Y-%m"),
}


def line_path(data_dir: Path, line: Line) -> Path:
    """The file that `line` belongs to."""
    name, pattern = _FILES[type(line)]
    folder = data_dir / FOLDER
    return (folder / line.venue if line.venue else folder) / f"{name}-{_moment(line.time_ms, pattern)}.jsonl"


def _moment(time_ms: int, pattern: str) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime(pattern)


def append(data_dir: Path, line: Line) -> None:
    """Adds `line` to its file. Raises OSError."""
    append_line(line_path(data_dir, line), to_json(line))


def rewrite(data_dir: Path, lines: Iterable[Line], killpoint: Killpoint = no_kill) -> None:
    """Replaces every file that `lines` touch by exactly those lines, in their order (the ledger's). Raises OSError."""
    by_path: dict[Path, list[Line]] = {}
    for line in lines:
        by_path.setdefault(line_path(data_dir, line), []).append(line)
    for path, members in by_path.items():
        write_lines(path, (to_json(line) for line in members), killpoint)


@dataclass(frozen=True, slots=True)
class History(Generic[L]):
    """Lines of one kind in order of time. faulty: lines that were torn or of another shape, and are left out."""

    lines: tuple[L, ...]
    faulty: int = 0


def read(
    data_dir: Path, kind: type[L], venue: str | None = None, since_ms: int = 0, until_ms: int | None = None
) -> History[L]:
    """Lines of `kind` with since_ms <= time < until_ms (market clock); venue None: of all venues and of the bot itself.

    Never raises for what the files hold.
    """
    lines: list[L] = []
    faulty = 0
    for path in _paths(data_dir, kind, venue, since_ms, until_ms):
        seen = read_lines(path)
        faulty += seen.faulty
        for row in seen.rows:
            try:
                line = from_json(kind, row)
            except ValueError:
                faulty += 1
                continue
            if since_ms <= line.time_ms and (until_ms is None or line.time_ms < until_ms):
                lines.append(line)
    lines.sort(key=lambda line: line.time_ms)  # stable: lines of one moment keep their order
    return History(tuple(lines), faulty)


def _paths(data_dir: Path, kind: type[Any], venue: str | None, since_ms: int, until_ms: int | None) -> list[Path]:
    name, pattern = _FILES[kind]
    first = _moment(since_ms, pattern)
    last = "9999" if until_ms is None else _moment(until_ms, pattern)
    root = data_dir / FOLDER
    folders = [root / venue] if venue else [root, *(root / one for one in VENUES)]
    return [
        path
        for folder in folders
        for path in sorted(folder.glob(f"{name}-*.jsonl"))
        if first <= path.name[len(name) + 1 : -len(".jsonl")] <= last
    ]
