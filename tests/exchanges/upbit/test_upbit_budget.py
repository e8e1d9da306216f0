"""The request budget on a clock of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.upbit.budget import EVERYTHING, IN_THE_AIR_S, Budget, remaining

LIMITS = {"order": (4, 2), "default": (10, 3)}


def budget(**kept: int) -> Budget:
    return Budget(LIMITS, now=100.0, wall_ms=1_000_000, blocked=kept)


def ask(b: Budget, group: str, now: float, takes_s: float = 0.0) -> None:
    b.take(group, now)
    b.answered(group, now + takes_s)


def test_the_reserve_is_for_urgent_requests() -> None:
    b = budget()
    for _ in range(2):
        assert b.wait("order", 100.0) == 0.0
        ask(b, "order", 100.0)
    assert b.wait("order", 100.0) == pytest.approx(1.0)
    assert b.wait("order", 100.0, urgent=True) == 0.0


def test_a_request_counts_until_a_window_after_its_answer() -> None:
    b = budget()
    for _ in range(4):
        b.take("order", 100.0)
    assert b.wait("order", 105.0, urgent=True) == IN_THE_AIR_S
    b.answered("order", 105.0)
    assert b.wait("order", 105.5, urgent=True) == pytest.approx(0.5)
    assert b.wait("order", 106.0, urgent=True) == 0.0


@given(st.lists(st.tuples(st.floats(0.0, 0.4), st.booleans(), st.floats(0.0, 0.3), st.floats(0.0, 1.0)), max_size=60))
def test_no_second_of_the_venue_ever_holds_more_than_the_limit(
    asked: list[tuple[float, bool, float, float]],
) -> None:
    """Whenever between sending and answer the venue saw each request."""
    b, now, seen = budget(), 100.0, list[float]()
    for pause, urgent, takes_s, share in asked:
        now += pause
        now += b.wait("order", now, urgent)
        b.take("order", now)
        seen.append(now + share * takes_s)
        now += takes_s
        b.answered("order", now)
    assert all(sum(1 for other in seen if 0 <= other - one < 1.0 - 1e-9) <= 4 for one in seen)


def test_what_the_venue_tells_counts_others_on_the_account() -> None:
    b = budget()
    b.take("order", 100.0)
    b.told("order", 0, 100.0)
    b.answered("order", 100.0)
    assert b.wait("order", 100.0, urgent=True) == pytest.approx(1.0)
    assert b.wait("order", 101.0, urgent=True) == 0.0


def test_429_waits_for_its_window_only_in_its_group() -> None:
    b = budget()
    assert b.refused("order", 429, None, 100.0, 1_000_000) == ("order", 1_001_000)
    assert b.blocked_for("order", 100.0) == pytest.approx(1.0)
    assert b.blocked_for("default", 100.0) == 0.0
    assert b.blocked_for("order", 101.0) == 0.0


def test_418_ends_everything_and_doubles() -> None:
    b = budget()
    assert b.refused("order", 418, None, 100.0, 1_000_000) == (EVERYTHING, 1_060_000)
    assert b.blocked_for("default", 130.0) == pytest.approx(30.0)
    assert b.refused("default", 418, None, 160.0, 1_060_000) == (EVERYTHING, 1_180_000)
    assert b.refused("default", 418, 5.0, 300.0, 1_200_000) == (EVERYTHING, 1_205_000)


def test_a_ban_survives_a_restart() -> None:
    b = Budget(LIMITS, now=7.0, wall_ms=1_000_000, blocked={EVERYTHING: 1_030_000, "order": 999_999})
    assert b.blocked_for("default", 7.0) == pytest.approx(30.0)
    assert b.blocked_for("default", 37.0) == 0.0


def test_requests_of_the_last_minute() -> None:
    b = budget()
    for second in range(5):
        ask(b, "default", 100.0 + second)
    assert b.per_minute(104.0) == 5
    assert b.per_minute(162.0) == 2


@pytest.mark.parametrize(
    ("header", "left"),
    [
        ("group=default; min=1800; sec=29", 29),
        ("group=candles; min=600; sec=0", 0),
        ("group=default; min=1800", None),
        ("sec=-1", None),
        ("sec=٣", None),
        ("", None),
        (None, None),
    ],
)
def test_remaining_req(header: str | None, left: int | None) -> None:
    assert remaining(header) == left
