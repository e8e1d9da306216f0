"""Every command a controller can give: its arguments, whether it lapses, whether it goes first. Data and its check."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from config.texts import text
from trading.core.errors import BadInput
from trading.ipc.document import Json

VENUES: Final = ("upbit", "bithumb", "binance_spot", "binance_futures", "stock")
DEFAULT_EXPIRY_MS: Final = 60_000
MAX_TEXT: Final = 200

ArgType = Literal[
    "venue", "name", "parameters", "positions", "value", "flag", "symbol", "symbols", "amount", "side", "order"
]
#: Reads a symbol as a person writes it (`BTC/KRW`, `KRW-BTC`, `BTC`) for a venue (None: any); raises BadInput.
SymbolReader = Callable[[str, str | None], str]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. names: the set of known names it is checked against where the caller gives one ("preset", ...)."""

    name: str
    type: ArgType
    required: bool = False
    names: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of command.

    expires: may lapse at its `expires_at_ms`. default_expiry_ms: lapses so long after it was issued when it names no
    time itself. urgent: goes before others and never lapses. one_of: exactly one of these arguments must be given.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    expires: bool = True
    default_expiry_ms: int | None = None
    urgent: bool = False
    one_of: tuple[str, ...] = ()


_VENUE: Final = Argument("venue", "venue")
_THE_VENUE: Final = Argument("venue", "venue", required=True)
_SYMBOL: Final = Argument("symbol", "symbol", required=True)
_ORDER: Final = Argument("order", "order", required=True)

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("pause", (_VENUE,), expires=False, urgent=True),
        Kind("resume", (_VENUE,)),
        Kind(
            "set_strategy",
            (
                _VENUE,
                Argument("preset", "name", names="preset"),
                Argument("strategy", "name", names="strategy"),
                Argument("params", "parameters"),
                Argument("positions", "positions"),
            ),
            one_of=("preset", "strategy"),
        ),
        Kind(
            "set",
            (
                Argument("knob", "name", required=True, names="knob"),
                Argument("value", "value"),
                Argument("default", "flag"),
                _VENUE,
            ),
            one_of=("value", "default"),
        ),
        Kind(
            "enter",
            (_THE_VENUE, _SYMBOL, Argument("amount", "amount", required=True), Argument("side", "side")),
            default_expiry_ms=DEFAULT_EXPIRY_MS,
        ),
        Kind(
            "liquidate",
            (_VENUE, Argument("symbols", "symbols"), Argument("all", "flag")),
            expires=False,
            urgent=True,
            one_of=("symbols", "all"),
        ),
        Kind("cancel_order", (_THE_VENUE, _ORDER)),
        Kind("adopt", (_THE_VENUE, _SYMBOL, Argument("price", "amount"))),
        Kind("approve", (_ORDER,), default_expiry_ms=DEFAULT_EXPIRY_MS),  # it lets an entry go
        Kind("reject", (_ORDER,)),
        Kind("rearm", (_VENUE, Argument("gate", "name", names="gate"))),
        Kind("reload"),
        Kind("restart"),
        Kind("stop", expires=False, urgent=True),
        Kind("start"),
        Kind("reset"),
    )
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command is not taken: a key of the text catalogue and its values; a BadInput among them is a text too."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: str) -> str:
        """The sentence for a person, in "ko" or "en"."""
        hint = self.values.get("hint")
        said = {name: value.text(lang) if isinstance(value, BadInput) else value for name, value in self.values.items()}
        said |= {"hint": text("commands.hint", lang, name=hint) if hint else ""}
        return text(self.key, lang, **said)


@dataclass(frozen=True, slots=True)
class Checked:
    """A kind and its arguments, read: symbols in our form, amounts as Decimal, defaults filled in."""

    kind: str
    args: Mapping[str, Any]


def plain_symbol(symbol: str, venue: str | None) -> str:
    """The symbol reader of controllers that know no instruments: the text in capitals, as it is."""
    return symbol.strip().upper()


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name most like `name`, None where none is."""
    found = difflib.get_close_matches(name.lower()[:MAX_TEXT], list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def check(
    kind: Json,
    args: Json,
    symbol: SymbolReader = plain_symbol,
    known: Mapping[str, Collection[str]] | None = None,
) -> Checked | Refusal:
    """The command, read, or the reason why not. Never raises for what `kind` and `args` hold.

    known: names per set ("venue", "preset", "strategy", "knob", "gate") where the caller knows them; a name outside of
    its set is refused with the nearest one as a hint. Numbers may come as text (from a command line).
    """
    if not isinstance(kind, str) or kind not in KINDS:
        shown = str(kind)[:40]
        return Refusal("commands.unknown_kind", {"kind": shown, "hint": nearest(shown, KINDS)})
    if not isinstance(args, Mapping):
        return Refusal("commands.args_no_object", {"kind": kind})
    spec = KINDS[kind]
    given = {name: value for name, value in args.items() if value is not None}
    sets = {"venue": VENUES, **(known or {})}
    try:
        return Checked(kind, _read_arguments(spec, given, symbol, sets))
    except _Refused as refused:
        return refused.refusal


class _Refused(Exception):
    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.refusal = Refusal(f"commands.{key}", values)


def _read_arguments(
    spec: Kind, given: Mapping[str, Json], symbol: SymbolReader, sets: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    names = [argument.name for argument in spec.arguments]
    for name in given:
        if name not in names:
            shown = str(name)[:40]
            takes = ", ".join(names) or "-"
            raise _Refused("unknown_argument", kind=spec.name, name=shown, hint=nearest(shown, names), names=takes)
    venue = given.get("venue")
    read: dict[str, Any] = {}
    for argument in spec.arguments:
        if argument.name in given:
            read[argument.name] = _read_argument(argument, given[argument.name], venue, symbol, sets)
        elif argument.required:
            raise _Refused("missing_argument", kind=spec.name, name=argument.name)
    return _settle(spec, read)


def _settle(spec: Kind, read: dict[str, Any]) -> dict[str, Any]:
    """Flags that say no and their like are taken out, defaults put in, "exactly one of" is enforced."""
    for flag in ("all", "default"):
        if read.get(flag) is False:
            del read[flag]
    if spec.name == "set" and read.get("value") == "default":
        del read["value"]
        read["default"] = True
    if spec.name == "liquidate" and read.get("symbols") == "all":
        del read["symbols"]
        read["all"] = True
    if spec.one_of and sum(name in read for name in spec.one_of) != 1:
        raise _Refused("one_of", kind=spec.name, names=" / ".join(spec.one_of))
    if spec.name == "set_strategy":
        read.setdefault("positions", "keep")
    if spec.name == "enter":
        read.setdefault("side", "buy")
    return read


def _read_argument(
    argument: Argument, value: Json, venue: Json, symbol: SymbolReader, sets: Mapping[str, Collection[str]]
) -> Any:
    match argument.type:
        case "venue":
            return _name(argument.name, value, sets["venue"])
        case "name":
            return _name(argument.name, value, sets.get(argument.names))
        case "positions":
            return _name(argument.name, value, ("keep", "close"))
        case "side":
            return {"long": "buy", "short": "sell"}.get(
                side := _name(argument.name, value, ("buy", "sell", "long", "short")), side
            )
        case "order":
            return _order(argument.name, value)
        case "flag":
            return _flag(argument.name, value)
        case "amount":
            return _amount(argument.name, value)
        case "parameters":
            if not isinstance(value, Mapping):
                raise _Refused("wrong_value", name=argument.name, value=_shown(value), wanted="{...}")
            return dict(value)
        case "symbol":
            return _symbol(argument.name, value, venue, symbol)
        case "symbols":
            return _symbols(argument.name, value, venue, symbol)
        case "value":
            return value


def _shown(value: Json) -> str:
    return str(value)[:40]


def _name(name: str, value: Json, known: Collection[str] | None) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise _Refused("wrong_value", name=name, value=_shown(value), wanted=", ".join(sorted(known or ())) or "abc")
    chosen = value.strip()
    if known is None or chosen in known:
        return chosen
    if chosen.lower() in known:
        return chosen.lower()
    raise _Refused("unknown_name", name=name, value=_shown(chosen), hint=nearest(chosen, known))


def _order(name: str, value: Json) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", value):
        raise _Refused("wrong_value", name=name, value=_shown(value), wanted="id")
    return value


def _flag(name: str, value: Json) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _Refused("wrong_value", name=name, value=_shown(value), wanted="true / false")


def _amount(name: str, value: Json) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, int | Decimal | str) and not isinstance(value, bool) else None
        amount = Decimal(repr(value)) if isinstance(value, float) else amount
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount <= 0 or abs(amount.adjusted()) > 30:
        raise _Refused("wrong_value", name=name, value=_shown(value), wanted="> 0")
    return amount


def _symbol(name: str, value: Json, venue: Json, symbol: SymbolReader) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 40:
        raise _Refused("wrong_value", name=name, value=_shown(value), wanted="BTC/KRW, KRW-BTC, BTC")
    try:
        return symbol(value.strip(), venue if isinstance(venue, str) else None)
    except BadInput as error:
        raise _Refused("wrong_symbol", value=_shown(value), reason=error) from None


def _symbols(name: str, value: Json, venue: Json, symbol: SymbolReader) -> Any:
    if isinstance(value, str):
        if value.strip().lower() == "all":
            return "all"
        value = value.split(",")
    if not isinstance(value, list | tuple) or not 0 < len(value) <= 500:
        raise _Refused("wrong_value", name=name, value=_shown(value), wanted='["BTC/KRW", ...]')
    return list(dict.fromkeys(_symbol(name, one, venue, symbol) for one in value))
