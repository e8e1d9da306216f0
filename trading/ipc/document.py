"""JSON text of our files: exact decimals out, strict parsing in.

The standard encoder cannot print a `Decimal` as a number, so this one writes the text itself: a small walk over plain
values, with the standard library's C routine for strings. No number carries an exponent. `Encoded` holds text that was
made before, so that rows which never change (trades, outcomes) are not written out anew with every file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring, encode_basestring_ascii
from numbers import Integral
from typing import Any, Final

Json = Any  #: None, bool, int, float, Decimal, str, list/tuple or dict with str keys of the same

MAX_NESTING: Final = 64
MAX_DIGITS: Final = 400  #: beyond it a number without exponent is an attack on memory, not an amount
_TOO_LARGE: Final = 10**MAX_DIGITS


@dataclass(frozen=True, slots=True)
class Encoded:
    """JSON text of one value, already made by `encode`."""

    text: str


def encode(value: Json) -> str:
    """One line of JSON for `value`; Decimal and float without exponent, an int stays an int, a float keeps its point.

    Raises ValueError for a number that is not finite or longer than MAX_DIGITS digits and for nesting over
    MAX_NESTING, TypeError for anything that is no JSON.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    return "".join(parts)


def _write(value: Json, parts: list[str], level: int) -> None:
    if level > MAX_NESTING:
        raise ValueError(f"nested deeper than {MAX_NESTING}")
    if isinstance(value, str):
        parts.append(_string(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts, level)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        _write_array(value, parts, level)
    else:
        parts.append(_scalar(value))


def _write_object(value: Mapping[Any, Json], parts: list[str], level: int) -> None:
    lead = "{"
    for key, member in value.items():
        if not isinstance(key, str):
            raise TypeError(f"a key must be text, not {type(key).__name__}")
        parts.append(f"{lead}{_string(key)}: ")
        _write(member, parts, level + 1)
        lead = ", "
    parts.append("{}" if lead == "{" else "}")


def _write_array(value: Sequence[Json], parts: list[str], level: int) -> None:
    lead = "["
    for member in value:
        parts.append(lead)
        _write(member, parts, level + 1)
        lead = ", "
    parts.append("[]" if lead == "[" else "]")


def _string(value: str) -> str:
    if value.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in value):
        return str(encode_basestring(value))
    return str(encode_basestring_ascii(value))  # half of a surrogate pair has no UTF-8; its escape has


def _scalar(value: Json) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return _whole(int(value))
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        digits = format(Decimal(float.__repr__(value)), "f")
        return digits if "." in digits else digits + ".0"
    if isinstance(value, Encoded):
        return value.text
    if isinstance(value, Integral):  # numpy's integers
        return _whole(int(value))
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _whole(value: int) -> str:
    if abs(value) >= _TOO_LARGE:
        raise ValueError("a whole number too long for a file")
    return int.__repr__(value)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    if not value:
        return "0"
    if not _fits(value):
        raise ValueError("a number too long for a file")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fits(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and max(len(digits) + max(exponent, 0), -exponent) <= MAX_DIGITS


def parse(text: str) -> Json:
    """The value of JSON `text`, numbers with a point as Decimal.

    Raises ValueError (with the reason) where the text is no JSON, holds NaN or Infinity, names a key twice, holds a
    number longer than MAX_DIGITS or is nested too deep.
    """
    try:
        return json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_constant,
            object_pairs_hook=_object_once,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        raise ValueError("a number out of range") from None
    if not _fits(value):
        raise ValueError("a number out of range")
    return value


def _integer(text: str) -> int:
    if len(text) - (text[0] == "-") > MAX_DIGITS:
        raise ValueError("a number out of range")
    return int(text)


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a number of JSON")


def _object_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:40]!r} appears twice")
    return value
