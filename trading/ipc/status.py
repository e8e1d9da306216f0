"""bot_status.json: what the bot is and does, written every step; its time is the heartbeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from trading.ipc.document import Json
from trading.ipc.files import SCHEMA, Killpoint, Read, no_kill, read_json
from trading.ipc.projection import Projection
from trading.ipc.shapes import fields_to_json, from_json

FILE: Final = "bot_status.json"

BotState = Literal["warming_up", "running", "paused", "halted", "stopping", "stopped"]
VenueState = Literal["connecting", "reconciling", "ready", "degraded", "closed", "halted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueStatus:
    """One venue. None where it is not known (yet). *_percent in percent, kelly_fraction a fraction, 0 = no limit.

    reconciled_ms: wall clock of the last reconcile; stream_age_s: seconds since the last public message.
    """

    state: VenueState
    detail: str = ""
    reconciled_ms: int | None = None
    stream_age_s: float | None = None
    requests_per_minute: int = 0
    clock_offset_ms: int | None = None
    strategy: str
    preset: str
    timeframe: str
    symbols: tuple[str, ...]
    regime: str | None = None
    market_condition: str | None = None
    trades_today: int = 0
    max_trades_per_day: int = 0
    positions: int = 0
    max_positions: int = 0
    win_rate_percent: float | None = None
    kelly_fraction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """A gate that stays shut until `rearm`. since_ms: wall clock. venue None: all of them."""

    venue: str | None
    gate: str
    since_ms: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An entry that waits for a person. order: client id; amount in the venue's currency; expires_ms: wall clock."""

    order: str
    venue: str
    symbol: str
    side: Literal["buy", "sell"]
    amount: Decimal
    expires_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of the schedule; times on the market clock, None before its first run or when none is planned."""

    name: str
    last_ms: int | None = None
    last_result: str | None = None
    next_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A knob set by a command. value in the knob's own unit (fractions stay fractions); at_ms: wall clock."""

    value: Any
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedSetting:
    """An edit that changed nothing: where it stood, what it said (masked if secret), why not."""

    name: str
    value: str
    line: int | None = None
    source: str = ".env"
    reason_ko: str
    reason_en: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Overrides by knob (`<venue>.<knob>` where it holds for one venue) and edits that were refused."""

    overrides: Mapping[str, Override]
    rejected: tuple[RejectedSetting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStatus:
    """The whole file. seq, written_at_ms and timestamp (the same moment in s) are filled by `StatusFile`.

    cpu: percent of one core; memory: MB resident; money in KRW; usdt_krw: KRW per USDT; None where not known.
    """

    schema: Literal[1] = SCHEMA
    seq: int = 0
    status: BotState
    timestamp: float = 0.0
    loop_seconds: float
    written_at_ms: int = 0
    market_time_ms: int
    mode: Literal["demo", "paper", "testnet", "live"]
    version: str
    pid: int
    boot_id: str
    started_ms: int
    cpu: float
    memory: float
    warmup_current: int
    warmup_total: int
    equity_krw: Decimal | None = None
    day_pnl_krw: Decimal | None = None
    day_pnl_percent: float | None = None
    usdt_krw: float | None = None
    kimchi_premium_percent: float | None = None
    venues: Mapping[str, VenueStatus]
    latches: tuple[Latch, ...] = ()
    approvals: tuple[Approval, ...] = ()
    jobs: tuple[Job, ...] = ()
    settings: Settings

    def to_json(self) -> Json:
        """The file's JSON; `timestamp` follows `written_at_ms`."""
        return fields_to_json(replace(self, timestamp=self.written_at_ms / 1000))


class StatusFile:
    """Writes bot_status.json."""

    def __init__(self, data_dir: Path, killpoint: Killpoint = no_kill) -> None:
        self._file: Projection[BotStatus] = Projection(data_dir / FILE, killpoint)

    def publish(self, status: BotStatus, now_ms: int) -> None:
        """Writes `status` in any case: the file is the heartbeat. Raises OSError."""
        self._file.publish(status, now_ms, always=True)


def shape_status(value: Json) -> BotStatus:
    """The typed status. Raises ValueError naming the field."""
    return from_json(BotStatus, value)


def read_status(data_dir: Path) -> Read[BotStatus]:
    """Reads bot_status.json; never raises for its content."""
    return read_json(data_dir / FILE).turn(shape_status)
