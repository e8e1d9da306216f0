"""Keys, tokens and addresses of accounts: read, wrapped so that they never print, and masked out of any text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn
from urllib.parse import quote, urlsplit

MASK = "***"
SHORTEST_MASKED = 6  # a shorter value would blank out ordinary words
CONFIRMATION = "I_UNDERSTAND"

VENUE_KEYS: dict[str, tuple[str, ...]] = {
    "upbit": ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY"),
    "bithumb": ("BITHUMB_API_KEY", "BITHUMB_SECRET_KEY"),
    "binance_spot": ("BINANCE_API_KEY", "BINANCE_SECRET_KEY"),
    "binance_futures": ("BINANCE_API_KEY", "BINANCE_SECRET_KEY"),
    "stock": ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT"),
}
SERVICE_KEYS: tuple[str, ...] = (
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_CHAT_ID",
    "DISCORD_WEBHOOK_URL",
    "DISCORD_BOT_TOKEN",
    "GEMINI_API_KEY",
    "OPENAI_API_KEY",
    "DATABASE_URL",
    "DB_PASSWORD",
)
# Not secret in themselves, but of the same kind: set once, not while running, and no knobs.
PLAIN_NAMES: tuple[str, ...] = (
    "TELEGRAM_API_BASE",
    "DB_USER",
    "DB_HOST",
    "DB_NAME",
    "DB_SCHEMA",
    "LIVE_TRADING_CONFIRM",
)
HIDDEN_NAMES: frozenset[str] = frozenset(key for keys in VENUE_KEYS.values() for key in keys) | frozenset(SERVICE_KEYS)
ACCOUNT_NAMES: frozenset[str] = HIDDEN_NAMES | frozenset(PLAIN_NAMES)


class Secret:
    """A text that does not show in str, repr, format, JSON or pickles; `reveal()` is the only way to read it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one call that needs it."""
        return self._value

    def fingerprint(self) -> str:
        """Sixteen hex digits of its SHA-256: tells two keys apart without keeping either."""
        return hashlib.sha256(self._value.encode(errors="surrogatepass")).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written to pickles")


@dataclass(frozen=True)
class Secrets:
    """Every account value that is set, by name; blank ones are absent."""

    values: Mapping[str, Secret]

    def get(self, name: str) -> Secret | None:
        """The value of that name, or None when it is not set. Raises KeyError for a name that does not exist."""
        if name not in ACCOUNT_NAMES:
            raise KeyError(name)
        return self.values.get(name)

    def reveal(self, name: str) -> str | None:
        """The text of that name, or None."""
        secret = self.get(name)
        return None if secret is None else secret.reveal()

    def for_venue(self, venue: str) -> tuple[Secret, ...] | None:
        """The venue's keys in the order of VENUE_KEYS, or None when one is missing."""
        found = [self.values.get(name) for name in VENUE_KEYS[venue]]
        return None if None in found else tuple(secret for secret in found if secret is not None)

    def missing(self, venue: str) -> tuple[str, ...]:
        """Names of the venue's keys that are not set."""
        return tuple(name for name in VENUE_KEYS[venue] if name not in self.values)

    @property
    def live_confirmed(self) -> bool:
        """LIVE_TRADING_CONFIRM says I_UNDERSTAND."""
        return self.reveal("LIVE_TRADING_CONFIRM") == CONFIRMATION

    def database_url(self) -> str | None:
        """DATABASE_URL, or one made of DB_USER, DB_PASSWORD, DB_HOST and DB_NAME (PostgreSQL), or None."""
        if url := self.reveal("DATABASE_URL"):
            return url
        host, name = self.reveal("DB_HOST"), self.reveal("DB_NAME")
        if not host or not name:
            return None
        user, password = self.reveal("DB_USER"), self.reveal("DB_PASSWORD")
        login = quote(user, safe="") if user else ""
        login += f":{quote(password, safe='')}" if user and password else ""
        return f"postgresql+psycopg://{login}{'@' if login else ''}{host}/{quote(name, safe='')}"

    def mask(self, text: str) -> str:
        """`text` with every secret value of at least six characters replaced, also in its URL and JSON spelling."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        words: set[str] = set()
        for name, secret in self.values.items():
            if name in HIDDEN_NAMES:
                for word in _parts(name, secret.reveal()):
                    words |= {word, json.dumps(word)[1:-1], _quoted(word, ""), _quoted(word, "/")}
        long_first = sorted((w for w in words if len(w) >= SHORTEST_MASKED), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, long_first))) if long_first else None


def _quoted(word: str, safe: str) -> str:
    return quote(word, safe=safe, errors="surrogatepass")  # the process environment may hold any bytes


def _parts(name: str, value: str) -> list[str]:
    """The value and those pieces of it that appear alone elsewhere."""
    if name == "KIS_ACCOUNT":  # the venue wants the eight digits before the dash by themselves
        return [value, value.split("-")[0]]
    if name == "DATABASE_URL":
        try:
            return [value, urlsplit(value).password or value]
        except ValueError:
            return [value]
    return [value]
