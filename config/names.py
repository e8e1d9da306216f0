"""Which knob, parameter and venue a name of `.env` or of a command means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from config.errors import SettingError, nearest
from config.knobs import KNOBS
from config.venues import VENUES

PREFIX = "HAETAE_"
PARAM = "param."
TUNED_FOR = ("tuned_preset", "tuned_symbol")  # what a tuned file was tuned for
_PARAM_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Target:
    """What a name means: `key` is a knob's name or "param.<name>"; venue None = all venues."""

    key: str
    venue: str | None


def env_name(key: str, venue: str | None = None) -> str:
    """The `.env` name of a knob or of "param.<name>", e.g. HAETAE_UPBIT_PARAM_K."""
    return PREFIX + (f"{venue}_" if venue else "").upper() + key.replace(".", "_").upper()


@cache
def env_names() -> dict[str, Target]:
    """Every `HAETAE_` name of a knob, with and without venue."""
    names = {env_name(key): Target(key, None) for key in KNOBS}
    for venue in VENUES:
        names |= {env_name(key, venue): Target(key, venue) for key, knob in KNOBS.items() if knob.per_venue}
    return names


def target(name: str, *, tuned: bool = False) -> Target | None:
    """What `name` means, or None when it is not one of ours (no HAETAE_ prefix).

    Raises SettingError for an unknown HAETAE_ name (with the nearest one) and for a venue before a knob that holds for
    all venues. `tuned`: the file that the bot writes itself may also say what it was tuned for.
    """
    folded = name.upper()
    if not folded.startswith(PREFIX):
        return None
    if (known := env_names().get(folded)) is not None:
        return known
    rest = folded[len(PREFIX) :].casefold()
    venue = next((v for v in VENUES if rest.startswith(f"{v}_")), None)
    key = rest[len(venue) + 1 :] if venue else rest
    if venue and key in KNOBS:
        raise SettingError("not_per_venue", name, allowed=env_name(key))
    if tuned and key in TUNED_FOR:
        return Target(key, venue)
    if key.startswith("param_") and _PARAM_NAME.fullmatch(key[len("param_") :]):
        return Target(PARAM + key[len("param_") :], venue)
    raise SettingError("unknown", name, nearest=nearest(folded, env_names()))


def checked(name: str, venue: str | None) -> Target:
    """The target of a command's or a command line's name ("take_profit_percent", "param.k"); raises SettingError."""
    if venue is not None and venue not in VENUES:
        raise SettingError("choice", "venue", value=venue, allowed=", ".join(VENUES), nearest=nearest(venue, VENUES))
    if name.startswith(PARAM):
        if not _PARAM_NAME.fullmatch(name[len(PARAM) :]):
            raise SettingError("unknown", name)
        return Target(name, venue)
    knob = KNOBS.get(name)
    if knob is None:
        raise SettingError("unknown", name, nearest=nearest(name, KNOBS))
    if venue is not None and not knob.per_venue:
        raise SettingError("not_per_venue", name, allowed=env_name(name))
    return Target(name, venue)
