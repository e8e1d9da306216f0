"""The results of a sweep over two parameters, as SVG for a page and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from rich.table import Table
from rich.text import Text

from config.texts import text
from trading.backtest.palette import INK, LIGHT

_WRITTEN: Final = 16  # columns; with more of them a cell only has its colour, its sign and a title
_STRONGEST: Final = 0.5  # opacity, so that the letters over it stay readable
_CELL: Final = (62, 30)
_SMALL: Final = (18, 16)

Value = float | None  #: a fraction (0.05 = 5 %), None where there was no run


def heat_map(
    x_name: str,
    xs: Sequence[object],
    y_name: str,
    ys: Sequence[object],
    values: Sequence[Sequence[Value]],
    lang: str,
    palette: str = "korean",
) -> str:
    """An SVG of `values` (one row per y, one column per x): colour by sign and size, the best one framed.

    Colours follow the page's `--up`, `--down`, `--ink` where it has them; the names are escaped here.
    """
    wide, high = _CELL if len(xs) <= _WRITTEN else _SMALL
    left = 16 + 8 * max((len(_word(y)) for y in ys), default=1)
    width = max(left + wide * len(xs) + 2, 7 * len(x_name + y_name) + 60)
    height = 40 + high * len(ys) + 22
    title = text("report.heat.title", lang, x=x_name, y=y_name)
    up, down = LIGHT.get(palette, LIGHT["korean"])
    cells = "".join(_cells(values, (left, 40, wide, high), (f"var(--up,{up})", f"var(--down,{down})"), xs, ys))
    return (
        f'<svg class="heat" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(title)}" font-family="inherit" font-size="12" fill="var(--ink,currentColor)">'
        f'<text x="2" y="13" font-weight="700">{escape(y_name)} ↓  {escape(x_name)} →</text>'
        f"{''.join(_heads(xs, ys, (left, 40, wide, high)))}{cells}"
        f'<text x="2" y="{height - 6}">{escape(text("report.heat.best", lang))}</text></svg>'
    )


def heat_table(
    x_name: str,
    xs: Sequence[object],
    y_name: str,
    ys: Sequence[object],
    values: Sequence[Sequence[Value]],
    palette: str = "korean",
) -> Table:
    """The same for a terminal: gains and losses in their colours, the best one underlined."""
    up, down = INK.get(palette, INK["korean"])
    best = _best(values)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), title=f"{y_name} ↓ {x_name} → (%)")
    table.title_justify = "left"
    table.add_column("")
    for x in xs:
        table.add_column(Text(_word(x)), justify="right", no_wrap=True)
    for row, (y, line) in enumerate(zip(ys, values, strict=True)):
        cells = []
        for column, value in enumerate(line):
            style = "" if not value else up if value > 0.0 else down
            cells.append(
                Text(_percent(value).rstrip("%"), f"{style} bold underline" if (row, column) == best else style)
            )
        table.add_row(Text(_word(y)), *cells)
    return table


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _percent(value: Value) -> str:
    return "–" if value is None else f"{value:+.1%}"


def _best(values: Sequence[Sequence[Value]]) -> tuple[int, int] | None:
    """(row, column) of the highest value; the first of equals."""
    known = [
        (value, -row, -at) for row, line in enumerate(values) for at, value in enumerate(line) if value is not None
    ]
    if not known:
        return None
    _, row, column = max(known)
    return -row, -column


def _heads(xs: Sequence[object], ys: Sequence[object], grid: tuple[int, int, int, int]) -> Iterator[str]:
    """Names of columns and rows; of narrow columns only as many as there is room for."""
    left, top, wide, high = grid
    every = 1 if wide == _CELL[0] else 1 + 8 * max((len(_word(x)) for x in xs), default=1) // wide
    for column, x in enumerate(xs):
        if column % every == 0:
            at = left + column * wide + wide / 2
            yield f'<text x="{at:g}" y="{top - 6}" text-anchor="middle">{escape(_word(x))}</text>'
    for row, y in enumerate(ys):
        at = top + row * high + high / 2 + 4
        yield f'<text x="{left - 8}" y="{at:g}" text-anchor="end">{escape(_word(y))}</text>'


def _cells(
    values: Sequence[Sequence[Value]],
    grid: tuple[int, int, int, int],
    colours: tuple[str, str],
    xs: Sequence[object],
    ys: Sequence[object],
) -> Iterator[str]:
    left, top, wide, high = grid
    most = max((abs(value) for line in values for value in line if value is not None), default=0.0)
    best = _best(values)
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            x, y = left + column * wide, top + row * high
            fill = colours[0] if (value or 0.0) > 0.0 else colours[1]
            depth = _STRONGEST * abs(value) / most if value and most else 0.0
            frame = ' stroke="currentColor" stroke-width="2.5"' if (row, column) == best else ""
            told = f"{_word(xs[column])} / {_word(ys[row])}: {_percent(value)}"
            yield (
                f'<rect x="{x + 1}" y="{y + 1}" width="{wide - 2}" height="{high - 2}" rx="2" fill="{fill}" '
                f'fill-opacity="{depth:.2f}"{frame}><title>{escape(told)}</title></rect>'
            )
            shown = _percent(value) if wide == _CELL[0] else _percent(value)[0]  # at least the sign
            yield (
                f'<text x="{x + wide / 2:g}" y="{y + high / 2 + 4:g}" text-anchor="middle" pointer-events="none">'
                f"{shown}</text>"
            )
