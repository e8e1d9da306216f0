"""What a walk forward looks like: a table of its windows for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from config.texts import text
from trading.backtest.drawdown import falls
from trading.backtest.grid import Grid, Values, shown
from trading.backtest.moments import kst
from trading.backtest.report import Heading
from trading.backtest.sweep_report import percent
from trading.backtest.walk_forward import Step, WalkForward, stability
from trading.backtest.whole_file import write_whole


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """A walk that chose from `grid` (`tried` combinations a window), and the same walk with the values left alone."""

    grid: Grid
    tried: int
    tuned: WalkForward[Values]
    unchanged: WalkForward[Values]

    @property
    def max_drawdown(self) -> float:
        """Deepest fall of the stitched equity, as a fraction."""
        return float(falls(self.tuned.equity, self.tuned.capital).max())


def show(console: Console, walked: Walked, heading: Heading) -> None:
    """Prints the windows, then decay, comparison and how the values moved."""
    lang, tuned = heading.lang, walked.tuned
    title = text(
        "walk_forward.title",
        lang,
        strategy=heading.strategy,
        symbols=", ".join(heading.names.values()),
        timeframe=heading.timeframe,
        start=kst(tuned.steps[0].window.train.start_ms),
        end=kst(tuned.steps[-1].window.test.end_ms),
    )
    console.print(title, style="bold", markup=False)
    console.print(_table(walked, lang))
    for line in _words(walked, lang):
        console.print(line, markup=False)


def _table(walked: Walked, lang: str) -> Table:
    table = Table()
    names = [axis.name for axis in walked.grid.axes]
    before, after = (
        [text(f"walk_forward.{name}", lang) for name in figures]
        for figures in (("train", "test"), ("past", "ahead", "trades"))
    )
    for name in (*before, *names, *after):
        table.add_column(name, justify="right", overflow="fold")
    for step in walked.tuned.steps:
        table.add_row(
            kst(step.window.train.start_ms),
            kst(step.window.test.start_ms),
            *map(shown, step.choice),
            percent(step.past.net_return),
            percent(step.ahead.net_return),
            f"{step.ahead.trades:,}",
        )
    return table


def _words(walked: Walked, lang: str) -> Iterator[str]:
    tuned = walked.tuned
    yield text("walk_forward.tried", lang, windows=len(tuned.steps), tried=walked.tried)
    yield text(
        "walk_forward.total",
        lang,
        net=percent(tuned.net_return),
        trades=f"{len(tuned.trades):,}",
        drawdown=f"{walked.max_drawdown:.2%}",
        unchanged=percent(walked.unchanged.net_return),
    )
    rates = {"past": f"{tuned.past_per_day:+.3%}", "ahead": f"{tuned.ahead_per_day:+.3%}"}
    if tuned.decay is None:
        yield text("walk_forward.no_decay", lang, **rates)
    else:
        yield text("walk_forward.decay", lang, **rates, decay=f"{tuned.decay:.0%}")
    for line in stability(walked.grid.axes, [step.choice for step in tuned.steps]):
        yield text(
            "walk_forward.stability",
            lang,
            name=line.name,
            changes=line.changes,
            steps=line.steps,
            move=line.mean_move,
            values=line.values,
        )


def write_json(path: Path, walked: Walked) -> None:
    """Windows, totals and stability; ratios and returns are fractions, times ms UTC."""
    grid, tuned = walked.grid, walked.tuned

    def row(step: Step[Values]) -> dict[str, object]:
        return {
            "train": step.window.train._asdict(),
            "test": step.window.test._asdict(),
            "values": grid.named(step.choice),
            "in_sample": asdict(step.past),
            "out_of_sample": asdict(step.ahead),
        }

    document = {
        "strategy": grid.rule.strategy.name,
        "tried": walked.tried,
        "net_return": tuned.net_return,
        "unchanged_return": walked.unchanged.net_return,
        "max_drawdown": walked.max_drawdown,
        "trades": len(tuned.trades),
        "in_sample_per_day": tuned.past_per_day,
        "out_of_sample_per_day": tuned.ahead_per_day,
        "decay": tuned.decay,
        "stability": [asdict(line) for line in stability(grid.axes, [step.choice for step in tuned.steps])],
        "windows": [row(step) for step in tuned.steps],
    }
    write_whole(path, json.dumps(document, indent=1, allow_nan=False) + "\n")
