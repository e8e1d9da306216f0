"""Writes docs/strategies.md and docs/strategies.ko.md from the strategies, the presets and the text catalogue.

`python -m deploy.docs` after any change to them; `--check` writes nothing and exits 1 where a page is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import Field
from pathlib import Path
from typing import Any, Final

from config.presets import PRESETS, Preset
from config.texts import catalogue, text
from trading import strategies
from trading.core.calendar import TIMEFRAMES
from trading.core.filters import HIGHER, SWITCHES
from trading.core.strategy import Strategy, parameters

ROOT: Final = Path(__file__).resolve().parents[1]
PAGES: Final = {"en": ROOT / "docs" / "strategies.md", "ko": ROOT / "docs" / "strategies.ko.md"}
SHOWN: Final = ("1m", "1h", "1d")
"""Timeframes whose windows are told where they differ."""


def page(lang: str) -> str:
    """The whole page in `lang` ("ko" or "en")."""
    found = [strategies.create(name) for name in strategies.names()]
    parts = [f"# {_say(lang, 'title')}", _say(lang, "intro"), *_overview(found, lang)]
    for strategy in found:
        parts += _strategy(strategy, lang)
    parts += [f"## {_say(lang, 'filters')}", _say(lang, "filters_intro"), _table([*_filter_rows(lang)])]
    parts += [f"## {_say(lang, 'presets')}", _say(lang, "presets_intro"), _table([*_preset_rows(lang)])]
    return "\n\n".join(parts) + "\n"


def _say(lang: str, key: str, **values: object) -> str:
    return text(f"docs.{key}", lang, **values)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first one the heads."""
    lines = [" | ".join(row) for row in rows]
    lines.insert(1, " | ".join("---" for _ in rows[0]))
    return "\n".join(f"| {line} |" for line in lines)


def _overview(found: Sequence[Strategy], lang: str) -> Iterator[str]:
    rows = [[_say(lang, "strategy"), _say(lang, "called"), _say(lang, "filters_on"), _say(lang, "warmup")]]
    for one in found:
        link = f"[`{one.name}`](#{one.name})"
        rows.append([link, text(f"strategy.{one.name}", lang), _filters(one, lang), f"{one.warmup:,}"])
    yield _table(rows)


def _strategy(strategy: Strategy, lang: str) -> Iterator[str]:
    name = strategy.name
    facts = {part: text(f"strategy.{name}.{part}", lang) for part in ("entry", "exit", "risk")}
    facts |= {
        "filters_on": _filters(strategy, lang),
        "warmup": _say(lang, "candles", count=f"{strategy.warmup:,}"),
        "window": _window(strategy, lang),
        "needs": _needs(strategy, lang),
        "resting": ", ".join(f"`{preset.name}`" for preset in _resting_on(name)) or _say(lang, "none"),
    }
    if (key := f"strategy.{name}.ours") in catalogue():
        facts["ours"] = text(key, lang)
    yield f"## {name}"
    yield f"**{text(f'strategy.{name}', lang)}**"
    yield "\n".join(f"- {_say(lang, part)}: {said}" for part, said in facts.items())
    if known := parameters(type(strategy)):
        heads = [_say(lang, part) for part in ("parameter", "meaning", "default", "allowed")]
        yield _table([heads, *(_parameter(name, one, spec, lang) for one, spec in known.items())])


def _parameter(strategy: str, name: str, spec: Field[Any], lang: str) -> list[str]:
    facts = spec.metadata
    if facts["choices"]:
        allowed = ", ".join(facts["choices"])
    elif isinstance(spec.default, bool):
        allowed = "true, false"
    else:
        allowed = f"{facts['low']} .. {facts['high']}"
    return [f"`{name}`", text(f"param.{strategy}.{name}", lang), f"{spec.default}".lower(), allowed]


def _filters(strategy: Strategy, lang: str) -> str:
    on = [f"`{knob}`" for name, knob in SWITCHES.items() if name in strategy.filters]
    return ", ".join(on) or _say(lang, "none")


def _window(strategy: Strategy, lang: str) -> str:
    windows = {name: strategy.window(TIMEFRAMES[name]) for name in SHOWN}
    if len(set(windows.values())) == 1:
        return _say(lang, "candles", count=f"{windows[SHOWN[0]]:,}")
    return ", ".join(f"{name} {_say(lang, 'candles', count=f'{count:,}')}" for name, count in windows.items())


def _needs(strategy: Strategy, lang: str) -> str:
    needs = [f"`{need}`" for need in strategy.needs]
    if "higher_timeframe" in strategy.filters:
        needs.append(_say(lang, "by_filter", need=f"`{HIGHER}`"))
    return ", ".join(needs) or _say(lang, "candles_only")


def _resting_on(strategy: str) -> list[Preset]:
    return [preset for preset in PRESETS.values() if preset.knobs["strategy"] == strategy]


def _filter_rows(lang: str) -> Iterator[list[str]]:
    yield [_say(lang, "knob"), _say(lang, "meaning")]
    for knob in (*SWITCHES.values(), "min_atr_percent"):
        yield [f"`{knob}`", text(f"knob.{knob}", lang)]


def _preset_rows(lang: str) -> Iterator[list[str]]:
    yield [_say(lang, head) for head in ("preset", "timeframe", "strategy", "what")]
    for preset in PRESETS.values():
        strategy = preset.knobs["strategy"]
        told = f"`{strategy}`" if strategy in strategies.names() else _say(lang, "to_come", strategy=f"`{strategy}`")
        yield [f"`{preset.name}`", preset.knobs["timeframe"], told, text(preset.text_key, lang)]


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the pages; with `--check` only looks. Exit code 1: a page is stale."""
    given = sys.argv[1:] if argv is None else argv
    stale = [path for lang, path in PAGES.items() if not path.exists() or path.read_text("utf-8") != page(lang)]
    if "--check" in given:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: python -m deploy.docs", file=sys.stderr)  # noqa: T201
        return 1 if stale else 0
    for lang, path in PAGES.items():
        path.write_text(page(lang), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
