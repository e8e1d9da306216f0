"""The dashboard sees files only: what it may import, and what its server's settings promise."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = {"trading", "exchanges", "models", "config", "ui", "remote", "main", "run_backtest"}
ALLOWED = ("trading.ipc", "trading.strategies", "trading.core.indicators", "config", "ui")


def imported(path: Path) -> set[str]:
    """Full names of our modules that `path` imports, lazily too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{one.name}" for one in node.names}
    return {name for name in found if name.split(".")[0] in OURS}


def test_only_files_presets_and_strategies_are_imported() -> None:
    for path in (ROOT / "dashboard.py", *(ROOT / "ui").rglob("*.py")):
        for name in imported(path):
            assert name.startswith(ALLOWED), (path.name, name)
            assert not name.startswith(("config.secrets", "config.settings", "config.dotenv")), (path.name, name)


def test_views_know_no_screen_library() -> None:
    for path in [*(ROOT / "ui" / "view").glob("*.py"), ROOT / "ui" / "figures.py", ROOT / "ui" / "markup.py"]:
        assert "streamlit" not in path.read_text("utf-8"), path.name


def test_the_server_listens_here_only_and_tells_nobody() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
    assert settings["server"]["enableAgentApi"] is False
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
    assert (settings["theme"]["redColor"], settings["theme"]["greenColor"]) == ("#c84a31", "#1261c4")
