"""The status block: what it shows, in both languages. And the figures of the process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.texts import catalogue
from trading.core.calendar import HOUR_MS
from trading.ipc.status import BotState, VenueState
from trading.live.clock import SystemClock
from trading.live.process import ProcessMeter
from trading.live.report_block import BlockFacts, PositionFacts, VenueFacts, report_block

NOW = 1_763_600_400_000  # 2025-11-20 10:00:00 KST

POSITION = PositionFacts(
    symbol="BTC/KRW",
    quantity=Decimal("0.0015"),
    entry_price=Decimal("151000000"),
    last_price=Decimal("152000000"),
    pnl=Decimal("1386.75"),
    pnl_percent=0.612,
    entry_ms=NOW - 90 * 60_000,
)
VENUE = VenueFacts(
    venue="upbit",
    currency="KRW",
    state="ready",
    strategy="macd",
    market_condition="neutral",
    cash=Decimal("775211.4"),
    equity=Decimal("1003211"),
    day_pnl=Decimal("3211"),
    day_pnl_percent=0.3211,
    win_rate_percent=55.0,
    kelly_fraction=0.042,
    trades_today=4,
    max_trades_per_day=10,
    max_positions=3,
    positions=(POSITION,),
)
FACTS = BlockFacts(
    market_ms=NOW,
    mode="demo",
    status="running",
    equity_krw=Decimal("1003211"),
    day_pnl_krw=Decimal("3211"),
    day_pnl_percent=0.32,
    venues=(VENUE,),
)


def test_korean() -> None:
    assert report_block(FACTS, "ko").split("\n") == [
        "2025-11-20 10:00:00 KST | 모드 demo | 상태 실행 중",
        "[upbit] 전략 macd | 시장 중립 | 상태 준비됨",
        "  현금 775,211 KRW | 평가 자산 1,003,211 KRW | 오늘 손익 +3,211 KRW (+0.32 %)",
        "  승률 55.00 % | 켈리 4.20 % | 오늘 거래 4/10 | 보유 1/3",
        "  - BTC/KRW: 수량 0.0015, 매수가 151,000,000, 현재가 152,000,000, 손익 +1,387 KRW (+0.61 %), 보유 1.5시간",
    ]


def test_english() -> None:
    assert report_block(FACTS, "en").split("\n") == [
        "2025-11-20 10:00:00 KST | mode demo | running",
        "[upbit] strategy macd | market neutral | ready",
        "  cash 775,211 KRW | equity 1,003,211 KRW | today +3,211 KRW (+0.32 %)",
        "  win rate 55.00 % | Kelly 4.20 % | trades today 4/10 | positions 1/3",
        "  - BTC/KRW: quantity 0.0015, entry 151,000,000, last 152,000,000, profit +1,387 KRW (+0.61 %), held 1.5 h",
    ]


def test_nothing_known_yet() -> None:
    venue = replace(
        VENUE,
        market_condition=None,
        cash=None,
        equity=None,
        day_pnl=None,
        day_pnl_percent=float("nan"),
        win_rate_percent=None,
        kelly_fraction=None,
        max_trades_per_day=0,
        max_positions=0,
        positions=(),
    )
    words = report_block(replace(FACTS, venues=(venue,)), "ko")
    assert "시장 모름" in words and "현금 모름" in words and "승률 모름" in words and "켈리 모름" in words
    assert "오늘 거래 4/무제한" in words and "보유 0/무제한" in words
    assert words.endswith("  보유 종목 없음")


@pytest.mark.parametrize("rounding", [ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN])
def test_several_venues_with_a_total_and_their_currencies(rounding: str) -> None:
    usdt = replace(VENUE, venue="binance_spot", currency="USDT", cash=Decimal("1000.005"), day_pnl=Decimal("-0.5"))
    with localcontext() as context:  # a library may have changed the thread's own
        context.rounding = rounding
        words = report_block(replace(FACTS, venues=(VENUE, usdt)), "en").split("\n")
    assert words[1] == "All: equity 1,003,211 KRW, today +3,211 KRW (+0.32 %)"
    assert [line for line in words if line.startswith("[")] == [
        "[upbit] strategy macd | market neutral | ready",
        "[binance_spot] strategy macd | market neutral | ready",
    ]
    assert "cash 1,000.00 USDT" in "\n".join(words) and "today -0.50 USDT" in "\n".join(words)
    assert report_block(replace(FACTS, venues=()), "ko").count("\n") == 1


def test_no_negative_zero() -> None:
    venue = replace(VENUE, day_pnl=Decimal("-0.2"), day_pnl_percent=-0.001, positions=())
    assert "today 0 KRW (0.00 %)" in report_block(replace(FACTS, venues=(venue,)), "en")


@pytest.mark.parametrize("state", [*BotState.__args__, *VenueState.__args__])
def test_every_state_has_words(state: str) -> None:
    assert f"log.state.{state}" in catalogue()


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15),
    st.floats(),
    st.integers(-HOUR_MS, 10**12),
    st.sampled_from(["ko", "en"]),
)
def test_any_figures_give_the_same_lines(amount: Decimal, share: float, age: int, lang: str) -> None:
    position = replace(POSITION, pnl=amount, pnl_percent=share, quantity=amount, last_price=amount, entry_ms=NOW - age)
    venue = replace(VENUE, cash=amount, equity=amount, day_pnl=amount, day_pnl_percent=share, positions=(position,))
    words = report_block(replace(FACTS, venues=(venue,)), lang)
    assert words.count("\n") == 4
    assert "E+" not in words and "-0 " not in words


# -- the process ---------------------------------------------------------------------------------------------------


@dataclass
class HandClock:
    seconds: float

    def wall_ms(self) -> int:
        return int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def market_ms(self) -> int:
        return self.wall_ms()


def test_the_first_reading_is_valid() -> None:
    figures = ProcessMeter(SystemClock()).read()
    assert figures.cpu > 0.0  # importing alone took some
    resident = psutil.Process().memory_info().rss / 1e6
    assert figures.memory == pytest.approx(resident, rel=0.3)


def test_cpu_between_two_readings() -> None:
    process = psutil.Process()
    clock = HandClock(process.create_time() + 1_000_000.0)
    meter = ProcessMeter(clock)
    first = meter.read().cpu
    assert first < 1.0  # a long life so far
    before = process.cpu_times()
    while (used := process.cpu_times().user - before.user) < 0.1:  # works until a tenth of a second is used
        sum(range(10_000))
    clock.seconds += 0.01
    assert meter.read().cpu == first  # too soon to tell
    clock.seconds += 0.09
    assert meter.read().cpu >= 100.0 * used / 0.1 * 0.5


def test_a_clock_set_back_gives_no_nonsense() -> None:
    clock = HandClock(5.0)
    meter = ProcessMeter(clock)
    assert meter.read().cpu == 0.0
