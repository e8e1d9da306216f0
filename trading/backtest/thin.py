"""Fewer points for a picture, with every extreme that the eye would see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trading.core.candles import Floats, Times


def kept(times: Times, values: Floats, buckets: int) -> NDArray[np.int64]:
    """Indices, rising, of the first, lowest, highest and last point in each of `buckets` equal spans of time."""
    if len(times) <= 4 * buckets:
        return np.arange(len(times), dtype=np.int64)
    edges = np.searchsorted(times, np.linspace(times[0], times[-1], buckets + 1)[1:-1])
    chosen: list[int] = []
    for begin, end in zip([0, *edges], [*edges, len(times)], strict=True):
        if end > begin:
            part = values[begin:end]
            chosen += [begin, begin + int(part.argmin()), begin + int(part.argmax()), end - 1]
    return np.unique(np.array(chosen, np.int64))
