"""`.env` edited while the bot runs: applied whole at the next step, or refused whole and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.live.bots import QUIET, Home, Simulator, until

NewHome = Callable[..., Home]


@pytest.fixture
def house(exchange: Simulator, new_home: NewHome) -> Home:
    exchange.calm_down(60)
    one = new_home(**QUIET, max_positions=2)
    one.start("run", "--simulator", exchange.admin).ready()
    return one


def limit(home: Home) -> int:
    return int(home.status()["venues"]["upbit"]["max_positions"])


def rejected(home: Home) -> list[dict[str, object]]:
    return list(home.status()["settings"]["rejected"])


def test_a_good_edit_is_applied_and_a_bad_one_named(house: Home) -> None:
    assert limit(house) == 2
    house.write_env(max_positions=4)
    until(lambda: limit(house) == 4, "the edit in force")
    assert "설정 적용: max_positions 2 → 4" in house.log()
    house.write_env(max_positions=3, take_profit_percent=7)
    bad = until(lambda: rejected(house), "the refusal")[0]
    number = (house.folder / ".env").read_text().splitlines().index("HAETAE_TAKE_PROFIT_PERCENT=7") + 1
    assert (bad["line"], bad["value"]) == (number, "7")
    assert "take_profit_percent" in str(bad["name"]).lower()
    for reason in (bad["reason_ko"], bad["reason_en"]):
        assert "0.99" in str(reason) and str(number) in str(reason), reason
    assert "설정 거부, 이전 값을 그대로 씁니다" in house.log()
    assert limit(house) == 4  # nothing of the bad edit counts
    seq = house.status()["seq"]
    until(lambda: house.status()["seq"] > seq + 3, "steps go on")
    house.write_env(max_positions=5, take_profit_percent=0.3)
    until(lambda: limit(house) == 5 and not rejected(house), "mended")


BAD_EDITS = (
    ("HAETAE_MAX_POSITONS=9", "HAETAE_MAX_POSITIONS"),
    ("HAETAE_MODE=live", "mode"),
    ("HAETAE_VENUES=bithumb", "venues"),
    ("UPBIT_ACCESS_KEY=another", "UPBIT_ACCESS_KEY"),
    ("HAETAE_STRATEGY=nothing", "nothing"),
    ("HAETAE_PARAM_NOTHING=1", "nothing"),
    ("HAETAE_PARAM_MACD_RISING=7", "7"),
    ("HAETAE_TIMEFRAME=7m", "7m"),
)


def test_edits_that_must_not_count(house: Home) -> None:
    for number, (extra, words) in enumerate(BAD_EDITS):
        house.write_env(extra, max_positions=7)
        bad = until(lambda: rejected(house), f"the refusal of {extra}")[0]
        assert words.lower() in f"{bad['name']} {bad['value']} {bad['reason_en']}".lower(), bad
        assert bad["line"] == len((house.folder / ".env").read_text().splitlines()), bad
        assert limit(house) == 2
        if not number:
            assert house.order("reload", "r1")["state"] == "failed"
        house.write_env(max_positions=2)
        until(lambda: not rejected(house), "mended")
    assert house.status()["mode"] == "demo"
    assert house.order("reload", "r2")["state"] == "done"


def test_an_edit_of_the_same_knob_ends_the_override(house: Home) -> None:
    assert house.order("set", "s1", knob="max_positions", value=9)["state"] == "done"
    assert house.order("set", "s2", knob="stop_loss_percent", value=0.11)["state"] == "done"
    until(lambda: limit(house) == 9, "the override in force")
    house.write_env(take_profit_percent=0.4)
    until(lambda: "설정 적용: take_profit_percent" in house.log(), "an edit of something else")
    assert limit(house) == 9
    house.write_env(max_positions=4)
    until(lambda: limit(house) == 4, "the edit wins")
    assert house.status()["settings"]["overrides"].keys() == {"stop_loss_percent"}
    assert "명령으로 바꾼 값 해제: max_positions" in house.log()


def test_an_edit_made_while_the_bot_was_down_ends_the_override_too(exchange: Simulator, new_home: NewHome) -> None:
    exchange.calm_down(60)
    home = new_home(**QUIET, max_positions=2)
    first = home.start("run", "--simulator", exchange.admin).ready()
    assert home.order("set", "s1", knob="max_positions", value=9)["state"] == "done"
    first.end()
    second = home.start("run", "--simulator", exchange.admin).ready()
    assert limit(home) == 9
    second.end()
    home.write_env(max_positions=4)
    home.start("run", "--simulator", exchange.admin).ready()
    assert limit(home) == 4
    assert not home.status()["settings"]["overrides"]


def test_an_emptied_or_deleted_env_changes_nothing(house: Home) -> None:
    (house.folder / ".env").write_text("")
    until(lambda: rejected(house), "the refusal")
    assert limit(house) == 2
    house.write_env(max_positions=3)
    until(lambda: limit(house) == 3 and not rejected(house), "mended")
    (house.folder / ".env").unlink()
    until(lambda: rejected(house), "the refusal")
    assert limit(house) == 3


def test_language_of_the_log_follows_the_edit(house: Home) -> None:
    house.write_env(language="en", max_positions=4)
    until(lambda: limit(house) == 4, "applied")
    assert house.order("pause", "p1")["state"] == "done"
    until(lambda: "Command done: pause" in house.log(), "an English line")
