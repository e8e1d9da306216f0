"""The line that stands over every screen: does the bot live, in which mode, what is there, how did today go."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from trading.ipc.readers import Snapshot
from trading.ipc.status import BotStatus, VenueStatus
from ui.figures import NONE, Signed, Tone, kst, rate
from ui.voice import Voice

OWN_CLOCK_MS: Final = 60_000

_LIFE_TONE: dict[str, Tone] = {"dead": "bad", "unknown": "bad", "absent": "quiet", "stopped": "quiet"}
_STATUS_TONE: dict[str, Tone] = {"running": "good", "paused": "warn", "halted": "bad"}
_VENUE_TONE: dict[str, Tone] = {"ready": "good", "degraded": "warn", "halted": "bad", "closed": "quiet"}
_MODE_TONE: dict[str, Tone] = {"live": "bad", "testnet": "warn"}


@dataclass(frozen=True, slots=True)
class VenueChip:
    """One venue: its name, state in words and tone, why, and what it trades with."""

    name: str
    state: str
    tone: Tone
    detail: str
    plan: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header in words. heartbeat: how old; today: in KRW and in percent; clock: market time where it differs."""

    state: str
    tone: Tone
    heartbeat: str
    mode: str
    mode_tone: Tone
    equity: str
    today: Signed
    today_rate: Signed
    clock: str
    venues: tuple[VenueChip, ...]


def header(snapshot: Snapshot, voice: Voice) -> Header:
    """The header of `snapshot`; with no status it says so; `today` is empty where there is no money to tell of."""
    status = snapshot.status.value
    state, tone = _state(snapshot, voice)
    if status is None:
        known = _equity(snapshot)
        nothing = Signed("" if known is None else NONE, "flat")
        return Header(state, tone, "", "", "quiet", voice.money(known, "KRW"), nothing, nothing, "", ())
    return Header(
        state=state,
        tone=tone,
        heartbeat=voice.say("header.heartbeat", age=voice.span(snapshot.age_s)),
        mode=voice.say(f"mode.{status.mode}"),
        mode_tone=_MODE_TONE.get(status.mode, "flat"),
        equity=voice.money(_equity(snapshot), "KRW"),
        today=voice.gain(status.day_pnl_krw, "KRW"),
        today_rate=rate(status.day_pnl_percent),
        clock=_clock(status, snapshot, voice),
        venues=tuple(_chip(name, venue, snapshot, voice) for name, venue in status.venues.items()),
    )


def _clock(status: BotStatus, snapshot: Snapshot, voice: Voice) -> str:
    """The market's time where it is not that of the wall: a practice market has a clock of its own."""
    heard_ms = snapshot.now_ms - int((snapshot.age_s or 0.0) * 1000)
    if abs(status.market_time_ms - heard_ms) < OWN_CLOCK_MS:
        return ""
    return voice.say("header.clock", time=kst(status.market_time_ms))


def _state(snapshot: Snapshot, voice: Voice) -> tuple[str, Tone]:
    status = snapshot.status.value
    if snapshot.life != "alive" or status is None:
        return voice.say(f"life.{snapshot.life}"), _LIFE_TONE.get(snapshot.life, "quiet")
    said = voice.say(f"status.{status.status}")
    if status.status == "warming_up":
        said = f"{said} {status.warmup_current}/{status.warmup_total}"
    return said, _STATUS_TONE.get(status.status, "quiet")


def _chip(name: str, venue: VenueStatus, snapshot: Snapshot, voice: Voice) -> VenueChip:
    tone = _VENUE_TONE.get(venue.state, "quiet") if snapshot.alive else "quiet"
    return VenueChip(
        name=voice.term("venue", name),
        state=voice.say(f"venue_state.{venue.state}"),
        tone=tone,
        detail=venue.detail,
        plan=plan_of(venue, voice),
    )


def plan_of(venue: VenueStatus, voice: Voice) -> str:
    """`MACD · demo · 1m`: what a venue trades with."""
    parts = (voice.term("strategy", venue.strategy), venue.preset, venue.timeframe)
    return " · ".join(part for part in parts if part)


def _equity(snapshot: Snapshot) -> Decimal | None:
    """Total equity in KRW: the bot's own word, else the sum of the KRW venues that can be read."""
    status = snapshot.status.value
    if status is not None and status.equity_krw is not None:
        return status.equity_krw
    known = [look.value.equity for look in snapshot.portfolios.values() if look.value and look.value.currency == "KRW"]
    return sum(known, Decimal(0)) if known else None


def paused(status: BotStatus | None) -> bool:
    """Whether entries are off by command."""
    return status is not None and status.status == "paused"
