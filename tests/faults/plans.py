"""Fault plans as data: the faults of the table by name, and random mixtures of them from a seed."""

from __future__ import annotations

import random
from typing import Any

Rule = dict[str, Any]

ORDERS = "POST /v1/orders"
ORDER = "GET /v1/order"
NOT_FOUND = {"error": {"name": "order_not_found", "message": "주문을 찾지 못했습니다."}}
SORRY = "<html><body><h1>502 Bad Gateway</h1></body></html>"
CLOSED = "<html><body>점검 중입니다</body></html>"


def reply_lost(nth: int = 1) -> Rule:
    """The nth order is accepted, then the connection is cut."""
    return {"on": ORDERS, "nth": nth, "reset": True}


def request_lost(nth: int = 1) -> Rule:
    """The connection is cut before the venue saw the nth order."""
    return {"on": ORDERS, "nth": nth, "when": "before", "reset": True}


def server_error(status: int, when: str, nth: int = 1) -> Rule:
    """A 5xx page, before or after the order was accepted."""
    return {"on": ORDERS, "nth": nth, "when": when, "status": status, "body": SORRY}


def late(seconds: float, when: str = "after") -> Rule:
    """The order is accepted at once (after) or late (before), its answer comes late."""
    return {"on": ORDERS, "when": when, "delay": seconds}


def cut_short() -> Rule:
    """200 and half of the body."""
    return {"on": ORDERS, "cut": 0.5}


def wrong_body(body: object) -> Rule:
    """200 and a body that says something else."""
    return {"on": ORDERS, "status": 200, "body": body, "content_type": "application/json"}


def hidden(seconds: float) -> Rule:
    """The venue denies its orders for a while after the first question."""
    return {"on": ORDER, "status": 404, "body": NOT_FOUND, "for_seconds": seconds}


def partly(fraction: float) -> Rule:
    """An order fills only in part."""
    return {"on": ORDERS, "partial": fraction}


def too_many(seconds: str | None = None, status: int = 429, on: str = ORDERS) -> Rule:
    """The venue refuses for a while, and says for how long, or does not."""
    rule: Rule = {"on": on, "when": "before", "status": status, "body": {"error": {"name": "too_many_requests"}}}
    return rule | ({"headers": {"Retry-After": seconds}} if seconds else {})


def maintenance(seconds: float) -> Rule:
    """Every request gets a page in HTML."""
    return {"on": "*", "when": "before", "status": 503, "body": CLOSED, "for_seconds": seconds}


def balances_empty(times: int = 1) -> Rule:
    """The account shows nothing at all."""
    return {"on": "GET /v1/accounts", "list": "empty", "times": times}


def candles(edit: dict[str, list[int]] | None = None, delay: float = 0.0, times: int = 1) -> Rule:
    """A candle missing ({"drop": [0]}), repeated ({"repeat": [0]}), or late."""
    rule: Rule = {"on": "GET /v1/candles/*", "times": times}
    return rule | ({"list": edit} if edit else {}) | ({"delay": delay} if delay else {})


def stream(channel: str, **action: Any) -> Rule:
    """Messages of a channel dropped, repeated (copies), or out of order (hold)."""
    return {"on": f"STREAM {channel}", **action}


def mixture(seed: int) -> dict[str, Any]:
    """A plan for one life: everything of the table now and then, orders slow often enough to be caught in flight."""
    chance = random.Random(f"plan:{seed}")

    def often(rule: Rule, share: float) -> Rule:
        return rule | {"times": 0, "nth": 1, "chance": share}

    rules = [
        often(reply_lost(), 0.06),
        often(request_lost(), 0.01),
        often(server_error(chance.choice((500, 502, 504)), "after"), 0.04),
        often(server_error(chance.choice((500, 502, 504)), "before"), 0.01),
        often(cut_short(), 0.03),
        often(wrong_body({"uuid": 7}), 0.03),
        often(too_many(chance.choice((None, "1"))), 0.02),
        often(partly(0.4) | {"delay": 0.3}, 0.25),
        often(late(chance.choice((0.2, 0.5))), 0.5),
        often({"on": ORDER, "status": 404, "body": NOT_FOUND}, 0.04),
        often({"on": ORDER, "reset": True}, 0.03),
        often({"on": "GET /v1/accounts", "list": "empty"}, 0.02),
        often({"on": "GET /v1/accounts", "status": 500, "body": SORRY}, 0.02),
        often({"on": "GET /v1/orders/*", "cut": 0.7}, 0.02),
        often({"on": "GET /v1/candles/*", "list": {"drop": [0], "repeat": [1]}}, 0.1),
        often({"on": "GET /v1/candles/*", "delay": 0.3}, 0.1),
        stream("trade", drop=True, times=0, chance=0.05),
        stream("trade", copies=2, times=0, chance=0.05),
        stream("trade", hold=2, times=0, chance=0.05),
        stream("myOrder", drop=True, times=0, chance=0.3),
        stream("myOrder", copies=2, times=0, chance=0.3),
    ]
    if chance.random() < 0.1:
        rules.insert(0, maintenance(0.5) | {"nth": chance.randint(20, 120)})
    return {"rules": rules, "seed": seed}
