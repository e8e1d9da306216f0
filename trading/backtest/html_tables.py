"""The tables of the HTML report; long ones are cut and say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

from config.texts import text
from trading.backtest.breakdown import Month
from trading.backtest.doubt import Doubt
from trading.backtest.markup import Content, Html, heading, paragraph, table
from trading.backtest.metrics import Figures, Findings
from trading.backtest.moments import kst
from trading.backtest.series import Result
from trading.backtest.stress import Stressed
from trading.backtest.wording import CURVE, NONE, TRADES, Words, label, price, rate, reason_name, stress_lines
from trading.core.portfolio import Trade

LISTED: Final = 500  #: trades in the table, the newest
DOUBTED: Final = 50  #: ambiguous trades in the table, those with the largest difference
_DEEPEST: Final = 45  # percent of colour in the cell of the strongest month: letters over it stay readable


def figures(found: Figures, words: Words) -> Iterator[Content]:
    """Everything in figures: the curve beside buy and hold, then the trades."""
    lang = words.lang
    rows = [
        (
            label(name, lang),
            words.figure(found[name], kind),
            words.figure(found[f"buy_and_hold_{name.removeprefix('net_')}"], kind),
        )
        for name, kind in CURVE.items()
    ]
    head = ("", text("report.strategy", lang), text("report.holding", lang))
    beside = table(text("report.html.curve", lang), head, rows)
    single = [(label(name, lang), words.figure(found[name], kind)) for name, kind in TRADES.items()]
    half = (len(single) + 1) // 2
    name = text("report.html.trade_figures", lang)
    halves = [table(name, (), part).code for part in (single[:half], single[half:])]
    yield beside
    yield heading(text("report.html.trade_figures", lang))
    yield Html(f'<div class="two">{"".join(halves)}</div>')


def months(found: Sequence[Month], lang: str) -> Html:
    """A line per year, a coloured cell per month; on a narrow page a block per year."""
    most = max((abs(month.net_return) for month in found), default=0.0)
    known = {month.name: month.net_return for month in found}
    names = [*text("report.html.month_names", lang).split(), text("report.html.whole_year", lang)]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (text("report.html.year", lang), *names))
    body = "".join(_year(year, known, most, names) for year in sorted({month.name[:4] for month in found}))
    return Html(f'<table class="months"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def _year(year: str, known: Mapping[str, float], most: float, names: Sequence[str]) -> str:
    returns = [known.get(f"{year}-{number:02d}") for number in range(1, 13)]
    whole = 1.0
    for one in returns:
        whole *= 1.0 + (one or 0.0)
    cells = [_month(name, one, most) for name, one in zip(names, returns, strict=False)]
    total = f'<td class="whole" data-month="{escape(names[-1])}">{_percent(whole - 1.0)}</td>'
    return f'<tr><th scope="row">{year}</th>{"".join(cells)}{total}</tr>'


def _month(name: str, value: float | None, most: float) -> str:
    if value is None:
        return f'<td data-month="{escape(name)}">{NONE}</td>'
    kind = f' class="{"gain" if value > 0.0 else "loss"}"' if value else ""
    deep = _DEEPEST * abs(value) / most if most else 0.0
    return f'<td{kind} style="--deep:{deep:.0f}%" data-month="{escape(name)}">{_percent(value)}</td>'


def _percent(value: float) -> str:
    shown = f"{value:+.1%}"
    return shown if shown.strip("+-0.%") else "0.0%"


def stress(found: Sequence[Stressed], words: Words) -> Iterator[Content]:
    """The run at dearer costs."""
    lang = words.lang
    yield paragraph(text("report.html.stress_note", lang), "quiet")
    head, *rows = stress_lines(found, words)
    yield table(text("report.stress", lang), head, rows)
    if not any(one.case == "slippage" for one in found):
        yield paragraph(text("report.no_slippage", lang), "quiet")


def doubts(findings: Findings, names: Mapping[str, str], words: Words) -> Iterator[Content]:
    """The width of doubt, and the trades that make it."""
    lang, found = words.lang, findings.doubts
    yield paragraph(words.doubt(findings.figures))
    if unknown := sum(one.other_pnl is None for one in found):
        yield paragraph(text("report.doubt_unknown", lang, count=unknown))
    if not found:
        return
    widest = sorted(found, key=lambda one: -abs(one.pnl - (one.pnl if one.other_pnl is None else one.other_pnl)))
    head = [
        text(f"report.{key}", lang)
        for key in (
            "html.number",
            "group.symbol",
            "html.left",
            "group.reason",
            "html.exit_price",
            "group.pnl",
            "html.other",
            "html.difference",
        )
    ]
    rows = [_doubt(one, names, words) for one in widest[:DOUBTED]]
    yield table(text("report.html.doubt", lang), head, rows, texts=(1, 2, 3))
    if len(found) > DOUBTED:
        yield paragraph(text("report.html.doubts_shown", lang, shown=DOUBTED, hidden=len(found) - DOUBTED), "quiet")


def _doubt(one: Doubt, names: Mapping[str, str], words: Words) -> tuple[str, ...]:
    known = one.other_pnl is not None
    return (
        f"{one.number:,}",
        names[one.symbol],
        kst(one.exit_ms),
        reason_name(one.exit_reason, words.lang),
        price(one.exit_price),
        words.gain(one.pnl),
        words.gain(one.other_pnl or 0.0) if known else NONE,
        words.gain((one.other_pnl or 0.0) - one.pnl) if known else NONE,
    )


def groups(findings: Findings, names: Mapping[str, str], words: Words) -> Iterator[Content]:
    """Trades by symbol and by the reason they ended for."""
    lang = words.lang
    head = [text(f"report.group.{name}", lang) for name in ("trades", "win_rate", "pnl")]
    both = []
    for kind, found in (("symbol", findings.symbols), ("reason", findings.reasons)):
        rows = [
            (
                names[one.name] if kind == "symbol" else reason_name(one.name, lang),
                f"{one.trades:,}",
                words.figure(one.win_rate, "share"),
                words.gain(one.pnl),
            )
            for one in found
        ]
        title = text(f"report.group.{kind}", lang)
        both.append(table(title, [title, *head], rows).code)
    yield Html(f'<div class="two">{"".join(both)}</div>')


def trades(result: Result, names: Mapping[str, str], words: Words) -> Iterator[Content]:
    """The newest closed trades first, and what is still open."""
    lang, count = words.lang, len(result.trades)
    if not count:
        yield paragraph(text("report.html.no_trades", lang))
    else:
        shown = range(count, max(0, count - LISTED), -1)
        rows = [_trade(number, result.trades[number - 1], names, words) for number in shown]
        yield table(
            text("report.html.trades", lang), _trade_head(lang), rows, texts=(1, 2, 3, 4, 10), kind="scroll tall"
        )
    if count > LISTED:
        yield paragraph(text("report.html.trades_shown", lang, shown=LISTED, hidden=count - LISTED), "quiet")
    if result.positions:
        yield heading(text("report.html.open", lang))
        head = [text(f"report.html.{key}", lang) for key in ("side", "entered", "entry_price", "quantity")]
        still = [
            (
                names[one.symbol],
                text(f"report.html.side.{'long' if one.side > 0 else 'short'}", lang),
                kst(one.entry_ms),
                price(float(one.entry_price)),
                price(float(one.quantity)),
            )
            for one in result.positions
        ]
        name = text("report.html.open", lang)
        yield table(name, [text("report.group.symbol", lang), *head], still, texts=(1, 2))


def _trade_head(lang: str) -> list[str]:
    keys = ("html.number", "group.symbol", "html.side", "html.entered", "html.left", "html.entry_price")
    more = ("html.exit_price", "html.quantity", "group.pnl", "html.pnl_percent", "group.reason")
    return [text(f"report.{key}", lang) for key in (*keys, *more)]


def _trade(number: int, trade: Trade, names: Mapping[str, str], words: Words) -> tuple[str, ...]:
    reason = reason_name(trade.exit_reason, words.lang)
    percent = float(trade.pnl_percent)
    return (
        f"{number:,}",
        names[trade.symbol],
        text(f"report.html.side.{trade.side}", words.lang),
        kst(trade.entry_ms),
        kst(trade.exit_ms),
        price(float(trade.entry_price)),
        price(float(trade.exit_price)),
        price(float(trade.quantity)),
        words.gain(float(trade.pnl)),
        rate(percent / 100.0),
        f"{reason} ({text('report.html.ambiguous', words.lang)})" if trade.ambiguous else reason,
    )
