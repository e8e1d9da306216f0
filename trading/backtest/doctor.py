"""Examines a strategy and its settings before they meet money: `run_backtest.py doctor`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from config.texts import text
from trading.backtest.doctor_exits import examine_exits
from trading.backtest.doctor_finding import LEVELS, Finding, found
from trading.backtest.doctor_rows import examine_rows
from trading.backtest.doctor_trades import examine_trades
from trading.backtest.engine import backtest
from trading.backtest.inputs import Subject
from trading.backtest.series import prepare
from trading.backtest.whole_file import write_whole

_STYLES: Final = {"fault": "bold red", "warning": "yellow", "ok": "green"}


def examine(subject: Subject) -> list[Finding]:
    """All findings, the worst first. A strategy that fails is a finding, not an error. subject: with series."""
    try:
        prepared = prepare(subject.series, subject.rule)
        findings = list(examine_rows(prepared))
    except Exception as error:  # noqa: BLE001 - the strategy is the user's: what it raises is what is wrong with it
        why = f"{type(error).__name__}: {error}"
        return [found("fault", "strategy.failed", strategy=subject.rule.strategy.name, why=why)]
    result = backtest(prepared, subject.knobs, subject.cash, exact=True)
    findings += examine_trades(prepared, subject.knobs, subject.cash, result)
    findings += examine_exits(prepared, subject.knobs, result)
    return sorted(findings, key=lambda one: LEVELS.index(one.level))


def healthy(findings: Sequence[Finding]) -> bool:
    """No fault among them."""
    return all(one.level != "fault" for one in findings)


def show_findings(console: Console, findings: Sequence[Finding], strategy: str, lang: str) -> None:
    """One line per finding, then the verdict."""
    console.print(text("doctor.title", lang, strategy=strategy), markup=False)
    for one in findings:
        mark = Text(f"[{text(f'doctor.level.{one.level}', lang)}] ", _STYLES[one.level])
        console.print(mark.append(one.text(lang), ""))
    counts = {level: sum(one.level == level for one in findings) for level in LEVELS}
    verdict = "doctor.well" if healthy(findings) else "doctor.ill"
    console.print(text(verdict, lang, faults=counts["fault"], warnings=counts["warning"], ok=counts["ok"]))


def write_findings(path: Path, findings: Sequence[Finding], strategy: str) -> None:
    """The findings as one JSON object, their sentences in both languages. Raises OSError."""
    rows = [
        {"level": one.level, "check": one.check, "key": one.key, "values": one.values}
        | {lang: one.text(lang) for lang in ("ko", "en")}
        for one in findings
    ]
    whole = {"strategy": strategy, "healthy": healthy(findings), "findings": rows}
    write_whole(path, json.dumps(whole, indent=1, ensure_ascii=False, default=str) + "\n")
