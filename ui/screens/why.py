"""Why is it not buying? One table per venue."""

from __future__ import annotations

import streamlit as st

from ui import markup
from ui.figures import Signed
from ui.markup import Content, Html, block, chip, inline
from ui.screens.boundary import part
from ui.screens.tables import columns, section, two
from ui.view.reasons import Condition, ReasonRow, reasons
from ui.voice import Voice
from ui.watch import Desk


@st.fragment(run_every=2)
def table(desk: Desk, voice: Voice) -> None:
    """The last decision on every symbol."""
    with part("why", voice):
        snapshot = desk.watch.look()
        decisions = snapshot.decisions.value
        pieces: list[Html] = [block("section", voice.say("why.title"), Html(_note(voice)))]
        titles = columns(voice, "why", "symbol* action+ sentence+ conditions+ gate+ numbers+")
        for venue in decisions.venues if decisions is not None else ():
            rows = [_cells(one, voice) for one in reasons(decisions, venue, voice)]
            if len(decisions.venues if decisions else ()) > 1:
                pieces.append(section(voice.term("venue", venue)))
            pieces.append(markup.table(titles, rows, voice.say("why.none")))
        if len(pieces) == 1:
            pieces.append(block("empty", voice.say("why.none")))
        st.html(markup.joined(pieces).code)


def _note(voice: Voice) -> str:
    return f"<small>{markup.html(voice.say('why.note'))}</small>"


def _cells(one: ReasonRow, voice: Voice) -> list[Content]:
    rules = [_rule(each, voice) for each in one.conditions]
    numbers = [
        Html(f'<span class="figure">{markup.html(name)} <b>{markup.html(value)}</b></span>')
        for name, value in one.numbers
    ]
    gate: Content = Signed(one.gate, "warn") if one.gate else Signed(voice.say("why.no_gate"), "quiet")
    return [
        two(one.symbol, f"{one.strategy} · {one.candle}"),
        chip(one.action.text, one.action.tone, title=voice.say("why.confidence", value=one.confidence)),
        block("sentence", one.sentence),
        block("", *rules) if rules else Signed("–", "quiet"),
        gate,
        block("", *numbers) if numbers else Signed("–", "quiet"),
    ]


def _rule(one: Condition, voice: Voice) -> Html:
    mark, kind, said = ("✔", "yes", "why.holds") if one.holds else ("✘", "no", "why.fails")
    return inline(f"rule rule-{kind}", Html(f"<b>{mark}</b>"), one.name, title=voice.say(said))
