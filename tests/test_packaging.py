"""What a newcomer meets first: make, the READMEs, the lists of libraries, units and hooks say the same and work."""

from __future__ import annotations

import argparse
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import dashboard
import main
import run_backtest
from deploy import demo
from trading.ipc import commands

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.ko.md")
TARGETS = ("setup", "demo", "run", "dashboard", "status", "stop", "logs", "bench", "test", "check")
FIVE_FILES = (
    "main.py",
    "trading/live/bot.py",
    "trading/trader.py",
    "trading/core/decision.py",
    "trading/strategies/breakout.py",
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(name: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in read(name).splitlines())
    return [Requirement(line) for line in lines if line]


ASKED = requirements("requirements.txt") + requirements("requirements-dev.txt")
TESTED = {canonicalize_name(one.name): str(one.specifier) for one in requirements("constraints.txt")}


# -- make -------------------------------------------------------------------------------------------------------------

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*words: str, where: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", *words], cwd=where, env=environ, capture_output=True, text=True, timeout=60)


@needs_make
@pytest.mark.parametrize("target", TARGETS)
def test_make_knows(target: str) -> None:
    planned = make("--dry-run", target)
    assert planned.returncode == 0, planned.stderr
    assert f"make {target}" in make().stdout


@needs_make
def test_make_says_which_python_it_needs(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    found = {name: shutil.which(name) for name in ("make", "sh", "touch", "awk")}
    for name, path in found.items():
        assert path, name
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(path)
    old = tmp_path / "bin" / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")  # any Python under 3.11 answers the question so
    old.chmod(0o755)
    refused = subprocess.run(
        ["make", "setup"], cwd=tmp_path, env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, timeout=60
    )
    assert refused.returncode != 0
    assert "Python 3.11" in refused.stderr
    assert "파이썬 3.11" in refused.stderr
    assert not (tmp_path / ".venv").exists()


# -- libraries --------------------------------------------------------------------------------------------------------


def test_every_requirement_has_a_lowest_and_a_tested_version() -> None:
    for one in ASKED:
        assert ">=" in str(one.specifier), one
        tested = TESTED[canonicalize_name(one.name)]
        assert tested.startswith("=="), one
        assert one.specifier.contains(tested.removeprefix("==")), f"{one} was tested with {tested}"


def test_what_requirements_pull_in_is_tested_too() -> None:
    todo, seen = list(ASKED), set()
    while todo:
        one = todo.pop()
        if (key := (canonicalize_name(one.name), *sorted(one.extras))) in seen:
            continue
        seen.add(key)
        try:
            needed = distribution(one.name).requires or []
        except PackageNotFoundError:
            pytest.fail(f"{one.name} is not installed; run make setup-dev")
        for text in needed:
            other = Requirement(text)
            if other.marker is None or any(other.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
                todo.append(other)
    assert {key[0] for key in seen} - TESTED.keys() == set()


def test_the_package_takes_the_same_lists() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    assert set(project["project"]["dynamic"]) == {"dependencies", "optional-dependencies"}
    dynamic = project["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"]["file"] == ["requirements.txt"]
    assert dynamic["optional-dependencies"]["test"]["file"] == ["requirements-dev.txt"]
    assert project["project"]["version"] == main.VERSION
    assert f"## {main.VERSION}" in read("CHANGELOG.md")
    assert "MIT License" in read("LICENSE")


# -- READMEs ----------------------------------------------------------------------------------------------------------


def code_lines(name: str) -> list[str]:
    """Lines of the shell code blocks, and code inside of sentences and tables that is a command."""
    lines, block = [], None
    for line in read(name).splitlines():
        if line.strip().startswith("```"):
            block = line.strip()[3:] if block is None else None
        elif block in ("", "sh") and line.strip():
            lines.append(line.strip())
    inline = re.findall(r"`((?:python|make) [^`]+)`", read(name))
    return lines + inline


def commands_of(name: str) -> list[str]:
    return [re.sub(r"^\.venv\S+python(?: |$)", "python ", line.replace("\\", "/")) for line in code_lines(name)]


PARSERS: dict[str, argparse.ArgumentParser] = {
    "main.py": main.parser(),
    "run_backtest.py": run_backtest.parser(),
    "dashboard.py": dashboard.options(),
    "deploy.demo": demo.parser(),
}


@pytest.mark.parametrize("name", READMES)
def test_the_two_commands_come_first(name: str) -> None:
    assert code_lines(name)[:2] == ["make setup", "make demo"]


@pytest.mark.parametrize("name", READMES)
def test_commands_are_understood(name: str) -> None:
    understood = 0
    for line in commands_of(name):
        python, *words = shlex.split(line)
        if python == "make":
            assert words[0] in TARGETS, line
        if python != "python" or words[:2] in (["-m", "pip"], ["-m", "dask"], ["-m", "tests.bench"]):
            continue
        program, *options = words[1:] if words[0] == "-m" else words
        given = PARSERS[program].parse_args(options)
        if getattr(given, "verb", None) == "cmd":
            pairs = dict(pair.split("=", 1) for pair in given.args)
            checked = commands.check(given.kind, commands.as_arguments(pairs))
            assert not isinstance(checked, commands.Refusal), f"{line}: {checked.text('en')}"
        understood += 1
    assert understood > 20


def test_both_readmes_show_the_same_commands() -> None:
    english, korean = (set(commands_of(name)) for name in READMES)
    assert english == korean


@pytest.mark.parametrize("name", READMES)
def test_what_a_readme_points_to_is_there(name: str) -> None:
    said = read(name)
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", said) if "://" not in target]
    assert [target for target in targets if not target.startswith("#") and not (ROOT / target).exists()] == []
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", said, re.M)
    }
    assert [target for target in targets if target.startswith("#") and target[1:] not in anchors] == []
    places = [said.index(f"]({file})") for file in FIVE_FILES]
    assert places == sorted(places)
    assert "docs/dashboard.png" in targets


def test_the_picture_is_one() -> None:
    picture = (ROOT / "docs" / "dashboard.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert 20_000 < len(picture) < 300_000


# -- units, hooks, CI -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["haetae.service", "haetae-dashboard.service"])
def test_units(name: str) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(read(f"deploy/{name}"))
    service = unit["Service"]
    python, program, *options = service["ExecStart"].split()
    assert python == "%h/haetae/.venv/bin/python"
    assert service["WorkingDirectory"] == "%h/haetae"
    PARSERS[program].parse_args(options)
    assert service["Restart"] == "on-failure"
    assert {"2", "3", "4"} <= set(service["RestartPreventExitStatus"].split())
    assert unit["Install"]["WantedBy"] == "default.target"
    paths = re.findall(r"(?<![\w.%])/\w[\w/.-]*", " ".join(service.values()))
    assert [path for path in paths if not path.startswith("/haetae/")] == []


@needs_make
def test_ci_runs_the_check() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    said = script.read_text(encoding="utf-8")
    assert "set -euo pipefail" in said
    assert said.splitlines()[-1] == "exec make --no-print-directory check </dev/null"
    planned = "\n".join(make("--dry-run", "check").stdout.splitlines())
    assert all(part in planned for part in ("ruff check", "ruff format --check", "mypy", "pytest"))
    if shutil.which("bash"):
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_hooks_fetch_nothing() -> None:
    said = read(".pre-commit-config.yaml")
    assert re.findall(r"repo: (\S+)", said) == ["local"]
    assert set(re.findall(r"language: (\S+)", said)) == {"system"}
    assert all(entry.startswith(".venv/bin/python -m ") for entry in re.findall(r"entry: (.+)", said))


# -- what must not be in the project ----------------------------------------------------------------------------------


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


#: Put together from pieces, so that this file passes its own test.
FORBIDDEN = (
    "/" + "work/",
    "/tmp/" + "haetae",
    "../" + "shared",
    "/opt/" + "wheels",
    "/opt/" + "pypi",
    "extra-" + "index-url",
    "find-" + "links",
    "/root/" + ".pyenv",
)


def test_no_trace_of_the_place_it_was_made_in() -> None:
    found = []
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            said = content.decode("utf-8")
            found += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word in said]
    assert found == []


def test_only_one_file_knows_where_the_recorded_data_lies() -> None:
    word = re.compile(r"""["']shared["']|/shared/""")
    found = {
        path.relative_to(ROOT).as_posix() for path in tracked() if path.suffix == ".py" and word.search(read(str(path)))
    }
    assert found <= {"tests/shared_data.py", "tests/test_packaging.py"}


def test_nothing_private_is_tracked() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in tracked()}
    assert ".env" not in names
    assert {name for name in names if name.startswith(("data/", "logs/"))} <= {"data/.gitkeep", "logs/.gitkeep"}
    assert {name for name in names if name.endswith((".db", ".pyc", ".log", ".jsonl"))} == set()


def test_this_python_is_new_enough() -> None:
    assert sys.version_info >= (3, 11)
