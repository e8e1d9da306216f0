"""Positions, open orders, holdings that are not the bot's; and the table of fills."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import streamlit as st

from trading.ipc.portfolio import Portfolio
from trading.ipc.readers import Snapshot
from ui import markup
from ui.markup import Html
from ui.screens.boundary import part
from ui.screens.tables import columns, position_cells, position_columns, section, trade_cells, trade_columns
from ui.view import holdings
from ui.voice import Voice
from ui.watch import Desk

_COUNTS = (20, 50, 100, 500)


def readable(snapshot: Snapshot) -> Iterator[Portfolio]:
    """Portfolios that can be read (or could, a moment ago)."""
    for look in snapshot.portfolios.values():
        if look.value is not None:
            yield look.value


@st.fragment(run_every=2)
def holdings_and_orders(desk: Desk, voice: Voice) -> None:
    """Everything a venue's account holds, venue by venue."""
    with part("positions", voice):
        snapshot = desk.watch.look()
        pieces: list[Html] = []
        for portfolio in readable(snapshot):
            pieces += _of_venue(portfolio, snapshot, voice)
        if not pieces:
            pieces.append(markup.block("empty", voice.say("no_portfolio")))
        st.html(markup.joined(pieces).code)


def _of_venue(portfolio: Portfolio, snapshot: Snapshot, voice: Voice) -> list[Html]:
    venue = voice.term("venue", portfolio.venue)
    status = snapshot.status.value
    now_ms = status.market_time_ms if status is not None else None
    held = [position_cells(one) for one in holdings.positions(portfolio, now_ms, voice)]
    waiting = [
        (one.symbol, one.side, one.time, one.kind, one.price, one.quantity, one.filled, one.state)
        for one in holdings.orders(portfolio, voice)
    ]
    strange = [
        (one.symbol, one.quantity, one.average, one.value)
        for one in holdings.foreign(portfolio, voice, _prices(snapshot, portfolio.venue))
    ]
    order_columns = columns(voice, "orders", "symbol* side time kind price# quantity# filled# state")
    pieces = [
        section(voice.say("positions.title"), venue),
        markup.table(position_columns(voice), held, voice.say("positions.none")),
        section(voice.say("orders.title"), venue),
        markup.table(order_columns, waiting, voice.say("orders.none")),
    ]
    if strange:
        pieces.append(section(voice.say("foreign.title"), voice.say("foreign.note")))
        foreign_columns = columns(voice, "foreign", "symbol* quantity# average# value#")
        pieces.append(markup.table(foreign_columns, strange, ""))
    return pieces


def _prices(snapshot: Snapshot, venue: str) -> dict[str, Decimal]:
    market = snapshot.market.value
    if market is None or venue not in market.venues:
        return {}
    return {symbol: quote.price for symbol, quote in market.venues[venue].prices.items()}


@st.fragment(run_every=2)
def fills(desk: Desk, voice: Voice) -> None:
    """The table of fills with its choice of length and symbol."""
    with part("trades", voice):
        snapshot = desk.watch.look()
        symbols = sorted({one.symbol for portfolio in readable(snapshot) for one in portfolio.trade_history})
        left, right, _ = st.columns([1, 1, 2])
        with left:
            most = st.selectbox(voice.say("trades.count"), _COUNTS, index=1, key="trades-count")
        with right:
            every = voice.say("trades.all_symbols")
            chosen = st.selectbox(voice.say("trades.symbol"), [every, *symbols], key="trades-symbol")
        symbol = "" if chosen in (every, None) else str(chosen)
        pieces: list[Html] = []
        for portfolio in readable(snapshot):
            tally = holdings.tally(portfolio, voice)
            note = voice.say("trades.tally", count=tally.sells, rate=tally.rate, pnl=tally.pnl.text)
            pieces.append(section(voice.term("venue", portfolio.venue), note))
            rows = [trade_cells(one) for one in holdings.trades(portfolio, voice, int(most or 50), symbol)]
            pieces.append(markup.table(trade_columns(voice), rows, voice.say("trades.none")))
        if not pieces:
            pieces.append(markup.block("empty", voice.say("no_portfolio")))
        st.html(markup.joined(pieces).code)
