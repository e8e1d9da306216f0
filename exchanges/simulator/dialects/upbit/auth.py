"""Upbit's authentication: a JWT signed with the account's secret, its nonce used once, its query hash verified."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, unquote_plus, urlencode

from exchanges.simulator.dialects.upbit.errors import refusal

SCOPES = frozenset({"view_account", "view_orders", "make_orders", "withdraw", "deposit"})
"""자산조회, 주문조회, 주문하기, 출금하기, 입금하기"""
DEMO_SCOPES = frozenset({"view_account", "view_orders", "make_orders"})
DEMO_SECRET = "demo-secret-of-the-local-simulator-only-0001"
KEEP_NONCES = 200_000
_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
YEAR_MS = 365 * 86_400_000


@dataclass(slots=True)
class Key:
    """An API key: scopes (see SCOPES), addresses it may be used from (empty: any), expiry as wall ms UTC."""

    access_key: str
    secret: str
    expires_ms: int
    scopes: frozenset[str] = DEMO_SCOPES
    addresses: frozenset[str] = frozenset()


def demo_keys(wall_ms: int) -> dict[str, Key]:
    """The keys every simulator starts with: one that trades, one for each way a key can be refused, one that may
    withdraw. All share DEMO_SECRET."""
    year, week = wall_ms + YEAR_MS, wall_ms + 7 * 86_400_000
    keys = (
        Key("demo-access", DEMO_SECRET, year),
        Key("demo-readonly", DEMO_SECRET, year, frozenset({"view_account", "view_orders"})),
        Key("demo-expired", DEMO_SECRET, wall_ms - 1_000),
        Key("demo-expiring", DEMO_SECRET, week),
        Key("demo-other-ip", DEMO_SECRET, year, DEMO_SCOPES, frozenset({"203.0.113.7"})),
        Key("demo-withdraw", DEMO_SECRET, year, SCOPES),
    )
    return {key.access_key: key for key in keys}


@dataclass(slots=True)
class Signed:
    """What a request brings that its signature must cover: the raw query or form, or the parsed JSON body."""

    raw: str = ""
    body: dict[str, Any] | None = None


@dataclass(slots=True)
class Keyring:
    """All keys, and the nonces they used."""

    keys: dict[str, Key]
    old_ip_spelling: bool = False
    _nonces: set[tuple[str, str]] = field(default_factory=set)
    _order: deque[tuple[str, str]] = field(default_factory=deque)

    def verify(self, header: str | None, signed: Signed, address: str, wall_ms: int) -> Key:
        """The key that signed the request. Raises UpbitError (401) for every way it can be wrong."""
        if not header or not header.startswith("Bearer ") or not header[7:].strip():
            raise refusal("no_authorization_token")
        token = header[7:].strip()
        payload = _payload(token)
        key = self.keys.get(str(payload.get("access_key", "")))
        if key is None:
            raise refusal("invalid_access_key")
        if not _signature_fits(token, key.secret):
            raise refusal("jwt_verification")
        if key.expires_ms <= wall_ms:
            raise refusal("expired_access_key")
        if key.addresses and address not in key.addresses:
            raise refusal("no_authorization_i_p" if self.old_ip_spelling else "no_authorization_ip")
        self._use_nonce(key.access_key, payload.get("nonce"))
        _check_query_hash(payload, signed)
        return key

    def _use_nonce(self, access_key: str, nonce: object) -> None:
        if not isinstance(nonce, str) or not nonce:
            raise refusal("jwt_verification")
        used = (access_key, nonce)
        if used in self._nonces:
            raise refusal("nonce_used")
        self._nonces.add(used)
        self._order.append(used)
        if len(self._order) > KEEP_NONCES:
            self._nonces.discard(self._order.popleft())


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _payload(token: str) -> dict[str, Any]:
    """The unverified claims of a token. Raises UpbitError for anything that is no JWT."""
    try:
        _, middle, _ = token.split(".")
        payload = json.loads(_decode(middle))
    except (ValueError, binascii.Error):
        raise refusal("jwt_verification") from None
    if not isinstance(payload, dict):
        raise refusal("jwt_verification")
    return payload


def _signature_fits(token: str, secret: str) -> bool:
    head, _, signature = token.rpartition(".")
    try:
        header = json.loads(_decode(head.split(".")[0]))
        given = _decode(signature)
    except (ValueError, binascii.Error):
        return False
    digest = _DIGESTS.get(header.get("alg", "")) if isinstance(header, dict) else None
    if digest is None:
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), head.encode(), digest).digest(), given)


def _check_query_hash(payload: dict[str, Any], signed: Signed) -> None:
    given = payload.get("query_hash")
    if not signed.raw and not signed.body:
        if given:
            raise refusal("invalid_query_payload")
        return
    if not isinstance(given, str) or payload.get("query_hash_alg", "SHA512") != "SHA512":
        raise refusal("invalid_query_payload")
    if given not in {hashlib.sha512(text.encode()).hexdigest() for text in _renderings(signed)}:
        raise refusal("invalid_query_payload")


def _renderings(signed: Signed) -> Iterable[str]:
    """The forms of the parameters that a client may have hashed: as sent, decoded, and with only [] decoded."""
    if signed.raw:
        raw = signed.raw
        yield from (raw, unquote(raw), unquote_plus(raw), raw.replace("%5B", "[").replace("%5D", "]"))
    if signed.body:
        pairs = list(_pairs(signed.body))
        yield "&".join(f"{name}={value}" for name, value in pairs)
        yield urlencode(pairs).replace("%5B%5D=", "[]=")


def _pairs(body: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in body.items():
        if isinstance(value, list):
            suffix = "" if name.endswith("[]") else "[]"
            yield from ((name + suffix, _text(one)) for one in value)
        else:
            yield name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
