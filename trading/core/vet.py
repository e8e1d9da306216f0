"""Whether what a strategy's file holds may be used; what is wrong with it in one sentence that names the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field
from types import ModuleType
from typing import Any, Final, TypeVar

from config.texts import add, catalogue
from trading.core.errors import BadInput
from trading.core.filters import SWITCHES
from trading.core.strategy import Strategy, parameters, parsed

T = TypeVar("T")

TEXTS: Final = ("", ".entry", ".exit", ".risk")
"""Of every strategy, behind "strategy.<name>": its short name, when it buys, when it sells, what it risks."""


def vetted(name: str, load: Callable[[], ModuleType]) -> type[Strategy]:
    """The strategy in the file called `name` that `load` imports; its own texts join the catalogue.

    Raises BadInput: the file cannot be imported, holds none or several, one of another name, or one that is not sound.
    """
    module = _tried(name, load)
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        names = ", ".join(kind.__name__ for kind in found) or "-"
        raise BadInput("input.strategy_count", file=_file(name), count=len(found), names=names)
    kind = found[0]
    if (given := getattr(kind, "name", None)) != name:
        raise BadInput("input.strategy_name", file=_file(name), given=str(given), name=name)
    _check_form(kind)
    for parameter, spec in parameters(kind).items():
        _check_default(kind, parameter, spec)
    _tried(name, kind)
    _check_texts(kind)
    return kind


def _file(name: str) -> str:
    return f"trading/strategies/{name}.py"


def _tried(name: str, act: Callable[[], T]) -> T:
    try:
        return act()
    except (Exception, SystemExit) as error:  # whatever a dropped file does, the others go on
        raise BadInput("input.strategy_import", file=_file(name), why=f"{type(error).__name__}: {error}") from error


def _check_form(kind: type[Strategy]) -> None:
    period = getattr(kind, "period", None)
    sound = {
        "@dataclass(frozen=True)": "__dataclass_fields__" in vars(kind),
        "rows": kind.rows is not Strategy.rows,
        "period": isinstance(period, int) and period > 0,
        "filters": set(kind.filters) <= SWITCHES.keys(),
    }
    for part, good in sound.items():
        if not good:
            raise BadInput("input.strategy_form", file=_file(kind.name), part=part)


def _check_default(kind: type[Strategy], name: str, spec: Field[Any]) -> None:
    facts, default = spec.metadata, spec.default
    numeric = isinstance(default, int | float) and not isinstance(default, bool)
    if numeric and None in (facts["low"], facts["high"]):
        raise BadInput("input.strategy_bounds", file=_file(kind.name), name=name)
    allowed = ", ".join(facts["choices"]) or f"{facts['low']}..{facts['high']}"
    try:
        parsed(default, name, spec)
    except BadInput:
        raise BadInput(
            "input.strategy_default", file=_file(kind.name), name=name, given=str(default), allowed=allowed
        ) from None


def _check_texts(kind: type[Strategy]) -> None:
    name, known = kind.name, catalogue().keys()
    wanted = [f"strategy.{name}{part}" for part in TEXTS] + [f"param.{name}.{one}" for one in parameters(kind)]
    if missing := [key for key in wanted if key not in known and not all(kind.texts.get(key, ("", "")))]:
        raise BadInput("input.strategy_texts", file=_file(name), missing=", ".join(missing))
    if twice := sorted(known & kind.texts.keys()):
        raise BadInput("input.strategy_texts_twice", file=_file(name), keys=", ".join(twice))
    add(kind.texts)
