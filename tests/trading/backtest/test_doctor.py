"""What the doctor must find, on strategies and settings that are wrong in one way each."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import run_backtest
from config.values import Knobs
from tests.trading.backtest.scripted import MINUTE, START, Bars, Scripted, candles_of, row
from tests.trading.strategies.markets import generated
from trading import strategies
from trading.backtest.doctor import examine, healthy
from trading.backtest.doctor_finding import Finding, percent
from trading.backtest.inputs import Subject
from trading.backtest.series import Series
from trading.core.candles import Candles
from trading.core.filters import HIGHER
from trading.core.rows import Rule, rule
from trading.core.rules import researched
from trading.core.signals import Signals
from trading.core.strategy import Inputs, Strategy
from trading.strategies.macd import Macd

FREE = replace(
    Knobs(),
    sizing="all_in",
    max_trades_per_day=0,
    max_positions=0,
    cooldown_after_losses=0,
    daily_loss_limit=0.0,
    drawdown_limit=0.0,
    take_profit_percent=0.0,
)


def subject(candles: Candles, strategy: Strategy, knobs: Knobs = FREE, chosen: Rule | None = None) -> Subject:
    series = Series(researched("upbit", "ETH/KRW", knobs), candles)
    return Subject("upbit", chosen or rule(strategy, knobs), knobs, 1_000_000.0, (series,), {"ETH/KRW": "ETH/KRW"})


def by_key(findings: list[Finding]) -> dict[str, Finding]:
    for one in findings:
        assert one.text("ko") and one.text("en")
    return {one.key.removeprefix("doctor."): one for one in findings}


# -- rows --------------------------------------------------------------------------------------------------------------


class Peeking(Macd):
    """Knows the close of the candle that has only opened."""

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        return replace(super().rows(candles, inputs), buy_above=np.where(candles.close > candles.open, 0.0, math.nan))


class Hindsight(Macd):
    """Measures every price by the highest of the whole series."""

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        rows = super().rows(candles, inputs)
        return replace(rows, numbers={**rows.numbers, "rank": candles.open / candles.high.max()})


class Neighbour(Macd):
    """Takes the other series as it stands in the end."""

    needs: ClassVar[tuple[str, ...]] = (HIGHER,)

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        hours = inputs.needs[HIGHER].candles
        return replace(super().rows(candles, inputs), confidence=np.full(len(candles), hours.close[-1] % 1.0))


class Forgetful(Macd):
    """Its averages have not forgotten their seed after 60 candles."""

    def window(self, timeframe_ms: int) -> int:
        return 60


class Eager(Macd):
    """Enters whenever it may."""

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        return replace(super().rows(candles, inputs), buy_above=np.zeros(len(candles)))


class Broken(Macd):
    """Fails."""

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        raise ZeroDivisionError("no volume")


@pytest.mark.parametrize(
    ("strategy", "column"),
    [(Peeking(), "buy_above"), (Hindsight(), "numbers.rank"), (Neighbour(), "confidence")],
)
def test_a_look_at_the_future_is_caught_and_named(strategy: Strategy, column: str) -> None:
    found = by_key(examine(subject(generated(7, 900), strategy)))
    seen = found["look_ahead.seen"]
    assert (seen.level, seen.values["column"], seen.values["symbol"]) == ("fault", column, "ETH/KRW")
    assert "look_ahead.none" not in found


def test_a_window_too_short_is_caught() -> None:
    found = by_key(examine(subject(generated(7, 900), Forgetful())))
    assert found["window.short"].level == "fault"
    assert found["window.short"].values["window"] == 60
    assert found["look_ahead.none"].level == "ok"


def test_a_sound_strategy_has_no_fault() -> None:
    findings = examine(subject(generated(7, 1500), Macd()))
    assert healthy(findings)
    assert {"look_ahead.none", "window.enough", "entries.some", "gaps.many"} <= by_key(findings).keys()
    levels = [one.level for one in findings]
    assert levels == sorted(levels, key=("fault", "warning", "ok").index)


def test_a_strategy_that_fails_is_a_fault_not_a_traceback() -> None:
    (only,) = examine(subject(generated(7, 300), Broken()))
    assert (only.level, only.key) == ("fault", "doctor.strategy.failed")
    assert "no volume" in only.text("en")


def test_too_few_candles_are_said() -> None:
    found = by_key(examine(subject(generated(7, 100), Macd())))
    assert found["warmup.long"].level == "fault"
    assert found["window.untried"].level == "warning"
    assert found["trades.none"].level == "warning"


# -- filters -----------------------------------------------------------------------------------------------------------


def halves() -> Candles:
    """A calm rise, then a wild fall: where the trend is up nothing moves, where it moves the trend is down."""
    bars: Bars = []
    price = 1000.0
    for i in range(1200):
        calm = i < 700
        close = price * (1.0002 if calm else 0.995) * (1.0 + 0.0003 * (-1) ** i)
        span = 0.0005 if calm else 0.03
        top, bottom = max(price, close), min(price, close)
        bars.append((START + i * MINUTE, price, top * (1 + span), bottom * (1 - span), close))
        price = close
    return candles_of(bars, MINUTE)


def test_a_filter_that_blocks_everything_is_named_with_its_cure() -> None:
    knobs = replace(FREE, min_atr_percent=0.9)
    closed = by_key(examine(subject(generated(7, 1500), Macd(), knobs)))["filter.closed"]
    assert (closed.level, closed.values["name"], closed.values["together"]) == ("fault", "volatility", 0)
    assert closed.values["without"] == closed.values["entries"] > 0
    assert "--set min_atr_percent=0" in closed.text("ko")


def test_filters_that_never_pass_together_are_named() -> None:
    knobs = replace(FREE, min_atr_percent=0.02, trend_filter=True)
    found = by_key(examine(subject(halves(), Eager(), knobs)))
    assert found["filters.exclude"].level == "fault"
    assert {found["filters.exclude"].values["one"], found["filters.exclude"].values["other"]} == {"volatility", "trend"}


def test_conditions_that_are_never_met_are_named() -> None:
    falling = candles_of([(START + i * MINUTE, 1000.0, 1000.0, 1000.0, 1000.0) for i in range(400)], MINUTE)
    found = by_key(examine(subject(falling, Macd())))
    assert found["entries.never"].level == "fault"
    assert found["entries.never"].values["condition"] == "golden_cross"


# -- trades ------------------------------------------------------------------------------------------------------------


def round_trips(count: int, gain: float) -> tuple[Candles, Scripted]:
    """`count` round trips of two candles at 100,000, each `gain` (fraction) better at its exit's open."""
    bars: Bars = []
    script: list[dict[str, Any]] = []
    for i in range(count):
        after = 100_000.0 * (1 + gain)
        for j, price in enumerate((100_000.0, after)):
            bars.append((START + (2 * i + j) * MINUTE, price, price, price, price))
        script += [row(buy_above=0.0), row(exit_long=True)]
    return candles_of(bars, MINUTE), Scripted(script={"ETH": script})


def trips(count: int, gain: float, **changes: Any) -> dict[str, Finding]:
    candles, script = round_trips(count, gain)
    return by_key(examine(subject(candles, script, replace(FREE, **changes))))


def test_costs_are_set_against_the_gross_profit() -> None:
    # A tick is 100 (0.1 %): 1 % moved, 0.2 % slipped, 0.1 % of fees.
    found = trips(40, 0.01)
    fair = found["costs.fair"]
    assert fair.level == "ok"
    assert float(str(fair.values["share"]).rstrip("%")) == pytest.approx(30.0, abs=0.3)
    assert (fair.values["paid"], fair.values["even"]) == ("0.30%", "1.00%")
    assert str(fair.values["gross"]).endswith(" KRW")
    assert trips(40, 0.004)["costs.dear"].level == "warning"
    assert trips(40, 0.002)["costs.eaten"].level == "warning"
    assert trips(40, -0.01)["costs.no_profit"].level == "warning"


def test_a_profit_that_doubled_costs_take_is_a_warning() -> None:
    assert trips(40, 0.005)["stress.breaks"].level == "warning"
    assert trips(40, 0.01)["stress.result"].level == "ok"


def test_few_trades_say_little() -> None:
    assert trips(1, 0.01)["trades.one"].level == "warning"
    few = trips(12, 0.01)["trades.few"]
    assert (few.level, few.values["trades"], few.values["least"]) == ("warning", 12, 30)
    assert trips(40, 0.01)["trades.sure"].level == "ok"
    assert trips(40, -0.01)["trades.lose"].level == "warning"


def test_a_mean_that_may_be_chance_is_a_warning() -> None:
    found = by_key(examine(subject(generated(7, 6000), Macd())))
    vague = found["trades.vague"]
    assert vague.level == "warning"
    low, high = (float(str(vague.values[name]).rstrip("%")) for name in ("low", "high"))
    assert low < 0 < high


def test_the_gate_that_refuses_most_is_named() -> None:
    found = trips(40, 0.01, max_trades_per_day=3)
    many = found["gates.many"]
    assert (many.level, many.values["first"], many.values["refused"]) == ("warning", "max_trades_per_day", 37)
    assert trips(40, 0.01)["gates.none"].level == "ok"
    assert trips(40, -0.01, drawdown_limit=0.1)["gates.latched"].values["gate"] == "drawdown_limit"


def test_trades_that_hang_on_the_order_inside_a_candle_are_counted() -> None:
    wild = [(START + i * MINUTE, 100_000.0, 103_000.0, 97_000.0, 100_000.0) for i in range(40)]
    script = Scripted(script={"ETH": [row(buy_above=0.0)] * 40})
    knobs = replace(FREE, take_profit_percent=0.02, stop_loss_percent=0.02)
    many = by_key(examine(subject(candles_of(wild, MINUTE), script, knobs)))["ambiguous.many"]
    assert (many.level, many.values["doubtful"], many.values["share"]) == ("warning", 40, "100%")
    assert "--detail" in many.text("en")


# -- exits -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "level", "wrong", "right"),
    [
        ("exits.hold", "fault", {"min_hold_minutes": 30, "max_hold_minutes": 30}, {"max_hold_minutes": 31}),
        ("exits.hold", "fault", {"min_hold_candles": 5, "max_hold_minutes": 5}, {"max_hold_minutes": 26}),
        ("exits.stop", "warning", {"stop_loss_percent": 0.06}, {"emergency_stop_percent": 0.06}),
        ("exits.stop", "warning", {"stop_loss_percent": 0.1, "tighten_stop": True}, {"stop_loss_percent": 0.07}),
        ("exits.atr", "warning", {"stop_loss_percent": 0.0, "atr_multiplier": 90.0}, {"atr_multiplier": 2.0}),
        (
            "exits.trailing",
            "warning",
            {"trailing_stop_percent": 0.02, "take_profit_percent": 0.03},
            {"trailing_arm_percent": 0.02},
        ),
        ("exits.take", "fault", {"take_profit_percent": 0.002}, {"take_profit_percent": 0.05}),
    ],
)
def test_exits_that_cannot_act_are_named(key: str, level: str, wrong: dict[str, Any], right: dict[str, Any]) -> None:
    candles = generated(7, 600)

    def found(**changes: Any) -> dict[str, Finding]:
        return by_key(examine(subject(candles, Macd(), replace(FREE, **changes))))

    assert found(**wrong)[key].level == level
    assert key not in found(**{**wrong, **right})


def test_an_exit_that_never_came_is_named() -> None:
    found = trips(40, 0.01, take_profit_percent=0.5)
    assert found["exits.never"].values["names"] == "take_profit, stop_loss"
    assert "exit_signal 100%" in str(found["exits.never"].values["shares"])


def test_percent_keeps_what_says_something() -> None:
    assert [percent(x) for x in (0.0, 1.5, 0.123, 0.0123, -0.0006, 0.00012)] == [
        "0%",
        "150%",
        "12.3%",
        "1.23%",
        "-0.06%",
        "0.012%",
    ]


# -- the command -------------------------------------------------------------------------------------------------------

WRONG = """
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from trading.core.signals import at_once
from trading.strategies import macd


@dataclass(frozen=True)
class Wrong(macd.Macd):
    name: ClassVar[str] = "wrong"
    texts = {f"strategy.wrong{part}": ("잘못", "wrong") for part in ("", ".entry", ".exit", ".risk")} | {
        f"param.wrong.{name}": ("잘못", "wrong") for name in macd.Macd.__dataclass_fields__
    }

    def rows(self, candles, inputs):
        return replace(super().rows(candles, inputs), buy_above=at_once(candles.close > candles.open))
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Drops a file into the folder of strategies, as a user does."""

    def add(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(tmp_path)])

    return add


def test_the_command_examines_the_demo_series(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert run_backtest.main(["doctor", "--strategy", "macd", "--json", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("[정상] 미래 참조 없음") for line in lines)
    whole = json.loads(out.read_text("utf-8"))
    assert (whole["strategy"], whole["healthy"]) == ("macd", True)
    assert len(whole["findings"]) == len(lines) - 2
    assert {"level", "check", "key", "values", "ko", "en"} == whole["findings"][0].keys()


def test_the_command_ends_with_1_for_a_fault(
    added: Callable[[str, str], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    added("wrong", WRONG)
    assert run_backtest.main(["doctor", "--strategy", "wrong"]) == 1
    said = capsys.readouterr()
    assert "[fault] Look-ahead: for BTC/KRW" in said.out
    assert "Traceback" not in said.err


def test_the_command_refuses_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_backtest.main(["doctor", "--strategy", "mcad"]) == 2
    assert "macd" in capsys.readouterr().err
    assert run_backtest.main(["doctor", "--strategy", "macd", "--data", "nowhere.csv"]) == 2
