"""Replays a lived day and explains every difference: the same step, fed with what was known, without any delay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from config.values import Knobs
from trading import strategies
from trading.backtest.lived_day import LivedDay, LivedTrade
from trading.backtest.replay import research_knobs
from trading.backtest.replay_venue import ReplayClock, ReplayVenue
from trading.core.account import Account
from trading.core.calendar import timeframe_ms
from trading.core.decision import Who
from trading.core.facts import Bar, Facts
from trading.core.lived import LivedStep, knobs_of, look_of, position_of
from trading.core.portfolio import Portfolio, Trade
from trading.core.rows import Look, rule
from trading.core.rules import researched
from trading.execution import Execution
from trading.memory_ledger import MemoryLedger
from trading.trader import Trader

DOWN_S: Final = 60
"""A silence between two recorded steps of so many seconds (market clock), with a start behind it, is downtime."""
PROMPT_MS: Final = 0
SAME_PRICE: Final = 1e-9
UNEXPLAINED: Final = "unexplained"
FOLLOWS: Final = "follows"
"""From an earlier difference of the same round trip or symbol."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A round trip that differs, or is only on one side. cause: why; detail: the figures, for people."""

    symbol: str
    entry_ms: int
    side: str
    what: str
    cause: str
    detail: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """lived, ideal: closed round trips on each side; same: equal in every figure; findings: the rest, explained."""

    lived: int
    ideal: int
    same: int
    findings: tuple[Finding, ...]
    lived_pnl: float
    ideal_pnl: float

    @property
    def unexplained(self) -> int:
        """Findings without a cause."""
        return sum(finding.cause == UNEXPLAINED for finding in self.findings)


@dataclass(slots=True)
class _Life:
    """One run of the bot within the day: from its start to the next."""

    charge: Mapping[str, Any]
    start: Mapping[str, Any]
    steps: list[LivedStep]


@dataclass(slots=True)
class _Ideal:
    """What the replay brought: trades with the signal candle of their entry, refusals, and when a symbol was held."""

    trades: list[tuple[int, Trade]] = field(default_factory=list)
    gates: dict[tuple[str, int], str] = field(default_factory=dict)
    held: list[tuple[str, int, int]] = field(default_factory=list)

    def holds(self, symbol: str, from_ms: int, to_ms: int) -> bool:
        """The replay held `symbol` at some time between."""
        return any(name == symbol and since <= to_ms and until >= from_ms for name, since, until in self.held)


def compare(day: LivedDay) -> Comparison:
    """Replays each life of the day from the books it began with, and sets the trades side by side."""
    ideal = _Ideal()
    charge: Mapping[str, Any] | None = None
    lives: list[_Life] = []
    for step in day.steps:
        charge = step.charge or charge
        if step.start is not None and charge is not None:
            lives.append(_Life(charge, step.start, []))
        elif lives:
            lives[-1].steps.append(step)
    for life in lives:
        _replay(day.venue, life, ideal)
    return _set_beside(day, ideal)


def _replay(venue_id: str, life: _Life, ideal: _Ideal) -> None:
    """Adds to `ideal` what the same steps bring without delay, fault or gap."""
    knobs = research_knobs(knobs_of(life.charge["knobs"]))
    strategy = strategies.create(life.charge["strategy"], life.charge["params"])
    positions = [position_of(values) for values in life.start["positions"]]
    symbols = {bar.symbol for step in life.steps for bar in step.bars} | {held.symbol for held in positions}
    symbols |= {symbol for step in life.steps for symbol, _, _ in step.rows}
    instruments = {symbol: researched(venue_id, symbol, knobs) for symbol in symbols}
    looks: dict[tuple[str, int], Look] = {
        (symbol, candle_ms): look_of(row) for step in life.steps for symbol, candle_ms, row in step.rows
    }
    clock = ReplayClock()
    cash = Decimal(str(life.start["cash"]))
    venue = ReplayVenue(venue_id, cash, instruments, knobs, clock)
    execution = Execution(venue, MemoryLedger(), clock)
    trader = Trader(
        Who("compare", venue_id, "main", strategy.name),
        rule(strategy, knobs),
        knobs,
        Portfolio(cash, {held.symbol: held for held in positions}),
        _account(life.start),
        instruments,
        lambda symbol, candle_ms: looks.get((symbol, candle_ms)),
        at_once_ms=_at_once_ms(knobs, life.charge["timeframe"]),
    )
    entries: dict[str, int] = {held.trip: held.entry_candle_ms for held in positions}
    for bar in _in_order(life.steps):
        clock.now_ms = bar.time_ms
        plan = trader.step(Facts(bar.time_ms, (bar,)))
        while plan.orders:
            entries.update((order.trip, order.candle_ms) for order in plan.orders if order.leg == "entry")
            execution.execute(plan.orders)
            plan = trader.step(Facts(bar.time_ms, (), execution.events()))
        ideal.gates.update(((symbol, trader.walks[symbol].candle_ms), no.gate) for symbol, no in trader.refused)
        trader.refused.clear()
    ideal.trades += [(entries[trade.trip], trade) for trade in trader.trades]
    ideal.held += [(trade.symbol, trade.entry_ms, trade.exit_ms) for trade in trader.trades]
    ideal.held += [(held.symbol, held.entry_ms, clock.now_ms) for held in trader.portfolio.positions.values()]


def _at_once_ms(knobs: Knobs, timeframe: str) -> int:
    return max(int(2_000 * knobs.evaluate_every), 60_000, timeframe_ms(timeframe) // 10)


def _account(start: Mapping[str, Any]) -> Account:
    account = Account(float(start["capital"]))
    for name, value in start["account"].items():
        setattr(account, name, dict(value) if isinstance(value, Mapping) else value)
    return account


def _in_order(steps: Iterable[LivedStep]) -> list[Bar]:
    return sorted((bar for step in steps for bar in step.bars), key=lambda bar: bar.time_ms)


# -- side by side ------------------------------------------------------------------------------------------------------


def _set_beside(day: LivedDay, ideal: _Ideal) -> Comparison:
    lived = {(trade.symbol, trade.entry_candle_ms): trade for trade in day.trades}
    wished = {
        (trade.symbol, candle_ms): trade
        for candle_ms, trade in ideal.trades
        if day.start_ms <= trade.entry_ms < day.end_ms
    }
    findings: list[Finding] = []
    same = 0
    for key in sorted(lived.keys() | wished.keys(), key=lambda key: key[1]):
        mine, theirs = lived.get(key), wished.get(key)
        if mine is not None and theirs is not None:
            found = _differences(day, mine, theirs)
            same += not found
            findings.extend(found)
        elif theirs is not None:
            findings.append(_missed(day, key, theirs))
        elif mine is not None:
            findings.append(_extra(day, key, mine, ideal))
    return Comparison(
        len(lived),
        len(wished),
        same,
        tuple(findings),
        sum(trade.pnl for trade in lived.values()),
        float(sum(trade.pnl for trade in wished.values())),
    )


def _differences(day: LivedDay, mine: LivedTrade, ideal: Trade) -> list[Finding]:
    found: list[Finding] = []

    def say(what: str, cause: str, detail: str) -> None:
        if cause == UNEXPLAINED and found and found[0].what == "entry":
            cause = FOLLOWS  # other prices at the entry, other levels from there on
        found.append(Finding(mine.symbol, mine.entry_ms, mine.side, what, cause, detail))

    for what, time_ms, wished_ms, price, wished in (
        ("entry", mine.entry_ms, ideal.entry_ms, mine.entry_price, float(ideal.entry_price)),
        ("exit", mine.exit_ms, ideal.exit_ms, mine.exit_price, float(ideal.exit_price)),
    ):
        late = time_ms - wished_ms
        if what == "exit" and mine.exit_reason != ideal.exit_reason:
            cause = _cause(day, mine.symbol, min(time_ms, wished_ms), max(time_ms, wished_ms), mine.exit_reason)
            say(what, cause, f"{mine.exit_reason} instead of {ideal.exit_reason}")
        elif late > PROMPT_MS:
            say(what, _cause(day, mine.symbol, wished_ms, time_ms, "", "latency"), f"{late / 1000:.1f} s later")
        elif late < 0:
            say(what, _cause(day, mine.symbol, time_ms, wished_ms, ""), f"{-late / 1000:.1f} s earlier")
        if abs(price - wished) > SAME_PRICE * wished:
            say(what, "slippage", f"{price:g} instead of {wished:g} ({(price / wished - 1) * 100:+.3f} %)")
    return found


def _missed(day: LivedDay, key: tuple[str, int], ideal: Trade) -> Finding:
    """The ideal traded, life did not."""
    if key in day.refused:
        cause, detail = "refused", day.refused[key]
    elif key in day.open_entries:
        cause, detail = "still_open", "entered, and not yet closed"
    elif key in day.gates:
        cause, detail = "gate", day.gates[key]
    else:
        cause, detail = _cause(day, key[0], key[1], ideal.entry_ms, ""), ""
    return Finding(key[0], ideal.entry_ms, ideal.side, "not_traded", cause, detail)


def _extra(day: LivedDay, key: tuple[str, int], mine: LivedTrade, ideal: _Ideal) -> Finding:
    """Life traded, the ideal did not."""
    if mine.leg.startswith("command:"):
        cause, detail = "command", mine.leg
    elif mine.leg != "entry":
        cause, detail = mine.leg, ""
    elif key in ideal.gates:
        cause, detail = "gate", f"in the replay: {ideal.gates[key]}"
    elif ideal.holds(key[0], key[1], mine.entry_ms):
        cause, detail = FOLLOWS, "the replay still held it"
    else:
        cause, detail = _cause(day, key[0], key[1], mine.entry_ms, ""), ""
    return Finding(key[0], mine.entry_ms, mine.side, "only_lived", cause, detail)


def _cause(day: LivedDay, symbol: str, from_ms: int, to_ms: int, reason: str, otherwise: str = UNEXPLAINED) -> str:
    """What happened to `symbol` between two moments that explains why life went another way."""
    if reason in ("command", "manual", "kill_switch", "liquidation"):
        return reason
    if any(name == symbol and open_ms <= to_ms for name, open_ms in day.revised):
        return "candle_revised"
    if _was_down(day, from_ms, to_ms):
        return "downtime"
    if any(step.gap and from_ms - DOWN_S * 1000 <= step.now_ms <= to_ms + DOWN_S * 1000 for step in day.steps):
        return "gap"
    return otherwise


def _was_down(day: LivedDay, from_ms: int, to_ms: int) -> bool:
    """A start lies behind a silence that touches [from_ms, to_ms]."""
    before = None
    for step in day.steps:
        if step.start is not None and before is not None and before <= to_ms and step.now_ms >= from_ms:
            return True
        before = step.now_ms
    return False
