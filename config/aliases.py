"""Names that earlier bots used in `.env` and that stay valid.

Those bots wrote percentages both ways: 0.03 is a fraction, 3 is percent. A value of 1 or more (for MAX_POSITION_SIZE:
more than 1) is read as percent; between 0.2 and 1 either could be meant for a stop, a take-profit or a daily loss, so
it is refused with the new name to use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from config.errors import SettingError
from config.knob import plain
from config.venues import CRYPTO_VENUES

AMBIGUOUS_FROM = Decimal("0.2")


def _same(name: str, raw: str) -> str:
    return raw


def _fraction(name: str, raw: str) -> str:
    """An old percentage as a fraction; the minus of an old stop is dropped. Raises SettingError where it is unclear."""
    number = _number(raw)
    if number is None:
        return raw  # the knob itself says what is wrong with it
    number = abs(number)
    if AMBIGUOUS_FROM < number < 1:
        raise SettingError("ambiguous", name, value=raw, hint=plain(float(number / 100)))
    return format(number / 100 if number >= 1 else number, "f")


def _share(name: str, raw: str) -> str:
    """A position size: 0.1 and 1 are fractions, 10 is 10 %."""
    number = _number(raw)
    if number is None or number <= 1:
        return raw
    return format(number / 100, "f")


def _mode(name: str, raw: str) -> str:
    if raw.casefold() not in ("live", "paper"):
        raise SettingError("choice", name, value=raw, allowed="live, paper")
    return raw


def _number(raw: str) -> Decimal | None:
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return None
    return number if number.is_finite() and -20 < number.adjusted() < 20 else None


@dataclass(frozen=True, slots=True)
class Alias:
    """An old name for a knob, or for a strategy parameter (`key` "param.<name>") of the venues named."""

    key: str
    convert: Callable[[str, str], str] = _same
    venues: tuple[str | None, ...] = (None,)


ALIASES: dict[str, Alias] = {
    "CRYPTO_STRATEGY_PRESET": Alias("preset"),
    "CRYPTO_K_VALUE": Alias("param.k", venues=CRYPTO_VENUES),
    "STOP_LOSS_PERCENT": Alias("stop_loss_percent", _fraction),
    "TAKE_PROFIT_PERCENT": Alias("take_profit_percent", _fraction),
    "MAX_POSITION_SIZE": Alias("max_position_size", _share),
    "MAX_OPEN_POSITIONS": Alias("max_positions"),
    "MAX_DAILY_LOSS": Alias("daily_loss_limit", _fraction),
    "INITIAL_CAPITAL": Alias("initial_capital"),
    "TRADE_MODE": Alias("mode", _mode),
}
ACCOUNT_ALIASES: dict[str, str] = {
    "UPBIT_ACCESS": "UPBIT_ACCESS_KEY",
    "UPBIT_SECRET": "UPBIT_SECRET_KEY",
    "MAINNET_CONFIRMATION": "LIVE_TRADING_CONFIRM",
}
