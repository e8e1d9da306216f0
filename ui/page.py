"""The page: header, messages, tabs, dialogs. Only the open tab is drawn and polled."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui import markup, style
from ui.markup import Html, block
from ui.screens import book, control, dialogs, home, logs, session, top, why
from ui.screens.boundary import part
from ui.voice import Voice
from ui.watch import Desk

TABS = ("home", "positions", "trades", "why", "control", "logs")


def show(desk: Desk) -> None:
    """Draws the whole page."""
    st.set_page_config(page_title="해태 Haetae", page_icon=style.SHIELD, layout="wide")
    st.html(style.CSS)
    voice = session.voice(desk)
    snapshot = desk.watch.look()
    st.session_state["shape"] = top.shape_of(snapshot)
    with st.container(key="top"):
        left, right = st.columns([13, 6], vertical_alignment="center")
        with left:
            top.headline(desk, voice)
        with right, part("header", voice):
            _buttons(desk, voice, top.empty(snapshot))
    control.complaints(voice)
    if top.empty(snapshot):
        with part("home", voice):
            st.html(_welcome(desk, voice).code)
        return
    top.notices(desk, voice)
    _tabs(desk, voice)
    dialogs.show(desk, voice)


def _buttons(desk: Desk, voice: Voice, empty: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="quick"):
        if not empty:
            control.quick(desk, voice)
        st.segmented_control(
            voice.say("language"),
            list(session.LANGUAGES),
            key="language",
            required=True,
            label_visibility="collapsed",
        )


def _tabs(desk: Desk, voice: Voice) -> None:
    """The tabs; the body of a closed one is not drawn."""
    bodies: dict[str, Callable[[Desk, Voice], None]] = {
        "home": _home,
        "positions": book.holdings_and_orders,
        "trades": book.fills,
        "why": why.table,
        "control": control.panel,
        "logs": logs.show,
    }
    titles = [voice.say(f"tab.{name}") for name in TABS]
    for name, tab in zip(TABS, st.tabs(titles, key=f"tab-{voice.lang}", on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                bodies[name](desk, voice)


def _home(desk: Desk, voice: Voice) -> None:
    home.money(desk, voice)
    home.equity(desk, voice)
    home.latest(desk, voice)


def _welcome(desk: Desk, voice: Voice) -> Html:
    lines = [
        Html(f"<h2>{markup.html(voice.say('welcome.title'))}</h2>"),
        Html(f"<p>{markup.html(voice.say('welcome.body'))}</p>"),
        Html("<pre>make demo</pre>"),
        Html(f"<p>{markup.html(voice.say('welcome.plain'))}</p>"),
        Html("<pre>python main.py run</pre>"),
        Html(f"<p>{markup.html(voice.say('welcome.folder'))} <code>{markup.html(str(desk.data_dir))}</code></p>"),
        Html(f"<p>{markup.html(voice.say('welcome.soon'))}</p>"),
    ]
    return block("welcome", *lines)
