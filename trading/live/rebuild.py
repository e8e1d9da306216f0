"""`main.py rebuild`: every JSON and history file again from the ledger, while the bot does not run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from config.texts import text
from trading.core.ports import Clock
from trading.core.rules import RULES, names_of
from trading.ipc import history
from trading.ipc.outcomes import OutcomesFile
from trading.live.compose import outcome_of
from trading.live.database import StartRefused
from trading.live.events import line_of
from trading.live.ledger import FILE, Ledger, reopen
from trading.live.lock import DataFolderLock
from trading.live.projections import trade_line


def rebuild(data_dir: Path, lang: str, clock: Clock) -> int:
    """0 done; 3 when the bot runs, there is no ledger, or it is broken."""
    if not (data_dir / FILE).exists():
        sys.stderr.write(text("main.no_ledger", lang, data=data_dir) + "\n")
        return 3
    try:
        lock = DataFolderLock(data_dir, clock.wall_ms())
    except StartRefused:
        sys.stderr.write(text("main.rebuild_running", lang) + "\n")
        return 3
    try:
        ledger = reopen(data_dir)
        shutil.rmtree(data_dir / history.FOLDER, ignore_errors=True)
        history.rewrite(data_dir, _lines(ledger))
        outcomes = OutcomesFile(data_dir, [outcome_of(row) for row in ledger.outcomes()])
        outcomes.publish(clock.wall_ms())
        ledger.close()
    finally:
        lock.release()
    count = sum(1 for path in (data_dir / history.FOLDER).rglob("*.jsonl")) + 1
    sys.stdout.write(text("main.rebuilt", lang, count=count) + "\n")
    return 0


def _lines(ledger: Ledger) -> Iterator[history.Line]:
    for venue in RULES:
        yield from _trades(ledger, venue)
        yield from _equity(ledger, venue)
        yield from _evaluations(ledger, venue)
    yield from map(line_of, ledger.events())


def _trades(ledger: Ledger, venue: str) -> Iterator[history.Line]:
    for trade in ledger.trades(venue):
        yield trade_line(trade, names_of(venue, trade.symbol)[1], RULES[venue].currency)


def _equity(ledger: Ledger, venue: str) -> Iterator[history.Line]:
    for point in ledger.equity(venue):
        yield history.EquityLine(
            time_ms=point.time_ms,
            venue=venue,
            currency=RULES[venue].currency,
            equity=point.equity,
            cash=point.cash,
            cause="minute",
        )


def _evaluations(ledger: Ledger, venue: str) -> Iterator[history.Line]:
    for row in ledger.decisions(venue):
        yield history.EvaluationLine(
            time_ms=row.time_ms,
            venue=venue,
            symbol=row.symbol,
            side="sell" if row.action == "SELL" else "buy",
            candle_ms=row.candle_ms,
            action=row.action,  # type: ignore[arg-type]
            strategy=row.strategy,
            confidence=row.confidence,
            conditions=row.body.get("conditions", {}),
            gate=row.gate,
            numbers=row.body.get("numbers", {}),
            text_ko=row.body.get("ko", ""),
            text_en=row.body.get("en", ""),
        )
