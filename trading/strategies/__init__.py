"""Strategies: one small pure file each. The folder is the registry; a file's name is the strategy's name."""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from trading.core.errors import BadInput
from trading.core.strategy import Strategy, build


def names() -> tuple[str, ...]:
    """All strategies, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def find(name: str) -> type[Strategy]:
    """The strategy called `name`. Raises BadInput with the nearest name."""
    if name not in names():
        if near := difflib.get_close_matches(name, names(), 1, 0.3):
            raise BadInput("input.strategy_near", name=name, near=near[0])
        raise BadInput("input.strategy", name=name, known=", ".join(names()))
    module = import_module(f"{__name__}.{name}")
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == module.__name__
    ]
    if len(found) != 1 or found[0].name != name:
        raise BadInput("input.strategy_file", name=name)
    return found[0]


def create(name: str, params: Mapping[str, object] | None = None) -> Strategy:
    """A strategy with its parameters parsed and bounded. Raises BadInput."""
    return build(find(name), params or {})
