"""Every text that the pages ask for is in the catalogue, in both languages, with the same places to fill."""

from __future__ import annotations

import ast
import string
from pathlib import Path

from config.texts.dashboard import TEXTS
from trading.core.gates import GATES
from trading.core.levels import REASONS
from ui.page import TABS
from ui.voice import Voice

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "dashboard.py", *sorted((ROOT / "ui").rglob("*.py"))]


def asked() -> set[str]:
    """Keys that are written out in calls of `say`."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say"):
                continue
            for one in ast.walk(node.args[0]):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and not _in_f_string(node.args[0]):
                    found.add(one.value)
    return found


def _in_f_string(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr)


def test_every_key_is_there() -> None:
    missing = [key for key in asked() if f"dashboard.{key}" not in TEXTS and "." in key]
    assert not missing


def test_keys_made_of_names_are_there() -> None:
    names = [f"tab.{name}" for name in (*TABS, "header", "notices", "curve", "dialog")]
    names += [f"life.{one}" for one in ("dead", "unknown", "absent", "stopped")]
    names += [f"status.{one}" for one in ("warming_up", "running", "paused", "halted", "stopping", "stopped")]
    names += [f"mode.{one}" for one in ("demo", "paper", "testnet", "live")]
    names += [f"action.{one}" for one in ("BUY", "SELL", "HOLD", "WAIT")]
    names += [f"guard.{one}" for one in ("bot", "oco", "venue_stop", "none")]
    kinds = ("dead", "missing", "torn", "newer", "older", "unreadable")
    names += [f"banner.{one}{end}" for one in kinds for end in ("", ".do")]
    names += [
        f"control.{one}{end}" for one in ("pause", "resume", "strategy", "liquidate", "stop") for end in ("", ".help")
    ]
    names += [f"curve.{one}" for one in ("hour", "day", "week", "month", "all")]
    assert [name for name in names if f"dashboard.{name}" not in TEXTS] == []


def test_gates_and_reasons_have_words() -> None:
    names = [("gate", name) for name, _ in GATES] + [("reason", name) for name in REASONS.values()]
    for voice in (Voice("ko"), Voice("en")):
        assert [name for group, name in names if voice.term(group, name) == name] == []


def test_both_languages_fill_the_same_places() -> None:
    for key, (ko, en) in TEXTS.items():
        places = [{name for _, name, _, _ in string.Formatter().parse(one) if name} for one in (ko, en)]
        assert places[0] == places[1], key
        assert ko.strip()
        assert en.strip()


def test_no_korean_stands_in_the_pages_themselves() -> None:
    allowed = {"해태 Haetae", "한국어", "긴급청산", "초", "원"}
    for path in SOURCES:
        if path.name in ("figures.py", "log_tail.py"):
            continue  # units of numbers; words that are looked for in the log
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in allowed:
                assert not any("가" <= letter <= "힣" for letter in node.value), (path.name, node.value)
