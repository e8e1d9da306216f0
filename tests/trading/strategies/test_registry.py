"""The folder is the registry: what a file dropped into it brings, and what is said of one that cannot be used."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import run_backtest
from config.texts import catalogue
from tests.live.bots import Home
from trading import strategies
from trading.core.errors import BadInput
from trading.core.strategy import parameters
from ui.view import choices
from ui.voice import Voice

OWN = '''
"""A strategy of the user's own: everything in one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trading.core.candles import Candles
from trading.core.indicators import gt, previous, shift, sma
from trading.core.signals import Signals, signals, together
from trading.core.strategy import Inputs, Strategy, tunable


@dataclass(frozen=True)
class Mine(Strategy):
    """The close is over its average."""

    name: ClassVar[str] = "mine"
    period: ClassVar[int] = 50
    texts: ClassVar[dict[str, tuple[str, str]]] = {
        "strategy.mine": ("내 전략", "My strategy"),
        "strategy.mine.entry": ("평균 위에서 삽니다.", "Buys over the average."),
        "strategy.mine.exit": ("평균 아래에서 팝니다.", "Sells under the average."),
        "strategy.mine.risk": ("횡보장에서 잃습니다.", "Loses when sideways."),
        "param.mine.length": ("평균의 길이", "length of the average"),
        "condition.over_mine": ("평균 위", "over the average"),
    }

    length: int = tunable(20, 5, 50)

    def rows(self, candles: Candles, inputs: Inputs) -> Signals:
        """Enters at the open after such a candle."""
        average = sma(candles.close, self.length)
        buy, conditions = together({"over_mine": gt(candles.close, average)})
        return signals(candles, buy_above=buy, exit_long=previous(gt(average, candles.close)), conditions=conditions)
'''
TEXTS = OWN[OWN.index("    texts:") : OWN.index("    length:")]
TWICE = '\n\n@dataclass(frozen=True)\nclass Other(Strategy):\n    name: ClassVar[str] = "other"\n'
WRONG: dict[str, tuple[Callable[[str], str], str, str]] = {
    "syntax": (lambda text: text.replace("def rows(", "def rows("[:-1]), "input.strategy_import", "SyntaxError"),
    "import": (lambda text: "import nothing_like_it\n", "input.strategy_import", "nothing_like_it"),
    "exception": (lambda text: text + "\n1 / 0\n", "input.strategy_import", "ZeroDivisionError"),
    "exit": (lambda text: text + "\nraise SystemExit(3)\n", "input.strategy_import", "SystemExit"),
    "empty": (lambda text: "", "input.strategy_count", "0"),
    "two": (lambda text: text + TWICE, "input.strategy_count", "Mine, Other"),
    "name": (lambda text: text.replace('"mine"', '"yours"'), "input.strategy_name", "yours"),
    "no name": (lambda text: text.replace('    name: ClassVar[str] = "mine"\n', ""), "input.strategy_name", "mine"),
    "plain class": (lambda text: text.replace("@dataclass(frozen=True)\n", ""), "input.strategy_form", "@dataclass"),
    "no rows": (lambda text: text.replace("def rows", "def lines"), "input.strategy_form", "rows"),
    "no period": (lambda text: text.replace("period: ClassVar[int] = 50", ""), "input.strategy_form", "period"),
    "filter": (
        lambda text: text.replace(
            "    length", '    filters: ClassVar[frozenset[str]] = frozenset({"trnd"})\n    length'
        ),
        "input.strategy_form",
        "filters",
    ),
    "default": (lambda text: text.replace("(20, 5, 50)", "(99, 5, 50)"), "input.strategy_default", "99"),
    "bounds": (lambda text: text.replace("(20, 5, 50)", "(20)"), "input.strategy_bounds", "length"),
    "choice": (
        lambda text: text.replace("length: int = tunable(20, 5, 50)", 'length: str = tunable("a", choices=("b", "c"))'),
        "input.strategy_default",
        "b, c",
    ),
    "required": (
        lambda text: text.replace("    length:", "    size: int\n    length:"),
        "input.strategy_import",
        "size",
    ),
    "no texts": (lambda text: text.replace(TEXTS, ""), "input.strategy_texts", "param.mine.length"),
    "no english": (lambda text: text.replace('"length of the average"', '""'), "input.strategy_texts", "length"),
    "taken text": (
        lambda text: text.replace("condition.over_mine", "strategy.macd"),
        "input.strategy_texts_twice",
        "macd",
    ),
}
KO, EN = Voice("ko"), Voice("en")
Drop = Callable[[str, str], Path]


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[Drop]:
    """Puts a file into the registry's folder, for this test alone."""
    folder = tmp_path / "strategies"
    folder.mkdir()
    strategies.__path__.append(str(folder))
    texts, modules = dict(catalogue()), set(sys.modules)

    def put(name: str, source: str) -> Path:
        path = folder / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        importlib.invalidate_caches()
        return path

    yield put
    strategies.__path__.remove(str(folder))
    for name in set(sys.modules) - modules:
        if name.startswith("trading.strategies."):
            del sys.modules[name]
            delattr(strategies, name.rpartition(".")[2]) if hasattr(strategies, name.rpartition(".")[2]) else None
    strategies._taken.cache_clear()
    catalogue().clear()
    catalogue().update(texts)


def test_all_files_of_the_program_can_be_used() -> None:
    assert strategies.refused() == {}
    folder = Path(strategies.__file__).parent
    assert set(strategies.names()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_one_file_is_a_strategy_with_its_form_and_its_words(drop: Drop) -> None:
    drop("mine", OWN)
    assert "mine" in strategies.names()
    assert strategies.create("mine", {"length": "30"}).length == 30  # type: ignore[attr-defined]
    assert list(parameters(strategies.find("mine"))) == ["length"]
    plan = next(one for one in choices.plans(KO) if one.name == "mine")
    assert (plan.label, plan.text) == ("내 전략", "평균 위에서 삽니다. 평균 아래에서 팝니다. 횡보장에서 잃습니다.")
    (param,) = choices.params("mine", None, EN)
    assert (param.label, param.kind, param.default, param.low, param.high) == (
        "length of the average",
        "int",
        20,
        5,
        50,
    )
    assert EN.term("condition", "over_mine") == "over the average"


def test_the_backtest_takes_it(drop: Drop, tmp_path: Path) -> None:
    drop("mine", OWN)
    out = tmp_path / "out.json"
    assert run_backtest.main(["run", "--strategy", "mine", "--param", "length=10", "--json", str(out)]) == 0
    figures = json.loads(out.read_text("utf-8"))
    assert figures["strategy"] == "mine" and figures["trades"] > 0


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_in_one_sentence_and_the_others_go_on(
    case: str, drop: Drop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, key, said = WRONG[case]
    drop("mine", spoil(OWN))
    drop("third", OWN.replace("mine", "third").replace("Mine", "Third"))
    names = strategies.names()
    assert "mine" not in names and {"breakout", "macd", "third"} <= set(names)
    problem = strategies.refused()["mine"]
    assert problem.key == key
    for lang in ("ko", "en"):
        sentence = problem.text(lang)
        assert sentence.startswith("trading/strategies/mine.py: ") and said in sentence and "\n" not in sentence
    with pytest.raises(BadInput) as caught:
        strategies.create("mine")
    assert caught.value is problem
    monkeypatch.setenv("HAETAE_LANGUAGE", "en")
    assert run_backtest.main(["run", "--strategy", "mine"]) == 2
    assert capsys.readouterr().err.strip() == problem.text("en")
    assert choices.refused(KO) == (problem.text("ko"),)
    assert "mine" not in [one.name for one in choices.plans(KO)]


def test_a_file_left_out_is_an_alarm_of_the_bot_and_the_rest_trades(tmp_path: Path) -> None:
    folder = tmp_path / "strategies"
    folder.mkdir()
    (folder / "mine.py").write_text("def broken(:\n", encoding="utf-8")
    home = Home(tmp_path / "home")
    ran = home.call("run", "--ticks", "2", BOT_STRATEGIES=str(folder))
    assert ran.returncode == 0, ran.stderr
    assert "trading/strategies/mine.py: 불러올 수 없습니다 (SyntaxError" in home.log()
    (kept,) = [body for (body,) in home.rows("select detail from events where kind = 'alarm'") if "mine.py" in body]
    assert "trading/strategies/mine.py: cannot be loaded (SyntaxError" in kept
    asked = home.call("check", BOT_STRATEGIES=str(folder))
    assert asked.returncode == 0 and "mine.py" in asked.stdout
    chosen = home.call("run", "--ticks", "1", BOT_STRATEGIES=str(folder), HAETAE_STRATEGY="mine")
    assert chosen.returncode == 3 and "trading/strategies/mine.py" in chosen.stderr, chosen.stderr
    assert "Traceback" not in chosen.stderr + ran.stderr
