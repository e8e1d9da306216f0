"""The bot's log: `trading_bot.log` for people, `trading_bot.jsonl` for programs; secrets masked in both.

Every line for users comes from the text catalogue by its key. A line of the `.log` begins with the time in KST; what
follows of a longer text is indented, so no text from outside can pass for a line of its own. Exceptions show as one
sentence in the `.log` and with their traceback in the `.jsonl`.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, Literal

from config.texts import catalogue, text
from trading.ipc.document import MAX_DIGITS, encode
from trading.ipc.files import ensure_folder

LOGGER: Final = "haetae"
HUMAN_FILE: Final = "trading_bot.log"
MACHINE_FILE: Final = "trading_bot.jsonl"
MAX_BYTES: Final = 10_000_000
KEPT: Final = 5
KST: Final = timezone(timedelta(hours=9), "KST")
#: Their lines hold addresses with tokens in them.
TALKERS: Final = ("httpx", "httpcore", "urllib3")

Level = Literal["debug", "info", "warning", "error", "critical"]
Mask = Callable[[str], str]
#: Beyond so many digits before or after the point a number is shown with its exponent.
LONGEST: Final = 24
#: Fields whose decimals all matter, however large the number.
EXACT: Final = frozenset({"quantity", "filled"})
#: Fields whose values are names with words of their own in the catalogue.
WORDED: Final = frozenset({"reason", "kind", "action"})
_LEVELS: Final[dict[Level, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_MAX_NESTING: Final = 20


def kst(time_ms: float) -> str:
    """`2025-11-20 10:00:00` in Korean time, or the number itself where no calendar reaches it."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, KST).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return str(time_ms)


def shown(name: str, value: object, lang: str) -> str:
    """A field as people read it: amounts grouped and without exponent, `*_ms` in KST, `reason` in words, no
    `venue` as all of them."""
    if value is None:
        return text("log.all", lang) if name == "venue" else "-"
    if isinstance(value, bool):
        return text("log.yes" if value else "log.no", lang)
    if name.endswith("_ms") and isinstance(value, int | float):
        return kst(value)
    if isinstance(value, float | Decimal):
        return _grouped(value if isinstance(value, Decimal) else Decimal(f"{value:.8g}"), name)
    if isinstance(value, Mapping):
        return " ".join(f"{key}={shown(str(key), member, lang)}" for key, member in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(shown(name, member, lang) for member in value) or "-"
    said = str(value)
    if name in WORDED and (key := f"log.{name}.{said}") in catalogue():
        return text(key, lang)
    return said


def _grouped(number: Decimal, name: str) -> str:
    """1234567.50 -> 1,234,567.5; no more decimals than a person reads; NaN is "-"."""
    if not number.is_finite():
        return "-" if number.is_nan() else str(number)
    if abs(number.adjusted()) > LONGEST:
        return f"{number:.8g}"
    places = 2 if name.endswith("_percent") or (abs(number) >= 1000 and name not in EXACT) else 8
    with localcontext(rounding=ROUND_HALF_EVEN):  # ccxt changes the one of its thread
        digits = f"{number:,.{places}f}"
    digits = digits.rstrip("0").rstrip(".")
    return "0" if digits in ("-0", "") else digits


def worded(key: str, lang: str, fields: Mapping[str, object]) -> str:
    """The catalogue's text for `key` with `fields` as people read them. Raises KeyError for a missing key or field."""
    return text(key, lang, **{name: shown(name, value, lang) for name, value in fields.items()})


class Log:
    """Writes lines of the catalogue; `language` may be changed while running. Safe to use from several threads."""

    def __init__(self, lang: str, mask: Mask) -> None:
        self.language = lang
        self._mask = mask
        self._logger = logging.getLogger(LOGGER)
        self._said: dict[tuple[str, str], tuple[int, set[tuple[str, str]]]] = {}

    def say(self, key: str, level: Level = "info", *, exception: BaseException | None = None, **fields: object) -> None:
        """One line: the text of `key` in the `.log`, key and fields in the `.jsonl`. Never raises.

        fields: the values of the text and whatever else is worth keeping; Decimal for money and quantities, `*_ms` for
        times. exception: added as its sentence, with the traceback in the `.jsonl`.
        """
        # Masked before they are grouped or cut: a key of digits must not hide behind its thousands separators.
        clean = {name: masked(value, self._mask) for name, value in fields.items()}
        try:
            words = worded(key, self.language, clean)
        except (
            KeyError,
            IndexError,
            ValueError,
            TypeError,
        ):  # a wrong call must not end a trading step; the line tells of it
            level = "error"
            words = f"{key} {shown('', clean, self.language)}"
        info = None if exception is None else (type(exception), exception, exception.__traceback__)
        extra = {"event": key, "fields": clean}
        self._logger.log(_LEVELS[level], "%s", words, exc_info=info, extra=extra)

    def hold(self, venue: str, symbol: str, candle_ms: int, gate: str, numbers: Mapping[str, object]) -> bool:
        """`[HOLD]`: a gate refused an entry, with its numbers. Once per symbol, candle and gate; True when written."""
        if not self._first(venue, symbol, candle_ms, ("hold", gate)):
            return False
        self.say("log.hold", venue=venue, symbol=symbol, candle_ms=candle_ms, gate=gate, numbers=dict(numbers))
        return True

    def wait(self, venue: str, symbol: str, candle_ms: int, have: int, need: int) -> bool:
        """`[WAIT]`: candles that are there and candles that are needed. Once per symbol and candle; True if written."""
        if not self._first(venue, symbol, candle_ms, ("wait", "")):
            return False
        self.say("log.wait", venue=venue, symbol=symbol, candle_ms=candle_ms, have=have, need=need)
        return True

    def _first(self, venue: str, symbol: str, candle_ms: int, what: tuple[str, str]) -> bool:
        said = self._said.get((venue, symbol))
        if said is None or said[0] != candle_ms:
            self._said[venue, symbol] = (candle_ms, {what})
            return True
        if what in said[1]:
            return False
        said[1].add(what)
        return True


def masked(value: object, mask: Mask, depth: int = 0) -> Any:
    """Plain JSON of `value` with every secret replaced, in keys and in numbers too; anything strange as its text."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        said = _digits(value)
        clean = mask(said)
        return value if clean == said and _encodable(value) else clean
    if depth < _MAX_NESTING:
        if isinstance(value, Mapping):
            return {mask(str(key)): masked(member, mask, depth + 1) for key, member in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [masked(member, mask, depth + 1) for member in value]
    return mask(str(value))


def _digits(value: float | Decimal) -> str:
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) <= MAX_DIGITS:
        return f"{value:f}"
    return str(value) if not isinstance(value, int) or abs(value) < 10**MAX_DIGITS else hex(value)


def _encodable(value: float | Decimal) -> bool:
    try:
        encode(value)
    except ValueError:
        return False
    return True


def one_record(words: str) -> str:
    """`words` with further lines indented and control characters made visible: nothing can forge a line."""
    lines = _LINE_END.split(words)
    clean = [_CONTROL.sub(lambda found: " " if found[0] == "\t" else f"\\x{ord(found[0]):02x}", line) for line in lines]
    return "\n    ".join(clean)


class _Human(logging.Formatter):
    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        words = _message(record)
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            words = f"{words} ({type(error).__name__}: {error})" if str(error) else f"{words} ({type(error).__name__})"
        if record.name != LOGGER:
            words = f"{record.name}: {words}"
        line = f"{kst(record.created * 1000)} KST {record.levelname:<7} {one_record(self._mask(words))}"
        return self._mask(line)


class _Machine(logging.Formatter):
    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        value: dict[str, object] = {
            "time_ms": int(record.created * 1000),
            "level": record.levelname.lower(),
            "event": self._mask(str(getattr(record, "event", record.name))),
            "fields": masked(getattr(record, "fields", {}), self._mask),
            "text": self._mask(_message(record)),
        }
        if record.exc_info and record.exc_info[1] is not None:
            value["exception"] = self._mask(self.formatException(record.exc_info))
        return encode(value)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a library's template and arguments that do not fit
        return f"{record.msg} {record.args}"


class _Quiet(logging.StreamHandler[Any]):
    """A handler whose own failures (disk full) end no step and print no message: one sentence on stderr."""

    words = ""
    _failing = False
    _failed = False

    def filter(self, record: logging.LogRecord) -> Any:
        """Of other loggers only warnings and errors pass."""
        own = record.name.partition(".")[0] == LOGGER
        return super().filter(record) if own or record.levelno >= logging.WARNING else False

    def handleError(self, record: logging.LogRecord) -> None:
        """Called by `emit` inside its exception handler."""
        self._failed = True
        if not self._failing:
            self._failing = True
            why = type(sys.exception()).__name__
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(self.words.format(why=why) + "\n")


class _PrivateFile(_Quiet, logging.handlers.RotatingFileHandler):
    """A rotated file, 0600 from its first byte, opened again when someone removed it."""

    def _open(self) -> TextIOWrapper:
        ensure_folder(Path(self.baseFilename).parent)
        handle = _private(self.baseFilename)
        return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line; what fails is said once per outage (see `_Quiet`)."""
        self._failed = False
        if self.stream is not None and not self._in_place(self.stream):
            with contextlib.suppress(OSError):  # what a full disk did not take is lost
                self.stream.close()
            self.stream = None
        super().emit(record)
        self._failing = self._failed

    def _in_place(self, stream: TextIOWrapper) -> bool:
        """The file that `stream` writes is still the one under its name."""
        try:
            return os.path.samestat(os.fstat(stream.fileno()), Path(self.baseFilename).stat())
        except FileNotFoundError:
            return False
        except (OSError, ValueError):  # it cannot be told: writing decides
            return True


def _private(path: str) -> int:
    """Opens a log for appending, 0600; a line that a crash cut off is ended, so the next one stands alone."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o600)
    with contextlib.suppress(OSError):  # a file of another owner stays as it is; writing decides
        if os.name != "nt":
            os.fchmod(handle, 0o600)
        size = os.fstat(handle).st_size
        if size:
            os.lseek(handle, size - 1, os.SEEK_SET)
            if os.read(handle, 1) != b"\n":
                os.write(handle, b"\n")
    return handle


def setup(folder: Path, lang: str, secrets_mask: Mask, console: bool = False) -> Log:
    """Opens both files in `folder` (0700) and returns the log; a second call replaces the first.

    Warnings and errors of libraries go to the same files. console: the lines of the `.log` on stderr too. Raises
    OSError when the folder or a file cannot be opened.
    """
    ensure_folder(folder)
    with contextlib.suppress(PermissionError):  # a folder of another owner: the files are 0600 all the same
        folder.chmod(0o700)
    shutdown()
    handlers: list[_Quiet] = []
    for name, formatter in ((HUMAN_FILE, _Human(secrets_mask)), (MACHINE_FILE, _Machine(secrets_mask))):
        file = _PrivateFile(folder / name, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")
        file.setFormatter(formatter)
        handlers.append(file)
    if console:
        screen = _Quiet(sys.stderr)
        screen.setFormatter(_Human(secrets_mask))
        handlers.append(screen)
    logger, root = logging.getLogger(LOGGER), logging.getLogger()
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for handler in handlers:
        handler.words = text("log.unwritable", lang, folder=folder, why="{why}")
        logger.addHandler(handler)
        root.addHandler(handler)
    for talker in TALKERS:
        logging.getLogger(talker).setLevel(logging.WARNING)
    return Log(lang, secrets_mask)


def shutdown() -> None:
    """Takes the bot's handlers off and closes the files; without `setup` nothing happens."""
    for logger in (logging.getLogger(LOGGER), logging.getLogger()):
        for handler in [one for one in logger.handlers if isinstance(one, _Quiet)]:
            logger.removeHandler(handler)
            with contextlib.suppress(OSError):  # a full disk: what is left in memory cannot be written
                handler.close()
