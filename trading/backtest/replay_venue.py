"""The venue of exact replay: an order fills whole, at the price the path named, with tick, slippage and fee."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from config.values import Knobs
from trading.core.fills import bounded, slipped
from trading.core.instrument import Instrument
from trading.core.krx import sell_tax
from trading.core.levels import LIQUIDATION, REASONS
from trading.core.orders import ZERO, Fill, Order, State
from trading.core.ports import Balance, Capabilities, VenueOrder
from trading.core.rules import RULES

_LIQUIDATION: Final = REASONS[LIQUIDATION]


class ReplayClock:
    """Time stands where the replay has come to, on both clocks."""

    def __init__(self) -> None:
        self.now_ms = 0

    def wall_ms(self) -> int:
        """The candle's open time."""
        return self.now_ms

    def monotonic(self) -> float:
        """The candle's open time in seconds."""
        return self.now_ms / 1000

    def market_ms(self) -> int:
        """The candle's open time."""
        return self.now_ms


class ReplayVenue:
    """One cash account. Proceeds of an exit inside a candle are free from the next candle on."""

    def __init__(
        self, name: str, cash: Decimal, instruments: Mapping[str, Instrument], knobs: Knobs, clock: ReplayClock
    ) -> None:
        rules = RULES[name]
        self.name = name
        self.capabilities = Capabilities(
            rules.currency, native_take_profit=rules.native_take_profit, fee_rate=rules.fee_rate
        )
        self.late: Decimal = ZERO
        self._instruments = instruments
        self._fees = {symbol: Decimal(repr(item.fee_rate)) for symbol, item in instruments.items()}
        self._knobs = knobs
        self._clock = clock
        self._cash = cash
        self._costs: dict[str, Decimal] = {}
        self._leverage: dict[str, int] = {}
        self._bounds: dict[str, tuple[float, float]] = {}
        self._locked: set[str] = set()

    def bound(self, symbol: str, upper: float, lower: float, locked: bool) -> None:
        """The price limits of now; locked: nobody buys, as the market stands at the lower one."""
        self._bounds[symbol] = (upper, lower)
        (self._locked.add if locked else self._locked.discard)(symbol)

    def receive(self, amount: Decimal) -> None:
        """A payment to (or from) the account."""
        self._cash += amount

    def free(self) -> dict[str, Decimal] | None:
        """Free quote while proceeds of this candle wait; None otherwise (the own books know)."""
        return {self.capabilities.currency: self._cash} if self.late else None

    def next_candle(self) -> None:
        """What was sold inside the last candle is free now."""
        if self.late:
            self._cash += self.late
            self.late = ZERO

    def submit(self, order: Order) -> VenueOrder:
        """Fills `order` at once; a sale that finds no buyer is rejected."""
        time_ms = self._clock.now_ms
        if order.side == "sell" and order.symbol in self._locked:
            name = order.id
            return VenueOrder(
                name, name, order.symbol, order.side, "market", State.REJECTED, None, order.quantity, ZERO, time_ms
            )
        price = Decimal(repr(self._price(order)))
        notional = price * order.quantity
        fee = self._fee(order, notional)
        self._pay(order, notional, fee)
        quote = self.capabilities.currency
        trade = f"{order.id}-1"
        fill = Fill(self.name, order.id, trade, order.symbol, order.side, price, order.quantity, fee, quote, time_ms)
        return VenueOrder(
            order.id,
            order.id,
            order.symbol,
            order.side,
            "market",
            State.FILLED,
            price,
            order.quantity,
            order.quantity,
            time_ms,
            (fill,),
            True,
        )

    def _price(self, order: Order) -> float:
        """The named price with tick and slippage, within the day's limits; a liquidation costs what it costs."""
        named = float(order.price)
        if order.native or order.reason == _LIQUIDATION:
            return named
        knobs, buying = self._knobs, order.side == "buy"
        fill = slipped(named, buying, self._instruments[order.symbol].ticks, knobs.slippage_bps, knobs.slippage_ticks)
        if order.symbol in self._bounds:
            fill = bounded(fill, buying, *self._bounds[order.symbol])
        return fill

    def _fee(self, order: Order, notional: Decimal) -> Decimal:
        """Commission and, on a sale, tax."""
        if order.reason == _LIQUIDATION:
            return ZERO
        taxes = self._instruments[order.symbol].taxes
        tax = sell_tax(float(notional), self._clock.now_ms, taxes) if order.side == "sell" else 0.0
        return notional * self._fees[order.symbol] + Decimal(repr(tax))

    def _pay(self, order: Order, notional: Decimal, fee: Decimal) -> None:
        """Binds an entry's margin, frees it with the result at the exit: at once, or with the next candle."""
        if order.leg == "entry":
            self._costs[order.trip] = notional
            self._leverage[order.trip] = order.leverage
            self._cash -= notional / order.leverage + fee
            return
        cost = self._costs.pop(order.trip, notional)  # a position from before the replay: what it brings is free
        gain = notional - cost if order.side == "sell" else cost - notional
        freed = cost / self._leverage.pop(order.trip, 1) + gain - fee
        if order.moment == "inside":
            self.late += freed
        else:
            self._cash += freed

    def find(self, order: Order) -> VenueOrder | None:
        """Nothing rests here: every order was answered in full."""
        return None

    def open_orders(self, symbols: Iterable[str] | None = None) -> Sequence[VenueOrder]:
        """Nothing rests here."""
        return ()

    def fills(self, since_ms: int, symbols: Iterable[str]) -> Sequence[tuple[VenueOrder, Fill]]:
        """All were told with their orders."""
        return ()

    def cancel(self, order: Order) -> None:
        """Nothing rests here."""

    def balances(self) -> Mapping[str, Balance]:
        """The cash account."""
        quote = self.capabilities.currency
        return {quote: Balance(quote, self._cash, self.late)}
