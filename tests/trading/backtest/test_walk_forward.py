"""Walk forward: values chosen from the past only, tried on what follows, money carried from window to window."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import run_backtest
from tests.trading.backtest.searches import CASH, KNOBS, alike, macd_grid, market, worth, write_csv
from trading.backtest import resume
from trading.backtest.engine import Score, backtest
from trading.backtest.executors import Crew
from trading.backtest.grid import Axis, Values
from trading.backtest.optimize import planned
from trading.backtest.series import Series, part, prepare
from trading.backtest.trials import Span
from trading.backtest.walk_forward import (
    WINDOW_END,
    GridChoice,
    Leg,
    WalkForward,
    WalkForwardAnalyzer,
    Window,
    duration,
    stability,
    usable,
    windows,
)
from trading.core.calendar import DAY_MS, HOUR_MS, MINUTE_MS
from trading.core.errors import BadInput
from trading.core.instrument import tick_at

THREADS = Crew(workers=2, processes=False)
GRID = ("macd_positive=false,true", "take_profit_percent=0.01,0.03", "stop_loss_percent=0.01,0.02")
TRAIN, TEST = 5 * HOUR_MS, 2 * HOUR_MS


@pytest.fixture(scope="module")
def series() -> Series:
    return market(5)


def found_in(series: Series, anchored: bool = False) -> list[Window]:
    return windows(usable([series], macd_grid().rule.strategy.warmup), TRAIN, TEST, anchored)


def choice(series: Series, over: list[Window]) -> GridChoice:
    plan = planned([series], macd_grid(GRID), [window.train for window in over], CASH)
    return GridChoice(plan, THREADS)


@pytest.fixture(scope="module")
def walked(series: Series) -> WalkForward[Values]:
    over = found_in(series)
    chooser = choice(series, over)
    return WalkForwardAnalyzer(over, chooser.fit, chooser.evaluate).run(CASH)


# -- windows -----------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**12), st.integers(1, 500), st.integers(1, 60), st.integers(1, 30), st.booleans())
def test_windows_follow_each_other_without_a_gap(start: int, days: int, train: int, test: int, anchored: bool) -> None:
    span = Span(start, start + days * DAY_MS)
    if train + test > days:
        with pytest.raises(BadInput):
            windows(span, train * DAY_MS, test * DAY_MS, anchored)
        return
    over = windows(span, train * DAY_MS, test * DAY_MS, anchored)
    assert over[0].train.start_ms == start
    assert over[-1].test.end_ms <= span.end_ms < over[-1].test.end_ms + test * DAY_MS
    for window in over:
        assert window.train.end_ms == window.test.start_ms
        assert window.test.end_ms - window.test.start_ms == test * DAY_MS
        assert window.train.start_ms == start or not anchored
        assert window.train.end_ms - window.train.start_ms >= train * DAY_MS
    for before, after in pairwise(over):
        assert before.test.end_ms == after.test.start_ms


@given(st.integers(2, 10_000), st.integers(1, 400), st.integers(1, 400))
def test_what_is_said_to_fit_does_fit(hours: int, train: int, test: int) -> None:
    span = Span(0, hours * HOUR_MS)
    if (train + test) * 24 <= hours:
        return
    with pytest.raises(BadInput) as refused:
        windows(span, train * DAY_MS, test * DAY_MS)
    lengths = [duration(f"--{name}", str(refused.value.values[name])) for name in ("train", "test")]
    assert windows(span, *lengths)


@pytest.mark.parametrize(
    ("raw", "length"), [("60d", 60 * DAY_MS), ("12h", 12 * HOUR_MS), ("4w", 28 * DAY_MS), ("90M", 90 * MINUTE_MS)]
)
def test_durations(raw: str, length: int) -> None:
    assert duration("--train", raw) == length


@pytest.mark.parametrize("raw", ["", "d", "0d", "60", "-5d", "1.5d", "5y", "5d5h", "99999999d", "٣d"])
def test_other_words_are_no_durations(raw: str) -> None:
    with pytest.raises(BadInput, match="60d"):
        duration("--train", raw)


def test_the_warm_up_is_not_walked(series: Series) -> None:
    warmup = macd_grid().rule.strategy.warmup
    assert usable([series], warmup).start_ms == series.candles.time[warmup]
    assert usable([series], 10**9).start_ms == series.candles.time[-1]


# -- choosing and trying -----------------------------------------------------------------------------------------------


def test_each_choice_is_the_best_of_its_past(series: Series, walked: WalkForward[Values]) -> None:
    grid = macd_grid(GRID)
    seen = set()
    for step in walked.steps:
        scores = {
            values: worth(
                backtest(part(prepare([series], grid.rule_of(values)), *step.window.train), grid.knobs_of(values), CASH)
            )
            for values in grid.combinations()
        }
        assert alike(step.past, scores[step.choice])
        assert step.past.net_return >= max(found.net_return for found in scores.values()) - 1e-12
        seen.add(step.choice)
    assert len(seen) > 1


@settings(max_examples=8)
@given(st.data())
def test_nothing_after_a_train_span_moves_its_choice(data: st.DataObject) -> None:
    series = market(5, 900)
    over = found_in(series)
    place = data.draw(st.integers(0, len(over) - 1))
    border = over[place].train.end_ms
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    candles = series.candles
    factor = np.where(candles.time >= border, np.exp(rng.normal(0.0, 0.05, len(candles))), 1.0)
    wide = np.where(candles.time >= border, 1.01, 1.0)
    changed = replace(
        candles,
        open=candles.open * factor,
        high=candles.high * factor * wide,
        low=candles.low * factor / wide,
        close=candles.close * factor,
    )
    other = replace(series, candles=changed)
    before, after = choice(series, over), choice(other, over)
    for window in over[: place + 1]:
        assert before.fit(window.train) == after.fit(window.train)


def test_money_adds_up_over_the_windows(walked: WalkForward[Values]) -> None:
    """Every window ends flat, so capital plus all trades is the equity to the won."""
    result = walked
    assert len(result.steps) > 4
    assert any(trade.exit_reason == WINDOW_END for trade in result.trades)
    assert any(trade.exit_reason != WINDOW_END for trade in result.trades)
    total = CASH + sum(float(trade.pnl) for trade in result.trades)
    assert result.equity[-1] == pytest.approx(total, rel=1e-12)
    assert result.net_return == pytest.approx(total / CASH - 1.0)
    product = np.prod([1.0 + step.ahead.net_return for step in result.steps])
    assert result.net_return == pytest.approx(product - 1.0)
    assert sum(step.ahead.trades for step in result.steps) == len(result.trades)
    assert list(result.times) == sorted(set(result.times.tolist()))


def test_a_window_closes_what_is_open_at_its_last_close(series: Series, walked: WalkForward[Values]) -> None:
    grid = macd_grid(GRID)
    result = walked
    for trade in (trade for trade in result.trades if trade.exit_reason == WINDOW_END):
        (step,) = [s for s in result.steps if s.window.test.start_ms <= trade.exit_ms < s.window.test.end_ms]
        cut = part(prepare([series], grid.rule), *step.window.test).series[0]
        assert trade.exit_ms == cut.candles.time[-1]
        close = float(cut.candles.close[-1])
        tick = tick_at(close, cut.instrument.ticks)
        assert float(trade.exit_price) == pytest.approx((close // tick - 1.0) * tick)  # one tick of slippage
        notional = (trade.entry_price + trade.exit_price) * trade.quantity
        assert float(trade.fee) == pytest.approx(0.0005 * float(notional), rel=1e-9)


def test_a_leg_is_worth_what_an_engine_says(series: Series) -> None:
    result = backtest(prepare([series], macd_grid().rule), KNOBS, CASH)
    assert alike(Leg(result.trades, result.times, result.equity).score(CASH), worth(result))


def test_trades_stay_in_their_windows(walked: WalkForward[Values]) -> None:
    result = walked
    for trade in result.trades:
        (home,) = [
            s.window.test for s in result.steps if s.window.test.start_ms <= trade.entry_ms < s.window.test.end_ms
        ]
        assert trade.exit_ms < home.end_ms


def test_a_hole_in_the_candles_is_a_quiet_window(series: Series) -> None:
    over = found_in(series)
    hole = over[1].test
    times = series.candles.time
    rest = (times < hole.start_ms) | (times >= hole.end_ms)
    candles = series.candles
    columns = {name: getattr(candles, name)[rest] for name in ("time", "open", "high", "low", "close", "volume")}
    torn = replace(series, candles=replace(candles, **columns))
    chooser = choice(torn, over)
    result = WalkForwardAnalyzer(over, chooser.fit, chooser.evaluate).run(CASH)
    assert result.steps[1].ahead == Score(0.0, 0, None, None)


def test_any_fit_can_be_walked() -> None:
    """The interface knows no grid: a choice is whatever `fit` says."""

    def fit(span: Span) -> tuple[int, Score]:
        return span.end_ms, Score(0.02, 1, None, None)

    def evaluate(choice: int, span: Span, cash: float) -> Leg:
        assert choice == span.start_ms
        return Leg((), np.array([span.start_ms]), np.array([cash * 1.01]))

    over = windows(Span(0, 10 * DAY_MS), 2 * DAY_MS, DAY_MS)
    result = WalkForwardAnalyzer(over, fit, evaluate).run(100.0)
    assert [step.choice for step in result.steps] == [day * DAY_MS for day in range(2, 10)]
    assert result.net_return == pytest.approx(1.01**8 - 1.0)
    assert result.ahead_per_day == pytest.approx(0.01)
    assert result.past_per_day == pytest.approx(1.02**0.5 - 1.0)
    assert result.decay == pytest.approx(0.01 / (1.02**0.5 - 1.0))


def test_no_gain_leaves_nothing_to_keep() -> None:
    over = windows(Span(0, 3 * DAY_MS), DAY_MS, DAY_MS)
    idle = Leg((), np.array([0]), np.array([100.0]))
    ruin = WalkForwardAnalyzer(over, lambda span: (0, Score(-1.0, 1, None, None)), lambda *given: idle).run(100.0)
    assert ruin.decay is None
    assert ruin.past_per_day < -0.99


def test_how_values_move() -> None:
    axes = [Axis("a", True, (1, 2, 3)), Axis("b", False, (5,)), Axis("c", False, (True, False))]
    chosen: list[Values] = [(1, 5, True), (3, 5, True), (3, 5, False), (2, 5, True)]
    a, c = stability(axes, chosen)
    assert (a.name, a.changes, a.steps, a.mean_move, a.values) == ("a", 2, 3, 1.0, 3)
    assert (c.name, c.changes, c.mean_move) == ("c", 2, pytest.approx(2 / 3))
    assert stability(axes, chosen[:1])[0].mean_move == 0.0


# -- the command -------------------------------------------------------------------------------------------------------


def run(*words: object) -> int:
    grids = [word for name in GRID for word in ("--grid", name)]
    return run_backtest.main(["walk-forward", "--strategy", "macd", "--set", "sizing=all_in", *grids, *map(str, words)])


@pytest.fixture
def file(series: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(resume, "FOLDER", tmp_path / "research")
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    return write_csv(tmp_path / "KRW-BTC_1m.csv", series)


@pytest.mark.parametrize("anchored", [False, True])
def test_what_a_person_sees(
    anchored: bool, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], series: Series
) -> None:
    words = ["--train", "5h", "--test", "2h", "--json", tmp_path / "o.json", "--trades", tmp_path / "o.csv"]
    assert run("--data", file, *words, *(["--anchored"] if anchored else [])) == 0
    said = capsys.readouterr().out
    assert "the best of 8 combinations" in said
    assert "stop_loss_percent: changed in" in said
    found = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert [(w["train"]["start_ms"], w["test"]["start_ms"]) for w in found["windows"]] == [
        (window.train.start_ms, window.test.start_ms) for window in found_in(series, anchored)
    ]
    with (tmp_path / "o.csv").open(encoding="utf-8") as lines:
        trades = list(csv.DictReader(lines))
    assert len(trades) == found["trades"] > 0
    total = sum(float(trade["pnl"]) for trade in trades)
    assert found["net_return"] == pytest.approx(total / CASH)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--train", "60d", "--test", "14d"], "would fit"),
        (["--train", "5hours", "--test", "2h"], "--train 5hours"),
        (["--train", "5h", "--test", "soon"], "--test soon"),
        (["--train", "5h", "--test", "2h", "--timeframe", "1m", "--trials", "x"], "--trials"),
        (["--train", "5h", "--test", "2h", "--grid", "nothing=1,2"], "nothing"),
    ],
)
def test_refusals_are_one_sentence(words: list[str], said: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data", file, *words) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1


def test_what_is_said_to_fit_runs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data", file, "--train", "60d", "--test", "14d") == 2
    train, test = (word.rstrip(",.") for word in capsys.readouterr().err.split() if word[0].isdigit() and "h" in word)
    assert run("--data", file, "--train", train, "--test", test) == 0


def test_windows_shorter_than_a_candle(tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_csv(tmp_path / "KRW-BTC_1h.csv", market(2, 600, HOUR_MS))
    assert run("--data", path, "--train", "2d", "--test", "30m") == 2
    assert "shorter than one candle" in capsys.readouterr().err


def test_thousands_of_windows_are_refused() -> None:
    with pytest.raises(BadInput, match="longer --test"):
        windows(Span(0, 100 * DAY_MS), DAY_MS, MINUTE_MS)


def test_knobs_are_those_of_the_run(series: Series) -> None:
    """A choice runs under the user's other knobs, not the defaults."""
    over = found_in(series)
    chooser = choice(series, over)
    values, _ = chooser.fit(over[0].train)
    result = chooser.evaluate(values, over[0].test, CASH)
    knobs = macd_grid(GRID).knobs_of(values)
    assert knobs == replace(
        KNOBS, take_profit_percent=knobs.take_profit_percent, stop_loss_percent=knobs.stop_loss_percent
    )
    assert result.times[0] >= over[0].test.start_ms
