"""How often a desk writes and asks: files follow decisions and not ticks, histories are read within their allowance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.bot_in_process import Setting, bot_in_process
from trading.live.feed import PAGE, PAGES_AT_ONCE, PAGES_PER_S

QUICK_S = 0.2


@contextmanager
def warm(folder: Path, symbols: int = 4) -> Iterator[Setting]:
    with bot_in_process(folder, symbols, "macd") as setting:
        setting.warm()
        yield setting


def content(folder: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return read


def until_holding(setting: Setting) -> None:
    for _ in range(4_000):
        setting.move()
        setting.step()
        assert setting.desk.trader is not None
        if setting.desk.trader.portfolio.positions:
            return
    raise AssertionError("nothing was bought")


def to_the_next_minute(setting: Setting) -> None:
    """The candle that has just opened is decided on; the minute after this has no more news than prices."""
    opened = setting.clock.now_ms // 60_000
    while setting.clock.now_ms // 60_000 == opened:
        setting.move()
        setting.step()
    setting.move()
    setting.step()


def test_prices_alone_rewrite_the_portfolio_once_a_second_and_no_decisions(tmp_path: Path) -> None:
    names = ("upbit_portfolio.json", "decisions.json", "bot_status.json")
    with warm(tmp_path) as setting:
        assert setting.desk.trader is not None
        for _ in range(20):  # ten seconds in which a position is held and nothing is traded
            until_holding(setting)
            to_the_next_minute(setting)
            orders, before = setting.venue.submitted, [content(tmp_path, name)["seq"] for name in names]
            for _ in range(50):
                setting.move(QUICK_S)
                setting.step()
            if setting.venue.submitted == orders and setting.desk.trader.portfolio.positions:
                break
        else:
            raise AssertionError("it never held still")
        portfolio, decisions, status = (
            content(tmp_path, name)["seq"] - seq for name, seq in zip(names, before, strict=True)
        )
        assert 9 <= portfolio <= 11
        assert (decisions, status) == (0, 50)


def test_a_fill_is_in_the_portfolio_after_its_step(tmp_path: Path) -> None:
    with warm(tmp_path) as setting:
        seen = 0
        for _ in range(4_000):
            orders = setting.venue.submitted
            setting.move(QUICK_S * 3)
            setting.step()
            if setting.venue.submitted > orders:
                shown = content(tmp_path, "upbit_portfolio.json")
                assert len(shown["trade_history"]) == setting.venue.submitted
                assert setting.desk.trader is not None
                assert set(shown["positions"]) == set(setting.desk.trader.portfolio.positions)
                seen += 1
            if seen == 3:
                return
        raise AssertionError("too few fills")


def test_a_portfolio_that_was_deleted_or_torn_is_back_after_one_step(tmp_path: Path) -> None:
    with warm(tmp_path) as setting:
        file = tmp_path / "upbit_portfolio.json"
        for harm in (file.unlink, lambda: file.write_text('{"schema": 1')):
            harm()
            setting.move(QUICK_S)
            setting.step()
            assert content(tmp_path, file.name)["venue"] == "upbit"


def test_every_decision_of_a_closed_candle_is_told(tmp_path: Path) -> None:
    with warm(tmp_path) as setting:
        to_the_next_minute(setting)
        assert setting.desk.trader is not None
        told = content(tmp_path, "decisions.json")["venues"]["upbit"]
        assert set(told) == set(setting.desk.trader.walks)
        for symbol, walk in setting.desk.trader.walks.items():
            assert told[symbol]["candle_ms"] == walk.candle_ms


def test_histories_are_read_within_their_allowance(tmp_path: Path) -> None:
    """No step asks for much more than may go at once, and over time no more than is earned."""
    with bot_in_process(tmp_path, 30, "macd") as setting:
        pages: list[int] = []
        candles = setting.venue.candles

        def counted(symbol: str, timeframe: str, count: int, end_ms: int | None = None) -> Any:
            if timeframe == "1m":
                pages[-1] += -(-count // PAGE)
            return candles(symbol, timeframe, count, end_ms)

        setting.venue.candles = counted  # type: ignore[method-assign]
        longest = 0
        for _ in range(200):
            pages.append(0)
            setting.move(1.0)
            setting.step()
            trader = setting.desk.trader
            if trader and all(walk.look is not None for walk in trader.walks.values()):
                break
        else:
            raise AssertionError("histories were not read")
        window = setting.desk.feed.rule.window(60_000)
        longest = -(-window // PAGE)
        assert sum(pages) >= 30 * longest
        assert max(pages) <= PAGES_AT_ONCE + longest
        assert sum(pages) <= PAGES_AT_ONCE + PAGES_PER_S * len(pages) + longest
