"""`python -m tests.bench [--quick] [--json FILE] [--only NAME ...]`: measures the figures the program promises.

Each row: name, value, target, ok or NOT. Exit code 0 when every target is met, 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import backtest, memory, request_rate, speed, start, steps
from tests.bench.figures import Figure, as_json, machine, show

PARTS: dict[str, Callable[[bool], list[Figure]]] = {
    "steps": steps.figures,
    "memory": memory.figures,
    "start": start.figures,
    "speed": speed.figures,
    "requests": request_rate.figures,
    "backtest": backtest.figures,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measures one part after the other, so that none disturbs another."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="shorter runs: a few minutes instead of a quarter of an hour"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write machine and figures there too")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=tuple(PARTS), metavar="NAME")
    args = parser.parse_args(argv)
    here = machine()
    found: list[Figure] = []
    for name in args.only:
        print(f"{name} ...", file=sys.stderr, flush=True)  # noqa: T201 - progress for who waits
        found += PARTS[name](args.quick)
    show(here, found)
    if args.json:
        args.json.write_text(json.dumps(as_json(here, found), indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.ok is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
