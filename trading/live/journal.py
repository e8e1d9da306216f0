"""exits.journal: where exits are written when the ledger cannot be, so that a full disk does not hold a position open.

A file of fixed size, its blocks written in advance; a record is its length, its CRC-32 and JSON. A torn last record is
no record. `JournaledLedger` puts the journal behind the ledger and empties it into the ledger as soon as that works.
"""

from __future__ import annotations

import json
import os
import struct
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from trading.core.errors import LedgerUnavailable
from trading.core.orders import ZERO, Fill, Order, State
from trading.core.ports import OrderLedger
from trading.evidence import base_of, change_of
from trading.ipc.files import sync_folder
from trading.live.tables import fill_of, fill_row, order_of, order_row, packed

SIZE: Final = 1 << 20
HEAD: Final = struct.Struct("<II")
NAME: Final = "exits.journal"


class ExitJournal:
    """A preallocated, checksummed file of records. Each `append` is on the disk when it returns."""

    def __init__(self, file: Path, size: int = SIZE) -> None:
        """Opens or makes the file. Raises LedgerUnavailable when it cannot be made (then there is no journal)."""
        self._size = size
        #: Held while records are added, read or emptied: the venues' threads share one journal.
        self.lock = threading.RLock()
        try:
            self._fd = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            if os.fstat(self._fd).st_size < size:
                self._allocate(file)
            self._records = list(self._scan())
            self._end = sum(HEAD.size + len(payload) for payload in self._records)
            self._wipe(self._end)
        except OSError as error:
            raise LedgerUnavailable(f"{file.name}: {error.strerror}") from error

    def __len__(self) -> int:
        return len(self._records)

    def append(self, record: dict[str, Any]) -> None:
        """Writes one record into blocks the file already owns. Raises LedgerUnavailable when it is full or fails."""
        payload = packed(record).encode()
        whole = HEAD.pack(len(payload), zlib.crc32(payload)) + payload
        with self.lock:
            if self._end + len(whole) > self._size:
                raise LedgerUnavailable("exits.journal is full")
            try:
                self._write(whole, self._end)
            except OSError as error:
                raise LedgerUnavailable(f"exits.journal: {error.strerror}") from error
            self._records.append(payload)
            self._end += len(whole)

    def records(self) -> Iterator[dict[str, Any]]:
        """All records as they are now, oldest first."""
        with self.lock:
            payloads = list(self._records)
        for payload in payloads:
            yield json.loads(payload)

    def clear(self) -> None:
        """Forgets all records (they are in the ledger now). Raises LedgerUnavailable."""
        with self.lock:
            try:
                self._wipe(0)
            except OSError as error:
                raise LedgerUnavailable(f"exits.journal: {error.strerror}") from error
            self._records, self._end = [], 0

    def close(self) -> None:
        """Closes the file."""
        os.close(self._fd)

    def _allocate(self, file: Path) -> None:
        # Real zeros, not a hole: writing into them later asks no new block of a full disk.
        start = os.fstat(self._fd).st_size
        self._write(bytes(self._size - start), start)
        sync_folder(file.parent)

    def _scan(self) -> Iterator[bytes]:
        data, at = self._read(0), 0
        while at + HEAD.size <= len(data):
            length, crc = HEAD.unpack_from(data, at)
            payload = data[at + HEAD.size : at + HEAD.size + length]
            if not length or len(payload) < length or zlib.crc32(payload) != crc:
                return
            yield payload
            at += HEAD.size + length

    def _wipe(self, start: int) -> None:
        """Zeros from `start` on: nothing of a torn or cleared record may pass for a later one."""
        rest = self._read(start)
        used = len(rest.rstrip(b"\0"))
        if used:
            self._write(bytes(used), start)

    def _read(self, start: int) -> bytes:
        os.lseek(self._fd, start, os.SEEK_SET)
        pieces = []
        while piece := os.read(self._fd, self._size):
            pieces.append(piece)
        return b"".join(pieces)

    def _write(self, data: bytes, at: int) -> None:
        os.lseek(self._fd, at, os.SEEK_SET)
        while data:
            data = data[os.write(self._fd, data) :]
        os.fsync(self._fd)


class KeptLedger(OrderLedger, Protocol):
    """A ledger that also tells what it booked on an order."""

    def fills_of(self, order_id: str) -> Sequence[Fill]:
        """The fills booked on one order."""
        ...


class JournaledLedger:
    """The ledger of one venue's `Execution`: while it cannot be written, exits and their fates go to the journal.

    An entry still raises LedgerUnavailable then. `degraded`: the last write did not reach the ledger. Several of these,
    each in its venue's thread, may share one journal.
    """

    def __init__(self, ledger: KeptLedger, journal: ExitJournal | None) -> None:
        """Empties what an earlier life left in the journal into the ledger, so that whoever reads it reads all."""
        self._ledger = ledger
        self._journal = journal
        self._sent: set[str] = set()
        self._booked: set[tuple[str, str, str]] = set()
        try:
            self.flush()
            self.degraded = False
        except LedgerUnavailable:
            self.degraded = True

    def intend(self, order: Order) -> bool:
        """Records an INTENT in the ledger, or an exit's in the journal; False when this id is already there."""
        try:
            self.flush()
            new = self._ledger.intend(order)
        except LedgerUnavailable:
            self.degraded = True
            if order.leg != "exit":
                raise
            if self._decided(order.id):
                return False
            self._put({"kind": "intent", "row": order_row(order)})
            self._sent.add(order.id)
            return True
        self.degraded = False
        self._sent.add(order.id)
        return new

    def record(self, order: Order) -> None:
        """Records the order's new state in the ledger, or in the journal."""
        try:
            self.flush()
            self._ledger.record(order)
        except LedgerUnavailable:
            self.degraded = True
            self._put({"kind": "state", "row": order_row(order)})
            return
        self.degraded = False

    def book(self, fill: Fill) -> bool:
        """Records a fill once in the ledger, or in the journal."""
        key = (fill.venue, fill.symbol, fill.trade_id)
        try:
            self.flush()
            new = self._ledger.book(fill)
        except LedgerUnavailable:
            self.degraded = True
            if key in self._booked or self._told(fill):
                return False
            self._put({"kind": "fill", "row": fill_row(fill, "", "")})
            self._booked.add(key)
            return True
        self.degraded = False
        self._booked.add(key)
        return new

    def unfinished(self, venue: str) -> Sequence[Order]:
        """Orders of this venue that are in no terminal state, the journal's first emptied into the ledger."""
        self.flush()
        orders = self._ledger.unfinished(venue)
        for order in orders:
            booked = self._ledger.fills_of(order.id)
            self._booked.update((fill.venue, fill.symbol, fill.trade_id) for fill in booked)
        return orders

    def order(self, order_id: str) -> Order | None:
        """The order with this client id, as it stands in the journal where that is newer."""
        return self._aside().get(order_id) or self._ledger.order(order_id)

    def owned(self, venue: str) -> Mapping[str, Decimal]:
        """Base asset -> quantity that is ours on a venue, the journal's fills counted."""
        sums = dict(self._ledger.owned(venue))
        for record in self._records():
            if record["kind"] == "fill" and record["row"]["venue"] == venue:
                fill = fill_of(record["row"])
                asset = base_of(fill.symbol)
                sums[asset] = sums.get(asset, ZERO) + change_of(fill)
        return sums

    def flush(self) -> None:
        """Empties the journal into the ledger; what is already there is not written twice, and no state goes back.

        Raises LedgerUnavailable; then the journal stays as it is.
        """
        if self._journal is None or not len(self._journal):
            return
        with self._journal.lock:
            for record in self._journal.records():
                self._replay(record)
            self._journal.clear()

    def _replay(self, record: dict[str, Any]) -> None:
        if record["kind"] == "fill":
            self._ledger.book(fill_of(record["row"]))
            return
        order = order_of(record["row"])
        if record["kind"] == "intent":
            self._ledger.intend(order)
        elif (known := self._ledger.order(order.id)) is not None:
            # The POST of a journaled intent had been answered, so it had been sent.
            sent = known.moved(State.SENT) if known.state is State.INTENT else known
            moved = sent.moved(
                order.state,
                venue_id=order.venue_id or known.venue_id,
                filled=max(order.filled, known.filled),
                detail=order.detail or known.detail,
            )
            self._ledger.record(moved)

    def _decided(self, order_id: str) -> bool:
        """Was this id ever intended? A full disk can still be read; where nothing can, this life's memory tells."""
        if order_id in self._sent or order_id in self._aside():
            return True
        try:
            return self._ledger.order(order_id) is not None
        except LedgerUnavailable:
            return False

    def _told(self, fill: Fill) -> bool:
        """Is this fill in the journal, or in a ledger that can be read though not written?"""
        same = (fill.venue, fill.symbol, fill.trade_id)
        rows = [record["row"] for record in self._records() if record["kind"] == "fill"]
        if any((row["venue"], row["symbol"], row["trade_id"]) == same for row in rows):
            return True
        try:
            return any(booked.trade_id == fill.trade_id for booked in self._ledger.fills_of(fill.order_id))
        except LedgerUnavailable:
            return False

    def _aside(self) -> dict[str, Order]:
        rows = (record["row"] for record in self._records() if record["kind"] != "fill")
        return {row["id"]: order_of(row) for row in rows}

    def _records(self) -> list[dict[str, Any]]:
        return [] if self._journal is None else list(self._journal.records())

    def _put(self, record: dict[str, Any]) -> None:
        if self._journal is None:
            raise LedgerUnavailable("there is no exits.journal")
        self._journal.append(record)
