"""What an answer of Upbit proves. Pure: status and body in, an error named for the caller's next step out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from config.texts import catalogue, text
from exchanges.upbit.tables import ERRORS, QUOTATION, SAME_AS
from trading.core.errors import OutcomeUnknown, Refused, StopTrading, TryLater, VenueError

_LONGEST: Final = 200
_RETRY_MOST_S: Final = 7 * 86_400.0
_SECONDS: Final = re.compile(r"([0-9]{1,6}) ?(?:seconds?\b|초)")


def error_of(body: object) -> tuple[str, str]:
    """(name, message) of `{"error": {"name": str | int, "message": str}}`; ("", "") for anything else."""
    inner = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(inner, Mapping):
        return "", ""
    name, message = inner.get("name"), inner.get("message")
    if isinstance(name, bool) or not isinstance(name, str | int):
        return "", ""
    key = QUOTATION.get(str(name), str(name)) if isinstance(name, int) else name
    return SAME_AS.get(key, key), message if isinstance(message, str) else ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of `Retry-After` (any case of the name); None when absent, a date or nonsense."""
    for key, value in headers.items():
        if key.lower() == "retry-after":
            try:
                seconds = float(value)
            except ValueError:
                return None
            return seconds if math.isfinite(seconds) and 0.0 <= seconds <= _RETRY_MOST_S else None
    return None


def classify(
    status: int, headers: Mapping[str, str], body: str, *, changes: bool, lang: str = "ko", hide: tuple[str, ...] = ()
) -> VenueError:
    """The error that an unsuccessful answer means.

    changes: the request could change the account (POST, DELETE). Then only a listed name with a 4xx status proves that
    nothing happened, and everything else is OutcomeUnknown; a read has no outcome, there it is TryLater.
    hide: secrets, never to be repeated in the message.
    """
    name, message = error_of(_decoded(body))
    if status in (418, 429):
        seconds = retry_after(headers) or _told(message)
        return away("too_many_requests" if status == 429 else "banned", lang, seconds)
    kind = ERRORS.get(name, OutcomeUnknown) if 400 <= status < 500 else OutcomeUnknown
    code = name if name in ERRORS or name == "internal_server_error" else _unlisted(status, name)
    if kind is OutcomeUnknown and not changes:
        kind = TryLater
    return kind(code, explain(code, message, lang, hide))


def failure(kind: type[Refused | TryLater | OutcomeUnknown | StopTrading], code: str, lang: str) -> VenueError:
    """An error of our own making (timeout, reset, no key, ...), with its text."""
    return kind(code, explain(code, "", lang, ()))


def away(code: str, lang: str, seconds: float | None) -> TryLater:
    """The venue, or our own budget, wants us to stay away for `seconds` (None: it did not say)."""
    shown = "?" if seconds is None else math.ceil(seconds)
    return TryLater(code, text(f"upbit.error.{code}", lang, seconds=shown), seconds)


def explain(code: str, message: str, lang: str, hide: tuple[str, ...]) -> str:
    """Our text for `code`, or the venue's own message, cut and without secrets."""
    key = f"upbit.error.{code}"
    if key in catalogue():
        return text(key, lang)
    for secret in filter(None, hide):
        message = message.replace(secret, "***")
    return " ".join("".join(c if c.isprintable() else " " for c in message).split())[:_LONGEST]


def _told(message: str) -> float | None:
    """Seconds of a block that only the message names: "... Blocked for 12 seconds." or "12초"."""
    found = _SECONDS.search(message)
    return float(found[1]) if found else None


def _decoded(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _unlisted(status: int, name: str) -> str:
    word = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "_-"))[:48]
    return f"http_{status}_{word}" if word else f"http_{status}"
