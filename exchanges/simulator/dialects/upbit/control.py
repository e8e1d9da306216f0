"""What the admin may change of the dialect: its API keys and its switches."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from exchanges.simulator.dialect import BadCommand
from exchanges.simulator.dialects.upbit.auth import DEMO_SCOPES, SCOPES, YEAR_MS, Key
from exchanges.simulator.dialects.upbit.desk import Desk

OTHER_OPTIONS = {"limits", "plain_text_429", "old_ip_spelling", "block_seconds", "access_key"}


def key_view(key: Key) -> dict[str, Any]:
    """A key as JSON, its secret included."""
    return {
        "access_key": key.access_key,
        "secret": key.secret,
        "scopes": sorted(key.scopes),
        "addresses": sorted(key.addresses),
        "expires_ms": key.expires_ms,
    }


def set_key(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    """access_key, and secret for a new one; scopes, addresses, expires_ms (wall); remove: true takes it away.

    Raises BadCommand.
    """
    name = body.get("access_key")
    if not isinstance(name, str) or not name:
        raise BadCommand("name an access_key")
    keys = desk.keyring.keys
    if body.get("remove"):
        keys.pop(name, None)
        return {"removed": name}
    old = keys.get(name)
    secret = body.get("secret", old.secret if old else None)
    if not isinstance(secret, str) or len(secret) < 32:
        raise BadCommand("a secret has 32 characters or more")
    scopes = frozenset(body.get("scopes", old.scopes if old else DEMO_SCOPES))
    if not scopes <= SCOPES:
        raise BadCommand(f"scopes are {sorted(SCOPES)}")
    expires_ms = body.get("expires_ms", old.expires_ms if old else desk.world.wall_ms() + YEAR_MS)
    addresses = frozenset(body.get("addresses", old.addresses if old else ()))
    keys[name] = Key(name, secret, int(expires_ms), scopes, addresses)
    return key_view(keys[name])


def options(desk: Desk) -> dict[str, Any]:
    """All switches."""
    return asdict(desk.switches) | {
        "limits": not desk.limits.off,
        "plain_text_429": desk.limits.plain_text,
        "old_ip_spelling": desk.keyring.old_ip_spelling,
    }


def set_options(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    """Switches by name; block_seconds blocks `access_key` (default demo-access) as repeated 429 would.

    Raises BadCommand.
    """
    names = {one.name for one in fields(desk.switches)}
    if unknown := body.keys() - names - OTHER_OPTIONS:
        raise BadCommand(f"options does not know {sorted(unknown)}")
    for name in names & body.keys():
        kind = type(getattr(desk.switches, name))
        setattr(desk.switches, name, kind(body[name]))
    desk.limits.off = not body.get("limits", not desk.limits.off)
    desk.limits.plain_text = bool(body.get("plain_text_429", desk.limits.plain_text))
    desk.keyring.old_ip_spelling = bool(body.get("old_ip_spelling", desk.keyring.old_ip_spelling))
    if "block_seconds" in body:
        desk.limits.block(f"key:{body.get('access_key', 'demo-access')}", float(body["block_seconds"]))
    return options(desk)
