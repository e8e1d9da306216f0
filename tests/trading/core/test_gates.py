"""Gates: each with its numbers, in their order, and none that can be talked into more."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.values import Knobs
from trading.core.account import Account
from trading.core.gates import GATES, Candidate, first_no
from trading.core.ports import Health

NOON = 20_000 * 86_400_000 + 12 * 3_600_000
MINUTE = 60_000

FINE = Candidate(
    symbol="BTC/KRW",
    now_ms=NOON,
    price=100.0,
    last=100.0,
    quantity=100.0,
    stop=97.0,
    take=105.0,
    side=1.0,
    confidence=0.6,
    equity=1_000_000.0,
    cash=1_000_000.0,
    fee=0.0005,
    min_notional=5_000.0,
    leverage=1.0,
    positions=0,
    entries_today=0,
    orders_last_minute=0,
    day_offset_ms=0,
    health=Health(),
)
KNOBS = Knobs(max_notional=20_000.0, confidence_threshold=0.5, min_reward_risk=1.2, capital_stop=0.05)


def account(**changes: Any) -> Account:
    return Account(**({"capital": 1_000_000.0} | changes))


def refused(
    candidate: Candidate = FINE, of: Account | None = None, knobs: Knobs = KNOBS
) -> tuple[str, dict[str, float]] | None:
    no = first_no(candidate, of or account(), knobs)
    return None if no is None else (no.gate, dict(no.numbers))


def test_nothing_stands_in_the_way() -> None:
    assert refused() is None


@pytest.mark.parametrize(
    ("gate", "candidate", "of", "knobs", "numbers"),
    [
        ("mode", {"health": Health(signals_only=True)}, {}, {}, {}),
        ("reconciled", {"health": Health(reconciled=False)}, {}, {}, {}),
        ("fresh_data", {"health": Health(fresh=False)}, {}, {}, {}),
        ("fresh_data", {"health": Health(stopped_symbols=frozenset({"BTC/KRW"}))}, {}, {}, {}),
        ("market_open", {"notice": "delisting"}, {}, {}, {}),
        ("pause", {"health": Health(paused=True)}, {}, {}, {}),
        ("pause", {"health": Health(halted=True)}, {}, {}, {}),
        ("cooldown", {}, {"losses": 2, "last_loss_ms": NOON - 10 * MINUTE}, {}, {"losses": 2, "minutes_left": 20.0}),
        (
            "cooldown",
            {},
            {"losses": 5, "last_loss_ms": NOON - 11 * 60 * MINUTE},
            {"cooldown_action": "stop"},
            {"losses": 5},
        ),
        (
            "symbol_cooldown",
            {},
            {"last_exit": {"BTC/KRW": NOON - 25 * MINUTE}},
            {"symbol_cooldown_minutes": 30},
            {"minutes_left": 5.0},
        ),
        ("max_trades_per_day", {"entries_today": 10}, {}, {}, {"trades": 10, "limit": 10}),
        ("daily_loss_limit", {"equity": 970_000.0}, {"day_base": 1_000_000.0}, {}, {"day": -0.03, "limit": -0.02}),
        ("capital_stop", {}, {"latches": {"capital_stop": 7}}, {}, {"since_ms": 7, "equity": 1e6, "peak": 1e6}),
        ("drawdown_limit", {}, {"latches": {"drawdown_limit": 7}}, {}, {"since_ms": 7, "equity": 1e6, "peak": 1e6}),
        ("error_rate", {}, {"latches": {"error_rate": 7}}, {}, {"since_ms": 7, "equity": 1e6, "peak": 1e6}),
        ("kill_switch", {}, {"latches": {"kill_switch": 7}}, {}, {"since_ms": 7, "equity": 1e6, "peak": 1e6}),
        ("max_positions", {"positions": 3}, {}, {}, {"positions": 3, "limit": 3}),
        ("confidence_threshold", {"confidence": 0.49}, {}, {}, {"confidence": 0.49, "least": 0.5}),
        ("min_reward_risk", {"take": 103.0}, {}, {}, {"ratio": 1.0, "least": 1.2}),
        ("min_reward_risk", {"stop": 100.0}, {}, {}, {"ratio": 0.0, "least": 1.2}),
        ("order_rate", {"orders_last_minute": 10}, {}, {}, {"orders": 10, "limit": 10}),
        (
            "max_position_size",
            {"quantity": 2100.0, "by_hand": True},
            {},
            {"max_notional": 0.0},
            {"share": 0.21, "limit": 0.2},
        ),
        ("max_notional", {"quantity": 201.0}, {}, {}, {"notional": 20_100.0, "limit": 20_000.0}),
        ("price_band", {"last": 90.0}, {}, {}, {"off": 1 / 9, "limit": 0.05}),
        ("price_band", {"last": 0.0}, {}, {}, {"off": 1.0, "limit": 0.05}),
        ("min_notional", {"quantity": 59.99}, {}, {}, {"notional": 5_999.0, "least": 6_000.0}),
        ("min_notional", {"quantity": 0.0, "min_notional": 0.0}, {}, {}, {"notional": 0.0, "least": 0.0}),
        ("free_cash", {"cash": 10_000.0}, {}, {}, {"need": 10_005.0, "cash": 10_000.0}),
    ],
)
def test_each_gate_says_why(
    gate: str, candidate: dict[str, Any], of: dict[str, Any], knobs: dict[str, Any], numbers: dict[str, float]
) -> None:
    no = refused(replace(FINE, **candidate), account(**of), replace(KNOBS, **knobs))
    assert no is not None
    assert no[0] == gate
    assert no[1] == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("candidate", "of", "knobs"),
    [
        ({}, {"losses": 2, "last_loss_ms": NOON - 30 * MINUTE}, {}),
        ({}, {"losses": 1, "last_loss_ms": NOON}, {}),
        ({}, {"losses": 9, "last_loss_ms": NOON}, {"cooldown_after_losses": 0}),
        ({}, {"losses": 9, "last_loss_ms": NOON - 13 * 60 * MINUTE}, {"cooldown_action": "stop"}),
        ({}, {"last_exit": {"ETH/KRW": NOON}}, {"symbol_cooldown_minutes": 30}),
        ({}, {"last_exit": {"BTC/KRW": NOON - 30 * MINUTE}}, {"symbol_cooldown_minutes": 30}),
        ({"entries_today": 99}, {}, {"max_trades_per_day": 0}),
        ({"equity": 980_001.0}, {}, {}),
        ({"equity": 1.0}, {}, {"daily_loss_limit": 0.0}),
        ({"positions": 99}, {}, {"max_positions": 0}),
        ({"take": math.nan}, {}, {}),  # without a take-profit there is no reward to measure
        ({"orders_last_minute": 99}, {}, {"max_orders_per_minute": 0}),
        ({"quantity": 9000.0}, {}, {"max_notional": 0.0}),
        ({"last": 1.0}, {}, {"price_band": 0.0}),
        ({"quantity": 60.0}, {}, {}),
        ({"cash": 10_005.0}, {}, {}),
        ({"cash": 2_005.0, "leverage": 5.0}, {}, {}),
        ({"quantity": 2000.0, "by_hand": True}, {}, {"max_notional": 0.0}),
        ({"quantity": 9000.0, "by_hand": False}, {}, {"max_notional": 0.0}),
    ],
)
def test_a_gate_that_is_off_or_not_yet_reached_lets_through(
    candidate: dict[str, Any], of: dict[str, Any], knobs: dict[str, Any]
) -> None:
    assert refused(replace(FINE, **candidate), account(**of), replace(KNOBS, **knobs)) is None


def test_the_order_of_the_gates() -> None:
    assert [name for name, _ in GATES] == [
        "mode",
        "reconciled",
        "fresh_data",
        "market_open",
        "pause",
        "cooldown",
        "symbol_cooldown",
        "max_trades_per_day",
        "daily_loss_limit",
        "capital_stop",
        "drawdown_limit",
        "error_rate",
        "kill_switch",
        "max_positions",
        "confidence_threshold",
        "min_reward_risk",
        "order_rate",
        "max_position_size",
        "max_notional",
        "price_band",
        "min_notional",
        "free_cash",
    ]


def test_the_first_no_is_the_one_that_is_told() -> None:
    bad = replace(FINE, health=Health(paused=True), notice="halted", confidence=0.0)
    assert refused(replace(bad, entries_today=99), account()) == ("market_open", {})


@given(data=st.data())
def test_a_gate_changes_nothing_and_says_the_same_again(data: st.DataObject) -> None:
    """Neither the candidate nor the account is touched: no gate can enlarge what it lets through."""
    drawn = replace(
        FINE,
        quantity=data.draw(st.floats(0, 1e4)),
        equity=data.draw(st.floats(0, 2e6)),
        cash=data.draw(st.floats(0, 2e6)),
        positions=data.draw(st.integers(0, 5)),
        confidence=data.draw(st.floats(0, 1)),
        last=data.draw(st.floats(50, 150)),
    )
    of = account(losses=data.draw(st.integers(0, 4)), last_loss_ms=NOON - data.draw(st.integers(0, 60)) * MINUTE)
    before = {field.name: repr(getattr(of, field.name)) for field in fields(of)}
    assert refused(drawn, of) == refused(drawn, of)
    assert before == {field.name: repr(getattr(of, field.name)) for field in fields(of)}


@given(
    quantity=st.floats(0, 1e4),
    cash=st.floats(0, 2e6),
    positions=st.integers(0, 5),
    rate=st.integers(0, 20),
    share=st.floats(0, 1),
)
def test_less_cash_more_positions_and_more_orders_never_open_a_gate(
    quantity: float, cash: float, positions: int, rate: int, share: float
) -> None:
    drawn = replace(FINE, quantity=quantity, cash=cash, positions=positions, orders_last_minute=rate)
    worse = replace(drawn, cash=cash * share, positions=positions + 1, orders_last_minute=rate + 1)
    if refused(drawn) is not None:
        assert refused(worse) is not None
