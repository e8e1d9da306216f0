"""The equity curve and the end of the log."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from tests.ui.sample_folder import NOW_MS
from ui.view import curve, log_tail
from ui.view.curve import Point
from ui.voice import Voice


def test_the_range_cuts_and_the_gain_is_last_against_first(folder: Path, ko: Voice) -> None:
    hour, _ = curve.load(folder, "upbit", 1, NOW_MS)
    day, faulty = curve.load(folder, "upbit", 24, NOW_MS)
    assert (len(hour), len(day), faulty) == (60, 1_440, 0)
    shown = curve.curve(hour, 0, "KRW", ko)
    assert shown.gained == ko.gain(hour[-1].equity - hour[0].equity, "KRW")
    assert shown.high == ko.money(max(one.equity for one in hour), "KRW")


def test_the_chart_is_in_korean_time_and_colour(folder: Path, ko: Voice) -> None:
    lines, _ = curve.load(folder, "upbit", 1, NOW_MS)
    shown = curve.curve(lines, 0, "KRW", ko)
    spec = curve.chart(shown, "x")
    first = spec["series"][0]["data"][0]
    assert first == [lines[0].time_ms + 9 * 3_600_000, round(float(lines[0].equity), 2)]
    wanted = {"up": "#c84a31", "down": "#1261c4"}[shown.gained.tone]
    assert spec["series"][0]["lineStyle"]["color"] == wanted


def test_torn_lines_are_counted(folder: Path, ko: Voice) -> None:
    path = sorted((folder / "history" / "upbit").glob("equity-*.jsonl"))[-1]
    with path.open("a") as file:
        file.write('{"time_ms": 17\n{"time_ms": 5}\n')
    lines, faulty = curve.load(folder, "upbit", None, NOW_MS)
    assert (len(lines), faulty) == (1_440, 2)


def test_no_history(tmp_path: Path, ko: Voice) -> None:
    lines, faulty = curve.load(tmp_path, "upbit", 24, NOW_MS)
    assert curve.curve(lines, faulty, "KRW", ko).points == ()
    assert curve.files_mark(tmp_path, "upbit") == ()


def test_the_mark_changes_with_a_line(folder: Path) -> None:
    before = curve.files_mark(folder, "upbit")
    path = sorted((folder / "history" / "upbit").glob("equity-*.jsonl"))[-1]
    with path.open("a") as file:
        file.write("\n")
    assert curve.files_mark(folder, "upbit") != before


@given(some.lists(some.integers(-(10**9), 10**9), max_size=3_000), some.integers(10, 500))
def test_thinning_keeps_ends_and_extremes(values: list[int], most: int) -> None:
    points = [Point(place, Decimal(value)) for place, value in enumerate(values)]
    kept = curve.thin(points, most)
    assert len(kept) <= max(most + 4, 0)
    assert [one.time_ms for one in kept] == sorted({one.time_ms for one in kept})
    if points:
        assert (kept[0], kept[-1]) == (points[0], points[-1])
        assert min(one.equity for one in kept) == min(one.equity for one in points)
        assert max(one.equity for one in kept) == max(one.equity for one in points)


def test_the_last_lines_with_their_tones(folder: Path) -> None:
    seen = log_tail.tail(log_tail.find(folder, None))
    assert len(seen.lines) == 200
    assert seen.lines[-1].text.endswith("#259")
    tones = {one.text.split(" ")[2] + one.text.split(" ")[3]: one.tone for one in seen.lines}
    assert tones["INFO매수"] == "up"
    assert tones["INFO매도"] == "down"
    assert tones["WARNING슬리피지"] == "warn"
    assert tones["ERROR거래소"] == "bad"
    assert tones["INFO[HOLD]"] == "quiet"


def test_search_and_level(folder: Path) -> None:
    path = log_tail.find(folder, None)
    assert {one.tone for one in log_tail.tail(path, least="warn").lines} == {"warn", "bad"}
    assert all("btc/krw" in one.text.lower() for one in log_tail.tail(path, wanted="btc/krw").lines)


def test_a_log_that_is_not_there_or_no_file(tmp_path: Path) -> None:
    assert log_tail.tail(tmp_path / "none.log").missing
    assert log_tail.tail(tmp_path).problem
    assert log_tail.find(tmp_path, tmp_path / "other") == tmp_path / "other" / "trading_bot.log"


def test_a_log_of_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "trading_bot.log"
    path.write_bytes(b"\xff\xfe\x00\x1b[31mred\x1b[0m <script>\n" * 20_000)
    seen = log_tail.tail(path)
    assert len(seen.lines) == 200
    assert "\x1b" not in seen.lines[-1].text
    assert seen.lines[-1].text.endswith("red <script>")
