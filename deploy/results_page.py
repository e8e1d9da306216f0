"""The page about results and the table that the program reads, from the runs that were measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from config.texts import text
from deploy.results_run import Part, Run, Source, Tally, tallies, tally
from trading.backtest.moments import kst_day
from trading.core.calendar import timeframe_name
from trading.core.krx import SELL_TAXES
from trading.core.rules import RULES

_TABLE: Final = '''"""Strategies and presets beside buy and hold on recorded candles, out of sample, after costs.

Made by `python -m deploy.results`; not to be edited. docs/results.md tells the rest.
"""

from __future__ import annotations

from typing import Final

#: (kind, name) -> recorded series tried, of which it beat holding, of which it earned money at that.
BESIDE_HOLDING: Final[dict[tuple[str, str], tuple[int, int, int]]] = {
'''


def table(runs: Sequence[Run]) -> str:
    """Source of config/results.py."""
    rows = (
        f'    ("{kind}", "{name}"): ({count.tried}, {count.beat}, {count.earned}),\n'
        for (kind, name), count in tallies(runs).items()
    )
    return _TABLE + "".join(rows) + "}\n"


def page(runs: Sequence[Run], lang: str) -> str:
    """The whole page in `lang` ("ko" or "en")."""
    counts = tallies(runs)
    sources = tuple(dict.fromkeys(run.source for run in runs))
    parts = [f"# {_say(lang, 'title')}", _say(lang, "intro"), _verdict(runs, counts, lang)]
    parts += [f"## {_say(lang, 'measured')}", _say(lang, "how"), _costs(sources, lang)]
    parts += [f"## {_say(lang, 'series')}", _rows(_series(runs, sources, lang))]
    parts += [f"## {_say(lang, 'counts')}", _say(lang, "counts_intro"), _rows(_counted(counts, lang))]
    for source in sources:
        parts += [f"## {_named(source)}", _rows(_results([run for run in runs if run.source == source], lang))]
    parts += [f"## {_say(lang, 'repeat')}", _say(lang, "again"), _commands(sources)]
    return "\n\n".join(parts) + "\n"


def _say(lang: str, key: str, **values: object) -> str:
    return text(f"results.{key}", lang, **values)


def _rows(rows: Iterator[Sequence[str]]) -> str:
    """A table; its first row are the heads."""
    lines = [" | ".join(row) for row in rows]
    lines.insert(1, " | ".join("---" for _ in lines[0].split(" | ")))
    return "\n".join(f"| {line} |" for line in lines)


def _verdict(runs: Sequence[Run], counts: dict[tuple[str, str], Tally], lang: str) -> str:
    """The plain sentences: how many beat holding, which of them always, and which never."""
    every = tally(runs)
    both = sum(run.past.earned and run.ahead.earned for run in runs)
    values = {"runs": every.tried, "traded": every.traded, "beat": every.beat, "earned": every.earned, "both": both}
    always = [name for name, count in counts.items() if count.beat == count.tried]
    rich = [name for name, count in counts.items() if count.earned == count.tried]
    never = [name for name, count in counts.items() if not count.beat]
    told = {"always": _list(always, lang), "rich": _list(rich, lang), "never": _list(never, lang)}
    return f"**{_say(lang, 'verdict', **values)}** {_say(lang, 'which', **told)}"


def _list(names: Sequence[tuple[str, str]], lang: str) -> str:
    return ", ".join(f"{_say(lang, kind)} `{name}`" for kind, name in names) or _say(lang, "none")


def _costs(sources: Sequence[Source], lang: str) -> str:
    lines = []
    for venue in dict.fromkeys(source.venue for source in sources):
        said = _say(lang, "fee", venue=venue, fee=f"{RULES[venue].fee_rate:.3%}")
        if venue == "stock":
            taxes = [share for _, share in SELL_TAXES]
            said += _say(lang, "tax", low=f"{min(taxes):.2%}", high=f"{max(taxes):.2%}")
        lines.append(f"- {said}")
    return "\n".join(lines)


def _named(source: Source) -> str:
    return f"{source.venue} {source.symbol} {source.timeframe}"


def _series(runs: Sequence[Run], sources: Sequence[Source], lang: str) -> Iterator[Sequence[str]]:
    yield [_say(lang, head) for head in ("candles", "recorded", "past", "ahead", "held_past", "held_ahead")]
    for source in sources:
        run = next(run for run in runs if run.source == source)  # a strategy's: on the recorded timeframe itself
        yield [
            _named(source),
            _say(lang, f"of_{source.venue}"),
            _span(run.past),
            _span(run.ahead),
            f"{run.past.held:+.2%}",
            f"{run.ahead.held:+.2%}",
        ]


def _span(part: Part) -> str:
    return f"{kst_day(part.start_ms)} – {kst_day(part.end_ms - 1)}"


def _counted(counts: dict[tuple[str, str], Tally], lang: str) -> Iterator[Sequence[str]]:
    yield [_say(lang, head) for head in ("who", "tried", "traded", "beat", "earned")]
    for (kind, name), count in counts.items():
        yield [f"{_say(lang, kind)} `{name}`", *(f"{n}" for n in (count.tried, count.traded, count.beat, count.earned))]


def _results(runs: Sequence[Run], lang: str) -> Iterator[Sequence[str]]:
    currency = RULES[runs[0].source.venue].currency
    heads = ("who", "timeframe", "net_past", "trades", "net_ahead", "held", "trades", "drawdown", "held_drawdown")
    yield [*(_say(lang, head) for head in heads), _say(lang, "fees", currency=currency), _say(lang, "beaten")]
    for run in sorted(runs, key=lambda run: (run.kind != "strategy", run.name)):
        past, ahead = run.past, run.ahead
        yield [
            f"{_say(lang, run.kind)} `{run.name}`",
            timeframe_name(run.timeframe_ms),
            f"{past.net:+.2%}{_stopped(past, lang)}",
            f"{past.trades:,}",
            f"{ahead.net:+.2%}",
            f"{ahead.held:+.2%}",
            f"{ahead.trades:,}",
            f"{ahead.drawdown:.2%}",
            f"{ahead.held_drawdown:.2%}",
            f"{ahead.fees:,.0f}" if currency == "KRW" else f"{ahead.fees:,.2f}",
            _judged(ahead, lang),
        ]


def _judged(ahead: Part, lang: str) -> str:
    if not ahead.trades:
        return _say(lang, "no_trade") + (_say(lang, "closed", names=", ".join(ahead.closed)) if ahead.closed else "")
    return _say(lang, "yes" if ahead.earned else "lost_less" if ahead.beat else "no") + _stopped(ahead, lang)


def _stopped(part: Part, lang: str) -> str:
    return "" if part.stopped_ms is None else _say(lang, "stopped", day=kst_day(part.stopped_ms))


def _commands(sources: Sequence[Source]) -> str:
    lines = ["python -m deploy.results --data DIR"]
    for source in sources:
        etf = f" --etf {source.symbol}" if source.untaxed else ""
        where = f"--data DIR/{source.file} --symbol {source.symbol} --venue {source.venue}{etf}"
        lines.append(f"python run_backtest.py run {where} --strategy NAME")
    return "\n".join(["```sh", *lines, "```"])
