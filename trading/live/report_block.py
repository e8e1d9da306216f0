"""The block that the log shows every five minutes: how things stand, in a few lines. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from config.texts import catalogue, text
from trading.core.calendar import HOUR_MS
from trading.live.log import kst, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFacts:
    """One held symbol. Prices and pnl (after fees so far) in the venue's currency; pnl_percent in percent.

    entry_ms: market clock.
    """

    symbol: str
    quantity: Decimal
    entry_price: Decimal
    last_price: Decimal
    pnl: Decimal
    pnl_percent: float
    entry_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFacts:
    """One venue. Money in `currency`; *_percent in percent; kelly_fraction a fraction; None: not known.

    market_condition: bullish, neutral, bearish. state: as in the status file. A limit of 0 is none.
    """

    venue: str
    currency: str
    state: str
    strategy: str
    market_condition: str | None
    cash: Decimal | None
    equity: Decimal | None
    day_pnl: Decimal | None
    day_pnl_percent: float | None
    win_rate_percent: float | None
    kelly_fraction: float | None
    trades_today: int
    max_trades_per_day: int
    max_positions: int
    positions: Sequence[PositionFacts] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFacts:
    """What the block tells. market_ms: market clock, ms UTC; totals in KRW (None = not known)."""

    market_ms: int
    mode: str
    status: str
    equity_krw: Decimal | None
    day_pnl_krw: Decimal | None
    day_pnl_percent: float | None
    venues: Sequence[VenueFacts]


#: Decimals of money by currency: a won is not divided.
_PLACES: Final = {"KRW": 0}


def report_block(facts: BlockFacts, lang: str) -> str:
    """The block's lines in `lang` ("ko" or "en"), joined by line ends."""
    return "\n".join(_lines(facts, lang))


def _lines(facts: BlockFacts, lang: str) -> Iterator[str]:
    status = _named("state", facts.status, lang)
    yield text("log.block_head", lang, time=f"{kst(facts.market_ms)} KST", mode=facts.mode, status=status)
    if len(facts.venues) != 1:  # with one venue its own section says the same
        yield text(
            "log.block_total",
            lang,
            equity=_money(facts.equity_krw, "KRW", lang),
            day_pnl=_money(facts.day_pnl_krw, "KRW", lang, signed=True),
            day_pnl_percent=_percent(facts.day_pnl_percent, lang, signed=True),
        )
    for venue in facts.venues:
        yield from _section(venue, facts.market_ms, lang)


def _section(venue: VenueFacts, market_ms: int, lang: str) -> Iterator[str]:
    yield text(
        "log.block_venue",
        lang,
        venue=venue.venue,
        strategy=venue.strategy,
        condition=_named("condition", venue.market_condition, lang),
        state=_named("state", venue.state, lang),
    )
    yield text(
        "log.block_money",
        lang,
        cash=_money(venue.cash, venue.currency, lang),
        equity=_money(venue.equity, venue.currency, lang),
        day_pnl=_money(venue.day_pnl, venue.currency, lang, signed=True),
        day_pnl_percent=_percent(venue.day_pnl_percent, lang, signed=True),
        currency=venue.currency,
    )
    kelly = None if venue.kelly_fraction is None else venue.kelly_fraction * 100.0
    yield text(
        "log.block_record",
        lang,
        win_rate=_percent(venue.win_rate_percent, lang),
        kelly=_percent(kelly, lang),
        trades=venue.trades_today,
        max_trades=_limit(venue.max_trades_per_day, lang),
        positions=len(venue.positions),
        max_positions=_limit(venue.max_positions, lang),
    )
    for position in venue.positions:
        yield _position(position, venue.currency, market_ms, lang)
    if not venue.positions:
        yield text("log.block_no_position", lang)


def _position(position: PositionFacts, currency: str, market_ms: int, lang: str) -> str:
    return text(
        "log.block_position",
        lang,
        symbol=position.symbol,
        quantity=shown("quantity", position.quantity, lang),
        entry=shown("price", position.entry_price, lang),
        last=shown("price", position.last_price, lang),
        pnl=_money(position.pnl, currency, lang, signed=True),
        currency=currency,
        pnl_percent=_percent(position.pnl_percent, lang, signed=True),
        hours=f"{max(0, market_ms - position.entry_ms) / HOUR_MS:.1f}",
    )


def _money(amount: Decimal | None, currency: str, lang: str, signed: bool = False) -> str:
    if amount is None:
        return text("log.block_unknown", lang)
    places = _PLACES.get(currency, 2)
    # Stated, not left to the thread's decimal context: ccxt changes that one. The sum turns -0 into 0.
    rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) + 0
    return f"{rounded:{'+' if signed and rounded else ''},.{places}f}"


def _percent(value: float | None, lang: str, signed: bool = False) -> str:
    if value is None or value != value:
        return text("log.block_unknown", lang)
    rounded = round(value, 2) + 0.0
    return f"{rounded:{'+' if signed and rounded else ''}.2f} %"


def _limit(limit: int, lang: str) -> str:
    return str(limit) if limit else text("log.block_unlimited", lang)


def _named(area: str, word: str | None, lang: str) -> str:
    if word is None:
        return text("log.block_unknown", lang)
    key = f"log.{area}.{word}"
    return text(key, lang) if key in catalogue() else word
