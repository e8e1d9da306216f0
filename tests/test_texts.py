"""The catalogue of texts: both languages, the same blanks, and every key that the program asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from config.texts import catalogue, text
from tests.trading.strategies.markets import generated
from trading import strategies
from trading.core.strategy import Inputs, parameters

ROOT = Path(__file__).resolve().parents[1]
TABLES = [path for path in sorted((ROOT / "config" / "texts").glob("*.py")) if path.stem != "__init__"]
HANGUL = re.compile(r"[가-힣]")


def blanks(template: str) -> set[str]:
    """Names of the placeholders; raises ValueError where the template is broken."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name is not None}


def shared_blanks(template: str) -> set[str]:
    """Blanks without the language some end in: a sentence inside a sentence comes in both."""
    return {re.sub("_(ko|en)$", "", name) for name in blanks(template)}


def sources() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        top = path.relative_to(ROOT).parts[0]
        if top in ("config", "trading", "exchanges", "models", "ui", "remote") or path.parent == ROOT:
            yield path


def asked() -> Iterator[tuple[str, str, set[str] | None]]:
    """(where, key, names of the values given or None with ** in it) of every literal `text("key", ...)`."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Name | ast.Attribute):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            key = node.args[0]
            if called == "text" and isinstance(key, ast.Constant) and isinstance(key.value, str) and "." in key.value:
                names = {keyword.arg for keyword in node.keywords}
                given = None if None in names else {name for name in names if name}
                yield f"{path.relative_to(ROOT)}:{node.lineno}", key.value, given


def test_both_languages_say_something() -> None:
    for key, (ko, en) in catalogue().items():
        assert ko.strip(), key
        assert en.strip(), key


def test_both_languages_have_the_same_blanks() -> None:
    for key, (ko, en) in catalogue().items():
        assert shared_blanks(ko) == shared_blanks(en), key
        assert not any(name.isdigit() or not name for name in blanks(ko)), f"{key}: blanks need names"


def test_korean_is_korean_and_english_is_not() -> None:
    for key, (ko, en) in catalogue().items():
        assert not HANGUL.search(en), key
        words = re.sub(r"\{[^}]*\}", "", ko)
        assert HANGUL.search(ko) or not re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", words), f"{key}: {ko}"


def test_an_area_lives_in_one_file() -> None:
    homes: dict[str, set[str]] = {}
    for path in TABLES:
        table: dict[str, tuple[str, str]] = import_module(f"config.texts.{path.stem}").TEXTS
        assert table, path
        for key in table:
            assert re.fullmatch(r"[a-z_]+(\.[A-Za-z0-9_:]+)+", key), key
            homes.setdefault(key.split(".")[0], set()).add(path.stem)
    assert {area: files for area, files in homes.items() if len(files) > 1} == {}


def test_every_literal_key_exists() -> None:
    missing = [f"{where} {key}" for where, key, _ in asked() if key not in catalogue()]
    assert missing == []


def test_every_blank_is_filled() -> None:
    wrong = [
        f"{where} {key}: {blanks(catalogue()[key][1]) - given}"
        for where, key, given in asked()
        if given is not None and key in catalogue() and blanks(catalogue()[key][1]) - given
    ]
    assert wrong == []


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("status.nothing_of_the_kind", "ko")


def test_the_scan_sees_keys() -> None:
    assert sum(1 for _ in asked()) > 10


@pytest.mark.parametrize("name", strategies.names())
def test_every_strategy_parameter_is_described(name: str) -> None:
    """The menu, the forms and the documentation show these."""
    missing = [known for known in parameters(strategies.find(name)) if f"param.{name}.{known}" not in catalogue()]
    assert missing == []


@pytest.mark.parametrize("name", strategies.names())
def test_what_a_strategy_looks_at_has_words(name: str) -> None:
    """The dashboard and the log name the conditions and numbers of a decision."""
    switches = {known: True for known, spec in parameters(strategies.find(name)).items() if spec.default is False}
    rows = strategies.create(name, switches).rows(generated(1, 300), Inputs())
    keys = [f"condition.{one}" for one in rows.conditions] + [f"number.{one}" for one in rows.numbers]
    assert keys
    assert [key for key in keys if key not in catalogue()] == []
