"""Dies at a named point on request, so that tests can prove that dying there loses and doubles nothing.

`BOT_KILL_AT="J3:2"` kills the process the second time it comes to point J3. Points of the order path:
J1 before the intent is written, J2 written but not yet on the disk, J3 on the disk but not yet sent, J4 sent but not
yet answered (in the venue's adapter), J5 answered but not yet recorded, J6 recorded but not yet shown.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Final

VARIABLE: Final = "BOT_KILL_AT"


def killpoint(environment: Mapping[str, str]) -> Callable[[str], None]:
    """The function to call with a label at each point; it does nothing unless the environment names one.

    Raises ValueError for a value that is not "<label>:<n>" with n >= 1.
    """
    wanted = environment.get(VARIABLE, "")
    if not wanted:
        return _live_on
    label, _, number = wanted.partition(":")
    if not label or not number.isdigit() or int(number) < 1:
        raise ValueError(f"{VARIABLE}={wanted}: expected <label>:<n> with n from 1 up")
    left = int(number)

    def at(point: str) -> None:
        nonlocal left
        if point == label:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return at


def _live_on(_label: str) -> None:
    """Nobody wants this process dead."""
