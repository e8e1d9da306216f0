"""Checks a data folder against docs/schemas; for every test that lets a bot write one."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from trading.ipc.files import read_json, read_lines

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "schemas"


@cache
def validator(name: str) -> Draft202012Validator:
    """The validator of docs/schemas/<name>.json."""
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check_folder(data_dir: Path) -> set[str]:
    """Asserts that every contract file in `data_dir` is whole and fits its schema; returns the names it found."""
    seen: set[str] = set()
    for path in sorted(data_dir.glob("*.json")):
        name = "portfolio" if path.stem.endswith("_portfolio") else path.stem
        name = "command" if name.startswith("command.claimed-") else name
        read = read_json(path)
        assert read.problem is None, f"{path.name}: {read.problem} {read.detail}"
        validator(name).validate(read.value)
        seen.add(path.name)
    for path in sorted((data_dir / "summaries").glob("*.json")):
        validator("summary").validate(read_json(path).value)
        seen.add(f"summaries/{path.name}")
    for path in sorted((data_dir / "history").rglob("*.jsonl")):
        lines = read_lines(path)
        assert not lines.faulty, path
        for row in lines.rows:
            validator(f"history_{path.name.partition('-')[0]}").validate(row)
        seen.add(path.name)
    return seen
