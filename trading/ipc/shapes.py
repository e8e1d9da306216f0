"""Frozen dataclasses as JSON objects and back, field by field, strictly.

The annotations are the shape: int, float, str, bool, Decimal, Literal, `X | None`, `tuple[X, ...]`, `Mapping[str, X]`,
other dataclasses, and Any for values the contract leaves open. An object must have every field and no other one;
a field with the metadata OPTIONAL may be missing, and is left out while it is None.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from trading.ipc.document import Json

T = TypeVar("T")
Decoder = Callable[[Json, str], Any]

#: metadata of a field (default None) that is not in the file while it is None
OPTIONAL: Final = {"absent": True}


def to_json(value: Any) -> Json:
    """Plain JSON of a dataclass (in field order), mapping or tuple; other values as they are."""
    if hasattr(value, "to_json"):
        return value.to_json()
    return fields_to_json(value)


def fields_to_json(value: Any) -> Json:
    """As `to_json`, for dataclasses that define `to_json` themselves."""
    if is_dataclass(value):
        return {
            name: to_json(member)
            for name, optional in _fields(value.__class__)
            if (member := getattr(value, name)) is not None or not optional
        }
    if isinstance(value, Mapping):
        return {key: to_json(member) for key, member in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(member) for member in value]
    return value


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    return tuple((one.name, "absent" in one.metadata) for one in fields(kind))


def from_json(kind: type[T], value: Json, where: str = "") -> T:
    """The dataclass `kind` from JSON `value` (as `document.parse` gives it). Raises ValueError naming the field."""
    decoded: T = _decoder(kind)(value, where)  # type: ignore[arg-type]
    return decoded


@cache
def _decoder(kind: Any) -> Decoder:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if isinstance(kind, type) and is_dataclass(kind):
        return _object_decoder(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _literal_decoder(parts)
    if origin in (Union, types.UnionType):
        return _optional_decoder(_decoder(next(part for part in parts if part is not type(None))))
    if origin is tuple:
        return _tuple_decoder(_decoder(parts[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_decoder(_decoder(parts[1]))
    raise TypeError(f"no JSON shape for {kind}")


def _wrong(where: str, expected: str, value: Json) -> ValueError:
    return ValueError(f"{where.lstrip('.') or 'the document'} must be {expected}, not {repr(value)[:60]}")


def _typed(kind: type, name: str) -> Decoder:
    def decode(value: Json, where: str) -> Any:
        if type(value) is not kind:
            raise _wrong(where, name, value)
        return value

    return decode


def _decimal(value: Json, where: str) -> Decimal:
    if type(value) not in (int, Decimal):
        raise _wrong(where, "a number", value)
    return Decimal(value)


def _float(value: Json, where: str) -> float:
    if type(value) not in (int, Decimal, float):
        raise _wrong(where, "a number", value)
    return float(value)


_SIMPLE: Final[dict[Any, Decoder]] = {
    int: _typed(int, "a whole number"),
    str: _typed(str, "text"),
    bool: _typed(bool, "true or false"),
    Decimal: _decimal,
    float: _float,
    Any: lambda value, where: value,
}


def _literal_decoder(choices: tuple[Any, ...]) -> Decoder:
    def decode(value: Json, where: str) -> Any:
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise _wrong(where, " or ".join(str(choice) for choice in choices), value)
        return value

    return decode


def _optional_decoder(inner: Decoder) -> Decoder:
    return lambda value, where: None if value is None else inner(value, where)


def _tuple_decoder(inner: Decoder) -> Decoder:
    def decode(value: Json, where: str) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _wrong(where, "a list", value)
        return tuple(inner(member, f"{where}[{place}]") for place, member in enumerate(value))

    return decode


def _mapping_decoder(inner: Decoder) -> Decoder:
    def decode(value: Json, where: str) -> dict[str, Any]:
        if type(value) is not dict:
            raise _wrong(where, "an object", value)
        return {key: inner(member, f"{where}.{key}") for key, member in value.items()}

    return decode


def _object_decoder(kind: type) -> Decoder:
    hints = get_type_hints(kind)
    members = {name: (_decoder(hints[name]), optional) for name, optional in _fields(kind)}

    def decode(value: Json, where: str) -> Any:
        if type(value) is not dict:
            raise _wrong(where, "an object", value)
        if strange := value.keys() - members.keys():
            raise ValueError(f"{where.lstrip('.') or 'the document'} has an unknown field {min(strange)[:40]!r}")
        arguments = {}
        for name, (inner, optional) in members.items():
            if name in value:
                arguments[name] = inner(value[name], f"{where}.{name}")
            elif not optional:
                raise ValueError(f"{where.lstrip('.') or 'the document'} lacks {name!r}")
        return kind(**arguments)

    return decode
