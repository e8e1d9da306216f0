"""The header and the messages under it."""

from __future__ import annotations

import streamlit as st

from trading.ipc.readers import Snapshot
from ui import markup
from ui.figures import Signed
from ui.markup import Html, block, chip, inline
from ui.screens import session
from ui.screens.boundary import part
from ui.view import banners, errands
from ui.view.header import Header, VenueChip, header, paused
from ui.voice import Voice
from ui.watch import Desk

Shape = tuple[object, ...]


def shape_of(snapshot: Snapshot) -> Shape:
    """What decides which buttons and screens there are; a change of it draws the whole page again."""
    status = snapshot.status.value
    venues = tuple(status.venues) if status is not None else ()
    return empty(snapshot), paused(status), venues, tuple(snapshot.portfolios)


def empty(snapshot: Snapshot) -> bool:
    """Whether no bot has ever written here."""
    return snapshot.life == "absent" and not snapshot.portfolios


@st.fragment(run_every=2)
def headline(desk: Desk, voice: Voice) -> None:
    """The header, read again every 2 s."""
    with part("header", voice):
        snapshot = desk.watch.look()
        st.html(_headline(header(snapshot, voice), voice).code)
        if st.session_state.get("shape") not in (None, shape_of(snapshot)):
            st.rerun()


def _headline(seen: Header, voice: Voice) -> Html:
    state = block(
        "state",
        chip(seen.state, seen.tone, dot=True),
        chip(seen.mode, seen.mode_tone) if seen.mode else "",
        inline("beat", seen.heartbeat),
    )
    if not seen.today.text:
        return block("headline", block("brand", voice.say("brand")), state)
    total = block("wealth", Html(f"<small>{markup.html(voice.say('header.equity'))}</small>"), _bold(seen.equity))
    rate = Signed(f" ({seen.today_rate.text})", seen.today_rate.tone)
    label = Html(f"<small>{markup.html(voice.say('header.today'))}</small>")
    today = block("wealth", label, Html(f"<b>{markup.html(seen.today)}{markup.html(rate)}</b>"))
    venues = block("venues", *[_venue(one) for one in seen.venues], inline("beat", seen.clock))
    return block("headline", block("brand", voice.say("brand")), state, total, today, venues)


def _bold(text: str) -> Html:
    return Html(f"<b>{markup.html(text)}</b>")


def _venue(one: VenueChip) -> Html:
    lamp = chip(f"{one.name} {one.state}", one.tone, dot=True, title=one.detail)
    return inline("venue", lamp, inline("venue-plan", one.plan, title=one.detail))


@st.fragment(run_every=2)
def notices(desk: Desk, voice: Voice) -> None:
    """Red messages and the commands on their way, read again every 2 s."""
    with part("notices", voice):
        snapshot = desk.watch.look()
        shown = [markup.banner(one.level, one.head, one.body) for one in _all(desk, snapshot, voice)]
        lying = errands.mailbox(desk.data_dir)
        news = errands.newsworthy(errands.errands(snapshot, session.sent(), lying, voice))
        shown += [markup.banner(one.tone, f"{one.mark} {one.kind} {one.state_text}", one.detail) for one in news]
        if shown:
            st.html(markup.joined(shown).code)


def _all(desk: Desk, snapshot: Snapshot, voice: Voice) -> tuple[banners.Banner, ...]:
    found = banners.banners(snapshot, voice)
    if desk.guarded:
        return found
    return (banners.Banner("bad", voice.say("unguarded"), voice.say("unguarded.do")), *found)
