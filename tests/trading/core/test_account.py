"""What limits remember over days, losses and latches."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from config.values import Knobs
from trading.core.account import Account, limit_day_offset
from trading.core.calendar import DAY_MS, HOUR_MS
from trading.core.portfolio import Trade

KNOBS = Knobs(daily_loss_limit=0.02, drawdown_limit=0.10, capital_stop=0.0)
D0 = 20_000 * DAY_MS


def trade(pnl: str, exit_ms: int, symbol: str = "BTC/KRW") -> Trade:
    one = Decimal(1)
    return Trade(
        "t", "upbit", "main", "macd", symbol, "long", 0, one, one, exit_ms, one, "x", one, Decimal(pnl), Decimal(0)
    )


def test_the_days_base_is_the_equity_at_the_last_mark_before_it() -> None:
    account = Account(1000.0)
    account.roll(D0, 0)
    account.entries = 4
    account.mark(985.0, D0 + HOUR_MS, KNOBS)
    account.roll(D0 + 23 * HOUR_MS, 0)
    assert (account.day_base, account.entries) == (1000.0, 4)
    account.roll(D0 + DAY_MS, 0)
    assert (account.day_base, account.entries) == (985.0, 0)


def test_the_day_of_limits_follows_the_venue_or_seoul() -> None:
    assert limit_day_offset("upbit", KNOBS) == 0
    assert limit_day_offset("bithumb", KNOBS) == -9 * HOUR_MS
    assert limit_day_offset("upbit", replace(KNOBS, day_starts_at="00:00")) == -9 * HOUR_MS
    account = Account(1000.0)
    account.roll(D0, -9 * HOUR_MS)
    account.entries = 2
    account.roll(D0 + 14 * HOUR_MS, -9 * HOUR_MS)
    assert account.entries == 2
    account.roll(D0 + 15 * HOUR_MS, -9 * HOUR_MS)
    assert account.entries == 0


def test_the_days_limit_lifts_by_itself() -> None:
    account = Account(1000.0)
    account.roll(D0, 0)
    account.mark(980.0, D0, KNOBS)
    assert account.over_day_limit(980.0, KNOBS)
    assert not account.over_day_limit(980.1, KNOBS)
    assert not account.over_day_limit(1.0, replace(KNOBS, daily_loss_limit=0.0))
    account.roll(D0 + DAY_MS, 0)
    assert not account.over_day_limit(980.0, KNOBS)
    assert not account.latches


def test_the_drawdown_latches_from_the_highest_mark_ever() -> None:
    account = Account(1000.0)
    account.mark(2000.0, 1, KNOBS)
    assert not account.mark(1801.0, 2, KNOBS)
    assert account.mark(1800.0, 3, KNOBS)
    assert account.latches == {"drawdown_limit": 3}
    assert not account.mark(1500.0, 4, KNOBS)  # tripped once, told once
    account.mark(3000.0, 5, KNOBS)
    assert account.latches == {"drawdown_limit": 3}  # good times do not lift it


def test_the_capital_stop_measures_from_the_start() -> None:
    knobs = replace(KNOBS, capital_stop=0.05, drawdown_limit=0.0)
    account = Account(1000.0)
    account.mark(2000.0, 1, knobs)
    assert not account.mark(951.0, 2, knobs)
    assert account.mark(950.0, 3, knobs)
    assert account.latches == {"capital_stop": 3}


def test_rearming_lifts_and_measures_anew() -> None:
    knobs = replace(KNOBS, capital_stop=0.05)
    account = Account(1000.0)
    account.mark(890.0, 1, knobs)
    assert set(account.latches) == {"drawdown_limit", "capital_stop"}
    account.rearm("drawdown_limit")
    assert set(account.latches) == {"capital_stop"}
    account.rearm(None)
    assert not account.mark(890.0, 2, knobs)
    assert not account.latches
    assert account.mark(800.0, 3, knobs)


def test_losses_in_a_row() -> None:
    account = Account(1000.0)
    account.closed(trade("-1", 10))
    account.closed(trade("-1", 20, "ETH/KRW"))
    assert (account.losses, account.last_loss_ms) == (2, 20)
    account.closed(trade("0", 30))
    assert (account.losses, account.last_loss_ms) == (0, 20)
    assert account.last_exit == {"BTC/KRW": 30, "ETH/KRW": 20}
    assert list(account.results) == [-1.0, -1.0, 0.0]


def test_results_reach_back_a_hundred_trades() -> None:
    account = Account(1000.0)
    for index in range(150):
        account.closed(trade(str(index), index))
    assert list(account.results) == [float(index) for index in range(50, 150)]


@given(marks=st.lists(st.floats(1, 1e6), max_size=60))
def test_a_latch_stays_until_somebody_rearms(marks: list[float]) -> None:
    account = Account(1000.0)
    tripped: int | None = None
    peak = 1000.0
    for now, equity in enumerate(marks):
        account.roll(now * HOUR_MS, 0)
        account.mark(equity, now, KNOBS)
        peak = max(peak, equity)
        if tripped is None and equity <= peak * (1.0 - 0.10):
            tripped = now
        assert account.latches == ({} if tripped is None else {"drawdown_limit": tripped})
        assert account.peak == peak
