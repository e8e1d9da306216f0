"""Numbers and times in words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ui import figures


@pytest.mark.parametrize(
    ("value", "currency", "ko", "en"),
    [
        ("1234567", "KRW", "1,234,567원", "1,234,567 KRW"),
        ("1234567.6", "KRW", "1,234,568원", "1,234,568 KRW"),
        ("-0.3", "KRW", "0원", "0 KRW"),
        ("1234.5", "USDT", "1,234.50 USDT", "1,234.50 USDT"),
        (None, "KRW", "–", "–"),
    ],
)
def test_money(value: str | None, currency: str, ko: str, en: str) -> None:
    amount = None if value is None else Decimal(value)
    assert figures.money(amount, currency, "ko") == ko
    assert figures.money(amount, currency, "en") == en


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("151230000", "151,230,000원"),
        ("3412.5", "3,412원"),
        ("412.5", "412.5원"),
        ("0.00001234", "0.00001234원"),
        ("31.20", "31.2원"),
    ],
)
def test_price_has_the_decimals_its_size_asks_for(value: str, shown: str) -> None:
    assert figures.price(Decimal(value), "KRW", "ko") == shown


@pytest.mark.parametrize(
    ("value", "text", "tone"),
    [
        ("3211", "▲ +3,211원", "up"),
        ("-500.7", "▼ -501원", "down"),
        ("0", "0원", "flat"),
        ("0.2", "0원", "flat"),
    ],
)
def test_gain_has_arrow_sign_and_tone(value: str, text: str, tone: str) -> None:
    assert figures.gain(Decimal(value), "KRW", "ko") == (text, tone)


def test_rate_is_in_percent() -> None:
    assert figures.rate(1.234) == ("▲ +1.23%", "up")
    assert figures.rate(-0.32) == ("▼ -0.32%", "down")
    assert figures.rate(0.0) == ("0.00%", "flat")
    assert figures.rate(None) == ("–", "flat")


def test_quantity_keeps_eight_decimals_and_no_zeros() -> None:
    assert figures.quantity(Decimal("0.00150000")) == "0.0015"
    assert figures.quantity(Decimal("29.22066158")) == "29.22066158"
    assert figures.quantity(Decimal("1200")) == "1,200"


def test_times_are_korean() -> None:
    midnight_utc = 1_795_132_800_000  # 2026-11-20 00:00 UTC
    assert figures.kst(midnight_utc) == "2026-11-20 09:00:00"
    assert figures.kst_brief(midnight_utc) == "11-20 09:00:00"
    assert figures.kst(midnight_utc - 9 * 3_600_000) == "2026-11-20 00:00:00"


@pytest.mark.parametrize(
    ("seconds", "ko", "en"),
    [
        (0.4, "0초", "0s"),
        (59, "59초", "59s"),
        (61, "1분", "1m"),
        (11_520, "3시간 12분", "3h 12m"),
        (180_000, "2일 2시간", "2d 2h"),
    ],
)
def test_span(seconds: float, ko: str, en: str) -> None:
    assert figures.span(seconds, "ko") == ko
    assert figures.span(seconds, "en") == en


@given(some.decimals(allow_nan=True, allow_infinity=True))
def test_no_number_breaks_a_figure(value: Decimal) -> None:
    for currency in ("KRW", "USDT"):
        assert figures.money(value, currency, "ko")
        assert figures.price(value, currency, "ko")
        assert len(figures.gain(value, currency, "ko").text) < 60
    assert figures.quantity(value)
    assert figures.rate(value).text
    assert figures.plain(value)


@given(some.floats() | some.integers() | some.text() | some.none() | some.booleans())
def test_no_value_breaks_plain(value: object) -> None:
    assert isinstance(figures.plain(value), str)


@given(some.integers())
def test_no_time_breaks_a_clock(time_ms: int) -> None:
    assert figures.kst(time_ms)
    assert figures.span(time_ms / 1000 if abs(time_ms) < 10**300 else None, "ko")


@given(some.decimals(min_value=1, max_value=10**12, places=0))
def test_won_can_be_read_back(value: Decimal) -> None:
    assert Decimal(figures.money(value, "KRW", "ko").removesuffix("원").replace(",", "")) == value
