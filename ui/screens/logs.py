"""The end of the bot's log."""

from __future__ import annotations

import streamlit as st

from ui.markup import block
from ui.screens.boundary import part
from ui.view import log_tail
from ui.voice import Voice
from ui.watch import Desk

_HEIGHT = 560


def show(desk: Desk, voice: Voice) -> None:
    """The log with its choices; while it is followed it is read again every 2 s."""
    with part("logs", voice):
        left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
        with left:
            wanted = st.text_input(voice.say("logs.search"), key="log-search", live=True)
        with middle:
            every, warnings = voice.say("logs.every"), voice.say("logs.warnings")
            level = st.selectbox(voice.say("logs.level"), [every, warnings], key="log-level")
        with right:
            follow = st.toggle(voice.say("logs.follow"), value=True, key="log-follow")
        body = st.fragment(_lines, run_every=2 if follow else None)
        body(desk, voice, wanted or "", "warn" if level == warnings else "")


def _lines(desk: Desk, voice: Voice, wanted: str, least: str) -> None:
    with part("logs", voice):
        path = log_tail.find(desk.data_dir, desk.log_dir)
        seen = log_tail.tail(path, wanted=wanted, least=least)
        if seen.missing or seen.problem:
            key = "logs.missing" if seen.missing else "logs.problem"
            st.html(block("empty", voice.say(key, path=path, reason=seen.problem)).code)
            return
        if not seen.lines:
            st.html(block("empty", voice.say("logs.none")).code)
            return
        with st.container(height=_HEIGHT, border=True, key="logbox"):
            st.html(block("log", *[block(f"tone-{one.tone}", one.text) for one in seen.lines]).code)
        st.caption(voice.say("logs.path", path=path, count=len(seen.lines)))
