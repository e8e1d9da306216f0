"""JSON text: exact out, strict in."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trading.ipc.document import Encoded, encode, parse

numbers = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda number: number == 0 or (abs(number.adjusted()) < 300 and len(number.as_tuple().digits) < 90)
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**300), 10**300),
    numbers,
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec=None)),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@given(values)
@settings(max_examples=300, deadline=None)
def test_every_value_comes_back_exactly_and_without_exponent(value: object) -> None:
    text = encode(value)
    assert "\n" not in text
    text.encode()  # it is UTF-8, whatever the strings hold
    outside = json.loads(text, parse_float=lambda number: pytest.fail(number) if "e" in number.lower() else number)
    assert outside is not ...
    back = parse(text)
    assert _same(value, back)


def _same(value: object, back: object) -> bool:
    if isinstance(value, float):
        return isinstance(back, Decimal) and float(back) == value
    if isinstance(value, list):
        return isinstance(back, list) and len(value) == len(back) and all(map(_same, value, back))
    if isinstance(value, dict):
        return (
            isinstance(back, dict) and list(value) == list(back) and all(_same(value[key], back[key]) for key in value)
        )
    if isinstance(value, bool) or value is None:
        return value is back
    return value == back


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+8"), "100000000"),
        (Decimal("151000000.00"), "151000000"),
        (Decimal("0.00150000"), "0.0015"),
        (Decimal("1E-8"), "0.00000001"),
        (Decimal("-0.0"), "0"),
        (Decimal("1200"), "1200"),
        (1e-9, "0.000000001"),
        (1763600000.0, "1763600000.0"),
        (1e22, "10000000000000000000000.0"),
        (5, "5"),
        (True, "true"),
        (np.float64(0.5), "0.5"),
        (np.int64(7), "7"),
        ("비트코인", '"비트코인"'),
        ("\ud800", '"\\ud800"'),
        ([], "[]"),
        ({}, "{}"),
        ({"a": [1, {"b": None}]}, '{"a": [1, {"b": null}]}'),
        ([Encoded("1.5")], "[1.5]"),
    ],
)
def test_numbers_are_printed_as_people_write_them(value: object, text: str) -> None:
    assert encode(value) == text


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1e1000000000"),
        Decimal("1e-5000"),
        10**400,
    ],
)
def test_numbers_that_are_no_amounts_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"number"):
        encode(value)


def test_what_is_no_json_is_refused() -> None:
    for value in ({1: 2}, {"a": object()}, b"bytes", {1, 2}):
        with pytest.raises(TypeError):
            encode(value)
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nested"):
        encode(loop)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a": NaN}',
        "[Infinity]",
        "[-Infinity]",
        '{"a": 1, "a": 2}',
        '[{"a": {"b": 1, "b": 1}}]',
        "1e999999999999999999999",
        "1e1000",
        "9" * 5000,
        "0." + "1" * 5000,
        "[" * 100_000,
        '{"a":' * 100_000,
        "{'a': 1}",
        "[1,]",
        '{"a": 1} {"a": 1}',
        "\x00",
    ],
)
def test_what_is_not_strict_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse(text)


def test_numbers_with_a_point_are_decimals_and_others_whole() -> None:
    value = parse('{"a": 0.1, "b": 3, "c": 2.0, "d": -1e-7}')
    assert value == {"a": Decimal("0.1"), "b": 3, "c": Decimal("2.0"), "d": Decimal("-1e-7")}
    assert type(value["b"]) is int
    assert type(value["c"]) is Decimal
