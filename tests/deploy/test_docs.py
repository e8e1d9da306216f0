"""The pages about strategies say what the strategies are."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.presets import PRESETS
from config.texts import text
from deploy import docs
from trading import strategies
from trading.core.strategy import parameters


@pytest.mark.parametrize("lang", docs.PAGES)
def test_the_pages_are_as_the_strategies_are(lang: str) -> None:
    assert docs.PAGES[lang].read_text("utf-8") == docs.page(lang), "stale: run python -m deploy.docs"


def test_each_strategy_is_told_whole() -> None:
    sections = dict(part.split("\n", 1) for part in docs.page("en").split("\n## ")[1:])
    for name in strategies.names():
        section = sections[name]
        for part in ("entry", "exit", "risk"):
            assert text(f"strategy.{name}.{part}", "en") in section
        for known in parameters(strategies.find(name)):
            assert f"| `{known}` | {text(f'param.{name}.{known}', 'en')} |" in section
    assert "- Filters on by default: `trend_filter`, `adx_filter`, `higher_timeframe_filter`" in sections["breakout"]
    assert "- Window: 1m 2,880 candles, 1h 1,000 candles, 1d 1,000 candles" in sections["breakout"]
    assert "| `k` | share of yesterday's range above today's open | 0.5 | 0.05 .. 2.0 |" in sections["breakout"]
    assert "- Warm-up: 500 candles\n- Window: 2,000 candles" in sections["pullback"]
    assert "- Ours: " in sections["combined"] and "- Ours: " not in sections["pullback"]
    assert all(f"| `{name}` | " in sections["Presets"] for name in PRESETS)


def test_a_stale_page_is_noticed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {lang: tmp_path / f"{lang}.md" for lang in docs.PAGES}
    monkeypatch.setattr(docs, "PAGES", pages)
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    assert docs.main(["--check"]) == 1
    assert "en.md" in capsys.readouterr().err
    assert docs.main([]) == 0
    assert docs.main(["--check"]) == 0
    pages["ko"].write_text("old", encoding="utf-8")
    assert docs.main(["--check"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
