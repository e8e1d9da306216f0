"""What the strategy form offers, and the command it makes."""

from __future__ import annotations

import pytest

from config.advice import beside_holding
from config.texts import text
from trading import strategies
from trading.ipc.vocabulary import Checked, check
from ui.view import choices
from ui.voice import Voice


def test_only_presets_that_can_run(ko: Voice) -> None:
    names = [one.name for one in choices.presets("upbit", ko)]
    assert {"demo", "scalping", "day_breakout"} <= set(names)
    assert all(one.strategy in strategies.names() for one in choices.presets("upbit", ko))
    assert "survival" not in names, "made for futures only"
    assert all(one.text for one in choices.presets("upbit", ko))


def test_a_choice_says_how_it_did_beside_holding(en: Voice) -> None:
    by_name = {one.name: one for one in (*choices.plans(en), *choices.presets("upbit", en))}
    for name, preset, strategy in (
        ("macd", "", "macd"),
        ("demo", "demo", "macd"),
        ("swing", "swing", "dynamic_breakout"),
    ):
        notice = beside_holding(preset, strategy)
        assert notice and by_name[name].text.endswith(notice.text("en"))


def test_parameters_have_bounds_and_the_presets_values(ko: Voice) -> None:
    spec = {one.name: one for one in choices.params("breakout", "scalping", ko)}
    assert (spec["k"].kind, spec["k"].default, spec["k"].low, spec["k"].high) == ("float", 0.5, 0.05, 2.0)
    assert spec["sell_at_day_end"].default is True, "the preset's value, not the strategy's"
    assert spec["entries_per_day"].kind == "int"
    assert spec["k"].label == text("param.breakout.k", "ko")
    assert {one.kind for one in choices.params("macd", None, ko)} == {"bool"}
    with pytest.raises(ValueError):
        choices.params("nowhere", None, ko)


def test_every_strategy_can_be_shown(ko: Voice, en: Voice) -> None:
    for voice in (ko, en):
        for plan in choices.plans(voice):
            for one in choices.params(plan.strategy, None, voice):
                assert one.label
                assert one.kind != "choice" or one.default in one.choices


def test_the_command_names_only_what_differs(ko: Voice) -> None:
    values = {"k": 0.4, "sell_at_day_end": True, "entries_per_day": 1, "fresh_cross": True, "ema_floor": True}
    args = choices.arguments("upbit", "scalping", "breakout", values, True, ko)
    assert args == {"venue": "upbit", "preset": "scalping", "params": {"k": 0.4}, "positions": "keep"}
    assert isinstance(check("set_strategy", args), Checked)
    plain = choices.arguments("upbit", None, "macd", {}, False, ko)
    assert plain == {"venue": "upbit", "strategy": "macd", "positions": "close"}
    assert isinstance(check("set_strategy", plain), Checked)
