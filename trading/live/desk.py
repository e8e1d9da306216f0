"""One venue's desk: its trader, orders, market data and books, stepped in its own thread by the bot."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, Final, Protocol

from trading.core.calendar import MINUTE_MS, timeframe_ms
from trading.core.decision import Who
from trading.core.errors import LedgerUnavailable, StopTrading, TryLater, VenueError
from trading.core.facts import Facts
from trading.core.instrument import Instrument
from trading.core.orders import Order, OrderEvent, State
from trading.core.portfolio import Trade
from trading.core.ports import Balance, Clock, Health, Venue
from trading.execution import Execution
from trading.live.account import Reconciled, sellable
from trading.live.charge import Charge, Switches, Tell
from trading.live.feed import Archive, Feed, Poll
from trading.live.guard import Guard
from trading.live.ledger import Ledger
from trading.live.listing import Listing
from trading.live.reconcile import reconcile, watch_account
from trading.live.recovery import Restored, capital_of, restore, resume
from trading.trader import Trader

ROUNDS: Final = 6
"""Rounds of one step: exits, entries, and what their fills bring at once; the rest waits for the next step."""
RECONCILE_S: Final = 45.0
INSTRUMENTS_S: Final = 3_600.0
RETRY_S: Final = 5.0
BALANCE_S: Final = 30.0
TRADES_KEPT: Final = 500
"""Round trips in memory; the ledger has them all."""


class Books(Protocol):
    """Writes down what a step brought (see `trading.live.bookkeeping`)."""

    def note(self, desk: Desk, poll: Poll, events: Sequence[OrderEvent], trades: Iterable[Trade]) -> None: ...


class Desk:
    """Everything of one venue. `step` and what it calls run in one thread; others leave requests with `ask`."""

    def __init__(
        self,
        venue: Venue,
        ledger: Ledger,
        execution: Execution,
        clock: Clock,
        archive: Archive,
        charge: Charge,
        books: Books,
        tell: Tell,
        flush: Callable[[], None] = lambda: None,
    ) -> None:
        """flush: empties the exit journal into the ledger where it can; raises LedgerUnavailable."""
        self.venue = venue
        self.ledger = ledger
        self.execution = execution
        self.clock = clock
        self.charge = charge
        self.switches = Switches()
        self.feed = Feed(venue, charge.rule, charge.timeframe, archive)
        self.trader: Trader | None = None
        self.restored: Restored | None = None
        self.reconciled = Reconciled(False, reason="starting")
        self.reconciled_ms: int | None = None
        self.looked_ms: int | None = None
        self.listing = Listing(venue, tell)
        self.state = "connecting"
        self.detail = ""
        self.balances: Mapping[str, Balance] | None = None
        self.steps = 0
        self.stale: frozenset[str] = frozenset()
        self.age_s: float | None = None
        self.guard = Guard()
        self._withheld: list[OrderEvent] = []
        self._books = books
        self._tell = tell
        self._flush = flush
        self._requests: queue.SimpleQueue[Callable[[Desk], None]] = queue.SimpleQueue()
        self._listed_at = -INSTRUMENTS_S
        self._looked_at = -RECONCILE_S
        self._tried_at = -RETRY_S
        self._asked_at = -BALANCE_S

    @property
    def name(self) -> str:
        """Venue id."""
        return self.venue.name

    def ask(self, request: Callable[[Desk], None]) -> None:
        """Runs `request` in the desk's thread at its next step."""
        self._requests.put(request)

    # -- the step --------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One step: news, recovery or reconciling where due, decisions, orders, books. Venue errors end in `state`."""
        if self.trader is None and not self._begin():
            self._answer_requests()
            return
        trader = self.trader
        assert trader is not None
        now_ms = self.clock.market_ms()
        poll = self.feed.poll(now_ms, self.clock.wall_ms())
        self.stale, self.age_s = poll.stale, poll.age_s
        if self.feed.trouble is not None and not isinstance(self.feed.trouble, TryLater):
            self._trouble(self.feed.trouble)
        self.execution.hint(poll.orders)
        self.execution.settle()
        if self.execution.stopped is not None:
            self._trouble(self.execution.stopped)
        self._look_after()
        self._answer_requests()
        events: list[OrderEvent] = []
        del trader.trades[:-TRADES_KEPT]
        before = len(trader.trades)
        with suppress(LedgerUnavailable):  # the journal keeps what it has, exits go on
            self._flush()
        try:
            with self.ledger.step():
                self._decide(trader, now_ms, poll, events)
                self._books.note(self, poll, events, trader.trades[before:])
        except LedgerUnavailable as error:
            self.state, self.detail = "halted", str(error)
        self._check_guard(trader)
        self.steps += 1

    def _check_guard(self, trader: Trader) -> None:
        held = trader.portfolio.positions
        trouble = self.feed.trouble
        if self.guard.look(self.clock.monotonic(), bool(held), trouble is not None, self.age_s):
            why = str(trouble or "stream")
            self._tell("log.unguarded", "error", venue=self.name, symbols=", ".join(held), why=why)

    def _decide(self, trader: Trader, now_ms: int, poll: Poll, events: list[OrderEvent]) -> None:
        """Rounds of decide, send, hear, until nothing is left to do."""
        happened = self._heard(trader, events)
        facts = Facts(
            now_ms, self._owned_bars(trader, poll), happened, poll.closed, self._free(), self._health(), self._notices()
        )
        plan = trader.step(facts)
        for _ in range(ROUNDS):
            if not plan.orders:
                break
            self._send(plan.orders)
            happened = self._heard(trader, events)
            plan = trader.step(replace(facts, bars=(), events=happened, free=self._free()))
        else:
            self._send(plan.orders)
        patience = self.charge.knobs.approval_minutes * MINUTE_MS
        for order in list(trader.awaiting.values()):
            if now_ms - order.created_ms >= patience:
                trader.deny(order.id)
        for symbol, walk in trader.walks.items():
            if walk.look is not None and symbol in self.feed.tracks:
                self.feed.handed(symbol, walk.candle_ms)

    def _send(self, orders: tuple[Order, ...]) -> None:
        if not orders:
            return
        if self.switches.signals_only:
            self._withheld += [OrderEvent(order.moved(State.REJECTED, detail="signals_only")) for order in orders]
        else:
            self.execution.execute(orders)
        entries = {order.id for order in orders if order.leg == "entry"}
        self.switches.approved -= entries
        self.switches.approvals_left = max(0, self.switches.approvals_left - len(entries))

    def _heard(self, trader: Trader, events: list[OrderEvent]) -> tuple[OrderEvent, ...]:
        """What became of orders since the last round; a fill makes the balances known so far worthless."""
        happened = (*self.execution.events(), *self._withheld)
        self._withheld.clear()
        if any(event.fill is not None for event in happened):
            self.balances = None
            self._asked_at = -BALANCE_S
        unknown = {event.order.symbol for event in happened} - set(trader.walks)
        if unknown:
            trader.follow(self._instruments([*trader.walks, *unknown]))
        events.extend(happened)
        return happened

    def _owned_bars(self, trader: Trader, poll: Poll) -> tuple[Any, ...]:
        return tuple(bar for bar in poll.bars if bar.symbol in trader.walks)

    # -- what the trader may know ----------------------------------------------------------------------------------

    def _free(self) -> Mapping[str, Decimal] | None:
        """Free of each asset that is ours to use; None while it is not known."""
        now = self.clock.monotonic()
        if self.balances is None and now - self._asked_at >= BALANCE_S:
            self._asked_at = now
            try:
                self.balances = self.venue.balances() or None
            except VenueError as error:
                self._trouble(error)
        if self.balances is None:
            return None
        foreign = self.reconciled.foreign
        free = {}
        for asset, held in self.balances.items():
            other = foreign.get(asset)
            quantity = held.free if other is None else sellable(held.free, held.free, other.quantity, other.locked)
            free[asset] = quantity
        return free

    def _health(self) -> Health:
        switches = self.switches
        doubtful = {order.symbol for order in self.execution.unknown}
        return Health(
            signals_only=switches.signals_only,
            reconciled=self.reconciled.ok and self.state != "halted",
            fresh=self.feed.trouble is None,
            paused=switches.paused,
            halted=switches.halted,
            stopped_symbols=frozenset(self.stale | doubtful),
            approvals=switches.approvals_left > 0,
            approved=frozenset(switches.approved),
        )

    def _notices(self) -> dict[str, str]:
        """Symbols that take no buys, and why; symbols beyond the charge keep their exits only."""
        notices = {}
        wanted = set(self.listing.symbols)
        assert self.trader is not None
        for symbol, walk in self.trader.walks.items():
            item = walk.instrument
            if not item.tradable:
                notices[symbol] = "halted"
            elif item.warned:
                notices[symbol] = "warned"
            elif item.delisting:
                notices[symbol] = "delisting"
            elif symbol not in wanted:
                notices[symbol] = "not selected"
            elif self.switches.entries_off & {symbol, "*"}:
                notices[symbol] = "liquidated"
        return notices

    # -- beginning and looking after -------------------------------------------------------------------------------

    def _begin(self) -> bool:
        """Starting is recovering: instruments, ledger, account, then trading. False until it has worked."""
        now = self.clock.monotonic()
        if now - self._tried_at < RETRY_S:
            return False
        self._tried_at = now
        self.state = "connecting"
        try:
            self._list()
            self.state = "reconciling"
            self.execution.recover(self.ledger.unfinished(self.name))
            self.execution.events()
            self._open_books()
        except VenueError as error:
            self._trouble(error)
            return False
        except LedgerUnavailable as error:
            self.state, self.detail = "halted", str(error)
            return False
        self._look_after()
        return True

    def _open_books(self) -> None:
        """Makes the trader from what the ledger remembers."""
        knobs, venue = self.charge.knobs, self.venue
        currency = venue.capabilities.currency
        balances = venue.balances()
        now_ms = self.clock.market_ms()
        held = balances.get(currency)
        wanted = knobs.capital(self.name)
        capital = capital_of(self.ledger, self.name, wanted, held.free if held else None, self.clock.wall_ms())
        known = {event.order.symbol for event in self.ledger.booked(self.name)}
        live = self.execution.live
        instruments = self._instruments([*self.listing.symbols, *known, *(order.symbol for order in live)])
        assets = {symbol: (item.base, item.quote) for symbol, item in instruments.items()}
        found = restore(self.ledger, self.name, capital, assets, knobs, now_ms)
        follow = [*self.listing.symbols, *found.portfolio.positions, *(order.symbol for order in live)]
        followed = {symbol: instruments[symbol] for symbol in dict.fromkeys(follow)}
        rule = self.charge.rule
        self.trader = Trader(
            Who(self.charge.bot, self.name, "main", rule.strategy.name, venue.capabilities.market_buy_by_quote),
            rule,
            knobs,
            found.portfolio,
            found.account,
            followed,
            native_take_profit=venue.capabilities.native_take_profit,
            at_once_ms=self._at_once_ms(),
        )
        self.trader.trades.extend(found.trades[-TRADES_KEPT:])
        resume(self.trader, found, live, now_ms)
        self.restored = found
        self.balances = balances
        self.feed.follow(tuple(followed), found.decided)

    def _at_once_ms(self) -> int:
        """How long after its open a candle's "at once" may be carried out: two evaluations, 60 s or a tenth of it."""
        evaluate = self.charge.knobs.evaluate_every
        return max(int(2_000 * evaluate), 60_000, timeframe_ms(self.charge.timeframe) // 10)

    def _look_after(self) -> None:
        """Instruments every hour, the account every 45 s and whenever it was not reconciled."""
        now = self.clock.monotonic()
        try:
            if now - self._listed_at >= INSTRUMENTS_S:
                self._list()
                if self.trader is not None:
                    self.trader.follow(self._instruments(list(self.trader.walks)))
            well = self.reconciled.ok and self.state == "ready"
            if now - self._looked_at >= (RECONCILE_S if well else RETRY_S):
                self._looked_at = now
                self._reconcile()
        except VenueError as error:
            self._trouble(error)

    def _reconcile(self) -> None:
        lots = {item.base: Decimal(repr(item.lot_step)) for item in self.listing.items.values()}
        args = (self.venue, self.ledger, self.execution, self.clock)
        first = self.reconciled_ms is None
        before = self.reconciled if self.reconciled.ok else None
        looked = reconcile(*args, lots) if first else watch_account(*args, before, lots)
        for difference in looked.differences:
            self._tell("log.difference", "warning", venue=self.name, **asdict(difference))
        if looked.ok:
            if not self.reconciled.ok:
                counts: dict[str, Any] = {"differences": len(looked.differences), "foreign": len(looked.foreign)}
                self._tell("log.reconciled", venue=self.name, **counts)
            self.reconciled_ms, self.looked_ms = self.clock.wall_ms(), self.clock.market_ms()
            self.execution.stopped = None
            self.state, self.detail = "ready", ""
        elif looked.reason != self.reconciled.reason:
            self.state, self.detail = "degraded", looked.reason
            self._tell("log.not_reconciled", "warning", venue=self.name, why=looked.reason)
        self.reconciled = looked

    def _instruments(self, symbols: Iterable[str]) -> dict[str, Instrument]:
        known = {symbol: walk.instrument for symbol, walk in self.trader.walks.items()} if self.trader else {}
        return self.listing.of(symbols, self.charge.knobs, known)

    def _list(self) -> None:
        self.listing.read(self.charge.knobs)
        self._listed_at = self.clock.monotonic()

    def _trouble(self, error: VenueError) -> None:
        """A venue error outside of orders: shown once per change, trading goes on with what is known."""
        state = "halted" if isinstance(error, StopTrading) else "degraded"
        if (state, str(error)) != (self.state, self.detail):
            self._tell("log.venue_lost", "error", venue=self.name, why=str(error))
        self.state, self.detail = state, str(error)

    def _answer_requests(self) -> None:
        while True:
            try:
                request = self._requests.get_nowait()
            except queue.Empty:
                return
            request(self)

    # -- changes while running -------------------------------------------------------------------------------------

    def include(self, symbol: str) -> None:
        """Follows one more symbol (a person's entry, an adopted holding)."""
        if self.trader is not None and symbol not in self.trader.walks:
            self.trader.follow(self._instruments([*self.trader.walks, symbol]))
            self.feed.follow(tuple(self.trader.walks))

    def take_charge(self, charge: Charge) -> None:
        """Another strategy, other knobs or symbols: applied before the next candle is decided."""
        self.charge = charge
        if self.trader is None:
            self.feed.rule, self.feed.timeframe = charge.rule, charge.timeframe
            return
        self.feed.use(charge.rule, charge.timeframe)
        self.trader.use(charge.rule, charge.knobs)
        held = list(self.trader.portfolio.positions)
        self.listing.choose(charge.knobs)
        self.trader.follow(self._instruments([*self.listing.symbols, *held]))
        self.feed.follow(tuple(self.trader.walks))
