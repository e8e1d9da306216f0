"""The isolation boundary of the screens: what fails in one part says so there, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ui import markup
from ui.voice import Voice

_log = logging.getLogger("haetae.dashboard")


@contextmanager
def part(name: str, voice: Voice) -> Iterator[None]:
    """Draws a part of the page. Whatever goes wrong in it is logged and becomes one readable message."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the stated boundary: a screen never shows a traceback
        _log.exception("the part %s of the page could not be drawn", name)
        title = voice.say(f"tab.{name}")
        head = voice.say("broken", part=title)
        st.html(markup.banner("bad", head, voice.say("broken.do", kind=type(error).__name__)).code)
