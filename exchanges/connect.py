"""From a venue's name to a venue: only the folder of one that is on is ever imported."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import cast

import exchanges
from trading.core.errors import BadInput
from trading.core.ports import Clock, Venue


def connect(
    name: str,
    *,
    key: str = "",
    secret: str = "",
    hosts: Mapping[str, str] | None = None,
    clock: Clock,
    lang: str = "ko",
    timeout_s: float = 10.0,
    blocked: Mapping[str, int] | None = None,
    on_block: Callable[[str, int], None] | None = None,
    killpoint: Callable[[str], None] = lambda _label: None,
) -> Venue:
    """Opens the account `key`/`secret` on venue `name`; without a key only public data is within reach.

    hosts: addresses by role, as the simulator's ready line gives them (default: the real ones).
    clock: wall time for the protocol, market time for what is asked of the past.
    blocked / on_block: bans of an earlier run (group -> wall ms) and where to keep the next one.
    killpoint: told "J4" when a POST has reached the venue and its answer is not read yet.
    Raises BadInput for a venue that does not exist.
    """
    known = sorted(
        folder.name
        for folder in pkgutil.iter_modules(exchanges.__path__)
        if folder.ispkg and find_spec(f"exchanges.{folder.name}.venue") is not None
    )
    if name not in known:
        raise BadInput("input.venue", name=name, known=", ".join(known))
    opened = import_module(f"exchanges.{name}.venue").open_venue(
        key=key,
        secret=secret,
        hosts=hosts,
        clock=clock,
        lang=lang,
        timeout_s=timeout_s,
        blocked=blocked,
        on_block=on_block,
        killpoint=killpoint,
    )
    return cast(Venue, opened)
