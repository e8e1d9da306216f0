"""Four bugs for the checker to catch. They are planted in a forked child only; the program has no switch for them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from exchanges.upbit.client import Client
from trading.core.errors import OutcomeUnknown
from trading.core.orders import Fill, Order, State
from trading.evidence import Watch
from trading.execution import Execution
from trading.ipc import document, files, outcomes, projection
from trading.live.ledger import Ledger


def post_before_intent() -> None:
    """The order goes out first and is written down afterwards."""

    def _send(self: Any, order: Order) -> None:
        if order.id in self._live or self._in_doubt(order):
            return
        intent = replace(order, state=State.INTENT, sent_wall_ms=self._clock.wall_ms())
        if self._ledger.order(order.id) is not None:
            self._decided_before(order)
            return
        watch = Watch(intent.moved(State.SENT), self._clock.monotonic())
        self._live[order.id] = watch
        venue = self._venue

        class AndThen:
            """Writes the intent when the POST is answered."""

            def __getattr__(self, name: str) -> Any:
                return getattr(venue, name)

            def submit(_, order: Order) -> Any:
                try:
                    return venue.submit(order)
                finally:
                    self._killpoint("J1")
                    self._ledger.intend(intent)
                    self._killpoint("J3")

        self._venue = AndThen()
        try:
            self._post(watch)
        finally:
            self._venue = venue

    Execution._send = _send  # type: ignore[method-assign]


def retried_post() -> None:
    """A POST without an answer is sent again, as most HTTP libraries offer to."""
    once = Client.post

    def post(self: Client, path: str, params: Any, *, group: str = "order", urgent: bool = False) -> Any:
        try:
            return once(self, path, params, group=group, urgent=urgent)
        except OutcomeUnknown:
            return once(self, path, params, group=group, urgent=urgent)

    Client.post = post  # type: ignore[method-assign]


def fill_without_trade_id() -> None:
    """A fill is booked under a number of our own, so that nothing tells that it was booked before."""
    book = Ledger.book

    def anew(self: Ledger, fill: Fill) -> bool:
        return book(self, replace(fill, trade_id=uuid.uuid4().hex))

    Ledger.book = anew  # type: ignore[method-assign]


def json_in_place() -> None:
    """Files are opened and written where they stand."""

    def write_text(path: Path, text: str, killpoint: Callable[[str], None] = files.no_kill) -> files.Signature:
        files.ensure_folder(path.parent)
        with path.open("wb") as file:
            killpoint("J7")
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
            written = files.signature(os.fstat(file.fileno()))
        killpoint("J8")
        return written

    def write_json(path: Path, value: document.Json, killpoint: Callable[[str], None] = files.no_kill) -> Any:
        return write_text(path, document.encode(value) + "\n", killpoint)

    files.write_text = write_text
    for module in (files, outcomes, projection):
        if hasattr(module, "write_json"):
            module.write_json = write_json  # type: ignore[attr-defined]
        if hasattr(module, "write_text"):
            module.write_text = write_text


BUGS: dict[str, Callable[[], None]] = {
    "post_before_intent": post_before_intent,
    "retried_post": retried_post,
    "fill_without_trade_id": fill_without_trade_id,
    "json_in_place": json_in_place,
}


def plant(name: str) -> None:
    """Plants one of `BUGS` in this process."""
    BUGS[name]()
