"""A program of its own: what a replayed market shows, as files for the exact replay.

`python -m tests.parity.market_files --seed 7 --timeframe 5m --out DIR --replay FILE --symbol KRW-BTC ...` writes, per
symbol, DIR/<symbol>_ticks.csv (every print from the opening of the market on) and DIR/<symbol>_<timeframe>.csv (candles
of the whole series, history included, made of its prints).
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from exchanges.simulator.replay import ReplayFeed, read_candles
from exchanges.simulator.tape import MINUTE_MS, Print
from trading.core.calendar import timeframe_ms

CANDLES = ("timestamp_ms", "open", "high", "low", "close", "volume")
TICKS = ("timestamp_ms", "price", "quantity")


def prints_of(feed: ReplayFeed) -> dict[str, list[Print]]:
    """All prints by coin, in order."""
    every: dict[str, list[Print]] = {coin: [] for coin in feed.coins}
    for minute in range(feed.first_ms, feed.end_ms + 2 * 24 * 60 * MINUTE_MS, MINUTE_MS):
        for coin, one in feed.minute(minute):
            every[coin].append(one)
    return every


def candles_of(prints: Sequence[Print], length_ms: int) -> list[tuple[int, float, float, float, float, float]]:
    """Candles that the prints make: (open ms, open, high, low, close, volume)."""
    made: dict[int, list[Print]] = {}
    for one in prints:
        made.setdefault(one.at_ms - one.at_ms % length_ms, []).append(one)
    rows = []
    for open_ms, parts in made.items():
        prices = [one.price for one in parts]
        volume = sum(one.quantity for one in parts)
        rows.append((open_ms, prices[0], max(prices), min(prices), prices[-1], volume))
    return rows


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(header)
        lines.writerows(rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--timeframe", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--replay", type=Path, action="append", required=True)
    parser.add_argument("--symbol", action="append", required=True)
    args = parser.parse_args(argv)
    coins = {symbol.split("-")[1]: symbol for symbol in args.symbol}
    series = {coin: read_candles(path) for coin, path in zip(coins, args.replay, strict=True)}
    feed = ReplayFeed(series, args.seed)
    for coin, prints in prints_of(feed).items():
        symbol = coins[coin]
        ticks = [(one.at_ms, one.price, one.quantity) for one in prints if one.at_ms >= feed.start_ms]
        _write(args.out / f"{symbol}_ticks.csv", TICKS, ticks)
        candles = candles_of(prints, timeframe_ms(args.timeframe))
        _write(args.out / f"{symbol}_{args.timeframe}.csv", CANDLES, candles)
    return 0


if __name__ == "__main__":
    sys.exit(main())
