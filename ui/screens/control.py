"""The screen that steers: buttons with what they do, what each venue runs, commands and their outcomes."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from trading.ipc import commands
from trading.ipc.readers import Snapshot
from ui import markup
from ui.figures import Signed, kst_brief, plain
from ui.markup import Content, Html, block, chip
from ui.screens import session
from ui.screens.boundary import part
from ui.screens.tables import columns, section, two
from ui.view import errands, schedule
from ui.view.header import paused, plan_of
from ui.voice import Voice
from ui.watch import Desk


def quick(desk: Desk, voice: Voice) -> None:
    """The two buttons that stand under the header on every screen."""
    halted = paused(desk.watch.look().status.value)
    kind = "resume" if halted else "pause"
    icon = ":material/play_arrow:" if halted else ":material/pause:"
    st.button(
        voice.say(f"control.{kind}"),
        icon=icon,
        key=f"quick-{kind}",
        on_click=session.send_now,
        args=(desk, kind, {}),
        disabled=not desk.guarded,
    )
    st.button(
        voice.say("control.liquidate"),
        icon=":material/warning:",
        key="quick-liquidate",
        on_click=session.open_dialog,
        args=("liquidate",),
        disabled=not desk.guarded,
    )


def panel(desk: Desk, voice: Voice) -> None:
    """The control screen."""
    with part("control", voice):
        snapshot = desk.watch.look()
        scope = _scope(snapshot, voice)
        args = {"venue": scope} if scope else {}
        for kind, icon in (("pause", "pause"), ("resume", "play_arrow")):
            _action(desk, voice, kind, icon, session.send_now, (desk, kind, args))
        for name, icon in (("strategy", "tune"), ("liquidate", "warning"), ("stop", "power_settings_new")):
            _action(desk, voice, name, icon, session.open_dialog, (name,))
        st.caption(voice.say("control.note"))
    running(desk, voice)
    history(desk, voice)


def _action(
    desk: Desk, voice: Voice, name: str, icon: str, on_click: Callable[..., None], args: tuple[object, ...]
) -> None:
    """A button and beside it what it does (a tooltip could not be read on a phone)."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"action-{name}"):
        st.button(
            voice.say(f"control.{name}"),
            icon=f":material/{icon}:",
            key=f"control-{name}",
            width=150,
            on_click=on_click,
            args=args,
            disabled=not desk.guarded,
        )
        st.caption(voice.say(f"control.{name}.help"), width="content")


def _scope(snapshot: Snapshot, voice: Voice) -> str:
    """Which venue the buttons mean; "" = all. Asked only where there is more than one."""
    status = snapshot.status.value
    venues = list(status.venues) if status is not None else list(snapshot.portfolios)
    if len(venues) < 2:
        return ""
    chosen = st.segmented_control(
        voice.say("control.scope"),
        ["", *venues],
        default="",
        required=True,
        format_func=lambda name: voice.term("venue", name) if name else voice.say("all_venues"),
        key="control-scope",
    )
    return chosen if chosen in venues else ""


@st.fragment(run_every=2)
def running(desk: Desk, voice: Voice) -> None:
    """What each venue runs and which settings were changed by command."""
    with part("control", voice):
        snapshot = desk.watch.look()
        status = snapshot.status.value
        if status is None:
            return
        rows: list[list[Content]] = []
        for name, venue in status.venues.items():
            tone = "good" if venue.state == "ready" else "warn"
            state = chip(voice.say(f"venue_state.{venue.state}"), tone, dot=True)
            symbols = ", ".join(venue.symbols[:12]) + (" …" if len(venue.symbols) > 12 else "")
            rows.append([voice.term("venue", name), two(state, venue.detail), plan_of(venue, voice), symbols])
        titles = columns(voice, "running", "venue* state plan symbols+")
        pieces = [section(voice.say("running.title")), markup.table(titles, rows, voice.say("running.none"))]
        changed: list[list[Content]] = [
            [name, plain(one.value), one.by, kst_brief(one.at_ms)] for name, one in status.settings.overrides.items()
        ]
        if changed:
            pieces.append(section(voice.say("overrides.title")))
            pieces.append(markup.table(columns(voice, "overrides", "knob* value by time"), changed, ""))
        facts = [
            Html(f'<span class="figure">{markup.html(name)} <b>{markup.html(value)}</b></span>')
            for name, value in schedule.process(snapshot, voice)
        ]
        pieces += [section(voice.say("process.title")), block("facts", *facts)]
        st.html(markup.joined(pieces).code)


@st.fragment(run_every=2)
def history(desk: Desk, voice: Voice) -> None:
    """Commands and what became of them; one that waits can be taken back."""
    with part("control", voice):
        lying = errands.mailbox(desk.data_dir)
        shown = errands.errands(desk.watch.look(), session.sent(), lying, voice)
        rows: list[list[Content]] = [
            [
                two(one.kind, one.args),
                chip(f"{one.mark} {one.state_text}", one.tone),
                one.detail or Signed("–", "quiet"),
                one.by,
                one.time,
            ]
            for one in shown
        ]
        titles = columns(voice, "errands", "kind* state detail+ by time")
        st.html(section(voice.say("errands.title"), voice.say("errands.note")).code)
        for one in shown:
            if one.waiting:
                label = voice.say("errands.take_back", kind=one.kind)
                st.button(label, key=f"back-{one.id}", icon=":material/undo:", on_click=_back, args=(desk, one.id))
        st.html(markup.table(titles, rows, voice.say("errands.none")).code)


def _back(desk: Desk, command_id: str) -> None:
    """Takes a waiting command out of the mailbox; where the bot was faster, its outcome tells."""
    try:
        taken = commands.take_back(desk.data_dir, command_id)
    except OSError:  # the folder cannot be written: the command stays where it is, and is shown so
        taken = False
    if taken:
        sent = session.sent()
        sent[:] = [one for one in sent if one.id != command_id]


def complaints(voice: Voice) -> None:
    """Why the last button's command did not go."""
    told = session.complaint()
    if told:
        st.html(block("", markup.banner("bad", voice.say("not_sent"), told)).code)
