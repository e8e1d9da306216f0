"""Forecast models (LSTM, random forest, LLM): trained and run in worker processes, never imported by the bot itself."""
