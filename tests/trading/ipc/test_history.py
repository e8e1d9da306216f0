"""History lines: where they go, what comes back, what harm does."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from tests.trading.ipc.samples import a_round_trip
from trading.ipc.history import EquityLine, EventLine, TradeLine, append, line_path, read, rewrite


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def point(text: str, equity: int = 1, venue: str = "upbit") -> EquityLine:
    return EquityLine(
        time_ms=ms(text), venue=venue, currency="KRW", equity=Decimal(equity), cash=Decimal("0.10"), cause="minute"
    )


def event(text: str, venue: str | None = None) -> EventLine:
    return EventLine(time_ms=ms(text), wall_ms=1, kind="alarm", venue=venue, text_ko="경보", text_en="alarm")


def test_each_kind_has_its_files_by_month_or_day(tmp_path: Path) -> None:
    trip = a_round_trip(ms("2025-11-20T23:59:59"))
    names = [
        line_path(tmp_path, line).relative_to(tmp_path).as_posix()
        for line in (
            trip,
            point("2025-11-20T23:59:59"),
            event("2025-11-20T00:00:00", "upbit"),
            event("2025-11-20T00:00:00"),
        )
    ]
    assert names == [
        "history/upbit/trades-2025-11.jsonl",
        "history/upbit/equity-2025-11-20.jsonl",
        "history/upbit/events-2025-11.jsonl",
        "history/events-2025-11.jsonl",
    ]


def test_lines_come_back_in_order_of_time_from_all_files_asked_for(tmp_path: Path) -> None:
    days = [f"2025-11-{day:02}T12:00:00" for day in (3, 1, 4, 2)]
    for place, day in enumerate(days):
        append(tmp_path, point(day, place))
        append(tmp_path, point(day, place, "bithumb"))
    lines = read(tmp_path, EquityLine, "upbit").lines
    assert [line.equity for line in lines] == [1, 3, 0, 2]
    assert lines[0] == point(days[1], 1)
    inside = read(tmp_path, EquityLine, "upbit", ms(days[3]), ms(days[2])).lines
    assert [line.equity for line in inside] == [3, 0]
    assert len(read(tmp_path, EquityLine).lines) == 8
    assert read(tmp_path, EquityLine, "stock").lines == ()


def test_events_of_the_bot_and_of_venues_are_read_together(tmp_path: Path) -> None:
    append(tmp_path, event("2025-11-02T00:00:00", "upbit"))
    append(tmp_path, event("2025-11-01T00:00:00"))
    assert [line.venue for line in read(tmp_path, EventLine).lines] == [None, "upbit"]
    assert len(read(tmp_path, EventLine, "upbit").lines) == 1


def test_lines_of_another_shape_are_left_out_and_counted(tmp_path: Path) -> None:
    append(tmp_path, a_round_trip())
    path = line_path(tmp_path, a_round_trip())
    path.write_bytes(path.read_bytes() + b'{"trip": "x"}\n' + path.read_bytes()[:50])
    seen = read(tmp_path, TradeLine, "upbit")
    assert seen.lines == (a_round_trip(),)
    assert seen.faulty == 2


def test_a_rewrite_makes_the_files_exactly_the_given_lines(tmp_path: Path) -> None:
    append(tmp_path, point("2025-11-01T12:00:00", 99))
    lines = [point("2025-11-01T12:00:00", 1), point("2025-11-01T12:01:00", 2), point("2025-11-02T00:00:00", 3)]
    rewrite(tmp_path, lines)
    assert list(read(tmp_path, EquityLine).lines) == lines
