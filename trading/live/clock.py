"""The two clocks of the bot. The one module of the bot that reads the machine's time.

Live, paper and testnet: market time is this machine's time. Demo and replay: it is the simulator's, asked seldom and
carried on in between.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from trading.core.errors import TryLater
from trading.core.ports import Clock

SAMPLE_SECONDS: Final = 2.0
#: A market that stands still is stepped by hand: between two questions nothing can be carried on.
STILL_SECONDS: Final = 0.2
MAX_SPEED: Final = 100_000.0
TIMEOUT_S: Final = 1.0

#: Asks an address for its JSON. Raises httpx.HTTPError, OSError or ValueError.
GetJson = Callable[[str], Any]


class SystemClock:
    """This machine's time, for both clocks."""

    def wall_ms(self) -> int:
        """Epoch ms UTC of this machine."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def market_ms(self) -> int:
        """The same as `wall_ms`: real venues live in real time."""
        return self.wall_ms()


@dataclass(frozen=True, slots=True)
class _Sample:
    market_ms: float
    at: float  # monotonic seconds at which the reply was here
    speed: float
    running: bool

    def carried_to(self, monotonic: float) -> float:
        if not self.running:
            return self.market_ms
        return self.market_ms + max(0.0, monotonic - self.at) * 1000.0 * self.speed


def _read(reply: Any, at: float) -> _Sample:
    """Raises ValueError for a reply that is no clock."""
    if not isinstance(reply, Mapping):
        raise ValueError("the clock's reply is no object")
    try:
        market, speed, running = float(reply["market_ms"]), float(reply["speed"]), reply["running"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"the clock's reply lacks {error}") from error
    if not (market > 0.0 and market < 1e16 and 0.0 < speed <= MAX_SPEED and isinstance(running, bool)):
        raise ValueError(f"no clock says market_ms={market}, speed={speed}, running={running}")
    return _Sample(market, at, speed, running)


class SimulatedMarketClock:
    """Market time of a local simulator (GET {admin}/clock); wall and monotonic time of `wall`.

    Asked every 2 s of wall clock, in between carried on at the simulator's speed; while it does not answer, the last
    answer is carried on. Market time never goes back: after an answer that lies behind, it stands until that passes.
    A reply is taken for the moment of its arrival, so this clock is never ahead of a simulator that runs on.
    Safe to read from several threads; only one of them asks, the others do not wait for it.
    """

    def __init__(self, admin_url: str, get: GetJson, wall: Clock) -> None:
        """Asks once. Raises TryLater when there is no usable answer."""
        self._url = admin_url.rstrip("/") + "/clock"
        self._get = get
        self._wall = wall
        self._asking = threading.Lock()
        self._floor_lock = threading.Lock()
        self._floor = 0.0
        self._failures = 0
        try:
            self._sample = self._ask()
        except (httpx.HTTPError, OSError, ValueError) as error:
            raise TryLater("simulator_clock", str(error) or type(error).__name__) from error
        self._asked = wall.monotonic()

    @property
    def speed(self) -> float:
        """Market seconds per wall second, as last heard."""
        return self._sample.speed

    @property
    def running(self) -> bool:
        """False while the simulator is paused or stepped by hand, as last heard."""
        return self._sample.running

    @property
    def failures(self) -> int:
        """Questions in a row that got no usable answer; 0 = the simulator answers."""
        return self._failures

    def wall_ms(self) -> int:
        """Epoch ms UTC of this machine."""
        return self._wall.wall_ms()

    def monotonic(self) -> float:
        """Seconds of this machine that never go back."""
        return self._wall.monotonic()

    def market_ms(self) -> int:
        """The simulator's market time, ms UTC; never less than it has said before. Never raises."""
        pause = SAMPLE_SECONDS if self._sample.running else STILL_SECONDS
        if self._wall.monotonic() - self._asked >= pause:
            self.refresh()
        return self._told(self._sample.carried_to(self._wall.monotonic()))

    def refresh(self) -> bool:
        """Asks the simulator at once; False when it gave no usable answer or another thread is asking. Never raises."""
        if not self._asking.acquire(blocking=False):
            return False
        try:
            self._sample = self._ask()
            self._failures = 0
        except (httpx.HTTPError, OSError, ValueError):
            self._failures += 1
            return False
        finally:
            self._asked = self._wall.monotonic()
            self._asking.release()
        return True

    def _ask(self) -> _Sample:
        reply = self._get(self._url)
        return _read(reply, self._wall.monotonic())

    def _told(self, market_ms: float) -> int:
        with self._floor_lock:
            self._floor = max(self._floor, market_ms)
            return int(self._floor)


def json_getter(client: httpx.Client, timeout_s: float = TIMEOUT_S) -> GetJson:
    """A `GetJson` over `client`. An answer that is not 200 raises ValueError."""

    def get(url: str) -> Any:
        response = client.get(url, timeout=timeout_s)
        if response.status_code != httpx.codes.OK:
            raise ValueError(f"HTTP {response.status_code}")
        return response.json()

    return get
