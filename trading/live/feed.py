"""One venue's market data for the trader: ticks become bars, closed candles become what a row is computed from.

A candle is closed when the stream shows a later trade. One that the stream saw whole is taken from it; any other is
read from the venue, 2 s after its close, within a budget of requests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np

from trading.core.calendar import DAY_MS, DAY_OFFSET_MS, HOUR_MS, slot, timeframe_ms, timeframe_name
from trading.core.candles import Candles, empty, resample
from trading.core.errors import VenueError
from trading.core.facts import Bar
from trading.core.filters import HIGHER
from trading.core.ports import Tick, Venue
from trading.core.rows import Closed, Rule
from trading.live.candle_audit import COUNT, Turn, corrected, differing

SETTLE_MS: Final = 2_000
"""A venue may correct a candle for so long after its close (market clock)."""
SILENT_S: Final = 10.0
PAGE: Final = 200
"""Candles that one request brings, whatever the venue."""
PAGES_PER_S: Final = 5.0
PAGES_AT_ONCE: Final = 8.0
"""Requests for candles: well under what venues allow in a second, so that a step never waits for its own limit."""
HOURS: Final = 1_000

Column = list[float]


class Archive(Protocol):
    """Where closed candles are kept between runs (a cache)."""

    def put(self, venue: str, symbol: str, candles: Candles, seen_ms: int) -> tuple[int, ...]: ...
    def get(self, venue: str, symbol: str, timeframe: str, count: int, until_ms: int = ...) -> Candles: ...


@dataclass(slots=True)
class Forming:
    """The candle under way, from ticks. whole: the stream has run without a gap since before its open."""

    open_ms: int
    whole: bool
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0

    def take(self, tick: Tick) -> None:
        """One more trade."""
        self.high = max(self.high, tick.price)
        self.low = min(self.low, tick.price)
        self.close = tick.price
        self.volume += tick.quantity


@dataclass(slots=True)
class Track:
    """One symbol. closed: its candles up to the window; hole: candles before `until_ms` must be read from the venue.

    heard_ms: since when the stream has brought every trade (market clock, None: it has not yet). hours: closed 1h
    candles where a filter needs them. decided_ms: open of the last candle whose row was read.
    """

    closed: Candles
    forming: Forming | None = None
    hole: bool = True
    until_ms: int = 0
    hours: Candles | None = None
    last: Tick | None = None
    heard_ms: int | None = None
    decided_ms: int = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Poll:
    """One step's market data. orders: hints that our orders changed. revised: (symbol, open) of corrected candles.

    gaps: the stream may have missed trades.
    """

    bars: tuple[Bar, ...]
    closed: Mapping[str, Closed]
    orders: tuple[str, ...]
    stale: frozenset[str]
    age_s: float | None
    revised: tuple[tuple[str, int], ...] = ()
    gaps: bool = False


@dataclass(slots=True)
class Feed:
    """Follows `symbols` of one venue on one timeframe. Only the venue's own thread calls it."""

    venue: Venue
    rule: Rule
    timeframe: str
    archive: Archive
    tracks: dict[str, Track] = field(default_factory=dict)
    _queue: deque[str] = field(default_factory=deque)
    _revised: list[tuple[str, int]] = field(default_factory=list)
    _fresh: list[tuple[str, Candles]] = field(default_factory=list)
    _pages: float = PAGES_AT_ONCE
    _paged_ms: int = 0
    _turn: Turn = field(default_factory=Turn)
    trouble: VenueError | None = None

    def follow(self, symbols: Sequence[str], decided: Mapping[str, int] | None = None) -> None:
        """Sets the symbols; new ones are read from the start. decided: last decided candle of an earlier life."""
        length = timeframe_ms(self.timeframe)
        for symbol in symbols:
            if symbol not in self.tracks:
                self.tracks[symbol] = Track(empty(length), decided_ms=(decided or {}).get(symbol, 2**62))
                self._queue.append(symbol)
        for symbol in set(self.tracks) - set(symbols):
            del self.tracks[symbol]
        self.venue.watch(tuple(self.tracks))

    def use(self, rule: Rule, timeframe: str) -> None:
        """Another strategy or timeframe: everything is read again where the window grew or the timeframe changed."""
        if (
            timeframe == self.timeframe
            and rule.window(timeframe_ms(timeframe)) <= self._window
            and (HIGHER not in rule.needs or HIGHER in self.rule.needs)
        ):
            self.rule = rule
            return
        symbols = tuple(self.tracks)
        self.rule, self.timeframe = rule, timeframe
        self.tracks.clear()
        self._queue.clear()
        self.follow(symbols)

    @property
    def _length(self) -> int:
        return timeframe_ms(self.timeframe)

    @property
    def _window(self) -> int:
        return self.rule.window(self._length)

    @property
    def loaded(self) -> int:
        """Symbols whose history is complete."""
        return sum(not track.hole for track in self.tracks.values())

    def last_price(self, symbol: str) -> float | None:
        """Last trade seen, quote."""
        track = self.tracks.get(symbol)
        return track.last.price if track and track.last else None

    def change_24h(self, symbol: str) -> float | None:
        """Change over the last 24 h as a fraction; None where the window does not reach back so far."""
        track = self.tracks.get(symbol)
        if track is None or track.last is None or not len(track.closed):
            return None
        wanted = track.last.time_ms - DAY_MS
        index = int(np.searchsorted(track.closed.time, wanted, side="right")) - 1
        return None if index < 0 else track.last.price / float(track.closed.close[index]) - 1.0

    def poll(self, now_ms: int, wall_ms: int) -> Poll:
        """What happened since the last call. A venue that fails to answer leaves `trouble` and no data."""
        self.trouble = None
        news = self.venue.drain()
        if news.gaps:
            for track in self.tracks.values():
                _interrupt(track)
        bars = [bar for tick in news.ticks if (bar := self._take(tick, streamed=True)) is not None]
        if news.gaps or news.age_s is None or news.age_s > SILENT_S:
            bars += [bar for tick in self._asked() if (bar := self._take(tick, streamed=False)) is not None]
        self._read_holes(now_ms, wall_ms)
        self._audit(now_ms, wall_ms)
        revised, self._revised = tuple(self._revised), []
        closed = {symbol: self._closed(track) for symbol, track in self.tracks.items() if self._due(track)}
        return Poll(tuple(bars), closed, news.orders, self._stale(now_ms), news.age_s, revised, news.gaps)

    def handed(self, symbol: str, candle_ms: int) -> None:
        """The row of this candle was read."""
        self.tracks[symbol].decided_ms = candle_ms

    # -- ticks -----------------------------------------------------------------------------------------------------

    def _asked(self) -> list[Tick]:
        """Last prices by REST while the stream is silent, where they are news."""
        try:
            prices = self.venue.prices(list(self.tracks))
        except VenueError as error:
            self.trouble = error
            return []
        news = []
        for symbol, tick in prices.items():
            last = self.tracks[symbol].last if symbol in self.tracks else None
            if last is None or tick.time_ms > last.time_ms:
                news.append(tick)
        return sorted(news, key=lambda tick: tick.time_ms)

    def _take(self, tick: Tick, streamed: bool) -> Bar | None:
        track = self.tracks.get(tick.symbol)
        if track is None or not tick.price > 0.0:
            return None
        if not streamed:
            _interrupt(track)
        elif track.heard_ms is None:
            track.heard_ms = tick.time_ms
        open_ms = slot(tick.time_ms, self._length, self._offset)
        forming = track.forming
        if forming is not None and open_ms < forming.open_ms:
            return None  # older than the candle under way: it came late
        track.last = tick
        if forming is None or open_ms > forming.open_ms:
            self._close(tick.symbol, track, open_ms)
            whole = track.heard_ms is not None and open_ms >= track.heard_ms
            track.forming = Forming(open_ms, whole, tick.price, tick.price, tick.price, tick.price, tick.quantity)
        else:
            forming.take(tick)
        return Bar(tick.symbol, tick.time_ms, tick.price, tick.price, tick.price, tick.price, open_ms)

    def _close(self, symbol: str, track: Track, next_ms: int) -> None:
        """The candle under way is over: kept if the stream saw it whole, else to be read."""
        forming = track.forming
        if forming is not None and forming.whole and not track.hole:
            candle = _candle(forming, self._length)
            self._append(symbol, track, candle)
            return
        track.until_ms = next_ms
        if not track.hole:
            track.hole = True
            self._queue.append(symbol)

    def _append(self, symbol: str, track: Track, candles: Candles) -> None:
        track.closed = joined(track.closed, candles, self._window)
        if track.hours is not None and len(ended := hours_in(track.closed, track.hours, self._offset)):
            track.hours = joined(track.hours, ended, HOURS)
        self._fresh.append((symbol, candles))

    # -- reading ---------------------------------------------------------------------------------------------------

    def _read_holes(self, now_ms: int, wall_ms: int) -> None:
        """Reads what is missing, symbols in turn, as far as requests may go; a long history overdraws the allowance."""
        earned = max(0, wall_ms - self._paged_ms) / 1000.0 * PAGES_PER_S
        self._pages, self._paged_ms = min(PAGES_AT_ONCE, self._pages + earned), wall_ms
        for _ in range(len(self._queue)):
            if self._pages <= 0.0:
                break
            symbol = self._queue.popleft()
            track = self.tracks.get(symbol)
            if track is None or not track.hole:
                continue
            until = track.until_ms or slot(now_ms, self._length, self._offset)
            try:
                if now_ms >= until + SETTLE_MS:
                    self._read(symbol, track, until)
                    continue
            except VenueError as error:
                self.trouble = error
            self._queue.append(symbol)
            if self.trouble is not None:
                break
        for symbol, candles in self._fresh:
            revised = self.archive.put(self.venue.name, symbol, candles, wall_ms)
            self._revised += [(symbol, time_ms) for time_ms in revised]
        self._fresh.clear()

    def _audit(self, now_ms: int, wall_ms: int) -> None:
        """One symbol's last candles again: a stream may lose a trade without a word, and venues correct candles."""
        if self.trouble is not None or self._pages < 1.0:
            return
        symbol = self._turn.next([name for name, track in self.tracks.items() if not track.hole], wall_ms)
        if symbol is None:
            return
        track = self.tracks[symbol]
        known = track.closed[: int(np.searchsorted(track.closed.time, now_ms - self._length - SETTLE_MS, "right"))]
        if not len(known):
            return
        end_ms = int(known.time[-1]) + 1
        try:
            told = self._pages_read(symbol, self.timeframe, min(COUNT, len(known)), end_ms)
        except VenueError as error:
            self.trouble = error
            return
        if differing(known, told):
            newer = track.closed[len(known) :]
            track.closed = joined(corrected(known, told), newer, self._window)
            revised = self.archive.put(self.venue.name, symbol, told, wall_ms)
            self._revised += [(symbol, time_ms) for time_ms in revised]

    @property
    def _offset(self) -> int:
        return DAY_OFFSET_MS[self.venue.name]

    def _read(self, symbol: str, track: Track, until_ms: int) -> None:
        """Fills the candles before `until_ms`."""
        window, length = self._window, self._length
        known = track.closed if len(track.closed) else self._kept(symbol, until_ms)
        missing = window
        if len(known):
            missing = min(window, (until_ms - int(known.time[-1])) // length + 1)
        read = self._pages_read(symbol, self.timeframe, missing, until_ms)
        read = read[: int(np.searchsorted(read.time, until_ms))]
        if HIGHER in self.rule.needs and track.hours is None:
            hour = slot(until_ms, HOUR_MS, self._offset)
            track.hours = self._pages_read(symbol, timeframe_name(HOUR_MS), HOURS, hour)
        track.closed = known
        self._append(symbol, track, read)
        track.hole = False

    def _pages_read(self, symbol: str, timeframe: str, count: int, until_ms: int) -> Candles:
        """Candles of the venue; the allowance pays for the pages that came, fewer where the market is young."""
        self._pages -= 1.0
        read = self.venue.candles(symbol, timeframe, count, until_ms)
        self._pages -= min(-(-count // PAGE) - 1, len(read) // PAGE)
        return read

    def _kept(self, symbol: str, until_ms: int) -> Candles:
        """Candles of an earlier run, if they reach back far enough to join what will be read."""
        kept = self.archive.get(self.venue.name, symbol, self.timeframe, self._window, until_ms)
        near = len(kept) >= self._window // 2 and until_ms - int(kept.time[-1]) < self._window * self._length // 2
        return kept if near else empty(self._length)

    # -- handing over ----------------------------------------------------------------------------------------------

    def _due(self, track: Track) -> bool:
        """A candle is under way, all before it are closed and known, and its row was not read."""
        forming = track.forming
        return forming is not None and not track.hole and forming.open_ms != track.decided_ms

    def _closed(self, track: Track) -> Closed:
        forming = track.forming
        assert forming is not None
        needs = {} if track.hours is None else {HIGHER: track.hours}
        return Closed(track.closed, forming.open_ms, forming.open, needs, track.decided_ms)

    def _stale(self, now_ms: int) -> frozenset[str]:
        """Symbols whose newest closed candle is older than two timeframes."""
        oldest = now_ms - 3 * self._length
        return frozenset(
            symbol
            for symbol, track in self.tracks.items()
            if track.hole or not len(track.closed) or int(track.closed.time[-1]) < oldest
        )


def _interrupt(track: Track) -> None:
    """Trades may have been missed: the candle under way is not whole, nor is the next before the stream is heard."""
    track.heard_ms = None
    if track.forming is not None:
        track.forming.whole = False


def joined(known: Candles, more: Candles, window: int) -> Candles:
    """`known` with what `more` has beyond it, the last `window` of both. What was seen first stays."""
    if not len(known):
        return more[-window:]
    fresh = more[int(np.searchsorted(more.time, known.time[-1], side="right")) :]

    def both(name: str) -> Any:
        return np.concatenate((getattr(known, name), getattr(fresh, name)))[-window:]

    o, h, low, c, v = (both(name) for name in ("open", "high", "low", "close", "volume"))
    return Candles(both("time"), o, h, low, c, v, known.timeframe_ms)


def _candle(forming: Forming, length_ms: int) -> Candles:
    """The candle under way as a closed one."""
    o, h, low, c, v = (
        np.array([value]) for value in (forming.open, forming.high, forming.low, forming.close, forming.volume)
    )
    return Candles(np.array([forming.open_ms], np.int64), o, h, low, c, v, length_ms)


def hours_in(candles: Candles, hours: Candles, day_offset_ms: int) -> Candles:
    """Closed 1h candles that finer `candles` add to `hours`; an hour counts once a candle after it is there."""
    if candles.timeframe_ms >= HOUR_MS or HOUR_MS % candles.timeframe_ms or not len(candles):
        return candles if candles.timeframe_ms == HOUR_MS else empty(HOUR_MS)
    after = int(hours.time[-1]) + HOUR_MS if len(hours) else int(candles.time[0])
    done = int(candles.time[-1]) + candles.timeframe_ms
    if len(hours) and done < after + HOUR_MS:
        return empty(HOUR_MS)
    recent = candles[int(np.searchsorted(candles.time, after)) :]
    built = resample(recent, HOUR_MS, day_offset_ms)
    return built[: int(np.searchsorted(built.time + HOUR_MS, done, side="right"))]
