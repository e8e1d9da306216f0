"""Numbers and times as people in Korea read them: 1,234,567원, ▲ +1.23%, Korean time. Pure text, never raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final, Literal, NamedTuple

NONE: Final = "–"
KST: Final = timezone(timedelta(hours=9), "KST")
_WIDEST: Final = 18  # digits before the point; beyond that a number is shown with an exponent

#: up and down are gains and losses (or buys and sells), the others are for states
Tone = Literal["up", "down", "flat", "good", "warn", "bad", "quiet"]


class Signed(NamedTuple):
    """A result in words and the tone that its colour follows."""

    text: str
    tone: Tone


def _digits(value: Decimal, places: int, trim: bool = False) -> str:
    if not value.is_finite():
        return NONE
    if value and value.adjusted() >= _WIDEST:
        return f"{value:.3e}"
    shown = format(value, f",.{places}f")
    if trim and "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return shown.removeprefix("-") if not shown.strip("-0.,") else shown


def unit(currency: str, lang: str) -> str:
    """What stands after an amount: `원` in Korean, ` KRW` and the like elsewhere."""
    return "원" if currency == "KRW" and lang == "ko" else f" {currency}"


def money(value: Decimal | None, currency: str, lang: str) -> str:
    """An amount: whole won, two decimals of anything else; a dash where it is not known."""
    if value is None:
        return NONE
    return _digits(value, 0 if currency == "KRW" else 2) + unit(currency, lang)


def price(value: Decimal | None, currency: str, lang: str) -> str:
    """A price, with as many decimals as its size asks for."""
    if value is None or not value.is_finite():
        return NONE
    size = value.copy_abs()
    places = 8 if size < 1 else 4 if size < 100 else 2 if size < 1000 or currency != "KRW" else 0
    return _digits(value, places, trim=True) + unit(currency, lang)


def quantity(value: Decimal | None) -> str:
    """A quantity, at most 8 decimals, no zeros at the end."""
    return NONE if value is None else _digits(value, 8, trim=True)


def _signed(shown: str, sign: int, after: str) -> Signed:
    if sign > 0:
        return Signed(f"▲ +{shown}{after}", "up")
    if sign < 0:
        return Signed(f"▼ -{shown}{after}", "down")
    return Signed(f"{shown}{after}", "flat")


def gain(value: Decimal | None, currency: str, lang: str) -> Signed:
    """A result with arrow and sign: `▲ +3,211원`. What rounds to nothing has neither."""
    if value is None or not value.is_finite():
        return Signed(NONE, "flat")
    shown = _digits(value.copy_abs(), 0 if currency == "KRW" else 2)
    nothing = not shown.strip("0.,")
    return _signed(shown, 0 if nothing else 1 if value > 0 else -1, unit(currency, lang))


def rate(value: float | Decimal | None) -> Signed:
    """A result in percent with arrow and sign: `▲ +1.23%`."""
    if value is None:
        return Signed(NONE, "flat")
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if not number.is_finite():
        return Signed(NONE, "flat")
    shown = _digits(number.copy_abs(), 2)
    nothing = not shown.strip("0.,")
    return _signed(shown, 0 if nothing else 1 if number > 0 else -1, "%")


def plain(value: object) -> str:
    """A number of a decision: thousands apart, six decimals at most, no zeros at the end; other things as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return NONE if value is None else str(value)[:60]
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return NONE
    return _digits(number, 2 if number.copy_abs() >= 1000 else 6, trim=True)


def _moment(time_ms: int | None, pattern: str) -> str:
    if time_ms is None:
        return NONE
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(KST).strftime(pattern)
    except (OverflowError, ValueError, OSError):  # a time that no calendar has
        return NONE


def kst(time_ms: int | None) -> str:
    """`2026-11-20 10:15:03` in Korean time of a UTC time in ms."""
    return _moment(time_ms, "%Y-%m-%d %H:%M:%S")


def kst_brief(time_ms: int | None) -> str:
    """`11-20 10:15:03` in Korean time."""
    return _moment(time_ms, "%m-%d %H:%M:%S")


_UNITS: Final = {"ko": ("초", "분", "시간", "일"), "en": ("s", "m", "h", "d")}


def span(seconds: float | None, lang: str) -> str:
    """A length of time in its two largest units: `42초`, `3시간 12분`."""
    if seconds is None or seconds != seconds or abs(seconds) > 1e11:
        return NONE
    whole = max(0, int(seconds))
    second, minute, hour, day = _UNITS["ko" if lang == "ko" else "en"]
    if whole < 60:
        return f"{whole}{second}"
    if whole < 3600:
        return f"{whole // 60}{minute}"
    if whole < 86_400:
        return f"{whole // 3600}{hour} {whole % 3600 // 60}{minute}"
    return f"{whole // 86_400}{day} {whole % 86_400 // 3600}{hour}"
