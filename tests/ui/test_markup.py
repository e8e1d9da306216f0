"""Markup: nothing that a file holds can become markup; a table names its cells for a phone."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as some

from ui import markup
from ui.figures import Signed
from ui.markup import Column

OURS = re.compile(r"</?(div|span|b|i|table|thead|tbody|tr|th|td)( [^<>]*)?>")


@given(some.text())
def test_text_is_always_escaped(text: str) -> None:
    made = [
        markup.html(text),
        markup.html(Signed(text, "up")),
        markup.card(text, text, text).code,
        markup.chip(text, "good", title=text).code,
        markup.table([Column(text)], [[text]], text).code,
        markup.banner("bad", text, text).code,
    ]
    for code in made:
        rest = OURS.sub("", code)
        assert "<" not in rest
        assert ">" not in rest


def test_a_hostile_symbol() -> None:
    row = markup.table([Column("종목", lead=True)], [["<img src=x onerror=alert(1)>"]], "")
    assert "<img" not in row.code
    assert 'data-label="종목"' in row.code


def test_an_empty_table_says_so() -> None:
    assert "아직 없음" in markup.table([Column("a")], [], "아직 없음").code
