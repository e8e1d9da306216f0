"""The ledger: the one truth of what was decided, sent, filled and remembered. Everything else is a projection of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from trading.core.errors import LedgerUnavailable
from trading.live.database import Database, LedgerBroken, StartRefused, open_postgres, open_sqlite, read_sqlite
from trading.live.ledger_history import HistoryRows
from trading.live.ledger_orders import OrderRows
from trading.live.ledger_state import StateRows
from trading.live.lock import KST, NAME
from trading.live.tables import metadata, orders

#: Version of the tables; a ledger of a newer one is refused.
SCHEMA: Final = 1
FILE: Final = "ledger.db"
#: Bytes of a SQLite file's header.
HEADER: Final = 100
#: What stays when a folder is archived: other programs write these, or they hold this very start.
STAYING: Final = frozenset({"archive", NAME, "command.json", "command.lock", "users.db", ".gitkeep"})
#: Modes whose files may be moved aside when another stamp starts in their folder.
MOVABLE: Final = frozenset({"demo", "paper"})


class Ledger(OrderRows, StateRows, HistoryRows):
    """All tables of one bot; see the three parents. Made by `open_ledger`."""

    def unused(self) -> bool:
        """True before the first order."""
        return not self.rows(select(orders.c.id).limit(1))


@dataclass(frozen=True, slots=True)
class Stamp:
    """Whose ledger this is: mode, venue -> host, venue -> hash of its key ("" where there is none)."""

    mode: str
    hosts: Mapping[str, str]
    keys: Mapping[str, str]

    def same(self, other: Stamp) -> bool:
        """The same mode, and no venue known to both with another host or key (a venue may be new)."""
        return self.mode == other.mode and all(
            mine[venue] == theirs[venue]
            for mine, theirs in ((self.hosts, other.hosts), (self.keys, other.keys))
            for venue in mine.keys() & theirs.keys()
        )

    def title(self) -> str:
        """For people: mode and hosts, no hashes."""
        hosts = ", ".join(f"{venue} {host}" for venue, host in sorted(self.hosts.items()))
        return f"{self.mode} ({hosts})" if hosts else self.mode


@dataclass(frozen=True, slots=True)
class Opened:
    """The ledger, ready; archived: where the files of another demo or paper run went; was: the stamp they carried."""

    ledger: Ledger
    archived: str | None = None
    was: Stamp | None = None


def open_ledger(
    data_dir: Path,
    stamp: Stamp,
    now_ms: int,
    url: str | None = None,
    schema: str = "public",
    killpoint: Callable[[str], None] = lambda _label: None,
) -> Opened:
    """The ledger of `data_dir` (or of the PostgreSQL database at `url`), under the lock the caller already holds.

    now_ms: wall clock. Raises StartRefused (exit 3): another stamp in testnet or live, a broken ledger, no database.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        if url is None:
            return _open_file(data_dir, stamp, now_ms, killpoint)
        return _open_server(_address(url), schema, data_dir, stamp, now_ms, killpoint)
    except StartRefused:
        raise
    except LedgerUnavailable as error:
        raise StartRefused(
            "ledger.unopened", file=data_dir / FILE if url is None else "DATABASE_URL", why=error
        ) from error


def reopen(data_dir: Path) -> Ledger:
    """The SQLite ledger of `data_dir` as it is, whatever its stamp, for `rebuild`. Raises LedgerBroken."""
    return _ledger(open_sqlite(data_dir / FILE, lambda _label: None))


def look(data_dir: Path) -> Ledger:
    """The SQLite ledger of `data_dir` to read from, beside a bot that writes it. Its reads raise LedgerUnavailable."""
    return _ledger(read_sqlite(data_dir / FILE))


def _open_file(data_dir: Path, stamp: Stamp, now_ms: int, killpoint: Callable[[str], None]) -> Opened:
    file = data_dir / FILE
    _refuse_lost_ledger(data_dir, file, stamp)
    ledger = _ledger(open_sqlite(file, killpoint))
    was = _stamped(ledger, stamp, data_dir)
    if was is None or was.same(stamp):
        _put_stamp(ledger, was, stamp, now_ms)
        return Opened(ledger)
    ledger.close()
    archive = archive_files(data_dir, was.mode, now_ms)
    fresh = _ledger(open_sqlite(file, killpoint))
    _put_stamp(fresh, None, stamp, now_ms)
    return Opened(fresh, str(archive), was)


def _open_server(
    url: str, schema: str, data_dir: Path, stamp: Stamp, now_ms: int, killpoint: Callable[[str], None]
) -> Opened:
    ledger = _ledger(open_postgres(url, schema, killpoint))
    was = _stamped(ledger, stamp, data_dir)
    archived = None
    if was is not None and not was.same(stamp):
        archived = _archive_tables(ledger, schema, was.mode, now_ms)
        archive_files(data_dir, was.mode, now_ms)
        ledger.close()
        ledger = _ledger(open_postgres(url, schema, killpoint))
    _put_stamp(ledger, None if archived else was, stamp, now_ms)
    return Opened(ledger, archived, was if archived else None)


def _ledger(database: Database) -> Ledger:
    return Ledger(database.engine, database.file, database._killpoint)


def _address(url: str) -> str:
    """The driver is ours to choose; any of the usual spellings of a PostgreSQL address is taken."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StartRefused("ledger.no_database", why="DATABASE_URL") from error
    if not parsed.drivername.startswith(("postgres", "postgresql")):
        raise StartRefused("ledger.no_database", why=f"{parsed.drivername}: postgresql://")
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _refuse_lost_ledger(data_dir: Path, file: Path, stamp: Stamp) -> None:
    """A folder that remembers trading and has no ledger, or an emptied one, is no new beginning."""
    size = _size(file)
    if size >= HEADER or _size(data_dir / (FILE + "-wal")):
        return
    backups = data_dir / "backups"
    traces = any(data_dir.glob("*_portfolio.json")) or any(backups.glob("*"))
    # SQLite takes a file shorter than its header for a new database.
    if size or (file.exists() and traces):
        raise LedgerBroken("ledger.broken", file=file, why=f"{size} bytes", backups=backups)
    if traces and stamp.mode not in MOVABLE:
        raise LedgerBroken("ledger.missing", folder=data_dir, backups=backups)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _stamped(ledger: Ledger, stamp: Stamp, data_dir: Path) -> Stamp | None:
    """The stamp the ledger carries, if this start may go on. Raises StartRefused when it may not."""
    found = {setting.name: setting.value for setting in ledger.settings("stamp")}
    if "schema" not in found and ledger.unused():
        return None
    if {"schema", "mode", "hosts", "keys"} - found.keys():
        raise ledger.broken("no stamp")
    if found["schema"] > SCHEMA:
        ledger.close()
        raise LedgerBroken("ledger.newer", file=ledger.file or "", found=found["schema"], known=SCHEMA)
    was = Stamp(found["mode"], found["hosts"], found["keys"])
    if not was.same(stamp) and was.mode not in MOVABLE:
        ledger.close()
        other = data_dir.with_name(f"{data_dir.name}-{stamp.mode}")
        raise StartRefused(
            "ledger.other_stamp", folder=data_dir, was=was.title(), now=stamp.title(), other=_unused(other)
        )
    return was


def _unused(folder: Path) -> Path:
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _put_stamp(ledger: Ledger, was: Stamp | None, stamp: Stamp, now_ms: int) -> None:
    hosts = {**(was.hosts if was else {}), **stamp.hosts}
    keys = {**(was.keys if was else {}), **stamp.keys}
    if was is not None and was.hosts == hosts and was.keys == keys:
        return
    # `schema` last: a ledger without it is one that was never used.
    for name, value in (("mode", stamp.mode), ("hosts", hosts), ("keys", keys), ("schema", SCHEMA)):
        ledger.put_setting("stamp", name, value, "start", now_ms)


def _when(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(KST).strftime("%Y%m%d-%H%M%S")


def archive_files(data_dir: Path, mode: str, now_ms: int) -> Path:
    """Moves the folder's files into archive/<mode>-<time>; the ledger last, so that a move cut short goes on."""
    folders = (data_dir / "archive").glob(f"{mode}-*")
    begun = [folder for folder in folders if (folder / ".moving").exists() and not (folder / FILE).exists()]
    archive = begun[0] if begun else _unused(data_dir / "archive" / f"{mode}-{_when(now_ms)}")
    archive.mkdir(mode=0o700, parents=True, exist_ok=True)
    (archive / ".moving").touch()
    entries = [entry for entry in data_dir.iterdir() if entry.name not in STAYING]
    for entry in sorted(entries, key=lambda entry: (entry.name.startswith(FILE), entry.name == FILE, entry.name)):
        shutil.move(entry, archive / entry.name)
    (archive / ".moving").unlink()
    return archive


def _archive_tables(ledger: Ledger, schema: str, mode: str, now_ms: int) -> str:
    """Moves the tables into a schema <schema>_<mode>_<time> of the same database, all or none."""
    archive = f"{schema}_{mode}_{_when(now_ms).replace('-', '_')}"
    try:
        with ledger.engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {archive}"))
            for table in metadata.sorted_tables:
                connection.execute(text(f"ALTER TABLE {schema}.{table.name} SET SCHEMA {archive}"))
    except SQLAlchemyError as error:
        raise LedgerUnavailable(str(error)) from error
    return archive
