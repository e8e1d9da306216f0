"""One bot's order path as a process that can be killed: started again and again over the same folder and account.

Run as a program it is a server that has imported everything and forks one child per life, so that a life costs
milliseconds. Requests and answers are JSON lines.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.trading.lossy_venue import FakeClock, LossyVenue, an_order
from trading.core.orders import State
from trading.execution import Execution
from trading.live.account import sellable
from trading.live.journal import ExitJournal, JournaledLedger
from trading.live.killpoint import killpoint
from trading.live.ledger import Ledger, Stamp, open_ledger
from trading.live.lock import DataFolderLock
from trading.live.reconcile import reconcile

STAMP = Stamp("live", {"upbit": "lossy"}, {"upbit": ""})
FOREIGN = Decimal(7)


@dataclass(frozen=True)
class Scenario:
    """fates: what happens to the first POSTs of all lives; portion: share of an order filled at once.

    limit: the entry rests; cancel_at: step at which it is cancelled (0 = never); leave: the holding is sold again.
    """

    fates: tuple[str, ...] = ()
    portion: str = "1"
    limit: bool = False
    cancel_at: int = 0
    leave: bool = True
    fee_in_base: bool = False


def live(folder: Path, scenario: Scenario, number: int, at: Callable[[str], None]) -> None:
    """The `number`-th life over `folder`: start, recover, decide the same again, trade for some steps, end in order."""
    clock = FakeClock(1_763_600_000.0 + 300 * number, 1_000.0 + 300 * number)
    lock = DataFolderLock(folder, clock.wall_ms())
    ledger = open_ledger(folder, STAMP, clock.wall_ms(), killpoint=at).ledger
    venue = LossyVenue(clock, folder / "truth.json", at)
    venue.plan = deque(scenario.fates[len(venue.truth.posts) :])
    venue.portion = Decimal(scenario.portion)
    venue.fee_in_base = scenario.fee_in_base
    guarded = JournaledLedger(ledger, ExitJournal(folder / "exits.journal", 1 << 16))
    execution = Execution(venue, guarded, clock, at)
    for step in range(1, 13):
        result = reconcile(venue, ledger, execution, clock) if step == 1 else None
        if step == 1:
            assert result is not None
            foreign = result.foreign.get("BTC")
            # While an order is in doubt its asset is not compared; what was foreign before still is.
            assert foreign is None or foreign.quantity == FOREIGN, foreign
            # The same candle is decided again in every life.
            execution.execute([an_order("entry", limit=Decimal(1000) if scenario.limit else None)])
        if step == scenario.cancel_at:
            execution.execute([], [order for order in execution.live if order.leg == "entry"])
        if step >= 6:
            venue.work()
        if step >= 7 and scenario.leave:
            _leave(execution, venue, ledger)
        clock.pass_s(8)
        execution.settle()
        execution.events()
        _show(folder, ledger)
    ledger.close()
    lock.release()


def _leave(execution: Execution, venue: LossyVenue, ledger: Ledger) -> None:
    held = ledger.owned("upbit").get("BTC", Decimal(0))
    if held <= 0 or execution.live:
        return
    quantity = sellable(held, venue.balances()["BTC"].free, FOREIGN)
    attempt = len([order for order in ledger.orders_of("upbit", "entry") if order.leg == "exit"])
    if quantity > 0:
        order = an_order(f"exit{attempt}", "exit", str(quantity), trip="entry", attempt=attempt)
        execution.execute([order])


def _show(folder: Path, ledger: Ledger) -> None:
    """A projection, replaced whole."""
    shown = {asset: str(quantity) for asset, quantity in ledger.owned("upbit").items()}
    partial = folder / "shown.part"
    partial.write_text(json.dumps(shown))
    partial.replace(folder / "shown.json")


def check(folder: Path, scenario: Scenario) -> None:
    """The invariants after the last life: posts per intent, quantities, no order unknown to us, projections, exits."""
    truth = LossyVenue(FakeClock(), folder / "truth.json")
    ledger = open_ledger(folder, STAMP, 0).ledger
    posts = truth.truth.posts
    assert len(posts) == len(set(posts)), f"posted twice: {posts}"
    for entry in truth.truth.orders:
        if entry["client_id"]:
            order = ledger.order(entry["client_id"])
            assert order is not None, f"the ledger does not know {entry['client_id']}"
            assert order.state is State(entry["state"]), (order, entry)
    ours = ledger.owned("upbit").get("BTC", Decimal(0))
    assert ours == truth.net("BTC", posts), f"ledger {ours}, venue {truth.net('BTC', posts)}"
    assert truth.held("BTC") == FOREIGN + ours, "foreign coins were touched"
    assert ledger.unfinished("upbit") == []
    shown = json.loads((folder / "shown.json").read_text())
    assert Decimal(shown.get("BTC", "0")) == ours
    if scenario.leave:
        assert ours == 0, f"{ours} left without an exit"
    ledger.close()


def begin(folder: Path) -> None:
    """A new account with foreign coins of the same kind."""
    folder.mkdir(parents=True, exist_ok=True)
    LossyVenue(FakeClock(), folder / "truth.json").give("BTC", str(FOREIGN))


def _child(request: dict[str, Any]) -> None:
    folder = Path(request["folder"])
    scenario = Scenario(**{**request["scenario"], "fates": tuple(request["scenario"]["fates"])})
    kill = killpoint({"BOT_KILL_AT": request["kill_at"]})
    seen: Counter[str] = Counter()

    def at(label: str) -> None:
        seen[label] += 1
        kill(label)

    live(folder, scenario, request["number"], at)
    (folder / "seen.json").write_text(json.dumps(seen))


def serve() -> None:
    """Forks a child per request line; answers with its exit status (negative: the signal that ended it)."""
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _child(request)
                code = 0
            except BaseException:  # noqa: BLE001 - a child must not run on into its parent's loop
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        sys.stdout.write(json.dumps(os.waitstatus_to_exitcode(status)) + "\n")
        sys.stdout.flush()


def request_of(folder: Path, scenario: Scenario, number: int, kill_at: str = "") -> str:
    """One line for the server."""
    return json.dumps({"folder": str(folder), "scenario": asdict(scenario), "number": number, "kill_at": kill_at})


if __name__ == "__main__":
    serve()
