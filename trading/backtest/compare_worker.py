"""The bot's daily comparison as a worker process: `python -m trading.backtest.compare_worker LEDGER VENUE DATE`.

Prints one JSON line: counts of the day, or why there is none (`refused`, its sentence in both languages).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from trading.backtest.compare import compare
from trading.backtest.leash import on_leash
from trading.backtest.lived_day import read_day
from trading.core.errors import BadInput


def answer(ledger: Path, venue: str, date: str) -> dict[str, Any]:
    """The day `date` (KST) of `venue` beside its replay."""
    try:
        result = compare(read_day(ledger, date, venue))
    except BadInput as error:
        return {"refused": error.key, "ko": error.text("ko"), "en": error.text("en")}
    return {
        "lived": result.lived,
        "ideal": result.ideal,
        "same": result.same,
        "explained": len(result.findings) - result.unexplained,
        "unexplained": result.unexplained,
    }


if __name__ == "__main__":
    on_leash()
    _ledger, _venue, _date = sys.argv[1:]
    sys.stdout.write(json.dumps(answer(Path(_ledger), _venue, _date)) + "\n")
