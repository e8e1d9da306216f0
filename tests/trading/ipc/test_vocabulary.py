"""The commands' table and its check."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.texts import catalogue
from config.texts.commands import TEXTS
from trading.core.calendar import DAY_OFFSET_MS
from trading.core.errors import BadInput
from trading.ipc import vocabulary
from trading.ipc.outcomes import FINAL
from trading.ipc.vocabulary import DEFAULT_EXPIRY_MS, KINDS, VENUES, Checked, Refusal, check

#: kind -> (arguments, "!" marks a required one), as the contract has it
TABLE = {
    "pause": "venue",
    "resume": "venue",
    "set_strategy": "venue preset strategy params positions",
    "set": "knob! value default venue",
    "enter": "venue! symbol! amount! side",
    "liquidate": "venue symbols all",
    "cancel_order": "venue! order!",
    "adopt": "venue! symbol! price",
    "approve": "order!",
    "reject": "order!",
    "rearm": "venue gate",
    "reload": "",
    "restart": "",
    "stop": "",
    "start": "",
    "reset": "",
}


def upbit_symbol(text: str, venue: str | None) -> str:
    name = text.upper()
    if name.startswith("KRW-"):
        name = f"{name[4:]}/KRW"
    name = name if "/" in name else f"{name}/KRW"
    if name not in ("BTC/KRW", "ETH/KRW"):
        raise BadInput("steering.not_listed", symbol=text, venue=venue)
    return name


def test_the_table_is_that_of_the_contract() -> None:
    said = {
        kind.name: " ".join(argument.name + "!" * argument.required for argument in kind.arguments)
        for kind in KINDS.values()
    }
    assert said == TABLE
    assert {kind.name for kind in KINDS.values() if kind.urgent} == {"stop", "pause", "liquidate"}
    assert {kind.name for kind in KINDS.values() if not kind.expires} == {"stop", "pause", "liquidate"}
    assert KINDS["enter"].default_expiry_ms == DEFAULT_EXPIRY_MS == 60_000
    assert set(VENUES) == set(DAY_OFFSET_MS)


def test_every_kind_and_state_has_a_name_in_both_languages() -> None:
    for key in [f"commands.kind.{kind}" for kind in KINDS] + [
        f"commands.state.{state}" for state in {*FINAL, "accepted"}
    ]:
        assert all(catalogue()[key])


def test_every_reason_has_its_text_and_every_text_its_use() -> None:
    code = "".join(path.read_text() for path in Path(vocabulary.__file__).parent.glob("*.py"))
    used = set(re.findall(r'Refusal\(\s*"(commands\.[a-z_]+)"', code))
    used |= {f"commands.{key}" for key in re.findall(r'_Refused\("([a-z_]+)"', code)} | {"commands.hint"}
    assert used == {key for key in TEXTS if key.count(".") == 1}


@pytest.mark.parametrize(
    ("kind", "args", "read"),
    [
        ("pause", {}, {}),
        ("pause", {"venue": None}, {}),
        ("pause", {"venue": "UPBIT"}, {"venue": "upbit"}),
        ("set_strategy", {"preset": "demo"}, {"preset": "demo", "positions": "keep"}),
        (
            "set_strategy",
            {"strategy": "macd", "params": {"fast": 8}, "positions": "close"},
            {"strategy": "macd", "params": {"fast": 8}, "positions": "close"},
        ),
        ("set", {"knob": "kelly", "value": Decimal("0.04")}, {"knob": "kelly", "value": Decimal("0.04")}),
        ("set", {"knob": "kelly", "value": False}, {"knob": "kelly", "value": False}),
        ("set", {"knob": "kelly", "value": "default"}, {"knob": "kelly", "default": True}),
        ("set", {"knob": "kelly", "default": True}, {"knob": "kelly", "default": True}),
        ("liquidate", {"all": True}, {"all": True}),
        ("liquidate", {"all": "true", "venue": "upbit"}, {"all": True, "venue": "upbit"}),
        ("liquidate", {"symbols": "all"}, {"all": True}),
        ("liquidate", {"symbols": ["KRW-BTC", "eth", "BTC"]}, {"symbols": ["BTC/KRW", "ETH/KRW"]}),
        ("liquidate", {"symbols": "BTC,ETH"}, {"symbols": ["BTC/KRW", "ETH/KRW"]}),
        (
            "enter",
            {"venue": "upbit", "symbol": "btc", "amount": "50000"},
            {"venue": "upbit", "symbol": "BTC/KRW", "amount": Decimal(50_000), "side": "buy"},
        ),
        (
            "enter",
            {"venue": "upbit", "symbol": "BTC/KRW", "amount": 0.1, "side": "short"},
            {"venue": "upbit", "symbol": "BTC/KRW", "amount": Decimal("0.1"), "side": "sell"},
        ),
        (
            "adopt",
            {"venue": "upbit", "symbol": "KRW-ETH", "price": 5},
            {"venue": "upbit", "symbol": "ETH/KRW", "price": Decimal(5)},
        ),
        ("approve", {"order": "htabc"}, {"order": "htabc"}),
        ("rearm", {}, {}),
    ],
)
def test_arguments_are_read(kind: str, args: dict[str, Any], read: dict[str, Any]) -> None:
    assert check(kind, args, upbit_symbol) == Checked(kind, read)


@pytest.mark.parametrize(
    ("kind", "args", "key", "said"),
    [
        ("puase", {}, "unknown_kind", "'pause'"),
        (None, {}, "unknown_kind", "None"),
        ([], {}, "unknown_kind", "[]"),
        ("pause", [], "args_no_object", "pause"),
        ("pause", {"venu": "upbit"}, "unknown_argument", "'venue'"),
        ("stop", {"venue": "upbit"}, "unknown_argument", "stop"),
        ("pause", {"venue": "upbitt"}, "unknown_name", "'upbit'"),
        ("pause", {"venue": 5}, "wrong_value", "upbit"),
        ("enter", {"venue": "upbit", "symbol": "BTC"}, "missing_argument", "amount"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": 0}, "wrong_value", "amount"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": -5}, "wrong_value", "amount"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": True}, "wrong_value", "amount"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": "NaN"}, "wrong_value", "amount"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": "1e999"}, "wrong_value", "amount"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": "much"}, "wrong_value", "amount"),
        ("enter", {"venue": "upbit", "symbol": "DOGE", "amount": 5}, "wrong_symbol", "DOGE: upbit does not list it"),
        ("enter", {"venue": "upbit", "symbol": "", "amount": 5}, "wrong_value", "symbol"),
        ("enter", {"venue": "upbit", "symbol": "BTC", "amount": 5, "side": "up"}, "unknown_name", "side"),
        ("set_strategy", {}, "one_of", "preset / strategy"),
        ("set_strategy", {"preset": "demo", "strategy": "b"}, "one_of", "preset / strategy"),
        ("set_strategy", {"preset": "scalpin"}, "unknown_name", "'scalping'"),
        ("set_strategy", {"preset": "demo", "positions": "hold"}, "unknown_name", "positions"),
        ("set_strategy", {"preset": "demo", "params": [1]}, "wrong_value", "params"),
        ("set", {"knob": "take_profit"}, "one_of", "value / default"),
        ("set", {"knob": "kely", "value": 1}, "unknown_name", "'kelly'"),
        ("set", {"knob": "kelly", "default": False}, "one_of", "value / default"),
        ("liquidate", {}, "one_of", "symbols / all"),
        ("liquidate", {"all": False}, "one_of", "symbols / all"),
        ("liquidate", {"all": 1}, "wrong_value", "all"),
        ("liquidate", {"symbols": []}, "wrong_value", "symbols"),
        ("liquidate", {"symbols": {"BTC": 1}}, "wrong_value", "symbols"),
        ("liquidate", {"symbols": ["BTC", 5]}, "wrong_value", "symbols"),
        ("approve", {"order": "../x"}, "wrong_value", "order"),
        ("approve", {"order": 5}, "wrong_value", "order"),
        ("rearm", {"gate": "x" * 300}, "wrong_value", "gate"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(kind: Any, args: Any, key: str, said: str) -> None:
    known = {"preset": {"demo", "scalping"}, "knob": ["kelly", "take_profit"]}
    refusal = check(kind, args, upbit_symbol, known)
    assert isinstance(refusal, Refusal)
    assert refusal.key == f"commands.{key}"
    assert said in refusal.text("en")
    assert refusal.text("ko") != refusal.text("en")


def test_why_a_symbol_is_not_known_comes_in_both_languages() -> None:
    refusal = check("enter", {"venue": "upbit", "symbol": "DOGE", "amount": 5}, upbit_symbol)
    assert isinstance(refusal, Refusal)
    assert "upbit에 없는 종목" in refusal.text("ko")
    assert "does not list" not in refusal.text("ko")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
argument_names = st.sampled_from(sorted({argument.name for kind in KINDS.values() for argument in kind.arguments}))


@given(kind=st.sampled_from(sorted(KINDS)) | anything, args=st.dictionaries(argument_names, anything) | anything)
@settings(max_examples=500, deadline=None)
def test_no_input_raises_and_every_refusal_can_be_said(kind: Any, args: Any) -> None:
    result = check(kind, args, upbit_symbol)
    if isinstance(result, Refusal):
        assert result.text("ko")
        assert result.text("en")
    else:
        assert set(result.args) <= {argument.name for argument in KINDS[result.kind].arguments}
