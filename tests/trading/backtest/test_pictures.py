"""Curves thinned without losing an extreme, axes at round places, and the heat map of a sweep."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.trading.backtest.made_up import DAY, HOUR, MINUTE, START
from trading.backtest.axis import MOST_TIMES, round_numbers, round_times
from trading.backtest.heat_map import heat_map, heat_table
from trading.backtest.moments import kst
from trading.backtest.plot import Curve, Marks, plot
from trading.backtest.thin import kept


@given(st.integers(0, 100_000), st.integers(1, 3000), st.integers(1, 40))
def test_every_bucket_keeps_its_extremes(seed: int, n: int, buckets: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.integers(1, 50, n)).astype(np.int64)
    values = np.round(rng.normal(0.0, 1.0, n), 1)
    chosen = kept(times, values, buckets)
    assert (np.diff(chosen) > 0).all()
    assert chosen[0] == 0
    assert chosen[-1] == n - 1
    assert len(chosen) <= max(4 * buckets, 1)
    edges = np.linspace(times[0], times[-1], buckets + 1)
    edges[-1] += 1.0  # the last one holds the end
    for low, high in pairwise(edges):
        part = values[(times >= low) & (times < high)]
        left = values[chosen][(times[chosen] >= low) & (times[chosen] < high)]
        if len(part) > 4:
            assert left.min() == part.min()
            assert left.max() == part.max()


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_round_numbers_lie_inside_and_are_few(low: float, size: float) -> None:
    high = low + size
    if high - low < 1e-9 * abs(low):
        return
    found = round_numbers(low, high)
    assert 1 <= len(found) <= 6
    assert all(low - 1e-6 * size <= one <= high + 1e-6 * size for one in found)


@given(st.integers(946_684_800_000, 4_102_444_800_000), st.integers(1, 40 * 365 * DAY))
def test_round_times_are_midnights_months_or_round_hours_in_korea(start: int, length: int) -> None:
    found = round_times(start, start + length)
    assert len(found) <= MOST_TIMES
    assert all(start <= one.time_ms <= start + length for one in found)
    assert len({one.label for one in found}) == len(found)
    if length >= 30 * DAY:
        assert len(found) >= 2
        assert all(kst(one.time_ms).endswith("00:00") for one in found)


def test_a_year_is_marked_by_months() -> None:
    labels = [one.label for one in round_times(1_704_034_800_000, 1_704_034_800_000 + 366 * DAY - MINUTE)]
    assert labels == ["2024-01", "2024-04", "2024-07", "2024-10"]


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0], [0.0, 0.0, 0.0], [1.0, -1.0], list(range(5000))])
def test_a_picture_is_whole_whatever_the_curve(values: list[float]) -> None:
    times = START + HOUR * np.arange(len(values), dtype=np.int64)
    marks = Marks("buy", times[:1], np.array(values[:1], np.float64))
    for look in ("main", "area"):
        drawn = plot([Curve(times, np.array(values, np.float64), look)], 'a "title" <b>', str, [marks])
        tree = ET.fromstring(drawn)
        assert tree.get("aria-label") == 'a "title" <b>'
        assert "nan" not in drawn
        assert "inf" not in drawn
    assert plot([Curve(times[:0], np.empty(0), "main")], "", str) == ""


def test_marks_on_one_place_are_drawn_once() -> None:
    times = START + MINUTE * np.arange(10_000, dtype=np.int64)
    values = np.full(10_000, 7.0)
    drawn = plot([Curve(times, values, "price")], "", str, [Marks("buy", times, values), Marks("sell", times, values)])
    assert 200 < drawn.count("#buy") == drawn.count("#sell") <= 251


# -- heat map ----------------------------------------------------------------------------------------------------------

XS, YS = [0.3, 0.4, 0.5], [0.03, 0.05]
VALUES = [[0.1, -0.2, None], [0.0, 0.25, -0.01]]


def test_the_heat_map_says_every_value_in_words() -> None:
    tree = ET.fromstring(heat_map("k", XS, "<stop>", YS, VALUES, "en"))
    words = ["".join(node.itertext()) for node in tree.iter("text")]
    assert {"+10.0%", "-20.0%", "–", "+0.0%", "+25.0%", "-1.0%", "0.3", "0.05"} <= set(words)
    assert any("<stop>" in word for word in words)
    cells = list(tree.iter("rect"))
    framed = [node for node in cells if node.get("stroke")]
    assert len(cells) == 6
    assert ["".join(node.itertext()) for node in framed] == ["0.4 / 0.05: +25.0%"]
    opacity = {"".join(node.itertext()): float(node.get("fill-opacity", "1")) for node in cells}
    assert opacity["0.4 / 0.05: +25.0%"] > opacity["0.4 / 0.03: -20.0%"] > opacity["0.3 / 0.03: +10.0%"] > 0


@pytest.mark.parametrize("values", [[], [[]], [[None, None]], [[0.0, 0.0]], [[0.1] * 60] * 40])
def test_the_heat_map_stands_any_grid(values: list[list[float | None]]) -> None:
    xs, ys = list(range(len(values[0]) if values else 0)), list(range(len(values)))
    ET.fromstring(heat_map("x", xs, "y", ys, values, "ko", "colorblind"))
    heat_table("x", xs, "y", ys, values)


def test_the_heat_map_in_a_terminal() -> None:
    console = Console(width=80, record=True, markup=False)
    console.print(heat_table("k", XS, "take", YS, VALUES))
    lines = console.export_text().splitlines()
    assert lines[0].strip() == "take ↓ k → (%)"
    assert lines[-1].split() == ["0.05", "+0.0", "+25.0", "-1.0"]
