"""Settings that change while the bot runs: edits of `.env` and overrides."""

from __future__ import annotations

from decimal import Decimal

import pytest

from config.errors import NotWhileRunning, SettingError
from config.settings import Override, checked_override, dropped_overrides, noted
from tests.config.conftest import Folder

TAKE = "take_profit_percent"


def test_an_edit_takes_effect(folder: Folder) -> None:
    old = folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.02").load()
    new = folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.03").reload(old)
    assert (old.knobs().take_profit_percent, new.knobs().take_profit_percent) == (0.02, 0.03)
    assert old.version != new.version


def test_a_bad_edit_changes_nothing_at_all(folder: Folder) -> None:
    old = folder.write("HAETAE_MAX_POSITIONS=2").load()
    folder.write("HAETAE_MAX_POSITIONS=4", "HAETAE_TAKE_PROFIT_PERCENT=7")
    with pytest.raises(SettingError) as caught:
        folder.reload(old)
    assert (caught.value.line, caught.value.value, caught.value.allowed) == (2, "7", "0..0.99")
    assert old.knobs().max_positions == 2


@pytest.mark.parametrize(
    "line",
    [
        "HAETAE_MODE=paper",
        "HAETAE_VENUES=bithumb",
        "UPBIT_SECRET_KEY=other",
        "TELEGRAM_API_BASE=http://x",
        "TRADE_MODE=paper",
    ],
)
def test_mode_venues_hosts_and_keys_do_not_change_while_running(folder: Folder, line: str) -> None:
    old = folder.write("UPBIT_SECRET_KEY=first-key").load()
    name = {"TRADE_MODE": "HAETAE_MODE"}.get(line.split("=")[0], line.split("=")[0])
    with pytest.raises(NotWhileRunning) as caught:
        folder.write("HAETAE_MAX_POSITIONS=4", line).reload(old)
    assert caught.value.name == name
    assert "other" not in caught.value.text("en") + caught.value.text("ko")


def test_a_key_that_was_removed_is_named(folder: Folder) -> None:
    old = folder.write("UPBIT_SECRET_KEY=first-key").load()
    with pytest.raises(NotWhileRunning) as caught:
        folder.write("#").reload(old)
    assert caught.value.name == "UPBIT_SECRET_KEY"


@pytest.mark.parametrize("emptied", [True, False])
def test_a_file_caught_while_it_is_saved_is_not_an_empty_one(folder: Folder, emptied: bool) -> None:
    old = folder.write("HAETAE_STOP_LOSS_PERCENT=0.02").load()
    folder.env.write_text("") if emptied else folder.env.unlink()
    with pytest.raises(SettingError) as caught:
        folder.reload(old)
    assert caught.value.reason == "vanished"


def test_no_file_before_and_after_is_fine(folder: Folder) -> None:
    assert folder.reload(folder.load()).knobs().max_positions == 5


class TestOverrides:
    def test_an_override_beats_env(self, folder: Folder) -> None:
        folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.02")
        settings = folder.load(overrides=[Override(TAKE, 0.04, None, "dashboard:alice", 7)])
        assert settings.knobs("upbit").take_profit_percent == 0.04
        origin = settings.origin(TAKE, "upbit")
        assert (origin.layer, origin.file) == ("override", "dashboard:alice")

    def test_of_two_the_last_one_wins_whichever_venue_it_names(self, folder: Folder) -> None:
        own, shared = Override(TAKE, 0.04, "upbit", "a", 1), Override(TAKE, 0.06, None, "a", 2)
        assert folder.load(overrides=[own, shared]).knobs("upbit").take_profit_percent == 0.06
        own = Override(TAKE, 0.04, "upbit", "a", 3)
        assert folder.load(overrides=[own, shared]).knobs("upbit").take_profit_percent == 0.04
        assert folder.load(overrides=[own, shared]).knobs("bithumb").take_profit_percent == 0.06

    def test_saving_a_changed_value_drops_exactly_that_one(self, folder: Folder) -> None:
        folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.02", "HAETAE_MAX_POSITIONS=2")
        take, positions = Override(TAKE, 0.04, None, "d", 1), Override("max_positions", 7, None, "d", 1)
        old = folder.load(overrides=[take, positions])
        folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.03", "HAETAE_MAX_POSITIONS=2")
        new = folder.reload(old)
        assert new.dropped == (take,) and new.overrides == (positions,)
        assert dropped_overrides(old, new) == (take,)
        assert (new.knobs().take_profit_percent, new.knobs().max_positions) == (0.03, 7)

    @pytest.mark.parametrize("same", ["HAETAE_TAKE_PROFIT_PERCENT = 2%", "# c\n\nTAKE_PROFIT_PERCENT=2"])
    def test_another_spelling_or_another_line_drops_nothing(self, folder: Folder, same: str) -> None:
        take = Override(TAKE, 0.04, None, "d", 1)
        old = folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.02").load(overrides=[take])
        new = folder.write(same, "HAETAE_MAX_POSITIONS=9").reload(old)
        assert new.dropped == () and new.knobs().take_profit_percent == 0.04

    @pytest.mark.parametrize(
        ("override_venue", "line", "drops"),
        [
            (None, "HAETAE_TAKE_PROFIT_PERCENT=0.03", True),
            (None, "HAETAE_UPBIT_TAKE_PROFIT_PERCENT=0.03", True),
            ("upbit", "HAETAE_UPBIT_TAKE_PROFIT_PERCENT=0.03", True),
            ("upbit", "HAETAE_TAKE_PROFIT_PERCENT=0.03", True),
            ("upbit", "HAETAE_BITHUMB_TAKE_PROFIT_PERCENT=0.03", False),
        ],
    )
    def test_venues_of_the_edit_and_of_the_override(
        self, folder: Folder, override_venue: str | None, line: str, drops: bool
    ) -> None:
        old = folder.write("#").load(overrides=[Override(TAKE, 0.04, override_venue, "d", 1)])
        assert bool(folder.write(line).reload(old).dropped) is drops

    def test_a_removed_line_drops_it_too(self, folder: Folder) -> None:
        old = folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.02", "#").load(overrides=[Override(TAKE, 0.04)])
        new = folder.write("#").reload(old)
        assert len(new.dropped) == 1 and new.knobs().take_profit_percent == 0.015

    def test_a_parameter_can_be_overridden_and_dropped(self, folder: Folder) -> None:
        folder.write("HAETAE_PRESET=scalping", "HAETAE_PARAM_K=0.4")
        old = folder.load(overrides=[Override("param.k", 0.6, "upbit", "d", 1)])
        assert old.params("upbit", {"k": 0.5, "sell_at_day_end": False})["k"] == 0.6
        new = folder.write("HAETAE_PRESET=scalping", "HAETAE_PARAM_K=0.45").reload(old)
        assert new.params("upbit", {"k": 0.5, "sell_at_day_end": False})["k"] == 0.45

    def test_an_edit_while_the_bot_was_down_wins_at_the_start(self, folder: Folder) -> None:
        settings = folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.02").load()
        kept = noted(settings, Override(TAKE, 0.04, None, "d", 1))
        assert folder.load(overrides=[kept]).knobs().take_profit_percent == 0.04
        edited = folder.write("HAETAE_TAKE_PROFIT_PERCENT=0.03").load(overrides=[kept])
        assert edited.knobs().take_profit_percent == 0.03 and edited.dropped == (kept,)

    def test_choosing_a_preset_by_command_means_its_strategy_and_timeframe(self, folder: Folder) -> None:
        folder.write("HAETAE_STRATEGY=macd", "HAETAE_TIMEFRAME=5m", "HAETAE_MAX_POSITIONS=8")
        settings = folder.load(overrides=[Override("preset", "swing", "upbit", "d", 5)])
        knobs = settings.knobs("upbit")
        assert (knobs.strategy, knobs.timeframe, knobs.max_positions) == ("dynamic_breakout", "4h", 8)
        later = Override("strategy", "breakout", "upbit", "d", 6)
        earlier = Override("strategy", "breakout", "upbit", "d", 4)
        preset = Override("preset", "swing", "upbit", "d", 5)
        assert folder.load(overrides=[preset, later]).knobs("upbit").strategy == "breakout"
        assert folder.load(overrides=[preset, earlier]).knobs("upbit").strategy == "dynamic_breakout"
        assert folder.load().knobs("upbit").strategy == "macd"

    @pytest.mark.parametrize(
        "stored", [Override("gone_knob", 1), Override(TAKE, 5), Override(TAKE, 0.1, "kraken"), Override("mode", "live")]
    )
    def test_a_stored_one_that_means_nothing_now_stops_no_start(self, folder: Folder, stored: Override) -> None:
        settings = folder.load(overrides=[stored, Override("max_positions", 9)])
        assert settings.knobs().max_positions == 9 and settings.mode == "demo"
        assert len(settings.overrides) == 1 and len(settings.warnings) == 1
        assert settings.warnings[0].text("ko") != settings.warnings[0].text("en")

    @pytest.mark.parametrize(
        ("wrong", "kind", "reason"),
        [
            (Override("take_profit", 0.1), SettingError, "unknown"),
            (Override(TAKE, 5), SettingError, "range"),
            (Override(TAKE, 0.1, "kraken"), SettingError, "choice"),
            (Override("loop_seconds", 1, "upbit"), SettingError, "not_per_venue"),
            (Override("param.K!", 1), SettingError, "unknown"),
            (Override("param.k", [1]), SettingError, "parameter"),
            (Override("param.k", Decimal("nan")), SettingError, "parameter"),
            (Override("param.k", " "), SettingError, "parameter"),
            (Override("mode", "live"), NotWhileRunning, "fixed"),
            (Override("venues", ["bithumb"]), NotWhileRunning, "fixed"),
        ],
    )
    def test_a_new_one_is_checked(self, folder: Folder, wrong: Override, kind: type[SettingError], reason: str) -> None:
        with pytest.raises(kind) as caught:
            noted(folder.load(), wrong)
        assert caught.value.reason == reason and caught.value.text("ko")

    def test_a_commands_decimal_is_a_number(self, folder: Folder) -> None:
        override = noted(folder.load(), Override("param.k", Decimal("0.6"), "upbit", "d", 1))
        settings = folder.write("HAETAE_PRESET=scalping").load(overrides=[override])
        assert settings.params("upbit")["k"] == 0.6 and len(settings.version) == 12

    def test_a_good_one_passes(self) -> None:
        override = Override(TAKE, "4%", "upbit", "d", 1)
        assert checked_override(override) is override
