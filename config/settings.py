"""The settings of a run: layers read, checked as a whole, frozen.

`load` reads them at the start; `reload` reads them again while running and either gives new settings or raises, leaving
the old ones as they were. A bad edit changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from config.advice import warnings_for
from config.dotenv import EnvFile, read_env
from config.errors import NotWhileRunning, SettingError, nearest
from config.explain import explain
from config.knobs import KNOBS, find
from config.layers import (
    Entry,
    Layer,
    LayerName,
    Notice,
    Origin,
    Override,
    read_command_line,
    read_environment,
    read_lines,
    read_overrides,
)
from config.names import PARAM, env_name
from config.overrides import changed_in_env, checked_override, env_value, outdated, superseded
from config.params import strategy_params, unknown
from config.research import for_backtest
from config.resolve import Resolved, resolve
from config.secrets import Secret, Secrets
from config.values import Knobs
from config.venues import VENUES

__all__ = [
    "Notice",
    "Origin",
    "Override",
    "Settings",
    "changed_in_env",
    "check_params",
    "checked_override",
    "dropped_overrides",
    "explain",
    "for_backtest",
    "load",
    "noted",
    "reload",
]


@dataclass(frozen=True)
class Settings:
    """Everything set for a run. Immutable; a change makes new settings.

    `warnings`: what a person should know; `overrides`: those in force; `dropped`: those that this reading dropped
    because `.env` changed after them; `version`: twelve hex digits that change when any value changes.
    """

    layers: Mapping[LayerName, Layer]
    resolved: Mapping[str | None, Resolved]
    secrets: Secrets
    account_origins: Mapping[str, Origin]
    overrides: tuple[Override, ...]
    dropped: tuple[Override, ...]
    warnings: tuple[Notice, ...]
    env: EnvFile
    version: str

    @property
    def mode(self) -> str:
        """demo, paper, testnet or live."""
        return self.resolved[None].knobs.mode

    @property
    def venues(self) -> tuple[str, ...]:
        """The venues that are on."""
        return self.resolved[None].knobs.venues

    @property
    def language(self) -> str:
        """ "ko" or "en"."""
        return self.resolved[None].knobs.language

    def knobs(self, venue: str | None = None) -> Knobs:
        """All knobs as they hold for `venue` (None: what is set for all). Raises KeyError for an unknown venue."""
        return self.resolved[venue].knobs

    def params(self, venue: str | None, strategy_defaults: Mapping[str, object] | None = None) -> dict[str, object]:
        """The strategy parameters set for `venue`: see `config.params.strategy_params`. Raises SettingError."""
        running = {self.resolved[v].knobs.strategy for v in self.venues}
        return strategy_params(self.resolved[venue], strategy_defaults, lenient_shared=len(running) > 1)

    def entry(self, name: str, venue: str | None = None) -> Entry:
        """The value in force of a knob or of "param.<name>" with its origin. Raises SettingError: unknown name."""
        resolved = self.resolved[venue]
        if name.startswith(PARAM):
            if (found := resolved.params.get(name[len(PARAM) :])) is None:
                raise SettingError("unknown", name, nearest=nearest(name, [PARAM + p for p in resolved.params]))
            return found
        return resolved.entries[find(name).name]

    def origin(self, name: str, venue: str | None = None) -> Origin:
        """Where the value in force of a knob or of "param.<name>" comes from. Raises SettingError: unknown name."""
        return self.entry(name, venue).origin


@dataclass(frozen=True, slots=True)
class _Sources:
    env: EnvFile
    layers: Mapping[LayerName, Layer]
    accounts: Mapping[str, tuple[str, Origin]]
    notices: tuple[Notice, ...]


def load(
    env_file: Path,
    tuned_file: Path,
    environ: Mapping[str, str],
    overrides: Sequence[Override] = (),
    cli: Mapping[str, object] = MappingProxyType({}),
) -> Settings:
    """Read every layer, check all of it and resolve it for each venue.

    A missing file is an empty one. Raises SettingError, naming file, line, value and range, for the first thing that is
    wrong, and when live mode lacks its confirmation. Overrides that `.env` outlived are left out (`dropped`).
    """
    sources = _read(env_file, tuned_file, environ, cli)
    gone = outdated(overrides, sources.layers["env_file"])
    return _settle(sources, [o for o in overrides if o not in gone], gone)


def reload(
    old: Settings,
    env_file: Path,
    tuned_file: Path,
    environ: Mapping[str, str],
    overrides: Sequence[Override] | None = None,
    cli: Mapping[str, object] = MappingProxyType({}),
) -> Settings:
    """Read again while running. `overrides`: those of the ledger now (None: those of `old`).

    Raises SettingError for a bad edit and NotWhileRunning for a changed mode, venue list, host or key; then nothing of
    the edit counts. A `.env` that vanished or was emptied is refused too: an editor may be halfway through saving it.
    Overrides of knobs that `.env` changed are dropped and listed in `dropped`.
    """
    sources = _read(env_file, tuned_file, environ, cli)
    if not old.env.blank and sources.env.blank:
        raise SettingError("vanished", env_file.name, file=env_file.name)
    kept = old.overrides if overrides is None else tuple(overrides)
    gone = superseded(kept, old.layers["env_file"], sources.layers["env_file"])
    new = _settle(sources, [o for o in kept if o not in gone], gone)
    _same_fixed(old, new)
    return new


def dropped_overrides(before: Settings, after: Settings) -> tuple[Override, ...]:
    """The overrides of `before` that the `.env` of `after` drops: exactly the knobs whose value was changed there."""
    return superseded(before.overrides, before.layers["env_file"], after.layers["env_file"])


def noted(settings: Settings, override: Override) -> Override:
    """The override, checked, with what `.env` says now remembered in it, so that a later edit is noticed at a start.

    Raises SettingError or NotWhileRunning.
    """
    value = env_value(settings.layers["env_file"], override.name, override.venue)
    return replace(checked_override(override), env_value=value)


def check_params(settings: Settings, defaults: Mapping[str, Mapping[str, object]]) -> None:
    """Raise SettingError for a parameter, set for all venues, that no running strategy has.

    `defaults`: strategy name -> its parameters' defaults. (`Settings.params` checks each venue's own.)
    """
    running = {settings.knobs(venue).strategy for venue in settings.venues}
    known: dict[str, object] = {}
    for strategy in running:
        known |= defaults.get(strategy or "", {})
    for name, entry in settings.resolved[None].params.items():
        if name not in known and not entry.soft and entry.origin.layer != "preset":
            raise unknown(entry, known)


def _read(env_file: Path, tuned_file: Path, environ: Mapping[str, str], cli: Mapping[str, object]) -> _Sources:
    env = read_env(env_file)
    reading = read_lines(env.lines, "env_file", env.file)
    process = read_environment(environ)
    tuned, notices = _read_tuned(tuned_file)
    layers: dict[LayerName, Layer] = {
        "tuned": tuned,
        "env_file": reading.entries,
        "environment": process.entries,
        "command_line": read_command_line(cli),
    }
    accounts = reading.accounts | process.accounts
    return _Sources(env, layers, accounts, (*reading.notices, *process.notices, *notices))


def _read_tuned(path: Path) -> tuple[Layer, tuple[Notice, ...]]:
    """The file of the self-tuning. The bot writes it itself: a broken one is left out and said, it stops no start."""
    try:
        reading = read_lines(read_env(path).lines, "tuned", path.name)
        fixed = [e for e in reading.entries.values() if e.key in KNOBS and not KNOBS[e.key].hot]
        if fixed:
            raise NotWhileRunning("fixed", fixed[0].name, file=path.name, line=fixed[0].origin.line)
    except SettingError as error:
        return {}, (Notice("settings.notice_tuned", {"reason": error.text("en"), "reason_ko": error.text("ko")}),)
    return reading.entries, ()


def _settle(sources: _Sources, overrides: Sequence[Override], dropped: tuple[Override, ...]) -> Settings:
    layer, kept, notices = read_overrides(overrides)
    layers: dict[LayerName, Layer] = {**sources.layers, "override": layer}
    resolved = MappingProxyType({venue: resolve(layers, venue) for venue in (None, *VENUES)})
    secrets = Secrets(MappingProxyType({name: Secret(value) for name, (value, _) in sources.accounts.items()}))
    running = resolved[None].entries["mode"]
    if running.value == "live" and not secrets.live_confirmed:
        raise SettingError("unconfirmed", "mode", value="live").at("mode", running.origin.file, running.origin.line)
    venues = resolved[None].knobs.venues
    _research_only(resolved, venues)
    warnings = (*sources.notices, *notices, *warnings_for([resolved[venue] for venue in venues]))
    return Settings(
        layers=MappingProxyType(layers),
        resolved=resolved,
        secrets=secrets,
        account_origins=MappingProxyType({name: origin for name, (_, origin) in sources.accounts.items()}),
        overrides=kept,
        dropped=dropped,
        warnings=warnings,
        env=sources.env,
        version=_version(resolved),
    )


def _research_only(resolved: Mapping[str | None, Resolved], venues: Sequence[str]) -> None:
    """Sizing all_in spends everything on one coin: a backtest may, a running bot may not."""
    for venue in venues:
        entry = resolved[venue].entries["sizing"]
        if entry.value == "all_in":
            error = SettingError("research_only", "sizing", value="all_in", allowed="turtle, kelly, fixed")
            raise error.at(entry.name, entry.origin.file, entry.origin.line)


def _same_fixed(old: Settings, new: Settings) -> None:
    for name, knob in KNOBS.items():
        if not knob.hot and getattr(old.knobs(), name) != getattr(new.knobs(), name):
            origin = new.origin(name)
            raise NotWhileRunning("fixed", env_name(name), file=origin.file, line=origin.line)
    names = old.secrets.values.keys() | new.secrets.values.keys()
    for name in sorted(names - {"LIVE_TRADING_CONFIRM"}):
        if old.secrets.get(name) != new.secrets.get(name):
            place = new.account_origins.get(name)
            raise NotWhileRunning("fixed", name, file=place.file if place else "", line=place.line if place else None)


def _version(resolved: Mapping[str | None, Resolved]) -> str:
    """A short hash of every resolved value; secrets are not part of it."""
    values = {
        str(venue): {
            **{key: entry.value for key, entry in r.entries.items()},
            **{PARAM + key: entry.value for key, entry in r.params.items()},
        }
        for venue, r in resolved.items()
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
