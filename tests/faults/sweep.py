"""Every labelled point x restarts x seeds with the real bot: it dies at J1 to J9 and starts again over the same folder.

python -m tests.faults.sweep [--seeds N] [--restarts N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults import plans
from tests.faults.arena import LONGER_S, Arena, Epoch
from tests.live.bots import until

LABELS = ("J4", "J6", "J7", "J1", "J3", "J2", "J5", "J8", "J9")
"""Points of the order path (J1 to J6), of the files (J7, J8) and of the commands' outcomes (J9)."""
PATIENCE_S = 60.0


def troubled(seed: int) -> dict[str, object]:
    """Some replies lost, some orders filled in part: the points lie on paths that a calm day does not take."""
    rules = [
        plans.reply_lost() | {"nth": 2, "times": 0, "chance": 0.4},
        plans.partly(0.4) | {"times": 0, "chance": 0.3},
        {"on": plans.ORDER, "status": 404, "body": plans.NOT_FOUND, "times": 0, "chance": 0.1},
    ]
    return {"rules": rules, "seed": seed}


def die_at(epoch: Epoch, label: str, number: int) -> None:
    """A life that passes `label` until it dies there the `number`-th time; then what holds at any moment is checked."""
    life = epoch.start(kill_at=f"{label}:{number}", after_s=LONGER_S)
    epoch.hand_in("resume", {})

    def over() -> bool:
        if life.wait(0.4):
            return True
        epoch.order_something()
        return False

    until(over, f"a death at {label}:{number}; {epoch.told()} {epoch.complaint()}", PATIENCE_S)
    epoch.killed(life)


def sweep(
    arena: Arena, home: Path, seed: int, numbers: Sequence[int] = (1, 2), labels: Sequence[str] = LABELS, bug: str = ""
) -> Epoch:
    """All labels, each the first, second, ... time, over one folder. Raises AssertionError with what repeats it."""
    epoch = Epoch(arena, home, seed, bug)
    epoch.disturb(troubled(seed))
    for number in numbers:
        for label in labels:
            die_at(epoch, label, number)
    epoch.settle()
    return epoch


def main() -> int:
    """Exit codes: 0 everything held, 1 something did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sweep", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--restarts", type=int, default=5, help="each label the first, second, ... time")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sweep-"))
    with Arena() as arena:
        for seed in range(args.seeds):
            try:
                epoch = sweep(arena, folder / str(seed), seed, range(1, args.restarts + 1))
            except AssertionError as error:
                print(f"BROKEN\n{error}\nfolder: {folder}", flush=True)  # noqa: T201 - the run's report
                return 1
            print(f"seed {seed}: {epoch.hits}", flush=True)  # noqa: T201 - the run's report
            epoch.clean()
    return 0


if __name__ == "__main__":
    sys.exit(main())
