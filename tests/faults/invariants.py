"""The invariants I1 to I8: a bot's data folder against what really happened on the venue. One checker for all tests.

I1 at most one POST and one venue order per intent             I5 each position has a stop, or an exit under way, or
I2 ledger fills and quantities = the venue's, net of fees         an alarm
I3 no venue order of ours is unknown to the ledger              I6 each command acts at most once, with one outcome
I4 every file parses, fits its schema, says what the ledger    I7 no secret in any file
   says                                                         I8 one holder of the lock

`killed` holds at any moment of any life, also right after a kill -9; `settled` after a life that had the time to bring
everything to its end and has ended in order.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from jsonschema import ValidationError

from tests.faults.witness import Row, Truth
from tests.trading.ipc.schemas import validator
from trading.ipc.document import parse

ZERO = Decimal(0)
CENT = Decimal("0.01")
LEAST_WON = Decimal(5000)
"""Less than Upbit lets anyone sell: a rest of that worth is dust."""
OURS = re.compile(r"ht[a-z2-7]{26}")
IN_DOUBT = frozenset({"INTENT", "SENT", "UNKNOWN"})
RESTING = frozenset({"OPEN", "PARTIAL"})
ENDED = frozenset({"FILLED", "CANCELLED", "EXPIRED", "REJECTED"})
FINAL = frozenset({"done", "failed", "refused", "expired"})
STATES = {"filled": {"FILLED"}, "cancelled": {"CANCELLED", "FILLED"}, "open": RESTING}
"""Ledger states that each end at the venue allows: a market buy whose last won buy nothing ends as cancelled."""
OUTSIDE = frozenset({"manual", "adopt", "liquidation"})
"""Reasons of ledger orders that stand for what people did; the venue knows no order of that name."""
TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}")


class Broken(AssertionError):
    """Invariants that do not hold; one line each."""


@dataclass
class Books:
    """Rows of a ledger, read from a copy (the original is not touched)."""

    orders: dict[str, Row] = field(default_factory=dict)
    fills: list[Row] = field(default_factory=list)
    commands: dict[str, Row] = field(default_factory=dict)
    positions: list[Row] = field(default_factory=list)
    settings: list[Row] = field(default_factory=list)

    def held(self) -> dict[str, Decimal]:
        """Asset -> coins by all fills, net of fees charged in the coin."""
        total: dict[str, Decimal] = {}
        for fill in self.fills:
            asset = fill["symbol"].partition("/")[0]
            total[asset] = total.get(asset, ZERO) + _change(fill, asset)
        return {asset: quantity for asset, quantity in total.items() if quantity}

    def trips(self) -> dict[str, tuple[str, Decimal]]:
        """Round trip -> its symbol and what its fills leave."""
        total: dict[str, tuple[str, Decimal]] = {}
        for fill in self.fills:
            if fill["order_id"] not in self.orders:
                continue
            trip, asset = self.orders[fill["order_id"]]["trip"], fill["symbol"].partition("/")[0]
            total[trip] = (fill["symbol"], total.get(trip, ("", ZERO))[1] + _change(fill, asset))
        return total

    def reason(self, fill: Row) -> str | None:
        """Why the order of a fill was made; None when there is no such order."""
        order = self.orders.get(fill["order_id"])
        return None if order is None else str(order["reason"])

    def from_outside(self) -> dict[str, Decimal]:
        """Asset -> coins that became ours (adopted) or ceased to be (sold by hand) without an order of the bot."""
        total: dict[str, Decimal] = {}
        for fill in self.fills:
            if self.reason(fill) in OUTSIDE:
                asset = fill["symbol"].partition("/")[0]
                total[asset] = total.get(asset, ZERO) + _change(fill, asset)
        return total

    def cash(self, without: frozenset[str] = frozenset()) -> Decimal:
        """Won that the fills brought, fees off, but of orders for these reasons."""
        total = ZERO
        for fill in self.fills:
            if self.reason(fill) in without:
                continue
            value = Decimal(fill["price"]) * Decimal(fill["quantity"])
            total += value if fill["side"] == "sell" else -value
            total -= Decimal(fill["fee"]) if fill["fee_asset"] == "KRW" else ZERO
        return total


def _change(fill: Row, asset: str) -> Decimal:
    moved = Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
    return moved - Decimal(fill["fee"]) if fill["fee_asset"] == asset else moved


def books(data: Path) -> Books | None:
    """The ledger of a folder whose bot is dead; None before the first start made one."""
    if not (data / "ledger.db").exists():
        return None
    with tempfile.TemporaryDirectory() as name:
        for suffix in ("", "-wal"):
            if (source := data / f"ledger.db{suffix}").exists():
                shutil.copy(source, Path(name) / f"ledger.db{suffix}")
        with closing(sqlite3.connect(Path(name) / "ledger.db")) as database:
            database.row_factory = sqlite3.Row
            tables = {row[0] for row in database.execute("select name from sqlite_master where type = 'table'")}
            if "indicators" not in tables:
                return None  # the last table: it was killed while it made them
            rows = {
                table: [dict(row) for row in database.execute(f"select * from {table}")]
                for table in ("orders", "fills", "commands", "positions", "settings")
            }
    return Books(
        {row["id"]: row for row in rows["orders"]},
        rows["fills"],
        {row["id"]: row for row in rows["commands"]},
        rows["positions"],
        rows["settings"],
    )


# -- what is asked ---------------------------------------------------------------------------------------------------


def killed(data: Path, truth: Truth, secrets: Iterable[str] = ()) -> Books:
    """What holds whenever a life ends, however it ended. Raises Broken naming every invariant that does not."""
    kept = books(data) or Books()
    said = [*_once(truth), *_known(kept, truth), *_fills(kept, truth, whole=False), *_acted(kept)]
    said += [*_parse(data), *_secrets(data.parent, secrets)]
    _raise(said)
    return kept


def settled(
    data: Path,
    truth: Truth,
    *,
    start_cash: Decimal,
    foreign: Mapping[str, Decimal] | None = None,
    handed_in: Iterable[str] = (),
    secrets: Iterable[str] = (),
) -> Books:
    """What holds once everything has come to its end and the bot has stopped in order. Raises Broken.

    start_cash: the account's won at the beginning; foreign: asset -> coins on it that were never the bot's;
    handed_in: ids of the commands that were put into the mailbox.
    """
    kept = books(data)
    if kept is None:
        raise Broken("I4: there is no ledger")
    foreign = foreign or {}
    said = [*_once(truth), *_known(kept, truth), *_fills(kept, truth, whole=True), *_acted(kept)]
    said += [f"I3: {row['id']} is still {row['state']}" for row in kept.orders.values() if row["state"] not in ENDED]
    said += _account(kept, truth, start_cash, foreign)
    said += _ended(data, kept, handed_in)
    said += [*_parse(data), *_secrets(data.parent, secrets)]
    said += [f"I4: {path.name} was left behind" for path in data.glob(".*.tmp")]
    if not any(line.startswith("I4") for line in said):
        said += [*_portfolio(data, kept, beside(kept, truth, foreign)), *unguarded(data, kept)]
    _raise(said)
    return kept


def agreed(data: Path, truth: Truth, *, start_cash: Decimal, foreign: Mapping[str, Decimal] | None = None) -> Books:
    """I1 to I3 of an account at rest, for a ledger without files beside it. Raises Broken."""
    kept = books(data) or Books()
    said = [*_once(truth), *_known(kept, truth), *_fills(kept, truth, whole=True), *_acted(kept, accepted=False)]
    said += [f"I3: {row['id']} is still {row['state']}" for row in kept.orders.values() if row["state"] not in ENDED]
    _raise([*said, *_account(kept, truth, start_cash, foreign or {})])
    return kept


def holders(data: Path) -> set[int]:
    """Process ids that hold the kernel's lock on bot.lock (Linux). I8: never more than one."""
    path = data / "bot.lock"
    if not path.exists():
        return set()
    wanted = str(path.stat().st_ino)
    found = set()
    for line in Path("/proc/locks").read_text("utf-8").splitlines():
        parts = line.split()
        if "->" not in parts and parts[1] in ("FLOCK", "POSIX") and parts[5].rpartition(":")[2] == wanted:
            found.add(int(parts[4]))
    return found


def one_holder(data: Path) -> None:
    """I8. Raises Broken."""
    if len(found := holders(data)) > 1:
        raise Broken(f"I8: {sorted(found)} hold {data}")


def _raise(said: list[str]) -> None:
    if said:
        raise Broken("\n".join(said))


# -- orders and fills ------------------------------------------------------------------------------------------------


def _once(truth: Truth) -> list[str]:
    said = [f"I1: {name} was posted {count} times" for name, count in truth.posts.items() if count > 1]
    for name, rows in truth.named().items():
        if len(rows) > 1:
            said.append(f"I1: {name} is {len(rows)} orders at the venue")
    return said


def _known(kept: Books, truth: Truth) -> list[str]:
    said = []
    for name, rows in truth.named().items():
        if not OURS.fullmatch(name):
            continue
        if name not in kept.orders:
            said.append(f"I3: the ledger does not know {name}, at the venue {rows[0]['state']}")
            continue
        state, shown = kept.orders[name]["state"], rows[0]["state"]
        nothing = shown == "cancelled" and not Decimal(rows[0]["executed"])
        if state in ENDED and state not in STATES[shown] and not (nothing and state == "REJECTED"):
            said.append(f"I3: {name} is {shown} at the venue and {state} in the ledger ({kept.orders[name]['detail']})")
    return said


def _fills(kept: Books, truth: Truth, whole: bool) -> list[str]:
    """Booked fills are the venue's, each once; all of an ended order's are booked (whole: of every order's)."""
    said: list[str] = []
    names = {row["order_id"]: row["client_id"] for row in truth.orders.values()}
    booked: Counter[str] = Counter()
    for fill in kept.fills:
        reason = kept.reason(fill)
        if reason is None:
            said.append(f"I2: trade {fill['trade_id']} belongs to no order")
        if reason is None or reason in OUTSIDE:
            continue
        booked[fill["trade_id"]] += 1
        real = truth.fills.get(fill["trade_id"])
        if real is None:
            said.append(f"I2: the ledger has a trade {fill['trade_id']} that never was")
            continue
        mine = (fill["order_id"], fill["side"], *(Decimal(fill[name]) for name in ("price", "quantity", "fee")))
        theirs = (
            names[real["order_id"]],
            real["side"],
            *(Decimal(real[name]) for name in ("price", "quantity", "fee")),
        )
        if mine != theirs:
            said.append(f"I2: trade {fill['trade_id']} is {mine} in the ledger and {theirs} at the venue")
    said += [f"I2: trade {trade} is booked {count} times" for trade, count in booked.items() if count > 1]
    for trade, real in truth.fills.items():
        name = names.get(real["order_id"])
        order = kept.orders.get(name or "")
        if order is None or trade in booked:
            continue
        if whole or order["state"] in ENDED:
            said.append(f"I2: trade {trade} of {name} ({order['state']}) is not booked")
    return said


def _account(kept: Books, truth: Truth, start_cash: Decimal, foreign: Mapping[str, Decimal]) -> list[str]:
    said = []
    mine = kept.held()
    _, spent = by_hand(truth)
    not_ours = beside(kept, truth, foreign)
    for asset in sorted({*mine, *not_ours, *truth.balances} - {"KRW"}):
        shown = truth.balances.get(asset, ZERO)
        others = not_ours.get(asset, ZERO)
        if shown != mine.get(asset, ZERO) + others:
            said.append(f"I2: the account has {shown} {asset}: {others} foreign, the ledger's {mine.get(asset, ZERO)}")
    won = truth.balances["KRW"]
    expected = start_cash - spent + kept.cash(OUTSIDE)
    if abs(won - expected) >= CENT:
        said.append(f"I2: the account has {won} won, the ledger says {expected}")
    return said


def beside(kept: Books, truth: Truth, foreign: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Asset -> coins that are not the bot's: those of the beginning, what its owner traded, less what was adopted."""
    theirs, _ = by_hand(truth)
    taken = kept.from_outside()
    return {
        asset: foreign.get(asset, ZERO) + theirs.get(asset, ZERO) - taken.get(asset, ZERO)
        for asset in {*foreign, *theirs, *taken}
    }


def by_hand(truth: Truth) -> tuple[dict[str, Decimal], Decimal]:
    """What the account's owner traded without the bot: asset -> coins bought (sold: negative), and won spent on it."""
    coins: dict[str, Decimal] = {}
    spent = ZERO
    for fill in truth.fills.values():
        if truth.orders[fill["order_id"]]["client_id"]:
            continue
        asset, sign = fill["market"].partition("-")[2], 1 if fill["side"] == "buy" else -1
        coins[asset] = coins.get(asset, ZERO) + sign * Decimal(fill["quantity"])
        spent += sign * Decimal(fill["funds"]) + Decimal(fill["fee"])
    return coins, spent


# -- commands --------------------------------------------------------------------------------------------------------


def _acted(kept: Books, accepted: bool = True) -> list[str]:
    by_command = Counter(row["reason"] for row in kept.orders.values() if row["reason"].startswith("command:"))
    said = [f"I6: {name} made {count} orders" for name, count in by_command.items() if count > 1]
    for name in by_command if accepted else ():
        if name.partition(":")[2] not in kept.commands:
            said.append(f"I6: {name} acted without being accepted")
    return said


def _ended(data: Path, kept: Books, handed_in: Iterable[str]) -> list[str]:
    said = [f"I6: {row['id']} is {row['state']}" for row in kept.commands.values() if row["state"] not in FINAL]
    waiting = [path.name for path in data.glob("command*.json")]
    said += [f"I6: {name} was left in the mailbox" for name in waiting]
    said += [f"I6: the command {name} was lost" for name in handed_in if name not in kept.commands]
    try:
        shown = json.loads((data / "outcomes.json").read_text("utf-8"))["outcomes"]
    except (OSError, ValueError, KeyError) as error:
        return [*said, f"I6: outcomes.json: {error}"]
    counted = Counter(row["id"] for row in shown)
    said += [f"I6: {name} has {count} outcomes" for name, count in counted.items() if count > 1]
    for row in shown:
        known = kept.commands.get(row["id"])
        if known is None or known["state"] != row["state"]:
            said.append(f"I6: outcomes.json says {row['id']} {row['state']}, the ledger {known and known['state']}")
    said += [f"I6: {name} has no outcome" for name in kept.commands if name not in counted]
    return said


# -- files -----------------------------------------------------------------------------------------------------------


def _parse(data: Path) -> list[str]:
    said = []
    for path in sorted(data.glob("*.json")):
        kind = "portfolio" if path.stem.endswith("_portfolio") else path.stem.partition(".")[0]
        if kind == "simulator":
            continue
        try:
            validator(kind).validate(parse(path.read_text("utf-8")))
        except (ValueError, ValidationError) as error:
            said.append(f"I4: {path.name}: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
    for path in sorted((data / "history").rglob("*.jsonl")):
        lines = path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                validator(f"history_{path.name.partition('-')[0]}").validate(parse(line.decode()))
            except (ValueError, ValidationError) as error:
                if number < len(lines):  # a torn last line is ignored by every reader
                    said.append(f"I4: {path.name} line {number}: {str(error).splitlines()[0]}")
    return said


def _portfolio(data: Path, kept: Books, foreign: Mapping[str, Decimal]) -> list[str]:
    shown: dict[str, Any] = json.loads((data / "upbit_portfolio.json").read_text("utf-8"), parse_float=Decimal)
    said = []
    opened = {row["trip"] for row in kept.positions}
    ours: dict[str, Decimal] = {}
    for trip, (symbol, quantity) in kept.trips().items():
        if trip in opened:
            ours[symbol] = ours.get(symbol, ZERO) + quantity
        elif quantity and abs(quantity) * _last(kept, symbol) >= LEAST_WON:
            said.append(f"I4: the trip {trip} is over and has {quantity} {symbol} left")
    positions = {symbol: Decimal(quantity) for symbol, quantity in shown["positions"].items()}
    if positions != ours:
        said.append(f"I4: the portfolio shows {positions}, the ledger has {ours}")
    if {symbol: Decimal(one["quantity"]) for symbol, one in shown["details"].items()} != positions:
        said.append("I4: details and positions of the portfolio differ")
    capital, cash = Decimal(shown["initial_capital"]), Decimal(shown["current_capital"])
    paid = kept.cash()  # the book pays for what it adopts, although no won left the account
    if abs(cash - capital - paid) >= CENT:
        said.append(f"I4: the portfolio's cash is {cash}, the ledger's {capital + paid}")
    unfinished = {row["id"] for row in kept.orders.values() if row["state"] not in ENDED}
    if {row["id"] for row in shown["open_orders"]} != unfinished:
        said.append(f"I4: the portfolio's open orders are not {unfinished}")
    rows = [
        (row["symbol"], row["type"], Decimal(row["quantity"]), Decimal(row["price"])) for row in shown["trade_history"]
    ]
    fills = [
        (row["symbol"], row["side"].upper(), Decimal(row["quantity"]), Decimal(row["price"]))
        for row in sorted(kept.fills, key=lambda row: row["seq"])[-500:]
    ]
    if Counter(rows) != Counter(fills):
        said.append(f"I4: trade_history ({len(rows)}) is not the ledger's fills ({len(fills)})")
    others = {symbol.partition("/")[0]: Decimal(one["quantity"]) for symbol, one in shown["foreign"].items()}
    if others != {asset: quantity for asset, quantity in foreign.items() if quantity}:
        said.append(f"I4: the portfolio shows {others} as foreign, really it is {dict(foreign)}")
    return said


def _last(kept: Books, symbol: str) -> Decimal:
    return next(Decimal(row["price"]) for row in reversed(kept.fills) if row["symbol"] == symbol)


def unguarded(data: Path, kept: Books) -> list[str]:
    """I5: positions without a stop in force, without an exit under way and without an alarm."""
    shown: dict[str, Any] = json.loads((data / "upbit_portfolio.json").read_text("utf-8"), parse_float=Decimal)
    leaving = {row["symbol"] for row in kept.orders.values() if row["leg"] == "exit" and row["state"] not in ENDED}
    status: dict[str, Any] = json.loads((data / "bot_status.json").read_text("utf-8"))
    said = []
    for symbol, one in shown["details"].items():
        stopped = one["stop"] is not None and one["guarded_by"] in ("bot", "oco", "venue_stop")
        alarm = one["guarded_by"] == "none" or status["status"] == "halted"
        if not (stopped or alarm or symbol in leaving):
            said.append(f"I5: {symbol} has no stop in force: {one['stop']} {one['guarded_by']}")
    return said


def _secrets(home: Path, secrets: Iterable[str]) -> list[str]:
    words = [word.encode() for word in secrets]
    said = []
    for path in sorted(home.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.name == ".env":
            continue
        content = path.read_bytes()
        if TOKEN.search(content):
            said.append(f"I7: a signed token in {path.name}")
        said += [f"I7: a secret in {path.name}" for word in words if word in content]
    return said
