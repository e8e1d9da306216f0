"""A price grid: steps that depend on the band a price lies in. The bands themselves belong to each venue."""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal


class PriceGrid:
    """Bands of (lowest price, step), in exact and in quick arithmetic. Called with a price it returns the step."""

    def __init__(self, bands: tuple[tuple[Decimal, Decimal], ...]) -> None:
        """`bands` from the highest down; the last must begin at 0."""
        ascending = sorted(bands)
        if not ascending or ascending[0][0] != 0:
            raise ValueError("the lowest band must begin at 0")
        self._lowest = [lowest for lowest, _ in ascending]
        self._steps = [step for _, step in ascending]
        self._quick_lowest = [float(lowest) for lowest in self._lowest]
        self._quick_steps = [float(step) for step in self._steps]

    def __call__(self, price: Decimal) -> Decimal:
        """The step at `price`."""
        return self._steps[max(bisect_right(self._lowest, price) - 1, 0)]

    def nearest(self, price: float) -> float:
        """The nearest price on the grid, at least one step."""
        step = self._quick_steps[max(bisect_right(self._quick_lowest, price) - 1, 0)]
        return round(max(round(price / step), 1) * step, 8)
