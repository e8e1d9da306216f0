"""What a search looks like: a ranked table and a heat map for people, JSON and CSV for machines."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.texts import text
from trading.backtest.grid import shown
from trading.backtest.optimize import Luck, Outcome, Trial
from trading.backtest.report import Heading, kst

_WIDEST, _TALLEST = 24, 40  # cells of a map in a terminal
#: gain, loss
_COLOURS: Final = {
    "korean": ((200, 40, 40), (40, 80, 200)),
    "western": ((20, 140, 60), (200, 40, 40)),
    "colorblind": ((0, 90, 180), (200, 110, 0)),
}


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Net return out of sample over two axes, as a fraction: values[y][x], best over all others; None: not tried."""

    x_name: str
    xs: tuple[str, ...]
    y_name: str
    ys: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]


def heat_map(outcome: Outcome) -> HeatMap | None:
    """The map over the two axes that move the result most (spread of the mean by value); None: no two axes do."""
    axes = outcome.ground.grid.axes
    wide = [place for place, axis in enumerate(axes) if len(axis.values) > 1]
    if len(wide) < 2:
        return None
    ranks = [{value: rank for rank, value in enumerate(axis.values)} for axis in axes]
    at = np.array([[ranks[place][value] for place, value in enumerate(t.values)] for t in outcome.ranked])
    returns = np.array([trial.ahead.net_return for trial in outcome.ranked])
    x, y = sorted(wide, key=lambda place: -_spread(at[:, place], returns))[:2]
    cells = np.full((len(axes[y].values), len(axes[x].values)), -math.inf)
    np.maximum.at(cells, (at[:, y], at[:, x]), returns)
    return HeatMap(
        axes[x].name,
        tuple(map(shown, axes[x].values)),
        axes[y].name,
        tuple(map(shown, axes[y].values)),
        tuple(tuple(cell if cell > -math.inf else None for cell in row) for row in cells.tolist()),
    )


def _spread(
    places: np.ndarray[tuple[int], np.dtype[np.int64]], returns: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> float:
    """Variance of the mean return by value of an axis."""
    counts = np.bincount(places)
    sums = np.bincount(places, returns)
    means = sums[counts > 0] / counts[counts > 0]
    return float(np.var(means))


def show(console: Console, outcome: Outcome, chance: Luck | None, top: int, heading: Heading, palette: str) -> None:
    """Prints the first `top` of the ranking, where the values in force stand, what the number of tries means, a map."""
    past, ahead = outcome.ground.spans
    title = text(
        "optimize.title",
        heading.lang,
        strategy=heading.strategy,
        symbols=", ".join(heading.symbols),
        timeframe=heading.timeframe,
        start=kst(past.start_ms),
        border=kst(ahead.start_ms),
        end=kst(ahead.end_ms),
    )
    console.print(title, style="bold", markup=False)
    console.print(_table(outcome, top, heading.lang))
    for line in _words(outcome, chance, heading.lang):
        console.print(line, markup=False)
    found = heat_map(outcome)
    if found is not None:
        _show_map(console, found, palette, heading.lang)


def _table(outcome: Outcome, top: int, lang: str) -> Table:
    table = Table()
    names = [axis.name for axis in outcome.ground.grid.axes]
    figures = ("ahead", "ahead_trades", "ahead_win_rate", "past", "past_trades")
    for name in (text("optimize.rank", lang), *names, *(text(f"optimize.{figure}", lang) for figure in figures)):
        table.add_column(name, justify="right", overflow="fold")
    current = outcome.current.values
    listed = [(str(rank), trial) for rank, trial in enumerate(outcome.ranked[:top], 1)]
    if all(trial.values != current for _, trial in listed):
        rank = next((r for r, trial in enumerate(outcome.ranked, 1) if trial.values == current), None)
        listed.append((f"{rank or ''}", outcome.current))
    for rank_text, trial in listed:
        now = trial.values == current
        label = f"{text('optimize.now', lang)} {rank_text}".strip() if now else rank_text
        table.add_row(label, *map(shown, trial.values), *_figures(trial), style="bold" if now else None)
    return table


def percent(value: float | None) -> str:
    """A fraction as signed per cent."""
    return "-" if value is None else f"{value:+.2%}"


def _figures(trial: Trial) -> Iterator[str]:
    yield percent(trial.ahead.net_return)
    yield f"{trial.ahead.trades:,}"
    yield "-" if trial.ahead.win_rate is None else f"{trial.ahead.win_rate:.1%}"
    yield percent(trial.past.net_return)
    yield f"{trial.past.trades:,}"


def _words(outcome: Outcome, chance: Luck | None, lang: str) -> Iterator[str]:
    tried = len(outcome.ranked)
    yield text("optimize.tried", lang, tried=tried, size=outcome.ground.grid.size)
    if not any(trial.ahead.trades for trial in outcome.ranked):
        yield text("optimize.no_trades", lang)
        return
    if chance is not None and tried > 1:
        sharpe = "-" if chance.sharpe is None else f"{chance.sharpe:.1f}"
        yield text("optimize.luck", lang, tried=tried, by_chance=chance.by_chance, days=chance.days, sharpe=sharpe)
    if any(trial.ahead.trades == 0 and trial.ahead.net_return for trial in (outcome.best, outcome.current)):
        yield text("optimize.still_open", lang)
    place = outcome.chosen
    chosen = outcome.ranked[place]
    yield text(
        "optimize.chosen",
        lang,
        values=outcome.ground.grid.written(chosen.values),
        ahead=percent(chosen.ahead.net_return),
        rank=place + 1,
        tried=tried,
    )


def _show_map(console: Console, found: HeatMap, palette: str, lang: str) -> None:
    if len(found.xs) > _WIDEST or len(found.ys) > _TALLEST:
        console.print(text("optimize.heat_large", lang, x=found.x_name, y=found.y_name), markup=False)
        return
    console.print(text("optimize.heat", lang, x=found.x_name, y=found.y_name), style="bold", markup=False)
    table = Table(padding=(0, 0), box=None)
    for name in ("", *found.xs):
        table.add_column(name, justify="right")
    largest = max((abs(v) for row in found.values for v in row if v is not None), default=0.0)
    for name, row in zip(found.ys, found.values, strict=True):
        table.add_row(f"{name} ", *(_cell(value, largest, palette) for value in row))
    console.print(table)


def _cell(value: float | None, largest: float, palette: str) -> Text:
    if value is None:
        return Text("")
    gain, loss = _COLOURS[palette]
    strength = abs(value) / largest if largest > 0.0 else 0.0
    shade = ",".join(str(round(40 + (part - 40) * strength)) for part in (gain if value > 0.0 else loss))
    return Text(f" {value:+.1%}", style=f"white on rgb({shade})")


# -- for machines ------------------------------------------------------------------------------------------------------


def write_json(path: Path, outcome: Outcome, chance: Luck | None) -> None:
    """All combinations in order of rank, with both scores (ratios are fractions), the values in force, and the map."""
    grid, place = outcome.ground.grid, outcome.chosen

    def row(trial: Trial) -> dict[str, object]:
        return {
            "values": grid.named(trial.values),
            "in_sample": asdict(trial.past),
            "out_of_sample": asdict(trial.ahead),
        }

    found = heat_map(outcome)
    document = {
        "strategy": grid.rule.strategy.name,
        "tried": len(outcome.ranked),
        "grid_size": grid.size,
        "in_sample": outcome.ground.spans[0]._asdict(),
        "out_of_sample": outcome.ground.spans[1]._asdict(),
        "current": row(outcome.current),
        "best": row(outcome.best),
        "best_in_sample": row(outcome.ranked[place]) | {"rank": place + 1},
        "luck": None if chance is None else asdict(chance),
        "heat_map": None if found is None else asdict(found),
        "combinations": [row(trial) for trial in outcome.ranked],
    }
    path.write_text(json.dumps(document, allow_nan=False) + "\n", encoding="utf-8")


def write_csv(path: Path, outcome: Outcome) -> None:
    """One line per combination in order of rank: its values, then both scores (fractions, empty = does not exist)."""
    columns = tuple(asdict(outcome.best.ahead))
    names = [axis.name for axis in outcome.ground.grid.axes]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        heads = [f"{part}_{name}" for part in ("out_of_sample", "in_sample") for name in columns]
        lines.writerow(["rank", *names, *heads])
        for rank, trial in enumerate(outcome.ranked, 1):
            scores = [*asdict(trial.ahead).values(), *asdict(trial.past).values()]
            lines.writerow([rank, *map(shown, trial.values), *scores])
