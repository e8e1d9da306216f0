"""A data folder as a running demo bot leaves it, written through the bot's own writers; seeded, no clock of its own."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from trading.ipc import history
from trading.ipc.decisions import Decisions, DecisionsFile, SymbolDecision
from trading.ipc.history import EquityLine
from trading.ipc.market import Market, MarketFile, Quote, VenueMarket
from trading.ipc.outcomes import Outcome, OutcomesFile
from trading.ipc.portfolio import (
    Foreign,
    Metadata,
    OpenOrder,
    Portfolio,
    PortfolioFile,
    Position,
    Trade,
    portfolio,
    trade,
)
from trading.ipc.status import BotStatus, Job, Latch, Override, Settings, StatusFile, VenueStatus

NOW_MS = 1_795_136_400_000  # 2026-11-20 10:00 KST
MINUTE_MS = 60_000
SYMBOLS = ("BTC/KRW", "ETH/KRW", "XRP/KRW", "SOL/KRW", "DOGE/KRW", "ADA/KRW")
PRICES = dict(zip(SYMBOLS, (151_230_000, 4_861_000, 3_412, 287_450, 412.5, 1_108), strict=True))


def venue_status(**changes: object) -> VenueStatus:
    """Upbit, ready, with the demo preset."""
    plain = VenueStatus(
        state="ready",
        reconciled_ms=NOW_MS - 8_000,
        stream_age_s=0.4,
        requests_per_minute=31,
        clock_offset_ms=-12,
        strategy="macd",
        preset="demo",
        timeframe="1m",
        symbols=SYMBOLS,
        regime="up",
        market_condition="neutral",
        trades_today=14,
        max_positions=5,
        positions=3,
        win_rate_percent=55.0,
        kelly_fraction=0.042,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def status(now_ms: int = NOW_MS, **changes: object) -> BotStatus:
    """A running demo bot."""
    plain = BotStatus(
        status="running",
        loop_seconds=3.0,
        market_time_ms=now_ms,
        mode="demo",
        version="0.1.0",
        pid=4711,
        boot_id="c0ffee",
        started_ms=now_ms - 7_200_000,
        cpu=3.1,
        memory=148.2,
        warmup_current=3,
        warmup_total=3,
        equity_krw=Decimal("1003211"),
        day_pnl_krw=Decimal("3211"),
        day_pnl_percent=0.32,
        usdt_krw=1412.0,
        kimchi_premium_percent=1.8,
        venues={"upbit": venue_status()},
        jobs=(
            Job(name="find_best_k", last_ms=now_ms - 3_600_000, last_result="k 0.50 -> 0.45", next_ms=now_ms + 600_000),
            Job(name="daily_summary", next_ms=now_ms + 9_000_000),
        ),
        settings=Settings(
            overrides={"take_profit_percent": Override(value=Decimal("0.04"), by="dashboard", at_ms=now_ms - 500_000)}
        ),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def _position(symbol: str, quantity: str, entry: float, percent: float, minutes: int, now_ms: int) -> Position:
    last = Decimal(repr(PRICES[symbol]))
    bought = Decimal(repr(entry))
    return Position(
        market="KRW-" + symbol.split("/")[0],
        quantity=Decimal(quantity),
        entry_price=bought,
        entry_ms=now_ms - minutes * MINUTE_MS,
        last_price=last,
        high_water=max(last, bought),
        stop=(bought * Decimal("0.99")).quantize(Decimal("0.1")),
        stop_reason="stop_loss",
        take_profit=(bought * Decimal("1.015")).quantize(Decimal("0.1")),
        guarded_by="bot",
        pnl=((last - bought) * Decimal(quantity)).quantize(Decimal("0.01")),
        pnl_percent=percent,
        strategy="macd",
    )


def trades(now_ms: int = NOW_MS, count: int = 60, seed: int = 7) -> tuple[Trade, ...]:
    """Round trips, oldest first: a buy and some minutes later its sale."""
    chance = random.Random(seed)
    rows: list[Trade] = []
    for number in range(count):
        symbol = chance.choice(SYMBOLS)
        bought = Decimal(repr(PRICES[symbol])) * Decimal(repr(round(chance.uniform(0.96, 1.03), 4)))
        change = chance.choice((0.015, 0.015, -0.01, -0.01, 0.004))
        sold = bought * Decimal(repr(1 + change))
        quantity = (Decimal(100_000) / bought).quantize(Decimal("0.00000001"))
        at_ms = now_ms - (count - number) * 9 * MINUTE_MS
        fee = (Decimal(100_000) * Decimal("0.0005")).quantize(Decimal("0.01"))
        common = {"symbol": symbol, "quantity": quantity, "fee": fee, "strategy": "macd"}
        rows.append(trade(time_ms=at_ms, type="BUY", price=bought, reason="entry", **common))  # type: ignore[arg-type]
        reason = "take_profit" if change > 0.01 else "stop_loss" if change < 0 else "exit_signal"
        pnl = ((sold - bought) * quantity - 2 * fee).quantize(Decimal("0.01"))
        closing = {"pnl": pnl, "pnl_percent": round(change * 100 - 0.1, 2), "slippage_percent": 0.02}
        rows.append(
            trade(time_ms=at_ms + 5 * MINUTE_MS, type="SELL", price=sold, reason=reason, **common, **closing)  # type: ignore[arg-type]
        )
    return tuple(rows)


def upbit(now_ms: int = NOW_MS, **changes: object) -> Portfolio:
    """Three positions, one open order, one holding that is not the bot's."""
    details = {
        "BTC/KRW": _position("BTC/KRW", "0.0006612", 150_100_000, 0.65, 42, now_ms),
        "ETH/KRW": _position("ETH/KRW", "0.02043", 4_895_000, -0.79, 187, now_ms),
        "XRP/KRW": _position("XRP/KRW", "29.31691", 3_405.5, 0.09, 3, now_ms),
    }
    plain = portfolio(
        venue="upbit",
        currency="KRW",
        initial_capital=Decimal(1_000_000),
        current_capital=Decimal("703872.41"),
        equity=Decimal("1003211"),
        realized_pnl=Decimal("2958.3"),
        unrealized_pnl=Decimal("252.7"),
        details=details,
        foreign={"ETC/KRW": Foreign(quantity=Decimal("12.5"), average_price=Decimal("31250"))},
        metadata=Metadata(strategy="macd", preset="demo", timeframe="1m", selected_symbols=SYMBOLS),
        open_orders=(
            OpenOrder(
                id="ab12",
                venue_id="9f0c",
                symbol="SOL/KRW",
                side="buy",
                type="limit",
                price=Decimal("286900"),
                quantity=Decimal("0.3485"),
                filled=Decimal("0.1"),
                state="PARTIAL",
                created_ms=now_ms - 20_000,
            ),
        ),
        trade_history=trades(now_ms),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def decisions(now_ms: int = NOW_MS) -> Decisions:
    """One decision for each symbol: a gate, a missing condition, too little data."""
    macd = {"macd": Decimal("1532.25"), "signal": Decimal("1498.11")}

    def one(action: str, cross: bool, gate: str | None, numbers: dict[str, object], ko: str, en: str) -> SymbolDecision:
        return SymbolDecision(
            candle_ms=now_ms - MINUTE_MS,
            action=action,  # type: ignore[arg-type]
            confidence=0.71 if cross else 0.0,
            strategy="macd",
            conditions={"golden_cross": cross, "filter:trend": True} if action != "WAIT" else {},
            gate=gate,
            numbers=numbers,
            text_ko=ko,
            text_en=en,
        )

    calm = one("HOLD", False, None, dict(macd), "골든크로스가 아직 아닙니다.", "No golden cross yet.")
    full = {**macd, "positions": 5, "limit": 5}
    rows = dict.fromkeys(SYMBOLS[:3], calm)
    rows["SOL/KRW"] = one(
        "HOLD", True, "max_positions", full, "포지션 수가 한도에 닿아 사지 않습니다.", "The position limit is reached."
    )
    rows["DOGE/KRW"] = one("BUY", True, None, dict(macd), "골든크로스: 매수합니다.", "Golden cross: buying.")
    rows["ADA/KRW"] = one("WAIT", False, None, {}, "데이터가 부족합니다 (81/130).", "Not enough data (81/130).")
    return Decisions(venues={"upbit": rows})


def equity_lines(now_ms: int = NOW_MS, minutes: int = 1_440, seed: int = 7) -> list[EquityLine]:
    """A day of minutes."""
    chance = random.Random(seed)
    value, lines = 1_000_000.0, []
    for minute in range(minutes, 0, -1):
        value += chance.gauss(2.0, 180.0) + 14.0 * math.sin(minute / 90)
        amount = Decimal(repr(round(value, 2)))
        lines.append(
            EquityLine(
                time_ms=now_ms - minute * MINUTE_MS,
                venue="upbit",
                currency="KRW",
                equity=amount,
                cash=amount * Decimal("0.7"),
                cause="minute",
            )
        )
    return lines


def outcome(command_id: str, state: str, now_ms: int = NOW_MS, kind: str = "pause") -> Outcome:
    """What the bot says of a command."""
    said = {"done": ("진입을 멈췄습니다.", "Entries are off."), "refused": ("거절했습니다.", "Refused.")}
    ko, en = said.get(state, ("", ""))
    return Outcome(
        id=command_id,
        kind=kind,
        state=state,  # type: ignore[arg-type]
        detail_ko=ko,
        detail_en=en,
        issued_by="dashboard",
        at_ms=now_ms,
        effect={},
    )


LATCH = Latch(venue="upbit", gate="drawdown_limit", since_ms=NOW_MS - 600_000, detail="-10.2 % from peak")


def write(folder: Path, now_ms: int = NOW_MS) -> Path:
    """Writes the whole folder (data and, beside it, the log) and returns it."""
    StatusFile(folder).publish(status(now_ms), now_ms)
    PortfolioFile(folder, "upbit").publish(upbit(now_ms), now_ms)
    DecisionsFile(folder).publish(decisions(now_ms), now_ms)
    quotes = {
        symbol: Quote(price=Decimal(repr(price)), change_24h_percent=1.2, time_ms=now_ms)
        for symbol, price in PRICES.items()
    }
    MarketFile(folder).publish(
        Market(venues={"upbit": VenueMarket(currency="KRW", prices=quotes, timeframes={}, forecasts={})}), now_ms
    )
    earlier = [outcome("old-1", "done", now_ms - 900_000), outcome("old-2", "refused", now_ms - 600_000, "set")]
    OutcomesFile(folder, earlier).publish(now_ms)
    history.rewrite(folder, equity_lines(now_ms))
    write_log(folder)
    return folder


def write_log(folder: Path, lines: int = 260) -> None:
    """A log in the folder `logs` inside the data folder."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    rows = []
    for number in range(lines):
        clock = f"2026-11-20 09:{number // 60 % 60:02d}:{number % 60:02d}"
        said = (
            "INFO [HOLD] 진입 보류: max_positions positions 5 limit 5",
            "INFO [WAIT] 데이터 부족",
            "INFO 매수 완료 BTC/KRW 0.00066 @ 150,100,000원",
            "WARNING 슬리피지 0.7 % (ETH/KRW)",
            "INFO 매도 완료 ETH/KRW 0.0204 @ 4,861,000원 (손절)",
            "ERROR 거래소 응답 시간 초과, 다시 묻는 중",
        )[number % 6]
        rows.append(f"{clock} {said} #{number}")
    (logs / "trading_bot.log").write_text("\n".join(rows) + "\n", "utf-8")
