"""What every part of the dialect works with: the exchange, its switches, and one request's parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from exchanges.simulator.dialects.upbit.auth import Key, Keyring
from exchanges.simulator.dialects.upbit.errors import UNKNOWN_CODE, quotation_error, refusal
from exchanges.simulator.dialects.upbit.limits import RateLimits
from exchanges.simulator.exchange import Exchange
from exchanges.simulator.market import Market
from exchanges.simulator.world import World


@dataclass(slots=True)
class Switches:
    """Behaviour that is undocumented, disputed or worth testing both ways; set through the admin."""

    strict_query: bool = True
    """Cancels accept query parameters only, as documented; False also accepts a body (what pyupbit sends)."""
    always_smp: bool = False
    """Always returns smp_type, not only when the client gave it."""
    out_of_scope_status: int = 401
    cancel_delay: float = 0.1
    """Wall seconds between an accepted cancel and its effect."""
    withdraw_locked: bool = False


@dataclass(slots=True)
class Desk:
    """The shared parts of the dialect."""

    world: World
    exchange: Exchange
    keyring: Keyring
    limits: RateLimits
    switches: Switches = field(default_factory=Switches)

    def quoted_market(self, code: str) -> Market:
        """A market for the quotation API. Raises UpbitError 404 where it is unknown or delisted."""
        market = self.exchange.markets.get(code)
        if market is None or market.marks.delisted:
            raise quotation_error(UNKNOWN_CODE)
        return market

    def traded_market(self, code: str) -> Market:
        """A market for orders. Raises UpbitError: notfoundmarket, or market_offline while halted or offline."""
        market = self.exchange.markets.get(code)
        if market is None or market.marks.delisted:
            raise refusal("notfoundmarket", market=code)
        if market.fixed:
            raise refusal("market_offline")
        return market


@dataclass(slots=True)
class Request:
    """One request as the handlers see it: parameters by name ("states[]" is found as "states"), and who asks."""

    params: dict[str, list[Any]]
    now_ms: int
    path: dict[str, str] = field(default_factory=dict)
    key: Key | None = None

    def first(self, name: str) -> str | None:
        """The parameter's (first) value as text, None where it is absent or null."""
        values = self.params.get(name)
        return None if not values or values[0] is None else str(values[0])

    def every(self, name: str) -> list[str]:
        """All values of a repeated parameter."""
        return [str(value) for value in self.params.get(name, ()) if value is not None]

    def split(self, name: str) -> list[str]:
        """All values, repeated or separated by commas."""
        return [part.strip() for value in self.every(name) for part in value.split(",") if part.strip()]


Reply = tuple[int, Any]
Handler = Callable[[Desk, Request], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: its limit group, the scope a key needs (None: public), and whether only the query counts."""

    method: str
    path: str
    group: str
    handler: Handler
    scope: str | None = None
    query_only: bool = False
    works_offline: bool = False
