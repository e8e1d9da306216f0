"""What the pages about results say follows from runs; where the recorded candles are, they are as the runs are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from config.advice import beside_holding
from config.presets import PRESETS
from config.research import for_backtest
from config.results import BESIDE_HOLDING
from config.texts import text
from deploy import results
from deploy.results_page import page, table
from deploy.results_run import Part, Run, Source, Tally, tallies, tally
from tests.shared_data import shared
from tests.trading.strategies.markets import generated
from trading import strategies
from trading.backtest.engine import backtest
from trading.backtest.optimize import split
from trading.backtest.series import part
from trading.core.calendar import DAY_MS, HOUR_MS
from trading.core.candles import Candles

HOURS = Source("upbit", "KRW-ETH", "1h", "eth.csv")
SHORT = Source("stock", "005930", "1d", "samsung.csv")
FLAT = Part(0, DAY_MS, 3, 0.02, 0.01, 0.1, 0.2, 5.0)


@cache
def made_up() -> tuple[Run, ...]:
    sources: dict[Source, Candles] = {
        HOURS: generated(3, 2_000, HOUR_MS),
        SHORT: replace(generated(4, 300, DAY_MS), volume=np.ones(300)),
    }
    return results.measure(sources)


def run(name: str, ahead: Part, kind: str = "strategy") -> Run:
    return Run(kind, name, HOURS, HOUR_MS, FLAT, ahead)


def test_who_never_traded_or_lost_less_is_not_called_a_winner() -> None:
    assert FLAT.beat and FLAT.earned
    fell = replace(FLAT, net=-0.05, held=-0.30)
    assert fell.beat and not fell.earned
    idle = replace(fell, trades=0, net=0.0)
    assert not idle.beat and not idle.earned
    assert not replace(FLAT, net=0.01).beat, "the same is not more"
    assert tally([run("a", one) for one in (FLAT, fell, idle)]) == Tally(tried=3, traded=2, beat=2, earned=1)


def test_every_strategy_and_every_preset_that_fits_is_measured_and_told() -> None:
    runs = made_up()
    there = {(one.kind, one.name, one.source) for one in runs}
    for name in strategies.names():
        assert {("strategy", name, HOURS), ("strategy", name, SHORT)} <= there
    for preset in PRESETS.values():
        known = preset.knobs["strategy"] in strategies.names() and not preset.venues
        coarse = preset.knobs["timeframe"] in ("1h", "4h", "1d")
        assert (("preset", preset.name, HOURS) in there) == (known and coarse)
    for lang in ("en", "ko"):
        said = page(runs, lang)
        for one in runs:
            assert f"`{one.name}` | " in said
        assert said.count("\n| ") == len(runs) + len(tallies(runs)) + 2 + 2 * 4
    assert any(one.ahead.net < 0.0 for one in runs), "losers are among them"


def test_the_parts_are_those_of_the_backtester() -> None:
    one = next(one for one in made_up() if (one.name, one.source) == ("macd", HOURS))
    knobs, _ = for_backtest(None, {}, "upbit")
    whole = results.prepared(HOURS, generated(3, 2_000, HOUR_MS), "1h", "macd", {}, knobs)
    past, ahead = split(whole.series, 0.3)
    assert past.end_ms == ahead.start_ms and one.ahead.start_ms >= ahead.start_ms > one.past.start_ms
    exact = backtest(part(whole, *ahead), knobs, 1_000_000.0, exact=True)
    assert one.ahead.net == pytest.approx(exact.equity[-1] / 1_000_000.0 - 1.0, abs=1e-9)
    assert one.ahead.trades == len(exact.trades) + len(exact.positions)
    close, open_ = whole.series[0].candles.close[-1], part(whole, *ahead).series[0].candles.open[0]
    assert one.ahead.held == pytest.approx(close / open_ / 1.0005 - 1.0, abs=2e-3)


def test_rows_stand_in_the_order_of_names() -> None:
    best, worst = replace(FLAT, net=9.0), replace(FLAT, net=-0.9)
    said = page([run("zeta", best), run("alpha", worst), run("beta", best, "preset")], "en")
    rows = said[said.index("## upbit KRW-ETH 1h") :]
    assert rows.index("strategy `alpha`") < rows.index("strategy `zeta`") < rows.index("preset `beta`")
    assert "-90.00%" in rows and "+900.00%" in rows


def test_the_plain_sentence_names_who_always_won_and_who_never() -> None:
    lost = replace(FLAT, net=-0.5)
    said = page([run("good", FLAT), run("mixed", FLAT), run("mixed", lost), run("bad", lost)], "en")
    assert "Of 4 runs 4 traded out of sample; 2 ended above buy and hold" in said
    assert "2 of these earned money instead of only losing less, 2 of which did so in sample too." in said
    assert "Beat holding on every series: strategy `good`." in said
    assert "Never beat it: strategy `bad`." in said


def test_a_run_that_did_nothing_or_was_stopped_says_why() -> None:
    idle = replace(FLAT, trades=0, closed=("higher_timeframe",))
    stopped = replace(FLAT, net=-0.1, stopped_ms=DAY_MS)
    said = page([run("idle", idle), run("stopped", stopped)], "en")
    assert "never traded (filter higher_timeframe never open)" in said
    assert "no (stopped by a limit 1970-01-02)" in said


def test_the_table_can_be_read_back() -> None:
    space: dict[str, object] = {}
    exec(table([run("good", FLAT), run("good", replace(FLAT, net=-0.5)), run("p", FLAT, "preset")]), space)
    assert space["BESIDE_HOLDING"] == {("strategy", "good"): (2, 1, 1), ("preset", "p"): (1, 1, 1)}


def test_without_data_it_refuses_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results.main([]) == 2
    assert "--data" in capsys.readouterr().err
    assert results.main(["--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "KRW-BTC_1m.csv" in said and "Traceback" not in said


def test_the_table_and_the_pages_say_the_same_of_what_there_is() -> None:
    """A strategy of the user's own is in neither; ours are all measured, which the last test holds."""
    known = {("strategy", name) for name in strategies.names()} | {("preset", name) for name in PRESETS}
    assert BESIDE_HOLDING and set(BESIDE_HOLDING) <= known
    for lang, name in (("en", "results.md"), ("ko", "results.ko.md")):
        said = (results.ROOT / "docs" / name).read_text("utf-8")
        for (kind, chosen), (tried, beat, earned) in BESIDE_HOLDING.items():
            assert 0 <= earned <= beat <= tried
            row = next(
                line
                for line in said.splitlines()
                if line.startswith(f"| {text(f'results.{kind}', lang)} `{chosen}` | {tried} |")
            )
            assert row.endswith(f"| {beat} | {earned} |")


def test_what_did_not_always_win_is_told_by_the_name_that_was_chosen() -> None:
    for (kind, name), (tried, beat, earned) in BESIDE_HOLDING.items():
        chosen = (name, str(PRESETS[name].knobs["strategy"])) if kind == "preset" else ("none", name)
        notice = beside_holding(*chosen)
        assert (notice is None) == (beat == tried)
        if notice:
            assert notice.key == f"settings.beside_holding_{kind}"
            assert notice.values == {"name": name, "tried": tried, "beat": beat, "earned": earned}
            assert f"{beat} of {tried}" in notice.text("en")
    other = beside_holding("demo", "breakout")
    assert other and other.values["name"] == "breakout", "the preset with another strategy is not the preset"
    assert beside_holding("none", "a_strategy_of_ones_own") is None


def test_the_pages_are_as_the_recorded_candles_say() -> None:
    folder = shared()
    for source in results.SOURCES:
        shared(source.file)
    for path, content in results.files(results.measure(results.load(folder))).items():
        assert path.read_text("utf-8") == content, f"stale: python -m deploy.results --data {folder.name}"
