"""The database under the ledger: SQLite beside the data, or PostgreSQL by address.

A write is on the disk when the call returns. What cannot be written raises LedgerUnavailable; what cannot be believed
raises LedgerBroken. Rows that may wait (`later`) are collected inside `step()` and committed together at its end.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Connection, Engine, Table, create_engine, event, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.sql import Executable

from trading.core.errors import LedgerUnavailable
from trading.live.tables import metadata

BUSY_MS: Final = 5_000
#: Rows kept for a later step while the ledger cannot be written; beyond it the oldest are given up.
WAITING_ROWS: Final = 50_000

SCHEMA_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class StartRefused(Exception):
    """The data folder does not let this start go on; the program says the sentence and ends with exit code 3.

    key, values: the sentence in the catalogue.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}")
        self.key = key
        self.values = values


class LedgerBroken(StartRefused, LedgerUnavailable):
    """The ledger is there and cannot be believed. It is never replaced silently.

    At a start it refuses the start; met while trading it is a ledger that is not available: no entries, exits go on.
    """


class Database:
    """An engine with the ledger's tables, durable single writes and collected ones. Safe for several threads."""

    def __init__(self, engine: Engine, file: Path | None, killpoint: Callable[[str], None]) -> None:
        self.engine = engine
        self.file = file
        self._killpoint = killpoint
        # SQLite: a read must not take the write lock that `_begin` takes. PostgreSQL: a cursor wants a transaction.
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT") if file else engine
        self._local = threading.local()

    # -- writing ---------------------------------------------------------------------------------------------------

    @contextmanager
    def durable(self) -> Iterator[Connection]:
        """A transaction that is on the disk when the block ends. Raises LedgerUnavailable."""
        try:
            with self.engine.begin() as connection:
                yield connection
                self._killpoint("J2")
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise LedgerUnavailable(_why(error)) from error

    def later(self, statement: Executable, row: Mapping[str, Any]) -> None:
        """Writes a row that may wait: at the end of this thread's `step`, or now when there is none."""
        waiting: list[tuple[Executable, Mapping[str, Any]]] = self._waiting()
        waiting.append((statement, row))
        if getattr(self._local, "depth", 0) == 0:
            self._commit_waiting()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Collects this thread's `later` rows and commits them once at the end, whatever happened inside.

        Raises LedgerUnavailable at its end; the rows are kept and go with the next step.
        """
        self._local.depth = getattr(self._local, "depth", 0) + 1
        try:
            yield
        finally:
            self._local.depth -= 1
            if self._local.depth == 0:
                self._commit_waiting()

    def _waiting(self) -> list[tuple[Executable, Mapping[str, Any]]]:
        if not hasattr(self._local, "waiting"):
            self._local.waiting = []
        waiting: list[tuple[Executable, Mapping[str, Any]]] = self._local.waiting
        return waiting

    def _commit_waiting(self) -> None:
        waiting = self._waiting()
        if not waiting:
            return
        del waiting[:-WAITING_ROWS]
        number = 0
        try:
            with self.durable() as connection:
                for statement, row in waiting:
                    connection.execute(statement, row)
                    number += 1
        except IntegrityError:
            # A row that no table takes is a defect: it is told once, and the others go with the next step.
            del waiting[number]
            raise
        waiting.clear()

    def upsert(self, table: Table, keys: Sequence[str]) -> Executable:
        """INSERT of a whole row that replaces the row with the same `keys`."""
        insert: Any = self._insert(table)
        rest = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
        rest.pop("seq", None)
        whole: Executable = insert.on_conflict_do_update(index_elements=list(keys), set_=rest)
        return whole

    def insert_new(self, table: Table) -> Executable:
        """INSERT that does nothing when the row is there."""
        new: Executable = self._insert(table).on_conflict_do_nothing()
        return new

    def is_new(self, connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
        """Inserts a row; False when one with the same unique values is there."""
        # RETURNING, because drivers count rows of an INSERT that did nothing in their own ways.
        insert = self._insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
        return connection.execute(insert, row).first() is not None

    def _insert(self, table: Table) -> Any:
        return (sqlite if self.file else postgresql).insert(table)

    # -- reading ---------------------------------------------------------------------------------------------------

    def rows(self, query: Executable) -> list[Mapping[str, Any]]:
        """All rows of a query. Raises LedgerUnavailable."""
        try:
            with self._reading.connect() as connection:
                return [cast("Mapping[str, Any]", row) for row in connection.execute(query).mappings()]
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            raise self._unread(error) from error

    def each(self, query: Executable) -> Iterator[Mapping[str, Any]]:
        """The rows of a query one after the other, without holding them all. Raises LedgerUnavailable."""
        try:
            with self._reading.connect() as connection:
                for row in connection.execution_options(yield_per=500).execute(query).mappings():
                    yield cast("Mapping[str, Any]", row)
        except (SQLAlchemyError, UnicodeDecodeError) as error:
            raise self._unread(error) from error

    def _unread(self, error: Exception) -> LedgerUnavailable:
        return self.broken(_why(error)) if _malformed(error) else LedgerUnavailable(_why(error))

    def broken(self, why: str) -> LedgerBroken:
        """The error of a row that is not what was written."""
        where = self.file or self.engine.url.render_as_string(hide_password=True)
        backups = self.file.parent / "backups" if self.file else "backups"
        return LedgerBroken("ledger.broken", file=where, why=why, backups=backups)

    def close(self) -> None:
        """Ends all connections; SQLite folds its WAL into the file."""
        self.engine.dispose()


def _why(error: Exception) -> str:
    """The driver's own words, without statement and values."""
    return str(error.orig if isinstance(error, DBAPIError) else error).strip().split("\n")[0]


def open_sqlite(file: Path, killpoint: Callable[[str], None]) -> Database:
    """The ledger in `file`, made when there is none. Raises LedgerBroken, or StartRefused when it cannot be opened."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    database = Database(engine, file, killpoint)
    try:
        with database._reading.connect() as connection:
            # The whole check and not `quick_check`: that one does not compare the indexes with their tables.
            said = connection.execute(text("PRAGMA integrity_check(1)")).scalar_one()
        if said != "ok":
            raise _broken(file, str(said))
        with engine.begin() as connection:
            metadata.create_all(connection)
        _probe(database)
    except DBAPIError as error:
        engine.dispose()
        if isinstance(error.orig, sqlite3.OperationalError) and not _malformed(error):
            raise StartRefused("ledger.unopened", file=file, why=_why(error)) from error
        raise _broken(file, _why(error)) from error
    except UnicodeDecodeError as error:
        # SQLite words its complaint with the damaged text in it.
        engine.dispose()
        raise _broken(file, error.reason) from error
    except LedgerBroken:
        engine.dispose()
        raise
    file.chmod(0o600)
    return database


def read_sqlite(file: Path) -> Database:
    """The ledger in `file` to read from, beside a bot that writes it. Nothing is checked or made: reads tell."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, timeout=BUSY_MS / 1000, uri=True))
    return Database(engine, file, lambda _label: None)


def _probe(database: Database) -> None:
    """Every table has its columns: a flipped byte in a table's definition is no damage in SQLite's own eyes."""
    for table in metadata.sorted_tables:
        try:
            database.rows(select(table).limit(1))
        except LedgerUnavailable as error:
            database.close()
            raise database.broken(f"{table.name}: {error}") from error


def _malformed(error: Exception) -> bool:
    if isinstance(error, UnicodeDecodeError):
        return True
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "Could not decode" in str(cause)


def _broken(file: Path, why: str) -> LedgerBroken:
    return LedgerBroken("ledger.broken", file=file, why=why, backups=file.parent / "backups")


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver opens no transaction by itself: `_begin` does, and takes the write lock at once, so that two
    # threads wait for each other (busy_timeout) instead of failing half-way.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "cache_size=-512"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_postgres(url: str, schema: str, killpoint: Callable[[str], None]) -> Database:
    """The ledger in `schema` of a PostgreSQL database. Raises StartRefused when it cannot be reached."""
    if not SCHEMA_NAME.fullmatch(schema):
        raise StartRefused("ledger.schema_name", name=schema)
    options = f"-c search_path={schema} -c statement_timeout={BUSY_MS} -c lock_timeout={BUSY_MS}"
    engine = create_engine(
        url,
        connect_args={"options": options, "connect_timeout": 5, "tcp_user_timeout": BUSY_MS},
        pool_pre_ping=True,
    )
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            metadata.create_all(connection)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StartRefused("ledger.no_database", why=_why(error)) from error
    return Database(engine, None, killpoint)
