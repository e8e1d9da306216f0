"""How long `main.py run --mode demo` takes from exec to its first step, simulator and all."""

from __future__ import annotations

from statistics import median

from tests.bench.demo import Demo
from tests.bench.figures import Figure

LIMIT_S = 5.0
PATIENCE_S = 60.0


def figures(quick: bool) -> list[Figure]:
    """Worst and median of several cold starts."""
    stepped, decided = [], []
    for _ in range(2 if quick else 5):
        with Demo() as demo:
            stepped.append(demo.wait_for(demo.stepped, PATIENCE_S))
            decided.append(demo.wait_for(demo.decided, PATIENCE_S))
    note = f"{len(stepped)} starts, a new folder each"
    found = []
    for name, values in (("first step", stepped), ("first step with candles", decided)):
        found.append(Figure(f"Start to {name}, median", median(values), "s", LIMIT_S, note=note))
        found.append(Figure(f"Start to {name}, worst", max(values), "s", LIMIT_S, note=note))
    return found
