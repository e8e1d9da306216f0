"""The equity curve: points of one venue's history, thinned, and the chart that draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from trading.ipc import history
from trading.ipc.history import EquityLine
from ui.figures import Signed, rate
from ui.voice import Voice

HOUR_MS: Final = 3_600_000
RANGES: Final[dict[str, int | None]] = {"hour": 1, "day": 24, "week": 168, "month": 720, "all": None}  # hours
MOST: Final = 400
KST_MS: Final = 9 * HOUR_MS
_COLOUR: Final = {"up": "#c84a31", "down": "#1261c4"}
_FLAT: Final = "#7b8794"


@dataclass(frozen=True, slots=True)
class Point:
    """Equity at a moment of the market clock."""

    time_ms: int
    equity: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of a range, oldest first, what they gained, the extremes, how many lines could not be read."""

    points: tuple[Point, ...]
    gained: Signed
    gained_rate: Signed
    low: str
    high: str
    faulty: int


def load(data_dir: Path, venue: str, hours: int | None, until_ms: int) -> tuple[tuple[EquityLine, ...], int]:
    """Lines of the last `hours` before `until_ms` (market clock; None: all) and how many could not be read."""
    since_ms = 0 if hours is None else max(0, until_ms - hours * HOUR_MS)
    seen = history.read(data_dir, EquityLine, venue, since_ms)
    return seen.lines, seen.faulty


def files_mark(data_dir: Path, venue: str) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of each file of the curve: equal while nothing was added."""
    marks = []
    for path in sorted((data_dir / history.FOLDER / venue).glob("equity-*.jsonl")):
        try:
            seen = path.stat()
        except OSError:  # gone in between
            continue
        marks.append((path.name, seen.st_size, seen.st_mtime_ns))
    return tuple(marks)


def curve(lines: Sequence[EquityLine], faulty: int, currency: str, voice: Voice) -> Curve:
    """The curve of `lines`; gained: last against first."""
    points = thin([Point(one.time_ms, one.equity) for one in lines])
    if not points:
        nothing = Signed("", "flat")
        return Curve((), nothing, nothing, "", "", faulty)
    first, last = points[0].equity, points[-1].equity
    sizes = [one.equity for one in points]
    return Curve(
        points=points,
        gained=voice.gain(last - first, currency),
        gained_rate=rate((last / first - 1) * 100 if first > 0 else None),
        low=voice.money(min(sizes), currency),
        high=voice.money(max(sizes), currency),
        faulty=faulty,
    )


def thin(points: Sequence[Point], most: int = MOST) -> tuple[Point, ...]:
    """At most about `most` points that keep the first, the last, and the lowest and highest of each stretch."""
    if len(points) <= most:
        return tuple(points)
    stretch = -(-2 * len(points) // most)
    kept = {0, len(points) - 1}
    for start in range(0, len(points), stretch):
        places = range(start, min(start + stretch, len(points)))
        kept.add(min(places, key=lambda place: points[place].equity))
        kept.add(max(places, key=lambda place: points[place].equity))
    return tuple(points[place] for place in sorted(kept))


def chart(shown: Curve, name: str) -> dict[str, Any]:
    """The chart of a curve. Its time axis has no zone, so the times are shifted to Korean time."""
    colour = _COLOUR.get(shown.gained.tone, _FLAT)
    rows = [[one.time_ms + KST_MS, round(float(one.equity), 2)] for one in shown.points]
    fade = {"type": "linear", "x": 0, "y": 0, "x2": 0, "y2": 1}
    shades = [{"offset": 0, "color": f"{colour}40"}, {"offset": 1, "color": f"{colour}00"}]
    return {
        "useUTC": True,
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 12, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "line"}},
        "xAxis": {"type": "time", "splitLine": {"show": False}, "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "scale": True, "splitNumber": 4},
        "series": [
            {
                "name": name,
                "type": "line",
                "showSymbol": len(rows) < 3,
                "data": rows,
                "lineStyle": {"width": 2, "color": colour},
                "itemStyle": {"color": colour},
                "areaStyle": {"color": {**fade, "colorStops": shades}, "origin": "start"},
            }
        ],
    }
