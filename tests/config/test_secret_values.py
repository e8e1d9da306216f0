"""Secrets do not show."""

from __future__ import annotations

import copy
import json
import pickle
import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.secrets import HIDDEN_NAMES, SHORTEST_MASKED, Secret, Secrets
from tests.config.conftest import Folder

WORD = st.text(st.characters(codec="utf-8", exclude_characters="*\0"), min_size=SHORTEST_MASKED, max_size=40)


def secrets(**values: str) -> Secrets:
    return Secrets({name: Secret(value) for name, value in values.items()})


def test_a_secret_prints_as_stars_everywhere() -> None:
    secret = Secret("hunter2-hunter2")
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r}", str([secret]), str({"k": secret})):
        assert "hunter2" not in shown
    assert secret.reveal() == "hunter2-hunter2"
    assert secret == Secret("hunter2-hunter2") and secret != Secret("x") and copy.deepcopy(secret) is secret
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_a_fingerprint_tells_keys_apart_and_shows_neither() -> None:
    one, other = Secret("key-one"), Secret("key-two")
    assert one.fingerprint() != other.fingerprint() and re.fullmatch("[0-9a-f]{16}", one.fingerprint())


@given(WORD, st.text(), st.text())
def test_masking_leaves_no_spelling_of_a_secret(word: str, before: str, after: str) -> None:
    found = secrets(UPBIT_SECRET_KEY=word)
    for spelling in (word, quote(word, safe=""), quote(word), json.dumps(word)[1:-1]):
        assert spelling not in found.mask(f"{before}{spelling}{after}").replace("***", "\0")


def test_the_longer_of_two_secrets_goes_first() -> None:
    found = secrets(UPBIT_ACCESS_KEY="abcdef", UPBIT_SECRET_KEY="abcdefghij")
    assert found.mask("abcdefghij abcdef") == "*** ***"


def test_short_and_plain_values_are_left_in_texts() -> None:
    found = secrets(UPBIT_ACCESS_KEY="abc", DB_HOST="localhost", LIVE_TRADING_CONFIRM="I_UNDERSTAND")
    assert found.mask("abc localhost I_UNDERSTAND") == "abc localhost I_UNDERSTAND"


def test_parts_that_travel_alone_are_masked() -> None:
    found = secrets(
        KIS_ACCOUNT="12345678-01", DATABASE_URL="postgresql://bot:s3cret-pw@db/h", DB_PASSWORD="pw/with slash"
    )
    masked = found.mask("CANO=12345678 s3cret-pw pw%2Fwith%20slash")
    assert masked == "CANO=*** *** ***"
    assert secrets(DATABASE_URL="postgresql://[broken").mask("x") == "x"


def test_every_hidden_name_is_masked() -> None:
    found = Secrets({name: Secret(f"value-of-{name}") for name in HIDDEN_NAMES})
    for name in HIDDEN_NAMES:
        assert found.mask(f"<value-of-{name}>") == "<***>"


def test_keys_of_a_venue() -> None:
    found = secrets(UPBIT_ACCESS_KEY="a", UPBIT_SECRET_KEY="b", BINANCE_API_KEY="c")
    assert found.for_venue("upbit") == (Secret("a"), Secret("b"))
    assert found.for_venue("binance_spot") is None
    assert found.missing("binance_futures") == ("BINANCE_SECRET_KEY",)
    assert found.missing("stock") == ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT")
    with pytest.raises(KeyError):
        found.get("UPBIT_KEY")


def test_the_database_by_url_or_by_parts() -> None:
    assert secrets(DATABASE_URL="sqlite:///x", DB_HOST="h", DB_NAME="n").database_url() == "sqlite:///x"
    url = secrets(DB_USER="bot", DB_PASSWORD="a@b/c", DB_HOST="h:5433", DB_NAME="n").database_url()
    assert url == "postgresql+psycopg://bot:a%40b%2Fc@h:5433/n"
    assert secrets(DB_HOST="h", DB_NAME="n").database_url() == "postgresql+psycopg://h/n"
    assert secrets(DB_HOST="h").database_url() is None


def test_settings_and_their_errors_do_not_show_a_key(folder: Folder) -> None:
    lines = ("UPBIT_SECRET_KEY=hunter2-hunter2", "UPBIT_ACCESS=hunter2-hunter2", "UPBIT_SECRET_KEY=hunter2-again")
    settings = folder.write(*lines).load(environ={"TELEGRAM_BOT_TOKEN": "hunter2-token"})
    shown = repr(settings) + "".join(w.text("en") + w.text("ko") for w in settings.warnings)
    assert "hunter2" not in shown


def test_the_process_environment_wins_over_the_file(folder: Folder) -> None:
    settings = folder.write("UPBIT_ACCESS_KEY=file-value").load(environ={"UPBIT_ACCESS": "env-value"})
    assert settings.secrets.reveal("UPBIT_ACCESS_KEY") == "env-value"
    assert settings.account_origins["UPBIT_ACCESS_KEY"].layer == "environment"
