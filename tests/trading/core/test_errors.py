"""Refused input is said in the user's language: every place that refuses names a sentence and fills its blanks."""

from __future__ import annotations

import ast
import copy
import multiprocessing
import pickle
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from config.texts import catalogue
from config.texts.input import TEXTS
from trading import strategies
from trading.core.calendar import timeframe_ms
from trading.core.errors import BadInput
from trading.core.strategy import Strategy, build
from trading.live.orders_by_hand import said

ROOT = Path(__file__).resolve().parents[3]
HANGUL = re.compile(r"[가-힣]")


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        top = path.relative_to(ROOT).parts[0]
        if top in ("config", "trading", "exchanges", "models", "ui", "remote") or path.parent == ROOT:
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def named(node: ast.expr | None) -> set[str]:
    """Names in an expression, attributes by their last part."""
    if node is None:
        return set()
    return {one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in ast.walk(node)}


def made() -> Iterator[tuple[str, ast.Call]]:
    """(where, call) of every BadInput that the program makes, but for the rebuilding of a pickled one."""
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if called == "BadInput" and path != "trading/core/errors.py":
                    yield f"{path}:{node.lineno}", node


def keys_of(where: str, call: ast.Call) -> set[str]:
    """The sentences a refusal may name: written there, one of two, or (a variable) any that its module names."""
    first = call.args[0] if len(call.args) == 1 else None
    if isinstance(first, ast.Name):
        return strings(where.partition(":")[0]) & set(catalogue())
    told = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return {one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else "" for one in told}


@cache
def strings(path: str) -> set[str]:
    """All constant strings of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_refusal_names_a_sentence_of_the_catalogue() -> None:
    wrong = [where for where, call in made() if not keys_of(where, call) or keys_of(where, call) - set(catalogue())]
    assert wrong == []
    assert sum(1 for _ in made()) > 40


def test_every_refusal_fills_exactly_its_blanks() -> None:
    """What is worded differently in the two languages comes as two values, one for each."""
    wrong = {}
    for where, call in made():
        given = {keyword.arg for keyword in call.keywords}
        if None in given:  # values handed through: the refusals of files are tried one by one
            continue
        for key in keys_of(where, call):
            asked = set().union(*(blanks(template) for template in catalogue()[key]))
            if given != asked:
                wrong[where] = given ^ asked
    assert wrong == {}


def test_every_sentence_is_used() -> None:
    said_somewhere = set().union(*(strings(path) for path, _ in sources() if path != "config/texts/input.py"))
    assert set(TEXTS) - said_somewhere == set()


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_are_sentences_of_their_own(key: str) -> None:
    ko, en = TEXTS[key]
    assert ko != en
    assert HANGUL.search(ko) and not HANGUL.search(en)
    assert ko.count("{") == en.count("{") and blanks(ko) == blanks(en)


def test_who_catches_one_does_not_write_it_in_english_only() -> None:
    """`str(error)`, f"{error}" and print(error) of a BadInput are one language; `.text(lang)` is the user's."""
    wrong = []
    for path, tree in sources():
        for handler in (node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)):
            if handler.name is None or "BadInput" not in named(handler.type):
                continue
            for node in (one for part in handler.body for one in ast.walk(part)):
                if isinstance(node, ast.FormattedValue):
                    shown: list[ast.expr] = [node.value]
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    shown = [*node.args, *(k.value for k in node.keywords)] if node.func.id in SAYING else []
                else:
                    continue
                if any(isinstance(one, ast.Name) and one.id == handler.name for one in shown):
                    wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


SAYING = ("str", "repr", "print", "text", "_say")


# -- what one says -----------------------------------------------------------------------------------------------------


def test_it_speaks_both_languages_and_is_english_as_a_string() -> None:
    error = BadInput("input.no_number", path=Path("/a b/c.csv"), row=7, column="close", given="'x'")
    assert str(error) == error.text("en") == "/a b/c.csv: row 7: close is 'x', not a number"
    assert error.text("ko").startswith("/a b/c.csv: 행 7: close ")
    assert (error.key, error.values["row"]) == ("input.no_number", 7)


def test_braces_of_a_user_are_no_blanks() -> None:
    error = BadInput("input.date", date="{date} {0} {")
    assert "{date} {0} {" in error.text("ko")
    assert str(error) == "--date {date} {0} {: write it as YYYY-MM-DD"


@pytest.mark.parametrize("way", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_it_survives_a_journey(way: object) -> None:
    error = BadInput("input.no_time", path=Path("x.csv"), row=3)
    again = way(error)  # type: ignore[operator]
    assert type(again) is BadInput
    assert (again.key, again.values) == (error.key, error.values)
    assert [again.text("ko"), again.text("en"), str(again)] == [error.text("ko"), error.text("en"), str(error)]


def test_it_comes_home_from_a_worker_process() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(BadInput) as caught:
        pool.apply(timeframe_ms, ("7m",))
    assert "'7m'" in caught.value.text("ko") and caught.value.key == "input.timeframe"


class Bare(Strategy):
    """A strategy without parameters."""

    name = "bare"


@pytest.mark.parametrize(
    ("strategy", "params", "key"),
    [
        ("breakout", {"kk": 1}, "input.parameter_near"),
        ("breakout", {"zzzzzz": 1}, "input.parameter"),
        (None, {"k": 1}, "input.parameter_none"),
        ("breakout", {"k": "much"}, "input.parameter_number"),
        ("breakout", {"k": 1e9}, "input.parameter_range"),
        ("macd", {"golden_cross": "perhaps"}, "input.parameter_truth"),
    ],
)
def test_a_wrong_parameter_has_its_own_sentence(strategy: str | None, params: dict[str, object], key: str) -> None:
    with pytest.raises(BadInput) as caught:
        build(Bare if strategy is None else strategies.find(strategy), params)
    assert caught.value.key == key
    assert next(iter(params)) in caught.value.text("ko")


@pytest.mark.parametrize(("name", "key"), [("braekout", "input.strategy_near"), ("ㅋ", "input.strategy")])
def test_an_unknown_strategy_with_and_without_a_near_one(name: str, key: str) -> None:
    with pytest.raises(BadInput) as caught:
        strategies.find(name)
    assert caught.value.key == key
    assert "breakout" in caught.value.text("ko") and "breakout" in caught.value.text("en")


def test_an_outcome_carries_the_reason_in_both_languages() -> None:
    done = said("refused", "steering.not_adopted", why=BadInput("input.nothing_to_adopt", symbol="BTC/KRW"))
    assert done.detail_en == "Not adopted: BTC/KRW: no free foreign holding to adopt"
    assert "외부 보유분이 없습니다" in done.detail_ko and "foreign" not in done.detail_ko
