"""Documents for the tests: fixed ones like those of the contract, and random ones made from the annotations."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from trading.ipc import decisions, history, market, outcomes, portfolio, status
from trading.ipc.vocabulary import VENUES

NOW_MS = 1_763_600_000_123

amounts = st.decimals(
    min_value=Decimal("-1e18"), max_value=Decimal("1e18"), allow_nan=False, allow_infinity=False, places=None
).filter(lambda number: number == 0 or abs(number.adjusted()) < 40)
names = st.text(max_size=12)
times = st.integers(0, 2**45)


def values_of(hint: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Random values of an annotated shape."""
    if hint is Any:
        return st.one_of(st.none(), st.booleans(), times, amounts, names)
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, types.UnionType):
        inner = next(part for part in parts if part is not type(None))
        return st.none() | values_of(inner, name)
    if origin is tuple:
        return st.lists(values_of(parts[0]), max_size=3).map(tuple)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        keys = st.sampled_from(VENUES) if name == "venues" else names
        return st.dictionaries(keys, values_of(parts[1], "" if name == "venues" else name), max_size=3)
    if dataclasses.is_dataclass(hint):
        return documents_of(hint)
    if name == "venue":
        return st.sampled_from(VENUES)
    if name == "confidence":
        return st.floats(0, 1)
    simple = {
        int: times.map(lambda number: number + 1),
        float: st.floats(-1e15, 1e15),
        Decimal: amounts.map(abs),
        str: names,
        bool: st.booleans(),
    }
    return simple[hint]


def documents_of(kind: type) -> st.SearchStrategy[Any]:
    """Random instances of a dataclass of the contract."""
    hints = get_type_hints(kind)
    fields = {one.name: values_of(hints[one.name], one.name) for one in dataclasses.fields(kind)}
    if kind is portfolio.Trade:
        fields["timestamp"] = times.map(portfolio.kst_text)
    return st.builds(kind, **fields)


def a_status(**changes: Any) -> status.BotStatus:
    """A running demo bot on Upbit."""
    venue = status.VenueStatus(
        state="ready",
        reconciled_ms=1_763_599_990_000,
        stream_age_s=0.4,
        requests_per_minute=31,
        clock_offset_ms=-12,
        strategy="macd",
        preset="demo",
        timeframe="1m",
        symbols=("BTC/KRW",),
        regime="up",
        market_condition="neutral",
        trades_today=4,
        positions=1,
        max_positions=5,
        win_rate_percent=55.0,
        kelly_fraction=0.042,
    )
    fields: dict[str, Any] = {
        "status": "running",
        "loop_seconds": 3.0,
        "market_time_ms": 1_763_600_000_000,
        "mode": "demo",
        "version": "0.1.0",
        "pid": 4711,
        "boot_id": "c0ffee",
        "started_ms": 1_763_590_000_000,
        "cpu": 3.1,
        "memory": 148.2,
        "warmup_current": 3,
        "warmup_total": 3,
        "equity_krw": Decimal(1_003_211),
        "day_pnl_krw": Decimal(3_211),
        "day_pnl_percent": 0.32,
        "usdt_krw": 1412.0,
        "kimchi_premium_percent": 1.8,
        "venues": {"upbit": venue},
        "latches": (status.Latch(venue="upbit", gate="drawdown_limit", since_ms=NOW_MS, detail="-10.2 % from peak"),),
        "approvals": (
            status.Approval(
                order="ht1", venue="upbit", symbol="BTC/KRW", side="buy", amount=Decimal(50_000), expires_ms=NOW_MS
            ),
        ),
        "jobs": (status.Job(name="find_best_k", last_ms=1, last_result="k 0.50 -> 0.45", next_ms=2),),
        "settings": status.Settings(
            overrides={"take_profit_percent": status.Override(value=Decimal("0.04"), by="dashboard", at_ms=NOW_MS)},
            rejected=(
                status.RejectedSetting(
                    name="kelly", value="9", line=3, reason_ko="범위 밖", reason_en="out of range", at_ms=NOW_MS
                ),
            ),
        ),
    }
    return status.BotStatus(**{**fields, **changes})


def a_portfolio(**changes: Any) -> portfolio.Portfolio:
    """One long position, one order, one foreign coin, one sale."""
    position = portfolio.Position(
        market="KRW-BTC",
        quantity=Decimal("0.0015"),
        entry_price=Decimal(151_000_000),
        entry_ms=1_763_599_000_000,
        last_price=Decimal(152_000_000),
        high_water=Decimal(152_500_000),
        stop=Decimal(149_490_000),
        stop_reason="stop_loss",
        take_profit=Decimal(153_265_000),
        guarded_by="bot",
        pnl=Decimal(1_500),
        pnl_percent=0.66,
        strategy="macd",
    )
    order = portfolio.OpenOrder(
        id="htabc",
        venue_id="v-1",
        symbol="BTC/KRW",
        side="buy",
        type="limit",
        price=Decimal(150_000_000),
        quantity=Decimal("0.001"),
        filled=Decimal(0),
        state="OPEN",
        created_ms=1_763_599_900_000,
    )
    sale = portfolio.trade(
        time_ms=1_763_600_400_000,
        symbol="BTC/KRW",
        type="SELL",
        quantity=Decimal("0.0015"),
        price=Decimal(153_265_000),
        fee=Decimal("114.9"),
        pnl=Decimal("3169.3"),
        pnl_percent=1.4,
        reason="take_profit",
        strategy="macd",
    )
    made = portfolio.portfolio(
        venue="upbit",
        currency="KRW",
        initial_capital=Decimal(1_000_000),
        current_capital=Decimal(775_211),
        equity=Decimal(1_003_211),
        realized_pnl=Decimal(1_711),
        unrealized_pnl=Decimal(1_500),
        details={"BTC/KRW": position},
        open_orders=(order,),
        foreign={"ETH/KRW": portfolio.Foreign(quantity=Decimal(2), average_price=Decimal(4_100_000))},
        trade_history=(sale,),
        metadata=portfolio.Metadata(strategy="macd", preset="demo", timeframe="1m", selected_symbols=("BTC/KRW",)),
    )
    return dataclasses.replace(made, **changes)


def some_decisions() -> decisions.Decisions:
    """One symbol that waits at a gate."""
    decision = decisions.SymbolDecision(
        candle_ms=1_763_599_940_000,
        action="HOLD",
        confidence=0.42,
        strategy="macd",
        conditions={"histogram_rising": True, "trend": False},
        gate="max_positions",
        numbers={"histogram": Decimal("0.0125"), "limit": 5},
        text_ko="보유 한도에 닿아 사지 않았습니다.",
        text_en="Not bought: the limit of positions is reached.",
    )
    return decisions.Decisions(venues={"upbit": {"BTC/KRW": decision}})


def a_market() -> market.Market:
    """Three quotes with their ranking."""
    prices = {
        "BTC/KRW": market.Quote(price=Decimal(152_000_000), change_24h_percent=1.2, time_ms=NOW_MS),
        "ETH/KRW": market.Quote(price=Decimal(4_100_000), change_24h_percent=-2.5, time_ms=NOW_MS),
        "XRP/KRW": market.Quote(price=Decimal("812.5"), change_24h_percent=None, time_ms=NOW_MS),
    }
    gainers, losers = market.movers(prices)
    view = market.TimeframeView(trend="up", numbers={"rsi": 61.2})
    forecast = market.Forecast(model="lstm", action="BUY", confidence=0.61, at_ms=NOW_MS)
    venue = market.VenueMarket(
        currency="KRW",
        prices=prices,
        gainers=gainers,
        losers=losers,
        dynamic_coins=(market.DynamicCoin(symbol="XRP/KRW", score=0.8),),
        timeframes={"BTC/KRW": {"1m": view}},
        forecasts={"BTC/KRW": (forecast,)},
    )
    return market.Market(venues={"upbit": venue})


def an_outcome(identity: str = "9b2f", state: outcomes.OutcomeState = "done", **changes: Any) -> outcomes.Outcome:
    """What became of a pause."""
    fields: dict[str, Any] = {
        "kind": "pause",
        "detail_ko": "일시정지했습니다.",
        "detail_en": "Paused.",
        "issued_by": "dashboard:alice",
        "at_ms": NOW_MS,
        "effect": {"venues": ["upbit"]},
    }
    return outcomes.Outcome(id=identity, state=state, **{**fields, **changes})


def a_round_trip(exit_ms: int = NOW_MS, **changes: Any) -> history.TradeLine:
    """A closed long trade."""
    fields: dict[str, Any] = {
        "trip": "htabc",
        "venue": "upbit",
        "book": "main",
        "strategy": "macd",
        "symbol": "BTC/KRW",
        "market": "KRW-BTC",
        "currency": "KRW",
        "side": "long",
        "quantity": Decimal("0.0015"),
        "entry_ms": exit_ms - 600_000,
        "entry_price": Decimal(151_000_000),
        "exit_ms": exit_ms,
        "exit_price": Decimal(153_265_000),
        "reason": "take_profit",
        "fees": Decimal("228.2"),
        "funding": Decimal(0),
        "pnl": Decimal("3169.3"),
        "pnl_percent": 1.4,
    }
    return history.TradeLine(**{**fields, **changes})
