"""Columns and cells of the tables that more than one screen shows."""

from __future__ import annotations

from ui import markup
from ui.markup import Column, Content, Html, block
from ui.view.holdings import PositionRow, TradeRow
from ui.voice import Voice


def section(title: str, note: str = "") -> Html:
    """The head of a part of a screen."""
    return block("section", title, small(note))


def small(content: Content) -> Html:
    """A text in small print; nothing for an empty one."""
    code = markup.html(content)
    return Html(f"<small>{code}</small>") if code else Html("")


def two(first: Content, second: Content) -> Html:
    """A cell of two lines, the second one small."""
    return Html(f"<span>{markup.html(first)}{small(second).code}</span>")


def columns(voice: Voice, group: str, names: str) -> list[Column]:
    """Columns from names: `name*` leads the row, `name#` holds figures, `name+` a line of its own on a phone."""
    return [
        Column(
            voice.say(f"{group}.{name.rstrip('*#+')}"),
            numeric=name.endswith("#"),
            lead=name.endswith("*"),
            wide=name.endswith("+"),
        )
        for name in names.split()
    ]


def position_columns(voice: Voice) -> list[Column]:
    """Columns of `position_cells`."""
    return columns(voice, "positions", "symbol* quantity# entry# last# value# pnl# stop# take_profit# strategy age#")


def position_cells(one: PositionRow) -> list[Content]:
    """The cells of one position."""
    stop = two(one.stop, markup.joined([one.stop_reason, " · " if one.stop_reason else "", one.guard]))
    return [
        two(one.symbol, one.note),
        one.quantity,
        one.entry,
        one.last,
        one.value,
        two(one.pnl, one.percent),
        stop,
        one.take_profit,
        one.strategy,
        one.age,
    ]


def trade_columns(voice: Voice) -> list[Column]:
    """Columns of `trade_cells`."""
    return columns(voice, "trades", "symbol* side time quantity# price# value# fee# pnl# reason slippage# strategy")


def trade_cells(one: TradeRow) -> list[Content]:
    """The cells of one fill."""
    return [
        one.symbol,
        one.side,
        one.time,
        one.quantity,
        one.price,
        one.value,
        one.fee,
        two(one.pnl, one.percent if one.pnl.text != one.percent.text else ""),
        one.reason,
        one.slippage,
        one.strategy,
    ]
