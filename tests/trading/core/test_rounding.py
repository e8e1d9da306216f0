"""Ticks, lots and what a fill costs: never in our favour, and a price on the grid stays where it is."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trading.core.fills import level_against, level_with, slip_paid, slipped
from trading.core.instrument import Instrument, floor_step, round_down, round_up, tick_at
from trading.core.rules import RULES, names_of, overridden, researched

UPBIT = RULES["upbit"].ticks
tables = st.sampled_from([UPBIT, RULES["bithumb"].ticks, RULES["stock"].ticks, ((0.0, 0.5),), ((0.0, 0.01),)])
prices = st.floats(1e-4, 5e8, allow_nan=False).filter(lambda price: price > 0)


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        (163_000_000.0, 1000.0),
        (1_000_000.0, 1000.0),
        (999_999.0, 500.0),
        (500_000.0, 500.0),
        (499_999.0, 100.0),
        (100_000.0, 100.0),
        (99_999.0, 50.0),
        (10_000.0, 10.0),
        (9_999.0, 5.0),
        (5_000.0, 5.0),
        (4_999.0, 1.0),
        (100.0, 1.0),
        (99.9, 0.1),
        (9.99, 0.01),
        (0.5, 0.001),
    ],
)
def test_upbits_bands(price: float, tick: float) -> None:
    assert tick_at(price, UPBIT) == tick


@given(price=prices, ticks=tables)
def test_rounding_keeps_its_side_and_stays_within_a_tick(price: float, ticks: tuple[tuple[float, float], ...]) -> None:
    up, down, tick = round_up(price, ticks), round_down(price, ticks), tick_at(price, ticks)
    assert up >= price - 1e-8 * tick - 1e-12 * price
    assert down <= price + 1e-8 * tick + 1e-12 * price
    assert up - price <= tick * (1 + 1e-6)
    assert price - down <= tick * (1 + 1e-6)


@given(steps=st.integers(1, 10**7), tick=st.sampled_from([1000.0, 50.0, 1.0, 0.1, 0.01, 0.001]))
def test_a_price_on_the_grid_stays(steps: int, tick: float) -> None:
    ticks = ((0.0, tick),)
    price = steps * tick
    assert round_up(price, ticks) == round_down(price, ticks) == price
    assert round_up(round_up(price * 1.0000001, ticks), ticks) == round_up(price * 1.0000001, ticks)


def test_a_billionth_of_a_tick_is_forgiven() -> None:
    ticks = ((0.0, 10.0),)
    assert round_up(100.000000001, ticks) == 100.0
    assert round_up(100.0001, ticks) == 110.0
    assert round_down(99.999999999, ticks) == 100.0
    assert round_down(99.9999, ticks) == 90.0


def test_without_ticks_nothing_is_rounded() -> None:
    assert round_up(1.2345, ()) == round_down(1.2345, ()) == 1.2345
    assert slipped(1.2345, True, (), 0.0, 3) == 1.2345


@given(
    price=prices, ticks=tables, bps=st.sampled_from([0.0, 5.0, 100.0]), worse=st.integers(0, 5), buying=st.booleans()
)
def test_a_fill_is_never_better_than_its_price(
    price: float, ticks: tuple[tuple[float, float], ...], bps: float, worse: int, buying: bool
) -> None:
    tick = tick_at(price, ticks)
    assume(price > 20 * tick)
    fill = slipped(price, buying, ticks, bps, worse)
    sign = 1.0 if buying else -1.0
    assert sign * (fill - price) >= -1e-8 * tick - 1e-12 * price
    more = slipped(price, buying, ticks, bps, worse + 1)
    assert sign * (more - fill) > 0


@pytest.mark.parametrize(
    ("price", "buying", "bps", "ticks", "wanted"),
    [
        (100.0, True, 0.0, 0, 100.0),
        (100.2, True, 0.0, 0, 101.0),
        (100.8, False, 0.0, 0, 100.0),
        (100.2, True, 0.0, 2, 103.0),
        (100.8, False, 0.0, 2, 98.0),
        (100.0, True, 100.0, 1, 102.0),
        (100.0, False, 100.0, 1, 98.0),
    ],
)
def test_rounded_then_bps_then_ticks(price: float, buying: bool, bps: float, ticks: int, wanted: float) -> None:
    assert slipped(price, buying, ((0.0, 1.0),), bps, ticks) == pytest.approx(wanted)


@given(price=prices, ticks=tables)
def test_levels_round_away_from_profit(price: float, ticks: tuple[tuple[float, float], ...]) -> None:
    assert level_against(1.0, price, ticks) == level_with(-1.0, price, ticks) == round_down(price, ticks)
    assert level_against(-1.0, price, ticks) == level_with(1.0, price, ticks) == round_up(price, ticks)


@given(quantity=st.floats(0, 1e5), step=st.sampled_from([1e-8, 1e-5, 0.001, 1.0]))
def test_a_lot_is_never_rounded_up(quantity: float, step: float) -> None:
    cut = floor_step(quantity, step)
    assert cut <= quantity + 1e-8 * step + 1e-12 * quantity
    assert quantity - cut < step * (1 + 1e-6)
    if quantity / step < 1e6:  # above, a double has no billionth of a lot left
        assert floor_step(cut, step) == pytest.approx(cut, abs=1e-9 * step)


def test_no_lot_means_no_cut() -> None:
    assert floor_step(1.23456789012, 0.0) == 1.23456789012


@pytest.mark.parametrize(
    ("venue", "given_", "wanted"),
    [
        ("upbit", "KRW-BTC", ("BTC/KRW", "KRW-BTC", "BTC", "KRW")),
        ("upbit", "btc/krw", ("BTC/KRW", "KRW-BTC", "BTC", "KRW")),
        ("upbit", "BTC", ("BTC/KRW", "KRW-BTC", "BTC", "KRW")),
        ("upbit", "BTC-ETH", ("ETH/BTC", "BTC-ETH", "ETH", "BTC")),
        ("bithumb", "XRP", ("XRP/KRW", "KRW-XRP", "XRP", "KRW")),
        ("binance_spot", "BTCUSDT", ("BTC/USDT", "BTCUSDT", "BTC", "USDT")),
        ("binance_futures", "BTC/USDT:USDT", ("BTC/USDT", "BTCUSDT", "BTC", "USDT")),
        ("binance_futures", " ethusdt ", ("ETH/USDT", "ETHUSDT", "ETH", "USDT")),
        ("stock", "005930", ("005930", "005930", "005930", "KRW")),
    ],
)
def test_names(venue: str, given_: str, wanted: tuple[str, str, str, str]) -> None:
    assert names_of(venue, given_) == wanted


@pytest.mark.parametrize("venue", list(RULES))
def test_names_are_stable(venue: str) -> None:
    ours, market, *_ = names_of(venue, "005930" if venue == "stock" else "SOL")
    assert names_of(venue, ours) == names_of(venue, market)


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        names_of("upbit", "  ")


class Research:
    fee_rate: float | None = None
    tick_size: float | None = None
    lot_step: float | None = None
    min_notional: float | None = None


def test_research_knobs_replace_the_venues_rules() -> None:
    plain = researched("upbit", "KRW-BTC", Research())
    assert (plain.fee_rate, plain.min_notional, plain.ticks) == (0.0005, 5000.0, UPBIT)
    knobs = Research()
    knobs.tick_size, knobs.fee_rate, knobs.min_notional = 0.0, 0.0, 0.0
    free = researched("upbit", "KRW-BTC", knobs)
    assert (free.fee_rate, free.min_notional, free.ticks) == (0.0, 0.0, ())
    knobs.tick_size = 5.0
    assert overridden(plain, knobs).ticks == ((0.0, 5.0),)
    assert plain.ticks == UPBIT


def test_the_tables_fall_to_zero() -> None:
    for rules in RULES.values():
        bounds = [bound for bound, _ in rules.ticks]
        assert bounds == sorted(bounds, reverse=True)
        assert not bounds or bounds[-1] == 0.0
        assert Decimal(repr(rules.lot_step)) > 0


def test_an_instrument_is_a_value() -> None:
    one = Instrument("upbit", "BTC/KRW", "KRW-BTC", "BTC", "KRW")
    assert one == Instrument("upbit", "BTC/KRW", "KRW-BTC", "BTC", "KRW")
    assert math.isclose(one.lot_step, 1e-8)


@given(prices, st.booleans(), tables, st.sampled_from([0.0, 3.0, 25.0]), st.integers(0, 3))
def test_slippage_is_read_off_a_fill(
    price: float, buying: bool, ticks: tuple[tuple[float, float], ...], bps: float, count: int
) -> None:
    """What `slipped` added comes back; where two prices give one sale (under a band's edge), at least that much."""
    fill = slipped(price, buying, ticks, bps, count)
    assume(fill > 0.0)
    added = abs(fill - (round_up(price, ticks) if buying else round_down(price, ticks)))
    (paid,) = slip_paid(np.array([fill]), buying, ticks, bps, count)
    assert paid >= added - 1e-7 * price
    widest = count * max(tick_at(fill, ticks), tick_at(price * 1.01 + tick_at(price, ticks) * 4, ticks))
    assert paid <= max(added, widest + 1.01 * bps / 10_000 * (fill + widest)) + 1e-7 * price
    if buying or len(ticks) == 1 or not count:
        assert paid == pytest.approx(added, abs=1e-7 * price)


@pytest.mark.parametrize(
    ("fill", "buying", "paid"),
    [
        (10_000.0, True, 5.0),
        (10_010.0, True, 10.0),
        (9_990.0, False, 10.0),
        (9_985.0, False, 5.0),
        (9_995.0, True, 5.0),
    ],
)
def test_slippage_at_the_edge_of_a_band(fill: float, buying: bool, paid: float) -> None:
    assert slip_paid(np.array([fill]), buying, UPBIT, 0.0, 1).tolist() == [paid]


def test_an_average_of_fills_has_some_slippage_too() -> None:
    (paid,) = slip_paid(np.array([10_007.0]), True, UPBIT, 0.0, 1)  # 10,000 + 10 and 9,995 + 5 on average
    assert paid == 10.0
