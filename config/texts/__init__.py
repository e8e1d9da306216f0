"""The one catalogue of every text a user reads, in Korean and English.

Each file in this folder holds one area's table `TEXTS: dict[key, (ko, en)]`; the folder is the registry.
A key begins with its area ("status.paused" lives in status.py). Values are `str.format` templates.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Literal

Language = Literal["ko", "en"]


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """All keys of all areas -> (ko, en). Raises ValueError when two areas define one key."""
    tables: dict[str, tuple[str, str]] = {}
    for module in pkgutil.iter_modules(__path__):
        table: dict[str, tuple[str, str]] = import_module(f"{__name__}.{module.name}").TEXTS
        if twice := tables.keys() & table.keys():
            raise ValueError(f"texts defined twice: {sorted(twice)}")
        tables.update(table)
    return tables


def add(table: Mapping[str, tuple[str, str]]) -> None:
    """Takes in texts that come with a strategy of the user's own. Raises ValueError for a key that is there already."""
    if twice := catalogue().keys() & table.keys():
        raise ValueError(f"texts defined twice: {sorted(twice)}")
    catalogue().update(table)


def text(key: str, lang: str, **values: object) -> str:
    """The text for `key` in `lang` ("ko" or "en"), filled with `values`. Raises KeyError for an unknown one."""
    ko, en = catalogue()[key]
    return (ko if lang == "ko" else en).format(**values)
