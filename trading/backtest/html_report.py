"""One HTML file for people: self-contained, without script, and the browser itself forbids it to ask anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from config.texts import text
from trading.backtest import html_charts, html_tables
from trading.backtest.html_style import style
from trading.backtest.markup import Content, Html, heading, html, paragraph, section, table
from trading.backtest.metrics import Findings
from trading.backtest.provenance import Setup, cost_rows, data_rows, knob_rows, parameter_rows
from trading.backtest.report import Heading, latch_line, title
from trading.backtest.series import Result
from trading.backtest.whole_file import write_whole
from trading.backtest.wording import CURVE, Words, label

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """All that the page tells. notes: in the user's language."""

    result: Result
    findings: Findings
    heading: Heading
    setup: Setup
    notes: tuple[str, ...] = ()

    @property
    def lang(self) -> str:
        """Its language."""
        return self.heading.lang

    @property
    def words(self) -> Words:
        """Its words for amounts."""
        return Words(self.heading.lang, self.heading.currency)


def write_html(path: Path, page: Page) -> None:
    """Writes the report. Raises BadInput where it cannot be written."""
    write_whole(path, document(page))


def document(page: Page) -> str:
    """The whole file."""
    return framed(text("report.html.title", page.lang), title(page.result, page.heading), page.heading, _sections(page))


def framed(name: str, subtitle: str, heading: Heading, sections: Iterable[str]) -> str:
    """A whole page called `name` of ready `sections`."""
    lang, named = heading.lang, f"{heading.strategy} · {', '.join(heading.names.values())}"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(f'{name}: {named}')}</title><style>{style(heading.palette)}</style></head><body>"
        f'<a class="skip" href="#report">{escape(text("report.html.skip", lang))}</a>{html_charts.SHAPES}'
        f"<header><h1>{escape(name)}</h1>"
        f'<p class="sub">{escape(subtitle)}</p></header>\n<main id="report">'
        + "\n".join(sections)
        + f"</main>\n<footer><p>{escape(text('report.html.past', lang))}</p></footer></body></html>\n"
    )


def _sections(page: Page) -> Iterator[str]:
    lang, words, findings = page.lang, page.words, page.findings
    if line := latch_line(page.result, lang):
        yield f'<section class="banner" role="alert">{escape(line)}</section>'
    if page.notes:
        yield section(text("report.html.notes", lang), *map(paragraph, page.notes), kind="notes")
    yield _cards(page)
    curve = html_charts.equity(page.result, findings, words)
    below = [heading(text("report.html.drawdown", lang)), html_charts.drawdown(page.result, findings, words)]
    yield section(text("report.html.curve", lang), curve, *below, paragraph(words.fall(findings.figures)))
    yield section(
        text("report.html.months", lang),
        paragraph(text("report.html.month_note", lang), "quiet"),
        html_tables.months(findings.months, lang),
    )
    yield section(text("report.html.figures", lang), *html_tables.figures(findings.figures, words))
    if findings.stress:
        yield section(text("report.stress", lang), *html_tables.stress(findings.stress, words))
    yield section(text("report.html.doubt", lang), *html_tables.doubts(findings, page.setup.names, words))
    if findings.symbols:
        yield section(text("report.html.groups", lang), *html_tables.groups(findings, page.setup.names, words))
    charts = html_charts.prices(page.setup.series, page.result, page.setup.names, lang)
    yield section(text("report.html.prices", lang), *charts)
    listed = html_tables.trades(page.result, page.setup.names, words)
    yield section(text("report.html.trades", lang), *listed, kind="long")
    yield section(text("report.html.settings", lang), *_settings(page), kind="long")


def _cards(page: Page) -> str:
    """The few figures that everybody asks for first; under those of the curve what holding brought."""
    figures, words, lang = page.findings.figures, page.words, page.lang
    cards = []
    for name, kind in CURVE.items():
        if name in ("final_equity", "net_return", "max_drawdown", "sharpe"):
            beside = words.figure(figures[f"buy_and_hold_{name.removeprefix('net_')}"], kind)
            cards.append((name, words.figure(figures[name], kind), text("report.holding", lang), beside))
    won = words.figure(figures["win_rate"], "share")
    cards.append(("trades", words.figure(figures["trades"], "count"), label("win_rate", lang), won))
    each = words.figure(figures["expectancy"], "gain")
    cards.append(("profit_factor", words.figure(figures["profit_factor"], "ratio"), label("expectancy", lang), each))
    shown = "".join(
        f'<dl class="card"><dt>{escape(label(name, lang))}</dt><dd>{html(value)}</dd>'
        f"<dd>{escape(note)} <span>{escape(beside)}</span></dd></dl>"
        for name, value, note, beside in cards
    )
    return f'<section class="cards" aria-label="{escape(text("report.html.summary", lang))}">{shown}</section>'


def _settings(page: Page) -> Iterator[Content]:
    """What it takes to run it again."""
    lang, setup = page.lang, page.setup
    yield heading(text("report.html.command", lang))
    yield Html(f"<pre><code>{escape(setup.command)}</code></pre>")
    engine = text(f"report.html.engine.{setup.engine}", lang)
    cash = f"{label('initial_cash', lang)} {page.words.money(page.result.capital)}"
    version = f"{text('report.html.version', lang)} {setup.version}"
    yield paragraph(f"{version} · {text('report.html.engine', lang)}: {engine} · {cash}")
    yield heading(text("report.html.data", lang))
    head = [text(f"report.html.{key}", lang) for key in ("file", "candles", "from", "until", "gaps")]
    symbol = text("report.group.symbol", lang)
    yield table(text("report.html.data", lang), [symbol, *head], data_rows(setup, lang), texts=(1, 5))
    yield heading(text("report.html.costs", lang))
    head = [text(f"report.html.{key}", lang) for key in ("fee_rate", "slippage_set", "tick")]
    yield table(text("report.html.costs", lang), [symbol, *head], cost_rows(setup, lang))
    head = [text(f"report.html.{key}", lang) for key in ("name", "value", "default")]
    both = ""
    for key, rows in (("parameters", parameter_rows(setup, lang)), ("knobs", knob_rows(setup, lang))):
        name = text(f"report.html.{key}", lang)
        none = text("report.html.all_default" if key == "knobs" else "report.html.none", lang)
        shown = table(name, head, rows, texts=(1, 2)) if rows else paragraph(none)
        both += f"<div>{heading(name).code}{shown.code}</div>"
    yield Html(f'<div class="two">{both}</div>')
    filters = ", ".join(setup.rule.filters) or text("report.html.none", lang)
    yield paragraph(f"{text('report.html.filters', lang)}: {filters}")
