"""Upbit as data: hosts, limits, ticks, fees and what each of its error names means for the caller.

Source: docs.upbit.com/kr (rate limits 2026-08-21, KRW ticks 2025-07-31, error codes), read 2026-11.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from trading.core.errors import OutcomeUnknown, Refused, StopTrading, TryLater, VenueError
from trading.core.instrument import Ticks
from trading.core.ports import Capabilities
from trading.core.rules import RULES

NAME: Final = "upbit"
CURRENCY: Final = "KRW"

#: Roles of the hosts and their real addresses; in demo the simulator's ready line replaces them.
HOSTS: Final[dict[str, str]] = {
    "rest": "https://api.upbit.com",
    "ws": "wss://api.upbit.com/websocket/v1",
    "ws_private": "wss://api.upbit.com/websocket/v1/private",
}

FEE_RATE: Final = Decimal(repr(RULES[NAME].fee_rate))
MIN_TOTAL: Final = Decimal(int(RULES[NAME].min_notional))
LOT_STEP: Final = RULES[NAME].lot_step
PLACES: Final = Decimal("0.00000001")

CAPABILITIES: Final = Capabilities(
    currency=CURRENCY,
    client_ids=True,
    market_buy_by_quote=True,
    cancel_is_asynchronous=True,
    private_stream=True,
    fee_rate=float(FEE_RATE),
)

#: KRW market: (price from, tick), highest first. `/orderbook/instruments` corrects the band a market trades in.
TICKS: Final[Ticks] = RULES[NAME].ticks

#: Requests per second of each group, and how many of them only an exit or a cancel may take.
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "market": (10, 0),
    "candle": (10, 0),
    "trade": (10, 0),
    "ticker": (10, 2),
    "orderbook": (10, 2),
    "default": (30, 8),
    "order": (12, 4),
    "order-test": (8, 0),
}
#: Groups whose requests are signed.
SIGNED: Final = frozenset({"default", "order", "order-test"})

#: How long an answer without `Retry-After` keeps us away: 429 until its one-second window is over, 418 by doubling.
PAUSE_S: Final = 1.0
BAN_S: Final = 60.0
BAN_MOST_S: Final = 3600.0

#: Our timeframe -> path of its candles. The others are folded from a finer one.
CANDLES: Final[dict[str, str]] = {
    "1m": "candles/minutes/1",
    "3m": "candles/minutes/3",
    "5m": "candles/minutes/5",
    "10m": "candles/minutes/10",
    "15m": "candles/minutes/15",
    "30m": "candles/minutes/30",
    "1h": "candles/minutes/60",
    "4h": "candles/minutes/240",
    "1d": "candles/days",
    "1w": "candles/weeks",
}
FOLDED: Final[dict[str, str]] = {"2h": "1h", "6h": "1h", "8h": "4h", "12h": "4h"}
CANDLES_A_PAGE: Final = 200

ORDERS_A_PAGE: Final = 100
CLOSED_A_PAGE: Final = 1000
CLOSED_WINDOW_MS: Final = 7 * 86_400_000

#: Error names with a documented 4xx status that prove that nothing happened, by what to do next.
#: A name that is missing here proves nothing.
ERRORS: Final[dict[str, type[VenueError]]] = {
    # the order as such
    "create_ask_error": Refused,
    "create_bid_error": Refused,
    "insufficient_funds_ask": Refused,
    "insufficient_funds_bid": Refused,
    "under_min_total_ask": Refused,
    "under_min_total_bid": Refused,
    "over_krw_funds_bid": Refused,
    "over_krw_funds_ask": Refused,
    "invalid_price_bid": Refused,
    "invalid_price_ask": Refused,
    "invalid_volume_bid": Refused,
    "invalid_volume_ask": Refused,
    "volume_too_large": Refused,
    "invalid_funds": Refused,
    "invalid_post_only": Refused,
    "invalid_time_in_force": Refused,
    "validation_error": Refused,
    "invalid_parameter": Refused,
    "bad_request": Refused,
    "QUERY_PARAMETER_NOT_SUPPORTED": Refused,
    "invalid_query_payload": Refused,
    "notfoundmarket": Refused,
    "order_not_found": Refused,
    # the venue, for now
    "too_many_requests": TryLater,
    "market_offline": TryLater,
    # the key or the address: a person
    "jwt_verification": StopTrading,
    "invalid_access_key": StopTrading,
    "expired_access_key": StopTrading,
    "no_authorization_ip": StopTrading,
    "no_authorization_i_p": StopTrading,
    "no_authorization_token": StopTrading,
    "out_of_scope": StopTrading,
    "thirdparty_agreement_required": StopTrading,
    # The name was used before, perhaps by this very order: only a look-up decides.
    "duplicated_identifier": OutcomeUnknown,
    # The same signed request arrived twice: the first one may have been accepted.
    "nonce_used": OutcomeUnknown,
}

#: Older spellings, so that people read one text.
SAME_AS: Final[dict[str, str]] = {"no_authorization_i_p": "no_authorization_ip"}

#: Quotation errors carry their HTTP status as the name.
QUOTATION: Final[dict[str, str]] = {"400": "invalid_parameter", "404": "notfoundmarket"}

#: After these the cached ticks, minimum, fee and state of the market may be old.
STALE_AFTER: Final = frozenset(
    {
        "under_min_total_ask",
        "under_min_total_bid",
        "invalid_price_bid",
        "invalid_price_ask",
        "invalid_volume_bid",
        "invalid_volume_ask",
        "create_ask_error",
        "create_bid_error",
        "validation_error",
        "invalid_parameter",
        "notfoundmarket",
        "market_offline",
    }
)
