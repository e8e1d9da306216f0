"""Writes what every strategy and preset brought on recorded candles: docs/results*.md and config/results.py.

`python -m deploy.results --data DIR` after any change to strategies, presets or the backtester. DIR holds the files
named in `SOURCES`; `--check` writes nothing and exits 1 where a file is stale.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from config.presets import PRESETS
from config.research import for_backtest
from config.texts import text
from config.values import Knobs
from deploy.results_page import page, table
from deploy.results_run import Part, Run, Source
from trading import strategies
from trading.backtest import candle_file, metrics
from trading.backtest.engine import backtest
from trading.backtest.optimize import split
from trading.backtest.series import Prepared, Series, part, prepare
from trading.backtest.whole_file import write_whole
from trading.core.calendar import DAY_OFFSET_MS, timeframe_ms
from trading.core.candles import Candles, resample
from trading.core.errors import BadInput
from trading.core.rows import rule
from trading.core.rules import researched

ROOT: Final = Path(__file__).resolve().parents[1]
OUT_OF_SAMPLE: Final = 0.3
"""Share of the time that is out of sample: the last one."""
SOURCES: Final = (
    Source("upbit", "KRW-BTC", "1m", "upbit/KRW-BTC_1m.csv"),
    Source("upbit", "KRW-XRP", "1m", "upbit/KRW-XRP_1m.csv"),
    Source("upbit", "KRW-BTC", "1h", "upbit/KRW-BTC_1h.csv"),
    Source("upbit", "KRW-ETH", "1h", "upbit/KRW-ETH_1h.csv"),
    Source("upbit", "KRW-BTC", "1d", "upbit/KRW-BTC_1d.csv"),
    Source("stock", "005930", "1d", "krx/005930_1d.csv"),
    Source("stock", "035420", "1d", "krx/035420_1d.csv"),
    Source("stock", "069500", "1d", "krx/069500_1d.csv", untaxed=True),
    Source("binance_futures", "AVAXUSDT", "1m", "binance/AVAXUSDT-1m-2026-02.csv"),
)


def measure(sources: Mapping[Source, Candles]) -> tuple[Run, ...]:
    """Every strategy by its defaults and every preset that can run, on each of `sources` alone."""
    return tuple(_runs(sources))


def _runs(sources: Mapping[Source, Candles]) -> Iterator[Run]:
    for source, candles in sources.items():
        for name in strategies.names():
            knobs, _ = for_backtest(None, {}, source.venue)
            yield _run("strategy", name, source, prepared(source, candles, source.timeframe, name, {}, knobs), knobs)
        for preset in PRESETS.values():
            strategy, timeframe = str(preset.knobs["strategy"]), str(preset.knobs["timeframe"])
            fits = timeframe_ms(timeframe) % candles.timeframe_ms == 0
            if fits and strategy in strategies.names() and source.venue in (preset.venues or (source.venue,)):
                knobs, params = for_backtest(preset.name, {}, source.venue)
                there = prepared(source, candles, timeframe, strategy, params, knobs)
                yield _run("preset", preset.name, source, there, knobs)


def prepared(
    source: Source, candles: Candles, timeframe: str, strategy: str, params: Mapping[str, object], knobs: Knobs
) -> Prepared:
    """`strategy` over the candles of `timeframe`, executed on the recorded ones."""
    instrument = researched(source.venue, source.symbol, knobs, source.untaxed)
    length = timeframe_ms(timeframe)
    if length == candles.timeframe_ms:
        series = Series(instrument, candles)
    else:
        series = Series(instrument, resample(candles, length, DAY_OFFSET_MS[source.venue]), candles)
    return prepare([series], rule(strategies.create(strategy, params), knobs))


def _run(kind: str, name: str, source: Source, there: Prepared, knobs: Knobs) -> Run:
    past, ahead = (_part(part(there, *span), knobs) for span in split(there.series, OUT_OF_SAMPLE))
    return Run(kind, name, source, there.series[0].candles.timeframe_ms, past, ahead)


def _part(there: Prepared, knobs: Knobs) -> Part:
    """The account of a part starts flat with the full cash."""
    result = backtest(there, knobs, knobs.capital(there.venue))
    figures = metrics.examine(result, there.series, knobs).figures
    walked = there.series[0].walked
    return Part(
        int(walked.time[0]),
        int(walked.time[-1]) + walked.timeframe_ms,
        len(result.trades) + len(result.positions),
        _number(figures, "net_return"),
        _number(figures, "buy_and_hold_return"),
        _number(figures, "max_drawdown"),
        _number(figures, "buy_and_hold_max_drawdown"),
        _number(figures, "fees"),
        min(result.latches.values(), default=None),
        result.closed_filters,
    )


def _number(figures: metrics.Figures, name: str) -> float:
    value = figures[name]
    assert isinstance(value, float), name
    return value


def load(folder: Path) -> dict[Source, Candles]:
    """The candles of all sources under `folder`. Raises BadInput."""
    return {
        source: candle_file.load(folder / source.file, timeframe_ms(source.timeframe)).candles for source in SOURCES
    }


def files(runs: Sequence[Run]) -> dict[Path, str]:
    """What there is to write: path -> content."""
    return {
        ROOT / "docs" / "results.md": page(runs, "en"),
        ROOT / "docs" / "results.ko.md": page(runs, "ko"),
        ROOT / "config" / "results.py": table(runs),
    }


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(prog="python -m deploy.results", description=__doc__)
    command.add_argument("--data", type=Path, metavar="DIR", help="folder of the recorded candles")
    command.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is stale")
    return command


def main(argv: Sequence[str] | None = None) -> int:
    """Measures and writes. Exit codes: 0 ok, 1 a file is stale (`--check`), 2 no data or data that cannot be read."""
    args = parser().parse_args(argv)
    lang = os.environ.get("HAETAE_LANGUAGE", "ko")
    try:
        if args.data is None:
            raise BadInput("results.no_data", files=", ".join(source.file for source in SOURCES))
        wanted = files(measure(load(args.data)))
        if args.check:
            return _stale(wanted, lang)
        for path, content in wanted.items():
            write_whole(path, content)
    except BadInput as error:
        print(error.text(lang), file=sys.stderr)  # noqa: T201 - the command's answer
        return 2
    return 0


def _stale(wanted: Mapping[Path, str], lang: str) -> int:
    old = [path for path, content in wanted.items() if not path.exists() or path.read_text("utf-8") != content]
    for path in old:
        print(text("results.stale", lang, path=path.name), file=sys.stderr)  # noqa: T201 - the command's answer
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
