"""`main.py check`: looks whether settings, strategy, keys and account are right. Changes nothing, orders nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.console import Console

from config.advice import beside_holding
from config.explain import explain
from config.settings import Settings
from config.texts import text
from trading import strategies
from trading.core.errors import NotSupported, StopTrading, VenueError
from trading.core.orders import Order, client_id
from trading.core.ports import Venue
from trading.live.charge import charge_of

KEYS = 4
UNREACHABLE = 5


def check(
    settings: Settings,
    knob: str | None,
    order_test: bool,
    built: Sequence[str],
    connect: Callable[[str], Venue],
    now_ms: int,
) -> int:
    """Prints a line per finding; exit code of the worst: 0, 4 keys, 5 not reachable. Raises SettingError, BadInput."""
    lang = settings.language
    console = Console(highlight=False, soft_wrap=True)
    if knob is not None:
        for line in explain(settings, knob, lang):
            console.print(line, markup=False)
        return 0

    def good(key: str, **values: object) -> None:
        console.print(text("main.check_ok", lang, what=text(key, lang, **values)), markup=False, style="green")

    def bad(what: str) -> None:
        console.print(text("main.check_bad", lang, what=what), markup=False, style="bold red")

    good("main.check_settings", mode=settings.mode, venues=", ".join(settings.venues))
    for warning in settings.warnings:
        bad(warning.text(lang))
    for problem in strategies.refused().values():
        bad(problem.text(lang))
    code = 0
    for venue in settings.venues:
        charge = charge_of(settings, venue)
        strategy = charge.rule.strategy.name
        good("main.check_strategy", venue=venue, strategy=strategy, timeframe=charge.timeframe, preset=charge.preset)
        if notice := beside_holding(charge.preset, strategy):
            bad(notice.text(lang))
        if venue not in built:
            bad(text("main.venue_not_built", lang, venue=venue, known=", ".join(built)))
            code = max(code, 3)
        elif settings.mode != "demo":
            code = max(code, _account(settings, venue, order_test, connect, good, bad, now_ms))
    return code


def _account(
    settings: Settings,
    venue: str,
    order_test: bool,
    connect: Callable[[str], Venue],
    good: Callable[..., None],
    bad: Callable[[str], None],
    now_ms: int,
) -> int:
    lang = settings.language
    if settings.secrets.for_venue(venue) is None:
        names = ", ".join(settings.secrets.missing(venue))
        bad(text("main.keys_missing", lang, venue=venue, mode=settings.mode, names=names))
        return KEYS
    account = connect(venue)
    try:
        balances = account.balances()
        currency = account.capabilities.currency
        free = balances[currency].free if currency in balances else 0
        good("main.check_connected", venue=venue, free=f"{free:,.0f}", currency=currency)
        capital = settings.knobs(venue).capital(venue)
        if capital > free:
            values = {"capital": f"{capital:,.0f}", "free": f"{free:,.0f}", "currency": currency}
            bad(text("main.check_capital", lang, venue=venue, **values))
        if order_test:
            symbol = f"BTC/{currency}"
            _order_test(account, symbol, now_ms)
            good("main.check_order_test", venue=venue, symbol=symbol)
    except StopTrading as error:
        bad(error.message or error.code)
        return KEYS
    except VenueError as error:
        bad(text("main.check_unreachable", lang, venue=venue, why=error))
        return UNREACHABLE
    return 0


def _order_test(account: Venue, symbol: str, now_ms: int) -> None:
    """A buy of twice the minimum, checked by the venue without being placed."""
    tester = getattr(account, "order_test", None)
    if tester is None:
        raise NotSupported("order_test")
    item = account.instruments()[symbol]
    price = Decimal(repr(account.prices([symbol])[symbol].price))
    funds = Decimal(repr(item.min_notional)) * 2
    name = client_id("check", "main", "check", symbol, "buy", now_ms, "order_test")
    tester(
        Order(
            id=name,
            venue=account.name,
            book="main",
            strategy="check",
            symbol=symbol,
            side="buy",
            leg="entry",
            quantity=(funds / price).quantize(Decimal("0.00000001")),
            price=price,
            reason="order_test",
            candle_ms=0,
            created_ms=now_ms,
            trip=name,
            funds=funds,
        )
    )
