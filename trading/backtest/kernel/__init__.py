"""The fast engine: all symbols of a portfolio in one pass, from event to event, compiled.

Section 3 of the semantics is `trading/core` here as in live trading; the kernel's own is finding the next candle where
something can happen. Flat, that is the next one that reaches an entry level; held, the next one that leaves the room
between stop and take-profit, or from which on another rule holds. Levels used for skipping are never tighter than the
true ones, so a candle that is skipped brings nothing; every other one is walked by the rules themselves.

run, scan, account and curve are plain Python on the records of `data`; `compile` compiles them with all they call.
"""
