"""What every strategy must keep, by name: a new file in trading/strategies is covered without a line here."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tests.trading.strategies.markets import STRICT, drawn, generated, inputs, others, recorded
from trading import strategies
from trading.backtest.row_checks import columns, foresight, short_window
from trading.core.calendar import MINUTE_MS
from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.core.rows import Rule, compute
from trading.core.signals import Signals
from trading.core.strategy import Inputs, Strategy, parameters

NAMES = strategies.names()
every = pytest.mark.parametrize("name", NAMES)


def variants(name: str, count: int, seed: int) -> list[Strategy]:
    """The strategy as it comes, and with other parameters."""
    rng = np.random.default_rng(seed)
    kind = strategies.find(name)
    return [strategies.create(name), *(strategies.create(name, drawn(kind, rng)) for _ in range(count))]


def assert_blind(strategy: Strategy, filters: tuple[str, ...], candles: Candles, seed: int) -> None:
    """Rows 0..j are the same whatever happens after the open of candle j."""
    rule = Rule(strategy, filters, 0.002 if filters else 0.0)
    assert foresight(rule, candles, inputs(others(strategy, candles, filters), candles), seed) is None


@every
@pytest.mark.parametrize("filters", [(), STRICT], ids=["bare", "filtered"])
def test_rows_know_nothing_of_what_comes(name: str, filters: tuple[str, ...]) -> None:
    for seed, strategy in enumerate(variants(name, 4, 1)):
        assert_blind(strategy, filters, generated(7, 900), seed)


@every
def test_rows_know_nothing_of_what_comes_on_recorded_candles(name: str) -> None:
    candles = recorded("upbit/KRW-ETH_1h.csv", "1h")[5000:7000]
    assert_blind(strategies.create(name), STRICT, candles, 3)


def test_looking_ahead_would_be_seen() -> None:
    """The test of the test: one candle of sight is enough to fail."""

    class Peeking(strategies.find("macd")):  # type: ignore[misc]
        def rows(self, candles: Candles, given: object) -> Signals:
            rows: Signals = super().rows(candles, given)
            return replace(rows, buy_above=np.where(candles.close > candles.open, 0.0, np.nan))

    moved = foresight(Rule(Peeking(), ()), generated(7, 900), Inputs())
    assert moved is not None
    assert moved.column == "buy_above"
    assert moved.row == moved.cut


def assert_window_is_enough(
    strategy: Strategy, candles: Candles, count: int, seed: int, filters: tuple[str, ...] = STRICT
) -> None:
    """The last row from `window` candles is that of the whole history, in what decides and in what is told."""
    rule = Rule(strategy, filters, 0.002 if filters else 0.0)
    assert rule.window(candles.timeframe_ms) < len(candles), "the series is too short to prove anything"
    given = inputs(others(strategy, candles, filters), candles)
    assert short_window(rule, candles, given, seed, count, 1e-12) is None


def test_a_window_too_short_would_be_seen() -> None:
    """The test of the test: 100 candles do not make an EMA(26) forget its seed."""

    class Forgetful(strategies.find("macd")):  # type: ignore[misc]
        def window(self, timeframe_ms: int) -> int:
            return 100

    unlike = short_window(Rule(Forgetful(), ()), generated(11, 5000), Inputs())
    assert unlike is not None
    assert unlike.whole != unlike.windowed


@every
def test_a_window_decides_like_the_whole_history(name: str) -> None:
    for seed, strategy in enumerate(variants(name, 2, 2)):
        assert_window_is_enough(strategy, generated(11, 5000, 15 * MINUTE_MS), 10, seed)
        assert_window_is_enough(strategy, generated(12, 7000, MINUTE_MS), 20, seed, ())


@every
@pytest.mark.parametrize(
    ("file", "timeframe", "part"),
    [("upbit/KRW-ETH_1h.csv", "1h", slice(2000, 12000)), ("upbit/KRW-XRP_1m.csv", "1m", slice(0, 12000))],
)
def test_a_window_decides_like_the_whole_history_on_recorded_candles(
    name: str, file: str, timeframe: str, part: slice
) -> None:
    for filters in (STRICT, ()):
        assert_window_is_enough(strategies.create(name), recorded(file, timeframe)[part], 10, 5, filters)


@every
def test_rows_have_one_entry_per_candle(name: str) -> None:
    for n in (0, 1, 2, 14, 15, 27, 28, 40, 300):
        candles = generated(5, 300)[:n]
        for strategy in variants(name, 2, 3):
            rows = compute(Rule(strategy, STRICT), candles, inputs(others(strategy, candles, STRICT), candles))
            for column, values in columns(rows).items():
                assert values.shape == (n,), (column, n)
            assert rows.exit_long.dtype == rows.exit_short.dtype == np.bool_
            assert ((rows.confidence >= 0) & (rows.confidence <= 1)).all()
            assert set(rows.reason.tolist()) <= set(range(len(strategy.reasons)))


@every
def test_no_entry_while_indicators_warm_up(name: str) -> None:
    candles = generated(13, 1500)
    for strategy in variants(name, 3, 4):
        rows = compute(Rule(strategy, ()), candles, inputs(others(strategy, candles, ()), candles))
        assert strategy.warmup == 5 * strategy.period > 0
        assert np.isnan(rows.buy_above[: strategy.warmup]).all()
        assert np.isnan(rows.sell_below[: strategy.warmup]).all()


@every
def test_where_it_enters_all_that_is_told_holds(name: str) -> None:
    candles = generated(17, 3000)
    for strategy, filters in itertools.product(variants(name, 3, 6), ((), STRICT)):
        rows = compute(Rule(strategy, filters), candles, inputs(others(strategy, candles, filters), candles))
        enters = ~(np.isnan(rows.buy_above) & np.isnan(rows.sell_below))
        assert [one for one, holds in rows.conditions.items() if not holds[enters].all()] == []


@every
def test_it_enters_at_least_once_on_recorded_candles(name: str) -> None:
    candles = recorded("upbit/KRW-BTC_1h.csv", "1h")
    strategy = strategies.create(name)
    rows = compute(Rule(strategy, ()), candles, inputs(others(strategy, candles, ()), candles, "BTC"))
    reached = (rows.buy_above <= candles.high) | (rows.sell_below >= candles.low)
    assert reached.sum() >= 1


@every
def test_an_unknown_parameter_is_refused_with_the_nearest_name(name: str) -> None:
    for known in parameters(strategies.find(name)):
        with pytest.raises(BadInput, match=rf"\b{known}\b"):
            strategies.create(name, {known + "x": "1"})


@every
def test_parameters_keep_their_bounds(name: str) -> None:
    kind = strategies.find(name)
    for known, spec in parameters(kind).items():
        assert getattr(strategies.create(name, {known: spec.default}), known) == spec.default
        bad: list[object] = ["", "much", "nan", None]
        if isinstance(spec.default, str):
            assert spec.default in spec.metadata["choices"]
        elif not isinstance(spec.default, bool):
            low, high = spec.metadata["low"], spec.metadata["high"]
            assert low <= spec.default <= high
            for edge in (low, high):
                assert getattr(strategies.create(name, {known: edge}), known) == edge
            bad += [low - 1, high + 1, "inf", "-inf", *([low + 0.5] if isinstance(spec.default, int) else [])]
        for raw in bad:
            with pytest.raises(BadInput, match=known):
                strategies.create(name, {known: raw})


@every
def test_the_window_covers_the_warm_up(name: str) -> None:
    for strategy in variants(name, 2, 6):
        for length in (MINUTE_MS, 60 * MINUTE_MS, 1440 * MINUTE_MS):
            assert strategy.window(length) > strategy.warmup
            assert strategy.window(length) >= max(20 * strategy.period, 40 * strategy.wilder)


def test_an_unknown_strategy_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(BadInput, match="breakout"):
        strategies.find("braekout")
