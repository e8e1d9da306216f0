"""Searches: the same scores whoever computes them, ranked by what came after, with the number of tries beside."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

import run_backtest
from tests.trading.backtest.searches import CASH, GRID, KNOBS, alike, macd_grid, market, plan, worth, write_csv
from trading.backtest import executors, resume
from trading.backtest.engine import backtest, sweep
from trading.backtest.executors import Crew
from trading.backtest.optimize import Outcome, Plan, best_by_chance, luck, optimize, scored, split
from trading.backtest.resume import Journal, fingerprint
from trading.backtest.series import Series, part, prepare
from trading.backtest.sweep_report import heat_map
from trading.backtest.trials import BATCH, batches
from trading.core.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]
THREADS = Crew(workers=2, processes=False)
OPTIONS = [word for name in GRID for word in ("--grid", name)]
OPEN_DOORS = ["--strategy", "macd", "--set", "sizing=all_in", "--set", "daily_loss_limit=0"]
#: 64 rules, so that many small tasks are on their way
SWITCHES = ("macd_positive", "signal_positive", "bullish_candle", "macd_rising", "above_ma20", "above_ma60")


@pytest.fixture(scope="module")
def series() -> Series:
    return market()


@pytest.fixture(scope="module")
def planned(series: Series) -> Plan:
    return plan(series, macd_grid())


@pytest.fixture(scope="module")
def outcome(planned: Plan) -> Outcome:
    return optimize(planned, THREADS)


@pytest.fixture(scope="module")
def long(series: Series) -> int:
    """Candles that keep a worker busy for long enough to be stopped midway, whichever engine runs them."""
    prepared = prepare([series], macd_grid().rule)
    sweep(prepared, [KNOBS], CASH)  # compiled now, if it is
    began = time.perf_counter()
    sweep(prepared, [KNOBS], CASH)
    return 2_500 if time.perf_counter() - began > 0.005 else 40_000


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")


# -- scores and ranking ------------------------------------------------------------------------------------------------


def test_each_score_is_a_backtest_of_its_part(series: Series, outcome: Outcome) -> None:
    """In sample as if the rest did not exist; out of sample with the history before it, from a flat account."""
    past, ahead = split([series], 0.3)
    cut = replace(series, candles=series.candles[: int(np.searchsorted(series.candles.time, past.end_ms))])
    for trial in outcome.ranked:
        rule, knobs = outcome.ground.grid.rule_of(trial.values), outcome.ground.grid.knobs_of(trial.values)
        assert alike(trial.past, worth(backtest(prepare([cut], rule), knobs, CASH)))
        result = backtest(part(prepare([series], rule), *ahead), knobs, CASH)
        assert alike(trial.ahead, worth(result))
        assert all(trade.entry_ms >= ahead.start_ms for trade in result.trades)
        assert result.times[0] >= ahead.start_ms > past.start_ms
    assert sum(trial.ahead.trades for trial in outcome.ranked) > 10


def test_the_part_ahead_needs_no_warm_up_of_its_own(series: Series) -> None:
    """Its rows have their history: there are entries before `warmup` candles of the part have passed."""
    _, ahead = split([series], 0.05)
    cut = part(prepare([series], macd_grid().rule), *ahead)
    assert len(cut.rows[0]) == len(cut.series[0].candles) < macd_grid().rule.strategy.warmup
    assert backtest(cut, KNOBS, CASH).trades


def test_the_ranking_is_by_what_came_after(outcome: Outcome) -> None:
    returns = [trial.ahead.net_return for trial in outcome.ranked]
    assert returns == sorted(returns, reverse=True)
    assert len(outcome.ranked) == 12
    assert len(set(returns)) > 3
    assert outcome.best is outcome.ranked[0]
    assert outcome.ranked[outcome.chosen].past.net_return == max(trial.past.net_return for trial in outcome.ranked)
    assert outcome.current.values == (False, 0.05, 0.03)  # tried beside the grid, not in its ranking
    assert all(trial.values != outcome.current.values for trial in outcome.ranked)


def test_values_in_force_that_are_in_the_grid_are_tried_once(series: Series) -> None:
    found = optimize(plan(series, macd_grid(["take_profit_percent=0.04,0.05"])), THREADS)
    assert len(found.ranked) == 2
    assert found.current in found.ranked


def test_what_comes_after_does_not_move_the_scores_before(series: Series, planned: Plan) -> None:
    candles = series.candles
    border = int(np.searchsorted(candles.time, planned.ground.spans[0].end_ms))
    factor = np.where(np.arange(len(candles)) >= border, 1.3, 1.0)
    other = replace(
        series,
        candles=replace(
            candles,
            open=candles.open * factor,
            high=candles.high * factor,
            low=candles.low * factor,
            close=candles.close * factor,
        ),
    )
    before, after = scored(planned, THREADS), scored(plan(other, macd_grid()), THREADS)
    assert [past for past, _ in before] == [past for past, _ in after]
    assert [ahead for _, ahead in before] != [ahead for _, ahead in after]


def test_a_split_that_leaves_nothing_is_refused(series: Series) -> None:
    short = replace(series, candles=series.candles[:3])
    for share in (0.3, 0.9, 0.0001):
        with pytest.raises(BadInput, match="candles are too few"):
            split([short], share)


def test_rows_are_computed_once_per_rule(planned: Plan) -> None:
    found = batches(planned.ground.grid, planned.combinations, ())
    assert len(found) == len({batch.rule for batch in found}) == 2
    assert sorted(number for batch in found for number in batch.numbers) == list(range(13))
    big = macd_grid(["take_profit_percent=0.01:0.5:0.001"])
    many = batches(big, big.combinations(), range(5))
    assert len({batch.rule for batch in many}) == 1
    assert [len(batch.numbers) for batch in many] == [BATCH] * 7 + [491 - 5 - 7 * BATCH]


# -- luck --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tries", [2, 10, 440])
def test_the_luckiest_of_many_without_an_edge(tries: int) -> None:
    """The formula against many drawn years without an edge."""
    days = 90
    draws = np.random.default_rng(7).standard_normal((4000, tries)).max(axis=1).mean() / math.sqrt(days)
    assert best_by_chance(tries, days) == pytest.approx(draws * math.sqrt(365), rel=0.05)


def test_one_try_is_no_luck() -> None:
    assert best_by_chance(1, 90) == 0.0


def test_luck_counts_what_was_tried() -> None:
    days = market(3, 800, 3_600_000)
    found = optimize(plan(days, macd_grid()), THREADS)
    chance = luck(found)
    assert chance is not None
    assert chance.by_chance == best_by_chance(12, chance.days)
    assert 5 < chance.days < 30
    assert chance.sharpe is not None
    assert luck(optimize(plan(market(), macd_grid()), THREADS)) is None  # not two days


# -- whoever computes --------------------------------------------------------------------------------------------------


def test_threads_and_processes_agree_to_the_bit(planned: Plan) -> None:
    one = scored(planned, Crew(workers=1, processes=False))
    assert scored(planned, THREADS) == one
    assert scored(planned, Crew(workers=2, processes=True)) == one
    assert len({repr(row) for row in one}) > 6


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("dask.distributed", reason="dask.distributed is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1", silence_logs=50
    ) as running:
        yield running.scheduler_address


def test_a_cluster_agrees_to_the_bit(planned: Plan, cluster: str) -> None:
    assert scored(planned, Crew(cluster=cluster)) == scored(planned, THREADS)


@pytest.mark.usefixtures("english")
def test_a_cluster_from_the_command_line(
    cluster: str, series: Series, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_csv(tmp_path / "KRW-BTC_1m.csv", series)
    for name, words in (("here", ["--workers", "2"]), ("there", ["--cluster", cluster])):
        assert run("--data", path, *words, "--json", tmp_path / name, "--resume", tmp_path / f"{name}.jsonl") == 0
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()
    assert "12 combinations tried" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere://x", "tcp://no.such.host.invalid:8786"])
def test_a_cluster_that_is_not_there_is_one_sentence(
    planned: Plan, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dask.distributed", reason="dask.distributed is not installed")
    monkeypatch.setattr(executors, "CONNECT_S", 0.5)
    with pytest.raises(BadInput) as refused:
        scored(planned, Crew(cluster=address))
    assert address in refused.value.text("en")
    assert "\n" not in refused.value.text("ko")


class Talker(socketserver.BaseRequestHandler):
    """A server of something else."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
        time.sleep(0.2)


def test_another_server_is_no_cluster(planned: Plan) -> None:
    pytest.importorskip("dask.distributed", reason="dask.distributed is not installed")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(BadInput, match="cannot be reached"):
            scored(planned, Crew(cluster=f"tcp://127.0.0.1:{server.server_address[1]}"))
        server.shutdown()


def test_a_cluster_without_workers(planned: Plan) -> None:
    distributed = pytest.importorskip("dask.distributed", reason="dask.distributed is not installed")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1", silence_logs=50) as running,
        pytest.raises(BadInput, match="no workers"),
    ):
        scored(planned, Crew(cluster=running.scheduler_address))


def test_the_ground_survives_its_way_to_a_worker(planned: Plan, tmp_path: Path) -> None:
    executors.write_ground(tmp_path / "ground", planned.ground)
    back = executors.read_ground(tmp_path / "ground")
    for name in ("time", "open", "high", "low", "close", "volume"):
        sent, got = (getattr(ground.series[0].candles, name) for ground in (planned.ground, back))
        assert np.array_equal(sent, got)
        assert got.flags.writeable  # a compiled function is compiled once, for plain arrays
    assert back.grid == planned.ground.grid
    assert back.spans == planned.ground.spans


def test_lost_workers_are_one_sentence(long: int) -> None:
    many = plan(market(n=long), macd_grid([f"{name}=false,true" for name in SWITCHES]))

    before = set(psutil.Process().children(recursive=True))

    def told(done: int, total: int) -> None:
        for child in set(psutil.Process().children(recursive=True)) - before if done else ():
            with suppress(psutil.NoSuchProcess):
                if "spawn_main" in " ".join(child.cmdline()):
                    child.kill()

    with pytest.raises(BadInput, match="worker process ended"):
        scored(many, Crew(workers=2, processes=True), None, told)


KILLED = """
import sys
sys.path[:0] = [{root!r}]
from pathlib import Path
from tests.trading.backtest.searches import macd_grid, market, plan
from trading.backtest.executors import Crew
from trading.backtest.optimize import scored
if __name__ == "__main__":
    found = plan(market(n={n}), macd_grid([f"{{name}}=false,true" for name in {switches!r}]))
    scored(found, Crew(workers=2, processes=True), None, lambda done, total: print(done, flush=True))
"""


def test_workers_end_with_a_killed_parent(tmp_path: Path, long: int) -> None:
    script = tmp_path / "child.py"
    script.write_text(KILLED.format(root=str(ROOT), switches=SWITCHES, n=long), encoding="utf-8")
    child = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    while int(child.stdout.readline()) < 2:
        pass
    family = psutil.Process(child.pid).children(recursive=True)
    assert len(family) >= 2
    child.kill()
    child.wait()
    child.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


# -- going on ----------------------------------------------------------------------------------------------------------


def journal(planned: Plan, path: Path) -> Journal:
    return Journal(path, fingerprint(planned.ground, planned.combinations))


def test_what_is_done_is_not_done_again(planned: Plan, tmp_path: Path) -> None:
    first = journal(planned, tmp_path / "file")
    whole = scored(planned, THREADS, first)
    first.close(remove=False)
    again = journal(planned, tmp_path / "file")
    assert again.done == dict(enumerate(whole))
    told: list[tuple[int, int]] = []
    assert scored(planned, THREADS, again, lambda done, total: told.append((done, total))) == whole
    assert told == [(13, 13)]
    again.close(remove=True)
    assert not (tmp_path / "file").exists()


def test_a_file_cut_anywhere_goes_on(planned: Plan, tmp_path: Path) -> None:
    path = tmp_path / "file"
    first = journal(planned, path)
    whole = scored(planned, THREADS, first)
    first.close(remove=False)
    content = path.read_bytes()
    ends = [place for place, byte in enumerate(content) if byte == 10]
    assert len(ends) == 3
    for cut in (0, 1, 20, ends[0], ends[0] + 1, ends[1] - 5, ends[1] + 1, ends[2], len(content)):
        path.write_bytes(content[:cut])
        kept = journal(planned, path)
        assert len(kept.done) < 13 or cut == len(content)
        assert scored(planned, THREADS, kept) == whole
        kept.close(remove=False)
        assert sorted(path.read_bytes().splitlines()) == sorted(content.splitlines())


def test_the_file_of_another_search_is_refused(series: Series, planned: Plan, tmp_path: Path) -> None:
    path = tmp_path / "file"
    journal(planned, path).close(remove=False)
    before = path.read_bytes()
    candles = series.candles
    moved = replace(series, candles=replace(candles, close=np.append(candles.close[:-1], candles.close[-1] + 1)))
    others = {
        "series": plan(moved, macd_grid()),
        "grid": plan(series, macd_grid(GRID[:2])),
        "knobs": plan(series, macd_grid(knobs=replace(KNOBS, slippage_ticks=2))),
        "strategy": plan(series, macd_grid(knobs=replace(KNOBS, trend_filter=True))),
    }
    for name, other in others.items():
        with pytest.raises(BadInput) as refused:
            journal(other, path)
        assert name in refused.value.text("en")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"timestamp_ms,open\n1,2\n", b"no line end", b"{}\n", b"[1]\n", b"\xff\xfe\n"])
def test_a_file_of_something_else_is_left_alone(planned: Plan, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="not touched"):
        journal(planned, path)
    assert path.read_bytes() == content


def child(path: Path, kept: Path, *words: object) -> subprocess.Popen[str]:
    grids = [word for name in SWITCHES for word in ("--grid", f"{name}=false,true")]
    program = [sys.executable, str(ROOT / "run_backtest.py"), "optimize", "--data", path, *OPEN_DOORS, *grids]
    program += ["--workers", "1", "--resume", kept, *words]
    environment = os.environ | {"HAETAE_LANGUAGE": "en"}
    return subprocess.Popen(
        [str(word) for word in program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def wait_for_lines(path: Path, count: int, running: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") < count:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_search_that_was_stopped_goes_on(how: signal.Signals, tmp_path: Path, long: int) -> None:
    """Killed or interrupted midway, the same command ends with the very result of one that was left alone."""
    path = write_csv(tmp_path / "KRW-BTC_1m.csv", market(n=long))
    kept = tmp_path / "kept.jsonl"
    running = child(path, kept)
    wait_for_lines(kept, 4, running)
    running.send_signal(how)
    _, said = running.communicate(timeout=60)
    done = kept.read_bytes().count(b"\n") - 1
    assert 3 <= done < 64
    if how is signal.SIGINT:
        assert running.returncode == 130
        assert f"{done} of 64" in said
        assert str(kept) in said
    assert "Traceback" not in said
    again, alone = (
        child(path, kept, "--json", tmp_path / "a"),
        child(path, tmp_path / "b.jsonl", "--json", tmp_path / "b"),
    )
    _, said = again.communicate(timeout=60)
    assert again.returncode == 0, said
    assert f"{done} of 64" in said
    assert alone.wait(timeout=60) == 0
    alone.communicate()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert kept.read_bytes().count(b"\n") == 65


# -- the command -------------------------------------------------------------------------------------------------------


def run(*words: object) -> int:
    return run_backtest.main(["optimize", *map(str, [*OPEN_DOORS, *OPTIONS, *words])])


@pytest.fixture
def file(series: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(resume, "FOLDER", tmp_path / "research")
    return write_csv(tmp_path / "KRW-BTC_1m.csv", series)


@pytest.mark.usefixtures("english")
def test_what_a_person_sees(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data", file, "--top", 3, "--json", tmp_path / "o.json", "--csv", tmp_path / "o.csv") == 0
    said = capsys.readouterr().out
    assert "12 combinations tried, of a grid of 12" in said
    assert "Picked by the in-sample part alone" in said
    assert "now" in said
    found = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert found["tried"] == len(found["combinations"]) == 12
    assert found["best"] == found["combinations"][0]
    assert found["current"]["values"] == {
        "macd_positive": False,
        "take_profit_percent": 0.05,
        "stop_loss_percent": 0.03,
    }
    with (tmp_path / "o.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [float(row["out_of_sample_net_return"]) for row in rows] == [
        row["out_of_sample"]["net_return"] for row in found["combinations"]
    ]
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 13)]
    assert list((tmp_path / "research").iterdir()) == []  # told, so nothing is left to go on with


@pytest.mark.parametrize("option", ["--json", "--csv", "--html"])
def test_a_place_that_cannot_be_written_is_refused_before_the_search(
    option: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--data", file, option, "/nowhere/at/all/o") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "research").exists()


def test_a_result_that_could_not_be_written_is_not_lost(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("trading.backtest.sweep_report.write_whole", full)
        assert run("--data", file, "--json", tmp_path / "o.json") == 2
    (kept,) = (tmp_path / "research").iterdir()
    assert run("--data", file, "--json", tmp_path / "o.json") == 0
    assert "13/13" in capsys.readouterr().err
    assert not kept.exists()


def test_the_page_of_a_search(file: Path, tmp_path: Path) -> None:
    assert run("--data", file, "--html", tmp_path / "o.html") == 0
    page = (tmp_path / "o.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and '<svg class="heat"' in page
    assert "run_backtest.py optimize" in page and "http" not in page.replace("http-equiv", "")


def test_random_trials_are_counted(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--data", file, "--trials", 5, "--seed", 3, "--json", tmp_path / "a") == 0
    assert run("--data", file, "--trials", 5, "--seed", 3, "--json", tmp_path / "b") == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert json.loads((tmp_path / "a").read_text(encoding="utf-8"))["tried"] == 5
    assert "5개 조합" in capsys.readouterr().out


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--grid", "macd_positiv=true,false"], "macd_positive"),
        (["--grid", "macd_positive=true"], "twice"),
        (["--trials", "0"], "--trials"),
        (["--trials", "many"], "--trials"),
        (["--seed", "-1"], "--seed"),
        (["--workers", "0"], "--workers"),
        (["--workers", "2", "--cluster", "tcp://x:1"], "--cluster"),
        (["--out-of-sample", "1.5"], "--out-of-sample"),
        (["--out-of-sample", "some"], "--out-of-sample"),
        (["--out-of-sample", "0.999999"], "too few"),
        (["--top", "0"], "--top"),
        (["--grid", "trailing_stop_percent=0:0.9:0.0001", "--grid", "min_hold_candles=0:5000:1"], "--trials"),
        (["--resume", "/nowhere/at/all/file"], "/nowhere"),
    ],
)
def test_refusals_are_one_sentence(
    words: list[str], said: str, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if words[-1].startswith("/nowhere"):
        (tmp_path / "plain").write_text("")
        words = ["--resume", str(tmp_path / "plain" / "file")]
        said = "plain"
    assert run("--data", file, *words) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert not list((tmp_path / "research").glob("*"))


@pytest.mark.usefixtures("english")
def test_a_cluster_that_is_away_is_said_within_ten_seconds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("dask.distributed", reason="dask.distributed is not installed")
    began = time.monotonic()
    assert run("--data", file, "--cluster", "127.0.0.1:1") == 2
    assert time.monotonic() - began < 10
    assert capsys.readouterr().err.strip().count("\n") == 0


@pytest.mark.usefixtures("english")
def test_a_cluster_without_the_library(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    assert run("--data", file, "--cluster", "127.0.0.1:1") == 2
    assert "pip install distributed" in capsys.readouterr().err


def test_a_search_of_the_demo_series(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No file at all: generated prices, said so."""
    monkeypatch.setattr(resume, "FOLDER", tmp_path)
    assert run_backtest.main(["optimize", "--strategy", "macd", "--grid", "stop_loss_percent=0.01,0.02"]) == 0


# -- the map -----------------------------------------------------------------------------------------------------------


def test_the_map_shows_the_best_over_the_others(outcome: Outcome) -> None:
    found = heat_map(outcome)
    assert found is not None
    names = [axis.name for axis in outcome.ground.grid.axes]
    x, y = names.index(found.x_name), names.index(found.y_name)
    for row, y_shown in enumerate(outcome.ground.grid.axes[y].values):
        for column, x_shown in enumerate(outcome.ground.grid.axes[x].values):
            best = max(t.ahead.net_return for t in outcome.ranked if t.values[x] == x_shown and t.values[y] == y_shown)
            assert found.values[row][column] == best
    spreads = {
        place: np.var(
            [np.mean([t.ahead.net_return for t in outcome.ranked if t.values[place] == value]) for value in axis.values]
        )
        for place, axis in enumerate(outcome.ground.grid.axes)
    }
    assert sorted(spreads, key=lambda place: -spreads[place])[:2] == [x, y]


def test_one_axis_has_no_map(series: Series) -> None:
    assert heat_map(optimize(plan(series, macd_grid(["stop_loss_percent=0.01,0.02"])), THREADS)) is None


def test_cells_that_were_not_drawn_stay_empty(series: Series) -> None:
    over = macd_grid(["take_profit_percent=0.01:0.06:0.01", "stop_loss_percent=0.01:0.06:0.01"])
    drawn = replace(plan(series, over), combinations=(*over.combinations(4), over.current), tried=4)
    found = heat_map(optimize(drawn, THREADS))
    assert found is not None
    assert sum(value is not None for row in found.values for value in row) == 4
