"""A search as one HTML file for people: ranking, what the number of tries means, heat map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.texts import text
from trading.backtest import heat_map, sweep_report
from trading.backtest.html_report import framed
from trading.backtest.markup import Content, Html, paragraph, section, table
from trading.backtest.optimize import Luck, Outcome
from trading.backtest.report import Heading
from trading.backtest.whole_file import write_whole

LISTED: Final = 100  #: lines of the ranking


def write_sweep(path: Path, outcome: Outcome, chance: Luck | None, heading: Heading, command: str) -> None:
    """Writes the page. command: what was typed. Raises BadInput where it cannot be written."""
    name = text("optimize.html.title", heading.lang)
    sections = _sections(outcome, chance, heading, command)
    write_whole(path, framed(name, sweep_report.title(outcome, heading), heading, sections))


def _sections(outcome: Outcome, chance: Luck | None, heading: Heading, command: str) -> Iterator[str]:
    lang = heading.lang
    ranking = text("optimize.html.ranking", lang, shown=min(LISTED, len(outcome.ranked)), tried=len(outcome.ranked))
    said = [paragraph(line) for line in sweep_report.words(outcome, chance, lang)]
    lines = [_cells(cells, current) for cells, current in sweep_report.rows(outcome, LISTED, lang)]
    yield section(ranking, *said, table(ranking, sweep_report.head(outcome, lang), lines))
    if (found := sweep_report.heat_map(outcome)) is not None:
        name = text("optimize.heat", lang, x=found.x_name, y=found.y_name)
        svg = heat_map.heat_map(found.x_name, found.xs, found.y_name, found.ys, found.values, lang, heading.palette)
        yield section(name, Html(f'<div class="scroll">{svg}</div>'))
    yield section(text("report.html.command", lang), paragraph(command))


def _cells(cells: list[str], current: bool) -> list[Content]:
    return [Html(f"<strong>{cell}</strong>") if current and at == 0 else cell for at, cell in enumerate(cells)]
