"""Live and exact replay are one: the same market, lived by the bot in lock-step and replayed, gives the same trades.

Times (those of the simulator's fills), sides, reasons, prices and quantities are equal exactly, fee and result to 1e-9.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parity.cases import CASES, SHORT
from tests.parity.lives import (
    HISTORY,
    Case,
    Trip,
    cut,
    differences,
    live,
    market_files,
    missing,
    replayed,
    ticks_file,
)
from tests.shared_data import shared
from trading.core.calendar import timeframe_ms
from trading.core.instrument import tick_at
from trading.core.rules import RULES

REASONS = ("stop_loss", "atr_stop", "trailing_stop", "take_profit", "time_cut", "exit_signal", "emergency_stop")
"""Every exit that the levels and rules of a spot venue know."""
LEAST_TRADES, LEAST_OF_EACH = 200, 10


def sources(case: Case) -> list[Path]:
    return [shared(f"upbit/{name}") for name in case.files]


def opening_ms(slices: list[Path]) -> int:
    """When the replayed market opens."""
    with slices[0].open(encoding="utf-8") as file:
        return int([row["timestamp_ms"] for row in csv.DictReader(file)][HISTORY])


def test_the_cases_promise_enough() -> None:
    promised: Counter[str] = Counter()
    for case in CASES:
        promised.update(case.promised)
        assert sum(case.promised.values()) <= case.trades
    assert sum(case.trades for case in CASES) >= LEAST_TRADES
    assert {reason: count for reason, count in promised.items() if count >= LEAST_OF_EACH}.keys() == set(REASONS)
    assert len({name for case in CASES for name in case.files}) >= 2
    assert {case.preset for case in CASES} == {"demo", "scalping", "macd_classic"}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bot_and_replay_trade_alike(case: Case, tmp_path: Path) -> None:
    slices = cut(case, sources(case), tmp_path)
    market_files(case, slices, tmp_path)
    replay = replayed(case, tmp_path)
    quiet_until = opening_ms(slices) + 2 * timeframe_ms(case.timeframe)
    assert replay[0].entry_ms >= quiet_until, "the case must begin with two quiet candles"
    bot = live(case, slices, tmp_path / "home")
    found = differences(bot, replay)
    assert not found, f"{len(found)} of {len(replay)} trades differ:\n" + "\n".join(found[:5])
    assert not missing(case, bot)


# -- what the comparison notices ---------------------------------------------------------------------------------------


def moved(ticks: Path, at_ms: int, ticks_up: int) -> Path:
    """A copy of the tick file in which the price at `at_ms` lies `ticks_up` ticks higher."""
    header, *rows = ticks.read_text("utf-8").splitlines()
    lines, hits = [header], 0
    for row in rows:
        time, price, quantity = row.split(",")
        if int(time) == at_ms:
            price = repr(float(price) + ticks_up * tick_at(float(price), RULES["upbit"].ticks))
            hits += 1
        lines.append(f"{time},{price},{quantity}")
    assert hits == 1
    path = ticks.with_name(f"moved_{at_ms}_{ticks_up}.csv")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.slow
def test_one_price_one_tick_off_is_noticed(tmp_path: Path) -> None:
    slices = cut(SHORT, sources(SHORT), tmp_path)
    market_files(SHORT, slices, tmp_path)
    bot = live(SHORT, slices, tmp_path / "home")
    assert not differences(bot, replayed(SHORT, tmp_path))
    assert not missing(SHORT, bot)
    symbol = SHORT.symbols[0]
    stopped = next(trip for trip in bot if trip.reason == "atr_stop")
    for at_ms in (stopped.entry_ms, stopped.exit_ms):
        for ticks_up in (-1, 1):
            other = moved(ticks_file(tmp_path, symbol), at_ms, ticks_up)
            assert differences(bot, replayed(SHORT, tmp_path, {symbol: other})), (at_ms, ticks_up)


TRIP = Trip("BTC/KRW", "long", 60_000, 100.0, 0.5, 120_000, 101.0, "take_profit", 0.05, 0.45)


@given(
    name=st.sampled_from(["entry_ms", "exit_ms", "entry_price", "exit_price", "quantity", "fee", "pnl"]),
    place=st.integers(0, 3),
    by=st.sampled_from([-1, 1]),
)
def test_the_least_change_of_one_trade_is_a_difference(name: str, place: int, by: int) -> None:
    bot = [replace(TRIP, entry_ms=TRIP.entry_ms + n, exit_ms=TRIP.exit_ms + n) for n in range(4)]
    value = getattr(TRIP, name)
    step = by if name.endswith("_ms") else by * 1e-8
    other = list(bot)
    other[place] = replace(bot[place], **{name: getattr(bot[place], name) + step})
    assert getattr(other[place], name) != value or place
    assert not differences(bot, bot)
    assert len(differences(bot, other)) == 1


@pytest.mark.parametrize("change", [{"reason": "stop_loss"}, {"side": "short"}, {"symbol": "ETH/KRW"}])
def test_another_word_is_a_difference(change: dict[str, str]) -> None:
    assert differences([TRIP], [replace(TRIP, **change)])  # type: ignore[arg-type]


def test_a_trade_more_is_a_difference() -> None:
    assert differences([TRIP], [TRIP, TRIP])
    assert differences([TRIP, TRIP], [TRIP])


def test_too_few_trades_are_said() -> None:
    case = replace(SHORT, trades=3, promised={"take_profit": 2, "atr_stop": 1})
    assert missing(case, [TRIP, TRIP]) == ["atr_stop: 0 instead of 1", "trades: 2 instead of 3"]
    assert not missing(case, [TRIP, TRIP, replace(TRIP, reason="atr_stop")])
