"""What can be traded, in which steps. Rounding is plain arithmetic on floats, compiled as it stands by the kernel
(there `ticks` is an array of shape (bands, 2))."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

Ticks = tuple[tuple[float, float], ...]
"""((lower price bound, tick), ...) from the highest bound down; () = no rounding."""
Taxes = tuple[tuple[float, float], ...]
"""((from UTC ms, share of a sale's notional), ...), rising; () = none."""
Brackets = tuple[tuple[float, float, float, float], ...]
"""((least notional, maintenance margin rate, cumulative amount, most leverage), ...), rising; () = no margin."""


def tick_at(price: float, ticks: Ticks) -> float:
    """Tick size that holds at `price`; 0.0 where there is no rounding."""
    bands = len(ticks)
    for band in range(bands):
        if price >= ticks[band][0]:
            return ticks[band][1]
    return ticks[bands - 1][1] if bands else 0.0


def round_up(price: float, ticks: Ticks) -> float:
    """Smallest multiple of the tick that is not below `price` (1e-9 of a tick is forgiven)."""
    tick = tick_at(price, ticks)
    return math.ceil(price / tick - 1e-9) * tick if tick > 0.0 else price


def round_down(price: float, ticks: Ticks) -> float:
    """Largest multiple of the tick that is not above `price` (1e-9 of a tick is forgiven)."""
    tick = tick_at(price, ticks)
    return math.floor(price / tick + 1e-9) * tick if tick > 0.0 else price


def floor_step(quantity: float, step: float) -> float:
    """`quantity` cut to whole lots of `step`; step 0 = as it is."""
    return math.floor(quantity / step + 1e-9) * step if step > 0.0 else quantity


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market of one venue. Prices in `quote`, quantities in `base`.

    symbol: ours ("BTC/KRW", stocks "005930"); market: the venue's own code ("KRW-BTC").
    lot_step: quantity step; min_notional: least price x quantity of an order in quote.
    taxes: on sales; brackets: of isolated margin; limited: daily price limits hold (KRX).
    tradable/warned/delisting are the venue's notices; `caution` is shown but stops nothing.
    """

    venue: str
    symbol: str
    market: str
    base: str
    quote: str
    ticks: Ticks = ()
    lot_step: float = 1e-8
    min_notional: float = 0.0
    fee_rate: float = 0.0
    tradable: bool = True
    warned: bool = False
    delisting: bool = False
    caution: tuple[str, ...] = field(default=())
    korean_name: str = ""
    taxes: Taxes = ()
    brackets: Brackets = ()
    limited: bool = False

    @property
    def shorting(self) -> bool:
        """A short may be opened here: futures only."""
        return self.venue == "binance_futures"
