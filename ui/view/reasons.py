"""Why is it not buying? One row per symbol from the last decision: conditions, gate, numbers, a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from trading.ipc.decisions import Decisions, SymbolDecision
from ui.figures import Signed, Tone, kst_brief, plain
from ui.voice import Voice

_TONE: dict[str, Tone] = {"BUY": "up", "SELL": "down", "HOLD": "quiet", "WAIT": "quiet"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One rule and whether it held."""

    name: str
    holds: bool


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """The decision on one symbol in words. gate: empty where none said no."""

    symbol: str
    action: Signed
    sentence: str
    conditions: tuple[Condition, ...]
    gate: str
    numbers: tuple[tuple[str, str], ...]
    strategy: str
    candle: str
    confidence: str


def reasons(decisions: Decisions | None, venue: str, voice: Voice) -> tuple[ReasonRow, ...]:
    """Rows of `venue`: what acts first, then what a gate stopped, then by how many conditions held."""
    if decisions is None:
        return ()

    def urgency(item: tuple[str, SymbolDecision]) -> tuple[bool, bool, float, str]:
        symbol, one = item
        held = sum(one.conditions.values()) / len(one.conditions) if one.conditions else 0.0
        return one.action not in ("BUY", "SELL"), one.gate is None, -held, symbol

    ordered = sorted(decisions.venues.get(venue, {}).items(), key=urgency)
    return tuple(_row(symbol, one, voice) for symbol, one in ordered)


def _row(symbol: str, one: SymbolDecision, voice: Voice) -> ReasonRow:
    return ReasonRow(
        symbol=symbol,
        action=Signed(voice.say(f"action.{one.action}"), _TONE[one.action]),
        sentence=voice.either(one.text_ko, one.text_en),
        conditions=tuple(Condition(voice.term("condition", name), held) for name, held in one.conditions.items()),
        gate=voice.term("gate", one.gate) if one.gate else "",
        numbers=tuple((voice.term("number", name), plain(value)) for name, value in one.numbers.items()),
        strategy=voice.term("strategy", one.strategy),
        candle=kst_brief(one.candle_ms),
        confidence=f"{one.confidence:.2f}",
    )
