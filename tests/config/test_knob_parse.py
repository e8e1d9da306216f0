"""Reading and printing one value."""

from __future__ import annotations

import math
import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import SHOWN, SettingError, nearest
from config.knobs import KNOBS, Knob, Value, format_value, parse

GARBAGE = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(),
    st.lists(st.one_of(st.text(), st.integers())),
    st.dictionaries(st.text(), st.integers()),
    st.sampled_from(
        ["[", "[1]", "[[]]", '["BTC"]', "nan", "-inf", "1e999", "9" * 5000, "5%", "%", "1,000,000", "0x10"]
    ),
)


def values_of(knob: Knob) -> st.SearchStrategy[Value]:
    if knob.kind == "bool":
        made: st.SearchStrategy[Value] = st.booleans()
    elif knob.kind == "list" and knob.choices:
        made = st.lists(st.sampled_from(knob.choices), min_size=1, unique=True).map(tuple)
    elif knob.kind == "list":
        made = st.lists(st.from_regex(r"[0-9A-Z][0-9A-Z/_:.\-]{0,20}", fullmatch=True), unique=True).map(tuple)
    elif knob.choices:
        made = st.sampled_from(knob.choices)
    elif knob.kind == "str":
        made = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True).filter(
            lambda w: w not in ("auto", "none", "null")
        )
    elif knob.kind == "int":
        made = st.integers(int(knob.low or 0), int(knob.high or 0))
    else:
        made = st.floats(knob.low, knob.high)
    return st.one_of(st.none(), made) if knob.optional else made


@given(st.data())
def test_what_is_printed_is_read_back(data: st.DataObject) -> None:
    knob = data.draw(st.sampled_from(list(KNOBS.values())))
    value = data.draw(values_of(knob))
    printed = format_value(knob, value)
    again = parse(knob, printed)
    assert again == value and type(again) is type(value)
    assert "e" not in printed or knob.kind not in ("float", "int")


@given(st.sampled_from(list(KNOBS.values())), GARBAGE)
def test_any_input_gives_a_value_in_bounds_or_a_setting_error(knob: Knob, raw: object) -> None:
    try:
        value = parse(knob, raw)
    except SettingError as error:
        for lang in ("ko", "en"):
            sentence = error.text(lang)
            assert knob.name in sentence and "\n" not in sentence
        return
    if knob.kind in ("float", "int") and value is not None:
        assert isinstance(value, (int, float)) and not isinstance(value, bool)
        assert math.isfinite(value) and knob.low is not None and knob.high is not None
        assert knob.low <= value <= knob.high
    if knob.choices and value is not None:
        assert set(value if isinstance(value, tuple) else [value]) <= set(knob.choices)
    assert value is not None or knob.optional


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("take_profit_percent", "0.05", 0.05),
        ("take_profit_percent", "5%", 0.05),
        ("take_profit_percent", "1.5 %", 0.015),
        ("take_profit_percent", 0, 0.0),
        ("take_profit_percent", Decimal("0.04"), 0.04),
        ("initial_capital", "1,000,000", 1_000_000.0),
        ("initial_capital", "auto", None),
        ("initial_capital", "", None),
        ("max_positions", "5", 5),
        ("max_positions", 5.0, 5),
        ("tighten_stop", "on", True),
        ("tighten_stop", 0, False),
        ("trend_filter", "auto", None),
        ("trend_filter", None, None),
        ("trend_filter", "off", False),
        ("mode", " LIVE ", "live"),
        ("symbols", "btc, eth KRW-XRP,btc", ("BTC", "ETH", "KRW-XRP")),
        ("symbols", '["BTC/KRW", "005930"]', ("BTC/KRW", "005930")),
        ("symbols", ["BTC"], ("BTC",)),
        ("symbols", "", ()),
        ("venues", "upbit,bithumb", ("upbit", "bithumb")),
        ("strategy", "MACD", "macd"),
    ],
)
def test_accepted_spellings(name: str, raw: object, value: Value) -> None:
    read = parse(KNOBS[name], raw)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("take_profit_percent", "5", "range"),
        ("take_profit_percent", "nan", "number"),
        ("take_profit_percent", float("inf"), "number"),
        ("take_profit_percent", True, "number"),
        ("take_profit_percent", 10**400, "number"),
        ("take_profit_percent", "", "empty"),
        ("emergency_stop_percent", "0", "range"),
        ("max_positions", "2.5", "whole"),
        ("max_positions", "5%", "number"),
        ("max_positions", -1, "range"),
        ("tighten_stop", "maybe", "truth"),
        ("tighten_stop", None, "empty"),
        ("mode", "real", "choice"),
        ("mode", 1, "word"),
        ("venues", "upbit,upbitt", "choice"),
        ("venues", "", "empty"),
        ("symbols", "BTC;rm", "list"),
        ("symbols", [1], "list"),
        ("symbols", "[1", "list"),
        ("symbols", ["A"] * 501, "list"),
        ("strategy", "../x", "word"),
    ],
)
def test_refused_values_and_why(name: str, raw: object, reason: str) -> None:
    with pytest.raises(SettingError) as caught:
        parse(KNOBS[name], raw)
    assert (caught.value.reason, caught.value.name) == (reason, name)


def test_five_where_a_fraction_is_meant_is_refused_with_the_fraction() -> None:
    with pytest.raises(SettingError) as caught:
        parse(KNOBS["take_profit_percent"], "5")
    assert caught.value.hint == "0.05"
    assert "0.05 means 5 %" in caught.value.text("en")
    assert "0.05 = 5 %" in caught.value.text("ko")
    assert "0..0.99" in caught.value.text("en")


def test_a_wrong_venue_names_the_nearest() -> None:
    with pytest.raises(SettingError, match="Did you mean upbit"):
        parse(KNOBS["venues"], "upbt")


def test_a_long_or_unprintable_value_is_shortened() -> None:
    with pytest.raises(SettingError) as caught:
        parse(KNOBS["mode"], "x\x1b[2J\n" + "y" * 500)
    assert len(caught.value.value) == SHOWN and caught.value.value.isprintable()


def test_an_error_survives_pickling() -> None:
    error = SettingError("range", "x", value=5, allowed="0..1", hint="0.05").at("HAETAE_X", ".env", 3)
    again = pickle.loads(pickle.dumps(error))
    assert again.text("ko") == error.text("ko") and again.line == 3


def test_nearest_is_none_when_nothing_is_close() -> None:
    assert nearest("zzz", KNOBS) is None
    assert nearest("Stop_Loss_Pct", KNOBS) == "stop_loss_percent"
