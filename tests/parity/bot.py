"""Starts main.py with the test's home folder, so that neither a developer's `.env` nor their data has a say."""

from __future__ import annotations

import os
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    sys.path[0] = str(REPO)
    import main

    main.ROOT = Path(os.environ["BOT_HOME"])  # type: ignore[misc]
    sys.exit(main.main())
