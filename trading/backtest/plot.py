"""Line pictures as SVG that fits any width: curves are stretched, letters and marks keep their size.

Colours come from the page's style sheet (`html_style`), so that one picture serves a light, a dark and a printed page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

import numpy as np

from trading.backtest.axis import round_numbers, round_times
from trading.backtest.thin import kept
from trading.core.candles import Floats, Times

BUCKETS: Final = 600
_UNITS: Final = 1000.0  # of the stretched inner picture, both ways
_TOP: Final = 14
_BOTTOM: Final = 22
_CELLS: Final = (250.0, 6.0)  # marks in one cell (a share of the width, pixels of height) are one

Look = Literal["main", "beside", "area", "price"]
Side = Literal["buy", "sell"]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """values (n,) at times (n,), ms UTC. look: its class in the style sheet; an area hangs from 0."""

    times: Times
    values: Floats
    look: Look


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Fills to point out: their times (m,) and prices (m,)."""

    side: Side
    times: Times
    values: Floats


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible rectangle: time in ms UTC across, values up."""

    start: int
    end: int
    low: float
    high: float
    height: int

    def across(self, times: Times) -> Floats:
        """0 at the start, 1 at the end."""
        return np.asarray((times - self.start) / max(1, self.end - self.start), np.float64)

    def down(self, values: Floats) -> Floats:
        """0 at the highest value, 1 at the lowest."""
        return np.asarray((self.high - values) / (self.high - self.low), np.float64)

    @property
    def inner(self) -> int:
        """Height of the drawing in pixels, without labels."""
        return self.height - _TOP - _BOTTOM

    def pixel(self, down: float) -> float:
        """From the top of the whole picture."""
        return _TOP + down * self.inner


def plot(
    curves: Sequence[Curve],
    title: str,
    number: Callable[[float], str],
    marks: Sequence[Marks] = (),
    height: int = 280,
) -> str:
    """The picture; empty for curves without a point. title: told in place of it. number: labels the values."""
    shown = [curve for curve in curves if len(curve.times)]
    if not shown:
        return ""
    frame = _frame(shown, height)
    lines = "".join(_line(curve, frame) for curve in shown)
    inner = (
        f'<svg y="{_TOP}" width="100%" height="{frame.inner}" viewBox="0 0 1000 1000" preserveAspectRatio="none">'
        f"{lines}</svg>"
    )
    return (
        f'<svg class="plot" width="100%" height="{height}" role="img" aria-label="{escape(title)}">'
        f"{_grid(frame)}{inner}{''.join(_points(one, frame) for one in marks)}{_labels(frame, number)}</svg>"
    )


def _frame(curves: Sequence[Curve], height: int) -> Frame:
    low = min(float(curve.values.min()) for curve in curves)
    high = max(float(curve.values.max()) for curve in curves)
    room = 0.04 * (high - low) or 0.01 * abs(high) or 0.01
    top = high if any(curve.look == "area" for curve in curves) else high + room
    start = min(int(curve.times[0]) for curve in curves)
    return Frame(start, max(int(curve.times[-1]) for curve in curves), low - room, top, height)


def _line(curve: Curve, frame: Frame) -> str:
    chosen = kept(curve.times, curve.values, BUCKETS)
    x = frame.across(curve.times[chosen]) * _UNITS
    y = frame.down(curve.values[chosen]) * _UNITS
    points = " ".join(f"{a:.1f} {b:.0f}" for a, b in zip(x, y, strict=True))
    if len(chosen) == 1:  # a line of no length shows as its round cap
        points += f" {points}"
    if curve.look != "area":
        return f'<path class="{curve.look}" d="M{points}"/>'
    zero = f"{_UNITS * float(frame.down(np.zeros(1))[0]):.0f}"
    filled = f'<path class="area" d="M{x[0]:.1f} {zero} {points} {x[-1]:.1f} {zero}z"/>'
    return f'{filled}<path class="edge" d="M{points}"/>'


def _points(marks: Marks, frame: Frame) -> str:
    """One mark per cell: thousands on one place are no more than one."""
    inside = (marks.times >= frame.start) & (marks.times <= frame.end)
    across = frame.across(marks.times[inside])
    down = np.clip(frame.down(marks.values[inside]), 0.0, 1.0)
    cells = {
        (round(a * _CELLS[0]), round(frame.pixel(d) / _CELLS[1])): (a, frame.pixel(d))
        for a, d in zip(across.tolist(), down.tolist(), strict=True)
    }
    uses = "".join(f'<use href="#{marks.side}" x="{100 * a:.2f}%" y="{y:.0f}"/>' for a, y in cells.values())
    return f'<g class="{marks.side}">{uses}</g>'


def _grid(frame: Frame) -> str:
    lines = "".join(
        f'<line x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        for y in (frame.pixel(float(d)) for d in frame.down(np.array(round_numbers(frame.low, frame.high))))
    )
    return f'<g class="grid">{lines}</g>'


def _labels(frame: Frame, number: Callable[[float], str]) -> str:
    """Values over their grid lines at the left, times under the drawing; every second time goes on a narrow page."""
    values = round_numbers(frame.low, frame.high)
    left = "".join(
        f'<text x="2" y="{frame.pixel(float(d)) - 3:.1f}">{escape(number(value))}</text>'
        for value, d in zip(values, frame.down(np.array(values)), strict=True)
    )
    times = round_times(frame.start, frame.end)
    under = ""
    for index, (mark, share) in enumerate(
        zip(times, frame.across(np.array([mark.time_ms for mark in times], np.int64)), strict=True)
    ):
        anchor = "start" if share < 0.05 else "end" if share > 0.95 else "middle"
        wide = ' class="wide"' if index % 2 else ""
        under += f'<text x="{100 * share:.2f}%" y="{frame.height - 6}" text-anchor="{anchor}"{wide}>{mark.label}</text>'
    return f'<g class="labels">{left}{under}</g>'
