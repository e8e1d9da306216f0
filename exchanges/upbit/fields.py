"""Single fields of Upbit's JSON, each of the type and range it must have, and amounts on their way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final

from exchanges.upbit.tables import PLACES
from trading.core.orders import Side

ZERO: Final = Decimal(0)
#: No sign, underscore or foreign digit, and no exponent that would write a number of a million digits.
_DECIMAL: Final = re.compile(r"[0-9]{1,30}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)


class Unreadable(ValueError):
    """An answer that lacks what was asked; the text names the field, never its value."""


def row(value: Any) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise Unreadable("object")
    return value


def rows(value: Any) -> list[Mapping[str, Any]]:
    """A JSON list of objects."""
    if not isinstance(value, list):
        raise Unreadable("list")
    return [row(one) for one in value]


def text(row: Mapping[str, Any], key: str) -> str:
    """A string that is not empty."""
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise Unreadable(key)
    return value


def money(row: Mapping[str, Any], key: str, least: Decimal = ZERO) -> Decimal:
    """A decimal in a string, not under `least`; a JSON number is refused, its digits are already lost."""
    value = row.get(key)
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Unreadable(key)
    amount = Decimal(value)
    if amount < least:
        raise Unreadable(key)
    return amount


def maybe(row: Mapping[str, Any], key: str) -> Decimal | None:
    """`money` where the field may be absent or null."""
    return None if row.get(key) is None else money(row, key)


def number(row: Mapping[str, Any], key: str) -> float:
    """A finite JSON number that is not negative."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Unreadable(key)
    try:
        shown = float(value)
    except OverflowError:
        raise Unreadable(key) from None
    if not isfinite(shown):
        raise Unreadable(key)
    return shown


def number_or(row: Mapping[str, Any], key: str, otherwise: float) -> float:
    """`number`, or `otherwise` where there is none."""
    try:
        return number(row, key)
    except Unreadable:
        return otherwise


def whole(row: Mapping[str, Any], key: str) -> int:
    """A JSON integer that is not negative and fits into 64 bits (ms, ids)."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise Unreadable(key)
    return value


def side_of(row: Mapping[str, Any]) -> Side:
    """ "bid" -> "buy", "ask" -> "sell"."""
    side = text(row, "side")
    if side not in ("bid", "ask"):
        raise Unreadable("side")
    return "buy" if side == "bid" else "sell"


def moment(value: str) -> int:
    """An ISO time with offset -> ms UTC, cut to whole ms."""
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise Unreadable("time") from None
    if time.tzinfo is None:
        raise Unreadable("time")
    since = time - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def iso(time_ms: int) -> str:
    """ms UTC -> "2025-07-01T12:00:00Z", the next whole second where there is a part of one."""
    return datetime.fromtimestamp(-(-time_ms // 1000), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(amount: Decimal) -> str:
    """An amount as the wire wants it: no exponent, at most 8 decimals (cut, never rounded up), no trailing zeros."""
    if not amount.is_finite() or not 0 < amount < 10**18:
        raise Unreadable("amount")
    shown = format(amount - amount % PLACES, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
