"""What the strategy form offers: presets and strategies that exist, their texts, their parameters with bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from config.advice import beside_holding
from config.presets import PRESETS
from trading import strategies
from ui.voice import Voice

ParamKind = Literal["bool", "int", "float", "choice"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A preset or a strategy. strategy: the one that it runs; texts in the page's language."""

    name: str
    label: str
    text: str
    strategy: str


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a strategy. default: what holds when nothing is said; low, high: inclusive, None = open."""

    name: str
    label: str
    kind: ParamKind
    default: Any
    low: float | None
    high: float | None
    choices: tuple[str, ...]


def presets(venue: str, voice: Voice) -> tuple[Choice, ...]:
    """Presets that fit `venue` and whose strategy is there."""
    known = strategies.names()
    found = []
    for preset in PRESETS.values():
        strategy = str(preset.knobs.get("strategy", ""))
        if strategy in known and (not preset.venues or venue in preset.venues):
            timeframe = preset.knobs.get("timeframe", "")
            label = f"{preset.name} ({voice.term('strategy', strategy)}, {timeframe})"
            text = _proved(voice.of(preset.text_key), preset.name, strategy, voice)
            found.append(Choice(preset.name, label, text, strategy))
    return tuple(found)


def plans(voice: Voice) -> tuple[Choice, ...]:
    """All strategies that are there."""
    found = []
    for name in strategies.names():
        said = " ".join(voice.of(f"strategy.{name}.{part}") for part in ("entry", "exit", "risk"))
        found.append(Choice(name, voice.term("strategy", name), _proved(said, "", name, voice), name))
    return tuple(found)


def _proved(said: str, preset: str, strategy: str, voice: Voice) -> str:
    """`said`, with how it did beside buy and hold where it did not always win."""
    notice = beside_holding(preset, strategy)
    return f"{said} {notice.text(voice.lang)}" if notice else said


def refused(voice: Voice) -> tuple[str, ...]:
    """Why strategy files in the folder cannot be chosen, a sentence each."""
    return tuple(problem.text(voice.lang) for problem in strategies.refused().values())


def params(strategy: str, preset: str | None, voice: Voice) -> tuple[Param, ...]:
    """Parameters of `strategy` with the values of `preset` as defaults. Raises ValueError for an unknown strategy."""
    given: Mapping[str, Any] = PRESETS[preset].params if preset in PRESETS else {}
    found = []
    for one in fields(strategies.find(strategy)):
        if "low" not in one.metadata:
            continue
        default = given.get(one.name, one.default)
        choices = tuple(one.metadata["choices"])
        label = voice.of(f"param.{strategy}.{one.name}", one.name)
        low, high = one.metadata["low"], one.metadata["high"]
        found.append(Param(one.name, label, _kind(one.default, choices), default, low, high, choices))
    return tuple(found)


def _kind(default: Any, choices: tuple[str, ...]) -> ParamKind:
    if choices:
        return "choice"
    if isinstance(default, bool):
        return "bool"
    return "int" if isinstance(default, int) else "float"


def changed(spec: tuple[Param, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that differ from their defaults: all that a command must name."""
    return {one.name: values[one.name] for one in spec if one.name in values and values[one.name] != one.default}


def arguments(
    venue: str, preset: str | None, strategy: str, values: Mapping[str, Any], keep: bool, voice: Voice
) -> dict[str, Any]:
    """Arguments of set_strategy: a preset or a strategy, what was changed, what becomes of open positions."""
    args: dict[str, Any] = {"venue": venue}
    args.update({"preset": preset} if preset else {"strategy": strategy})
    if differing := changed(params(strategy, preset, voice), values):
        args["params"] = differing
    args["positions"] = "keep" if keep else "close"
    return args
