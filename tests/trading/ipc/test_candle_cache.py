"""candles.db: one writer, any readers, no harm from its absence."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from trading.core.candles import Candles
from trading.core.errors import BadInput
from trading.ipc.candle_store import CandleStore
from trading.ipc.candles import FILE, read_candles, read_symbols

MINUTE = 60_000


def series(start: int, count: int, seed: int = 1) -> Candles:
    steps = np.random.default_rng(seed).random((5, count)) * 100
    return Candles(np.arange(start, start + count) * MINUTE, *steps, MINUTE)  # type: ignore[call-arg]


def same(one: Candles, other: Candles) -> bool:
    names = ("time", "open", "high", "low", "close", "volume")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_candles_come_back_to_the_bit_for_store_and_reader(tmp_path: Path) -> None:
    store, made = CandleStore(tmp_path), series(10, 50)
    store.put("upbit", "BTC/KRW", made, 1)
    store.put("upbit", "ETH/KRW", series(10, 3), 1)
    assert same(read_candles(tmp_path, "upbit", "BTC/KRW", "1m"), made)
    assert same(store.get("upbit", "BTC/KRW", "1m", 500), made)
    assert same(read_candles(tmp_path, "upbit", "BTC/KRW", "1m", count=7), made[43:])
    assert same(store.get("upbit", "BTC/KRW", "1m", 7, until_ms=20 * MINUTE), made[3:10])
    part = read_candles(tmp_path, "upbit", "BTC/KRW", "1m", since_ms=12 * MINUTE, until_ms=15 * MINUTE)
    assert same(part, made[2:5])
    assert read_symbols(tmp_path) == (("upbit", "BTC/KRW", "1m"), ("upbit", "ETH/KRW", "1m"))
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    store.close()
    assert same(read_candles(tmp_path, "upbit", "BTC/KRW", "1m"), made)  # also when the writer is gone


def test_a_correction_is_stored_beside_what_was_seen_first(tmp_path: Path) -> None:
    store, first, later = CandleStore(tmp_path), series(0, 5, 1), series(2, 5, 2)
    assert store.put("upbit", "BTC/KRW", first, 1) == ()
    assert store.put("upbit", "BTC/KRW", first, 2) == ()
    assert store.put("upbit", "BTC/KRW", later, 3) == (2 * MINUTE, 3 * MINUTE, 4 * MINUTE)
    kept = store.get("upbit", "BTC/KRW", "1m", 10)
    assert same(kept[:5], first)
    assert same(kept[5:], later[3:])
    assert same(store.revisions("upbit", "BTC/KRW", "1m"), later[:3])
    store.put("upbit", "BTC/KRW", series(2, 1, 9), 4)
    assert same(store.revisions("upbit", "BTC/KRW", "1m")[:1], series(2, 1, 9))
    store.close()


def test_rows_that_are_not_finite_are_not_stored(tmp_path: Path) -> None:
    store, made = CandleStore(tmp_path), series(0, 3)
    made.close[1] = np.nan
    store.put("upbit", "BTC/KRW", made, 1)
    assert store.get("upbit", "BTC/KRW", "1m", 10).time.tolist() == [0, 2 * MINUTE]
    store.close()


def test_a_folder_with_a_strange_name_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / "데이터 100% #1?mode=rw"
    store = CandleStore(folder)
    store.put("upbit", "BTC/KRW", series(0, 3), 1)
    assert len(read_candles(folder, "upbit", "BTC/KRW", "1m")) == 3
    store.close()


def test_absence_is_an_empty_series(tmp_path: Path) -> None:
    assert len(read_candles(tmp_path, "upbit", "BTC/KRW", "1m")) == 0
    assert read_symbols(tmp_path) == ()
    assert not (tmp_path / FILE).exists()
    (tmp_path / FILE).write_bytes(b"")
    assert len(read_candles(tmp_path, "upbit", "BTC/KRW", "1m")) == 0
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    assert len(read_candles(tmp_path, "upbit", "BTC/KRW", "1m")) == 0
    assert read_symbols(tmp_path) == ()
    with pytest.raises(BadInput, match="7m"):
        read_candles(tmp_path, "upbit", "BTC/KRW", "7m")


def test_the_reader_cannot_write(tmp_path: Path) -> None:
    from trading.ipc.candles import open_read_only

    CandleStore(tmp_path).close()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        open_read_only(tmp_path / FILE).execute("DELETE FROM candles")


def test_a_damaged_cache_is_set_aside_and_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    store = CandleStore(tmp_path)
    store.put("upbit", "BTC/KRW", series(0, 3), 1)
    assert len(store.get("upbit", "BTC/KRW", "1m", 10)) == 3
    assert (tmp_path / "candles.db.damaged").exists()
    store.close()


def test_damage_that_shows_later_is_mended_too(tmp_path: Path) -> None:
    store = CandleStore(tmp_path)
    store.put("upbit", "BTC/KRW", series(0, 3_000), 1)
    store.close()
    content = bytearray((tmp_path / FILE).read_bytes())
    content[4096 * 3 :] = b"\xff" * (len(content) - 4096 * 3)
    (tmp_path / FILE).write_bytes(content)
    store = CandleStore(tmp_path)
    store.put("upbit", "BTC/KRW", series(0, 5), 1)
    assert len(store.get("upbit", "BTC/KRW", "1m", 10)) == 5
    store.close()


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    first, second = CandleStore(tmp_path), CandleStore(tmp_path, mend=False)
    made = series(0, 400)
    order = np.random.default_rng(3).permutation(100)

    def write(store: CandleStore, steps: list[int]) -> None:
        for step in steps:
            part = made[step * 4 : step * 4 + 4]
            store.put("upbit", "BTC/KRW", part, 1, (int(part.time[0]), int(part.time[-1]) + MINUTE))

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(write, first, order.tolist()), pool.submit(write, second, order.tolist())]
        for job in jobs:
            job.result()
    assert same(second.get("upbit", "BTC/KRW", "1m", 500), made)
    assert first.fetched("upbit", "BTC/KRW", "1m") == [(0, 400 * MINUTE)]
    assert len(first.revisions("upbit", "BTC/KRW", "1m")) == 0
    first.close()
    second.close()


def test_who_does_not_mend_leaves_a_damaged_file_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        CandleStore(tmp_path, mend=False)
    assert (tmp_path / FILE).read_bytes() == b"no database" * 1000
    assert not (tmp_path / "candles.db.damaged").exists()


def test_fetched_stretches_are_kept_by_series_and_joined(tmp_path: Path) -> None:
    store = CandleStore(tmp_path)
    for start, end in ((50, 60), (10, 20), (20, 30), (55, 70)):
        store.put("upbit", "BTC/KRW", series(start, 1), 1, (start, end))
    store.put("upbit", "ETH/KRW", series(0, 0), 1, (1, 2))
    assert store.fetched("upbit", "BTC/KRW", "1m") == [(10, 30), (50, 70)]
    assert store.fetched("upbit", "ETH/KRW", "1m") == [(1, 2)]
    assert store.fetched("upbit", "ETH/KRW", "1h") == []
    assert store.times("upbit", "BTC/KRW", "1m", 20 * MINUTE, 55 * MINUTE).tolist() == [20 * MINUTE, 50 * MINUTE]
    store.close()
