"""The whole bot in this process on a `LocalVenue`: everything but the network, on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import load, reload
from tests.bench.local_venue import BenchClock, LocalVenue
from trading.core.portfolio import Trade
from trading.live.bot import Bot
from trading.live.compose import Life, compose
from trading.live.desk import Desk
from trading.live.ledger import Ledger, Stamp, open_ledger
from trading.live.log import setup, shutdown

LOOP_S = 3.0


@dataclass(slots=True)
class Setting:
    """A bot that can be stepped."""

    bot: Bot
    desk: Desk
    venue: LocalVenue
    clock: BenchClock
    ledger: Ledger

    def ledger_trades(self) -> list[Trade]:
        """All round trips so far."""
        return list(self.ledger.trades("upbit"))

    def move(self, seconds: float = LOOP_S) -> None:
        """Lets the market move, at the cost of the bench."""
        self.clock.pass_s(seconds)
        self.venue.advance()

    def step(self) -> None:
        """One round of the bot's loop: settings, commands, the desk's step, files."""
        self.bot._step()

    def warm(self, limit: int = 2_000) -> None:
        """Steps until every symbol has its history and its first row. Raises RuntimeError when that does not come."""
        for _ in range(limit):
            self.move()
            self.step()
            trader = self.desk.trader
            if trader and all(walk.look is not None for walk in trader.walks.values()):
                return
        raise RuntimeError(f"the bot is not warm: {self.desk.state} {self.desk.detail}")


@contextmanager
def bot_in_process(folder: Path, symbols: int, strategy: str) -> Iterator[Setting]:
    """The demo preset with `strategy` on `symbols` symbols of one minute, its files in `folder`."""
    environ = {
        "HAETAE_UNIVERSE_SIZE": str(symbols),
        "HAETAE_STRATEGY": strategy,
        "HAETAE_TIMEFRAME": "1m",
        "HAETAE_SYMBOL_COOLDOWN_MINUTES": "0",
    }
    nothing = folder / "none.env"
    settings = load(nothing, nothing, environ, (), {"mode": "demo"})
    clock = BenchClock()
    venue = LocalVenue(clock, symbols)
    ledger = open_ledger(folder, Stamp("demo", {"upbit": "bench"}, {"upbit": ""}), clock.wall_ms()).ledger
    log = setup(folder / "logs", "ko", settings.secrets.mask)
    life = Life(
        data_dir=folder,
        watched=(nothing,),
        clock=clock,
        ledger=ledger,
        log=log,
        killpoint=lambda _label: None,
        round_s=LOOP_S,
        version="bench",
        signals_only=False,
    )
    bot = compose(
        life,
        settings,
        lambda old, overrides: reload(old, nothing, nothing, environ, overrides, {"mode": "demo"}),
        lambda *_: venue,
    )
    try:
        yield Setting(bot, bot._desks["upbit"], venue, clock, ledger)
        bot.stop.set()
        bot._finish(None)
    finally:
        shutdown()
        ledger.close()
