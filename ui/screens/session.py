"""What one open page remembers: its language, the commands it sent, the dialog that stands open."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from config.texts import Language
from trading.ipc import commands
from trading.ipc.commands import CommandNotSent
from ui.view.errands import SLOW_MS, Sent
from ui.voice import Voice
from ui.watch import Desk

BY: Final = "dashboard"
LANGUAGES: Final[dict[str, Language]] = {"한국어": "ko", "English": "en"}
_SENT_KEPT: Final = 30


@dataclass(slots=True)
class OpenDialog:
    """A dialog that stands open. id: of the command that it may send, made when it opened; error: why it did not."""

    name: str
    id: str
    error: str = ""


def voice(desk: Desk) -> Voice:
    """The page's language: the switch, else the address (?lang=en), else the environment, else the bot's setting."""
    state = st.session_state
    if state.get("language") not in LANGUAGES:
        state["language"] = next(name for name, lang in LANGUAGES.items() if lang == _first_language(desk))
    return Voice(LANGUAGES[state["language"]])


def _first_language(desk: Desk) -> Language:
    asked = st.query_params.get("lang")
    status = desk.watch.look().status.value
    told = status.settings.overrides.get("language") if status is not None else None
    for wish in (asked, desk.language, told.value if told else None):
        if wish in ("ko", "en"):
            return "en" if wish == "en" else "ko"
    return "ko"


def sent() -> list[Sent]:
    """Commands sent from this page, oldest first."""
    found: list[Sent] = st.session_state.setdefault("sent", [])
    return found


def dialog() -> OpenDialog | None:
    """The dialog that stands open."""
    standing: OpenDialog | None = st.session_state.get("dialog")
    return standing


def open_dialog(name: str) -> None:
    """Opens a dialog at the next run; its command gets its id now, so that two clicks are one command."""
    st.session_state["dialog"] = OpenDialog(name, uuid.uuid4().hex)


def close_dialog() -> None:
    """Closes the dialog at the next run of the page."""
    st.session_state["dialog"] = None


def send(desk: Desk, kind: str, args: Mapping[str, Any], command_id: str | None = None) -> str:
    """Puts a command into the mailbox; "" or the sentence why it could not. The same one twice in a row goes once."""
    said = voice(desk)
    if not desk.guarded:
        return said.say("unguarded.do")
    if command_id is None and _repeated(desk, kind, args):
        return ""
    now_ms = desk.now_ms()
    try:
        made = commands.send(desk.data_dir, kind, args, BY, now_ms, command_id=command_id or uuid.uuid4().hex)
    except CommandNotSent as error:
        return error.refusal.text(said.lang)
    except OSError as error:
        return said.say("not_written", reason=error.strerror or str(error), folder=desk.data_dir)
    if all(one.id != made for one in sent()):
        sent().append(Sent(made, kind, dict(args), now_ms, BY))
        del sent()[:-_SENT_KEPT]
    return ""


def _repeated(desk: Desk, kind: str, args: Mapping[str, Any]) -> bool:
    """Whether the same command went a moment ago and has not ended."""
    ended = {one.id for one in desk.watch.look().outcomes.value or () if one.final}
    now_ms = desk.now_ms()
    return any(
        one.kind == kind and one.args == dict(args) and one.id not in ended and now_ms - one.at_ms < SLOW_MS
        for one in sent()
    )


def send_and_close(desk: Desk, kind: str, args: Mapping[str, Any], command_id: str) -> None:
    """A dialog's confirmation: sends under the dialog's id and closes it; stays open with the reason where it fails."""
    standing = dialog()
    if standing is None or standing.id != command_id:
        return  # a second click on a dialog that is done
    standing.error = send(desk, kind, args, command_id)
    if not standing.error:
        close_dialog()


def send_now(desk: Desk, kind: str, args: Mapping[str, Any]) -> None:
    """A button without a dialog: sends, and keeps the reason where it fails for the next run to show."""
    st.session_state["complaint"] = send(desk, kind, args)


def complaint() -> str:
    """Why the last button's command was not sent, once."""
    told: str = st.session_state.pop("complaint", "")
    return told
