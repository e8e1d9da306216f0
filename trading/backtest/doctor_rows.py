"""Examines the rows a rule makes of candles: sight of what comes, window, warm-up, filters, gaps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from trading.backtest.doctor_finding import Finding, found, graded, percent
from trading.backtest.moments import kst
from trading.backtest.row_checks import CUTS, foresight, short_window
from trading.backtest.series import Prepared, Series, inputs_of
from trading.core.candles import Candles
from trading.core.filters import SWITCHES, passes, volatile
from trading.core.indicators import Bools
from trading.core.rows import Rule, compute

SEED: Final = 1
LONGEST: Final = 20_000
"""Candles of a series that the row checks look at, the last ones: their cost grows with points x candles."""
FEW: Final = 0.02
"""A filter that lets so small a share of the entries pass blocks nearly everything."""
MISSING: Final = 0.02
"""More than this share of missing candles is worth a warning."""

_VOLATILITY: Final = "volatility"


def examine_rows(prepared: Prepared) -> Iterator[Finding]:
    """Look-ahead, window, warm-up, filters and gaps of all series."""
    yield _look_ahead(prepared)
    yield _window(prepared)
    warmup = prepared.rule.strategy.warmup
    for series in prepared.series:
        if len(series.candles) <= warmup:
            values = {"symbol": series.instrument.symbol, "warmup": warmup, "candles": len(series.candles)}
            yield found("fault", "warmup.long", **values)
    if any(len(series.candles) > warmup for series in prepared.series):
        yield from _filters(prepared)
    yield from _gaps(prepared)


def _last(series: Series) -> Series:
    """The part of a series that the row checks look at."""
    return replace(series, candles=series.candles[-LONGEST:])


def _look_ahead(prepared: Prepared) -> Finding:
    for series in map(_last, prepared.series):
        moved = foresight(prepared.rule, series.candles, inputs_of(prepared.rule, series), SEED)
        if moved:
            row, cut = (kst(int(series.candles.time[j])) for j in (moved.row, moved.cut))
            where = {"symbol": series.instrument.symbol, "column": moved.column, "row": row, "cut": cut}
            return found("fault", "look_ahead.seen", **where)
    return found("ok", "look_ahead.none", points=CUTS + 3, series=len(prepared.series))


def _window(prepared: Prepared) -> Finding:
    rule, tried = prepared.rule, 0
    window = rule.window(prepared.series[0].candles.timeframe_ms)
    for series in map(_last, prepared.series):
        tried += len(series.candles) > window
        unlike = short_window(rule, series.candles, inputs_of(rule, series), SEED)
        if unlike:
            return found(
                "fault",
                "window.short",
                symbol=series.instrument.symbol,
                window=window,
                column=unlike.column,
                row=kst(int(series.candles.time[unlike.row])),
                whole=f"{unlike.whole:.10g}",
                windowed=f"{unlike.windowed:.10g}",
            )
    if not tried:
        longest = max(len(series.candles) for series in prepared.series)
        return found("warning", "window.untried", window=window, candles=longest)
    return found("ok", "window.enough", window=window)


# -- filters -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Doors:
    """All rows after the warm-up, series after series. long, short: rows whose level is reached without any filter.

    open: filter -> (longs, shorts) it lets pass. holds: the strategy's own conditions.
    """

    long: Bools
    short: Bools
    open: dict[str, tuple[Bools, Bools]]
    holds: dict[str, Bools]

    def entering(self, *names: str) -> int:
        """Rows that enter when just these filters are on."""
        long, short = self.long.copy(), self.short.copy()
        for name in names:
            long &= self.open[name][0]
            short &= self.open[name][1]
        return int(np.sum(long | short))

    def share(self, *names: str) -> float:
        """Share of all rows that these filters let pass together, on the sides that the strategy enters at all."""
        long = np.logical_and.reduce([self.open[name][0] for name in names]) & bool(self.long.any())
        short = np.logical_and.reduce([self.open[name][1] for name in names]) & bool(self.short.any())
        return float(np.mean(long | short))


def _names(rule: Rule) -> tuple[str, ...]:
    return (*((_VOLATILITY,) if rule.min_atr_percent > 0.0 else ()), *rule.filters)


def _doors(prepared: Prepared) -> _Doors:
    rule = prepared.rule
    parts: list[_Doors] = []
    for series in prepared.series:
        candles, inputs = series.candles, inputs_of(rule, series)
        bare = compute(Rule(rule.strategy, ()), candles, inputs)
        opened = {name: passes(name, candles, inputs) for name in rule.filters}
        if rule.min_atr_percent > 0.0:
            enough = volatile(candles, rule.min_atr_percent)
            opened[_VOLATILITY] = (enough, enough)
        warm = slice(rule.strategy.warmup, None)
        parts.append(
            _Doors(
                (bare.buy_above <= candles.high)[warm],
                (bare.sell_below >= candles.low)[warm],
                {name: (longs[warm], shorts[warm]) for name, (longs, shorts) in opened.items()},
                {name: holds[warm] for name, holds in bare.conditions.items()},
            )
        )
    first = parts[0]
    return _Doors(
        np.concatenate([part.long for part in parts]),
        np.concatenate([part.short for part in parts]),
        {
            name: (
                np.concatenate([part.open[name][0] for part in parts]),
                np.concatenate([part.open[name][1] for part in parts]),
            )
            for name in first.open
        },
        {name: np.concatenate([part.holds[name] for part in parts]) for name in first.holds},
    )


def _filters(prepared: Prepared) -> Iterator[Finding]:
    doors, names = _doors(prepared), _names(prepared.rule)
    bare, rows = doors.entering(), len(doors.long)
    if not bare:
        rarest = min(doors.holds, key=lambda name: int(doors.holds[name].sum()), default="-")
        held = percent(float(np.mean(doors.holds[rarest]))) if doors.holds else "-"
        yield found("fault", "entries.never", rows=rows, condition=rarest, held=held)
        return
    yield found("ok", "entries.some", entries=bare, rows=rows, share=percent(bare / rows))
    for name in names:
        yield _one_filter(doors, name, tuple(other for other in names if other != name), bare)
    if len(names) > 1 and all(doors.entering(name) for name in names):
        yield from _together(doors, names, bare)


def _one_filter(doors: _Doors, name: str, others: tuple[str, ...], bare: int) -> Finding:
    share, alone = doors.share(name), doors.entering(name)
    values = {
        "name": name,
        "knob": _cure(name),
        "share": percent(share),
        "passed": alone,
        "entries": bare,
        "without": doors.entering(*others),
        "together": doors.entering(name, *others),
    }
    if not alone:
        return found("fault", "filter.closed", **values)
    return graded(alone < FEW * bare, "filter.few", "filter.open", **values)


def _together(doors: _Doors, names: tuple[str, ...], bare: int) -> Iterator[Finding]:
    """Filters that shut each other out: each has its rows, together they have none."""
    for pair in itertools.combinations(names, 2):
        if not doors.share(*pair) and all(doors.share(name) for name in pair):
            yield found("fault", "filters.exclude", one=pair[0], other=pair[1], cure=_cure(pair[1]))
            return
    left = doors.entering(*names)
    values = {"names": ", ".join(names), "left": left, "entries": bare, "share": percent(left / bare)}
    if not left:
        yield found("fault", "filters.closed", **values)
    else:
        yield graded(left < FEW * bare, "filters.few", "filters.open", **values)


def _cure(name: str) -> str:
    """What switches a filter off."""
    return "--set min_atr_percent=0" if name == _VOLATILITY else f"--set {SWITCHES[name]}=false"


# -- gaps --------------------------------------------------------------------------------------------------------------


def _gaps(prepared: Prepared) -> Iterator[Finding]:
    """Missing candles; a stock's nights and holidays are no gaps."""
    if prepared.venue == "stock":
        return
    missing = total = holes = 0
    worst = (0, "", 0)
    for series in prepared.series:
        lost = _lost(series.candles)
        missing, holes = missing + int(lost.sum()), holes + int(np.sum(lost > 0))
        total += len(series.candles)
        if len(lost) and int(lost.max()) > worst[0]:
            at = int(lost.argmax())
            worst = (int(lost[at]), series.instrument.symbol, int(series.candles.time[at]))
    if not missing:
        yield found("ok", "gaps.none", candles=total)
        return
    share = missing / (missing + total)
    values = {"missing": missing, "share": percent(share), "holes": holes, "longest": worst[0]}
    values |= {"symbol": worst[1], "since": kst(worst[2])}
    yield graded(share > MISSING, "gaps.many", "gaps.few", **values)


def _lost(candles: Candles) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Missing candles behind each one but the last."""
    return np.asarray(np.diff(candles.time) // candles.timeframe_ms - 1, np.int64)
