"""`check --explain`."""

from __future__ import annotations

import pytest

from config.errors import SettingError
from config.knobs import KNOBS
from config.secrets import ACCOUNT_NAMES
from config.settings import Override, explain
from tests.config.conftest import Folder


def test_value_place_range_and_help(folder: Folder) -> None:
    settings = folder.write("#", "HAETAE_TAKE_PROFIT_PERCENT=4%").load()
    joined = "\n".join(explain(settings, "take_profit_percent", "en"))
    for part in ("take_profit_percent = 0.04", ".env line 2", "0..0.99", "0.05 = 5 %", "scalping 0.015", "entry"):
        assert part in joined
    assert "2번째 줄" in explain(settings, "take_profit_percent", "ko")[0]


def test_a_venue_with_another_value_has_its_own_line(folder: Folder) -> None:
    lines = ("HAETAE_VENUES=upbit,bithumb", "HAETAE_BITHUMB_MAX_POSITIONS=7")
    shown = explain(folder.write(*lines).load(), "max_positions", "en")
    assert shown[0] == "max_positions = 5  (from preset demo)"
    assert shown[1] == "  bithumb: max_positions = 7  (from .env line 2)"
    assert explain(folder.load(), "HAETAE_BITHUMB_MAX_POSITIONS", "en")[0].startswith("bithumb: max_positions = 7")


def test_every_layer_has_words(folder: Folder) -> None:
    settings = folder.tune("HAETAE_STOP_LOSS_PERCENT=0.02").load(
        environ={"HAETAE_MAX_POSITIONS": "3"},
        overrides=[Override("approvals", 1, None, "dashboard:kim", 1)],
        cli={"language": "en"},
    )
    shown = {name: explain(settings, name, "en")[0] for name in ("stop_loss_percent", "max_positions", "approvals")}
    assert shown["stop_loss_percent"].endswith("(from tuned, tuned.env line 1)")
    assert shown["max_positions"].endswith("(from process environment)")
    assert shown["approvals"].endswith("(from override dashboard:kim)")
    assert explain(settings, "language", "en")[0].endswith("(from command line)")
    assert explain(settings, "atr_multiplier", "ko")[0].endswith("(기본값)")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_knob_can_be_explained_by_both_names(folder: Folder, lang: str) -> None:
    settings = folder.load()
    for name, knob in KNOBS.items():
        lines = explain(settings, name, lang)
        assert len(lines) >= 4 and all(lines)
        assert explain(settings, knob.env_name, lang) == lines


def test_parameters_and_old_names(folder: Folder) -> None:
    settings = folder.write("HAETAE_PRESET=scalping", "CRYPTO_K_VALUE=0.6").load()
    assert explain(settings, "CRYPTO_K_VALUE", "en")[0] == "upbit: param.k = 0.6  (from .env line 2)"
    assert any("upbit: param.k = 0.6" in line for line in explain(settings, "param.k", "en"))
    assert explain(settings, "k", "en") == explain(settings, "param.k", "en")
    assert "STOP_LOSS_PERCENT" in explain(settings, "STOP_LOSS_PERCENT", "en")[-1]


def test_a_key_is_said_to_be_set_and_never_shown(folder: Folder) -> None:
    settings = folder.write("UPBIT_SECRET=hunter2-hunter2", "DB_HOST=localhost").load()
    for name in ("UPBIT_SECRET", "upbit_secret_key"):
        shown = "\n".join(explain(settings, name, "ko"))
        assert "***" in shown and "1번째" in shown and "hunter2" not in shown
    assert "localhost" in explain(settings, "DB_HOST", "en")[0]
    for name in ACCOUNT_NAMES:
        assert explain(settings, name, "en")


@pytest.mark.parametrize(
    ("name", "near"), [("take_profit", "take_profit_percent"), ("HAETAE_MODUS", "HAETAE_MODE"), ("param.q", None)]
)
def test_an_unknown_name_gets_the_nearest(folder: Folder, name: str, near: str | None) -> None:
    with pytest.raises(SettingError) as caught:
        explain(folder.load(), name, "en")
    assert caught.value.nearest == near
