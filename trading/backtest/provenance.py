"""What was run and on what: everything a reader needs to run it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from config.texts import text
from config.values import Knobs
from trading.backtest.moments import kst
from trading.backtest.series import Series
from trading.backtest.wording import NONE, price
from trading.core.candles import Times
from trading.core.instrument import Instrument
from trading.core.rows import Rule
from trading.core.strategy import parameters

_OWN_OPTIONS: Final = ("venues", "preset", "strategy", "timeframe")


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """command: as it was typed. files: the paths per series, signal candles then detail; empty for generated prices.

    engine: "exact" or "kernel". names: our symbol -> as the user wrote it.
    """

    command: str
    version: str
    engine: str
    knobs: Knobs
    rule: Rule
    series: tuple[Series, ...]
    names: dict[str, str]
    files: tuple[tuple[str, ...], ...] = ()


def data_rows(setup: Setup, lang: str) -> list[tuple[str, ...]]:
    """(symbol, file, candles, first, last, missing) of every file."""
    rows: list[tuple[str, ...]] = []
    for index, series in enumerate(setup.series):
        files = setup.files[index] if setup.files else (text("report.html.generated", lang),)
        parts = (series.candles,) if series.detail is None else (series.candles, series.detail)
        for file, candles in zip(files, parts, strict=True):
            span = (kst(int(candles.time[0])), kst(int(candles.time[-1])))
            gaps = _gaps(candles.time, candles.timeframe_ms, lang)
            rows.append((setup.names[series.instrument.symbol], file, f"{len(candles):,}", *span, gaps))
    return rows


def _gaps(times: Times, length_ms: int, lang: str) -> str:
    """Candles that are not there; ticks have none to miss."""
    steps = np.diff(times) // max(1, length_ms) - 1
    missing = int(np.sum(steps[steps > 0])) if length_ms > 1 else 0
    if not missing:
        return text("report.html.no_gaps" if length_ms > 1 else "report.html.ticks", lang, count=len(times))
    return text("report.html.gaps_value", lang, missing=missing, longest=f"{int(steps.max()):,}")


def cost_rows(setup: Setup, lang: str) -> list[tuple[str, str, str, str]]:
    """(symbol, fee a side, slippage, tick) of every symbol."""
    knobs = setup.knobs
    slippage = text(
        "report.html.slippage_value", lang, ticks=f"{knobs.slippage_ticks:g}", bps=f"{knobs.slippage_bps:g}"
    )
    return [
        (setup.names[item.symbol], f"{100 * item.fee_rate:.4g}%", slippage, _tick(item, lang))
        for item in (series.instrument for series in setup.series)
    ]


def _tick(instrument: Instrument, lang: str) -> str:
    sizes = sorted(tick for _, tick in instrument.ticks)
    if not sizes:
        return text("report.html.tick_none", lang)
    if len(sizes) == 1:
        return price(sizes[0])
    return text("report.html.tick_bands", lang, low=price(sizes[0]), high=price(sizes[-1]))


def parameter_rows(setup: Setup, lang: str) -> list[tuple[str, str, str]]:
    """(name, value, default) of every parameter of the strategy."""
    strategy = setup.rule.strategy
    return [
        (name, _value(getattr(strategy, name), lang), _value(field.default, lang))
        for name, field in parameters(type(strategy)).items()
    ]


def knob_rows(setup: Setup, lang: str) -> list[tuple[str, str, str]]:
    """(name, value, default) of every knob that is not at its default; what has an option of its own is told apart."""
    plain = Knobs()
    names = [field.name for field in fields(Knobs) if field.name not in _OWN_OPTIONS]
    return [
        (name, _value(getattr(setup.knobs, name), lang), _value(getattr(plain, name), lang))
        for name in names
        if getattr(setup.knobs, name) != getattr(plain, name)
    ]


def _value(value: object, lang: str) -> str:
    """As `--set` and `--param` take it."""
    if value is None:
        return text("report.html.unset", lang)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(str, value)) or NONE
    return str(value)
