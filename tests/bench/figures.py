"""A figure and its target, the machine they were measured on, and how both are printed."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import psutil
from rich.console import Console
from rich.table import Table

SHOWN_VERSIONS = ("numpy", "TA-Lib", "numba", "SQLAlchemy", "ccxt", "aiohttp", "pydantic")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. target None: only told. least: the value must be at least the target, else below it."""

    name: str
    value: float
    unit: str
    target: float | None = None
    least: bool = False
    note: str = ""

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.least else self.value < self.target


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    found = {}
    for name in SHOWN_VERSIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": found,
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def share(values: Sequence[float], part: float) -> float:
    """The value under which `part` (0..1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def show(here: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Prints machine and figures."""
    console = Console(file=sys.stdout, width=130)
    versions = ", ".join(f"{name} {number}" for name, number in here["versions"].items())
    console.print(
        f"{here['cpu']}, {here['cores']} cores, {here['memory_gb']} GB, load {here['load']}, {here['system']}"
    )
    console.print(f"{here['python']}; {versions}")
    table = Table(box=None)
    for heading in ("figure", "value", "target", "", "note"):
        table.add_column(heading, justify="right" if heading in ("value", "target") else "left")
    for figure in figures:
        sign = ">=" if figure.least else "<"
        target = "" if figure.target is None else f"{sign} {figure.target:,.6g} {figure.unit}"
        verdict = {True: "ok", False: "NOT", None: ""}[figure.ok]
        table.add_row(figure.name, f"{figure.value:,.4g} {figure.unit}", target, verdict, figure.note)
    console.print(table)


def as_json(here: dict[str, Any], figures: Sequence[Figure]) -> dict[str, Any]:
    """The same for a file."""
    rows: list[dict[str, Any]] = [asdict(figure) | {"ok": figure.ok} for figure in figures]
    verdict: Literal["ok", "not"] = "ok" if all(figure.ok is not False for figure in figures) else "not"
    return {"machine": here, "figures": rows, "verdict": verdict}
