"""What the bot must still know after a restart beside its orders: paths of positions, overrides, latches, commands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, cast

from sqlalchemy import delete, insert, select, update

from trading.live.database import Database
from trading.live.tables import checksum, commands, packed, plain, position_history, positions, settings, verify

#: Commands that are accepted and not finished have this state.
ACCEPTED: Final = "accepted"


@dataclass(frozen=True, slots=True)
class PositionRow:
    """An open round trip with the path state its trader keeps (`path`: JSON values). quantity in base."""

    trip: str
    venue: str
    book: str
    strategy: str
    symbol: str
    side: int
    quantity: Decimal
    entry_price: Decimal
    entry_ms: int
    updated_ms: int
    path: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One remembered value: a knob's override, a latch, what is foreign. value: JSON."""

    scope: str
    venue: str
    name: str
    value: Any
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command and what became of it; at_ms is the wall time of the last change."""

    id: str
    kind: str
    args: Mapping[str, Any]
    issued_by: str
    issued_at_ms: int
    expires_at_ms: int | None
    at_ms: int
    state: str = ACCEPTED
    detail_ko: str = ""
    detail_en: str = ""
    effect: Mapping[str, Any] | None = None


class StateRows(Database):
    """The tables positions, position_history, settings and commands."""

    # -- positions -------------------------------------------------------------------------------------------------

    def save_position(self, row: PositionRow) -> None:
        """Remembers an open trip's path state (with the step's other rows)."""
        self.later(self.upsert(positions, ("trip",)), _position_values(row))

    def end_position(self, row: PositionRow) -> None:
        """Moves a closed trip to the history (with the step's other rows)."""
        self.later(delete(positions).where(positions.c.trip == row.trip), {})
        self.later(insert(position_history), _position_values(row))

    def positions(self, venue: str) -> tuple[PositionRow, ...]:
        """The open trips of a venue as last saved; quantities are a copy, the fills are the truth."""
        query = select(positions).where(positions.c.venue == venue).order_by(positions.c.entry_ms, positions.c.trip)
        return tuple(_position(row) for row in self.rows(query))

    def position_history(self, venue: str) -> tuple[PositionRow, ...]:
        """The closed trips of a venue with their last path state, oldest first."""
        query = select(position_history).where(position_history.c.venue == venue).order_by(position_history.c.seq)
        return tuple(_position(row) for row in self.rows(query))

    # -- settings --------------------------------------------------------------------------------------------------

    def put_setting(self, scope: str, name: str, value: object, by: str, at_ms: int, venue: str = "") -> None:
        """Remembers a value under (scope, venue, name), durable at once. venue "" = all venues."""
        row = _setting_values(scope, venue, name, value, by, at_ms)
        with self.durable() as connection:
            connection.execute(self.upsert(settings, ("scope", "venue", "name")), row)

    def drop_setting(self, scope: str, name: str, venue: str = "") -> bool:
        """Forgets a value; False when there was none."""
        same = (settings.c.scope == scope, settings.c.venue == venue, settings.c.name == name)
        with self.durable() as connection:
            return connection.execute(delete(settings).where(*same)).rowcount > 0

    def settings(self, scope: str, venue: str | None = None) -> tuple[Setting, ...]:
        """The remembered values of a scope, of one venue or of all, by venue and name."""
        query = select(settings).where(settings.c.scope == scope).order_by(settings.c.venue, settings.c.name)
        if venue is not None:
            query = query.where(settings.c.venue == venue)
        try:
            return tuple(_setting(row) for row in self.rows(query))
        except ValueError as error:
            raise self.broken(str(error)) from error

    def put_override(self, knob: str, value: object, by: str, at_ms: int, venue: str = "") -> None:
        """Remembers a knob's override; it survives restarts."""
        self.put_setting("override", knob, value, by, at_ms, venue)

    def drop_override(self, knob: str, venue: str = "") -> bool:
        """Goes back to the knob's own layer; False when there was no override."""
        return self.drop_setting("override", knob, venue)

    def overrides(self) -> tuple[Setting, ...]:
        """All overrides of knobs."""
        return self.settings("override")

    def latch(self, gate: str, detail: object, by: str, at_ms: int, venue: str = "") -> None:
        """Shuts a gate until `unlatch`, over restarts; the first reason and time stay."""
        row = _setting_values("latch", venue, gate, detail, by, at_ms)
        with self.durable() as connection:
            connection.execute(self.insert_new(settings), row)

    def unlatch(self, gate: str, venue: str = "") -> bool:
        """Opens a latched gate; False when it was open."""
        return self.drop_setting("latch", gate, venue)

    def latches(self) -> tuple[Setting, ...]:
        """The gates that are shut (name = gate, value = detail, at_ms = since)."""
        return self.settings("latch")

    # -- commands --------------------------------------------------------------------------------------------------

    def accept(self, command: CommandRow) -> bool:
        """Records a command before it acts, durable; False when its id was ever seen: then it must not act."""
        with self.durable() as connection:
            return self.is_new(connection, commands, _command_values(command))

    def finish(
        self, command_id: str, state: str, detail_ko: str, detail_en: str, at_ms: int, effect: object = None
    ) -> bool:
        """Records a command's outcome once, durable; False when it had one already or was never accepted."""
        values = {
            "state": state,
            "detail_ko": detail_ko,
            "detail_en": detail_en,
            "at_ms": int(at_ms),
            "effect": packed(effect if effect is not None else {}),
        }
        same = (commands.c.id == command_id, commands.c.state == ACCEPTED)
        with self.durable() as connection:
            return connection.execute(update(commands).where(*same).values(values)).rowcount == 1

    def command(self, command_id: str) -> CommandRow | None:
        """The command with this id."""
        rows = self.rows(select(commands).where(commands.c.id == command_id))
        return _command(rows[0]) if rows else None

    def accepted(self) -> tuple[CommandRow, ...]:
        """Commands accepted and not finished, oldest first: an earlier life may have died over them."""
        query = select(commands).where(commands.c.state == ACCEPTED).order_by(commands.c.seq)
        return tuple(_command(row) for row in self.rows(query))

    def outcomes(self, limit: int = 2_000) -> tuple[CommandRow, ...]:
        """The last `limit` commands, oldest first."""
        query = select(commands).order_by(commands.c.seq.desc()).limit(limit)
        return tuple(_command(row) for row in reversed(self.rows(query)))


def _position_values(row: PositionRow) -> dict[str, Any]:
    return {
        "trip": row.trip,
        "venue": row.venue,
        "book": row.book,
        "strategy": row.strategy,
        "symbol": row.symbol,
        "side": int(row.side),
        "quantity": plain(row.quantity),
        "entry_price": plain(row.entry_price),
        "entry_ms": int(row.entry_ms),
        "updated_ms": int(row.updated_ms),
        "path": packed(dict(row.path)),
    }


def _position(row: Mapping[str, Any]) -> PositionRow:
    return PositionRow(
        row["trip"],
        row["venue"],
        row["book"],
        row["strategy"],
        row["symbol"],
        row["side"],
        Decimal(row["quantity"]),
        Decimal(row["entry_price"]),
        row["entry_ms"],
        row["updated_ms"],
        cast("Mapping[str, Any]", json.loads(row["path"])),
    )


def _setting_values(scope: str, venue: str, name: str, value: object, by: str, at_ms: int) -> dict[str, Any]:
    row = {"scope": scope, "venue": venue, "name": name, "value": packed(value), "by": by, "at_ms": int(at_ms)}
    return {**row, "crc": checksum(row)}


def _setting(row: Mapping[str, Any]) -> Setting:
    verify("settings", row, str(row["name"]))
    values = {name: row[name] for name in Setting.__dataclass_fields__}
    values["value"] = json.loads(row["value"])
    return Setting(**values)


def _command_values(command: CommandRow) -> dict[str, Any]:
    values = {name: getattr(command, name) for name in CommandRow.__dataclass_fields__}
    values["args"] = packed(dict(command.args))
    values["effect"] = packed(dict(command.effect or {}))
    return values


def _command(row: Mapping[str, Any]) -> CommandRow:
    values = {name: row[name] for name in CommandRow.__dataclass_fields__}
    values["args"] = json.loads(row["args"])
    values["effect"] = json.loads(row["effect"])
    return CommandRow(**values)
