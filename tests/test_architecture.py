"""The arrows of the house, walked over every import (lazy ones too), and its habits."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("config", "trading", "exchanges", "models", "ui", "remote")
ROOTS = ("main.py", "dashboard.py", "run_backtest.py")

#: Area -> areas it may import beside itself. The longest prefix names a module's area; "trading" is its top level.
ARROWS: dict[str, set[str]] = {
    "config": set(),
    "trading.core": {"config"},
    "trading.strategies": {"trading.core"},
    "trading": {"config", "trading.core", "trading.strategies"},
    "trading.ipc": {"config", "trading.core"},
    "trading.live": {"config", "trading.core", "trading.strategies", "trading", "trading.ipc"},
    "trading.backtest": {"config", "trading.core", "trading.strategies", "trading"},
    "exchanges": {"config", "trading.core"},
    "exchanges.simulator": {"config", "trading.core"},
    "models": {"config", "trading.core", "trading.strategies", "trading", "trading.backtest"},
    "ui": {"config", "trading.ipc", "trading.strategies", "trading.core.indicators"},
    "remote": {"config", "trading.ipc", "trading.strategies"},
    "dashboard": {"config", "ui", "trading.ipc"},
    "run_backtest": {
        "config",
        "trading.core",
        "trading.strategies",
        "trading",
        "trading.backtest",
        "exchanges.simulator",
    },
    "main": {
        "config",
        "trading.core",
        "trading.strategies",
        "trading",
        "trading.ipc",
        "trading.live",
        "trading.backtest",
        "exchanges",
        "models",
    },
}
DATA = {"config/knobs.py", "config/presets.py"}
HEAVY = ("pandas", "pyarrow", "numba", "tensorflow", "streamlit", "polars", "sklearn", "keras", "dask")


def sources(root: Path) -> list[Path]:
    """All files of the program, tests apart."""
    files = [root / name for name in ROOTS if (root / name).exists()]
    for package in OURS:
        files += sorted((root / package).rglob("*.py"))
    return files


def module_of(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def for_types_only(path: Path) -> set[int]:
    """Lines that only a type checker executes."""
    return {
        line
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def imported(root: Path, path: Path) -> Iterator[tuple[str, int]]:
    """(module, line) of every import, at the top or inside a function."""
    known = {module_of(root, source) for source in sources(root)}
    here = module_of(root, path)
    package = here if path.name == "__init__.py" else here.rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                start = ".".join([*above, start]) if start else ".".join(above)
            for alias in node.names:
                inner = f"{start}.{alias.name}"
                yield (inner if inner in known else start), node.lineno
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called.endswith(("import_module", "__import__")) and isinstance(node.args[0].value, str):
                yield node.args[0].value, node.lineno


def area_of(module: str) -> str | None:
    """The longest area that holds `module`; None for what is not ours."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (area := ".".join(parts[:length])) in ARROWS:
            return area
    return None


def allowed(source: str, target: str) -> bool:
    area, other = area_of(source), area_of(target)
    if area is None or other is None or area == other:
        return True
    if any(target == name or target.startswith(f"{name}.") for name in ARROWS[area] if name not in ARROWS):
        return True
    if other == "trading" and target == "trading":
        return True  # the package's own name, no module of it
    return other in ARROWS[area]


def upward(root: Path) -> list[str]:
    """Every import against the arrows: "file:line imports module"."""
    return [
        f"{path.relative_to(root)}:{line} imports {target}"
        for path in sources(root)
        for target, line in imported(root, path)
        if target.split(".")[0] in {*OURS, *(name.removesuffix(".py") for name in ROOTS), "tests"}
        and (target.startswith("tests") or not allowed(module_of(root, path), target))
    ]


def test_imports_follow_the_arrows() -> None:
    assert upward(ROOT) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("trading/core/bad.py", "def f():\n    from exchanges.upbit import client\n"),
        ("trading/core/bad.py", "import trading.strategies.macd\n"),
        ("trading/core/bad.py", "from trading import execution\n"),
        ("trading/strategies/bad.py", "from config.values import Knobs\n"),
        ("trading/ipc/bad.py", "from ..live import ledger\n"),
        ("trading/trader.py", "from trading.backtest import replay\n"),
        ("trading/live/bad.py", "from importlib import import_module\nimport_module('models.lstm')\n"),
        ("config/bad.py", "if True:\n    import trading.core.candles\n"),
        ("ui/bad.py", "from trading.core import candles\n"),
        ("exchanges/simulator/bad.py", "from exchanges.upbit import client\n"),
        ("dashboard.py", "from exchanges.upbit import client\n"),
        ("exchanges/upbit/bad.py", "from tests.shared_data import shared\n"),
    ],
)
def test_a_planted_upward_import_is_caught(tmp_path: Path, file: str, line: str) -> None:
    for name in ("trading/execution", "trading/live/ledger", "trading/core/candles", "exchanges/upbit/client"):
        name += ".py"
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert upward(tmp_path) == []
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(line)
    assert len(upward(tmp_path)) == 1


def test_the_dashboard_may_use_indicators() -> None:
    assert allowed("ui.screens.chart", "trading.core.indicators")
    assert not allowed("ui.screens.chart", "trading.core.gates")


def test_areas_form_no_circle() -> None:
    TopologicalSorter({area: targets & ARROWS.keys() for area, targets in ARROWS.items()}).prepare()


def test_modules_import_each_other_in_one_direction() -> None:
    graph: dict[str, set[str]] = {}
    known = {module_of(ROOT, path) for path in sources(ROOT)}
    for path in sources(ROOT):
        here = module_of(ROOT, path)
        skipped = for_types_only(path)
        graph[here] = {
            target
            for target, line in imported(ROOT, path)
            if target in known and target != here and line not in skipped
        }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(f"these import each other: {' -> '.join(circle.args[1])}")


PURE = [path for path in sources(ROOT) if module_of(ROOT, path).startswith(("trading.core", "trading.strategies"))]
IMPURE = {
    "asyncio",
    "http",
    "httpx",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "requests",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "aiohttp",
    "ccxt",
    "sqlalchemy",
    "pandas",
}
WALL = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of every call."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def wall_calls(path: Path) -> list[int]:
    """Lines that read a wall clock."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in ("time", "time_ns")
    }
    ends = tuple(f".{name}" for name in WALL)
    return [line for name, line in calls(path) if name in names or f".{name}".endswith(ends)]


@pytest.mark.parametrize("path", PURE, ids=lambda path: module_of(ROOT, path))
def test_the_core_is_pure(path: Path) -> None:
    targets = {target.split(".")[0] for target, _ in imported(ROOT, path)}
    assert not targets & IMPURE
    assert wall_calls(path) == []
    made = {name for name, _ in calls(path)}
    assert not made & {"open", "input", "print", "exec", "eval"}
    assert not [name for name in made if name.startswith(("np.random", "numpy.random"))]


def test_only_clocks_read_the_wall_clock() -> None:
    """Everything else is given its time by a composition root: only then can demo, replay and tests set it."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources(ROOT)
        if path.stem != "clock" and path.name not in ROOTS
        for line in wall_calls(path)
    ]
    assert found == []


def test_chance_has_a_seed() -> None:
    found = []
    for path in sources(ROOT):
        for name, line in calls(path):
            drawn = name.startswith("random.") and not name.startswith(("random.Random", "random.SystemRandom"))
            numpy = name.startswith(("np.random.", "numpy.random.")) and not name.endswith(("default_rng", "Generator"))
            if drawn or numpy:
                found.append(f"{path.relative_to(ROOT)}:{line} {name}")
    assert found == []


def is_table(path: Path) -> bool:
    """Pure data: texts, knobs, presets, and files called tables."""
    name = path.relative_to(ROOT).as_posix()
    return name.startswith("config/texts/") or name in DATA or path.stem == "tables"


def test_no_file_where_everything_meets() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in sources(ROOT)
        if not is_table(path) and (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_function_over_50_lines() -> None:
    long = {}
    for path in sources(ROOT):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = (node.end_lineno or node.lineno) - node.lineno + 1
                if count > 50:
                    long[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = count
    assert long == {}


def test_tables_hold_no_logic() -> None:
    """The exemption is for data: a table may not grow functions worth a file of their own."""
    for path in sources(ROOT):
        if is_table(path) and len(path.read_text(encoding="utf-8").splitlines()) > 400:
            bodies = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
            assert not bodies, path


def test_files_are_named_after_what_they_hold() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    for path in sources(ROOT):
        for part in path.relative_to(ROOT).with_suffix("").parts:
            assert not set(part.split("_")) & vague, path


def test_every_module_says_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in sources(ROOT)
        if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_public_names_have_docstrings() -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources(ROOT)
        for node in tree(path).body
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def loaded_by(modules: list[str]) -> set[str]:
    """Top-level packages that a fresh process holds after importing `modules`."""
    seen = "print(*{name.split('.')[0] for name in sys.modules})"
    program = f"import sys, {', '.join(modules)}\n{seen}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_bot_process_stays_light() -> None:
    """`main.py` and all it may load: nothing of research, models or screens."""
    modules = [
        module_of(ROOT, path)
        for path in sources(ROOT)
        if module_of(ROOT, path).startswith(("trading.live", "trading.ipc", "trading.strategies", "exchanges.upbit"))
    ]
    modules += ["trading.trader", "trading.execution", *(["main"] if (ROOT / "main.py").exists() else [])]
    assert loaded_by(modules) & set(HEAVY) == set()


def test_the_dashboard_never_loads_an_exchange() -> None:
    modules = [module_of(ROOT, path) for path in sources(ROOT) if module_of(ROOT, path).startswith("ui")]
    assert loaded_by(modules) & {"ccxt", "exchanges", "sqlalchemy", "numba", "tensorflow"} == set()
