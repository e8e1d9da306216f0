"""The kernel's view of a backtest: records of numbers and of addresses of the arrays, which are never copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from config.values import Knobs
from trading.backtest.series import Prepared, Series
from trading.core.account import limit_day_offset
from trading.core.calendar import DAY_OFFSET_MS
from trading.core.rules import RULES
from trading.core.signals import Signals, says_nothing
from trading.core.sizing import KINDS

Records = NDArray[Any]

#: What of the candle before a row the sizes may ask for.
BEFORE: Final = ("atr", "close", "volume")
#: Addresses (0: no such column) and lengths, then what the venue asks of the symbol.
SYMBOL: Final = np.dtype(
    [
        *((name, np.int64) for name in ("time", "open", "high", "low", "close", "top", "bottom", "n")),
        *((name, np.int64) for name in ("row_time", "first", "end", "rows")),
        *((name, np.int64) for name in ("buy", "sell", "exit_long", "exit_short", "confidence", "confidence_step")),
        *((f"{name}_before", np.int64) for name in BEFORE),
        *((name, np.float64) for name in ("fee", "lot_step", "min_notional")),
        *((name, np.int64) for name in ("tick_from", "tick_to", "rank")),
    ]
)
_FLOATS: Final = (
    "max_position_size",
    "risk_per_trade",
    "kelly_min",
    "kelly_max",
    "target_volatility",
    "take_profit_percent",
    "stop_loss_percent",
    "atr_multiplier",
    "trailing_stop_percent",
    "trailing_arm",
    "emergency_stop_percent",
    "confidence_threshold",
    "min_reward_risk",
    "daily_loss_limit",
    "drawdown_limit",
    "capital_stop",
    "slippage_bps",
    "max_volume_share",
)
_INTS: Final = (
    "leverage",
    "max_leverage",
    "max_positions",
    "max_trades_per_day",
    "min_hold_candles",
    "min_hold_minutes",
    "max_hold_minutes",
    "cooldown_after_losses",
    "cooldown_minutes",
    "symbol_cooldown_minutes",
    "slippage_ticks",
)
#: The knobs a backtest knows, under their own names; sizing as its code; what of the venue and the rule counts beside.
TERMS: Final = np.dtype(
    [
        *((name, np.float64) for name in _FLOATS),
        *((name, np.int64) for name in _INTS),
        *((name, np.int64) for name in ("sizing", "daily_entries", "day_offset", "limit_day_offset")),
        *((name, np.bool_) for name in ("tighten_stop", "all_day", "flatten", "futures", "native", "watched")),
    ]
)
#: A symbol's way: what it holds, the bar it looks at next and what happens there.
WALK: Final = np.dtype(
    [
        *((name, np.int64) for name in ("at", "time", "event", "reason", "row", "entered_as")),
        *((name, np.int64) for name in ("entered", "closed", "stopped", "day", "day_entries", "last_exit")),
        *(
            (name, np.int64)
            for name in ("entry_at", "entry_ms", "over_from", "cut_from", "leave_from", "mark", "doubt_at")
        ),
        *(
            (name, np.float64)
            for name in ("side", "price", "entry", "quantity", "cost", "fee", "atr", "high_water", "take")
        ),
        *((name, np.float64) for name in ("leverage", "other", "guard")),
        *((name, np.bool_) for name in ("held", "at_open", "doubt", "tried", "fresh")),
    ]
)
TRADE: Final = np.dtype(
    [
        *((name, np.int64) for name in ("symbol", "side", "reason", "entry_at", "exit_at", "entry_ms", "exit_ms")),
        *((name, np.float64) for name in ("entry", "quantity", "exit", "fee", "pnl", "leverage", "other", "cost")),
        ("doubt", np.bool_),
    ]
)
ACCOUNT: Final = np.dtype(
    [
        *((name, np.float64) for name in ("capital", "cash", "late", "equity", "peak", "day_base", "won", "lost")),
        *(
            (name, np.int64)
            for name in ("day", "entries", "losses", "last_loss", "held", "booked", "trades", "wins", "results")
        ),
        *((name, np.int64) for name in ("now", "drawdown_ms", "capital_ms")),
    ]
)
NEVER: Final = 2**62


def _address(column: NDArray[Any] | None) -> int:
    return 0 if column is None else column.ctypes.data


class Board:
    """What a run reads, and what keeps those arrays alive. symbols: SYMBOL records; ticks: (bands, 2)."""

    def __init__(self, prepared: Prepared, knobs: Sequence[Knobs]) -> None:
        self._kept: list[NDArray[Any]] = []
        wanted = _wanted(knobs, prepared.venue)
        ticks = [band for series in prepared.series for band in series.instrument.ticks]
        self.ticks = np.array(ticks, np.float64).reshape(-1, 2)
        self.symbols: Records = np.zeros(len(prepared.series), SYMBOL)
        names = sorted(series.instrument.symbol for series in prepared.series)
        band = 0
        for record, series, rows in zip(self.symbols, prepared.series, prepared.rows, strict=True):
            self._candles(record, series)
            self._rows(record, series, rows, wanted)
            item = series.instrument
            record["fee"], record["lot_step"], record["min_notional"] = item.fee_rate, item.lot_step, item.min_notional
            record["tick_from"], record["tick_to"] = band, band + len(item.ticks)
            record["rank"] = names.index(item.symbol)
            band += len(item.ticks)
        self.terms = terms(prepared, knobs)

    def _keep(self, column: NDArray[Any], kind: Any) -> int:
        column = np.ascontiguousarray(column, kind)
        self._kept.append(column)
        return _address(column)

    def _candles(self, record: Any, series: Series) -> None:
        candles = series.walked
        top, bottom = series.envelope
        record["n"] = len(candles)
        record["time"] = self._keep(candles.time, np.int64)
        for name in ("open", "high", "low", "close"):
            record[name] = self._keep(getattr(candles, name), np.float64)
        record["top"], record["bottom"] = self._keep(top, np.float64), self._keep(bottom, np.float64)

    def _rows(self, record: Any, series: Series, rows: Signals, wanted: Sequence[str]) -> None:
        candles = series.candles
        record["rows"] = len(candles)
        record["row_time"] = self._keep(candles.time, np.int64)
        if series.detail is not None:
            times = series.walked.time
            record["first"] = self._keep(np.searchsorted(times, candles.time), np.int64)
            record["end"] = self._keep(np.searchsorted(times, candles.time + candles.timeframe_ms), np.int64)
        for name, column, kind in (
            ("buy", rows.buy_above, np.float64),
            ("sell", rows.sell_below, np.float64),
            ("exit_long", rows.exit_long, np.bool_),
            ("exit_short", rows.exit_short, np.bool_),
        ):
            if len(column) and not (says_nothing(column) and _silent(column[0])):
                record[name] = self._keep(column, kind)
        constant = says_nothing(rows.confidence)
        record["confidence"] = self._keep(rows.confidence[:1] if constant else rows.confidence, np.float64)
        record["confidence_step"] = 0 if constant else 1
        for name in wanted:
            record[f"{name}_before"] = self._keep(rows.before[name], np.float64)


def _silent(value: Any) -> bool:
    return bool(value != value) if isinstance(value, np.floating) else not value


def _wanted(knobs: Sequence[Knobs], venue: str) -> list[str]:
    """Which of `BEFORE` these runs ask for."""
    futures = venue == "binance_futures"
    noise = any(one.sizing == "kelly" or (futures and not one.leverage) for one in knobs)
    stop = any(one.stop_loss_percent == 0.0 and one.atr_multiplier > 0.0 for one in knobs)
    volume = any(one.max_volume_share > 0.0 for one in knobs)
    return [name for name, asked in zip(BEFORE, (noise or stop, noise, volume), strict=True) if asked]


def terms(prepared: Prepared, knobs: Sequence[Knobs]) -> Records:
    """TERMS records, one per element of `knobs`."""
    venue = prepared.venue
    table: Records = np.zeros(len(knobs), TERMS)
    for name in (*_FLOATS, *_INTS, "tighten_stop"):
        table[name] = [getattr(one, name) for one in knobs]
    table["sizing"] = [KINDS[one.sizing] for one in knobs]
    table["daily_entries"] = prepared.rule.strategy.daily_entries
    table["day_offset"] = DAY_OFFSET_MS[venue]
    table["limit_day_offset"] = [limit_day_offset(venue, one) for one in knobs]
    table["all_day"] = [one.cooldown_action == "stop" for one in knobs]
    table["flatten"] = [one.on_limit == "flatten" for one in knobs]
    table["futures"] = venue == "binance_futures"
    table["native"] = RULES[venue].native_take_profit
    table["watched"] = [one.daily_loss_limit + one.drawdown_limit + one.capital_stop > 0.0 for one in knobs]
    return table
