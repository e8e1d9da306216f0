"""A lived day beside its replay: equal where nothing happened, and every difference has the cause that made it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path

import pytest

from config.values import Knobs
from trading.backtest.compare import Comparison, compare
from trading.backtest.compare_report import write_comparison
from trading.backtest.lived_day import LivedDay, LivedTrade, day_bounds
from trading.core.errors import BadInput
from trading.core.facts import Bar
from trading.core.lived import (
    LivedStep,
    charge_values,
    knobs_of,
    position_of,
    position_values,
    row_of,
    row_values,
    step_of,
    step_values,
)
from trading.core.portfolio import Position
from trading.core.signals import Row

MINUTE = 60_000
START, END = day_bounds("2026-03-03")
SYMBOL = "BTC/KRW"
NAN = float("nan")
QUIET = Row(NAN, NAN, False, False, 0.6, 50_000.0, 100_000_000.0, 0)
BUY, LEAVE = QUIET._replace(buy_above=0.0), QUIET._replace(exit_long=True)
KNOBS = replace(Knobs(), sizing="fixed", take_profit_percent=0.0, daily_loss_limit=0.0, drawdown_limit=0.0)
BOOKS = {
    "cash": "1000000",
    "capital": 1_000_000.0,
    "positions": [],
    "account": {"equity": 1_000_000.0, "peak": 1_000_000.0, "day": None, "day_base": 1_000_000.0, "entries": 0},
}
PRICE = 100_000_000.0


def step(minute: int, price: float, row: Row | None = None, **more: object) -> LivedStep:
    """One tick at the open of a minute; `row`: what its candle says."""
    open_ms = START + minute * MINUTE
    rows = () if row is None else ((SYMBOL, open_ms, row),)
    return LivedStep(open_ms, (Bar(SYMBOL, open_ms, price, price, price, price, open_ms),), rows, **more)  # type: ignore[arg-type]


def beginning(minute: int = 0) -> LivedStep:
    charge = charge_values("macd", {}, "1m", KNOBS)
    return LivedStep(START + minute * MINUTE, charge=charge, start=BOOKS)


STEPS = (
    beginning(),
    step(1, PRICE, BUY),
    step(2, PRICE, QUIET),
    step(3, PRICE + 500_000, LEAVE),
    step(4, PRICE, QUIET),
)


def lived(**changes: object) -> LivedTrade:
    """The trade that STEPS bring: in at the first minute, out at the third, one tick of slippage each way."""
    trade = LivedTrade(
        "trip",
        SYMBOL,
        "long",
        START + MINUTE,
        PRICE + 1000,
        0.0,
        START + 3 * MINUTE,
        PRICE + 499_000,
        "exit_signal",
        0.0,
        START + MINUTE,
        "entry",
    )
    return replace(trade, **changes)  # type: ignore[arg-type]


def day(*trades: LivedTrade, steps: tuple[LivedStep, ...] = STEPS, **more: object) -> LivedDay:
    entries = frozenset((trade.symbol, trade.entry_candle_ms) for trade in trades)
    plain = LivedDay("upbit", START, END, steps, trades, entries, {}, {})
    return replace(plain, **more)  # type: ignore[arg-type]


def causes(comparison: Comparison) -> list[tuple[str, str]]:
    return [(finding.what, finding.cause) for finding in comparison.findings]


def test_a_day_without_faults_is_equal() -> None:
    result = compare(day(lived()))
    assert (result.lived, result.ideal, result.same, result.findings) == (1, 1, 1, ())


def test_a_late_fill_is_latency() -> None:
    result = compare(day(lived(exit_ms=START + 3 * MINUTE + 1500)))
    assert causes(result) == [("exit", "latency")]
    assert "1.5 s" in result.findings[0].detail


def test_a_worse_price_is_slippage() -> None:
    assert causes(compare(day(lived(entry_price=PRICE + 9000)))) == [("entry", "slippage")]


def test_an_entry_that_a_gate_refused_is_named_with_its_gate() -> None:
    result = compare(day(gates={(SYMBOL, START + MINUTE): "pause"}))
    assert causes(result) == [("not_traded", "gate")]
    assert result.findings[0].detail == "pause"


def test_a_rejected_order_is_no_mystery() -> None:
    result = compare(day(refused={(SYMBOL, START + MINUTE): "insufficient_funds_bid"}))
    assert causes(result) == [("not_traded", "refused")]


def test_an_entry_still_held_is_not_missed() -> None:
    result = compare(day(open_entries=frozenset({(SYMBOL, START + MINUTE)})))
    assert causes(result) == [("not_traded", "still_open")]


def test_a_life_goes_on_from_the_books_it_began_with() -> None:
    held = Position("trip", "upbit", "main", "macd", SYMBOL, 1, START + MINUTE, START + MINUTE)
    held.quantity = held.bought = Decimal("0.002")
    held.cost, held.entry, held.high_water = Decimal(200_000), PRICE, PRICE
    again = replace(beginning(2), start={**BOOKS, "cash": "800000", "positions": [position_values(held)]})
    steps = (beginning(), step(1, PRICE, BUY), again, step(9, PRICE, QUIET), step(10, PRICE, LEAVE))
    assert compare(
        day(lived(entry_price=PRICE, exit_ms=START + 10 * MINUTE, exit_price=PRICE - 1000), steps=steps)
    ).same
    late = lived(entry_price=PRICE, exit_ms=START + 11 * MINUTE, exit_price=PRICE - 1000)
    assert causes(compare(day(late, steps=steps))) == [("exit", "latency")]


def test_downtime_is_the_silence_before_a_start() -> None:
    steps = (beginning(), step(1, PRICE, BUY), step(3, PRICE + 500_000, LEAVE), beginning(4))
    result = compare(day(lived(exit_ms=START + 5 * MINUTE), steps=steps))
    assert causes(result) == [("exit", "downtime")]


def test_a_stream_that_broke_is_a_gap() -> None:
    broken = tuple(replace(one, gap=True) if one.now_ms == START + 3 * MINUTE else one for one in STEPS)
    result = compare(day(lived(exit_ms=START + 3 * MINUTE + 20_000), steps=broken))
    assert causes(result) == [("exit", "gap")]


def test_a_corrected_candle_comes_before_other_causes() -> None:
    result = compare(day(revised=frozenset({(SYMBOL, START + MINUTE)})))
    assert causes(result) == [("not_traded", "candle_revised")]


def test_what_a_person_ordered_is_theirs() -> None:
    by_hand = lived(leg="command:ab12", entry_candle_ms=START + 40 * MINUTE, entry_ms=START + 40 * MINUTE)
    assert ("only_lived", "command") in causes(compare(day(lived(), by_hand)))
    sold = lived(exit_reason="manual", exit_ms=START + 2 * MINUTE)
    assert ("exit", "manual") in causes(compare(day(sold)))


def test_what_has_no_cause_is_said_so(tmp_path: Path) -> None:
    result = compare(day())
    assert result.unexplained == 1
    write_comparison(tmp_path / "out.json", result)
    assert json.loads((tmp_path / "out.json").read_text())["unexplained"] == 1


def test_a_recorded_step_reads_back_as_it_was() -> None:
    whole = replace(step(1, 1.5, BUY._replace(sell_below=float("inf"))), gap=True, charge={"a": 1}, start=BOOKS)
    assert repr(step_of(json.loads(json.dumps(step_values(whole))))) == repr(whole)
    assert repr(row_of(json.loads(json.dumps(row_values(QUIET))))) == repr(QUIET)


def test_knobs_and_positions_read_back_as_they_were() -> None:
    assert knobs_of(json.loads(json.dumps(asdict(KNOBS)))) == KNOBS
    assert knobs_of({**asdict(KNOBS), "a_knob_of_tomorrow": 1}) == KNOBS
    held = Position("t", "upbit", "main", "macd", SYMBOL, 1, 5, 4, quantity=Decimal("0.1"), atr=NAN, high_water=7.0)
    assert repr(position_of(json.loads(json.dumps(position_values(held))))) == repr(held)


@pytest.mark.parametrize("date", ["", "today", "2026-13-01"])
def test_a_date_that_is_none_is_refused(date: str) -> None:
    with pytest.raises(BadInput, match="YYYY-MM-DD"):
        day_bounds(date)
