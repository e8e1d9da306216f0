"""Each venue's rules where no venue is asked: research, and the defaults until an adapter knows better.

Ticks: Upbit KRW bands since 2025-07-31; Bithumb publishes none (Upbit's earlier bands); KRX bands since 2023-01-25.
Binance's differ by symbol and come from its exchangeInfo: without it nothing is rounded (`--set tick_size`).
Fees: rates per side of the venues' public tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

from trading.core.brackets import BRACKETS, OTHERS
from trading.core.errors import BadInput
from trading.core.instrument import Instrument, Ticks
from trading.core.krx import SELL_TAXES


@dataclass(frozen=True, slots=True)
class Rules:
    """Venue rules: fee per side (fraction of notional), minimum order in `currency`, quantity step, tick bands."""

    currency: str
    fee_rate: float
    min_notional: float
    lot_step: float
    ticks: Ticks
    native_take_profit: bool = False


_UPBIT: Final[Ticks] = (
    (1_000_000.0, 1000.0),
    (500_000.0, 500.0),
    (100_000.0, 100.0),
    (50_000.0, 50.0),
    (10_000.0, 10.0),
    (5_000.0, 5.0),
    (1_000.0, 1.0),
    (100.0, 1.0),
    (10.0, 0.1),
    (1.0, 0.01),
    (0.1, 0.001),
    (0.01, 0.0001),
    (0.001, 0.00001),
    (0.0001, 0.000001),
    (0.00001, 0.0000001),
    (0.0, 0.00000001),
)
_BITHUMB: Final[Ticks] = (
    (2_000_000.0, 1000.0),
    (1_000_000.0, 500.0),
    (500_000.0, 100.0),
    (100_000.0, 50.0),
    (10_000.0, 10.0),
    (1_000.0, 1.0),
    (100.0, 0.1),
    (10.0, 0.01),
    (1.0, 0.001),
    (0.0, 0.0001),
)
_KRX: Final[Ticks] = (
    (500_000.0, 1000.0),
    (200_000.0, 500.0),
    (50_000.0, 100.0),
    (20_000.0, 50.0),
    (5_000.0, 10.0),
    (2_000.0, 5.0),
    (0.0, 1.0),
)

RULES: Final[dict[str, Rules]] = {
    "upbit": Rules("KRW", 0.0005, 5_000.0, 1e-8, _UPBIT),
    "bithumb": Rules("KRW", 0.0025, 5_000.0, 1e-8, _BITHUMB),
    "binance_spot": Rules("USDT", 0.001, 5.0, 1e-5, (), native_take_profit=True),
    "binance_futures": Rules("USDT", 0.0005, 5.0, 1e-3, ()),
    "stock": Rules("KRW", 0.00015, 0.0, 1.0, _KRX),
}


class Overrides(Protocol):
    """The research knobs that replace a venue's rules; None = the venue's own."""

    @property
    def fee_rate(self) -> float | None: ...
    @property
    def tick_size(self) -> float | None: ...
    @property
    def lot_step(self) -> float | None: ...
    @property
    def min_notional(self) -> float | None: ...


def overridden(instrument: Instrument, knobs: Overrides) -> Instrument:
    """`instrument` with what the research knobs set; tick_size 0 = no rounding."""
    changes: dict[str, object] = {
        name: value for name in ("fee_rate", "lot_step", "min_notional") if (value := getattr(knobs, name)) is not None
    }
    if knobs.tick_size is not None:
        changes["ticks"] = ((0.0, knobs.tick_size),) if knobs.tick_size > 0 else ()
    return replace(instrument, **changes) if changes else instrument  # type: ignore[arg-type]


def names_of(venue: str, symbol: str) -> tuple[str, str, str, str]:
    """(our symbol, venue's market, base, quote) of a symbol given as BTC/KRW, KRW-BTC, BTCUSDT, 005930 or BTC.

    Raises BadInput for an empty one.
    """
    quote = RULES[venue].currency
    text = symbol.strip().upper().split(":")[0]
    if not text:
        raise BadInput("input.no_symbol")
    if venue == "stock":
        return text, text, text, quote
    if "/" in text:
        base, quote = text.split("/", 1)
    elif "-" in text:
        quote, base = text.split("-", 1)
    elif text.endswith(quote) and text != quote:
        base = text.removesuffix(quote)
    else:
        base = text
    market = base + quote if venue.startswith("binance") else f"{quote}-{base}"
    return f"{base}/{quote}", market, base, quote


def researched(venue: str, symbol: str, knobs: Overrides, untaxed: bool = False) -> Instrument:
    """The instrument of a backtest: the venue's rules with the research knobs over them. untaxed: an ETF of the KRX."""
    rules = RULES[venue]
    ours, market, base, quote = names_of(venue, symbol)
    if quote != rules.currency:
        example = names_of(venue, "005930" if venue == "stock" else "BTC")[1]
        raise BadInput("input.symbol_quote", symbol=symbol, venue=venue, currency=rules.currency, example=example)
    plain = Instrument(
        venue,
        ours,
        market,
        base,
        quote,
        rules.ticks,
        rules.lot_step,
        rules.min_notional,
        rules.fee_rate,
        taxes=() if untaxed or venue != "stock" else SELL_TAXES,
        brackets=BRACKETS.get(base, OTHERS) if venue == "binance_futures" else (),
        limited=venue == "stock",
    )
    return overridden(plain, knobs)
