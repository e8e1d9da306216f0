"""What a WebSocket client asks for: reading its request, and rendering messages in the format it chose."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from exchanges.simulator.dialects.upbit.messages import CANDLE_UNITS, PRIVATE_TYPES, PUBLIC_TYPES, shortened
from exchanges.simulator.exchange import Exchange

FORMATS = ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST")
BOOK_UNITS = (1, 5, 15, 30)


class WrongRequest(Exception):
    """A request the venue answers with an error message: its name and text."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(name)
        self.name, self.message = name, message


@dataclass(frozen=True, slots=True)
class Channel:
    """One subscribed type: market codes, order book units per code, and which half of the stream is wanted."""

    type: str
    codes: tuple[str, ...]
    units: dict[str, int] = field(default_factory=dict)
    level: float = 0.0
    only_snapshot: bool = False
    only_realtime: bool = False


@dataclass(slots=True)
class Subscriptions:
    """All channels of a connection; a new request replaces the whole."""

    ticket: str = ""
    format: str = "DEFAULT"
    channels: tuple[Channel, ...] = ()

    def live(self, code: str) -> list[Channel]:
        """Channels that want real-time messages of a market."""
        return [channel for channel in self.channels if not channel.only_snapshot and code in channel.codes]

    def render(self, message: dict[str, Any]) -> object:
        """The message in the chosen format."""
        shown = shortened(message) if self.format.startswith("SIMPLE") else message
        return [shown] if self.format.endswith("LIST") else shown

    def listing(self) -> dict[str, Any]:
        """The answer to LIST_SUBSCRIPTIONS."""
        result = [{"type": channel.type, "codes": list(channel.codes)} for channel in self.channels]
        return {"method": "LIST_SUBSCRIPTIONS", "result": result, "ticket": self.ticket}


def read_request(text: str, private: bool, exchange: Exchange) -> Subscriptions | None:
    """The subscriptions a request asks for; None for LIST_SUBSCRIPTIONS. Raises WrongRequest."""
    try:
        parts = json.loads(text)
    except ValueError:
        raise WrongRequest("WRONG_FORMAT", "Format이 맞지 않습니다.") from None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise WrongRequest("WRONG_FORMAT", "Format이 맞지 않습니다.")
    if any(part.get("method") == "LIST_SUBSCRIPTIONS" for part in parts):
        return None
    ticket = next((part["ticket"] for part in parts if part.get("ticket")), None)
    if ticket is None:
        raise WrongRequest("NO_TICKET", "티켓이 존재하지 않거나 유효하지 않습니다.")
    chosen = next((str(part["format"]) for part in parts if "format" in part), "DEFAULT")
    if chosen not in FORMATS:
        raise WrongRequest("INVALID_PARAM", "지원하지 않는 format 입니다.")
    wanted = [part for part in parts if "ticket" not in part and "format" not in part]
    if not wanted or any(not part.get("type") for part in wanted):
        raise WrongRequest("NO_TYPE", "타입이 존재하지 않습니다.")
    return Subscriptions(str(ticket), chosen, tuple(_channel(part, private, exchange) for part in wanted))


def _channel(part: dict[str, Any], private: bool, exchange: Exchange) -> Channel:
    kind = str(part["type"])
    if kind in PRIVATE_TYPES:
        return _private_channel(kind, part, private, exchange)
    if kind not in PUBLIC_TYPES and kind not in {f"candle.{unit}" for unit in CANDLE_UNITS}:
        raise WrongRequest("INVALID_PARAM", f"지원하지 않는 타입입니다: {kind}")
    given = part.get("codes")
    if not isinstance(given, list) or not given:
        raise WrongRequest("NO_CODES", "코드가 존재하지 않습니다.")
    codes: list[str] = []
    units: dict[str, int] = {}
    for text in given:
        code, _, unit = str(text).partition(".")
        if kind == "orderbook" and unit:
            if unit not in {str(count) for count in BOOK_UNITS}:
                raise WrongRequest("INVALID_PARAM", f"지원하지 않는 호가 개수입니다: {unit}")
            units[code] = int(unit)
        codes.append(code)
    _check_codes(codes, exchange)
    return Channel(
        kind, tuple(dict.fromkeys(codes)), units, _level(part), _flag(part, "snapshot"), _flag(part, "realtime")
    )


def _private_channel(kind: str, part: dict[str, Any], private: bool, exchange: Exchange) -> Channel:
    if not private:
        raise WrongRequest("INVALID_AUTH", "인증 정보가 올바르지 않습니다.")
    codes = part.get("codes")
    if kind == "myAsset" and codes is not None:
        raise WrongRequest("WRONG_FORMAT", "Format이 맞지 않습니다.")
    if codes is not None and not isinstance(codes, list):
        raise WrongRequest("WRONG_FORMAT", "Format이 맞지 않습니다.")
    names = [str(code) for code in codes or ()]
    _check_codes(names, exchange)
    return Channel(kind, tuple(names))


def _check_codes(codes: list[str], exchange: Exchange) -> None:
    for code in codes:
        if code not in exchange.markets or exchange.markets[code].marks.delisted:
            raise WrongRequest("INVALID_PARAM", f"존재하지 않는 코드입니다: {code}")


def _level(part: dict[str, Any]) -> float:
    level = part.get("level", 0)
    if isinstance(level, bool) or not isinstance(level, int | float) or level < 0:
        raise WrongRequest("INVALID_PARAM", "지원하지 않는 level 입니다.")
    return float(level)


def _flag(part: dict[str, Any], which: str) -> bool:
    """is_only_snapshot / is_only_realtime, in the older spelling too."""
    return bool(part.get(f"is_only_{which}", part.get(f"isOnly{which.capitalize()}", False)))
