"""Combinations that are possible but most likely not what a person wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from config.knob import plain
from config.layers import Notice
from config.presets import PRESETS
from config.resolve import Resolved
from config.results import BESIDE_HOLDING
from config.values import Knobs
from config.venues import FACTS


def warnings_for(running: Sequence[Resolved]) -> tuple[Notice, ...]:
    """Notices for the venues that are on, in their order."""
    return tuple(notice for resolved in running for notice in _of_venue(resolved))


def beside_holding(preset: str, strategy: str) -> Notice | None:
    """What is to be said where `preset` (or `strategy`, where that is not the preset's) did not beat buy and hold out
    of sample on every recorded series it was tried on; None where it did, or was never tried."""
    rests = preset in PRESETS and PRESETS[preset].knobs["strategy"] == strategy
    kind, name = ("preset", preset) if rests else ("strategy", strategy)
    tried, beat, earned = BESIDE_HOLDING.get((kind, name), (0, 0, 0))
    if beat == tried:
        return None
    return Notice(f"settings.beside_holding_{kind}", {"name": name, "tried": tried, "beat": beat, "earned": earned})


def _of_venue(resolved: Resolved) -> Iterable[Notice]:
    knobs, venue = resolved.knobs, resolved.venue or ""
    fee = FACTS[venue].fee_rate if knobs.fee_rate is None else knobs.fee_rate
    costs = 2 * fee
    if 0 < knobs.take_profit_percent <= costs:
        yield _notice("take_under_costs", venue, take=plain(knobs.take_profit_percent), costs=plain(costs))
    yield from _stops(knobs, venue)
    if knobs.evaluate_seconds is not None and knobs.evaluate_seconds < knobs.loop_seconds:
        yield _notice("evaluate_under_loop", venue, loop=plain(knobs.loop_seconds))
    if 0 < knobs.max_hold_minutes <= knobs.min_hold_minutes:
        yield _notice("hold_crossed", venue, most=knobs.max_hold_minutes, least=knobs.min_hold_minutes)
    if knobs.mode == "live" and not (knobs.daily_loss_limit or knobs.drawdown_limit or knobs.capital_stop):
        yield _notice("live_without_limits", venue, preset=knobs.preset)
    preset = PRESETS.get(knobs.preset)
    if preset and preset.venues and venue not in preset.venues:
        yield _notice("preset_venue", venue, preset=preset.name, venues=", ".join(preset.venues))


def _stops(knobs: Knobs, venue: str) -> Iterable[Notice]:
    emergency = plain(knobs.emergency_stop_percent)
    if knobs.stop_loss_percent == 0 and knobs.atr_multiplier == 0:
        yield _notice("no_stop", venue, emergency=emergency)
    if knobs.stop_loss_percent > knobs.emergency_stop_percent:
        yield _notice("stop_under_emergency", venue, stop=plain(knobs.stop_loss_percent), emergency=emergency)


def _notice(key: str, venue: str, **values: object) -> Notice:
    return Notice(f"settings.warning_{key}", {"venue": venue, **values})
