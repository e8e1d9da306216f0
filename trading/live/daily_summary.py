"""Once a day, after every venue's day of limits has rolled, the day before is summed up from the ledger.

The file of a day that is missing (the bot was off) or that cannot be read is written at the next start, one day a look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from trading.core.calendar import DAY_MS, MINUTE_MS, day_of
from trading.core.errors import LedgerUnavailable
from trading.core.ports import Clock
from trading.core.rules import RULES
from trading.ipc.files import Killpoint, no_kill
from trading.ipc.status import Job
from trading.ipc.summary import Summary, VenueSummary, read_summary, summary, write_summary
from trading.live.chores import Diary, Past, pairs
from trading.live.ledger import Ledger
from trading.live.log import shown
from trading.live.notify import Notices

SUM_UP_AFTER_MS: Final = MINUTE_MS
"""So long after the last venue's day roll: the steps that closed the day are in the ledger by then."""
TOLD_DAYS: Final = 7
"""Older days that are made up for get their file and no message."""
REST_S: Final = 600.0
"""After a failure, wall seconds until it is tried again."""
_NAME: Final = "daily_summary"
_ZERO: Final = Decimal(0)


class DailySummary:
    """The job of all venues together. Called by the bot's loop only."""

    def __init__(
        self,
        offsets: Callable[[], Mapping[str, int]],
        data_dir: Path,
        ledger: Ledger,
        clock: Clock,
        diary: Diary,
        notices: Notices,
        killpoint: Killpoint = no_kill,
    ) -> None:
        """offsets: venue -> offset of its limits' day, ms; asked each time, since a knob moves it."""
        self._offsets = offsets
        self._data_dir = data_dir
        self._ledger = ledger
        self._clock = clock
        self._diary = diary
        self._notices = notices
        self._killpoint = killpoint
        self._past = diary.past(_NAME)
        self._day: int | None = None
        self._rest_until = 0.0

    def look(self) -> None:
        """Sums up one day that is due. Raises nothing that ledger or disk can cause."""
        last = last_whole_day(self._offsets(), self._clock.market_ms())
        if self._clock.monotonic() < self._rest_until:
            return
        try:
            if self._day is None:
                self._day = self._first_day()
            while self._day is not None and self._day <= last:
                written = self._sum_up(self._day, last)
                self._day += 1
                if written:
                    return
        except (LedgerUnavailable, OSError) as error:
            self._failed(last if self._day is None else self._day, error)

    def jobs(self) -> tuple[Job, ...]:
        """For the status file."""
        due_ms = next_run(self._offsets(), self._clock.market_ms())
        return (Job(name=_NAME, last_ms=self._past.at_ms, last_result=self._past.result, next_ms=due_ms),)

    def close(self) -> None:
        """Nothing runs elsewhere."""

    def _first_day(self) -> int | None:
        """The day on which the ledger begins; None: it is empty."""
        begun = {venue: self._ledger.first_equity_ms(venue) for venue in self._offsets()}
        return min(
            (day_of(ms, self._offsets()[venue]) for venue, ms in begun.items() if ms is not None),
            default=None,
        )

    def _sum_up(self, day: int, last: int) -> bool:
        """Writes the file of `day` unless it is there; True when it did."""
        date = date_of(day)
        if read_summary(self._data_dir, date).problem in (None, "newer"):
            return False
        venues = {
            venue: one
            for venue, offset in self._offsets().items()
            if (one := venue_summary(self._ledger, venue, day * DAY_MS + offset)) is not None
        }
        if not venues:
            return False
        whole = summary(date, venues, self._clock.wall_ms())
        write_summary(self._data_dir, whole, self._killpoint)
        if date > self._past.date:
            self._tell(whole, day > last - TOLD_DAYS)
        return True

    def _tell(self, whole: Summary, message: bool) -> None:
        result = pairs(
            date=whole.date, trades=whole.total_trades, pnl=shown("pnl", whole.total_pnl, "en"), currency=whole.currency
        )
        self._past = Past(whole.date, self._clock.market_ms(), result)
        for venue, one in whole.venues.items():
            fields: dict[str, Any] = {"date": whole.date, "venue": venue}
            fields |= {name: getattr(one, name) for name in VenueSummary.__dataclass_fields__ if name[-3:] != "_ms"}
            self._diary.say("job.summarized", "info", **fields)
            if message:
                self._notices.send("notice.summary", **fields)
        self._diary.keep(_NAME, self._past)

    def _failed(self, day: int, error: Exception) -> None:
        self._rest_until = self._clock.monotonic() + REST_S
        date = date_of(day)
        code = "ledger_unreadable" if isinstance(error, LedgerUnavailable) else "not_written"
        self._past = Past(self._past.date, self._clock.market_ms(), pairs(date=date, failed=code))
        self._diary.say("job.not_summarized", "warning", date=date, code=code, why=str(error))


def venue_summary(ledger: Ledger, venue: str, from_ms: int) -> VenueSummary | None:
    """The day of `venue` that begins at `from_ms`; None before its first. Raises LedgerUnavailable."""
    until_ms = from_ms + DAY_MS
    point = ledger.equity_before(venue, until_ms)
    if point is None:
        return None
    trades = list(ledger.trades(venue, from_ms, until_ms))
    results = [trade.pnl for trade in trades]
    return VenueSummary(
        currency=RULES[venue].currency,
        from_ms=from_ms,
        until_ms=until_ms,
        total_trades=len(trades),
        wins=sum(pnl > 0 for pnl in results),
        losses=sum(pnl < 0 for pnl in results),
        total_pnl=sum(results, _ZERO),
        largest_win=max(_ZERO, *results, _ZERO),
        largest_loss=min(_ZERO, *results, _ZERO),
        fees=sum((trade.fee for trade in trades), _ZERO),
        equity=point.equity,
    )


def last_whole_day(offsets: Mapping[str, int], now_ms: int) -> int:
    """The day (ordinal) that is over on every venue, `SUM_UP_AFTER_MS` included. offsets: see `DailySummary`."""
    return min(day_of(now_ms - SUM_UP_AFTER_MS, offset) for offset in offsets.values()) - 1


def next_run(offsets: Mapping[str, int], now_ms: int) -> int:
    """When the next day is over on every venue, market clock."""
    return (last_whole_day(offsets, now_ms) + 2) * DAY_MS + max(offsets.values()) + SUM_UP_AFTER_MS


def date_of(day: int) -> str:
    """The date in Korea on which a day begins, whichever of the offsets it has."""
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).strftime("%Y-%m-%d")
