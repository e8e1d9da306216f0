"""Writes what the whole process answers for: bot_status.json, decisions.json, market.json, the status block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from config.errors import SettingError
from config.settings import Settings as ConfigSettings
from trading.core.calendar import MINUTE_MS
from trading.core.errors import BadInput
from trading.core.orders import Order
from trading.core.ports import Clock
from trading.ipc.decisions import Decisions, DecisionsFile
from trading.ipc.files import Killpoint, no_kill
from trading.ipc.market import Market, MarketFile, Quote, VenueMarket, movers
from trading.ipc.status import (
    Approval,
    BotState,
    BotStatus,
    Job,
    Latch,
    Override,
    RejectedSetting,
    Settings,
    StatusFile,
)
from trading.live.bookkeeping import Books
from trading.live.conditions import MarketWatch
from trading.live.desk import Desk
from trading.live.ledger import Ledger
from trading.live.log import Log
from trading.live.process import ProcessMeter
from trading.live.projections import HUNDRED, last_price, status_of
from trading.live.report_block import BlockFacts, PositionFacts, VenueFacts, report_block

REJECTED_KEPT: Final = 20


class Publisher:
    """Reads the desks between their steps. ending: the status to write while the process ends."""

    def __init__(
        self,
        data_dir: Path,
        desks: Mapping[str, tuple[Desk, Books, MarketWatch]],
        ledger: Ledger,
        clock: Clock,
        log: Log,
        identity: BotStatus,
        jobs: Callable[[], tuple[Job, ...]] = tuple,
        killpoint: Killpoint = no_kill,
    ) -> None:
        """identity: a status that holds what never changes in this life (mode, version, pid, boot id, start).

        jobs: tells what the schedule's jobs came to.
        """
        self._desks = desks
        self._ledger = ledger
        self._clock = clock
        self._log = log
        self._identity = identity
        self._scheduled = jobs
        self._meter = ProcessMeter(clock)
        self._status = StatusFile(data_dir, killpoint)
        self._decisions = DecisionsFile(data_dir, killpoint)
        self._market = MarketFile(data_dir, killpoint)
        self._latest: BotStatus | None = None
        self.rejected: tuple[RejectedSetting, ...] = ()
        self.ending: BotState | None = None

    @property
    def version(self) -> str:
        """The program's."""
        return self._identity.version

    def reject(self, problem: SettingError | BadInput) -> None:
        """Remembers an edit that changed nothing, for the status file."""
        if isinstance(problem, SettingError):
            row = RejectedSetting(
                name=problem.name,
                value=str(problem.value),
                line=problem.line,
                source=problem.file or ".env",
                reason_ko=problem.text("ko"),
                reason_en=problem.text("en"),
                at_ms=self._clock.wall_ms(),
            )
        else:
            ko, en = problem.text("ko"), problem.text("en")
            row = RejectedSetting(name="", value="", reason_ko=ko, reason_en=en, at_ms=self._clock.wall_ms())
        self.rejected = (*self.rejected, row)[-REJECTED_KEPT:]

    def publish(self, settings: ConfigSettings, steps: int) -> None:
        """Status in any case (the heartbeat), decisions after a change."""
        now_ms = self._clock.wall_ms()
        status = self._status_of(settings, steps)
        self._latest = status
        venues = {name: books.decisions for name, (_, books, _) in self._desks.items()}
        for file, write in (
            ("bot_status.json", lambda: self._status.publish(status, now_ms)),
            ("decisions.json", lambda: self._decisions.publish(Decisions(venues=venues), now_ms)),
        ):
            try:
                write()
            except OSError as error:
                self._log.say("log.file_failed", "error", file=file, why=str(error))

    # -- status ----------------------------------------------------------------------------------------------------

    def _status_of(self, settings: ConfigSettings, steps: int) -> BotStatus:
        figures = self._meter.read()
        need = settings.knobs().warmup_total
        equity, day = self._won()
        return replace(
            self._identity,
            status=self._state(steps, need),
            market_time_ms=self._clock.market_ms(),
            cpu=figures.cpu,
            memory=figures.memory,
            warmup_current=min(steps, need),
            warmup_total=need,
            equity_krw=equity,
            day_pnl_krw=day,
            day_pnl_percent=_percent(day, None if equity is None or day is None else equity - day),
            venues={
                name: status_of(desk, watch.regime, watch.condition) for name, (desk, _, watch) in self._desks.items()
            },
            latches=self._latches(),
            approvals=self._approvals(),
            jobs=self._jobs(),
            settings=Settings(overrides=_overrides(settings), rejected=self.rejected),
        )

    def _state(self, steps: int, need: int) -> BotState:
        if self.ending:
            return self.ending
        desks = [desk for desk, _, _ in self._desks.values()]
        if all(desk.state == "halted" for desk in desks):
            return "halted"
        if all(desk.switches.paused or "*" in desk.switches.entries_off for desk in desks):
            return "paused"
        if steps < need or all(desk.trader is None for desk in desks):
            return "warming_up"
        return "running"

    def _won(self) -> tuple[Decimal | None, Decimal | None]:
        """(equity, the day's result) of the venues that count in won."""
        equity = day = Decimal(0)
        known = False
        for desk, _, _ in self._desks.values():
            if desk.trader is None or desk.venue.capabilities.currency != "KRW":
                continue
            known = True
            now = Decimal(repr(round(desk.trader.equity(), 2)))
            equity += now
            day += now - Decimal(repr(round(desk.trader.account.day_base, 2)))
        return (equity, day) if known else (None, None)

    def _latches(self) -> tuple[Latch, ...]:
        return tuple(
            Latch(venue=row.venue or None, gate=row.name, since_ms=row.at_ms, detail=str(row.value.get("detail", "")))
            for row in self._ledger.latches()
        )

    def _approvals(self) -> tuple[Approval, ...]:
        return tuple(
            _approval(name, order, desk.charge.knobs.approval_minutes)
            for name, (desk, _, _) in self._desks.items()
            for order in (list(desk.trader.awaiting.values()) if desk.trader else ())
        )

    def _jobs(self) -> tuple[Job, ...]:
        looks = (
            Job(name=f"reconcile:{name}", last_ms=desk.looked_ms, last_result=desk.reconciled.reason or "ok")
            for name, (desk, _, _) in self._desks.items()
        )
        return (*looks, *self._scheduled())

    # -- market.json and the block -----------------------------------------------------------------------------------

    def write_market(self) -> None:
        """Last prices and 24 h changes of what is followed."""
        venues = {}
        for name, (desk, _, watch) in self._desks.items():
            watch.update(desk)
            prices = {}
            for symbol, track in list(desk.feed.tracks.items()):
                last = last_price(desk, symbol)
                if last is None or track.last is None:
                    continue
                change = desk.feed.change_24h(symbol)
                percent = None if change is None else round(100 * change, 2)
                prices[symbol] = Quote(price=last, change_24h_percent=percent, time_ms=track.last.time_ms)
            gainers, losers = movers(prices)
            currency = desk.venue.capabilities.currency
            venues[name] = VenueMarket(
                currency=currency, prices=prices, gainers=gainers, losers=losers, timeframes={}, forecasts={}
            )
        try:
            self._market.publish(Market(venues=venues), self._clock.wall_ms())
        except OSError as error:
            self._log.say("log.file_failed", "error", file="market.json", why=str(error))

    def say_block(self) -> None:
        """The block of every five minutes."""
        if self._latest is not None:
            self._log.say("log.status", block=report_block(self._block(self._latest), self._log.language))

    def _block(self, status: BotStatus) -> BlockFacts:
        return BlockFacts(
            market_ms=status.market_time_ms,
            mode=status.mode,
            status=status.status,
            equity_krw=status.equity_krw,
            day_pnl_krw=status.day_pnl_krw,
            day_pnl_percent=status.day_pnl_percent,
            venues=[self._venue_facts(desk, status) for desk, _, _ in self._desks.values() if desk.trader is not None],
        )

    def _venue_facts(self, desk: Desk, status: BotStatus) -> VenueFacts:
        trader, mine = desk.trader, status.venues[desk.name]
        assert trader is not None
        equity = Decimal(repr(round(trader.equity(), 8)))
        base = Decimal(repr(round(trader.account.day_base, 8)))
        positions = [
            PositionFacts(
                symbol=symbol,
                quantity=held.quantity,
                entry_price=held.entry_price,
                last_price=price,
                pnl=held.unrealized(price) - held.fee,
                pnl_percent=float(HUNDRED * (held.unrealized(price) - held.fee) / held.open_cost),
                entry_ms=held.entry_ms,
            )
            for symbol, held in trader.portfolio.positions.items()
            if (price := last_price(desk, symbol)) is not None
        ]
        return VenueFacts(
            venue=desk.name,
            currency=desk.venue.capabilities.currency,
            state=desk.state,
            strategy=mine.strategy,
            market_condition=mine.market_condition,
            cash=trader.portfolio.cash,
            equity=equity,
            day_pnl=equity - base,
            day_pnl_percent=_percent(equity - base, base),
            win_rate_percent=mine.win_rate_percent,
            kelly_fraction=mine.kelly_fraction,
            trades_today=mine.trades_today,
            max_trades_per_day=mine.max_trades_per_day,
            max_positions=mine.max_positions,
            positions=positions,
        )


def _approval(venue: str, order: Order, minutes: float) -> Approval:
    return Approval(
        order=order.id,
        venue=venue,
        symbol=order.symbol,
        side=order.side,
        amount=order.funds or order.quantity * order.price,
        expires_ms=order.created_ms + int(minutes * MINUTE_MS),
    )


def _percent(part: Decimal | None, whole: Decimal | None) -> float | None:
    return round(float(100 * part / whole), 4) if part is not None and whole else None


def _overrides(settings: ConfigSettings) -> dict[str, Override]:
    return {
        f"{one.venue}.{one.name}" if one.venue else one.name: Override(value=one.value, by=one.by, at_ms=one.at_ms)
        for one in settings.overrides
    }
