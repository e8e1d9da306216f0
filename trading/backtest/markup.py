"""Pieces of HTML. Every text is escaped here: a name from outside can never be markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from trading.backtest.wording import tone


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that was made here (already escaped)."""

    code: str


Content = str | Html


def html(content: Content) -> str:
    """The markup of one piece: text is escaped, a result gets the colour of its arrow."""
    if isinstance(content, Html):
        return content.code
    way = tone(content)
    return f'<span class="{way}">{escape(content)}</span>' if way else escape(content)


def section(heading: str, *parts: Content, kind: str = "") -> str:
    """A part of the page under its heading."""
    named = f' class="{kind}"' if kind else ""
    return f"<section{named}><h2>{escape(heading)}</h2>{''.join(html(part) for part in parts)}</section>"


def paragraph(words: Content, kind: str = "") -> Html:
    """One paragraph."""
    named = f' class="{kind}"' if kind else ""
    return Html(f"<p{named}>{html(words)}</p>")


def heading(words: str) -> Html:
    """A heading inside a section."""
    return Html(f"<h3>{escape(words)}</h3>")


def table(
    name: str, head: Sequence[str], rows: Iterable[Sequence[Content]], texts: Sequence[int] = (), kind: str = "scroll"
) -> Html:
    """A table that a narrow page can push sideways; the first cell names its row.

    name: for who cannot see it. head: names of the columns, or none. texts: columns of words, to the left; all others
    but the first are numbers. kind: "scroll", or "scroll tall" for a table with a height of its own.
    """
    words = (0, *texts)
    names = "".join(f'<th scope="col"{_kind(at in words)}>{escape(cell)}</th>' for at, cell in enumerate(head))
    top = f"<thead><tr>{names}</tr></thead>" if names else ""
    return Html(
        f'<div class="{kind}" role="region" tabindex="0" aria-label="{escape(name)}"><table>'
        f"{top}<tbody>{''.join(_row(row, words) for row in rows)}</tbody></table></div>"
    )


def _kind(words: bool) -> str:
    return ' class="text"' if words else ""


def _row(row: Sequence[Content], words: Sequence[int]) -> str:
    cells = [f"<td{_kind(at in words)}>{html(cell)}</td>" for at, cell in enumerate(row[1:], 1)]
    return f'<tr><th scope="row">{html(row[0])}</th>{"".join(cells)}</tr>'
