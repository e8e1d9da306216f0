"""`config` stands at the bottom and starts fast."""

from __future__ import annotations

import ast
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

import config
from config.texts import catalogue

FOLDER = Path(config.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_it_imports_nothing_of_ours_and_little_else(path: Path) -> None:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert found <= {"config", "dotenv", *sys.stdlib_module_names}


def test_loading_the_settings_loads_no_heavy_library() -> None:
    heavy = "pandas", "numpy", "pydantic", "sqlalchemy", "ccxt", "asyncio", "streamlit"
    code = f"import sys, config.settings; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=FOLDER.parent, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_both_languages_take_the_same_values() -> None:
    for key, (ko, en) in catalogue().items():
        if key.startswith(("knob.", "preset.", "template.", "settings.error_", "settings.explain", "settings.warning")):
            fields = [{name for _, name, _, _ in string.Formatter().parse(side) if name} for side in (ko, en)]
            assert fields[0] == fields[1], key


def test_every_reason_for_an_error_has_its_sentence() -> None:
    reasons = {
        reason
        for path in MODULES
        for reason in re.findall(r'(?:SettingError|NotWhileRunning)\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(reasons) > 15
    assert {f"settings.error_{reason}" for reason in reasons} == {
        key for key in catalogue() if key.startswith("settings.error_")
    }
