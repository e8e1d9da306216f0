"""Typed contents: exact round trips, the schemas of docs/schemas, examples as the contract shows them."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.ipc.samples import (
    NOW_MS,
    a_market,
    a_portfolio,
    a_round_trip,
    a_status,
    an_outcome,
    documents_of,
    some_decisions,
)
from tests.trading.ipc.schemas import FOLDER, validator
from trading.ipc import decisions, history, market, outcomes, portfolio, status, summary
from trading.ipc.document import encode, parse
from trading.ipc.shapes import from_json, to_json
from trading.ipc.vocabulary import KINDS

OF_KIND: dict[str, type] = {
    "bot_status": status.BotStatus,
    "portfolio": portfolio.Portfolio,
    "decisions": decisions.Decisions,
    "market": market.Market,
    "outcomes": outcomes.OutcomesDocument,
    "summary": summary.Summary,
    "history_trades": history.TradeLine,
    "history_equity": history.EquityLine,
    "history_evaluations": history.EvaluationLine,
    "history_events": history.EventLine,
}


def test_every_schema_has_its_contents_and_the_other_way_round() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {*OF_KIND, "command"}


@pytest.mark.parametrize("name", OF_KIND)
def test_fields_and_schema_are_the_same_in_the_same_order(name: str) -> None:
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    kinds = {OF_KIND[name]: schema}
    todo = [OF_KIND[name]]
    while todo:
        kind = todo.pop()
        fields = dataclasses.fields(kind)
        assert list(kinds[kind]["properties"]) == [one.name for one in fields]
        assert kinds[kind]["required"] == [one.name for one in fields if "absent" not in one.metadata]
        assert kinds[kind]["additionalProperties"] is False
        for inner in _members(kind):
            if inner not in kinds:
                key = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in inner.__name__).lstrip("_")
                kinds[inner] = schema["$defs"][key]
                todo.append(inner)
    assert len(kinds) - 1 == len(schema.get("$defs", {}))


def _members(kind: type) -> list[type]:
    import typing

    found: list[type] = []

    def walk(hint: Any) -> None:
        if dataclasses.is_dataclass(hint):
            found.append(hint)  # type: ignore[arg-type]
        for part in typing.get_args(hint):
            walk(part)

    for hint in typing.get_type_hints(kind).values():
        walk(hint)
    return found


@pytest.mark.parametrize("name", OF_KIND)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_random_contents_come_back_exactly_and_fit_their_schema(name: str, data: st.DataObject) -> None:
    kind = OF_KIND[name]
    content = data.draw(documents_of(kind))
    value = parse(encode(to_json(content)))
    if kind is status.BotStatus:
        content = dataclasses.replace(content, timestamp=content.written_at_ms / 1000)
    assert from_json(kind, value) == content
    errors = list(validator(name).iter_errors(value))
    assert not errors, errors[0]


def test_samples_fit_their_schema() -> None:
    for name, content in (
        ("bot_status", dataclasses.replace(a_status(), seq=1)),
        ("portfolio", dataclasses.replace(a_portfolio(), seq=1)),
        ("decisions", dataclasses.replace(some_decisions(), seq=1)),
        ("market", dataclasses.replace(a_market(), seq=1)),
        ("outcomes", outcomes.OutcomesDocument(seq=1, written_at_ms=NOW_MS, outcomes=(an_outcome(),))),
        ("history_trades", a_round_trip()),
    ):
        validator(name).validate(parse(encode(to_json(content))))


STATUS_EXAMPLE = """
{"schema": 1, "seq": 1042, "status": "running", "timestamp": 1763600000.123, "loop_seconds": 3,
 "written_at_ms": 1763600000123, "market_time_ms": 1763600000000,
 "mode": "demo", "version": "0.1.0", "pid": 4711, "boot_id": "c0ffee", "started_ms": 1763590000000,
 "cpu": 3.1, "memory": 148.2, "warmup_current": 3, "warmup_total": 3,
 "equity_krw": 1003211, "day_pnl_krw": 3211, "day_pnl_percent": 0.32, "usdt_krw": 1412.0, "kimchi_premium_percent": 1.8,
 "venues": {"upbit": {"state": "ready", "detail": "", "reconciled_ms": 1763599990000, "stream_age_s": 0.4,
   "requests_per_minute": 31, "clock_offset_ms": -12, "strategy": "macd", "preset": "demo", "timeframe": "1m",
   "symbols": ["BTC/KRW"], "regime": "up", "market_condition": "neutral", "trades_today": 4, "max_trades_per_day": 0,
   "positions": 1, "max_positions": 5, "win_rate_percent": 55.0, "kelly_fraction": 0.042}},
 "latches": [{"venue": "upbit", "gate": "drawdown_limit", "since_ms": 1763599000000, "detail": "-10.2 % from peak"}],
 "approvals": [{"order": "…", "venue": "upbit", "symbol": "BTC/KRW", "side": "buy", "amount": 50000,
   "expires_ms": 1763600300000}],
 "jobs": [{"name": "find_best_k", "last_ms": 1763590000000, "last_result": "k 0.50 -> 0.45", "next_ms": 1763604400000}],
 "settings": {"overrides": {"take_profit_percent": {"value": 0.04, "by": "dashboard", "at_ms": 1763599500000}},
   "rejected": []}}
"""
PORTFOLIO_EXAMPLE = """
{"schema": 1, "seq": 77, "written_at_ms": 1763600000123, "venue": "upbit", "currency": "KRW",
 "initial_capital": 1000000, "current_capital": 775211, "equity": 1003211, "realized_pnl": 1711, "unrealized_pnl": 1500,
 "positions": {"BTC/KRW": 0.0015}, "entry_prices": {"BTC/KRW": 151000000},
 "details": {"BTC/KRW": {"market": "KRW-BTC", "book": "main", "side": "long", "quantity": 0.0015,
   "entry_price": 151000000, "entry_ms": 1763599000000, "last_price": 152000000, "high_water": 152500000,
   "stop": 149490000, "stop_reason": "stop_loss", "take_profit": 153265000, "guarded_by": "bot",
   "pnl": 1500, "pnl_percent": 0.66, "strategy": "macd", "dust": false, "leverage": 1, "liquidation_price": null}},
 "open_orders": [{"id": "ab…", "venue_id": "…", "symbol": "BTC/KRW", "side": "buy", "type": "limit", "price": 150000000,
   "quantity": 0.001, "filled": 0, "state": "OPEN", "created_ms": 1763599900000}],
 "foreign": {"ETH/KRW": {"quantity": 2.0, "average_price": 4100000}},
 "trade_history": [{"timestamp": "2025-11-20 10:00:00", "time_ms": 1763600400000, "symbol": "BTC/KRW", "type": "SELL",
   "quantity": 0.0015, "price": 153265000, "fee": 114.9, "pnl": 3169.3, "pnl_percent": 1.4, "reason": "take_profit",
   "strategy": "macd", "slippage_percent": 0.0}],
 "metadata": {"strategy": "macd", "preset": "demo", "timeframe": "1m", "selected_symbols": ["BTC/KRW"]}}
"""
COMMAND_EXAMPLE = """
{"schema": 1, "commands": [{"id": "9b2f…", "kind": "set_strategy",
  "args": {"venue": "upbit", "preset": "scalping", "positions": "keep"},
  "issued_at_ms": 1763600000000, "expires_at_ms": 1763600060000, "issued_by": "dashboard:alice"}]}
"""


@pytest.mark.parametrize(
    ("name", "kind", "example"),
    [("bot_status", status.BotStatus, STATUS_EXAMPLE), ("portfolio", portfolio.Portfolio, PORTFOLIO_EXAMPLE)],
)
def test_the_examples_of_the_contract_fit_and_come_back_in_their_order(name: str, kind: type, example: str) -> None:
    value = parse(example)
    validator(name).validate(value)
    again = parse(encode(to_json(from_json(kind, value))))
    assert again == value
    assert _keys(again) == _keys(value)


def _keys(value: Any) -> Any:
    if isinstance(value, dict):
        return [(key, _keys(member)) for key, member in value.items()]
    return [_keys(member) for member in value] if isinstance(value, list) else None


def test_the_command_example_and_a_bare_one_fit() -> None:
    for text in (COMMAND_EXAMPLE, '{"kind": "pause"}', '{"kind": "liquidate", "args": {"all": true}}'):
        validator("command").validate(parse(text))
    for text in (
        '{"kind": "dance"}',
        '{"kind": "enter"}',
        '{"kind": "pause", "x": 1}',
        '{"kind": "liquidate", "args": {}}',
    ):
        assert not validator("command").is_valid(parse(text)), text
    assert set(
        json.loads((FOLDER / "command.json").read_text())["$defs"]["command"]["properties"]["kind"]["enum"]
    ) == set(KINDS)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda value: value.pop("seq"), "seq"),
        (lambda value: value.update(extra=1), "extra"),
        (lambda value: value.update(status="dancing"), "status"),
        (lambda value: value.update(pid="4711"), "pid"),
        (lambda value: value.update(pid=True), "pid"),
        (lambda value: value.update(schema=True), "schema"),
        (lambda value: value.update(latches={}), "latches"),
        (lambda value: value["venues"].update(upbit=[]), "venues.upbit"),
        (lambda value: value["venues"]["upbit"].update(symbols=[1]), r"venues.upbit.symbols\[0\]"),
        (lambda value: value["settings"].update(overrides=None), "settings.overrides"),
        (lambda value: value.update(equity_krw="1"), "equity_krw"),
    ],
)
def test_a_wrong_field_is_named(change: Any, named: str) -> None:
    value = parse(STATUS_EXAMPLE)
    change(value)
    with pytest.raises(ValueError, match=named):
        from_json(status.BotStatus, value)


def test_a_buy_row_has_no_result() -> None:
    row = portfolio.trade(
        time_ms=NOW_MS,
        symbol="BTC/KRW",
        type="BUY",
        quantity=Decimal(1),
        price=Decimal(2),
        fee=Decimal(3),
        reason="entry",
        strategy="macd",
    )
    value = to_json(row)
    assert "pnl" not in value
    assert "pnl_percent" not in value
    assert from_json(portfolio.Trade, value) == row


def test_times_of_trades_are_those_of_korea() -> None:
    assert portfolio.kst_text(1_763_600_400_000) == "2025-11-20 10:00:00"


def test_only_the_last_500_trades_are_written_oldest_first() -> None:
    rows = tuple(dataclasses.replace(a_portfolio().trade_history[0], time_ms=number) for number in range(777))
    value = parse(encode(a_portfolio(trade_history=rows).to_json()))
    assert [row["time_ms"] for row in value["trade_history"]] == list(range(277, 777))


def test_movers_are_the_five_strongest_each_way() -> None:
    changes = [3.0, -1.0, 0.0, None, 7.0, 2.0, 1.0, 5.0, 4.0, -2.0]
    prices = {
        f"C{place}": market.Quote(price=Decimal(1), change_24h_percent=change, time_ms=1)
        for place, change in enumerate(changes)
    }
    gainers, losers = market.movers(prices)
    assert [one.change_24h_percent for one in gainers] == [7.0, 5.0, 4.0, 3.0, 2.0]
    assert [one.change_24h_percent for one in losers] == [-2.0, -1.0]
