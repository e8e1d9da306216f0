"""The first screen: money, equity curve, what happened last, jobs."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from trading.ipc.readers import Snapshot
from ui import markup
from ui.markup import Content, Html, block, card, cards
from ui.screens.boundary import part
from ui.screens.tables import columns, position_cells, position_columns, section, small, trade_cells, trade_columns
from ui.view import curve, holdings, schedule
from ui.voice import Voice
from ui.watch import Desk

_LAST_TRADES = 6


@st.fragment(run_every=2)
def money(desk: Desk, voice: Voice) -> None:
    """Cards and positions of every venue."""
    with part("home", voice):
        snapshot = desk.watch.look()
        for venue, look in snapshot.portfolios.items():
            if look.value is None:
                continue
            title = section(voice.term("venue", venue)) if len(snapshot.portfolios) > 1 else Html("")
            st.html(markup.joined([title, _cards(snapshot, venue, voice)]).code)


def _cards(snapshot: Snapshot, venue: str, voice: Voice) -> Html:
    portfolio = snapshot.portfolios[venue].value
    assert portfolio is not None
    purse, tally = holdings.purse(portfolio, voice), holdings.tally(portfolio, voice)
    status = snapshot.status.value
    trader = status.venues.get(venue) if status is not None else None
    limit = "∞" if trader is None or not trader.max_positions else str(trader.max_positions)
    shown = [
        card(voice.say("card.equity"), purse.equity, purse.since_start, purse.since_start_rate),
        card(voice.say("card.cash"), purse.cash, voice.say("card.invested", amount=purse.invested)),
        card(voice.say("card.unrealized"), purse.unrealized),
        card(voice.say("card.realized"), purse.realized, voice.say("card.closed", count=tally.sells)),
        card(voice.say("card.win_rate"), tally.rate, voice.say("card.wins", wins=tally.wins, count=tally.sells)),
        card(voice.say("card.positions"), f"{len(portfolio.details)} / {limit}", _trades_today(trader, voice)),
    ]
    return cards(*shown)


def _trades_today(trader: object, voice: Voice) -> str:
    if trader is None:
        return ""
    today, most = getattr(trader, "trades_today", 0), getattr(trader, "max_trades_per_day", 0)
    return voice.say("card.trades_today", count=today, limit=most or "∞")


@st.fragment(run_every=10)
def equity(desk: Desk, voice: Voice) -> None:
    """The equity curve with its range; drawn anew only when points were added."""
    with part("curve", voice):
        snapshot = desk.watch.look()
        venues = list(snapshot.portfolios)
        if not venues:
            return
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="curve-head"
        ):
            head = st.container(width="content")
            venue = _venue(venues, voice)
            hours = _hours(voice)
        mark = (curve.files_mark(desk.data_dir, venue), hours, venue, voice.lang)
        kept = st.session_state.get("curve")
        if kept is None or kept[0] != mark:
            status = snapshot.status.value
            until_ms = status.market_time_ms if status is not None else snapshot.now_ms
            lines, faulty = curve.load(desk.data_dir, venue, hours, until_ms)
            currency = lines[-1].currency if lines else "KRW"
            kept = (mark, curve.curve(lines, faulty, currency, voice))
            st.session_state["curve"] = kept
        _draw(head, kept[1], voice)


def _venue(venues: list[str], voice: Voice) -> str:
    if len(venues) == 1:
        return venues[0]
    chosen = st.segmented_control(
        voice.say("curve.venue"),
        venues,
        default=venues[0],
        required=True,
        format_func=lambda name: voice.term("venue", name),
        key="curve-venue",
        label_visibility="collapsed",
    )
    return chosen if chosen in venues else venues[0]


def _hours(voice: Voice) -> int | None:
    chosen = st.segmented_control(
        voice.say("curve.range"),
        list(curve.RANGES),
        default="day",
        required=True,
        format_func=lambda name: voice.say(f"curve.{name}"),
        key="curve-range",
        label_visibility="collapsed",
    )
    return curve.RANGES[chosen if chosen in curve.RANGES else "day"]


def _draw(head: DeltaGenerator, shown: curve.Curve, voice: Voice) -> None:
    span = voice.say("curve.span", low=shown.low, high=shown.high) if shown.points else ""
    facts: list[Content] = [voice.say("curve.title"), shown.gained, shown.gained_rate, small(span)]
    if shown.faulty:
        facts.append(small(voice.say("curve.faulty", count=shown.faulty)))
    head.html(block("section", *facts).code)
    if len(shown.points) < 2:
        st.html(block("empty", voice.say("curve.none")).code)
        return
    st.echarts_chart(curve.chart(shown, voice.say("curve.title")), height=280, key="equity", alt=span)


@st.fragment(run_every=2)
def latest(desk: Desk, voice: Voice) -> None:
    """Positions and last fills in brief, jobs."""
    with part("home", voice):
        snapshot = desk.watch.look()
        pieces: list[Html] = []
        for portfolio in (look.value for look in snapshot.portfolios.values() if look.value):
            status = snapshot.status.value
            now_ms = status.market_time_ms if status is not None else None
            rows = holdings.positions(portfolio, now_ms, voice)
            pieces.append(section(voice.say("positions.title"), voice.term("venue", portfolio.venue)))
            cells = [position_cells(one) for one in rows]
            pieces.append(markup.table(position_columns(voice), cells, voice.say("positions.none")))
            fills = holdings.trades(portfolio, voice, _LAST_TRADES)
            pieces.append(section(voice.say("trades.last"), voice.term("venue", portfolio.venue)))
            trades = [trade_cells(one) for one in fills]
            pieces.append(markup.table(trade_columns(voice), trades, voice.say("trades.none")))
        pieces += _jobs(snapshot, voice)
        if pieces:
            st.html(markup.joined(pieces).code)


def _jobs(snapshot: Snapshot, voice: Voice) -> list[Html]:
    titles = columns(voice, "jobs", "name* last result+ next")
    rows = [(one.name, one.last, one.result, one.next) for one in schedule.jobs(snapshot, voice)]
    return [section(voice.say("jobs.title")), markup.table(titles, rows, voice.say("jobs.none"))]
