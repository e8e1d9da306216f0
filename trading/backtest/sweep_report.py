"""What a search looks like: a ranked table and a heat map for people, JSON and CSV for machines."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from config.texts import text
from trading.backtest.grid import shown
from trading.backtest.heat_map import heat_table
from trading.backtest.moments import kst
from trading.backtest.optimize import Luck, Outcome, Trial
from trading.backtest.report import Heading
from trading.backtest.whole_file import write_whole

_WIDEST, _TALLEST = 24, 40  # cells of a map in a terminal
#: gain, loss


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


def title(outcome: Outcome, heading: Heading) -> str:
    """What was searched, where, and when."""
    past, ahead = outcome.ground.spans
    return text(
        "optimize.title",
        heading.lang,
        strategy=heading.strategy,
        symbols=", ".join(heading.names.values()),
        timeframe=heading.timeframe,
        start=kst(past.start_ms),
        border=kst(ahead.start_ms),
        end=kst(ahead.end_ms),
    )


def show(console: Console, outcome: Outcome, chance: Luck | None, top: int, heading: Heading) -> None:
    """Prints the first `top` of the ranking, where the values in force stand, what the number of tries means, a map."""
    lang = heading.lang
    console.print(title(outcome, heading), style="bold", markup=False)
    table = Table()
    for name in head(outcome, lang):
        table.add_column(name, justify="right", overflow="fold")
    for cells, current in rows(outcome, top, lang):
        table.add_row(*cells, style="bold" if current else None)
    console.print(table)
    for line in words(outcome, chance, lang):
        console.print(line, markup=False)
    if (found := heat_map(outcome)) is None:
        return
    large = len(found.xs) > _WIDEST or len(found.ys) > _TALLEST
    name = text("optimize.heat_large" if large else "optimize.heat", lang, x=found.x_name, y=found.y_name)
    console.print(name, style=None if large else "bold", markup=False)
    if not large:
        console.print(heat_table(found.x_name, found.xs, found.y_name, found.ys, found.values, heading.palette))


def head(outcome: Outcome, lang: str) -> list[str]:
    """Names of the ranking's columns."""
    figures = ("ahead", "ahead_trades", "ahead_win_rate", "past", "past_trades")
    names = [axis.name for axis in outcome.ground.grid.axes]
    return [text("optimize.rank", lang), *names, *(text(f"optimize.{figure}", lang) for figure in figures)]


def rows(outcome: Outcome, top: int, lang: str) -> Iterator[tuple[list[str], bool]]:
    """(cells, are these the values in force?) of the first `top`, and of the values in force where those are others."""
    current = outcome.current.values
    listed = [(str(rank), trial) for rank, trial in enumerate(outcome.ranked[:top], 1)]
    if all(trial.values != current for _, trial in listed):
        rank = next((r for r, trial in enumerate(outcome.ranked, 1) if trial.values == current), None)
        listed.append((f"{rank or ''}", outcome.current))
    for rank_text, trial in listed:
        now = trial.values == current
        label = f"{text('optimize.now', lang)} {rank_text}".strip() if now else rank_text
        yield [label, *map(shown, trial.values), *_figures(trial)], now


def percent(value: float | None) -> str:
    """A fraction as signed per cent."""
    return "-" if value is None else f"{value:+.2%}"


def _figures(trial: Trial) -> Iterator[str]:
    yield percent(trial.ahead.net_return)
    yield f"{trial.ahead.trades:,}"
    yield "-" if trial.ahead.win_rate is None else f"{trial.ahead.win_rate:.1%}"
    yield percent(trial.past.net_return)
    yield f"{trial.past.trades:,}"


def words(outcome: Outcome, chance: Luck | None, lang: str) -> Iterator[str]:
    """What the number of tries means."""
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
    write_whole(path, json.dumps(document, allow_nan=False) + "\n")


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
