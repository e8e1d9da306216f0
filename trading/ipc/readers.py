"""What a controller sees of the bot: every file of the data folder in one look that never raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeVar

from trading.ipc import decisions, market, outcomes, portfolio, status
from trading.ipc.decisions import Decisions
from trading.ipc.document import Json
from trading.ipc.files import Problem, Read, read_json, signature_of
from trading.ipc.market import Market
from trading.ipc.outcomes import Outcome
from trading.ipc.portfolio import Portfolio
from trading.ipc.status import BotStatus
from trading.ipc.vocabulary import VENUES

DEAD_AFTER_LOOPS: Final = 3
DEAD_AFTER_S: Final = 10.0

#: alive; dead: the heartbeat stopped; stopped: a clean end; absent: no bot has ever written here;
#: unknown: the status cannot be read now and there is no earlier one to go by.
Life = Literal["alive", "dead", "stopped", "absent", "unknown"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at a data folder. Each Read carries its problem; with an earlier snapshot its last good value too.

    age_s: seconds since the heartbeat (None: never seen one). portfolios: venue -> Read, only files that are there.
    """

    data_dir: Path
    now_ms: int
    life: Life
    age_s: float | None
    status: Read[BotStatus]
    portfolios: Mapping[str, Read[Portfolio]]
    decisions: Read[Decisions]
    market: Read[Market]
    outcomes: Read[tuple[Outcome, ...]]

    @property
    def alive(self) -> bool:
        """True while the heartbeat beats."""
        return self.life == "alive"

    @property
    def problems(self) -> dict[str, Problem]:
        """File name -> what is wrong with it; missing files that a young bot has not written yet are no problem."""
        found: dict[str, Problem | None] = {
            status.FILE: self.status.problem,
            decisions.FILE: self.decisions.problem,
            market.FILE: self.market.problem,
            outcomes.FILE: self.outcomes.problem,
            **{portfolio.file_name(venue): look.problem for venue, look in self.portfolios.items()},
        }
        return {name: problem for name, problem in found.items() if problem is not None and problem != "missing"}


def load(data_dir: Path, now_ms: int, previous: Snapshot | None = None) -> Snapshot:
    """Reads every file of `data_dir`. now_ms: wall clock, ms UTC. Never raises for what lies there.

    previous: the last snapshot of this folder; files that did not change since are not read again, and where one is
    torn, newer or unreadable now, its last good value stays in `value` beside the problem.
    """
    if previous is not None and previous.data_dir != data_dir:
        previous = None
    seen = _look(data_dir / status.FILE, status.shape_status, previous.status if previous else None)
    life, age_s = judge_life(seen, now_ms)
    portfolios: dict[str, Read[Portfolio]] = {}
    for venue in VENUES:
        before = previous.portfolios.get(venue) if previous else None
        look = _look(data_dir / portfolio.file_name(venue), portfolio.shape_portfolio, before)
        if look.problem != "missing":
            portfolios[venue] = look
    return Snapshot(
        data_dir=data_dir,
        now_ms=now_ms,
        life=life,
        age_s=age_s,
        status=seen,
        portfolios=portfolios,
        decisions=_look(data_dir / decisions.FILE, decisions.shape_decisions, previous.decisions if previous else None),
        market=_look(data_dir / market.FILE, market.shape_market, previous.market if previous else None),
        outcomes=_look(data_dir / outcomes.FILE, outcomes.shape_outcomes, previous.outcomes if previous else None),
    )


def judge_life(seen: Read[BotStatus], now_ms: int) -> tuple[Life, float | None]:
    """(life, seconds since the heartbeat) from a look at the status: silent for 3 loops, at least 10 s, is dead."""
    if seen.value is None:
        return ("absent" if seen.problem == "missing" else "unknown"), None
    age_s = max(0.0, now_ms / 1000 - seen.value.timestamp)
    if seen.value.status == "stopped":
        return "stopped", age_s
    limit = max(DEAD_AFTER_S, DEAD_AFTER_LOOPS * seen.value.loop_seconds)
    return ("dead" if age_s > limit else "alive"), age_s


def _look(path: Path, shape: Callable[[Json], T], before: Read[T] | None) -> Read[T]:
    if before is not None and before.problem is None and before.signature == signature_of(path):
        return before
    look = read_json(path).turn(shape)
    if look.problem in (None, "missing") or before is None:
        return look
    return replace(look, value=before.value)
