"""One venue's `step(facts) -> plan`: the same object in live, paper, demo and exact replay.

A step is repeated until its plan is empty: each round sends what the last one decided and hears what became of it.
Exits come first, from positions and levels, through no gate; only a round without exits looks at entries.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from config.values import Knobs
from trading.core import path
from trading.core.account import Account, limit_day_offset
from trading.core.calendar import DAY_OFFSET_MS, MINUTE_MS, day_of
from trading.core.decision import Entry, Means, Who, decide, exit_order, expected_fill
from trading.core.facts import NOTHING, Bar, Facts, Plan, Refusal
from trading.core.instrument import Instrument
from trading.core.orders import Order, OrderEvent
from trading.core.portfolio import Portfolio, Position, Trade
from trading.core.rows import Closed, Look, Rule
from trading.core.rows import look as look_at
from trading.core.walk import Leaving, Walk, price_of, walk_flat, walk_held, walk_rest

LONGEST_PAUSE_S: Final = 60

Looks = Callable[[str, int], Look | None]


def _no_looks(symbol: str, candle_ms: int) -> Look | None:
    return None


class Trader:
    """Decides for one book on one venue.

    looks: rows known beforehand (replay computes a series once); else they come from `Facts.closed`.
    at_once_ms: how long after a candle's open an entry "at once" may still go (None: its first execution candle).
    """

    def __init__(
        self,
        who: Who,
        rule: Rule,
        knobs: Knobs,
        portfolio: Portfolio,
        account: Account,
        instruments: Mapping[str, Instrument],
        looks: Looks = _no_looks,
        native_take_profit: bool = False,
        at_once_ms: int | None = None,
    ) -> None:
        self.who = who
        self.rule = rule
        self.knobs = knobs
        self.portfolio = portfolio
        self.account = account
        self.walks = {symbol: Walk(instrument) for symbol, instrument in instruments.items()}
        self.trades: list[Trade] = []
        self.awaiting: dict[str, Order] = {}
        self.denied: set[str] = set()
        self._looks = looks
        self._native = native_take_profit
        self._at_once_ms = at_once_ms
        self._active: dict[str, Walk] = {}
        self._sent: deque[int] = deque()
        self._commanded: list[Entry] = []
        self.answers: dict[str, Order | Refusal] = {}
        self.refused: list[tuple[str, Refusal]] = []

    # -- the step --------------------------------------------------------------------------------------------------

    def step(self, facts: Facts) -> Plan:
        """The orders that `facts` call for now; call again with what became of them until the plan is empty."""
        self.account.roll(facts.now_ms, limit_day_offset(self.who.venue, self.knobs))
        for event in facts.events:
            self._hear(event)
        for bar in facts.bars:
            walk = self.walks[bar.symbol]
            walk.bars.append(bar)
            self._active[bar.symbol] = walk
        exits = self._exits(facts)
        if exits:
            return Plan(exits)
        entries = self._entries(facts)
        if entries:
            return Plan(entries)
        return self._mark(facts)

    def flatten(self, symbols: Iterable[str] | None, reason: str) -> None:
        """Leaves the positions of `symbols` (None: all) at the next step, for `reason` (command, kill_switch)."""
        for symbol in list(self.portfolio.positions) if symbols is None else symbols:
            if symbol in self.portfolio.positions:
                self.walks[symbol].flatten = reason
                self._active[symbol] = self.walks[symbol]

    def taken(self, symbol: str) -> bool:
        """Is the symbol held, or is an order or a person's entry of it under way? Then it takes no further entry."""
        wanted = any(entry.instrument.symbol == symbol for entry in self._commanded)
        return wanted or symbol in self.portfolio.positions or self.walks[symbol].pending

    def enter(self, entry: Entry) -> None:
        """A person's entry, through every gate at the next step; what was decided is then in `answers` by its leg."""
        self._commanded.append(entry)

    def deny(self, order_id: str) -> bool:
        """An entry that waits for approval will not go; False when none waits under this id."""
        self.denied.add(order_id)
        return self.awaiting.pop(order_id, None) is not None

    # -- what became of orders -------------------------------------------------------------------------------------

    def _hear(self, event: OrderEvent) -> None:
        order, fill = event.order, event.fill
        walk = self.walks[order.symbol]
        instrument = walk.instrument
        if fill is not None:
            known = self.portfolio.positions.get(order.symbol)
            trade = self.portfolio.apply(order, fill, instrument.base, instrument.quote)
            position = self.portfolio.positions.get(order.symbol)
            if order.leg == "entry" and position is not None:
                if known is None:
                    self.account.entries += 1
                    position.atr = walk.look.row.atr if walk.look is not None else float("nan")
                    position.high_water = position.entry
                elif not walk.exits and position.side * position.entry > position.side * position.high_water:
                    position.high_water = position.entry
            self._settled(trade)
        if order.done and walk.entering == order.id:
            self._entry_ended(walk, order)
        elif order.done and walk.leaving == order.id:
            walk.leaving = None
            self._exit_ended(walk, order)

    def _entry_ended(self, walk: Walk, order: Order) -> None:
        walk.entering = None
        walk.reserved = 0.0
        if order.filled:
            return
        walk.entry = path.NOTHING
        walk.day_entries -= 1
        walk.entered = order.sent_wall_ms is not None  # one that never left this machine may be tried again
        walk.finish()

    def _exit_ended(self, walk: Walk, order: Order) -> None:
        position = self.portfolio.positions.get(order.symbol)
        if position is None:
            walk.exits = 0
            walk.flatten = ""
            return
        walk.exits += 1
        left = float(position.quantity)
        worth = left * price_of(walk, position)
        if position.sold and (worth < walk.instrument.min_notional or left < walk.instrument.lot_step):
            self._settled(self.portfolio.close(order.symbol))
            walk.exits = 0
            walk.flatten = ""
        elif not order.filled:
            walk.retry_ms = order.created_ms + 1000 * min(LONGEST_PAUSE_S, 2 ** min(walk.exits, 6))

    def _settled(self, trade: Trade | None) -> None:
        if trade is not None:
            self.trades.append(trade)
            self.account.closed(trade)

    # -- exits -----------------------------------------------------------------------------------------------------

    def _exits(self, facts: Facts) -> tuple[Order, ...]:
        orders = []
        for symbol, walk in self._active.items():
            order = self._exit(symbol, walk, facts)
            if order is not None:
                orders.append(order)
        return tuple(orders)

    def _exit(self, symbol: str, walk: Walk, facts: Facts) -> Order | None:
        """Walks this symbol's bars while it is held, up to the first that brings an exit."""
        while walk.leaving is None:
            if walk.bar is None and walk.bars:
                self._open(symbol, walk, walk.bars.popleft(), facts)
            position = self.portfolio.positions.get(symbol)
            if position is None:
                return None
            bar = walk.bar
            if walk.flatten or position.exit_reason:
                reason = walk.flatten or position.exit_reason
                leaving = Leaving(price_of(walk, position), "open", reason, True)
                return self._leave(walk, position, leaving, facts)
            if bar is None:
                return None
            if bar.time_ms < position.entry_ms:
                walk.finish()
                continue
            step = walk_rest if walk.entry else walk_held
            leaving_now = step(walk, position, bar, self.knobs, self._native)
            if leaving_now is not None:
                return self._leave(walk, position, leaving_now, facts)
            walk.finish()
        return None

    def _leave(self, walk: Walk, position: Position, leaving: Leaving, facts: Facts) -> Order | None:
        if facts.now_ms < walk.retry_ms:
            walk.finish()
            return None
        instrument = walk.instrument
        quantity = position.quantity
        if facts.free is not None and position.side > 0:
            quantity = min(quantity, facts.free.get(instrument.base, quantity))
        if quantity <= 0:
            walk.finish()
            return None
        walk.closed = True
        walk.stopped |= leaving.final
        order = exit_order(position, leaving, self.who, quantity, walk.candle_ms, walk.exits, facts.now_ms)
        walk.leaving = order.id
        return order

    # -- entries ---------------------------------------------------------------------------------------------------

    def _entries(self, facts: Facts) -> tuple[Order, ...]:
        candidates = [found for symbol, walk in self._active.items() if (found := self._candidate(symbol, walk, facts))]
        candidates.extend(self._commanded)
        self._commanded = []
        if not candidates:
            return ()
        candidates.sort(key=lambda entry: (-entry.row.confidence, entry.instrument.symbol))
        orders = []
        equity = self.equity()
        for entry in candidates:
            order = self._decide(entry, equity, facts)
            if order is not None:
                orders.append(order)
        return tuple(orders)

    def _candidate(self, symbol: str, walk: Walk, facts: Facts) -> Entry | None:
        """Walks this symbol's bars while it is flat, up to the first that brings an entry."""
        while not self.taken(symbol):
            if walk.bar is None:
                if not walk.bars:
                    return None
                self._open(symbol, walk, walk.bars.popleft(), facts)
            bar = walk.bar
            assert bar is not None
            self._roll_day(walk, bar.time_ms)
            limit = self.rule.strategy.daily_entries
            if not walk.exits_only and (not limit or walk.day_entries < limit):
                fresh = self._at_once_ms is None or bar.time_ms - bar.candle_ms <= self._at_once_ms
                side, event, price = walk_flat(walk, bar, fresh)
                if event != path.NOTHING and walk.look is not None:
                    walk.entry = event
                    return Entry(
                        walk.instrument,
                        walk.look.row,
                        side,
                        price,
                        "open" if event == path.AT_OPEN else "inside",
                        bar.candle_ms,
                        bar.time_ms,
                        bar.open if event == path.AT_OPEN else price,
                        facts.notices.get(symbol, ""),
                    )
            walk.finish()
        return None

    def _roll_day(self, walk: Walk, time_ms: int) -> None:
        day = day_of(time_ms, DAY_OFFSET_MS[self.who.venue])
        if day != walk.day:
            walk.day = day
            walk.day_entries = 0

    def _decide(self, entry: Entry, equity: float, facts: Facts) -> Order | None:
        symbol = entry.instrument.symbol
        walk = self.walks[symbol]
        decided = decide(entry, self.who, self.account, self._means(equity, facts), facts.health, self.knobs)
        if isinstance(decided, Order) and facts.health.approvals:
            decided = self._approved(decided, facts)
        if entry.key_ms is not None:
            self.answers[entry.leg] = decided
        if isinstance(decided, Refusal):
            walk.refusal = decided
            self.refused.append((symbol, decided))
            first = walk.first
            walk.finish()
            walk.first = first if decided.gate == "approval" else walk.first
            return None
        notional = float(decided.quantity) * expected_fill(entry, self.knobs)
        walk.reserved = notional * (1.0 / decided.leverage + entry.instrument.fee_rate)
        walk.entering = decided.id
        walk.entered = True
        walk.day_entries += 1
        self._active[symbol] = walk
        self._sent.append(facts.now_ms)
        return decided

    def _approved(self, order: Order, facts: Facts) -> Order | Refusal:
        """An entry goes once a person has let it through; until then it waits and is decided anew at each step."""
        if order.id in facts.health.approved:
            self.awaiting.pop(order.id, None)
            return order
        if order.id not in self.denied:
            self.awaiting.setdefault(order.id, order)
        return Refusal("approval", {"notional": float(order.quantity * order.price)})

    def _means(self, equity: float, facts: Facts) -> Means:
        """What is left to spend: own cash, never more than the venue shows free, less what is already under way."""
        cash = float(self.portfolio.cash)
        pending = [walk for walk in self._active.values() if walk.reserved]
        if facts.free is not None:
            quote = next(iter(self.walks.values())).instrument.quote
            cash = min(cash, float(facts.free.get(quote, Decimal(0))))
        reserved = sum(walk.reserved for walk in pending)
        while self._sent and facts.now_ms - self._sent[0] >= MINUTE_MS:
            self._sent.popleft()
        waiting = sum(1 for walk in pending if walk.instrument.symbol not in self.portfolio.positions)
        return Means(
            equity,
            max(0.0, cash - reserved),
            len(self.portfolio.positions) + waiting,
            self.account.entries + waiting,
            len(self._sent),
            limit_day_offset(self.who.venue, self.knobs),
        )

    # -- seeing ----------------------------------------------------------------------------------------------------

    def _open(self, symbol: str, walk: Walk, bar: Bar, facts: Facts) -> None:
        """Starts walking `bar`; a new signal candle brings its row."""
        walk.bar = bar
        walk.price = bar.open
        position = self.portfolio.positions.get(symbol)
        if bar.candle_ms != walk.candle_ms:
            walk.begin(bar.candle_ms)
            if position is not None and bar.candle_ms >= 0:
                position.candles_held += 1
        if walk.look is None:
            look = self._looks(symbol, bar.candle_ms) or self._look(walk, bar, facts.closed.get(symbol))
            if look is not None:
                walk.see(look, position)
                if position is not None:
                    position.candles_held += _unseen(walk, facts.closed.get(symbol))

    def _look(self, walk: Walk, bar: Bar, closed: Closed | None) -> Look | None:
        if closed is None or closed.candle_ms != bar.candle_ms:
            return None
        return look_at(self.rule, closed, DAY_OFFSET_MS[self.who.venue], walk.instrument.base, walk.instrument.shorting)

    def equity(self) -> float:
        """Own cash and what is held at the last prices, quote."""
        total = float(self.portfolio.cash)
        for symbol, position in self.portfolio.positions.items():
            price = price_of(self.walks[symbol], position)
            held = float(position.quantity)
            cost = float(position.open_cost)
            total += cost / position.leverage + position.side * (price * held - cost)
        return total

    def _mark(self, facts: Facts) -> Plan:
        """The step is over: equity is marked at the last prices; a limit that trips may flatten in this very step."""
        for walk in self._active.values():
            if walk.bar is None and walk.last > 0.0:
                walk.price = walk.last
        self._active = {symbol: walk for symbol, walk in self._active.items() if walk.pending or walk.bar or walk.bars}
        equity = self.equity()
        tripped = self.account.mark(equity, facts.now_ms, self.knobs)
        if self.knobs.on_limit != "flatten" or not self.portfolio.positions:
            return NOTHING
        if tripped or self.account.latches or self.account.over_day_limit(equity, self.knobs):
            self.flatten(None, "kill_switch")
            return Plan(self._exits(facts))
        return NOTHING

    # -- changes while running -------------------------------------------------------------------------------------

    def use(self, rule: Rule, knobs: Knobs) -> None:
        """Another strategy or other knobs: levels and gates at once, rows from the next candle on."""
        self.rule = rule
        self.knobs = knobs
        self.who = replace(self.who, strategy=rule.strategy.name)

    def follow(self, instruments: Mapping[str, Instrument]) -> None:
        """The symbols to trade now; a held one that dropped out keeps its exits but gets no entries."""
        for symbol, instrument in instruments.items():
            walk = self.walks.setdefault(symbol, Walk(instrument))
            walk.instrument = instrument
            walk.exits_only = False
        for symbol in set(self.walks) - set(instruments):
            self.walks[symbol].exits_only = True
            if symbol not in self.portfolio.positions and not self.walks[symbol].pending:
                del self.walks[symbol]
                self._active.pop(symbol, None)


def _unseen(walk: Walk, closed: Closed | None) -> int:
    """Signal candles that closed while nobody looked: between the one walked before and this one."""
    if closed is None or walk.previous_ms < 0:
        return 0
    return len(closed.candles) - int(closed.candles.time.searchsorted(walk.previous_ms, side="right"))
