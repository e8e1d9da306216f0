"""A bot that lives over its venue's day roll compares the day before, and nothing of it is left when it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tests.live.bots import BUSY, Home, Simulator, simulator, until
from trading.core.calendar import DAY_MS, HOUR_MS, MINUTE_MS

NewHome = Callable[..., Home]
#: 23:50 KST: the KST day ends within minutes, the venue's nine hours later.
START_MS = 1_763_596_800_000 // DAY_MS * DAY_MS + 15 * HOUR_MS - 10 * MINUTE_MS
ROLLED_MS = START_MS // DAY_MS * DAY_MS + DAY_MS + 11 * MINUTE_MS
DATE = "2025-11-20"
COMPARED = "select 1 from events where kind = 'job' and detail like '%unexplained%'"


def compared(home: Home) -> dict[str, Any] | None:
    """The job's row once it has a result."""
    rows = [one for one in home.status()["jobs"] if one["name"] == "compare:upbit" and one["last_result"]]
    return rows[0] if rows else None


def jump(exchange: Simulator, to_ms: int) -> None:
    exchange.post("/clock", to_ms=to_ms)
    exchange.post("/clock", run=True)


@pytest.mark.slow
def test_the_day_before_is_compared_after_the_roll(new_home: NewHome) -> None:
    home = new_home(**BUSY)
    with simulator("--seed", "7", "--speed", "150", "--start", str(START_MS)) as exchange:
        bot = home.start("run", "--simulator", exchange.admin).ready()
        until(lambda: home.status()["market_time_ms"] > START_MS + 12 * MINUTE_MS, "the end of the KST day")
        jump(exchange, ROLLED_MS)
        job = until(lambda: compared(home), "a comparison")
        result = dict(pair.split("=") for pair in job["last_result"].split())
        assert result["date"] == DATE
        assert "failed" not in result
        entered = home.rows(f"select count(*) from trades where entry_ms < {START_MS + 10 * MINUTE_MS}")
        assert int(result["lived"]) <= entered[0][0]  # what was still held is not compared
        assert job["next_ms"] == ROLLED_MS - MINUTE_MS + DAY_MS
        assert f"하루 비교: {DATE} upbit" in home.log()
        assert len(home.rows(COMPARED)) == 1
        workers = psutil.Process(bot.process.pid).children(recursive=True)
        bot.end()
        assert not [one for one in workers if one.is_running()]
        again = home.start("run", "--simulator", exchange.admin).ready()
        assert compared(home) == job
        again.end()
        assert len(home.rows(COMPARED)) == 1
