"""Records what each step knew of symbols that are held, armed or ordered: data/facts/, a file a day, kept 14 days."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from trading.core.lived import LivedStep, charge_values, position_values, step_values
from trading.core.orders import OrderEvent
from trading.ipc.files import append_line, ensure_folder
from trading.live.desk import Desk
from trading.live.feed import Poll
from trading.trader import Trader

FOLDER: Final = "facts"
KEPT_DAYS: Final = 14
_DAY: Final = "%Y-%m-%d"


class FactsLog:
    """One venue's record, `<venue>-YYYY-MM-DD.jsonl` by UTC day of the market clock; past days are compressed."""

    def __init__(self, data_dir: Path, venue: str) -> None:
        self._folder = data_dir / FOLDER
        self._venue = venue
        self._day = ""
        self._charge: dict[str, Any] | None = None
        self._seen: dict[str, int] = {}

    def note(self, desk: Desk, trader: Trader, poll: Poll, events: Sequence[OrderEvent]) -> None:
        """One step. Raises OSError."""
        now_ms = desk.clock.market_ms()
        charge = self._new_charge(desk, trader)
        start = self._start(trader) if self._turn(now_ms) else None
        ordered = {event.order.symbol for event in events}
        bars = tuple(
            bar for bar in poll.bars if bar.symbol in trader.walks and self._wanted(trader, bar.symbol, ordered)
        )
        rows = tuple(
            (symbol, walk.candle_ms, walk.look.row)
            for symbol, walk in trader.walks.items()
            if walk.look is not None and self._seen.get(symbol) != walk.candle_ms
        )
        self._seen.update((symbol, candle_ms) for symbol, candle_ms, _ in rows)
        step = LivedStep(now_ms, bars, rows, poll.gaps, charge if charge or start is None else self._charge, start)
        if bars or rows or poll.gaps or charge or start:
            append_line(self._folder / f"{self._venue}-{self._day}.jsonl", step_values(step))

    def _wanted(self, trader: Trader, symbol: str, ordered: set[str]) -> bool:
        walk = trader.walks.get(symbol)
        if walk is None:
            return False
        armed = walk.buy == walk.buy or walk.sell == walk.sell
        return armed or symbol in trader.portfolio.positions or walk.pending or symbol in ordered

    def _new_charge(self, desk: Desk, trader: Trader) -> dict[str, Any] | None:
        strategy = trader.rule.strategy
        charge = charge_values(strategy.name, asdict(strategy), desk.charge.timeframe, trader.knobs)
        if charge == self._charge:
            return None
        self._charge = charge
        return charge

    def _start(self, trader: Trader) -> dict[str, Any]:
        """The books as they stand: where a replay of this day, or of this life, begins."""
        account = trader.account
        return {
            "cash": str(trader.portfolio.cash),
            "capital": account.capital,
            "positions": [position_values(held) for held in trader.portfolio.positions.values()],
            "account": {
                "equity": account.equity,
                "peak": account.peak,
                "day": account.day,
                "day_base": account.day_base,
                "entries": account.entries,
                "losses": account.losses,
                "last_loss_ms": account.last_loss_ms,
                "last_exit": dict(account.last_exit),
                "latches": dict(account.latches),
            },
        }

    def _turn(self, now_ms: int) -> bool:
        """Begins a new day's file (True, and at the first step of a life): packs older ones, drops the oldest."""
        moment = datetime.fromtimestamp(now_ms / 1000, UTC)
        day = moment.strftime(_DAY)
        if day == self._day:
            return False
        self._day = day
        ensure_folder(self._folder)
        oldest = (moment - timedelta(days=KEPT_DAYS)).strftime(_DAY)
        for path in sorted(self._folder.glob(f"{self._venue}-*.jsonl*")):
            when = path.name.removeprefix(f"{self._venue}-")[:10]
            if when < oldest:
                path.unlink(missing_ok=True)
            elif when != day and path.suffix == ".jsonl":
                _pack(path)
        return True


def recorded(data_dir: Path, venue: str, *days: str) -> bool:
    """Is there a file of any of these UTC days (YYYY-MM-DD)?"""
    return any(any((data_dir / FOLDER).glob(f"{venue}-{day}.jsonl*")) for day in days)


def _pack(path: Path) -> None:
    """Compresses a day's file; a crash in between leaves the plain one, which is packed again."""
    packed = path.with_name(path.name + ".gz")
    part = path.with_name(path.name + ".gz.part")
    with path.open("rb") as source, gzip.open(part, "wb") as target:
        shutil.copyfileobj(source, target)
    part.chmod(0o600)
    part.replace(packed)
    path.unlink()
