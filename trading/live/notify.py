"""Notices to a person by Telegram: sent only, from a thread of their own, so that no step ever waits for them.

A notice that cannot be sent is tried three times and then left out; a queue that is full loses its oldest one. Both are
said: lost notices are counted in the next that goes through, and the caller hears of the first failure and of the end
of it. The token is part of the address, so no error text of the HTTP library is passed on.
"""

from __future__ import annotations

import html
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx

from config.secrets import MASK, Secret, Secrets
from config.texts import text
from trading.core.ports import Clock
from trading.live.log import Mask, masked, shown

API: Final = "https://api.telegram.org"
QUEUE: Final = 100
TRIES: Final = 3
TIMEOUT_S: Final = 10.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 3600.0
#: Telegram takes 4,096 characters; a notice has at most eight values that may be long.
LONGEST_VALUE: Final = 450

#: Waits so many seconds; True: end at once, the sender is being closed.
Wait = Callable[[float], bool]
#: Hears why notices do not go ("" = they go again). Called in the sender's thread.
Heard = Callable[[str], None]


class Notices(Protocol):
    """Where notices go."""

    def send(self, key: str, **fields: object) -> None:
        """Takes a notice of the catalogue ("notice.entry", ...) and returns at once. Never raises for the network."""
        ...

    def close(self, timeout_s: float = 3.0) -> None:
        """Sends what is left for at most `timeout_s` seconds, then ends."""
        ...


class Silent:
    """Sends nothing: no token or no chat is set."""

    def send(self, key: str, **fields: object) -> None:
        """Does nothing."""

    def close(self, timeout_s: float = 3.0) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one attempt came to. again: another attempt makes sense, after `pause` seconds (None: the usual ones)."""

    why: str = ""
    again: bool = False
    pause: float | None = None


class Telegram:
    """Sends notices to one chat. `send` may be called from any thread; one thread of its own does the rest."""

    def __init__(
        self,
        token: Secret,
        chat_id: Secret,
        lang: str,
        client: httpx.Client,
        clock: Clock,
        mask: Mask,
        base: str = "",
        heard: Heard | None = None,
        wait: Wait | None = None,
        queue: int = QUEUE,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """base: TELEGRAM_API_BASE ("" = the real one). wait: how to pause (default: really). client: closed by `close`.

        heard: told the reason of the first failure, and "" when notices go again. timeout_s: of one attempt.
        """
        self.language = lang
        self._token = token.reveal()
        self._address = f"{(base or API).rstrip('/')}/bot{self._token}/sendMessage"
        self._chat = chat_id.reveal()
        self._client = client
        self._timeout_s = timeout_s
        self._clock = clock
        self._mask = mask
        self._heard = heard or (lambda why: None)
        self._abandoned = threading.Event()
        self._wait: Wait = wait or self._abandoned.wait
        self._queue: deque[str] = deque()
        self._most = queue
        self._news = threading.Condition()
        self._closing = False
        self._lost = 0
        self._not_before = 0.0
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="telegram", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Notices left out that no delivered one has told of yet."""
        return self._lost

    def send(self, key: str, **fields: object) -> None:
        """Queues the notice and returns at once; when the queue is full its oldest notice is lost.

        Raises KeyError for a key or field that the catalogue does not have.
        """
        said = {name: self._escaped(name, value) for name, value in fields.items()}
        message = text(key, self.language, **said)
        with self._news:
            if self._closing:
                return
            self._queue.append(message)
            while len(self._queue) > self._most:
                self._queue.popleft()
                self._lost += 1
            self._news.notify()

    def close(self, timeout_s: float = 3.0) -> None:
        """Sends what is left for at most `timeout_s` seconds of real time, then ends; a second call does nothing."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(timeout_s)
        self._abandoned.set()
        if not self._thread.is_alive():
            self._client.close()

    def _escaped(self, name: str, value: object) -> str:
        words = self._mask(shown(name, masked(value, self._mask), self.language))
        if len(words) > LONGEST_VALUE:
            words = words[: LONGEST_VALUE - 1] + "…"
        return html.escape(words, quote=False)

    # -- the sender's thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (message := self._next()) is not None:
            told = self._lost
            note = f"\n{text('notice.dropped', self.language, count=told)}" if told else ""
            why = self._deliver(message + note)
            with self._news:
                self._lost += 1 if why else -told
            if bool(why) != self._failing:
                self._failing = bool(why)
                self._heard(why)
        if self._abandoned.is_set():
            self._client.close()

    def _next(self) -> str | None:
        """The oldest notice; None when the sender is to end."""
        with self._news:
            while not self._queue and not self._closing:
                self._news.wait()
            return self._queue.popleft() if self._queue and not self._abandoned.is_set() else None

    def _deliver(self, message: str) -> str:
        """Tries three times; returns why it did not go, "" when it did."""
        answer = _Answer("closed")
        for attempt in range(1, TRIES + 1):
            left = self._not_before - self._clock.monotonic()
            if left > 0.0 and self._wait(left):
                return answer.why
            answer = self._post(message)
            if not answer.why:
                return ""
            if answer.pause is not None:
                self._not_before = self._clock.monotonic() + answer.pause
            if not answer.again:
                break
            if answer.pause is None and attempt < TRIES and self._wait(FIRST_PAUSE_S * 2.0 ** (attempt - 1)):
                break
        return answer.why

    def _post(self, message: str) -> _Answer:
        body = {"chat_id": self._chat, "text": message, "parse_mode": "HTML", "disable_web_page_preview": True}
        try:
            response = self._client.post(self._address, json=body, timeout=self._timeout_s)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as error:
            # RuntimeError: the client was closed. Only the kind of the error: its text may hold the address.
            return _Answer(type(error).__name__, isinstance(error, httpx.TransportError | OSError))
        if response.status_code == httpx.codes.OK:
            return _Answer()
        why = f"HTTP {response.status_code}"
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return _Answer(why, True, _retry_after(response))
        said = str(_answered(response).get("description", "")).replace(self._token, MASK)
        described = self._mask(said)[:LONGEST_VALUE]
        return _Answer(f"{why} {described}".strip(), response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR)


def notices(secrets: Secrets, lang: str, clock: Clock, heard: Heard | None = None) -> Notices:
    """Telegram when TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID are set, else `Silent`. Base: TELEGRAM_API_BASE."""
    token, chat = secrets.get("TELEGRAM_BOT_TOKEN"), secrets.get("TELEGRAM_CHAT_ID")
    if token is None or chat is None:
        return Silent()
    base = secrets.reveal("TELEGRAM_API_BASE") or ""
    return Telegram(token, chat, lang, httpx.Client(), clock, secrets.mask, base, heard)


def _answered(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(response: httpx.Response) -> float:
    """Seconds that Telegram asks to wait: in the body, else in the header, else the first usual pause."""
    parameters = _answered(response).get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    for value in (asked, response.headers.get("Retry-After")):
        try:
            seconds = float(str(value))
        except ValueError:
            continue
        if 0.0 <= seconds < float("inf"):
            return min(seconds, LONGEST_PAUSE_S)
    return FIRST_PAUSE_S
