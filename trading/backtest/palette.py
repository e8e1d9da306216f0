"""Colours of up and down, by the knob `palette`. Arrow and sign stand beside them everywhere."""

from __future__ import annotations

from typing import Final

#: (up, down) on a light page and on a dark one
LIGHT: Final[dict[str, tuple[str, str]]] = {
    "korean": ("#c03c22", "#1261c4"),
    "western": ("#0b7a45", "#c2281f"),
    "colorblind": ("#a84300", "#00598f"),
}
DARK: Final[dict[str, tuple[str, str]]] = {
    "korean": ("#f0806a", "#6fa8f7"),
    "western": ("#4cc38a", "#ff8a80"),
    "colorblind": ("#ff9e4a", "#6fb6e8"),
}
#: (up, down) in a terminal, whose own theme says how they look
INK: Final[dict[str, tuple[str, str]]] = {
    "korean": ("red", "blue"),
    "western": ("green", "red"),
    "colorblind": ("yellow", "blue"),
}
