"""The simulator as a process: its ready line, its end, and going on from a saved state."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest

from exchanges.simulator.__main__ import main
from exchanges.simulator.server import Setup
from exchanges.simulator.state import UnusableState, state_text
from tests.exchanges.simulator.conftest import HISTORY, running

ROOT = Path(__file__).resolve().parents[3]


def started(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """A simulator process and its ready line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "exchanges.simulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate(timeout=10)
    return process, json.loads(line)


def fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as reply:
        return json.loads(reply.read())


def test_ready_line_serving_and_orderly_end(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state.json"
    process, ready = started("--seed", "3", "--speed", "20", "--state", str(state), "--cash", "5000000")
    assert set(ready) == {"admin", "upbit"} and set(ready["upbit"]) == {"rest", "ws", "ws_private"}
    assert ready["upbit"]["ws"].endswith("/websocket/v1")
    assert len(fetched(ready["upbit"]["rest"] + "/v1/candles/minutes/1?market=KRW-BTC&count=200")) == 200
    told = fetched(ready["admin"] + "/ready")
    assert {name: told[name] for name in ready} == ready and "3" in told["world"]
    truth = fetched(ready["admin"] + "/truth")
    assert truth["balances"] == {"upbit": {"KRW": {"free": "5000000", "locked": "0", "average_price": "0"}}}
    assert fetched(ready["admin"] + "/clock")["speed"] == 20
    process.send_signal(signal.SIGTERM)
    rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert json.loads(state.read_text())["version"] == 1
    assert state.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in state.parent.iterdir()] == ["state.json"]


def test_it_ends_with_its_parent() -> None:
    script = (
        "import os,subprocess,sys;"
        "p=subprocess.Popen([sys.executable,'-m','exchanges.simulator','--parent',str(os.getpid())],"
        "stdout=subprocess.PIPE,text=True);"
        "print(p.pid,p.stdout.readline(),flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=30)
    child = int(done.stdout.split()[0])
    try:
        psutil.Process(child).wait(timeout=10)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        os.kill(child, signal.SIGKILL)
        pytest.fail("the orphan lives on")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--replay", "nothing.csv"], "--symbol"),
        (["--replay", "nothing.csv", "--symbol", "KRW-BTC"], "nothing.csv"),
        (["--replay", "a.csv", "--symbol", "BTC/KRW"], "BTC/KRW"),
        (["--speed", "0"], "0.0"),
        (["--cash", "much"], "much"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    for language in ("ko", "en"):
        assert main([*arguments, "--lang", language]) in (1, 2)
        told = capsys.readouterr()
        assert told.out == "" and says in told.err and len(told.err.splitlines()) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 99}', "[" * 100_000])
def test_a_state_that_cannot_be_used_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    state = tmp_path / "state.json"
    state.write_text(content)
    assert main(["--state", str(state), "--lang", "en"]) == 1
    assert "remove the file" in capsys.readouterr().err
    assert state.read_text() == content


async def test_everything_goes_on_after_a_restart(tmp_path: Path) -> None:
    setup = Setup(history=HISTORY, state=tmp_path / "state.json")
    async with running(setup) as first:
        first.simulator.world.clock.pause()
        await first.admin("/options", limits=False)
        await first.admin("/account", deposit={"FOREIGN": "3.5"})
        await first.admin("/market", market="KRW-ETH", price=5_000_000, warn=True)
        resting = (
            await first.order(side="bid", ord_type="limit", price="100000000", volume="0.01", identifier="a")
        ).body
        await first.order(side="bid", ord_type="price", price="100000")
        await first.admin("/clock", by_ms=90_500)
        assert (await first.signed("DELETE", "/v1/order", {"uuid": resting["uuid"]})).status == 200
        assert (await first.read(resting["uuid"]))["state"] == "wait"
        before = await first.truth()
        page = (await first.get("/v1/candles/minutes/1", market="KRW-ETH", count="100")).body
    async with running(setup) as second:
        second.simulator.world.clock.pause()
        await second.admin("/options", limits=False)
        after = await second.truth()
        assert after["market_ms"] == before["market_ms"]
        moving = {"seq", "state", "locked", "finished_ms"}
        assert [{name: one[name] for name in one.keys() - moving} for one in after["orders"]] == [
            {name: one[name] for name in one.keys() - moving} for one in before["orders"]
        ]
        assert after["fills"] == before["fills"] and after["prices"] == before["prices"]
        for asset, parts in before["balances"]["upbit"].items():
            now = after["balances"]["upbit"][asset]
            assert Decimal(now["free"]) + Decimal(now["locked"]) == Decimal(parts["free"]) + Decimal(parts["locked"])
        assert (await second.get("/v1/candles/minutes/1", market="KRW-ETH", count="100")).body == page
        again = await second.order(side="bid", ord_type="price", price="10000", identifier="a")
        assert again.error == "duplicated_identifier"
        new = (await second.order(side="bid", ord_type="price", price="10000")).body
        assert new["uuid"] not in {one["order_id"] for one in before["orders"]}
        # Its cancel had been accepted before the restart.
        assert (await second.read(resting["uuid"]))["state"] == "cancel"


async def test_a_resumed_market_is_the_market_that_would_have_been(tmp_path: Path) -> None:
    setup = Setup(history=HISTORY, state=tmp_path / "state.json")
    half, whole = 400_250, 900_000
    async with running(setup) as first:
        await first.admin("/clock", by_ms=half)
    async with running(setup) as second:
        await second.admin("/clock", by_ms=whole - half)
        resumed = json.loads(state_text(second.simulator.world))
    async with running(Setup(history=HISTORY)) as straight:
        await straight.admin("/clock", by_ms=whole)
        unbroken = json.loads(state_text(straight.simulator.world))
    assert resumed == unbroken


async def test_a_state_of_another_market_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with running(Setup(history=HISTORY, state=state)):
        pass
    with pytest.raises(UnusableState, match="seed 7"):
        async with running(Setup(seed=8, history=HISTORY, state=state)):
            pass


async def test_truth_since_brings_only_what_is_new(tmp_path: Path) -> None:
    async with running(Setup(history=HISTORY)) as bench:
        first = (await bench.order(side="bid", ord_type="limit", price="100000000", volume="0.01")).body
        before = await bench.truth()
        assert len(before["orders"]) == 1 and len(before["requests"]) == 1
        assert (await bench.truth(before["seq"]))["orders"] == []
        await bench.order(side="bid", ord_type="price", price="10000")
        after = await bench.truth(before["seq"])
        assert len(after["fills"]) == 1 and len(after["requests"]) == 1
        assert [one["order_id"] for one in after["orders"]] != [first["uuid"]]


async def test_the_owner_trades_by_hand(tmp_path: Path) -> None:
    async with running(Setup(history=HISTORY)) as bench:
        bought = await bench.admin("/account", trade={"market": "KRW-XRP", "side": "buy", "amount": 50_000})
        held = bought["balances"]["XRP"]["free"]
        await bench.admin("/account", trade={"market": "KRW-XRP", "side": "sell", "quantity": held})
        truth = await bench.truth()
        assert [one["side"] for one in truth["orders"]] == ["buy", "sell"]
        assert Decimal(truth["balances"]["upbit"]["XRP"]["free"]) == 0
        async with bench.session.post(
            bench.ready["admin"] + "/account", json={"deposit": {"KRW": "-99999999"}}
        ) as reply:
            assert reply.status == 400
