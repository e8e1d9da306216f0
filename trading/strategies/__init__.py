"""Strategies: one small pure file each. The folder is the registry; a file's name is the strategy's name.

A file that cannot be used is left out, with the reason; the others go on.
"""

from __future__ import annotations

import difflib
import pkgutil
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module

from trading.core.errors import BadInput
from trading.core.strategy import Strategy, build
from trading.core.vet import vetted


def names() -> tuple[str, ...]:
    """All strategies that can be used, sorted."""
    return tuple(name for name in _files() if not isinstance(_taken(name), BadInput))


def refused() -> dict[str, BadInput]:
    """File's name -> what is wrong with it, for files that are left out."""
    return {name: taken for name in _files() if isinstance(taken := _taken(name), BadInput)}


def find(name: str) -> type[Strategy]:
    """The strategy called `name`. Raises BadInput: what is wrong with its file, or with the nearest name."""
    if name not in _files():
        if near := difflib.get_close_matches(name, names(), 1, 0.5):
            raise BadInput("input.strategy_near", name=name, near=near[0])
        raise BadInput("input.strategy", name=name, known=", ".join(names()))
    taken = _taken(name)
    if isinstance(taken, BadInput):
        raise taken.with_traceback(None)  # raised again and again, it would grow
    return taken


def create(name: str, params: Mapping[str, object] | None = None) -> Strategy:
    """A strategy with its parameters parsed and bounded. Raises BadInput."""
    return build(find(name), params or {})


def _files() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def _taken(name: str) -> type[Strategy] | BadInput:
    """The strategy in a file, or why there is none."""
    try:
        return vetted(name, partial(import_module, f"{__name__}.{name}"))
    except BadInput as error:
        return error
