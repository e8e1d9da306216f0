"""One exchange class of ccxt without the other hundred.

`import ccxt.async_support` loads every exchange twice (sync and async): 102 MB and 0.35 s in a fresh process, where one
venue needs 51 MB and 0.15 s. The packages' own `__init__` is what pulls them in, so a bare package stands in for it
while the one module and its parents load, and is taken away afterwards: whoever imports ccxt later gets the real thing,
with the same classes.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from threading import Lock
from types import ModuleType
from typing import Any, Final

_PACKAGES: Final = ("ccxt", "ccxt.async_support")
_LOADING: Final = Lock()


@cache
def exchange_class(name: str) -> type[Any]:
    """The asynchronous ccxt class of exchange `name` ("upbit"). Raises ImportError where ccxt is absent or has none."""
    with _LOADING:
        if "ccxt" in sys.modules:
            # Somebody paid for the whole library already (an interoperation test).
            return _class(name)
        spec = PathFinder.find_spec("ccxt")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("ccxt is not installed: run the setup again")
        root = spec.submodule_search_locations[0]
        for package, path in zip(_PACKAGES, (root, f"{root}/async_support"), strict=True):
            sys.modules[package] = bare = ModuleType(package)
            bare.__path__ = [path]
        try:
            _fill(sys.modules["ccxt"])
            return _class(name)
        finally:
            for package in _PACKAGES:
                del sys.modules[package]


def _fill(package: ModuleType) -> None:
    """The names that modules inside ccxt take from the package itself: its errors and the synchronous base class."""
    errors = import_module("ccxt.base.errors")
    vars(package).update({key: value for key, value in vars(errors).items() if not key.startswith("_")})
    vars(package)["Exchange"] = import_module("ccxt.base.exchange").Exchange


def _class(name: str) -> type[Any]:
    found = getattr(import_module(f"ccxt.async_support.{name}"), name)
    if not isinstance(found, type):
        raise ImportError(f"ccxt has no exchange class {name!r}")
    return found
