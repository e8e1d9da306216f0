"""HTML of the screens, built from views. Every text is escaped here: what a file holds can never be markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from ui.figures import Signed


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that was made here (already escaped)."""

    code: str


Content = str | Signed | Html


def html(content: Content) -> str:
    """The markup of one piece: text is escaped, a signed result gets its colour."""
    match content:
        case Html(code):
            return code
        case Signed(text, tone):
            return f'<span class="tone-{tone}">{escape(text)}</span>'
        case _:
            return escape(content)


def joined(parts: Iterable[Content]) -> Html:
    """Pieces one after the other."""
    return Html("".join(html(part) for part in parts))


def block(name: str, *parts: Content, title: str = "") -> Html:
    """A div of class `name`."""
    hint = f' title="{escape(title)}"' if title else ""
    return Html(f'<div class="{name}"{hint}>{joined(parts).code}</div>')


def inline(name: str, *parts: Content, title: str = "") -> Html:
    """A span of class `name`."""
    hint = f' title="{escape(title)}"' if title else ""
    return Html(f'<span class="{name}"{hint}>{joined(parts).code}</span>')


def chip(text: str, tone: str, dot: bool = False, title: str = "") -> Html:
    """A rounded label; dot: with a lamp before it."""
    lamp: Content = Html('<i class="lamp"></i>') if dot else ""
    return inline(f"chip chip-{tone}", lamp, text, title=title)


def card(label: str, value: Content, *notes: Content) -> Html:
    """A figure with its name over it and notes under it."""
    under = block("card-note", *[inline("", one) for one in notes]) if notes else Html("")
    return block("card", block("card-label", label), block("card-value", value), under)


def cards(*items: Html) -> Html:
    """A row of cards that wraps."""
    return block("cards", *items)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. numeric: to the right, figures of one width; lead: the head of a row on a phone; wide: a
    line of its own there."""

    title: str
    numeric: bool = False
    lead: bool = False
    wide: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[Content]], empty: str) -> Html:
    """A table that becomes one card per row on a phone; `empty` stands where there is no row."""
    filled = [list(row) for row in rows]
    if not filled:
        return block("empty", empty)
    head = "".join(f'<th class="{_kind(one)}">{escape(one.title)}</th>' for one in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_kind(one)}" data-label="{escape(one.title)}">{html(cell)}</td>'
            for one, cell in zip(columns, row, strict=True)
        )
        + "</tr>"
        for row in filled
    )
    return Html(f'<div class="sheet"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def _kind(column: Column) -> str:
    return "lead" if column.lead else "num" if column.numeric else "wide" if column.wide else "word"


def banner(level: str, head: str, body: str) -> Html:
    """A message over the page."""
    role = "alert" if level == "bad" else "status"
    return Html(
        f'<div class="banner banner-{level}" role="{role}"><b>{escape(head)}</b><span>{escape(body)}</span></div>'
    )
