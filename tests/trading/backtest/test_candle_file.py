"""Candle files: every shape that is read, and every kind of rubbish that is refused with file, row and reason."""

from __future__ import annotations

import decimal
import gzip
import os
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import ROOT, shared
from trading.backtest.candle_file import CandleFile, load
from trading.core.errors import BadInput

MINUTE = 60_000
START = 1_756_684_800_000
HEADER = "timestamp_ms,open,high,low,close,volume"
ROWS = [f"{START + at * MINUTE},{100 + at % 7},{103 + at % 7},{97 + at % 7},{101 + at % 7},1.5" for at in range(30)]
KLINE = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
DOCUMENTED = (
    "Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades,"
    "Taker buy base asset volume,Taker buy quote asset volume,Ignore"
)


def table() -> pd.DataFrame:
    frame = pd.DataFrame([row.split(",") for row in ROWS], columns=HEADER.split(",")).astype(float)
    return frame.astype({"timestamp_ms": "int64"})


def read(path: Path) -> CandleFile:
    """Loads without a warning of any library."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load(path, MINUTE)


def check_same(file: CandleFile) -> None:
    frame, candles = table(), file.candles
    assert candles.time.dtype == np.int64
    assert candles.time.tolist() == frame["timestamp_ms"].tolist()
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(candles, name).tolist() == frame[name].tolist(), name


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        read(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert said.count(str(path)) == 1 and "\n" not in said and len(said) < len(str(path)) + 300
    assert caught.value.text("ko") != said
    return said


def written(folder: Path, *lines: str, name: str = "c.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# -- what is read ------------------------------------------------------------------------------------------------------


def klines(scale: Callable[[int], int] = lambda _row: 1) -> list[str]:
    return [
        f"{int(row.split(',')[0]) * scale(at)},{row.split(',', 1)[1]},{START},1,1,1,1,0" for at, row in enumerate(ROWS)
    ]


@pytest.mark.parametrize(
    "lines",
    [
        [HEADER, *ROWS],
        [KLINE, *klines()],
        [DOCUMENTED, *klines()],
        klines(),
        klines(lambda _row: 1000),
        klines(lambda row: 1000 if row >= 12 else 1),  # files of 2024 and 2025 put together
        [HEADER, *(row.replace(",", ", ") for row in ROWS)],
        [HEADER.replace(",", " , ").upper(), *ROWS],
        ["", HEADER, *ROWS[:4], "", "", *ROWS[4:], ""],
        ["﻿" + HEADER, *ROWS],
        [HEADER, *(f'"{row.replace(",", chr(34) + "," + chr(34))}"' for row in ROWS)],
        [HEADER, *(row.replace(",", ".0,", 1) for row in ROWS)],
    ],
    ids="plain kline documented bare micro both spaced upper blanks bom quoted float".split(),  # noqa: SIM905
)
def test_every_shape_of_csv_is_the_same_candles(lines: list[str], tmp_path: Path) -> None:
    check_same(read(written(tmp_path, *lines)))


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Seoul", "America/New_York"])
@pytest.mark.parametrize("name", ["date", "DateTime", "time", "timestamp"])
def test_dates_with_and_without_a_zone(zone: str | None, name: str, tmp_path: Path) -> None:
    moments = pd.to_datetime(table()["timestamp_ms"], unit="ms", utc=True)
    shown = moments.dt.tz_localize(None) if zone is None else moments.dt.tz_convert(zone)
    frame = table().drop(columns="timestamp_ms")
    frame.insert(0, name, shown)
    frame.to_csv(tmp_path / "c.csv", index=False)
    check_same(read(tmp_path / "c.csv"))


def test_packed_csv(tmp_path: Path) -> None:
    plain = "\n".join([HEADER, *ROWS]).encode()
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(plain))
    for name in ("c.csv.zip", "c.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("inside/c.csv", plain)
    for name in ("c.csv.gz", "c.csv.zip", "c.zip"):
        check_same(read(tmp_path / name))


def stamped(frame: pd.DataFrame) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.to_datetime(frame["timestamp_ms"], unit="ms", utc=True))


PARQUETS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "plain": lambda frame: frame,
    "index of ms": lambda frame: frame.set_index("timestamp_ms"),
    "index named": lambda frame: frame.drop(columns="timestamp_ms").set_axis(stamped(frame).rename("Date")),
    "index unnamed": lambda frame: frame.drop(columns="timestamp_ms").set_axis(stamped(frame).rename(None)),
    "index KST": lambda frame: frame.drop(columns="timestamp_ms").set_axis(stamped(frame).tz_convert("Asia/Seoul")),
    "index naive": lambda frame: frame.drop(columns="timestamp_ms").set_axis(
        stamped(frame).tz_localize(None).rename("time")
    ),
    "dates": lambda frame: frame.assign(timestamp_ms=stamped(frame)).rename(columns={"timestamp_ms": "date"}),
    "dates ns": lambda frame: frame.assign(timestamp_ms=stamped(frame).as_unit("ns")),
    "dates s": lambda frame: frame.assign(timestamp_ms=stamped(frame).as_unit("s")),
    "text": lambda frame: frame.astype(str),
    "floats": lambda frame: frame.astype(float),
    "decimals": lambda frame: frame.assign(open=[decimal.Decimal(str(one)) for one in frame["open"]]),
    "nullable": lambda frame: frame.astype({"open": "Float64", "timestamp_ms": "Int64"}),
}


@pytest.mark.parametrize("shape", PARQUETS)
def test_every_shape_of_parquet_is_the_same_candles(shape: str, tmp_path: Path) -> None:
    made = PARQUETS[shape](table())
    if shape == "text":
        made["timestamp_ms"] = table()["timestamp_ms"]
    if shape == "index KST":
        made.index.name = None
    made.to_parquet(tmp_path / "c.parquet")
    check_same(read(tmp_path / "c.parquet"))


@pytest.mark.parametrize("nothing", ["", " ", "nan", "null"])
def test_an_empty_volume_is_none_and_noted(nothing: str, tmp_path: Path) -> None:
    file = read(written(tmp_path, HEADER, *(row.rsplit(",", 1)[0] + "," + nothing for row in ROWS)))
    assert file.without_volume
    assert not file.candles.volume.any()


def test_prices_outside_low_and_high_are_counted_not_changed(tmp_path: Path) -> None:
    rows = [*ROWS[:3], f"{START + 3 * MINUTE},120,110,90,100,1", f"{START + 4 * MINUTE},100,110,90,80,1"]
    file = read(written(tmp_path, HEADER, *rows))
    assert file.outside == 2
    assert file.candles.open[3] == 120 and file.candles.close[4] == 80
    assert read(written(tmp_path, HEADER, *ROWS)).outside == 0


def test_no_recorded_candle_lies_outside_its_bounds() -> None:
    shared()
    found = 0
    for path in sorted(ROOT.glob("*/*.csv")):
        if path.parent.name != "expected" and "funding" not in path.name:
            assert read(path).outside == 0, path
            found += 1
    assert found > 10


# -- what is refused ---------------------------------------------------------------------------------------------------


def with_row(text: str, line: int = 7) -> list[str]:
    """The good file, its `line` (the header is 1) replaced."""
    return [HEADER, *ROWS[: line - 2], text, *ROWS[line - 1 :]]


AT = START + 5 * MINUTE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{AT},"1,000",1001,999,1000,1', "row 7: open is '1,000', not a number"),
        (f"{AT},1,000,1001,999,1000,1", "row 7: 7 values for 6 columns"),
        (f"{AT},1,000,1,001,999,1,000,1", "row 7: 9 values for 6 columns"),
        (f"{AT},100,101,99", "row 7: close is nan"),
        (f"{AT},100,99,101,100,1", "row 7: high is under low"),
        (f"{AT},0,101,99,100,1", "row 7: open is zero or negative"),
        (f"{AT},100,101,99,-100,1", "row 7: close is zero or negative"),
        (f"{AT},100,inf,99,100,1", "row 7: high is inf"),
        (f"{AT},100,1e400,99,100,1", "row 7: high is inf"),
        (f"{AT},100,-inf,99,100,1", "row 7: high is -inf"),
        (f"{AT},NaN,101,99,100,1", "row 7: open is nan"),
        (f"{AT},true,101,99,100,1", "row 7: open is 'true', not a number"),
        (f"{AT},0x64,101,99,100,1", "row 7: open is '0x64', not a number"),
        (f"{AT},1_00,101,99,100,1", "row 7: open is '1_00', not a number"),
        (f"{AT},100원,101,99,100,1", "row 7: open is '100원', not a number"),
        (f"{AT},100,101,99,100,-1", "row 7: volume is negative"),
        (f"{AT - MINUTE},100,101,99,100,1", "row 7: its time is not after the row before"),
        (f"{AT - 5 * MINUTE},100,101,99,100,1", "row 7: its time is not after the row before"),
        (f"{AT // 1000},100,101,99,100,1", "row 7: its time is not after the row before"),
        (f"{AT}.5,100,101,99,100,1", "row 7: '1756685100000.5' is not a time in ms"),
        ("inf,100,101,99,100,1", "row 7: 'inf' is not a time in ms"),
        (",100,101,99,100,1", "row 7: the time is missing"),
        ("soon,100,101,99,100,1", "row 7: 'soon' is not a time in ms"),
        ("2025-09-01,100,101,99,100,1", "row 7: '2025-09-01' is not a time in ms"),
        (f"{AT}000000,100,101,99,100,1", "row 7: the time 1756685100000000000 lies in no year"),
        ("-1,100,101,99,100,1", "row 7: the time -1 lies in no year"),
        ('"' + f"{AT},100,101,99,100,1", "EOF inside string"),
        ("x" * 100_000, "row 7: 'xxxx"),
    ],
)
def test_a_bad_row_is_named_with_its_reason(text: str, said: str, tmp_path: Path) -> None:
    assert said in refusal(written(tmp_path, *with_row(text)))


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (lambda ms: str(ms // 1000), "row 2: the time 1756684800 looks like seconds"),
        (lambda ms: f"{ms}000000", "row 2: the time 1756684800000000000 lies in no year"),
        (lambda ms: f"{ms}000000000000", "row 2: '1756684800000000000000000' is not a"),
        (lambda ms: "True", "row 2: 'True' is not a date"),
    ],
)
def test_times_of_another_scale(time: Callable[[int], str], said: str, tmp_path: Path) -> None:
    rows = [f"{time(int(row.split(',')[0]))},{row.split(',', 1)[1]}" for row in ROWS]
    assert said in refusal(written(tmp_path, HEADER, *rows))


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (["50000-01-01 00:00", "50000-01-01 00:01"], "row 2: '50000-01-01 00:00' is not a date"),
        (["2025-09-01 00:00", "09/01/2025 00:01"], "row 3: '09/01/2025 00:01' is not a date"),
        (["2025-09-01 00:00", "2025-09-31 00:01"], "row 3: '2025-09-31 00:01' is not a date"),
        (["2025-09-01T00:00Z", "2025-09-01T00:01+09:00"], "row 3: its time is not after the row before"),
        (["2025-09-01T00:00Z", ""], "row 3: 'nan' is not a date"),
        (["0001-01-01", "0001-01-02"], "row 2: the time 0001-01-01 lies in no year"),
    ],
)
def test_dates_that_are_none(dates: list[str], said: str, tmp_path: Path) -> None:
    path = written(tmp_path, HEADER.replace("timestamp_ms", "date"), *(f"{date},1,1,1,1,1" for date in dates))
    assert said in refusal(path)


def test_dates_of_several_zones_in_one_file_are_read_each_as_it_says(tmp_path: Path) -> None:
    dates = ["2025-09-01 00:00", "2025-09-01T09:01+09:00", "2025-09-01T00:02Z"]
    path = written(tmp_path, HEADER.replace("timestamp_ms", "date"), *(f"{date},1,1,1,1,1" for date in dates))
    assert read(path).candles.time.tolist() == [START, START + MINUTE, START + 2 * MINUTE]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no candles in this file"),
        (b"\n\n \n", "no candles in this file"),
        ("﻿".encode(), "no candles in this file"),
        (HEADER.encode(), "no candles in this file"),
        (HEADER.replace("open", "Close").encode() + b"\n1,1,1,1,1,1", "column 'close' comes twice"),
        (HEADER.replace("open", "close").encode() + b"\n1,1,1,1,1,1", "column 'close' comes twice"),
        (f"{HEADER},magic\n".encode(), "unknown column 'magic'"),
        (HEADER.replace(",volume", "").encode() + b"\n1,1,1,1,1", "column 'volume' is missing"),
        (HEADER.replace("timestamp_ms", "when").encode(), "unknown column 'when' where the time stands"),
        ("\n".join([HEADER, *(row + ",7" for row in ROWS)]).encode(), "row 2: 7 values for 6 columns"),
        ("\n".join(ROWS).encode(), "row 1: a header is missing"),
        ("\n".join(row + ",1" for row in klines()).encode(), "row 1: a header is missing"),
        (os.urandom(3000) + b"\xff\xfe", ""),
        (b"\0" * 50_000, "where the time stands"),
        ("\n".join([HEADER, *ROWS]).encode("utf-16"), "no text in UTF-8"),
        (f"시각,{HEADER}".encode("cp949"), "no text in UTF-8"),
        (",".join(f"c{at}" for at in range(200_000)).encode(), "unknown column 'c0'"),
        (HEADER.replace(",", ";").encode(), "where the time stands"),
        (b"x" * 3_000_000, "where the time stands"),
    ],
)
def test_a_file_that_is_no_table_of_candles(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(content)
    assert said in refusal(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    for suffix in (".csv", ".parquet", ".zip"):
        (tmp_path / f"folder{suffix}").mkdir()
        assert "a folder" in refusal(tmp_path / f"folder{suffix}")
        assert "there is no such file" in refusal(tmp_path / f"missing{suffix}")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "not a file" in refusal(tmp_path / "pipe.csv")
    (tmp_path / "self.csv").symlink_to(tmp_path / "self.csv")
    assert "no such file" in refusal(tmp_path / "self.csv")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is open to this user")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, *ROWS)
    path.chmod(0)
    assert "Permission denied" in refusal(path)


@pytest.mark.parametrize("suffix", [".csv.gz", ".zip", ".parquet"])
@pytest.mark.parametrize("keep", [0, 1, 10, 60, -20])
def test_a_cut_or_broken_archive(suffix: str, keep: int, tmp_path: Path) -> None:
    path = tmp_path / f"c{suffix}"
    table().to_parquet(path) if suffix == ".parquet" else table().to_csv(path, index=False)
    path.write_bytes(path.read_bytes()[:keep])
    refusal(path)
    path.write_bytes(b"garbage" * 50)
    refusal(path)


def test_an_archive_of_two_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, "\n".join([HEADER, *ROWS]))
    assert "2 files in it" in refusal(tmp_path / "c.zip")


def test_rows_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    bad = f"{AT},100,99,101,100,1"
    assert "row 10:" in refusal(written(tmp_path, "", HEADER, "", *ROWS[:3], "", *ROWS[3:5], bad))
    bare = f"{START + 2 * MINUTE},100,99,101,100,1,{START},1,1,1,1,0"
    assert "row 3:" in refusal(written(tmp_path, *klines()[:2], bare, *klines()[3:], name="k.csv"))
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress("\n".join(with_row(bad)).encode()))
    assert "row 7:" in refusal(tmp_path / "c.csv.gz")
    frame = table()
    frame.loc[5, "high"] = 1.0
    frame.to_parquet(tmp_path / "c.parquet")
    assert "row 6:" in refusal(tmp_path / "c.parquet")  # the sixth candle: a table has no line for its header


@given(
    column=st.sampled_from(["timestamp_ms", "open", "high", "low", "close", "volume"]),
    row=st.integers(0, 29),
    text=st.text(st.characters(codec="utf-8", exclude_characters="\n\r\"'"), max_size=12)
    | st.floats().map(repr)
    | st.integers().map(str),
)
def test_any_one_cell_is_read_or_refused_by_its_row(column: str, row: int, text: str) -> None:
    cells = [line.split(",") for line in ROWS]
    cells[row][HEADER.split(",").index(column)] = text
    try:
        with tempfile.TemporaryDirectory() as folder:
            candles = read(written(Path(folder), HEADER, *(",".join(line) for line in cells))).candles
    except BadInput as error:
        said = str(error)
        allowed = {row + 2, row + 3} if column == "timestamp_ms" else {row + 2}
        assert any(f"row {one}:" in said for one in allowed), said
        return
    assert len(candles) == 30
    assert (np.diff(candles.time) > 0).all() and (candles.low > 0).all() and (candles.high >= candles.low).all()


@given(st.binary(max_size=300), st.sampled_from([".csv", ".csv.gz", ".zip", ".parquet"]))
def test_any_bytes_are_refused_without_a_crash(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"c{suffix}"
        path.write_bytes(content)
        refusal(path)


def test_numbers_are_read_to_the_last_bit(tmp_path: Path) -> None:
    prices = np.exp(np.random.default_rng(1).normal(0, 12, 5_000))
    rows = [f"{START + at * MINUTE},{p!r},{p!r},{p!r},{p!r},{p!r}" for at, p in enumerate(prices.tolist())]
    assert read(written(tmp_path, HEADER, *rows)).candles.open.tolist() == prices.tolist()
