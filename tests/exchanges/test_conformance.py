"""One suite over every venue, against the simulator: what the bot relies on; skips come from the capabilities alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.exchanges.conftest import Bench, eventually
from trading.core.errors import BadInput, NotSupported, OutcomeUnknown, Refused, StopTrading, TryLater
from trading.core.instrument import round_down
from trading.core.orders import Order, State
from trading.core.ports import StreamNews, Venue

VENUES = ("upbit",)
D = Decimal
HOUR_MS = 3_600_000


@pytest.fixture(params=VENUES)
def bench(request: pytest.FixtureRequest, make_bench: Callable[[str], Bench]) -> Bench:
    return make_bench(request.param)


@pytest.fixture
def venue(bench: Bench) -> Venue:
    return bench.open()


def needs(venue: Venue, capability: str) -> None:
    if not getattr(venue.capabilities, capability):
        pytest.skip(f"{venue.name} has no {capability}")


def resting(bench: Bench, venue: Venue, share: str = "0.9") -> Order:
    """A limit buy far below the market, on the tick."""
    ticks = venue.instruments()[bench.symbol].ticks
    price = round_down(float(bench.price() * D(share)), ticks)
    return bench.order("buy", limit=D(str(price)), quantity=D("0.01"), funds=None)


def ended(venue: Venue, order: Order) -> Any:
    """The order once the venue shows its end."""

    def look() -> Any:
        found = venue.find(order)
        return found if found is not None and found.state in (State.FILLED, State.CANCELLED) else None

    return eventually(look)


def bought(venue: Venue, bench: Bench, funds: int = 20_000) -> Order:
    order = bench.order("buy", funds=D(funds))
    venue.submit(order)
    return order


class TestMarket:
    def test_instruments(self, venue: Venue, bench: Bench) -> None:
        one = venue.instruments()[bench.symbol]
        assert (one.venue, one.symbol, one.market) == (bench.name, bench.symbol, bench.market)
        assert one.tradable
        assert not one.warned
        assert one.fee_rate == venue.capabilities.fee_rate
        assert one.min_notional > 0
        assert one.ticks

    def test_every_symbol_names_itself(self, venue: Venue) -> None:
        assert all(symbol == one.symbol for symbol, one in venue.instruments().items())
        assert {one.quote for one in venue.instruments().values()} == {venue.capabilities.currency}

    def test_notices(self, venue: Venue, bench: Bench) -> None:
        bench.set("market", market=bench.market, warn=True, caution=["PRICE_FLUCTUATIONS"])
        one = venue.instruments()[bench.symbol]
        assert one.warned
        assert one.caution == ("PRICE_FLUCTUATIONS",)
        assert not venue.instruments()[bench.other].warned

    def test_candles_are_whole_and_in_order(self, venue: Venue, bench: Bench) -> None:
        series = venue.candles(bench.symbol, "1m", 450)
        assert len(series) == 450
        assert (np.diff(series.time) > 0).all()
        assert (series.time % 60_000 == 0).all()
        assert (series.low <= np.minimum(series.open, series.close)).all()
        assert (series.high >= np.maximum(series.open, series.close)).all()

    def test_the_end_of_candles_is_exclusive_and_pages_fit(self, venue: Venue, bench: Bench) -> None:
        whole = venue.candles(bench.symbol, "1m", 260)
        end = int(whole.time[250])
        part = venue.candles(bench.symbol, "1m", 250, end)
        assert part.time.tolist() == whole.time[:250].tolist()
        assert part.close.tolist() == whole.close[:250].tolist()
        assert venue.candles(bench.symbol, "1m", 1, end + 1).time.tolist() == [end]

    def test_minutes_without_a_trade_stay_missing(self, venue: Venue) -> None:
        quiet = venue.candles("DOT/KRW", "1m", 600)
        steps = np.diff(quiet.time)
        assert (steps % 60_000 == 0).all()
        assert steps.max() > 60_000

    def test_before_the_first_candle_there_is_none(self, venue: Venue, bench: Bench) -> None:
        assert len(venue.candles(bench.symbol, "1m", 10, 60_000)) == 0

    @pytest.mark.parametrize("timeframe", ["5m", "1h", "2h", "6h", "1d"])
    def test_coarser_candles_hold_the_finer_ones(self, venue: Venue, bench: Bench, timeframe: str) -> None:
        fine = venue.candles(bench.symbol, "1m", 800)
        coarse = venue.candles(bench.symbol, timeframe, 3)
        begin, length = int(coarse.time[-1]), coarse.timeframe_ms
        inside = (fine.time >= begin) & (fine.time < begin + length)
        if int(fine.time[0]) > begin:
            pytest.skip("the last candle is longer than the history that was read")
        assert coarse.high[-1] == fine.high[inside].max()
        assert coarse.low[-1] == fine.low[inside].min()
        assert coarse.close[-1] == fine.close[-1]
        assert (np.diff(coarse.time) == length).all()

    def test_unknown_timeframe(self, venue: Venue, bench: Bench) -> None:
        with pytest.raises((NotSupported, BadInput)):
            venue.candles(bench.symbol, "7m", 10)

    def test_prices_of_many_in_one_request(self, venue: Venue, bench: Bench) -> None:
        before = venue.requests_per_minute()
        prices = venue.prices([bench.symbol, bench.other])
        assert venue.requests_per_minute() == before + 1
        truth = bench.truth()["prices"][bench.name]
        assert prices[bench.symbol].price == float(truth[bench.market])
        assert prices[bench.other].price == float(truth[bench.other_market])

    def test_one_delisted_symbol_does_not_hide_the_others(self, venue: Venue, bench: Bench) -> None:
        bench.set("market", market=bench.other_market, delist=True)
        assert set(venue.prices([bench.symbol, bench.other])) == {bench.symbol}
        assert bench.other not in venue.instruments()

    def test_order_book(self, venue: Venue, bench: Bench) -> None:
        book = venue.order_book(bench.symbol)
        bids, asks = [price for price, _ in book.bids], [price for price, _ in book.asks]
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert bids[0] < asks[0]

    def test_an_unknown_symbol_is_refused(self, venue: Venue) -> None:
        with pytest.raises(Refused):
            venue.candles("NOPE/KRW", "1m", 1)
        with pytest.raises(Refused):
            venue.prices(["NOPE/KRW"])

    def test_without_a_key_the_market_is_open_and_the_account_closed(self, bench: Bench) -> None:
        public = bench.open(key="", secret="")
        assert public.prices([bench.symbol])
        assert public.instruments()[bench.symbol].min_notional > 0
        with pytest.raises(StopTrading):
            public.balances()
        with pytest.raises(StopTrading):
            public.submit(bench.order("buy"))


class TestOrders:
    def test_market_buy_and_sell_are_booked_as_they_happened(self, venue: Venue, bench: Bench) -> None:
        order = bench.order("buy")
        answer = venue.submit(order)
        assert answer.client_id == order.id
        found = ended(venue, order)
        truth = bench.true_fills(order.id)
        assert (found.state, found.fills_complete) == (State.FILLED, True)
        assert {(f.trade_id, f.price, f.quantity, f.fee) for f in found.fills} == {
            (row["trade_id"], D(row["price"]), D(row["quantity"]), D(row["fee"])) for row in truth
        }
        assert {f.order_id for f in found.fills} == {order.id}
        assert found.filled == sum(f.quantity for f in found.fills)

        held = venue.balances()[bench.symbol.split("/")[0]]
        assert held.free == found.filled
        sale = bench.order("sell", quantity=held.free)
        venue.submit(sale)
        sold = ended(venue, sale)
        assert (sold.state, sold.filled, sold.side) == (State.FILLED, held.free, "sell")
        spent = sum(f.price * f.quantity + f.fee for f in found.fills)
        earned = sum(f.price * f.quantity - f.fee for f in sold.fills)
        assert venue.balances()["KRW"].free == D(10_000_000) - spent + earned

    def test_a_buy_over_several_prices(self, venue: Venue, bench: Bench) -> None:
        bench.set("market", market=bench.market, depth="0.001")
        order = bought(venue, bench, 300_000)
        found = ended(venue, order)
        rows = bench.true_fills(order.id)
        assert len(found.fills) == len(rows) > 1
        assert sum(f.fee for f in found.fills) == sum(D(row["fee"]) for row in rows)
        assert {f.trade_id for f in found.fills} == {row["trade_id"] for row in rows}

    def test_limit_waits_and_is_cancelled(self, venue: Venue, bench: Bench) -> None:
        order = resting(bench, venue)
        venue.submit(order)
        found = venue.find(order)
        assert found is not None
        assert (found.state, found.price, found.quantity) == (State.OPEN, order.limit, order.quantity)
        assert venue.balances()["KRW"].locked > 0
        venue.cancel(order)
        assert ended(venue, order).state is State.CANCELLED
        assert venue.balances()["KRW"].locked == 0

    def test_cancel_of_an_ended_order_is_no_error(self, venue: Venue, bench: Bench) -> None:
        order = bought(venue, bench)
        ended(venue, order)
        venue.cancel(order)
        assert venue.find(order).state is State.FILLED  # type: ignore[union-attr]

    def test_partial_fill_then_cancel_keeps_the_fill(self, venue: Venue, bench: Bench) -> None:
        bench.set("market", market=bench.market, depth="0.001")
        best = venue.order_book(bench.symbol).asks[0]
        order = bench.order("buy", limit=D(str(best[0])), quantity=D(str(best[1])) + 1, funds=None)
        venue.submit(order)
        found = venue.find(order)
        assert found is not None
        assert (found.state, found.filled, found.fills_complete) == (State.PARTIAL, D(str(best[1])), True)
        early = found.fills
        venue.cancel(order)
        found = ended(venue, order)
        assert (found.state, found.filled) == (State.CANCELLED, D(str(best[1])))
        assert found.fills == early

    def test_a_fill_that_races_the_cancel_wins(self, venue: Venue, bench: Bench) -> None:
        bench.options(cancel_delay=60.0)
        order = resting(bench, venue, "0.99")
        venue.submit(order)
        venue.cancel(order)
        assert venue.find(order).state is State.OPEN  # type: ignore[union-attr]
        before = bench.price()
        bench.set("market", market=bench.market, price=str(order.limit - 10_000))  # type: ignore[operator]
        found = ended(venue, order)
        assert (found.state, found.filled) == (State.FILLED, order.quantity)
        venue.cancel(order)
        bench.set("market", market=bench.market, price=str(before))

    def test_an_order_nobody_sent_is_not_there(self, venue: Venue, bench: Bench) -> None:
        assert venue.find(bench.order("buy")) is None

    def test_the_same_name_twice_is_one_order(self, venue: Venue, bench: Bench) -> None:
        needs(venue, "client_ids")
        order = bought(venue, bench)
        with pytest.raises(OutcomeUnknown):
            venue.submit(order)
        assert len([row for row in bench.truth()["orders"] if row["identifier"] == order.id]) == 1
        assert venue.find(order) is not None

    def test_a_refused_name_is_used_up_and_not_there(self, venue: Venue, bench: Bench) -> None:
        order = bench.order("buy", funds=D(10**9))
        with pytest.raises(Refused):
            venue.submit(order)
        with pytest.raises(OutcomeUnknown):
            venue.submit(dataclasses.replace(order, funds=D(20_000)))
        assert venue.find(order) is None

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"funds": D(4_999)}, "under_min_total_bid"),
            ({"funds": D(20_000_000)}, "insufficient_funds_bid"),
            ({"side": "sell", "funds": None, "quantity": D(1)}, "insufficient_funds_ask"),
            ({"limit": D("5000001"), "funds": None}, "invalid_price_bid"),
            ({"symbol": "NOPE/KRW"}, "notfoundmarket"),
            ({"funds": None}, "no_funds"),
            ({"funds": D(0)}, "no_funds"),
        ],
    )
    def test_refusals_say_why_and_leave_nothing(
        self, venue: Venue, bench: Bench, change: dict[str, Any], code: str
    ) -> None:
        order = bench.order(**({"side": "buy"} | change))
        with pytest.raises(Refused) as caught:
            venue.submit(order)
        assert caught.value.code == code
        assert caught.value.message
        assert bench.true_order(order.id) is None
        assert venue.open_orders() == []

    def test_the_whole_cash_is_too_much_and_its_share_is_not(self, venue: Venue, bench: Bench) -> None:
        """The venue locks the fee besides: the caller leaves room for it."""
        needs(venue, "market_buy_by_quote")
        cash = venue.balances()["KRW"].free
        with pytest.raises(Refused):
            venue.submit(bench.order("buy", funds=cash))
        order = bench.order("buy", funds=(cash / D("1.0005")).quantize(D(1)))
        venue.submit(order)
        assert ended(venue, order).state is State.FILLED

    def test_more_decimals_than_the_venue_takes_are_cut(self, venue: Venue, bench: Bench) -> None:
        order = dataclasses.replace(resting(bench, venue), quantity=D("0.0123456789"))
        venue.submit(order)
        assert D(bench.true_order(order.id)["quantity"]) == D("0.01234567")  # type: ignore[index]
        venue.cancel(order)
        ended(venue, order)


class TestTroubles:
    @pytest.mark.parametrize(
        ("access", "code"),
        [
            ({"key": "nobody"}, "invalid_access_key"),
            ({"secret": "x" * 40}, "jwt_verification"),
            ({"key": "demo-expired"}, "expired_access_key"),
            ({"key": "demo-other-ip"}, "no_authorization_ip"),
        ],
    )
    def test_a_key_that_does_not_open(self, bench: Bench, access: dict[str, str], code: str) -> None:
        venue = bench.open(**access)
        for call in (venue.balances, lambda: venue.submit(bench.order("buy"))):
            with pytest.raises(StopTrading) as caught:
                call()
            assert caught.value.code == code
            assert caught.value.message
            assert access.get("secret", "demo-secret") not in str(caught.value)

    def test_a_key_that_may_only_look(self, bench: Bench) -> None:
        venue = bench.open(key="demo-readonly")
        assert venue.balances()
        with pytest.raises(StopTrading) as caught:
            venue.submit(bench.order("buy"))
        assert caught.value.code == "out_of_scope"

    def test_maintenance_passes(self, venue: Venue, bench: Bench) -> None:
        bench.set("market", offline=True)
        order = bench.order("buy")
        for call in (venue.balances, lambda: venue.find(order), lambda: venue.submit(order), venue.open_orders):
            with pytest.raises(TryLater):
                call()
        bench.set("market", offline=False)
        assert venue.balances()
        assert bench.true_order(order.id) is None

    def test_a_halted_market_is_told_apart(self, venue: Venue, bench: Bench) -> None:
        venue.watch([bench.symbol])
        assert venue.instruments()[bench.symbol].tradable
        bench.set("market", market=bench.market, halt=True)
        with pytest.raises(TryLater):
            venue.submit(bench.order("buy"))
        assert not venue.instruments()[bench.symbol].tradable
        assert venue.instruments()[bench.other].tradable
        bought(venue, dataclasses.replace(bench, symbol=bench.other))

    def test_a_burst_of_requests_stays_inside_the_limits(self, venue: Venue, bench: Bench) -> None:
        bench.options(limits=True)
        since = bench.mark()
        for _ in range(35):
            venue.find(bench.order("buy"))
        for _ in range(12):
            venue.prices([bench.symbol])
        requests = bench.requests(since)
        assert len(requests) == 47
        assert not [row for row in requests if row["status"] in (418, 429)]

    def test_a_ban_is_kept_over_a_restart(self, bench: Bench) -> None:
        kept: dict[str, int] = {}
        venue = bench.open(on_block=kept.__setitem__)
        venue.balances()
        bench.options(limits=True, block_seconds=1.5)
        with pytest.raises(TryLater) as caught:
            venue.balances()
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 1.0
        since = bench.mark()
        reopened = bench.open(blocked=kept)
        for one in (venue, reopened):
            with pytest.raises(TryLater):
                one.balances()
            with pytest.raises(TryLater):
                one.submit(bench.order("sell"))
        assert bench.requests(since) == []

    def test_a_venue_that_is_not_there_was_never_asked(self, bench: Bench) -> None:
        nowhere = {"rest": "http://127.0.0.1:9", "ws": "ws://127.0.0.1:9/w", "ws_private": "ws://127.0.0.1:9/p"}
        venue = bench.open(hosts=nowhere)
        with pytest.raises(TryLater):
            venue.balances()
        with pytest.raises(TryLater):
            venue.submit(bench.order("buy"))


class TestAccount:
    def test_restart_with_an_open_order(self, bench: Bench) -> None:
        first = bench.open()
        order = resting(bench, first)
        first.submit(order)
        first.close()
        again = bench.open()
        shown = [row for row in again.open_orders([bench.symbol]) if row.client_id == order.id]
        assert len(shown) == 1
        assert again.open_orders([bench.other]) == []
        again.cancel(order)
        assert ended(again, order).state is State.CANCELLED
        assert [row for row in again.open_orders() if row.client_id == order.id] == []

    def test_foreign_holding_and_foreign_trade(self, venue: Venue, bench: Bench) -> None:
        since = venue_time(bench)
        ours = bought(venue, bench)
        bench.set("account", trade={"market": bench.market, "side": "buy", "amount": "50000"})
        ended(venue, ours)
        base = bench.symbol.split("/")[0]
        pairs = venue.fills(since, [bench.symbol])
        assert {order.client_id for order, _ in pairs} == {ours.id, None}
        assert sum(fill.quantity for _, fill in pairs) == venue.balances()[base].free
        assert [fill.time_ms for _, fill in pairs] == sorted(fill.time_ms for _, fill in pairs)
        assert venue.balances()[base].average_price > 0
        assert venue.fills(since, [bench.other]) == []

    def test_trades_before_the_time_asked_are_left_out(self, venue: Venue, bench: Bench) -> None:
        before = bought(venue, bench)
        ended(venue, before)
        bench.run_clock(2 * HOUR_MS)
        since = venue_time(bench)
        after = bought(venue, bench)
        ended(venue, after)
        assert {order.client_id for order, _ in venue.fills(since, [bench.symbol])} == {after.id}
        both = {order.client_id for order, _ in venue.fills(since - 3 * HOUR_MS, [bench.symbol])}
        assert {before.id, after.id} <= both

    def test_trades_of_an_order_still_open(self, venue: Venue, bench: Bench) -> None:
        since = venue_time(bench)
        bench.set("market", market=bench.market, depth="0.001")
        best = venue.order_book(bench.symbol).asks[0]
        order = bench.order("buy", limit=D(str(best[0])), quantity=D(str(best[1])) + 1, funds=None)
        venue.submit(order)
        assert {row.client_id for row, _ in venue.fills(since, [bench.symbol])} == {order.id}
        venue.cancel(order)
        ended(venue, order)

    def test_a_foreign_resting_order_is_shown_and_left_alone(self, venue: Venue, bench: Bench) -> None:
        """Our order of the other side trades with it at worst; it never cancels it."""
        bench.set("account", set={bench.symbol.split("/")[0]: "1"})
        best = venue.order_book(bench.symbol).asks[0]
        foreign = bench.order("sell", limit=D(str(best[0])), quantity=D("0.5"))
        bench.open().submit(foreign)
        ours = bought(venue, bench)
        ended(venue, ours)
        assert bench.true_order(foreign.id)["state"] == "open"  # type: ignore[index]
        venue.cancel(foreign)
        ended(venue, foreign)


class TestStreams:
    def test_trades_arrive_once_and_in_order(self, venue: Venue, bench: Bench) -> None:
        venue.instruments()
        venue.watch([bench.symbol, bench.other])
        bench.simulator.set("clock", speed=60, run=True)
        news: list[StreamNews] = []

        def enough() -> bool:
            news.append(venue.drain())
            return sum(len(one.ticks) for one in news) >= 20

        eventually(enough, 15.0)
        ticks = [tick for one in news for tick in one.ticks]
        assert {tick.symbol for tick in ticks} <= {bench.symbol, bench.other}
        assert all(tick.price > 0 and tick.quantity > 0 for tick in ticks)
        assert all(list(one.ticks) == sorted(one.ticks, key=lambda t: t.time_ms) for one in news)
        assert news[-1].age_s is not None
        assert news[-1].age_s < 5.0
        bench.simulator.set("clock", pause=True)

    def test_watching_other_symbols(self, venue: Venue, bench: Bench) -> None:
        venue.watch([bench.symbol])
        bench.simulator.set("clock", speed=60, run=True)
        eventually(lambda: venue.drain().ticks, 15.0)
        venue.watch([bench.other])
        eventually(lambda: any(tick.symbol == bench.other for tick in venue.drain().ticks), 15.0)
        assert not [tick for tick in venue.drain().ticks if tick.symbol == bench.symbol]
        bench.simulator.set("clock", pause=True)

    def test_hints_about_our_orders(self, venue: Venue, bench: Bench) -> None:
        needs(venue, "private_stream")
        hinted: set[str] = set()

        def told() -> bool:
            # The private stream may not be up yet when the first order goes.
            order = bought(venue, bench, 6_000)
            hinted.update(venue.drain().orders)
            return order.id in hinted or bool(hinted)

        eventually(told, 10.0)
        order = bought(venue, bench, 6_000)
        eventually(lambda: hinted.update(venue.drain().orders) or order.id in hinted)

    def test_draining_never_blocks_and_begins_empty(self, venue: Venue) -> None:
        assert venue.drain() == StreamNews()

    def test_closing_twice(self, venue: Venue) -> None:
        venue.close()
        venue.close()
        with pytest.raises(TryLater):
            venue.balances()


def venue_time(bench: Bench) -> int:
    return bench.clock.market_ms()
