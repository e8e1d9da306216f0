"""The verb `download`: past candles of a venue into the data folder's candles.db, for research."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from config.errors import nearest
from config.texts import catalogue, text
from config.venues import VENUES
from trading.core.calendar import DAY_OFFSET_MS, MINUTE_MS, TIMEFRAMES, slot, timeframe_ms
from trading.core.errors import BadInput, Refused, VenueError
from trading.core.ports import CandleSource, Clock
from trading.core.rules import names_of
from trading.core.spans import total
from trading.ipc.candle_store import CandleStore
from trading.ipc.candles import FILE
from trading.ipc.readers import load
from trading.live.fetching import Wanted, fetch, stored, unknown
from trading.live.gaps import Gap, count, gaps
from trading.live.lock import KST

OpenSource = Callable[[str, str | None, Clock], CandleSource]
"""(venue, admin address of a simulator or None, wall clock) -> source. Raises BadInput, or an error of its own."""
SETTLED_MS: Final = 10_000
"""A candle counts as closed so long after its end: this clock may be ahead, and venues correct for a while."""
LONGEST: Final = 5
TENTHS: Final = 10


def add_options(verb: argparse.ArgumentParser) -> None:
    """The options of `main.py download`."""
    verb.add_argument("--venue", default="upbit", metavar="V", help="default: upbit")
    verb.add_argument("--symbols", required=True, metavar="M,...", help="markets with commas between: KRW-BTC,KRW-ETH")
    verb.add_argument("--timeframe", default="1m", metavar="T", help="1m (default), 3m, 5m, ... 1h, 4h, 1d, 1w")
    times = "a date or an ISO time; UTC unless it names a zone, as 2025-09-01T09:00+09:00 does"
    verb.add_argument("--from", required=True, metavar="TIME", dest="start", help=f"first open time: {times}")
    verb.add_argument("--to", metavar="TIME", dest="end", help="up to here, not included (default: now)")
    verb.add_argument("--simulator", metavar="ADMIN_URL", help="candles of a running practice market instead")


def command(args: argparse.Namespace, lang: str, wall: Clock, open_source: OpenSource) -> int:
    """0 all there, 1 the store cannot be written, 2 wrong words, 5 the venue cannot be reached, 130 interrupted."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        _download(args, lang, wall, open_source)
    except BadInput as error:
        code, said = 2, error.text(lang)
    except VenueError as error:
        code, said = 5, text("download.unreached", lang, venue=args.venue, why=_explained(error, lang))
    except (sqlite3.Error, OSError) as error:
        code, said = 1, text("download.unwritable", lang, path=args.data_dir / FILE, why=error)
    except KeyboardInterrupt:
        code, said = 130, text("download.interrupted", lang)
    else:
        return 0
    print(said, file=sys.stderr)  # noqa: T201 - the terminal is where the user reads
    return code


def _explained(error: VenueError, lang: str) -> str:
    key = f"download.trouble.{error.code}"
    return text(key, lang) if key in catalogue() else str(error)


def _download(args: argparse.Namespace, lang: str, wall: Clock, open_source: OpenSource) -> None:
    """Raises BadInput, VenueError, sqlite3.Error, OSError."""
    if args.venue not in VENUES:
        raise BadInput("input.venue", name=args.venue, known=", ".join(VENUES))
    start, end = _moment("--from", args.start), _moment("--to", args.end) if args.end else None
    source = open_source(args.venue, args.simulator, wall)
    if args.timeframe not in source.timeframes:
        near, known = _near(args.timeframe, source.timeframes), ", ".join(source.timeframes)
        raise BadInput("download.timeframe", given=args.timeframe, venue=args.venue, near=near, known=known)
    _same_market(args.data_dir, source, wall)
    start, end = _period(args, start, end, source.now_ms())
    symbols = _symbols(args.venue, args.symbols, source)
    orders = [Wanted(args.venue, symbol, args.timeframe, start, end) for symbol in symbols]
    console = Console(highlight=False, soft_wrap=True)
    with closing(CandleStore(args.data_dir, mend=False)) as store:
        firsts = [_fetch(source, store, order, wall, console, lang) for order in orders]
        _report(store, orders, firsts, console, lang)
    options = f"--venue {args.venue} --symbol {names_of(args.venue, symbols[0])[1]} --timeframe {args.timeframe}"
    console.print(text("download.stored", lang, path=args.data_dir / FILE, options=options))


# -- what was asked for ------------------------------------------------------------------------------------------------


def _moment(option: str, given: str) -> int:
    """ms UTC of a date or an ISO time. Raises BadInput."""
    try:
        time = datetime.fromisoformat(given.strip())
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise BadInput("download.time", option=option, given=given) from None


def _near(timeframe: str, offered: Sequence[str]) -> str:
    """The longest of those that are shorter, for a timeframe that exists; else the name that looks like it."""
    if timeframe in TIMEFRAMES:
        return max((one for one in offered if TIMEFRAMES[one] < TIMEFRAMES[timeframe]), key=TIMEFRAMES.__getitem__)
    return nearest(timeframe, offered) or offered[0]


def _period(args: argparse.Namespace, start: int, end: int | None, now_ms: int) -> tuple[int, int]:
    """[start, end) on the grid of the candles, as far as they are closed. Raises BadInput where nothing is left."""
    length, offset = timeframe_ms(args.timeframe), DAY_OFFSET_MS[args.venue]

    def at_or_after(time: int) -> int:
        return slot(time + length - 1, length, offset)

    closed = slot(now_ms - SETTLED_MS, length, offset)
    if end is not None and end <= start:
        raise BadInput("download.backwards", start=args.start, end=args.end)
    first, last = at_or_after(max(start, 0)), closed if end is None else min(at_or_after(end), closed)
    if first >= last:
        raise BadInput("download.nothing_closed", start=args.start, timeframe=args.timeframe)
    return first, last


def _symbols(venue: str, given: str, source: CandleSource) -> list[str]:
    """Our symbols, each once, all of them known to the venue. Raises BadInput, VenueError."""
    asked = {names_of(venue, name)[0]: name.strip() for name in given.split(",")}
    listed = source.symbols()
    for symbol, name in asked.items():
        if symbol not in listed:
            markets = [names_of(venue, one)[1] for one in sorted(listed)]
            near = nearest(names_of(venue, name)[1], markets) or names_of(venue, "BTC")[1]
            raise BadInput("download.symbol", given=name, venue=venue, near=near)
    return list(asked)


def _same_market(data_dir: Path, source: CandleSource, wall: Clock) -> None:
    """Prices of the practice market and real ones never share a folder. Raises BadInput."""
    status = load(data_dir, wall.wall_ms()).status.value
    if status is not None and (status.mode == "demo") != source.practice:
        other = data_dir.with_name(f"{data_dir.name}-research")
        raise BadInput("download.practice" if status.mode == "demo" else "download.real", folder=data_dir, other=other)


# -- fetching ----------------------------------------------------------------------------------------------------------


def _fetch(
    source: CandleSource, store: CandleStore, order: Wanted, wall: Clock, console: Console, lang: str
) -> int | None:
    label = f"{order.symbol} {order.timeframe}"
    missing = total(unknown(store, order))
    if not missing:
        console.print(text("download.nothing_new", lang, series=label))
        return None
    known = (order.end_ms - order.start_ms - missing) // order.length_ms
    if known:
        console.print(text("download.resumed", lang, series=label, known=known))
    with _progress(console, label, missing) as advanced:
        try:
            return fetch(source, store, order, wall.wall_ms, advanced)
        except Refused as error:
            raise BadInput("download.refused", series=label, why=_explained(error, lang)) from None


@contextmanager
def _progress(console: Console, label: str, whole: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, elsewhere a line at each tenth; yields what is told of each part that is done."""
    if console.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(label, total=whole)
            yield lambda part: bar.advance(task, part)
        return
    done = 0

    def line(part: int) -> None:
        nonlocal done
        before, done = done, done + part
        if done * TENTHS // whole > before * TENTHS // whole:
            console.print(f"{label} {done * 100 // whole}%")

    yield line


# -- what is not there -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Series:
    order: Wanted
    stored: int
    gaps: list[Gap]


def _report(
    store: CandleStore, orders: Sequence[Wanted], firsts: Sequence[int | None], console: Console, lang: str
) -> None:
    times = [stored(store, order) for order in orders]
    for at, order in enumerate(orders):
        others = times[:at] + times[at + 1 :]
        found = gaps(order, times[at], store.fetched(*order.key), firsts[at], others)
        _show(_Series(order, len(times[at]), found), console, lang)


def _show(series: _Series, console: Console, lang: str) -> None:
    order, length = series.order, series.order.length_ms
    slots = (order.end_ms - order.start_ms) // length
    label = f"{order.symbol} {order.timeframe}"
    span = {"start": _kst(order.start_ms), "end": _kst(order.end_ms)}
    if not series.gaps:
        console.print(text("download.whole", lang, series=label, stored=series.stored, **span))
        return
    counts = {why: count(series.gaps, why, length) for why in ("quiet", "outage", "unlisted", "unfetched")}
    missing = slots - series.stored
    percent = f"{100 * missing / slots:.2f}"
    named = ", ".join(text(f"download.count.{why}", lang, count=n) for why, n in counts.items() if n)
    console.print(
        text(
            "download.missing", lang, series=label, stored=series.stored, missing=missing, percent=percent, why=named,
            **span,
        )
    )  # fmt: skip
    longest = sorted(series.gaps, key=lambda gap: gap.start_ms - gap.end_ms)[:LONGEST]
    for gap in sorted(longest, key=lambda gap: gap.start_ms):
        why = text(f"download.why.{gap.why}", lang)
        candles, minutes = (gap.end_ms - gap.start_ms) // length, (gap.end_ms - gap.start_ms) // MINUTE_MS
        told = {"start": _kst(gap.start_ms), "end": _kst(gap.end_ms), "minutes": minutes, "candles": candles}
        console.print(text("download.hole", lang, why=why, **told))
    console.print(text("download.not_filled", lang))


def _kst(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, KST).strftime("%Y-%m-%d %H:%M")
