"""Sell tax and price limits of the KRX by date."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trading.core.calendar import DAY_MS
from trading.core.candles import Candles
from trading.core.krx import SELL_TAXES, price_limits, sell_tax
from trading.core.rules import RULES

KST_DAY = 1_735_657_200_000  # 2025-01-01 00:00 KST


@pytest.mark.parametrize(
    ("time_ms", "rate"),
    [(KST_DAY - 1, 0.0018), (KST_DAY, 0.0015), (KST_DAY + 365 * DAY_MS - 1, 0.0015), (KST_DAY + 365 * DAY_MS, 0.0020)],
)
def test_the_rate_of_the_day(time_ms: int, rate: float) -> None:
    assert sell_tax(1_000_000.0, time_ms, SELL_TAXES) == 1_000_000.0 * rate


def test_whole_won_and_nothing_for_who_pays_none() -> None:
    assert sell_tax(70_333.0, KST_DAY, SELL_TAXES) == 105.0  # 105.4995
    assert sell_tax(700_000.0, KST_DAY, SELL_TAXES) == 1_050.0  # no won lost to a float
    assert sell_tax(1_000_000.0, KST_DAY, ()) == 0.0


def daily(start_ms: int, closes: list[float]) -> Candles:
    close = np.array(closes)
    times = start_ms + DAY_MS * np.arange(len(close), dtype=np.int64)
    return Candles(times, close, close, close, close, np.ones(len(close)), DAY_MS)


def test_limits_follow_the_last_session_in_whole_ticks() -> None:
    upper, lower = price_limits(daily(KST_DAY, [10_000.0, 12_340.0, 12_000.0]), RULES["stock"].ticks)
    assert (upper[0], lower[0]) == (math.inf, 0.0)
    assert (upper[1], lower[1]) == (13_000.0, 7_000.0)
    assert (upper[2], lower[2]) == (16_040.0, 8_640.0)  # 16,042 down to 10 won, 8,638 up


def test_within_a_session_the_limits_stand() -> None:
    minutes = Candles(
        np.array([KST_DAY, KST_DAY + 60_000, KST_DAY + DAY_MS, KST_DAY + DAY_MS + 60_000], np.int64),
        *(np.array([100.0, 110.0, 120.0, 130.0]),) * 4,
        np.ones(4),
        60_000,
    )
    upper, _ = price_limits(minutes, ())
    assert upper.tolist() == [math.inf, math.inf, 143.0, 143.0]


def test_before_june_2015_they_were_narrower() -> None:
    upper, _ = price_limits(daily(1_420_000_000_000 // DAY_MS * DAY_MS, [10_000.0, 10_000.0]), ())
    assert upper[1] == pytest.approx(11_500.0)
