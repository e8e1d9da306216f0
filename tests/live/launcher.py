"""Starts main.py with another home folder: its `.env` and default data belong to the test, not to the developer.

BOT_HOME names that folder. BOT_LOOK_S: seconds between two looks at the account, where a test cannot wait for 45.
BOT_STRATEGIES: a folder whose files join those of trading/strategies.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    sys.path[0] = str(REPO)
    import main

    main.ROOT = Path(os.environ["BOT_HOME"])  # type: ignore[misc]
    if look := os.environ.get("BOT_LOOK_S"):
        from trading.live import desk

        desk.RECONCILE_S = float(look)  # type: ignore[misc]
    if folder := os.environ.get("BOT_STRATEGIES"):
        from trading import strategies

        strategies.__path__.append(folder)
    sys.exit(main.main())
