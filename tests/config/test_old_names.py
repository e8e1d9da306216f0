"""Each name that earlier bots used."""

from __future__ import annotations

import pytest

from config.aliases import ACCOUNT_ALIASES, ALIASES
from config.errors import SettingError
from config.secrets import ACCOUNT_NAMES
from config.venues import CRYPTO_VENUES
from tests.config.conftest import Folder


def test_these_and_no_others() -> None:
    assert set(ALIASES) == {
        "CRYPTO_STRATEGY_PRESET",
        "CRYPTO_K_VALUE",
        "STOP_LOSS_PERCENT",
        "TAKE_PROFIT_PERCENT",
        "MAX_POSITION_SIZE",
        "MAX_OPEN_POSITIONS",
        "MAX_DAILY_LOSS",
        "INITIAL_CAPITAL",
        "TRADE_MODE",
    }
    assert set(ACCOUNT_ALIASES) == {"UPBIT_ACCESS", "UPBIT_SECRET", "MAINNET_CONFIRMATION"}


@pytest.mark.parametrize(
    ("line", "knob", "value"),
    [
        ("CRYPTO_STRATEGY_PRESET=scalping", "preset", "scalping"),
        ("STOP_LOSS_PERCENT=0.03", "stop_loss_percent", 0.03),
        ("STOP_LOSS_PERCENT=3", "stop_loss_percent", 0.03),
        ("STOP_LOSS_PERCENT=-3", "stop_loss_percent", 0.03),
        ("STOP_LOSS_PERCENT=1", "stop_loss_percent", 0.01),
        ("STOP_LOSS_PERCENT=3%", "stop_loss_percent", 0.03),
        ("TAKE_PROFIT_PERCENT=0.05", "take_profit_percent", 0.05),
        ("TAKE_PROFIT_PERCENT=1.5", "take_profit_percent", 0.015),
        ("MAX_POSITION_SIZE=0.1", "max_position_size", 0.1),
        ("MAX_POSITION_SIZE=1", "max_position_size", 1.0),
        ("MAX_POSITION_SIZE=10", "max_position_size", 0.1),
        ("MAX_OPEN_POSITIONS=4", "max_positions", 4),
        ("MAX_DAILY_LOSS=0.04", "daily_loss_limit", 0.04),
        ("MAX_DAILY_LOSS=5", "daily_loss_limit", 0.05),
        ("INITIAL_CAPITAL=500000", "initial_capital", 500_000.0),
        ("TRADE_MODE=paper", "mode", "paper"),
    ],
)
def test_an_old_name_sets_its_knob(folder: Folder, line: str, knob: str, value: object) -> None:
    settings = folder.write("#", line).load()
    assert getattr(settings.knobs("upbit"), knob) == value
    assert settings.origin(knob, "upbit").line == 2
    name, raw = line.split("=")
    assert getattr(folder.write().load(environ={name: raw}).knobs("upbit"), knob) == value


def test_trade_mode_live_needs_the_confirmation_under_either_name(folder: Folder) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write("TRADE_MODE=live").load()
    assert caught.value.reason == "unconfirmed"
    assert folder.write("TRADE_MODE=live", "MAINNET_CONFIRMATION=I_UNDERSTAND").load().mode == "live"
    assert folder.write("TRADE_MODE=LIVE", "LIVE_TRADING_CONFIRM=I_UNDERSTAND").load().mode == "live"


def test_trade_mode_knows_only_live_and_paper(folder: Folder) -> None:
    with pytest.raises(SettingError, match="live, paper") as caught:
        folder.write("TRADE_MODE=demo").load()
    assert caught.value.name == "TRADE_MODE"


def test_the_k_value_is_the_parameter_k_of_crypto_venues(folder: Folder) -> None:
    settings = folder.write("CRYPTO_STRATEGY_PRESET=scalping", "CRYPTO_K_VALUE=0.6").load()
    for venue in CRYPTO_VENUES:
        assert settings.params(venue, {"k": 0.5, "sell_at_day_end": False})["k"] == 0.6
    assert settings.params("stock", {"k": 0.5, "sell_at_day_end": False})["k"] == 0.5


def test_the_k_value_is_left_aside_by_a_strategy_without_k(folder: Folder) -> None:
    assert folder.write("CRYPTO_K_VALUE=0.6").load().params("upbit", {"macd_positive": False}) == {}


@pytest.mark.parametrize("name", ["STOP_LOSS_PERCENT", "TAKE_PROFIT_PERCENT", "MAX_DAILY_LOSS"])
def test_half_could_be_half_a_percent_so_it_is_refused(folder: Folder, name: str) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write(f"{name}=0.5").load()
    assert (caught.value.reason, caught.value.line, caught.value.hint) == ("ambiguous", 1, "0.005")
    assert "0.005" in caught.value.text("ko") and "0.005" in caught.value.text("en")


@pytest.mark.parametrize("line", ["STOP_LOSS_PERCENT=much", "MAX_POSITION_SIZE=100000", "MAX_DAILY_LOSS=50000"])
def test_what_does_not_fit_is_named_as_it_was_written(folder: Folder, line: str) -> None:
    with pytest.raises(SettingError) as caught:
        folder.write(line).load()
    assert (caught.value.name, caught.value.line) == (line.split("=")[0], 1)


@pytest.mark.parametrize("lines", [("A", "B"), ("B", "A")])
def test_todays_name_wins_over_the_old_one(folder: Folder, lines: tuple[str, ...]) -> None:
    by_letter = {"A": "HAETAE_STOP_LOSS_PERCENT=0.02", "B": "STOP_LOSS_PERCENT=4"}
    assert folder.write(*(by_letter[letter] for letter in lines)).load().knobs().stop_loss_percent == 0.02


@pytest.mark.parametrize(
    "name",
    [
        *("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "BITHUMB_API_KEY", "BITHUMB_SECRET_KEY", "BINANCE_API_KEY"),
        *("BINANCE_SECRET_KEY", "KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT", "TELEGRAM_BOT_TOKEN"),
        *("TELEGRAM_CHAT_ID", "DISCORD_WEBHOOK_URL", "DISCORD_BOT_TOKEN", "GEMINI_API_KEY", "OPENAI_API_KEY"),
        *("DATABASE_URL", "DB_USER", "DB_PASSWORD", "DB_HOST", "DB_NAME", "DB_SCHEMA", "TELEGRAM_API_BASE"),
    ],
)
def test_account_values_are_read(folder: Folder, name: str) -> None:
    assert name in ACCOUNT_NAMES
    assert folder.write(f"{name}=some-value").load().secrets.reveal(name) == "some-value"


@pytest.mark.parametrize(("old", "new"), [("UPBIT_ACCESS", "UPBIT_ACCESS_KEY"), ("UPBIT_SECRET", "UPBIT_SECRET_KEY")])
def test_short_names_of_upbits_keys(folder: Folder, old: str, new: str) -> None:
    assert folder.write(f"{old}=one-value").load().secrets.reveal(new) == "one-value"
    assert folder.write(f"{new}=new-value", f"{old}=old-value").load().secrets.reveal(new) == "new-value"
    assert folder.write(f"{old}=old-value", f"{new}=new-value").load().secrets.reveal(new) == "new-value"
