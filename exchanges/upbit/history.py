"""Upbit's past candles over pyupbit, for research. pyupbit (with pandas and requests) is imported inside functions.

What has to be known of pyupbit 0.2.34: `get_ohlcv` turns every failure, and an empty answer too, into None; an unknown
interval quietly becomes days; `to` is exclusive and UTC, while the rows are named by KST without a zone; requests go
out without a time-out. So its `requests` is replaced, at `_aimed`, by a `_Wire` that remembers what really came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from exchanges.upbit import parse
from exchanges.upbit.answers import classify
from exchanges.upbit.budget import Budget, remaining
from exchanges.upbit.fields import Unreadable
from exchanges.upbit.tables import BAN_S, CANDLES_A_PAGE, HOSTS, LIMITS, PAUSE_S
from trading.core.calendar import KST_MS, timeframe_ms
from trading.core.candles import Candles, empty
from trading.core.errors import TryLater, VenueError
from trading.core.ports import Clock

if TYPE_CHECKING:
    import pandas as pd
    import requests

T = TypeVar("T")

INTERVALS: Final[Mapping[str, str]] = {
    "1m": "minute1",
    "3m": "minute3",
    "5m": "minute5",
    "10m": "minute10",
    "15m": "minute15",
    "30m": "minute30",
    "1h": "minute60",
    "4h": "minute240",
    "1d": "day",
    "1w": "week",
}
"""Our timeframe -> pyupbit's name of it."""
COLUMNS: Final = ("open", "high", "low", "close", "volume")
GROUP: Final = "candle"
SPARED: Final = 2
"""Requests a second that are left to a bot at the same address."""
TRIES: Final = 5
PROOFS: Final = 3
"""So many empty answers mean that there is nothing."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
TIMEOUT_S: Final = 10.0


class UpbitHistory:
    """`trading.core.ports.CandleSource` of Upbit. Not for several threads."""

    timeframes: Final = tuple(INTERVALS)

    def __init__(
        self,
        clock: Clock,
        host: str | None = None,
        market_ms: Callable[[], int] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """host: base address of the REST API (default: Upbit's). market_ms: a simulator's time (default: the clock's).

        clock: monotonic and wall time for the rate limit.
        """
        self.practice: Final = market_ms is not None
        self._market_ms = market_ms or clock.wall_ms
        self._wire = _Wire(host or HOSTS["rest"], clock, sleep)
        self._sleep = sleep

    def now_ms(self) -> int:
        """Time of the market, ms UTC."""
        return self._market_ms()

    def symbols(self) -> frozenset[str]:
        """Our symbols of every market, in KRW, BTC and USDT."""
        markets = self._asked(self._markets)
        return frozenset(parse.symbol_of(market) for market in markets)

    def page(self, symbol: str, timeframe: str, end_ms: int) -> Candles:
        """Up to 200 candles with open time < end_ms (whole seconds); see the port. timeframe: one of `timeframes`."""
        nothing = 0

        def look() -> Candles | VenueError:
            nonlocal nothing
            seen = self._candles(symbol, timeframe, end_ms)
            if isinstance(seen, VenueError) or len(seen):
                return seen
            nothing += 1
            return seen if nothing == PROOFS else TryLater("unreadable")

        return self._asked(look)

    def _asked(self, look: Callable[[], T | VenueError]) -> T:
        """What `look` brings, tried again with growing pauses where the venue may yet answer. Raises VenueError."""
        for tried in range(TRIES):
            seen = look()
            if not isinstance(seen, VenueError):
                return seen
            if not isinstance(seen, TryLater) or tried == TRIES - 1:
                raise seen
            pause = max(seen.retry_after or 0.0, FIRST_PAUSE_S * 2.0**tried)
            if pause > LONGEST_PAUSE_S:
                raise seen
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _markets(self) -> list[str] | VenueError:
        import pyupbit
        import requests
        from pyupbit.errors import UpbitErrorMixin

        with _aimed(self._wire):
            try:
                found: list[str] = pyupbit.get_tickers()
            except (UpbitErrorMixin, requests.RequestException, ValueError, LookupError, TypeError):
                return self._wire.trouble()
        return found or TryLater("unreadable")

    def _candles(self, symbol: str, timeframe: str, end_ms: int) -> Candles | VenueError:
        """One request; an empty series where the venue answered with an empty list."""
        import pyupbit

        market, interval = parse.market_of(symbol), INTERVALS[timeframe]
        until = datetime.fromtimestamp(end_ms // 1000, UTC).replace(tzinfo=None)
        with _aimed(self._wire):
            frame = pyupbit.get_ohlcv(market, interval, CANDLES_A_PAGE, until)
        if frame is None:
            return empty(timeframe_ms(timeframe)) if self._wire.empty() else self._wire.trouble()
        try:
            return _read(frame, timeframe_ms(timeframe), end_ms)
        except Unreadable:
            return TryLater("unreadable")


def open_history(clock: Clock, host: str | None = None, market_ms: Callable[[], int] | None = None) -> UpbitHistory:
    """Upbit's candles; see `UpbitHistory`."""
    return UpbitHistory(clock, host, market_ms)


def _read(frame: pd.DataFrame, length_ms: int, end_ms: int) -> Candles:
    """pyupbit's table, its index KST without a zone. Raises Unreadable for anything but candles before end_ms."""
    times = np.asarray(frame.index.to_numpy("datetime64[ms]").astype(np.int64)) - KST_MS
    try:
        prices = frame[list(COLUMNS)].to_numpy(np.float64)
    except (ValueError, TypeError):
        raise Unreadable("a price that is no number") from None
    opens, highs, lows, closes, volumes = prices.T.copy()
    inside = (lows <= np.minimum(opens, closes)) & (np.maximum(opens, closes) <= highs)
    if not (np.isfinite(prices).all() and (lows > 0.0).all() and (volumes >= 0.0).all() and inside.all()):
        raise Unreadable("a candle whose prices contradict each other")
    times, once = np.unique(times, return_index=True)
    if int(times[-1]) >= end_ms:
        raise Unreadable("candles of another time than was asked for")
    return Candles(times, opens[once], highs[once], lows[once], closes[once], volumes[once], length_ms)


@contextmanager
def _aimed(wire: _Wire) -> Iterator[None]:
    """Inside, pyupbit's requests go over `wire`: the one place where its addresses, literals in functions, are bent."""
    from pyupbit import request_api

    before, request_api.requests = request_api.requests, wire
    try:
        yield
    finally:
        request_api.requests = before


class _Wire:
    """Stands in for pyupbit's `requests`: our host, our rate limit, a time-out, and the last answer kept."""

    def __init__(self, host: str, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._host = host.rstrip("/")
        self._clock = clock
        self._sleep = sleep
        self._budget = Budget({GROUP: (LIMITS[GROUP][0], SPARED)}, clock.monotonic(), clock.wall_ms())
        self._session: requests.Session | None = None
        self._answer: requests.Response | None = None
        self._late = False

    def get(self, url: str, **arguments: Any) -> requests.Response:
        """A GET when there is room for one. Raises requests.RequestException."""
        import requests

        self._answer, self._late = None, False
        self._session = self._session or requests.Session()
        while (pause := self._budget.wait(GROUP, self._clock.monotonic())) > 0.0:
            self._sleep(pause)
        self._budget.take(GROUP, self._clock.monotonic())
        try:
            answer = self._session.get(url.replace(HOSTS["rest"], self._host, 1), timeout=TIMEOUT_S, **arguments)
        except requests.Timeout:
            self._late = True
            raise
        finally:
            self._budget.answered(GROUP, self._clock.monotonic())
        self._answer = answer
        if (left := remaining(answer.headers.get("Remaining-Req"))) is not None:
            self._budget.told(GROUP, left, self._clock.monotonic())
        return answer

    def empty(self) -> bool:
        """The last answer was a whole, successful, empty list."""
        return self._answer is not None and self._answer.ok and self._answer.content.strip() == b"[]"

    def trouble(self) -> VenueError:
        """Why pyupbit has nothing to show."""
        answer = self._answer
        if answer is None:
            return TryLater("timeout" if self._late else "unreachable")
        if answer.ok:
            return TryLater("unreadable")
        error = classify(answer.status_code, answer.headers, answer.text, changes=False)
        if isinstance(error, TryLater) and answer.status_code in (418, 429):
            error.retry_after = error.retry_after or (BAN_S if answer.status_code == 418 else PAUSE_S)
        return error
