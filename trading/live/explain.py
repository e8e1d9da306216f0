"""Why a symbol is bought, sold, held or not bought: one decision per symbol, for decisions.json and the log."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from config.texts import catalogue, text
from trading.core.facts import Refusal
from trading.core.walk import Walk, stop_of, take_of
from trading.ipc.decisions import Action, SymbolDecision
from trading.trader import Trader


def money(price: float) -> str:
    """A price for a sentence: as many digits as it needs, thousands grouped."""
    if not math.isfinite(price):
        return "-"
    return f"{price:,.0f}" if abs(price) >= 1000 else f"{price:,.8g}"


def named(prefix: str, name: str, lang: str) -> str:
    """The catalogue's text for a gate or reason; its bare name where there is none (a strategy's own)."""
    key = f"{prefix}.{name}"
    return text(key, lang) if key in catalogue() else name


def _numbers(walk: Walk) -> dict[str, Any]:
    numbers: dict[str, float] = {"price": walk.last}
    if walk.look is not None:
        numbers |= walk.look.numbers
        if not math.isnan(walk.buy) and walk.buy > 0.0:
            numbers["buy_above"] = walk.buy
    if walk.refusal is not None:
        numbers |= walk.refusal.numbers
    return {name: value if math.isfinite(value) else None for name, value in numbers.items()}


Story = tuple[Action, str, dict[str, Any]]


def _story(trader: Trader, symbol: str, walk: Walk, have: int, need: int, now_ms: int) -> Story:
    """(action, text key, values); values that are texts themselves are (prefix, name) pairs."""
    position = trader.portfolio.positions.get(symbol)
    # What this candle brought goes before what follows from it: a fill of the same step would hide its own decision.
    if walk.closed and position is None:
        last = next((trade for trade in reversed(trader.trades) if trade.symbol == symbol), None)
        return "SELL", "decision.sell", {"reason": ("reason", last.exit_reason if last else "command")}
    if walk.entered:
        return "BUY", "decision.buy", {}
    if position is not None and not walk.pending:
        stop, _ = stop_of(position, now_ms, trader.knobs, walk.instrument)
        take = take_of(position, now_ms, trader.knobs, walk.instrument)
        return "HOLD", "decision.holding", {"stop": money(stop), "take": money(take)}
    if have < need:
        return "WAIT", "decision.wait", {"have": have, "need": need}
    if walk.look is None:
        return "WAIT", "decision.no_price", {}
    if walk.refusal is not None:
        return "HOLD", "decision.gate", {"gate": ("gate", walk.refusal.gate)}
    missing = [("condition", name) for name, holds in walk.look.conditions.items() if not holds]
    if missing:
        return "HOLD", "decision.conditions", {"missing": missing}
    if walk.buy > 0.0:
        return "HOLD", "decision.level", {"level": money(walk.buy)}
    return "HOLD", "decision.none", {}


def _sentence(key: str, values: Mapping[str, Any], lang: str) -> str:
    said = dict(values)
    for name, value in values.items():
        if isinstance(value, tuple):
            said[name] = named(value[0], value[1], lang)
        elif isinstance(value, list):
            said[name] = ", ".join(named(prefix, one, lang) for prefix, one in value)
    return text(key, lang, **said)


def decision(trader: Trader, symbol: str, have: int, need: int, now_ms: int) -> SymbolDecision:
    """The state of `symbol`'s decision now. have, need: closed candles there are and the strategy wants."""
    walk = trader.walks[symbol]
    action, key, values = _story(trader, symbol, walk, have, need, now_ms)
    look = walk.look
    return SymbolDecision(
        candle_ms=max(0, walk.candle_ms),
        action=action,
        confidence=look.row.confidence if look is not None else 0.0,
        strategy=trader.rule.strategy.name,
        conditions=dict(look.conditions) if look is not None else {},
        gate=walk.refusal.gate if walk.refusal is not None else None,
        numbers=_numbers(walk),
        text_ko=_sentence(key, values, "ko"),
        text_en=_sentence(key, values, "en"),
    )


def decided(trader: Trader, symbol: str, have: int) -> object:
    """What makes one decision of `symbol` another: equal for two looks between which nothing was decided."""
    walk = trader.walks[symbol]
    waits = have if walk.look is None else 0
    gate = walk.refusal.gate if walk.refusal is not None else None
    held = symbol in trader.portfolio.positions
    # A look is compared by identity: it is frozen, and each candle brings a new one.
    where = (trader.rule.strategy.name, trader.knobs, walk.candle_ms, walk.look)
    return (*where, waits, gate, held, walk.entered, walk.closed, walk.pending)


def refusal_numbers(refusal: Refusal) -> str:
    """The numbers of a gate on one line of the log."""
    return " ".join(f"{name}={value:.6g}" for name, value in refusal.numbers.items())
