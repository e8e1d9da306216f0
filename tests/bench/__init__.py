"""Figures of the program, measured: `python -m tests.bench` (see `__main__`). Not collected by pytest."""
