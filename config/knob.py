"""What a knob is, and how its value is read and printed."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from config.errors import SettingError, nearest

Kind = Literal["float", "int", "bool", "str", "choice", "list"]
Value = float | int | bool | str | tuple[str, ...] | None
Raw = str | int | float | bool | Decimal | list[str] | tuple[str, ...] | None

UNSET = "auto"  # how "nothing set: by strategy, by venue" is written
MAX_ITEMS = 500
_TRUE = frozenset({"true", "1", "yes", "y", "on", "예", "켬"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "아니오", "끔"})
_UNSET_WORDS = frozenset({"", UNSET, "none", "null"})
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_SYMBOL = re.compile(r"[0-9A-Za-z][0-9A-Za-z/_:.\-]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting, described once: screens, `.env`, `--set`, commands and documentation follow from it.

    `default` None means "not set": by strategy, by venue or from another knob. `low` and `high` are inclusive bounds in
    the knob's `unit` (a "fraction" of 0.05 is 5 %). `recommended` is advice, not a bound. `per_venue`: may differ by
    venue. `hot`: may change while the bot runs.
    """

    name: str
    kind: Kind
    default: Value
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    recommended: str | None = None
    per_venue: bool = True
    hot: bool = True
    section: str = "run"

    @property
    def optional(self) -> bool:
        """True when the knob may be left unset (None)."""
        return self.default is None

    @property
    def env_name(self) -> str:
        """Its name in `.env` for all venues."""
        return f"HAETAE_{self.name.upper()}"

    @property
    def allowed(self) -> str:
        """Range or choices in one short text, for messages and forms."""
        if self.kind == "bool":
            return "true, false" + (f", {UNSET}" if self.optional else "")
        if self.choices:
            return ", ".join(self.choices)
        if self.low is not None and self.high is not None:
            return f"{plain(self.low)}..{plain(self.high)}"
        return {"list": "A,B,C", "str": "a-z 0-9 _"}.get(self.kind, "")


def plain(number: float) -> str:
    """A finite number without exponent and without a trailing ".0": 0.00001, 1000000, 0.05."""
    digits = format(Decimal(repr(number)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def format_value(knob: Knob, value: Value) -> str:
    """`value` as it is written in `.env`; `parse(knob, format_value(knob, v)) == v` for every valid v."""
    if value is None:
        return UNSET
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    return value if isinstance(value, str) else plain(value)


def parse(knob: Knob, raw: object) -> Value:
    """`raw` (text of a file, a JSON value or a Python value) as this knob's typed value.

    A fraction may be written "5%" (= 0.05), an amount "1,000,000"; a list with commas, blanks or as JSON. Raises
    SettingError with the range, the choices or the nearest choice when it does not fit; NaN and infinity never do.
    """
    text = raw.strip() if isinstance(raw, str) else raw
    if knob.optional and (text is None or (isinstance(text, str) and text.casefold() in _UNSET_WORDS)):
        return None
    if knob.kind == "list":
        return _items(knob, text)
    if text is None or text == "":
        raise SettingError("empty", knob.name, allowed=knob.allowed)
    if knob.kind == "bool":
        return _truth(knob, text)
    if knob.kind in ("float", "int"):
        return _number(knob, text)
    return _word(knob, text)


def _truth(knob: Knob, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).casefold() if isinstance(raw, (str, int)) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise SettingError("truth", knob.name, value=raw, allowed=knob.allowed)


def _number(knob: Knob, raw: object) -> float | int:
    number = _finite(knob, raw)
    if knob.kind == "int":
        if number != math.floor(number):
            raise SettingError("whole", knob.name, value=raw, allowed=knob.allowed)
        number = int(number)
    low, high = knob.low, knob.high
    if (low is not None and number < low) or (high is not None and number > high):
        raise SettingError("range", knob.name, value=raw, allowed=knob.allowed, hint=_percent_hint(knob, raw, number))
    return number


def _finite(knob: Knob, raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float, Decimal)):
        raise SettingError("number", knob.name, value=raw, allowed=knob.allowed)
    scale = 1.0
    if isinstance(raw, str):
        text = raw.rstrip("%").rstrip() if raw.count("%") == 1 and knob.unit == "fraction" else raw
        scale = 100.0 if text is not raw and text != raw else 1.0
        raw = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    try:
        number = float(raw)
    except (ValueError, OverflowError):
        raise SettingError("number", knob.name, value=raw, allowed=knob.allowed) from None
    if not math.isfinite(number):
        raise SettingError("number", knob.name, value=raw, allowed=knob.allowed)
    # Through decimal digits, so that "5%" is the same float as "0.05".
    return number if scale == 1.0 else float(Decimal(repr(number)) / 100)


def _percent_hint(knob: Knob, raw: object, number: float) -> str:
    """For 5 where 0.05 was meant: the fraction, when it would have been allowed."""
    if isinstance(raw, str) and "%" in raw:
        return ""
    if knob.unit != "fraction" or knob.low is None or knob.high is None or not knob.low <= number / 100 <= knob.high:
        return ""
    return plain(float(Decimal(repr(number)) / 100))


def _word(knob: Knob, raw: object) -> str:
    if not isinstance(raw, str):
        raise SettingError("word", knob.name, value=raw, allowed=knob.allowed)
    word = raw.casefold()
    if knob.choices:
        if word not in knob.choices:
            raise SettingError(
                "choice", knob.name, value=raw, allowed=knob.allowed, nearest=nearest(word, knob.choices)
            )
        return word
    if not _NAME.fullmatch(word):
        raise SettingError("word", knob.name, value=raw, allowed=knob.allowed)
    return word


def _items(knob: Knob, raw: object) -> tuple[str, ...]:
    if raw is None:
        raise SettingError("empty", knob.name, allowed=knob.allowed)
    if isinstance(raw, str):
        raw = _split(knob, raw)
    if not isinstance(raw, (list, tuple)) or len(raw) > MAX_ITEMS:
        raise SettingError("list", knob.name, value=raw, allowed=knob.allowed)
    items: dict[str, None] = {}  # keeps the order, drops repetitions
    for item in raw:
        if not isinstance(item, str):
            raise SettingError("list", knob.name, value=item, allowed=knob.allowed)
        if knob.choices:
            word = item.strip().casefold()
            if word not in knob.choices:
                near = nearest(word, knob.choices)
                raise SettingError("choice", knob.name, value=item, allowed=knob.allowed, nearest=near)
        else:
            word = item.strip().upper()
            if not _SYMBOL.fullmatch(word):
                raise SettingError("list", knob.name, value=item, allowed=knob.allowed)
        items[word] = None
    if knob.choices and not items:
        raise SettingError("empty", knob.name, allowed=knob.allowed)
    return tuple(items)


def _split(knob: Knob, raw: str) -> list[object]:
    if not raw.startswith("["):
        return [item for item in re.split(r"[,\s]+", raw) if item]
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise SettingError("list", knob.name, value=raw, allowed=knob.allowed) from None
    return found if isinstance(found, list) else [found]
