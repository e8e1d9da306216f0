"""The pictures of the HTML report: equity beside buy and hold, drawdown, and each symbol's price with its fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from config.texts import text
from trading.backtest.drawdown import falls
from trading.backtest.markup import Content, Html, heading, html, paragraph
from trading.backtest.metrics import Findings
from trading.backtest.plot import Curve, Look, Marks, Side, plot
from trading.backtest.series import Result, Series
from trading.backtest.wording import Words, plain, price
from trading.core.portfolio import Trade

DRAWN: Final = 8  #: symbols whose price is drawn

#: The marks of fills, drawn once and used by the pictures.
SHAPES: Final = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<path id="buy" d="M0 1.500l5 8.500h-10z"/><path id="sell" d="M0-1.500l5-8.500h-10z"/></defs></svg>'
)


def _key(look: Look, words: str, result: str = "") -> str:
    """One line of a legend: how the curve looks, what it is, where it ended."""
    shapes = {"area": "M0 1L26 1 26 6 18 10 8 4 0 8z", "edge": "M0 8L8 4 18 10 26 6"}
    looks = shapes if look == "area" else {look: "M0 6L26 6"}
    paths = "".join(f'<path class="{name}" d="{shape}"/>' for name, shape in looks.items())
    line = f'<svg width="26" height="12" aria-hidden="true">{paths}</svg>'
    return f"<span>{line}{escape(words)} {html(result)}</span>"


def _legend(*keys: str) -> str:
    return f'<div class="legend">{"".join(keys)}</div>'


def equity(result: Result, findings: Findings, words: Words) -> Html:
    """The run's equity and that of buy and hold."""
    times, lang, figures = result.times, words.lang, findings.figures
    if not len(times):
        return Html("")
    told = text(
        "report.html.curve_text",
        lang,
        start=words.money(result.capital),
        end=words.money(float(result.equity[-1])),
        low=words.money(float(result.equity.min())),
        high=words.money(float(result.equity.max())),
        hold=words.money(float(findings.holding[-1])),
    )
    keys = _legend(
        _key("main", text("report.strategy", lang), words.figure(figures["net_return"], "rate")),
        _key("beside", text("report.holding", lang), words.figure(figures["buy_and_hold_return"], "rate")),
    )
    curves = [Curve(times, findings.holding, "beside"), Curve(times, result.equity, "main")]
    return Html(keys + plot(curves, told, _axis_number, height=320))


def drawdown(result: Result, findings: Findings, words: Words) -> Html:
    """How far each stood under its highest equity so far."""
    lang, figures = words.lang, findings.figures
    curves = [
        Curve(result.times, -falls(result.equity, result.capital), "area"),
        Curve(result.times, -falls(findings.holding, result.capital), "beside"),
    ]
    keys = _legend(
        _key("area", f"{text('report.strategy', lang)} {words.figure(figures['max_drawdown'], 'share')}"),
        _key("beside", f"{text('report.holding', lang)} {words.figure(figures['buy_and_hold_max_drawdown'], 'share')}"),
    )
    return Html(keys + plot(curves, words.fall(figures), lambda value: f"{100.0 * abs(value):.3g}%", height=170))


def prices(all_series: Sequence[Series], result: Result, names: Mapping[str, str], lang: str) -> Iterator[Content]:
    """Price and fills of the first symbols, and how many are not drawn."""
    yield paragraph(text("report.html.marks", lang), "quiet")
    for series in all_series[:DRAWN]:
        symbol = series.instrument.symbol
        fills = [trade for trade in result.trades if trade.symbol == symbol]
        if len(all_series) > 1:
            yield heading(names[symbol])
        yield Html(_price(series, fills, names[symbol], lang))
    if len(all_series) > DRAWN:
        yield paragraph(text("report.html.prices_more", lang, count=len(all_series) - DRAWN, shown=DRAWN), "quiet")


def _price(series: Series, trades: Sequence[Trade], name: str, lang: str) -> str:
    candles = series.execution
    first, last = price(float(candles.open[0])), price(float(candles.close[-1]))
    count = len(trades)
    told = text("report.html.price_text", lang, symbol=name, start=first, end=last, buys=count, sells=count)
    return plot([Curve(candles.time, candles.close, "price")], told, price, _marks(trades), height=240)


def _marks(trades: Sequence[Trade]) -> list[Marks]:
    """All fills, buys and sales apart."""
    buys, sells = [], []
    for trade in trades:
        entered, left = (trade.entry_ms, float(trade.entry_price)), (trade.exit_ms, float(trade.exit_price))
        long = trade.side == "long"
        buys.append(entered if long else left)
        sells.append(left if long else entered)
    return [_fills("buy", buys), _fills("sell", sells)]


def _fills(side: Side, fills: Sequence[tuple[int, float]]) -> Marks:
    times, paid = [time for time, _ in fills], [price for _, price in fills]
    return Marks(side, np.array(times, np.int64), np.array(paid, np.float64))


def _axis_number(value: float) -> str:
    return plain(value, 0 if abs(value) >= 100.0 else 2)
