"""Upbit's wire JSON against the types of the port: recorded samples, and anything else is unreadable."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges.upbit import fields, parse
from exchanges.upbit.tables import TICKS
from tests.shared_data import shared
from trading.core.instrument import tick_at
from trading.core.orders import State

D = Decimal


@pytest.fixture(scope="module")
def samples() -> dict[str, Any]:
    return json.loads(shared("wire/upbit_examples.json").read_text("utf-8"))


def trade(uuid: str, volume: str, funds: str, second: int = 0) -> dict[str, Any]:
    return {
        "market": "KRW-BTC",
        "uuid": uuid,
        "price": "100000000",
        "volume": volume,
        "funds": funds,
        "trend": "up",
        "created_at": f"2026-11-20T12:00:{second:02d}.123456+09:00",
        "side": "bid",
    }


def market_buy(state: str, executed: str, trades: list[dict[str, Any]], paid: str = "0") -> dict[str, Any]:
    return {
        "market": "KRW-BTC",
        "uuid": "u-1",
        "side": "bid",
        "ord_type": "price",
        "price": "10000",
        "state": state,
        "created_at": "2026-11-20T12:00:00+09:00",
        "executed_volume": executed,
        "paid_fee": paid,
        "identifier": "ht1",
        "trades": trades,
    }


class TestSamples:
    def test_markets(self, samples: dict[str, Any]) -> None:
        found = parse.listed(samples["GET /v1/market/all?is_details=true"])
        btc = found["BTC/KRW"]
        assert (btc.market, btc.base, btc.quote, btc.korean_name) == ("KRW-BTC", "BTC", "KRW", "비트코인")
        assert (btc.warned, btc.caution, btc.tradable, btc.ticks) == (False, (), True, TICKS)

    def test_warning_and_cautions(self, samples: dict[str, Any]) -> None:
        row = json.loads(json.dumps(samples["GET /v1/market/all?is_details=true"][0]))
        row["market_event"]["warning"] = True
        row["market_event"]["caution"]["PRICE_FLUCTUATIONS"] = True
        found = parse.listed([row, {"market": "BTC-ETH"}, {"market": "USDT-ETH"}])
        assert list(found) == ["BTC/KRW"]
        assert found["BTC/KRW"].warned
        assert found["BTC/KRW"].caution == ("PRICE_FLUCTUATIONS",)

    def test_ticks_and_chance(self, samples: dict[str, Any]) -> None:
        assert parse.tick_sizes(samples["GET /v1/orderbook/instruments"]) == {"BTC/KRW": 1000.0}
        assert parse.chance(samples["GET /v1/orders/chance"]) == (0.0005, 5000.0, True)

    def test_candles(self, samples: dict[str, Any]) -> None:
        rows = parse.candle_rows(samples["GET /v1/candles/minutes/1"])
        series = parse.candles(rows, 60_000)
        assert series.time.tolist() == [1_751_371_200_000]
        assert (series.open[0], series.high[0], series.low[0], series.close[0]) == (
            145831000,
            145831000,
            145752000,
            145759000,
        )
        assert series.volume[0] == pytest.approx(27.58904602)
        assert parse.candle_rows(samples["GET /v1/candles/days"])[0][0] == 1_751_241_600_000

    def test_new_order_promises_no_fill(self, samples: dict[str, Any]) -> None:
        order = parse.order(samples["POST /v1/orders 201"], "ht1")
        assert (order.state, order.client_id, order.fills, order.fills_complete) == (State.OPEN, "ht1", (), False)
        assert (order.side, order.type, order.price, order.quantity) == ("sell", "limit", D(140000000), D(1))
        assert order.created_ms == 1_751_608_800_000

    def test_done_market_sell(self, samples: dict[str, Any]) -> None:
        order = parse.order(samples["GET /v1/order (done market ask)"], "ht2")
        (fill,) = order.fills
        assert (order.state, order.fills_complete, order.filled) == (State.FILLED, True, D("5.377594"))
        assert (fill.trade_id, fill.order_id) == ("795dff29-bba6-49b2-baab-63473ab7931c", "ht2")
        assert (fill.price, fill.quantity, fill.fee, fill.fee_asset) == (
            D(1375),
            D("5.377594"),
            D("3.697095875"),
            "KRW",
        )
        assert fill.time_ms == 1_754_725_440_597

    def test_waiting_limit_buy(self, samples: dict[str, Any]) -> None:
        order = parse.order(samples["GET /v1/order (waiting limit bid)"])
        assert (order.state, order.client_id, order.fills_complete) == (State.OPEN, None, True)

    def test_stream_trade_needs_its_own_fields(self, samples: dict[str, Any]) -> None:
        with pytest.raises(fields.Unreadable):
            parse.trade(samples["ws ticker"])


class TestOrderStates:
    def test_cancel_with_fills_is_a_fill(self) -> None:
        order = parse.order(market_buy("cancel", "0.0001", [trade("t1", "0.0001", "10000")], "5"))
        assert (order.state, order.filled, order.fills_complete) == (State.FILLED, D("0.0001"), True)

    def test_cancel_without_fills(self) -> None:
        assert parse.order(market_buy("cancel", "0", [])).state is State.CANCELLED

    def test_partly_filled_limit_cancelled_keeps_its_fills(self) -> None:
        row = market_buy("cancel", "0.4", [trade("t1", "0.4", "40000000")], "20000")
        order = parse.order(row | {"ord_type": "limit", "volume": "1", "price": "100000000"})
        assert (order.state, order.filled, len(order.fills)) == (State.CANCELLED, D("0.4"), 1)

    @pytest.mark.parametrize("state", ["done", "cancel"])
    def test_an_end_whose_trades_are_not_all_here_is_no_end(self, state: str) -> None:
        order = parse.order(market_buy(state, "0.0002", [trade("t1", "0.0001", "10000")], "10"))
        assert (order.state, order.fills_complete) == (State.PARTIAL, False)

    def test_a_list_of_ended_orders_sends_to_the_look_up(self) -> None:
        row = market_buy("cancel", "0.0001", [])
        del row["trades"]
        order = parse.order(row)
        assert (order.state, order.fills_complete) == (State.FILLED, False)

    def test_unknown_state_is_unreadable(self) -> None:
        with pytest.raises(fields.Unreadable):
            parse.order(market_buy("prevented", "0", []))

    def test_foreign_order_names_itself_by_the_venue_id(self) -> None:
        row = market_buy("done", "0.0001", [trade("t1", "0.0001", "10000")], "5")
        del row["identifier"]
        order = parse.order(row)
        assert (order.client_id, order.fills[0].order_id) == (None, "u-1")


money = st.decimals(min_value=D("0.00000001"), max_value=D(10) ** 9, places=8)


class TestFees:
    @given(st.lists(money, min_size=1, max_size=8), st.decimals(0, D("0.01"), places=6))
    def test_parts_add_up_to_what_was_paid(self, funds: list[Decimal], rate: Decimal) -> None:
        paid = sum(funds) * rate
        fees = parse.split_fee(paid, funds)
        assert abs(sum(fees) - paid) <= D("1e-15")
        assert all(fee >= 0 for fee in fees)

    @given(st.lists(money, min_size=2, max_size=8))
    def test_a_fill_booked_early_keeps_its_fee(self, funds: list[Decimal]) -> None:
        paid = sum(funds) * D("0.0005")
        early = parse.split_fee(None, funds[:-1])
        assert parse.split_fee(paid, funds)[:-1] == early

    def test_what_rounding_left_goes_to_the_last_trade(self) -> None:
        assert parse.split_fee(D("5.0016"), [D(10000), D("3.3")]) == [D(5), D("0.0016")]

    def test_another_rate_is_shared_by_funds(self) -> None:
        assert parse.split_fee(D("3"), [D(10000), D(20000)]) == [D(1), D(2)]

    def test_two_trades(self) -> None:
        trades = [trade("t2", "0.0002", "20000", 2), trade("t1", "0.0001", "10000", 1)]
        order = parse.order(market_buy("done", "0.0003", trades, "15"))
        assert [(fill.trade_id, fill.fee) for fill in order.fills] == [("t1", D(5)), ("t2", D(10))]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PARSERS = (
    parse.listed,
    parse.tick_sizes,
    parse.chance,
    parse.tickers,
    parse.trade,
    parse.order_book,
    parse.candle_rows,
    parse.balances,
    parse.order,
    parse.orders,
)


class TestAnythingElse:
    @pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.__name__)
    @given(value=json_values)
    def test_random_json_never_breaks_a_parser(self, parser: Any, value: Any) -> None:
        try:
            parser(value)
        except fields.Unreadable:
            return

    @given(data=st.data())
    def test_a_spoiled_order_is_unreadable_or_says_nothing_new(self, data: st.DataObject) -> None:
        """One field replaced by anything: never a fill that the trades do not show."""
        row = market_buy("done", "0.0001", [trade("t1", "0.0001", "10000")], "5")
        row[data.draw(st.sampled_from(sorted(row)))] = data.draw(json_values)
        try:
            order = parse.order(row)
        except fields.Unreadable:
            return
        assert sum(fill.quantity for fill in order.fills) <= D("0.0001")
        if order.state is State.FILLED and row.get("trades") is not None:
            assert order.filled == sum(fill.quantity for fill in order.fills)

    @pytest.mark.parametrize(
        "text", ["", "NaN", "Infinity", "-1", "1_000", " 1", "1e999", "٣", "0x1", "1,000", None, 5, 5.0, True]
    )
    def test_money_is_a_plain_decimal_string(self, text: Any) -> None:
        with pytest.raises(fields.Unreadable):
            fields.money({"balance": text}, "balance")

    def test_empty_balances_are_no_knowledge(self) -> None:
        with pytest.raises(fields.Unreadable):
            parse.balances([])

    def test_an_asset_listed_twice_is_no_knowledge(self) -> None:
        row = {"currency": "KRW", "balance": "1", "locked": "0", "avg_buy_price": "0", "unit_currency": "KRW"}
        with pytest.raises(fields.Unreadable):
            parse.balances([row, row])

    def test_prices_of_zero_are_left_out(self) -> None:
        rows = [
            {"market": "KRW-A", "trade_timestamp": 1, "trade_price": 0, "trade_volume": 1},
            {"market": "KRW-B", "trade_timestamp": 1, "trade_price": None, "trade_volume": 1},
            {"market": "KRW-C", "trade_timestamp": 1, "trade_price": 7.5, "trade_volume": None},
        ]
        assert {s: t.price for s, t in parse.tickers(rows).items()} == {"C/KRW": 7.5}


class TestAmountsOut:
    @given(st.decimals(min_value=D("0.00000001"), max_value=D(10) ** 12, places=12))
    def test_plain_amounts(self, amount: Decimal) -> None:
        text = fields.plain(amount)
        assert "e" not in text.lower()
        assert 0 <= amount - D(text) < D("0.00000001")
        assert "." not in text or not text.endswith("0")

    @pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "1e18"])
    def test_no_amount(self, amount: str) -> None:
        with pytest.raises(fields.Unreadable):
            fields.plain(D(amount))

    @given(st.integers(0, 4_000_000_000_000))
    def test_times_go_out_as_the_next_whole_second(self, time_ms: int) -> None:
        back = fields.moment(fields.iso(time_ms).replace("Z", "+00:00"))
        assert 0 <= back - time_ms < 1000

    @given(st.text("ABCDEFGHIJ0123456789", min_size=1, max_size=8))
    def test_symbols_round_trip(self, base: str) -> None:
        assert parse.symbol_of(parse.market_of(f"{base}/KRW")) == f"{base}/KRW"


class TestTicks:
    def test_the_venue_corrects_its_own_band_only(self) -> None:
        ticks = parse.ticks_at(1394.0, 0.5)
        assert tick_at(1394.0, ticks) == 0.5
        assert tick_at(999.0, ticks) == 1.0
        assert tick_at(5000.0, ticks) == 5.0

    @given(st.floats(min_value=1e-8, max_value=1e9))
    def test_the_tick_told_holds_at_the_price_told(self, price: float) -> None:
        assert tick_at(price, parse.ticks_at(price, 0.123)) == 0.123

    def test_without_a_price_one_tick_holds_everywhere(self) -> None:
        assert parse.ticks_at(None, 5.0) == ((0.0, 5.0),)


class TestCandleSeries:
    def test_newest_first_becomes_oldest_first_and_gaps_stay(self) -> None:
        rows = [(180_000, 3.0, 3.0, 3.0, 3.0, 1.0), (60_000, 1.0, 2.0, 1.0, 2.0, 1.0)]
        series = parse.candles(rows, 60_000)
        assert series.time.tolist() == [60_000, 180_000]
        assert series.close.tolist() == [2.0, 3.0]

    @given(st.lists(st.integers(0, 50), max_size=60))
    def test_times_rise_strictly(self, slots: list[int]) -> None:
        rows = [(slot * 60_000, 1.0, 1.0, 1.0, 1.0, float(i)) for i, slot in enumerate(slots)]
        series = parse.candles(rows, 60_000)
        assert (np.diff(series.time) > 0).all()
        assert len(series) == len(set(slots))

    def test_contradicting_prices_are_unreadable(self, samples: dict[str, Any]) -> None:
        row = dict(samples["GET /v1/candles/minutes/1"][0], high_price=1)
        with pytest.raises(fields.Unreadable):
            parse.candle_rows([row])

    @pytest.mark.parametrize("page", ["170000-20200220_202000", "202000-20200220_210000"])
    def test_recorded_pages(self, page: str) -> None:
        recorded = json.loads(shared(f"wire/upbit_1m_20200220_{page}.json").read_text("utf-8"))
        series = parse.candles(parse.candle_rows(recorded), 60_000)
        assert len(series) == len(recorded)
        assert series.close[-1] == recorded[0]["trade_price"]
        assert (np.diff(series.time) >= 60_000).all()
