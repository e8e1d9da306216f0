"""Which layer counts, for which venue."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import SettingError
from config.presets import PRESETS
from config.settings import Override, check_params, load
from config.venues import VENUES
from tests.config.conftest import Folder

NAME = "take_profit_percent"
LAYER_ORDER = ("tuned", "env_file", "environment", "command_line", "override")


def test_without_anything_the_demo_preset_holds(folder: Folder) -> None:
    settings = folder.load()
    assert (settings.mode, settings.venues, settings.language) == ("demo", ("upbit",), "ko")
    assert settings.knobs("upbit").strategy == "macd"
    assert settings.knobs("upbit").max_positions == 5
    assert settings.origin("max_positions").layer == "preset"
    assert settings.origin("atr_multiplier").layer == "default"
    assert settings.warnings == ()


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(LAYER_ORDER), st.sampled_from([None, "upbit", "bithumb"])),
        st.integers(1, 90),
        max_size=12,
    )
)
def test_the_highest_layer_wins_and_within_it_the_venues_own(values: dict[tuple[str, str | None], int]) -> None:
    values = {key: number for key, number in values.items() if key[0] != "command_line" or key[1] is None}
    lines: dict[str, list[str]] = {"tuned": [], "env_file": []}
    environ: dict[str, str] = {}
    overrides: list[Override] = []
    cli: dict[str, object] = {}
    for (layer, venue), number in values.items():
        name = f"HAETAE_{venue.upper() + '_' if venue else ''}TAKE_PROFIT_PERCENT"
        if layer in lines:
            lines[layer].append(f"{name}={number}%")
        elif layer == "environment":
            environ[name] = f"{number}%"
        elif layer == "command_line":
            cli[NAME] = number / 100
        else:
            overrides.append(Override(NAME, number / 100, venue, "test", 1))
    with tempfile.TemporaryDirectory() as root:
        paths = [Path(root) / name for name in ("tuned.env", ".env")]
        paths[0].write_text("\n".join(lines["tuned"]))
        paths[1].write_text("\n".join(lines["env_file"]))
        settings = load(paths[1], paths[0], environ, overrides, cli)
    for venue in (None, *VENUES):
        expected, layer_name = 0.015, "preset"
        for layer in LAYER_ORDER:
            found = values.get((layer, venue), values.get((layer, None)))
            if found is not None:
                expected, layer_name = found / 100, layer
        assert settings.knobs(venue).take_profit_percent == pytest.approx(expected)
        assert settings.origin(NAME, venue).layer == layer_name


def test_an_origin_names_file_line_and_text(folder: Folder) -> None:
    settings = folder.write("# mine", "", "HAETAE_UPBIT_STOP_LOSS_PERCENT = 2% # tight").load()
    origin = settings.origin("stop_loss_percent", "upbit")
    assert (origin.layer, origin.file, origin.line, origin.raw) == ("env_file", ".env", 3, "2%")
    assert settings.origin("stop_loss_percent", "bithumb").layer == "preset"


def test_each_venue_may_have_its_own_preset(folder: Folder) -> None:
    settings = folder.write("HAETAE_VENUES=upbit,bithumb", "HAETAE_BITHUMB_PRESET=swing").load()
    assert settings.knobs("upbit").timeframe == "1m"
    assert (settings.knobs("bithumb").timeframe, settings.knobs("bithumb").strategy) == ("4h", "dynamic_breakout")
    assert settings.knobs("bithumb").emergency_stop_percent == 0.12


def test_no_preset_leaves_the_defaults(folder: Folder) -> None:
    knobs = folder.write("HAETAE_PRESET=none").load().knobs("upbit")
    assert (knobs.strategy, knobs.take_profit_percent, knobs.max_trades_per_day) == (None, 0.05, 10)


def test_a_blank_value_is_not_set_and_auto_leaves_strategy_to_the_preset(folder: Folder) -> None:
    settings = folder.write("HAETAE_TAKE_PROFIT_PERCENT=", "HAETAE_STRATEGY=auto", "HAETAE_TIMEFRAME=auto").load()
    assert settings.knobs().take_profit_percent == 0.015
    assert (settings.knobs().strategy, settings.knobs().timeframe) == ("macd", "1m")


def test_auto_takes_a_filter_back_from_the_preset(folder: Folder) -> None:
    assert folder.write("HAETAE_PRESET=day_breakout").load().knobs().trend_filter is False
    settings = folder.write("HAETAE_PRESET=day_breakout", "HAETAE_TREND_FILTER=auto").load()
    assert settings.knobs().trend_filter is None


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("HAETAE_TAKE_PROFIT=0.05", "HAETAE_TAKE_PROFIT_PERCENT"),
        ("HAETAE_UPBIT_MAX_POSITION=3", "HAETAE_UPBIT_MAX_POSITIONS"),
        ("HAETAE_MODUS=demo", "HAETAE_MODE"),
        ("haetae_modus=demo", "HAETAE_MODE"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(folder: Folder, line: str, near: str) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write("A=1", line).load()
    assert (caught.value.reason, caught.value.nearest, caught.value.line) == ("unknown", near, 2)
    with pytest.raises(SettingError):
        folder.write().load(environ=dict([line.split("=")]))


def test_a_wrong_value_is_named_with_line_value_and_range(folder: Folder) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write("#", "HAETAE_EMERGENCY_STOP_PERCENT=0.5").load()
    for lang in ("ko", "en"):
        sentence = caught.value.text(lang)
        for part in (".env", "2", "HAETAE_EMERGENCY_STOP_PERCENT", "0.5", "0.03..0.15"):
            assert part in sentence


def test_a_knob_for_all_venues_has_no_venue_form(folder: Folder) -> None:
    with pytest.raises(SettingError, match="HAETAE_MODE") as caught:
        folder.write("HAETAE_UPBIT_MODE=paper").load()
    assert caught.value.reason == "not_per_venue"


def test_names_of_others_are_left_alone_but_a_slip_is_noticed(folder: Folder) -> None:
    settings = folder.write("AWS_REGION=x", "UPBIT_ACESS_KEY=abcdefgh").load(environ={"PATH": "/bin", "HOME": "/"})
    assert [notice.values["nearest"] for notice in settings.warnings] == ["UPBIT_ACCESS_KEY"]
    assert "abcdefgh" not in settings.warnings[0].text("ko") + settings.warnings[0].text("en")


def test_the_last_of_two_lines_counts_and_is_said(folder: Folder) -> None:
    settings = folder.write("HAETAE_MAX_POSITIONS=2", "HAETAE_MAX_POSITIONS=4").load()
    assert settings.knobs().max_positions == 4
    assert "line 2" in settings.warnings[0].text("en")


def test_live_needs_its_confirmation(folder: Folder) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write("HAETAE_MODE=live").load()
    assert (caught.value.reason, caught.value.line) == ("unconfirmed", 1)
    with pytest.raises(SettingError):
        folder.write("HAETAE_MODE=live", "LIVE_TRADING_CONFIRM=yes").load()
    assert folder.write("HAETAE_MODE=live", "LIVE_TRADING_CONFIRM=I_UNDERSTAND").load().mode == "live"
    assert folder.write("HAETAE_MODE=live").load(cli={"mode": "demo"}).mode == "demo"


def test_all_in_is_for_research(folder: Folder) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write("HAETAE_SIZING=all_in").load()
    assert (caught.value.reason, caught.value.line) == ("research_only", 1)


def test_kelly_bounds_may_not_cross(folder: Folder) -> None:
    with pytest.raises(SettingError, match=r"kelly_min \(0.2\) is above kelly_max \(0.1\)"):
        folder.write("HAETAE_KELLY_MIN=0.2").load()


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("HAETAE_TAKE_PROFIT_PERCENT=0.001", "take_under_costs"),
        ("HAETAE_STOP_LOSS_PERCENT=0.08", "stop_under_emergency"),
        ("HAETAE_EVALUATE_SECONDS=1", "evaluate_under_loop"),
        ("HAETAE_PRESET=survival", "preset_venue"),
    ],
)
def test_doubtful_combinations_are_warned_of(folder: Folder, line: str, key: str) -> None:
    warnings = folder.write(line).load().warnings
    assert [w.key for w in warnings] == [f"settings.warning_{key}"]
    assert "upbit" in warnings[0].text("ko") and "upbit" in warnings[0].text("en")


def test_more_doubtful_combinations(folder: Folder) -> None:
    lines = ("HAETAE_STOP_LOSS_PERCENT=0", "HAETAE_ATR_MULTIPLIER=0", "HAETAE_MIN_HOLD_MINUTES=9")
    keys = [w.key for w in folder.write(*lines, "HAETAE_MAX_HOLD_MINUTES=9").load().warnings]
    assert keys == ["settings.warning_no_stop", "settings.warning_hold_crossed"]
    live = folder.write("HAETAE_MODE=live", "LIVE_TRADING_CONFIRM=I_UNDERSTAND").load()
    assert [w.key for w in live.warnings] == ["settings.warning_live_without_limits"]


class TestParams:
    DEFAULTS: ClassVar[dict[str, object]] = {"k": 0.5, "sell_at_day_end": False, "entries_per_day": 1, "choose": "vote"}

    def test_preset_then_all_venues_then_the_venue(self, folder: Folder) -> None:
        folder.write("HAETAE_PRESET=scalping", "HAETAE_PARAM_ENTRIES_PER_DAY=2", "HAETAE_BITHUMB_PARAM_K=0.7")
        settings = folder.load()
        assert settings.params("upbit", self.DEFAULTS) == {"k": 0.5, "sell_at_day_end": True, "entries_per_day": 2}
        assert settings.params("bithumb", self.DEFAULTS)["k"] == 0.7
        assert settings.params("bithumb")["k"] == "0.7"
        assert settings.origin("param.k", "bithumb").line == 3

    def test_values_take_the_type_of_the_default_or_are_refused(self, folder: Folder) -> None:
        settings = folder.write(
            "HAETAE_PRESET=none", "HAETAE_PARAM_SELL_AT_DAY_END=on", "HAETAE_PARAM_CHOOSE=best"
        ).load()
        assert settings.params("upbit", self.DEFAULTS) == {"sell_at_day_end": True, "choose": "best"}
        with pytest.raises(SettingError) as caught:
            folder.write("HAETAE_PRESET=none", "HAETAE_PARAM_K=high").load().params("upbit", self.DEFAULTS)
        assert (caught.value.name, caught.value.line) == ("HAETAE_PARAM_K", 2)

    def test_an_unknown_one_is_refused_with_the_nearest(self, folder: Folder) -> None:
        settings = folder.write("HAETAE_PRESET=scalping", "HAETAE_UPBIT_PARAM_SELL_AT_END=1").load()
        with pytest.raises(SettingError) as caught:
            settings.params("upbit", self.DEFAULTS)
        assert (caught.value.nearest, caught.value.line) == ("sell_at_day_end", 2)

    def test_the_presets_go_with_its_strategy(self, folder: Folder) -> None:
        settings = folder.write("HAETAE_PRESET=scalping", "HAETAE_STRATEGY=macd").load()
        assert settings.params("upbit") == {}
        assert settings.knobs("upbit").take_profit_percent == 0.015

    def test_one_for_all_venues_need_only_fit_one_of_their_strategies(self, folder: Folder) -> None:
        lines = ("HAETAE_VENUES=upbit,bithumb", "HAETAE_PRESET=scalping", "HAETAE_BITHUMB_PRESET=macd_tuned")
        settings = folder.write(*lines, "HAETAE_PARAM_K=0.4").load()
        defaults: dict[str, dict[str, object]] = {"breakout": {**self.DEFAULTS}, "macd": {"macd_positive": False}}
        check_params(settings, defaults)
        assert settings.params("upbit", self.DEFAULTS)["k"] == 0.4
        with pytest.raises(SettingError) as caught:
            check_params(folder.write(*lines, "HAETAE_PARAM_KK=0.4").load(), defaults)
        assert (caught.value.line, caught.value.reason) == (4, "parameter_unknown")

    def test_one_for_a_venue_must_fit_that_venue(self, folder: Folder) -> None:
        lines = ("HAETAE_VENUES=upbit,bithumb", "HAETAE_PRESET=scalping", "HAETAE_BITHUMB_PRESET=macd_tuned")
        with pytest.raises(SettingError) as caught:
            folder.write(*lines, "HAETAE_BITHUMB_PARAM_K=0.4").load().params("bithumb", {"macd_positive": False})
        assert (caught.value.line, caught.value.reason) == (4, "parameter_unknown")

    def test_those_of_an_earlier_choice_do_not_trip_a_command(self, folder: Folder) -> None:
        folder.write("HAETAE_PRESET=scalping", "HAETAE_PARAM_K=0.4")
        settings = folder.load(overrides=[Override("strategy", "macd", None, "dashboard", 5)])
        assert settings.params("upbit", {"macd_positive": False}) == {}


class TestTuned:
    def test_a_tuned_value_stands_between_preset_and_env(self, folder: Folder) -> None:
        folder.tune("HAETAE_TUNED_PRESET=scalping", "HAETAE_UPBIT_PARAM_K=0.45", "HAETAE_TAKE_PROFIT_PERCENT=0.04")
        settings = folder.write("HAETAE_PRESET=scalping").load()
        assert settings.params("upbit", {"k": 0.5, "sell_at_day_end": False})["k"] == 0.45
        assert settings.knobs("upbit").take_profit_percent == 0.04
        settings = folder.write("HAETAE_PRESET=scalping", "HAETAE_TAKE_PROFIT_PERCENT=0.02").load()
        assert settings.knobs("upbit").take_profit_percent == 0.02

    def test_it_holds_only_under_its_preset(self, folder: Folder) -> None:
        folder.tune("HAETAE_TUNED_PRESET=scalping", "HAETAE_TAKE_PROFIT_PERCENT=0.04")
        assert folder.write("HAETAE_PRESET=swing").load().knobs("upbit").take_profit_percent == 0.10

    @pytest.mark.parametrize("line", ["HAETAE_TAKE_PROFIT_PERCENT=4", "HAETAE_MODE=live", "torn", "HAETAE_X=1"])
    def test_a_broken_one_is_left_out_and_said(self, folder: Folder, line: str) -> None:
        settings = folder.tune("HAETAE_STOP_LOSS_PERCENT=0.04", line).load()
        assert settings.knobs().stop_loss_percent == 0.01
        assert [w.key for w in settings.warnings] == ["settings.notice_tuned"]
        assert "tuned.env" in settings.warnings[0].text("ko")

    def test_the_user_cannot_write_its_header_in_env(self, folder: Folder) -> None:
        with pytest.raises(SettingError):
            folder.write("HAETAE_TUNED_PRESET=demo").load()


def test_the_version_changes_with_a_value_and_only_then(folder: Folder) -> None:
    first = folder.write("HAETAE_MAX_POSITIONS=2").load()
    assert folder.write("# moved", "HAETAE_MAX_POSITIONS=02").load().version == first.version
    assert folder.write("HAETAE_MAX_POSITIONS=2", "UPBIT_ACCESS_KEY=abcdef").load().version == first.version
    assert folder.write("HAETAE_MAX_POSITIONS=3").load().version != first.version
    assert folder.write("HAETAE_MAX_POSITIONS=2", "HAETAE_PARAM_K=1").load().version != first.version


def test_settings_do_not_change_in_place(folder: Folder) -> None:
    settings = folder.load()
    with pytest.raises(AttributeError):
        settings.version = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        settings.knobs().mode = "live"  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.resolved["upbit"] = settings.resolved[None]  # type: ignore[index]


ALL_NAMES = st.sampled_from(["HAETAE_" + name for name in ("MODE", "PRESET", "PARAM_K", "UPBIT_MAX_POSITIONS", "X")])
JUNK_LINE = st.one_of(
    st.text(),
    st.tuples(ALL_NAMES, st.text()).map("=".join),
    st.tuples(st.sampled_from(["MAX_DAILY_LOSS", "TRADE_MODE", "UPBIT_SECRET", "DATABASE_URL"]), st.text()).map(
        "=".join
    ),
    st.sampled_from(["HAETAE_PRESET=" + name for name in PRESETS]),
)


@given(st.lists(JUNK_LINE, max_size=8))
def test_any_text_loads_or_is_refused_with_a_sentence(lines: list[str]) -> None:
    _loads_or_refuses("\n".join(lines).encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=300))
def test_any_bytes_load_or_are_refused_with_a_sentence(data: bytes) -> None:
    _loads_or_refuses(data)


def _loads_or_refuses(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        path = Path(root) / ".env"
        path.write_bytes(data)
        try:
            settings = load(path, Path(root) / "tuned.env", {})
        except SettingError as error:
            assert error.text("ko") and error.text("en")
            return
        settings.secrets.mask("x")
        for notice in settings.warnings:
            assert notice.text("ko") and notice.text("en")
        for venue in VENUES:
            settings.params(venue)


def test_odd_bytes_in_the_process_environment(folder: Folder) -> None:
    odd = "abcdef\udcff"
    settings = folder.load(environ={"UPBIT_SECRET_KEY": odd, "HAETAE_PARAM_K": odd, "OTHER\udcff": odd})
    assert settings.secrets.mask(f"<{odd}>") == "<***>"
    with pytest.raises(SettingError) as caught:
        folder.load(environ={"HAETAE_MODE": odd})
    assert caught.value.text("ko").encode()
