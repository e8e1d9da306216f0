"""Research: the same trader driven over recorded candles. Imported by `run_backtest.py` and worker processes only."""
