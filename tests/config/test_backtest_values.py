"""Values of the research command line."""

from __future__ import annotations

import pytest

from config.errors import SettingError
from config.presets import PRESETS
from config.settings import for_backtest
from config.values import Knobs


def test_without_a_preset_the_defaults_hold() -> None:
    assert for_backtest(None, {}, "upbit") == (Knobs(preset="none"), {})


def test_sets_change_single_knobs() -> None:
    sets = {"take_profit_percent": "0.05", "slippage_ticks": "0", "sizing": "all_in", "trend_filter": "false"}
    knobs, params = for_backtest(None, sets, "upbit")
    assert (knobs.slippage_ticks, knobs.sizing, knobs.trend_filter, params) == (0, "all_in", False, {})


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_gives_its_values_and_parameters(name: str) -> None:
    knobs, params = for_backtest(name, {"stop_loss_percent": "4%"}, "upbit")
    expected = {**PRESETS[name].knobs, "stop_loss_percent": 0.04}
    assert {key: getattr(knobs, key) for key in expected} == expected
    assert params == dict(PRESETS[name].params) and knobs.preset == name


@pytest.mark.parametrize(
    ("preset", "sets", "venue", "reason", "near"),
    [
        (None, {"take_profit": "0.1"}, "upbit", "unknown", "take_profit_percent"),
        (None, {"k": "0.5"}, "upbit", "unknown", None),
        (None, {"take_profit_percent": "7"}, "upbit", "range", None),
        (None, {"take_profit_percent": ""}, "upbit", "empty", None),
        (None, {"mode": "live"}, "upbit", "not_in_backtest", None),
        (None, {"preset": "swing"}, "upbit", "own_option", None),
        ("scalpin", {}, "upbit", "choice", "scalping"),
        (None, {}, "upbitt", "choice", "upbit"),
        (None, {"kelly_min": "0.5"}, "upbit", "contradiction", None),
    ],
)
def test_what_is_refused(preset: str | None, sets: dict[str, str], venue: str, reason: str, near: str | None) -> None:
    with pytest.raises(SettingError) as caught:
        for_backtest(preset, sets, venue)
    assert (caught.value.reason, caught.value.nearest) == (reason, near)
    assert caught.value.text("ko") and "\n" not in caught.value.text("en")
