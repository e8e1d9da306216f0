"""kill -9 at random wall times while everything goes wrong, N times over: `make soak N=10000`.

    python -m tests.faults.soak [N] [--seed S] [--epoch LIVES] [--keep FOLDER]

A life ends by a kill at a random moment, trading or still starting; every 20th is a cold `python main.py`. After each
kill the invariants that hold at any moment are checked, and after each epoch (its lives share one data folder) a last
life brings everything to its end and all of them are checked. On failure the seed and the plan of faults are printed
and the folder is kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import plans
from tests.faults.arena import LONGER_S, Arena, Epoch, Hits
from tests.faults.forks import Life

COLD_EVERY = 20
ENOUGH_KILLS = 2_000
LEAST = 30
"""Of that many kills, how many must have met an order in flight, a partial fill, and a command half done."""


def live_a_while(epoch: Epoch, life: Life) -> None:
    """People order, trade by hand and start a second bot; then the life has gone on for a time that is drawn."""
    chance = epoch.chance
    for _ in range(chance.randint(0, 3)):
        epoch.order_something()
    epoch.begun(life)
    if chance.random() < 0.3:
        epoch.trade_by_hand()
    if chance.random() < 0.03:
        epoch.intrude()
    time.sleep(chance.uniform(0.0, 1.0))  # the moment of the kill is what is drawn
    if chance.random() < 0.5:
        epoch.order_something()
        time.sleep(chance.uniform(0.0, 0.5))


def one_epoch(arena: Arena, home: Path, seed: int, lives: int, hits: Hits, bug: str = "") -> Epoch:
    """`lives` kills over one folder, then the settlement. Raises AssertionError with what is needed to repeat it."""
    epoch = Epoch(arena, home, seed, bug, hits=hits)
    for number in range(1, lives + 1):
        epoch.disturb(plans.mixture(1000 * seed + number))
        after_s = LONGER_S if epoch.chance.random() < 0.85 else 0.0
        life = epoch.start(cold=not bug and (hits.kills + 1) % COLD_EVERY == 0, after_s=after_s)
        if epoch.chance.random() < 0.15:
            time.sleep(epoch.chance.uniform(0.0, 0.8))  # the moment of the kill is what is drawn
        else:
            live_a_while(epoch, life)
        epoch.killed(life)
    epoch.settle()
    return epoch


def soak(kills: int, seed: int, lives: int, folder: Path, say: bool = True) -> Hits:
    """The whole run; says how it goes. Raises AssertionError."""
    hits, began = Hits(), time.monotonic()
    with Arena(seed) as arena:
        number = 0
        while hits.kills < kills:
            home = folder / f"epoch-{number}"
            one_epoch(arena, home, seed + number, min(lives, kills - hits.kills), hits).clean()
            number += 1
            if say:
                _say(f"{time.monotonic() - began:7.0f} s  {hits}")
    return hits


def poor(hits: Hits) -> list[str]:
    """What a long run met too seldom to prove anything."""
    if hits.kills < ENOUGH_KILLS:
        return []
    met = {"order in flight": hits.in_flight, "partial fill": hits.partial, "command half done": hits.command}
    return [f"only {count} kills with {what}" for what, count in met.items() if count < LEAST]


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the run's report


def main() -> int:
    """Exit codes: 0 everything held, 1 something did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=10_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epoch", type=int, default=50, metavar="LIVES", help="lives of one data folder")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the data folders lie (default: a new one)")
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        hits = soak(args.kills, args.seed, args.epoch, folder)
    except AssertionError as error:
        _say(f"BROKEN\n{error}\nfolder: {folder}")
        return 1
    for line in (said := poor(hits)):
        _say(line)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
