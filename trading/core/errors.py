"""What can go wrong, named for what the caller does next.

VenueError
├── TryLater        it refused to listen now: come back after `retry_after` seconds, nothing happened
├── Refused         it understood and said no: do not repeat, nothing happened
├── OutcomeUnknown  it may or may not have happened: ask, never repeat
├── NotSupported    this venue cannot do that: choose another way
└── StopTrading     a person must act (key, permission, address): no order until then
LedgerUnavailable   the intent cannot be made durable: no order may go
"""

from __future__ import annotations

from config.texts import text


class VenueError(Exception):
    """A venue's answer that is no answer. `code` is the venue's own name for it, `message` holds no secret."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


class TryLater(VenueError):
    """Proven not to have happened; may be asked again after `retry_after` seconds (None: the caller's back-off)."""

    def __init__(self, code: str, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class Refused(VenueError):
    """Proven not to have happened, and repeating will not help."""


class OutcomeUnknown(VenueError):
    """Time-out, reset, 5xx, unreadable or unlisted answer: only evidence from the venue decides."""


class NotSupported(VenueError):
    """The venue has no such ability; see its `Capabilities`."""


class StopTrading(VenueError):
    """Key, permission or address: nothing will work until a person acts."""


class LedgerUnavailable(Exception):
    """The ledger cannot be written (disk full, database away); entries stop, exits go to the journal."""


class BadInput(ValueError):
    """A file, row or argument that is refused; the text names it, the reason and the cure.

    key: of its sentence in the catalogue; values: what that asks for. `str` gives the English sentence.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def text(self, lang: str) -> str:
        """The sentence for a person, in "ko" or "en". Raises KeyError for an unknown key or a value not given."""
        return text(self.key, lang, **self.values)

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments do not survive the default pickling, and worker processes send errors home.
        return _bad_input, (self.key, self.values)


def _bad_input(key: str, values: dict[str, object]) -> BadInput:
    return BadInput(key, **values)
