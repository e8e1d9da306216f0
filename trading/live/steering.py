"""Carries out commands: each accepted once in the ledger, acted on in the desk's own thread, told when it is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from config.errors import SettingError
from config.layers import Override
from trading.core.errors import BadInput, LedgerUnavailable, VenueError
from trading.ipc.envelope import Command
from trading.live.desk import Desk
from trading.live.ledger import Ledger
from trading.live.orders_by_hand import Answer, Done, Waiting, adopt, cancel, enter, liquidate, said

SWITCH: Final = "switch"
LIQUIDATE_S: Final = 60.0
ACT_S: Final = 20.0

SetOverrides = Callable[[list[Override], list[tuple[str, str | None]]], None]


@dataclass(slots=True)
class Wish:
    """What the commands of a step want of the process itself."""

    stop: bool = False
    restart: bool = False
    reset: bool = False
    reload: bool = False


@dataclass(slots=True)
class _Open:
    command: Command
    waiting: list[Waiting]
    deadline: float


@dataclass(slots=True)
class Steering:
    """Acts on accepted commands. `override` puts and drops overrides of knobs and applies them, or raises SettingError.

    now: wall ms; monotonic: seconds. mode: of the run.
    """

    desks: Mapping[str, Desk]
    ledger: Ledger
    mode: str
    override: SetOverrides
    now: Callable[[], int]
    monotonic: Callable[[], float]
    wish: Wish = field(default_factory=Wish)
    _open: list[_Open] = field(default_factory=list)

    def restore(self) -> None:
        """Switches that people left on survive a restart."""
        for row in self.ledger.settings(SWITCH):
            for desk in self._of(row.venue or None):
                if row.name == "paused":
                    desk.switches.paused = bool(row.value)
                else:
                    desk.switches.entries_off = set(row.value)

    def begin(self, command: Command) -> Done | None:
        """Starts a command; Done when it is over at once, None while it is under way (`poll` tells)."""
        try:
            answer = self._act(command)
        except SettingError as problem:
            return Done("failed", problem.text("ko"), problem.text("en"))
        except BadInput as error:
            return Done("failed", error.text("ko"), error.text("en"))
        except VenueError as error:
            return said("failed", "steering.order_failed", why=str(error))
        except LedgerUnavailable as error:
            return said("failed", "steering.ledger", why=str(error))
        except Exception as error:  # noqa: BLE001 - one command, whatever is wrong with it, must not end the bot
            return said("failed", "steering.order_failed", why=f"{type(error).__name__}: {error}")
        if isinstance(answer, Done):
            return answer
        limit = LIQUIDATE_S if command.kind == "liquidate" else ACT_S
        self._open.append(_Open(command, answer, self.monotonic() + limit))
        return None

    def ended(self, kind: str) -> Done:
        """The answer to a command that ended an earlier life."""
        return said("done", {"stop": "steering.stopping", "reset": "steering.reset"}.get(kind, "steering.restarting"))

    def lapsed(self) -> Done:
        """The answer to a command whose time ran out while the bot was down."""
        return said("expired", "steering.expired_by_stop")

    def poll(self) -> list[tuple[Command, Done]]:
        """Commands that are over now."""
        over = []
        for item in list(self._open):
            answers = [waiting.answer() for waiting in item.waiting]
            if all(answer is not None for answer in answers):
                over.append((item.command, _joined([answer for answer in answers if answer is not None])))
            elif self.monotonic() >= item.deadline:
                left = ", ".join(w.left for w, answer in zip(item.waiting, answers, strict=True) if answer is None)
                seconds = int(LIQUIDATE_S if item.command.kind == "liquidate" else ACT_S)
                over.append((item.command, said("failed", "steering.timeout", seconds=seconds, left=left)))
            else:
                continue
            self._open.remove(item)
        return over

    # -- kinds -----------------------------------------------------------------------------------------------------

    def _of(self, venue: str | None) -> list[Desk]:
        return list(self.desks.values()) if venue is None else [self.desks[venue]] if venue in self.desks else []

    def _act(self, command: Command) -> Answer:
        args = command.args
        venue = args.get("venue")
        if venue is not None and venue not in self.desks:
            return said("refused", "steering.venue_off", venue=venue)
        act = getattr(self, f"_do_{command.kind}")
        answer: Answer = act(command, args, self._of(venue))
        return answer

    def _do_pause(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        for desk in desks:
            self.ledger.put_setting(SWITCH, "paused", True, command.issued_by, self.now(), desk.name)
            desk.switches.paused = True
            desk.ask(lambda d: d.execution.execute((), [o for o in d.execution.live if o.leg == "entry" and o.limit]))
        return said("done", "steering.paused", effect={"venues": [desk.name for desk in desks]})

    def _do_resume(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        for desk in desks:
            for name in ("paused", "entries_off"):
                self.ledger.drop_setting(SWITCH, name, desk.name)
            desk.switches.paused = False
            desk.switches.entries_off = set()
        return said("done", "steering.resumed", effect={"venues": [desk.name for desk in desks]})

    def _do_set_strategy(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        name = "preset" if "preset" in args else "strategy"
        chosen = {name: args[name]} | {f"param.{key}": value for key, value in (args.get("params") or {}).items()}
        dropped = [("strategy", args.get("venue"))] if name == "preset" else []
        self.override([self._override(command, key, value) for key, value in chosen.items()], dropped)
        if args.get("positions") == "close":
            for desk in desks:
                desk.ask(lambda d: d.trader.flatten(None, "command") if d.trader else None)
        return said("done", "steering.strategy", strategy=args[name], effect={name: args[name]})

    def _do_set(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        knob = args["knob"]
        if args.get("default"):
            self.override([], [(knob, args.get("venue"))])
            return said("done", "steering.unset", knob=knob, effect={knob: None})
        self.override([self._override(command, knob, args["value"])], [])
        return said("done", "steering.set", knob=knob, value=args["value"], effect={knob: args["value"]})

    def _override(self, command: Command, name: str, value: object) -> Override:
        return Override(name, value, command.args.get("venue"), command.issued_by, self.now())

    def _do_enter(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        return [enter(desk, command, args) for desk in desks]

    def _do_liquidate(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        symbols = None if args.get("all") else tuple(args["symbols"])
        for desk in desks:
            off = desk.switches.entries_off | ({"*"} if symbols is None else set(symbols))
            self.ledger.put_setting(SWITCH, "entries_off", sorted(off), command.issued_by, self.now(), desk.name)
            desk.switches.entries_off = off
        return [liquidate(desk, symbols) for desk in desks]

    def _do_cancel_order(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        return [cancel(desk, args["order"]) for desk in desks]

    def _do_adopt(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        return [adopt(desk, args["symbol"], args.get("price")) for desk in desks]

    def _do_approve(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        for desk in desks:
            if desk.trader is not None and args["order"] in desk.trader.awaiting:
                desk.switches.approved.add(args["order"])
                return said("done", "steering.approved")
        return said("refused", "steering.no_approval", order=args["order"])

    def _do_reject(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        for desk in desks:
            if desk.trader is not None and desk.trader.deny(args["order"]):
                return said("done", "steering.rejected")
        return said("refused", "steering.no_approval", order=args["order"])

    def _do_rearm(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        gate = args.get("gate")
        lifted = []
        for row in self.ledger.latches():
            if (gate is None or row.name == gate) and (row.venue in {desk.name for desk in desks}):
                self.ledger.unlatch(row.name, row.venue)
                lifted.append(row.name)
        for desk in desks:
            desk.ask(lambda d: d.trader.account.rearm(gate) if d.trader else None)
        if not lifted:
            return said("refused", "steering.no_latch")
        return said("done", "steering.rearmed", gates=", ".join(lifted), effect={"gates": lifted})

    def _do_reload(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        self.override([], [])
        return said("done", "steering.reloaded")

    def _do_restart(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        self.wish.restart = True
        return said("done", "steering.restarting")

    def _do_stop(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        self.wish.stop = True
        return said("done", "steering.stopping")

    def _do_start(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        return said("refused", "steering.running")

    def _do_reset(self, command: Command, args: Mapping[str, Any], desks: list[Desk]) -> Answer:
        if self.mode not in ("demo", "paper"):
            return said("refused", "steering.reset_refused", mode=self.mode)
        self.wish.restart = self.wish.reset = True
        return said("done", "steering.reset")


def _joined(answers: list[Done]) -> Done:
    """One answer for a command that several desks carried out: the worst state, all details."""
    worst = next((answer.state for answer in answers if answer.state != "done"), "done")
    effect: dict[str, Any] = {}
    for answer in answers:
        effect |= answer.effect
    return Done(worst, " ".join(a.detail_ko for a in answers), " ".join(a.detail_en for a in answers), effect)
