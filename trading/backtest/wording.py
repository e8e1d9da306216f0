"""Figures as people read them: 1,234,567원, ▲ +1.23%, 3.5일. What does not exist is a dash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from config.texts import catalogue, text
from trading.backtest.metrics import Figures
from trading.backtest.moments import kst_day
from trading.backtest.stress import Stressed
from trading.core.calendar import DAY_MS, HOUR_MS, MINUTE_MS

NONE: Final = "–"

Kind = Literal["money", "gain", "share", "rate", "ratio", "count", "minutes", "days", "times"]

#: How each figure reads, in the order of a report: of the curve (told of buy and hold too), then of the trades.
CURVE: Final[dict[str, Kind]] = {
    "final_equity": "money",
    "net_return": "rate",
    "cagr": "rate",
    "max_drawdown": "share",
    "sharpe": "ratio",
    "sortino": "ratio",
    "calmar": "ratio",
}
TRADES: Final[dict[str, Kind]] = {
    "trades": "count",
    "open_positions": "count",
    "win_rate": "share",
    "profit_factor": "ratio",
    "expectancy": "gain",
    "realized_pnl": "gain",
    "average_hold_minutes": "minutes",
    "exposure": "share",
    "fees": "money",
    "slippage": "money",
    "funding": "gain",
    "turnover": "times",
    "max_drawdown_days": "days",
    "ambiguous_trades": "count",
}


def label(figure: str, lang: str) -> str:
    """A figure's name."""
    key = f"report.{figure}"
    return text(key if key in catalogue() else f"backtest.{figure}", lang)


def reason_name(reason: str, lang: str) -> str:
    """Why a trade ended; a reason without a text as it is."""
    key = f"reason.{reason}"
    return text(key, lang) if key in catalogue() else reason


@dataclass(frozen=True, slots=True)
class Words:
    """Words for amounts in `currency`, in `lang`."""

    lang: str
    currency: str

    def figure(self, value: float | int | str | None, kind: Kind) -> str:
        """A figure of `kind`: shares and rates from fractions."""
        if value is None or isinstance(value, str):
            return NONE
        match kind:
            case "money":
                return self.money(value)
            case "gain":
                return self.gain(value)
            case "share":
                return f"{value:.2%}"
            case "rate":
                return rate(value)
            case "minutes":
                return self.span(value * MINUTE_MS)
            case "days":
                return self.span(value * DAY_MS)
            case "times":
                return text("report.unit.times", self.lang, value=f"{value:,.2f}")
        return f"{value:,.0f}" if kind == "count" else f"{value:,.2f}"

    def money(self, value: float) -> str:
        """An amount: whole won, two decimals of anything else."""
        unit = "원" if self.currency == "KRW" and self.lang == "ko" else f" {self.currency}"
        return plain(value, self._places) + unit

    def gain(self, value: float) -> str:
        """A result with arrow and sign."""
        shown = self.money(abs(value))
        return arrow(value, shown) if float(plain(abs(value), self._places).replace(",", "")) else shown

    @property
    def _places(self) -> int:
        return 0 if self.currency == "KRW" else 2

    def span(self, length_ms: float) -> str:
        """A length of time in its fitting unit."""
        for unit, size in (("days", DAY_MS), ("hours", HOUR_MS)):
            if length_ms >= size:
                return text(f"report.unit.{unit}", self.lang, value=f"{length_ms / size:,.1f}")
        return text("report.unit.minutes", self.lang, value=f"{length_ms / MINUTE_MS:,.0f}")

    def fall(self, figures: Figures) -> str:
        """The sentence of the deepest fall."""
        start, low, end = (figures[f"max_drawdown_{name}_ms"] for name in ("start", "low", "recovered"))
        if not isinstance(start, int) or not isinstance(low, int):
            return text("report.fall_none", self.lang)
        said = {
            "depth": self.figure(figures["max_drawdown"], "share"),
            "start": kst_day(start),
            "low": kst_day(low),
            "days": self.figure(figures["max_drawdown_days"], "days"),
        }
        if isinstance(end, int):
            return text("report.fall", self.lang, end=kst_day(end), **said)
        return text("report.fall_open", self.lang, **said)

    def doubt(self, figures: Figures) -> str:
        """The sentence of the width of doubt."""
        final, net = figures["other_way_final_equity"], figures["other_way_net_return"]
        if final is None:
            return text("report.doubt_none", self.lang)
        count, shown = figures["ambiguous_trades"], self.figure(final, "money")
        return text("report.doubt", self.lang, count=count, final=shown, rate=self.figure(net, "rate"))


def stress_lines(found: Sequence[Stressed], words: Words) -> list[list[str]]:
    """The table of dearer costs, its head first; the day of a latch only where one tripped."""
    lang = words.lang
    names = [label(name, lang) for name in ("final_equity", "net_return", "max_drawdown", "trades")]
    rows = [[text("report.group.costs", lang), *names]]
    for one in found:
        figures = words.money(one.final_equity), rate(one.net_return), f"{one.max_drawdown:.2%}", f"{one.trades:,}"
        rows.append([text(f"report.stress.{one.case}", lang), *figures])
    if any(one.latched_ms is not None for one in found):
        days = [NONE if one.latched_ms is None else kst_day(one.latched_ms) for one in found]
        rows = [[*row, day] for row, day in zip(rows, [text("report.stress.latched", lang), *days], strict=True)]
    return rows


def plain(value: float, places: int) -> str:
    """A number with thousands apart; what rounds to nothing has no sign."""
    shown = f"{value:,.{places}f}"
    return shown.removeprefix("-") if not shown.strip("-0.,") else shown


def arrow(value: float, shown: str) -> str:
    """`shown` (of the absolute value) with arrow and sign: never colour alone tells the way."""
    return f"▲ +{shown}" if value > 0.0 else f"▼ -{shown}"


def tone(shown: str) -> Literal["up", "down", ""]:
    """Which way a result in words goes, by its arrow."""
    return "up" if shown.startswith("▲ +") else "down" if shown.startswith("▼ -") else ""


def rate(value: float) -> str:
    """A fraction as a result in percent: `▲ +1.23%`."""
    shown = f"{abs(value):,.2%}"
    return arrow(value, shown) if shown.strip("0.%") else shown


def price(value: float) -> str:
    """A price or quantity with the digits that its size asks for."""
    if not value or not math.isfinite(value):
        return NONE if value else "0"
    places = 8 if abs(value) < 1.0 else max(0, 7 - math.floor(math.log10(abs(value))))
    shown = f"{value:,.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
